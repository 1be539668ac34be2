//! What the warehouse says of stock: rows that are true for one moment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::text_id::text_id;
use crate::{Code, Diagnostic, SkuRegistry, Subject};

text_id! {
    /// An article code as the warehouse reports it: of any form and case, not looked up yet. [`SkuRegistry::to_source`] brings it to
    /// the shop's article.
    ReportedSku
}

/// A row of the warehouse's stock feed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StockRow {
    /// The warehouse's article code, as sent.
    pub sku: ReportedSku,
    /// Units on the shelf.
    pub on_hand: i64,
    /// Units the warehouse has allocated to orders it knows.
    pub allocated: i64,
    /// Units on the shelf that nobody may buy: in quarantine, damaged, kept for inspection. 0 where the feed does not say.
    #[serde(default)]
    pub unsellable: i64,
}

impl StockRow {
    /// A row without unsellable units.
    pub fn new(sku: impl Into<ReportedSku>, on_hand: i64, allocated: i64) -> Self {
        Self {
            sku: sku.into(),
            on_hand,
            allocated,
            unsellable: 0,
        }
    }

    /// What is odd about the figures; none when they make sense.
    ///
    /// Odd figures are used as they are, and what is below zero counts as nothing available.
    #[must_use]
    pub fn oddity(&self) -> Option<&'static str> {
        if self.on_hand < 0 {
            Some("fewer than none on hand")
        } else if self.allocated < 0 || self.unsellable < 0 {
            Some("fewer than none allocated or unsellable")
        } else if self.allocated.saturating_add(self.unsellable) > self.on_hand {
            Some("more allocated and unsellable than on hand")
        } else {
            None
        }
    }
}

/// Every article of the warehouse at one moment: what is missing is not there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StockSnapshot {
    /// The moment the figures are true for, by the warehouse's clock.
    pub as_of: DateTime<Utc>,
    /// Grows with every change at the warehouse.
    pub sequence: u64,
    /// The rows.
    pub rows: Vec<StockRow>,
}

/// Articles that changed up to one moment: what is missing is as it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StockDelta {
    /// The moment the figures are true for, by the warehouse's clock.
    pub as_of: DateTime<Utc>,
    /// Grows with every change at the warehouse.
    pub sequence: u64,
    /// The rows, with absolute figures.
    pub rows: Vec<StockRow>,
}

impl StockSnapshot {
    /// A snapshot of a moment.
    #[must_use]
    pub const fn new(as_of: DateTime<Utc>, sequence: u64, rows: Vec<StockRow>) -> Self {
        Self {
            as_of,
            sequence,
            rows,
        }
    }

    /// What is wrong with the rows: see [`check_stock_rows`].
    #[must_use]
    pub fn check(&self, registry: &SkuRegistry) -> Vec<Diagnostic> {
        check_stock_rows(&self.rows, registry)
    }
}

impl StockDelta {
    /// Changes up to a moment.
    #[must_use]
    pub const fn new(as_of: DateTime<Utc>, sequence: u64, rows: Vec<StockRow>) -> Self {
        Self {
            as_of,
            sequence,
            rows,
        }
    }

    /// What is wrong with the rows: see [`check_stock_rows`].
    #[must_use]
    pub fn check(&self, registry: &SkuRegistry) -> Vec<Diagnostic> {
        check_stock_rows(&self.rows, registry)
    }
}

/// What is wrong with rows of stock: `STOCK_UNKNOWN_SKU` for a code that the registry cannot bring back to an article of the shop,
/// `STOCK_FIGURE_ODD` for figures that make no sense. One finding for each, however many; paths point into a document with the
/// rows under `/rows`. For the levels of a profile give them to [`crate::SeverityLevels::apply`].
#[must_use]
pub fn check_stock_rows(rows: &[StockRow], registry: &SkuRegistry) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        if registry.to_source(row.sku.as_str()).is_none() {
            let message = "the warehouse has stock of a code that the registry does not know";
            let path = format!("/rows/{index}/sku");
            found.push(
                Diagnostic::new(Code::StockUnknownSku, path, message)
                    .about(Subject::Catalogue)
                    .with_seen(row.sku.as_str()),
            );
        }
        if let Some(oddity) = row.oddity() {
            let message = format!(
                "{oddity} of {}: {} on hand, {} allocated, {} unsellable",
                crate::diagnostic::escaped(row.sku.as_str()),
                row.on_hand,
                row.allocated,
                row.unsellable
            );
            let path = format!("/rows/{index}/on_hand");
            found.push(
                Diagnostic::new(Code::StockFigureOdd, path, message)
                    .about(Subject::Catalogue)
                    .with_seen(&row.on_hand.to_string()),
            );
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CatalogueItem, Severity, SkuOverrides, SkuPolicy};

    #[test]
    fn unknown_codes_and_odd_figures_are_told_apart() {
        let catalogue = ["MUG"].map(|sku| CatalogueItem::new(sku, None));
        let (registry, _) =
            SkuRegistry::build(&catalogue, &SkuOverrides::default(), &SkuPolicy::default());
        let mut damaged = StockRow::new("MUG", 5, 3);
        damaged.unsellable = 3;
        let rows = vec![
            StockRow::new("mug", 5, 5),
            StockRow::new("CUP", 1, 0),
            StockRow::new("MUG", -1, 0),
            StockRow::new("MUG", 5, -1),
            damaged,
            StockRow::new("MUG", i64::MAX, i64::MAX),
        ];
        let snapshot = StockSnapshot::new(DateTime::UNIX_EPOCH, 1, rows.clone());
        let found = snapshot.check(&registry);
        let told: Vec<(Code, Severity, &str)> = found
            .iter()
            .map(|one| (one.code, one.severity, &*one.path))
            .collect();
        let odd = (Code::StockFigureOdd, Severity::Warning);
        assert_eq!(
            told,
            [
                (Code::StockUnknownSku, Severity::Error, "/rows/1/sku"),
                (odd.0, odd.1, "/rows/2/on_hand"),
                (odd.0, odd.1, "/rows/3/on_hand"),
                (odd.0, odd.1, "/rows/4/on_hand"),
            ]
        );
        let document = serde_json::to_value(&snapshot).unwrap();
        assert!(
            found
                .iter()
                .all(|one| document.pointer(&one.path).is_some())
        );
        assert_eq!(
            StockDelta::new(DateTime::UNIX_EPOCH, 1, rows).check(&registry),
            found
        );
        let old: StockRow =
            serde_json::from_str(r#"{"sku":"A","on_hand":1,"allocated":0}"#).unwrap();
        assert_eq!(old, StockRow::new("A", 1, 0));
    }

    #[test]
    fn findings_take_the_levels_of_a_profile_within_their_floors() {
        let (registry, _) =
            SkuRegistry::build(&[], &SkuOverrides::default(), &SkuPolicy::default());
        let rows = [StockRow::new("MUG", -1, 0)];
        let mut found = check_stock_rows(&rows, &registry);
        let mut levels = crate::SeverityLevels::default();
        levels.set("STOCK_FIGURE_ODD", Severity::Hold);
        levels.set("STOCK_UNKNOWN_SKU", Severity::Info);
        levels.apply(&mut found);
        let told: Vec<(Code, Severity)> =
            found.iter().map(|one| (one.code, one.severity)).collect();
        assert_eq!(
            told,
            [
                (Code::StockUnknownSku, Severity::Error),
                (Code::StockFigureOdd, Severity::Hold)
            ]
        );
    }
}
