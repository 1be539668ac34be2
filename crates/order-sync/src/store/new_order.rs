//! What is put on record of an order that is seen for the first time.

use order_mapping::SalesOrder;

use crate::{LineProgress, OrderRecord, SourceCopy};

/// An order to be captured.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewOrder {
    /// The record, as made by [`OrderRecord::captured`].
    pub record: OrderRecord,
    /// The shop's copy.
    pub source: SourceCopy,
    /// Its lines, with whole quantities (0 for lines that are not stock or not whole).
    pub lines: Vec<LineProgress>,
}

impl NewOrder {
    /// An order with its lines.
    #[must_use]
    pub fn new(record: OrderRecord, source: SourceCopy) -> Self {
        let lines = lines_of(&source.order);
        Self {
            record,
            source,
            lines,
        }
    }
}

/// The lines of an order as progress rows, without the rules of a profile: whole positive quantities count, others are 0 (the rules
/// refuse them anyway). The engine itself counts kits by their components and ordered units as the warehouse's.
#[must_use]
pub fn lines_of(order: &SalesOrder) -> Vec<LineProgress> {
    use rust_decimal::prelude::ToPrimitive as _;
    order
        .lines
        .iter()
        .map(|line| {
            let whole = (line.quantity.fract().is_zero())
                .then(|| line.quantity.to_u32())
                .flatten()
                .unwrap_or(0);
            LineProgress::new(line.id.clone(), line.sku.clone(), whole)
        })
        .collect()
}

/// What became of one order of a capture batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureOutcome {
    /// Recorded.
    Recorded,
    /// On record already; nothing was written.
    AlreadyKnown,
    /// Another order has the same client reference; nothing was written.
    ReferenceTaken,
}
