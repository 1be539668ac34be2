//! What is on record about stock: what the warehouse says, and what the shop was told.

use std::cmp::Ordering;

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
    /// Sequence of the batch that brought these figures; snapshots that repeat them are told by the [`StockMark`].
    pub sequence: u64,
    /// The moment that batch was true for.
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

/// Up to where everything of the warehouse is on record: the newest snapshot that was taken. What it repeated is not written again,
/// so it speaks for the rows that came before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StockMark {
    /// Its sequence.
    pub sequence: u64,
    /// The moment it is true for.
    pub as_of: DateTime<Utc>,
}

impl StockMark {
    /// The mark of a snapshot.
    #[must_use]
    pub const fn new(sequence: u64, as_of: DateTime<Utc>) -> Self {
        Self { sequence, as_of }
    }
}

/// What a stock batch changes on record.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockChanges {
    /// Rows to write, by code.
    pub write: Vec<StockRecord>,
    /// Codes that a snapshot no longer has, to be set to nothing on hand.
    pub gone: Vec<StockRecord>,
    /// Rows older than what is on record, dropped.
    pub overtaken: u64,
    /// The mark to keep from now on; `None` keeps the one on record.
    pub mark: Option<StockMark>,
    /// Everything on record afterwards, by code: set by a store that had to read it all for the comparison, so that nobody reads it
    /// a second time.
    pub picture: Option<Vec<StockRecord>>,
}

impl StockChanges {
    /// What was on record (`known`, each code once, by code) with these changes.
    #[must_use]
    pub fn applied_to(&self, known: Vec<StockRecord>) -> Vec<StockRecord> {
        let mut picture = known;
        let mut new = Vec::new();
        for record in self.write.iter().chain(&self.gone) {
            let place = picture.binary_search_by(|one| one.row.sku.cmp(&record.row.sku));
            match place.ok().and_then(|at| picture.get_mut(at)) {
                Some(one) => one.clone_from(record),
                None => new.push(record.clone()),
            }
        }
        if !new.is_empty() {
            picture.extend(new);
            picture.sort_by(|one, other| one.row.sku.cmp(&other.row.sku));
        }
        picture
    }
}

/// Compares a batch with what is on record (`known`, any order) and with the mark of the newest snapshot, if there was one.
///
/// A row with a lower sequence than what is on record is dropped, an equal one is a duplicate; what the newest snapshot repeated has
/// its sequence. Of a code that a batch names twice the last row counts. A snapshot is complete: a code on record that it does not
/// have any more counts as nothing on hand from then on; rows that it repeats are not written again. A snapshot that is true for a
/// later moment than everything on record is taken whatever its sequence: the warehouse has begun to count anew.
#[must_use]
pub fn compare_stock(
    known: &[StockRecord],
    mark: Option<StockMark>,
    feed: &StockFeed,
) -> StockChanges {
    let is_snapshot = feed.kind == FeedKind::Snapshot;
    let (known_in_order, newest) = look_over(known);
    let counts_anew = is_snapshot
        && mark.is_none_or(|mark| mark.as_of < feed.as_of)
        && newest.is_none_or(|newest| newest < feed.as_of);
    #[cfg(canary)]
    let counts_anew = counts_anew || crate::canary::planted("overtaken_stock_taken");
    let behind_mark = !counts_anew && mark.is_some_and(|mark| mark.sequence > feed.sequence);
    let is_overtaken =
        |record: &StockRecord| behind_mark || (!counts_anew && record.sequence > feed.sequence);
    let is_repeated = |record: &StockRecord| {
        record.sequence == feed.sequence || (is_snapshot && record.sequence < feed.sequence)
    };
    let mut changes = StockChanges::default();
    let judge = |record: Option<&StockRecord>, row: Option<&StockRow>| match (record, row) {
        (Some(record), Some(_)) if is_overtaken(record) => changes.overtaken += 1,
        (None, Some(_)) if behind_mark => changes.overtaken += 1,
        (Some(record), Some(row)) if record.row == *row && is_repeated(record) => {}
        (_, Some(row)) => {
            let written = StockRecord::new(row.clone(), feed.sequence, feed.as_of);
            changes.write.push(written);
        }
        (Some(record), None) if is_snapshot && has_figures(record) && !is_overtaken(record) => {
            let mut row = record.row.clone();
            row.on_hand = 0;
            row.allocated = 0;
            row.unsellable = 0;
            let written = StockRecord::new(row, feed.sequence, feed.as_of);
            changes.gone.push(written);
        }
        (_, None) => {}
    };
    let (of_record, of_row) = (code_of_record, code_of_row);
    // Stores and most exports have their rows in order already, and then there is nothing to do but to walk along them.
    if known_in_order && each_once_in_order(&feed.rows, of_row) {
        pair_up(known.iter(), feed.rows.iter(), judge);
    } else {
        pair_up(
            in_order(known, of_record),
            in_order(&feed.rows, of_row),
            judge,
        );
    }
    if is_snapshot && !behind_mark {
        let as_of = mark.map_or(feed.as_of, |mark| mark.as_of.max(feed.as_of));
        changes.mark =
            Some(StockMark::new(feed.sequence, as_of)).filter(|next| mark != Some(*next));
    }
    changes
}

