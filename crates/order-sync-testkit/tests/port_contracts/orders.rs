//! A source of orders in memory, sound or with one defect.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{OrderLine, SalesOrder, SourceOrderId};
use order_sync::{
    ChangeWindow, FailureClass, OrderSource, PortError, SourceCopy, SourcePage, SourceRow,
};
use order_sync_testkit::order_source_contract;
use order_sync_testkit::order_source_contract::OrderSourceWorld;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Defect {
    #[default]
    None,
    LeavesTheBeginningOut,
    LeavesTheEndOut,
    PagesByOffset,
    StopsAfterAPage,
    NeverStops,
    TakesAForeignPageForTheLast,
    AnswersFromMemory,
    KeepsVersions,
    MakesUnknownOrdersUp,
    ForgetsWhatItListed,
}

#[derive(Debug, Clone)]
struct Sale {
    id: SourceOrderId,
    units: u32,
    changed_at: DateTime<Utc>,
}

#[derive(Debug, Default)]
struct Books {
    now: DateTime<Utc>,
    sales: Vec<Sale>,
    listed: bool,
}

/// Rows of a page.
const PAGE: usize = 2;

#[derive(Debug, Default)]
struct ModelSource {
    defect: Defect,
    books: Mutex<Books>,
}

impl ModelSource {
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

    fn version(&self, sale: &Sale) -> Option<String> {
        if self.has(Defect::KeepsVersions) {
            return Some("1".to_owned());
        }
        Some(sale.changed_at.to_rfc3339())
    }
}

#[async_trait]
impl OrderSource for ModelSource {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(self.books().now)
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let mut books = self.books();
        let mut sales = books.sales.clone();
        sales.retain(|sale| {
            let early = sale.changed_at < window.from
                || (self.has(Defect::LeavesTheBeginningOut) && sale.changed_at == window.from);
            let late = sale.changed_at > window.until
                || (self.has(Defect::LeavesTheEndOut) && sale.changed_at == window.until);
            !early && !late
        });
        if self.has(Defect::ForgetsWhatItListed) {
            if books.listed {
                sales.clear();
            }
            books.listed = true;
        }
        sales.sort_by_key(|sale| (sale.changed_at, sale.id.clone()));
        let key = |sale: &Sale| format!("{} {}", sale.changed_at.to_rfc3339(), sale.id);
        let from = match page {
            None => 0,
            Some(offset) if self.has(Defect::PagesByOffset) => offset.parse().unwrap(),
            Some(after) => {
                let known = DateTime::parse_from_rfc3339(after.split(' ').next().unwrap()).is_ok();
                match known {
                    true => sales
                        .iter()
                        .filter(|sale| key(sale).as_str() <= after)
                        .count(),
                    false if self.has(Defect::TakesAForeignPageForTheLast) => sales.len(),
                    false => {
                        return Err(PortError::new(
                            FailureClass::Unavailable,
                            "no page of this list",
                        ));
                    }
                }
            }
        };
        let rows: Vec<Sale> = sales.iter().skip(from).take(PAGE).cloned().collect();
        let more = from + PAGE < sales.len() || self.has(Defect::NeverStops);
        let next = if self.has(Defect::PagesByOffset) {
            Some((from + PAGE).to_string())
        } else {
            rows.last().map(key).or_else(|| page.map(str::to_owned))
        };
        let row = |sale: &Sale| SourceRow::new(sale.id.clone(), self.version(sale));
        let stops = self.has(Defect::StopsAfterAPage);
        Ok(SourcePage::new(
            rows.iter().map(row).collect(),
            next.filter(|_| more && !stops),
        ))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let books = self.books();
        let unknown = Sale {
            id: id.clone(),
            units: 6,
            changed_at: books.now,
        };
        let known = books.sales.iter().find(|sale| sale.id == *id).cloned();
        let known = known.or_else(|| self.has(Defect::MakesUnknownOrdersUp).then_some(unknown));
        Ok(known.map(|sale| {
            let mut order = SalesOrder::new(sale.id.as_str());
            let units = if self.has(Defect::AnswersFromMemory) {
                6
            } else {
                sale.units
            };
            order.lines = vec![OrderLine::new("1", "MUG", units)];
            SourceCopy::new(order, self.version(&sale))
        }))
    }
}

#[async_trait]
impl OrderSourceWorld for ModelSource {
    fn source(&self) -> &dyn OrderSource {
        self
    }

    async fn place(&self) -> SourceOrderId {
        let mut books = self.books();
        let id = SourceOrderId::new(format!("order-{}", books.sales.len() + 1));
        let changed_at = books.now;
        books.sales.push(Sale {
            id: id.clone(),
            units: 6,
            changed_at,
        });
        id
    }

    async fn change(&self, id: &SourceOrderId) {
        let mut books = self.books();
        let now = books.now;
        let sale = books.sales.iter_mut().find(|sale| sale.id == *id).unwrap();
        sale.units += 1;
        sale.changed_at = now;
    }

    async fn pass(&self, time: Duration) {
        self.books().now += time;
    }

    fn orders_of_two_pages(&self) -> usize {
        PAGE + 1
    }
}

async fn sound() -> ModelSource {
    ModelSource::default()
}

order_source_contract!(of_the_model, sound);

caught! { order_source_contract, ModelSource:
    LeavesTheBeginningOut by both_ends_of_a_window_count,
    LeavesTheEndOut by both_ends_of_a_window_count,
    PagesByOffset by an_order_that_changes_between_two_pages_hides_no_other,
    StopsAfterAPage by many_orders_are_listed_to_the_last_page,
    NeverStops by many_orders_are_listed_to_the_last_page,
    TakesAForeignPageForTheLast by a_foreign_page_is_not_taken_for_the_last,
    AnswersFromMemory by what_is_fetched_is_as_it_is_now,
    KeepsVersions by a_change_brings_another_version,
    MakesUnknownOrdersUp by what_it_does_not_have_is_none,
    ForgetsWhatItListed by reading_changes_nothing_and_may_be_broken_off,
}
