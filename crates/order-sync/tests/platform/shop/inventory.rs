//! Stock by location. A quantity is set only from the one it replaces: a stale one is refused, for that row alone.

use async_trait::async_trait;
use order_mapping::SourceSku;
use order_sync::{FailureClass, PortError, PublishOutcome, ShopLevel, StockSink};

use super::{Books, SERVICE_LOCATION, Shop};

/// Rows of one call.
const BATCH: usize = 2;

/// How often a row is read afresh before it is left to the next run.
const ATTEMPTS: u32 = 3;

/// A change of an available quantity, as the platform's history shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Adjustment {
    pub(crate) by: &'static str,
    pub(crate) sku: String,
    pub(crate) from: i64,
    pub(crate) to: i64,
}

/// Why a row of a call was not set.
enum RowRefusal {
    /// Another quantity is there than the one to be replaced.
    Stale,
    /// The location does not stock the article.
    NotStocked,
}

impl Books {
    /// Sets a level at the service's location, whatever is there.
    pub(crate) fn adjust(&mut self, by: &'static str, sku: &str, to: i64) {
        let place = (SERVICE_LOCATION.to_owned(), sku.to_owned());
        let from = self.levels.insert(place, to).unwrap_or(0);
        let sku = sku.to_owned();
        self.adjustments.push(Adjustment { by, sku, from, to });
    }

    pub(crate) fn level(&self, sku: &str) -> Option<i64> {
        let place = (SERVICE_LOCATION.to_owned(), sku.to_owned());
        self.levels.get(&place).copied()
    }

    /// The platform takes what it sells off its own figure, and puts back what it does not sell after all.
    pub(crate) fn sold(&mut self, sku: &str, units: i64) {
        if let Some(level) = self.level(sku).filter(|_| units != 0) {
            self.adjust("sale", sku, level - units);
        }
    }

    /// The platform's call for a program: compares and sets one row.
    fn set(&mut self, sku: &str, change_from: i64, to: i64) -> Result<(), RowRefusal> {
        match self.level(sku) {
            None => Err(RowRefusal::NotStocked),
            Some(level) if level != change_from => Err(RowRefusal::Stale),
            Some(_) => {
                self.adjust("program", sku, to);
                self.written.push(format!("level of {sku} to {to}"));
                Ok(())
            }
        }
    }

    /// The platform's call for a program: the level, before somebody else gets a hand in.
    fn read(&mut self, sku: &str) -> Option<i64> {
        let level = self.level(sku)?;
        if let Some(times) = self.being_counted.get_mut(sku).filter(|times| **times > 0) {
            *times -= 1;
            self.adjust("person", sku, level + 1);
        }
        Some(level)
    }
}

#[async_trait]
impl StockSink for Shop {
    fn location(&self) -> &str {
        SERVICE_LOCATION
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let mut outcome = PublishOutcome::default();
        for batch in levels.chunks(BATCH) {
            let mut left: Vec<&ShopLevel> = batch.iter().collect();
            for _ in 0..ATTEMPTS {
                // All rows are read before any is set, as one call each would do it.
                let read: Vec<(&ShopLevel, Option<i64>)> = left
                    .iter()
                    .map(|row| (*row, self.books(|books| books.read(row.sku.as_str()))))
                    .collect();
                left.clear();
                for (row, shown) in read {
                    let answer = match shown {
                        None => Err(RowRefusal::NotStocked),
                        Some(shown) if shown == row.level => Ok(()),
                        Some(shown) => {
                            self.books(|books| books.set(row.sku.as_str(), shown, row.level))
                        }
                    };
                    match answer {
                        Ok(()) => outcome.taken.push(row.sku.clone()),
                        Err(RowRefusal::Stale) => left.push(row),
                        Err(RowRefusal::NotStocked) => {
                            let why = format!("not stocked at {SERVICE_LOCATION}");
                            outcome.refused.push((row.sku.clone(), why));
                        }
                    }
                }
            }
            outcome.failed.extend(left.into_iter().map(|row| {
                let why = "others kept changing the level";
                (
                    row.sku.clone(),
                    PortError::new(FailureClass::Contended, why),
                )
            }));
        }
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        Ok(self.books(|books| {
            skus.iter()
                .filter_map(|sku| Some(ShopLevel::new(sku.clone(), books.level(sku.as_str())?)))
                .collect()
        }))
    }
}
