//! What is on record about stock: what the warehouse says, and what the shop was told.

use chrono::{DateTime, Utc};
use order_mapping::{SourceSku, StockDelta, StockRow, StockSnapshot};
use serde::{Deserialize, Serialize};

/// A batch of stock rows from the warehouse.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockFeed {
    /// Every SKU the warehouse has (a row that is missing is gone), or only changed rows.
    pub kind: FeedKind,
    /// The moment the figures are true for, by the warehouse's clock.
    pub as_of: DateTime<Utc>,
    /// Grows with every change; lower than what is on record means: overtaken, dropped.
    pub sequence: u64,
    /// The rows.
    pub rows: Vec<StockRow>,
}

impl StockFeed {
    /// A batch of rows.
    #[must_use]
    pub const fn new(
        kind: FeedKind,
        as_of: DateTime<Utc>,
        sequence: u64,
        rows: Vec<StockRow>,
    ) -> Self {
        Self {
            kind,
            as_of,
            sequence,
            rows,
        }
    }
}

impl From<StockSnapshot> for StockFeed {
    fn from(snapshot: StockSnapshot) -> Self {
        Self::new(
            FeedKind::Snapshot,
            snapshot.as_of,
            snapshot.sequence,
            snapshot.rows,
        )
    }
}

impl From<StockDelta> for StockFeed {
    fn from(delta: StockDelta) -> Self {
        Self::new(FeedKind::Delta, delta.as_of, delta.sequence, delta.rows)
    }
}

/// Whether a stock batch is everything or only what changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FeedKind {
    /// Every SKU; the corrective.
    Snapshot,
    /// Changed rows only.
    Delta,
}

/// What the warehouse last said of one SKU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StockRecord {
    /// The row, with the warehouse's own code.
    pub row: StockRow,
    /// Sequence of the batch it came with.
    pub sequence: u64,
    /// The moment it is true for.
    pub as_of: DateTime<Utc>,
}

impl StockRecord {
    /// A row as of a moment.
    #[must_use]
    pub const fn new(row: StockRow, sequence: u64, as_of: DateTime<Utc>) -> Self {
        Self {
            row,
            sequence,
            as_of,
        }
    }
}

/// A level the shop was told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PublishedLevel {
    /// The article in the shop.
    pub sku: SourceSku,
    /// The level.
    pub level: i64,
    /// When it was written.
    pub at: DateTime<Utc>,
}

impl PublishedLevel {
    /// A level written at a moment.
    #[must_use]
    pub const fn new(sku: SourceSku, level: i64, at: DateTime<Utc>) -> Self {
        Self { sku, level, at }
    }
}

/// Units of one order line that a stock figure of the warehouse may not know of yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Demand {
    /// The article in the shop.
    pub sku: SourceSku,
    /// Units that leave the shelf, or have left it since.
    pub units: u32,
    /// When the warehouse took the order; none when it has not, or may not have.
    pub accepted_at: Option<DateTime<Utc>>,
}

impl Demand {
    /// Units of an order accepted at a moment, or not yet.
    #[must_use]
    pub const fn new(sku: SourceSku, units: u32, accepted_at: Option<DateTime<Utc>>) -> Self {
        Self {
            sku,
            units,
            accepted_at,
        }
    }
}

/// What a stock batch changes on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockChanges {
    /// Rows to write.
    pub write: Vec<StockRecord>,
    /// Codes that a snapshot no longer has, to be set to nothing on hand.
    pub gone: Vec<StockRecord>,
    /// Rows older than what is on record, dropped.
    pub overtaken: u64,
}

/// Compares a batch with what is on record (`known`, any order).
///
/// A row with a lower sequence than the one on record is dropped, an equal one is a duplicate. A snapshot is complete: a code on
/// record that it does not have any more counts as nothing on hand from then on. A snapshot that is true for a later moment than
/// everything on record is taken whatever its sequence: the warehouse has begun to count anew.
#[must_use]
pub fn compare_stock(known: &[StockRecord], feed: &StockFeed) -> StockChanges {
    use std::collections::{HashMap, HashSet};

    let on_record: HashMap<&str, &StockRecord> = known
        .iter()
        .map(|record| (record.row.sku.as_str(), record))
        .collect();
    let counts_anew =
        feed.kind == FeedKind::Snapshot && known.iter().all(|record| record.as_of < feed.as_of);
    let mut changes = StockChanges::default();
    let mut named = HashSet::new();
    for row in &feed.rows {
        named.insert(row.sku.as_str());
        match on_record.get(row.sku.as_str()) {
            Some(record) if record.sequence > feed.sequence && !counts_anew => {
                changes.overtaken += 1;
            }
            Some(record) if record.row == *row && record.sequence == feed.sequence => {}
            _ => changes
                .write
                .push(StockRecord::new(row.clone(), feed.sequence, feed.as_of)),
        }
    }
    if feed.kind == FeedKind::Snapshot {
        changes.gone = known
            .iter()
            .filter(|record| {
                (counts_anew || record.sequence <= feed.sequence)
                    && !named.contains(record.row.sku.as_str())
                    && (record.row.on_hand != 0
                        || record.row.allocated != 0
                        || record.row.unsellable != 0)
            })
            .map(|record| {
                let mut row = record.row.clone();
                row.on_hand = 0;
                row.allocated = 0;
                row.unsellable = 0;
                StockRecord::new(row, feed.sequence, feed.as_of)
            })
            .collect();
    }
    changes
}
