//! Reading many orders at once: which ones, how much of each, and how many there are.

use chrono::{DateTime, Utc};
use order_mapping::{FulfilmentOrder, SourceOrderId};
use serde::{Deserialize, Serialize};

use crate::{LineProgress, OrderRecord, OrderState, ParcelRecord, SourceCopy};

/// Which orders to read, and how much of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderQuery {
    /// Orders in these states; none: in every state.
    pub states: Vec<OrderState>,
    /// Orders captured at or after this moment; none: whenever.
    pub captured_since: Option<DateTime<Utc>>,
    /// After this id, in the order of ids.
    pub after: Option<SourceOrderId>,
    /// As many at most.
    pub limit: usize,
    /// With the shop's copy.
    pub with_source: bool,
    /// With the prepared payload.
    pub with_intent: bool,
    /// With the lines.
    pub with_lines: bool,
    /// With the parcels.
    pub with_parcels: bool,
}

impl OrderQuery {
    /// The records of orders in some states (none: all states), page by page.
    #[must_use]
    pub fn new(states: &[OrderState], limit: usize) -> Self {
        Self {
            states: states.to_vec(),
            limit,
            ..Self::default()
        }
    }

    /// Goes on after the last order of a page.
    #[must_use]
    pub fn after(mut self, id: Option<SourceOrderId>) -> Self {
        self.after = id;
        self
    }
}

/// What is on record of one order, as far as a query asked for it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Dossier {
    /// The record.
    pub record: OrderRecord,
    /// The shop's copy, with its personal data.
    pub source: Option<SourceCopy>,
    /// The prepared payload, with its personal data.
    pub intent: Option<FulfilmentOrder>,
    /// What became of each line.
    pub lines: Vec<LineProgress>,
    /// The parcels.
    pub parcels: Vec<ParcelRecord>,
    /// Why personal data that is sealed does not open: the copy or the payload is then without it. None: it opened, or there is none.
    pub unopened: Option<String>,
}

impl Dossier {
    /// A dossier with nothing but the record.
    #[must_use]
    pub const fn new(record: OrderRecord) -> Self {
        Self {
            record,
            source: None,
            intent: None,
            lines: Vec::new(),
            parcels: Vec::new(),
            unopened: None,
        }
    }
}

/// What [`crate::Store::reseal_personal`] did with a page of orders.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resealed {
    /// Rows that were brought under the key of today.
    pub rows: u64,
    /// Rows that do not open, and stayed as they were.
    pub unopened: u64,
    /// The last order of the page; none: there are no further ones.
    pub last: Option<SourceOrderId>,
}

impl Resealed {
    /// A page that ends with this order.
    #[must_use]
    pub const fn new(rows: u64, unopened: u64, last: Option<SourceOrderId>) -> Self {
        Self {
            rows,
            unopened,
            last,
        }
    }
}

/// How many orders are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StateCount {
    /// How many.
    pub orders: u64,
    /// Since when the one that changed longest ago is in it.
    pub oldest: DateTime<Utc>,
}

impl StateCount {
    /// A count.
    #[must_use]
    pub const fn new(orders: u64, oldest: DateTime<Utc>) -> Self {
        Self { orders, oldest }
    }
}