const fn has_figures(record: &StockRecord) -> bool {
    let row = &record.row;
    row.on_hand != 0 || row.allocated != 0 || row.unsellable != 0
}

fn code_of_record(record: &StockRecord) -> &str {
    record.row.sku.as_str()
}

fn code_of_row(row: &StockRow) -> &str {
    row.sku.as_str()
}

/// Whether the records have every code once and in order, and the newest moment among them: both in one pass, since a million records
/// are more than any cache holds.
fn look_over(known: &[StockRecord]) -> (bool, Option<DateTime<Utc>>) {
    let mut newest = None;
    let mut before: Option<&str> = None;
    let mut in_order = true;
    for record in known {
        newest = newest.max(Some(record.as_of));
        let code = code_of_record(record);
        in_order = in_order && before.is_none_or(|before| before < code);
        before = Some(code);
    }
    (in_order, newest)
}

fn each_once_in_order<T>(items: &[T], code: fn(&T) -> &str) -> bool {
    items.is_sorted_by(|one, next| code(one) < code(next))
}

/// The items by code, the last of each.
fn in_order<T>(items: &[T], code: fn(&T) -> &str) -> impl Iterator<Item = &T> {
    let mut items: Vec<&T> = items.iter().collect();
    // Equals keep their order.
    items.sort_by(|one, other| code(one).cmp(code(other)));
    let mut items = items.into_iter().peekable();
    std::iter::from_fn(move || {
        let mut last = items.next()?;
        while let Some(later) = items.next_if(|next| code(next) == code(last)) {
            last = later;
        }
        Some(last)
    })
}

/// Walks along both sides, each with every code once and in order, and shows what belongs together.
fn pair_up<'a>(
    mut known: impl Iterator<Item = &'a StockRecord>,
    rows: impl Iterator<Item = &'a StockRow>,
    mut judge: impl FnMut(Option<&'a StockRecord>, Option<&'a StockRow>),
) {
    let mut record = known.next();
    for row in rows {
        let mut same = None;
        while let Some(one) = record {
            match one.row.sku.cmp(&row.sku) {
                Ordering::Less => judge(Some(one), None),
                Ordering::Equal => same = Some(one),
                Ordering::Greater => break,
            }
            record = known.next();
            if same.is_some() {
                break;
            }
        }
        judge(same, Some(row));
    }
    for left in record.into_iter().chain(known) {
        judge(Some(left), None);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use order_mapping::ReportedSku;
    use proptest::prelude::*;

    use super::*;

    fn moment(seconds: u64) -> DateTime<Utc> {
        DateTime::from_timestamp(i64::try_from(seconds).unwrap(), 0).unwrap()
    }

    fn batches() -> impl Strategy<Value = Vec<StockFeed>> {
        let row = ("[a-e]", 0_i64..3).prop_map(|(sku, units)| StockRow::new(sku, units, 0));
        let batch = (any::<bool>(), 1_u64..6, prop::collection::vec(row, 0..6));
        let batch = batch.prop_map(|(complete, sequence, rows)| {
            let kind = if complete {
                FeedKind::Snapshot
            } else {
                FeedKind::Delta
            };
            StockFeed::new(kind, moment(sequence), sequence, rows)
        });
        prop::collection::vec(batch, 1..6)
    }

    proptest! {
        /// What is on record afterwards is the same whatever the order of the rows was, and a repeat changes nothing.
        #[test]
        fn order_does_not_matter_and_a_repeat_is_harmless(batches in batches()) {
            let (mut known, mut mark) = (Vec::new(), None);
            for mut feed in batches {
                let last: BTreeMap<ReportedSku, StockRow> =
                    feed.rows.iter().map(|row| (row.sku.clone(), row.clone())).collect();
                let changes = compare_stock(&known, mark, &feed);
                feed.rows = last.into_values().rev().collect();
                let mut backwards = known.clone();
                backwards.reverse();
                prop_assert_eq!(&compare_stock(&backwards, mark, &feed), &changes);
                known = changes.applied_to(known);
                prop_assert!(look_over(&known).0);
                mark = changes.mark.or(mark);
                let again = compare_stock(&known, mark, &feed);
                prop_assert!(again.write.is_empty() && again.gone.is_empty(), "{:?}", again);
                prop_assert_eq!(again.mark, None);
            }
        }

        /// Whatever comes late, the figures of the newest snapshot stay unless something newer speaks for a code.
        #[test]
        fn nothing_late_overrules_a_snapshot(batches in batches(), rows in prop::collection::vec(("[a-e]", 0_i64..3), 0..6)) {
            let rows: Vec<StockRow> = rows.into_iter().map(|(sku, units)| StockRow::new(sku, units, 0)).collect();
            let snapshot = StockFeed::new(FeedKind::Snapshot, moment(9), 9, rows);
            let (mut known, mut mark) = (Vec::new(), None);
            for feed in std::iter::once(snapshot).chain(batches) {
                let changes = compare_stock(&known, mark, &feed);
                let late = feed.sequence < 9;
                prop_assert!(!late || (changes.write.is_empty() && changes.gone.is_empty()), "{:?}", changes);
                known = changes.applied_to(known);
                mark = changes.mark.or(mark);
            }
        }
    }
}
