//! Levels in memory, sound or with one defect.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use order_mapping::SourceSku;
use order_sync::{PortError, PublishOutcome, ShopLevel, StockSink};
use order_sync_testkit::stock_sink_contract;
use order_sync_testkit::stock_sink_contract::StockSinkWorld;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Defect {
    #[default]
    None,
    AddsUp,
    LeavesNoneOut,
    CutsTo32Bits,
    StopsAtTheFirstRefusal,
    ForgetsRefusals,
    TakesRefusedOnesToo,
    ShowsWhatItWrote,
    MakesUnknownArticlesUp,
    SkipsWhatItWroteBefore,
}

#[derive(Debug, Default)]
struct Books {
    levels: BTreeMap<String, i64>,
    written: BTreeMap<String, i64>,
}

const ARTICLES: [&str; 4] = ["MUG", "CUP", "POT", "PLATE"];

#[derive(Debug, Default)]
struct ModelLevels {
    defect: Defect,
    books: Mutex<Books>,
}

impl ModelLevels {
    fn with(defect: Defect) -> Self {
        Self {
            defect,
            books: Mutex::default(),
        }
    }

    fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap()
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }
}

#[async_trait]
impl StockSink for ModelLevels {
    fn location(&self) -> &str {
        "default"
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let mut books = self.books();
        let mut outcome = PublishOutcome::default();
        for level in levels {
            let sku = level.sku.as_str().to_owned();
            let fits = i32::try_from(level.level).is_ok() || self.has(Defect::CutsTo32Bits);
            if !ARTICLES.contains(&sku.as_str()) || !fits {
                if !self.has(Defect::ForgetsRefusals) {
                    outcome
                        .refused
                        .push((level.sku.clone(), "refused".to_owned()));
                }
                if self.has(Defect::TakesRefusedOnesToo) {
                    outcome.taken.push(level.sku.clone());
                }
                if self.has(Defect::StopsAtTheFirstRefusal) {
                    break;
                }
                continue;
            }
            outcome.taken.push(level.sku.clone());
            let mut wanted = level.level.clamp(i64::from(i32::MIN), i64::from(i32::MAX));
            if self.has(Defect::AddsUp) {
                wanted += books.levels.get(&sku).copied().unwrap_or_default();
            }
            let repeats = books.written.get(&sku) == Some(&wanted);
            if !(self.has(Defect::SkipsWhatItWroteBefore) && repeats) {
                books.levels.insert(sku.clone(), wanted);
            }
            books.written.insert(sku, wanted);
        }
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        let books = self.books();
        let from = if self.has(Defect::ShowsWhatItWrote) {
            &books.written
        } else {
            &books.levels
        };
        let shown = |sku: &SourceSku| {
            let mut level = from.get(sku.as_str()).copied();
            if self.has(Defect::LeavesNoneOut) {
                level = level.filter(|level| *level != 0);
            }
            if self.has(Defect::MakesUnknownArticlesUp) {
                level = level.or(Some(0));
            }
            Some(ShopLevel::new(sku.clone(), level?))
        };
        Ok(skus.iter().filter_map(shown).collect())
    }
}

#[async_trait]
impl StockSinkWorld for ModelLevels {
    fn sink(&self) -> &dyn StockSink {
        self
    }

    fn articles(&self) -> Vec<SourceSku> {
        ARTICLES.map(SourceSku::new).to_vec()
    }

    async fn level(&self, sku: &SourceSku) -> Option<i64> {
        self.books().levels.get(sku.as_str()).copied()
    }

    async fn set_level(&self, sku: &SourceSku, level: i64) {
        self.books().levels.insert(sku.as_str().to_owned(), level);
    }
}

async fn sound() -> ModelLevels {
    ModelLevels::default()
}

stock_sink_contract!(of_the_model, sound);

caught! { stock_sink_contract, ModelLevels:
    AddsUp by levels_are_absolute_and_may_be_written_again,
    LeavesNoneOut by none_is_a_level,
    CutsTo32Bits by a_level_is_taken_whole_or_not_at_all,
    StopsAtTheFirstRefusal by a_bad_level_does_not_keep_its_neighbours_back,
    ForgetsRefusals by every_level_is_in_exactly_one_list,
    TakesRefusedOnesToo by every_level_is_in_exactly_one_list,
    ShowsWhatItWrote by what_is_shown_is_read_afresh,
    MakesUnknownArticlesUp by an_article_that_the_shop_does_not_know_is_left_out,
    SkipsWhatItWroteBefore by what_others_set_is_written_over,
}
