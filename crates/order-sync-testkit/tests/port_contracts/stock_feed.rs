//! A stock feed in memory, sound or with one defect.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::StockRow;
use order_sync::{FailureClass, FeedKind, PortError, StockBatch, StockFeed, StockSource};
use order_sync_testkit::stock_source_contract;
use order_sync_testkit::stock_source_contract::StockSourceWorld;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Defect {
    #[default]
    None,
    CallsChangesEverything,
    TellsChangesOnlyAtFirst,
    TellsDifferences,
    LeavesNoneOut,
    StandsStill,
    GoesBackInTime,
    ForgetsWhatItTold,
    ForgetsWhereItWas,
    TakesAForeignCursorForTheEnd,
}

#[derive(Debug, Clone, Copy)]
struct Bin {
    units: i64,
    before: i64,
    sequence: u64,
}

#[derive(Debug, Default)]
struct Books {
    bins: BTreeMap<String, Bin>,
    sequence: u64,
    told: u64,
}

#[derive(Debug, Default)]
struct ModelFeed {
    defect: Defect,
    books: Mutex<Books>,
}

impl ModelFeed {
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
impl StockSource for ModelFeed {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let mut books = self.books();
        let mut since = match cursor.map(str::parse::<u64>) {
            None => None,
            Some(Ok(since)) => Some(since),
            Some(Err(_)) if self.has(Defect::TakesAForeignCursorForTheEnd) => Some(books.sequence),
            Some(Err(_)) => {
                return Err(PortError::new(
                    FailureClass::Unavailable,
                    "no cursor of this feed",
                ));
            }
        };
        if self.has(Defect::ForgetsWhatItTold) && since.is_some() {
            since = Some(books.told);
        }
        books.told = books.sequence;
        let kind = match since {
            Some(_) if !self.has(Defect::CallsChangesEverything) => FeedKind::Delta,
            None if self.has(Defect::TellsChangesOnlyAtFirst) => FeedKind::Delta,
            _ => FeedKind::Snapshot,
        };
        let mut rows = Vec::new();
        for (sku, bin) in &books.bins {
            let is_news = since.is_none_or(|since| bin.sequence > since);
            let is_told = bin.units != 0 || !self.has(Defect::LeavesNoneOut);
            if is_news && is_told {
                let differs = self.has(Defect::TellsDifferences) && since.is_some();
                let units = if differs {
                    bin.units - bin.before
                } else {
                    bin.units
                };
                rows.push(StockRow::new(sku.as_str(), units, 0));
            }
        }
        let steps = i64::try_from(books.sequence).unwrap();
        let seconds = if self.has(Defect::GoesBackInTime) {
            -steps
        } else {
            steps
        };
        let as_of = DateTime::<Utc>::UNIX_EPOCH + Duration::seconds(seconds);
        let sequence = if self.has(Defect::StandsStill) {
            1
        } else {
            books.sequence
        };
        let mut batch = StockBatch::default();
        batch.feed = Some(StockFeed::new(kind, as_of, sequence, rows));
        batch.cursor =
            Some(books.sequence.to_string()).filter(|_| !self.has(Defect::ForgetsWhereItWas));
        Ok(batch)
    }
}

#[async_trait]
impl StockSourceWorld for ModelFeed {
    fn source(&self) -> &dyn StockSource {
        self
    }

    fn articles(&self) -> [String; 2] {
        ["MUGRED", "MUGBLUE"].map(str::to_owned)
    }

    async fn count(&self, sku: &str, free: u32) {
        let mut books = self.books();
        books.sequence += 1;
        let before = books.bins.get(sku).map_or(0, |bin| bin.units);
        let bin = Bin {
            units: i64::from(free),
            before,
            sequence: books.sequence,
        };
        books.bins.insert(sku.to_owned(), bin);
    }
}

async fn sound() -> ModelFeed {
    ModelFeed::default()
}

stock_source_contract!(of_the_model, sound);

caught! { stock_source_contract, ModelFeed:
    CallsChangesEverything by a_snapshot_has_every_article,
    TellsChangesOnlyAtFirst by without_a_cursor_it_is_a_snapshot,
    TellsDifferences by figures_are_absolute,
    LeavesNoneOut by none_is_a_figure,
    StandsStill by sequences_grow_with_changes,
    GoesBackInTime by moments_do_not_go_back,
    ForgetsWhatItTold by the_same_cursor_tells_the_same_again,
    ForgetsWhereItWas by with_a_cursor_what_changed_is_told,
    TakesAForeignCursorForTheEnd by a_foreign_cursor_is_an_error_or_tells_everything,
}
