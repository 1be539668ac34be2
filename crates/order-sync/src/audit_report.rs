//! What the audit found.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use order_mapping::SourceSku;
use serde::{Deserialize, Serialize};

use crate::OrderState;

/// Where an order stands for those who account for it. Every order is in exactly one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AuditClass {
    /// Captured and not judged yet, or in the shop and not due to be read yet.
    NotDue,
    /// Waits for a reason that is on record, and not for too long.
    Held,
    /// Ready, being sent, or sent without a definite answer yet; not for too long.
    InFlight,
    /// The warehouse has it and nothing has left.
    Accepted,
    /// Something has left, and not every parcel of it is proven to be visible.
    Despatched,
    /// The buyer sees every parcel.
    Relayed,
    /// Cancelled, before or after it was sent.
    Cancelled,
    /// Left out by a named rule.
    Ignored,
    /// Captured and not transmitted for too long, whatever the reason; or in the shop and never captured.
    Orphaned,
    /// At the warehouse, and not on record or not to be there.
    Ghost,
}

impl AuditClass {
    /// Every class.
    pub const ALL: [Self; 10] = [
        Self::NotDue,
        Self::Held,
        Self::InFlight,
        Self::Accepted,
        Self::Despatched,
        Self::Relayed,
        Self::Cancelled,
        Self::Ignored,
        Self::Orphaned,
        Self::Ghost,
    ];

    /// Its name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotDue => "not_due",
            Self::Held => "held",
            Self::InFlight => "in_flight",
            Self::Accepted => "accepted",
            Self::Despatched => "despatched",
            Self::Relayed => "relayed",
            Self::Cancelled => "cancelled",
            Self::Ignored => "ignored",
            Self::Orphaned => "orphaned",
            Self::Ghost => "ghost",
        }
    }

    /// The class of an order that is where it should be; `overdue`: it has waited for longer than the limit.
    #[must_use]
    pub const fn of(state: OrderState, overdue: bool) -> Self {
        use OrderState as S;
        match state {
            S::Captured | S::Held | S::Ready | S::Sending | S::OutcomeUnknown | S::Queued
                if overdue =>
            {
                Self::Orphaned
            }
            S::Parked if overdue => Self::Orphaned,
            S::Captured => Self::NotDue,
            S::Held | S::Parked => Self::Held,
            S::Ready | S::Sending | S::OutcomeUnknown | S::Queued => Self::InFlight,
            S::Accepted => Self::Accepted,
            S::PartDespatched | S::Despatched | S::Relayed => Self::Despatched,
            S::Closed => Self::Relayed,
            S::Cancelled | S::Withdrawn => Self::Cancelled,
            S::Ignored => Self::Ignored,
        }
    }
}

/// What the audit found. Every list names what a person can look up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AuditReport {
    /// Orders by class: those on record, those that only the shop has, those that only the warehouse has.
    pub classes: BTreeMap<AuditClass, u64>,
    /// Orders in the shop.
    pub in_shop: u64,
    /// Orders on record.
    pub on_record: u64,
    /// Live orders at the warehouse; none when the warehouse cannot list them.
    pub at_warehouse: Option<u64>,
    /// In the shop and not on record (and not known as unreadable).
    pub not_captured: Vec<String>,
    /// Captured and not transmitted for longer than the limit.
    pub orphans: Vec<OverdueRow>,
    /// Despatched, and not visible to the buyer for longer than the limit.
    pub tracking_not_visible: Vec<OverdueRow>,
    /// Accepted once, not at the warehouse any more.
    pub lost: Vec<String>,
    /// More than once at the warehouse.
    pub doubled: Vec<String>,
    /// At the warehouse with other articles, units, service or PO number than it was sent.
    pub differing: Vec<DifferingRow>,
    /// At the warehouse and not on record, or not to be there; despatches of nobody's order.
    pub ghosts: Vec<String>,
    /// Rows of the warehouse's list that could not be read: nothing is said of them.
    pub unreadable: Vec<String>,
    /// Changed or cancelled in the shop after they were sent, and not settled.
    pub amended: Vec<String>,
    /// Stock levels compared.
    pub levels_compared: u64,
    /// The whole difference between shop and warehouse, by what explains it.
    pub drift_explained: DriftParts,
    /// Stock levels in the shop that are not what they should be.
    pub drift: Vec<DriftRow>,
}

impl AuditReport {
    /// Nothing is lost, doubled or unaccounted for.
    #[must_use]
    pub fn accounts(&self) -> bool {
        self.not_captured.is_empty() && self.lost.is_empty() && self.doubled.is_empty()
    }

    /// Orders of a class.
    #[must_use]
    pub fn class(&self, class: AuditClass) -> u64 {
        self.classes.get(&class).copied().unwrap_or(0)
    }

    pub(crate) fn count(&mut self, class: AuditClass, orders: u64) {
        if orders > 0 {
            *self.classes.entry(class).or_default() += orders;
        }
    }
}

/// An order that is late, and how late.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OverdueRow {
    /// The number the buyer sees, or the shop's id.
    pub order: String,
    /// Where it stands.
    pub state: OrderState,
    /// Since when it waits.
    pub since: DateTime<Utc>,
    /// For how long, in seconds.
    pub age_seconds: i64,
    /// Codes of its reasons.
    pub codes: Vec<String>,
}

/// An order that the warehouse has otherwise than it was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DifferingRow {
    /// The number the buyer sees, or the shop's id.
    pub order: String,
    /// What differs, one line each.
    pub differences: Vec<String>,
}

/// A difference between the level in the shop and the warehouse's free stock, split by what explains it:
/// `shop = free - in_flight - buffer + timing + unexplained`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriftParts {
    /// Promised to orders that the warehouse's figure does not know of yet.
    pub in_flight: i64,
    /// Kept back: the buffer, the floor at zero, broken packs.
    pub buffer: i64,
    /// News since the shop was last told; the next run of the stock flow writes it.
    pub timing: i64,
    /// What is left: something else changed the level in the shop.
    pub unexplained: i64,
}

impl DriftParts {
    /// Adds another article's.
    pub(crate) fn add(&mut self, other: &Self) {
        self.in_flight = self.in_flight.saturating_add(other.in_flight);
        self.buffer = self.buffer.saturating_add(other.buffer);
        self.timing = self.timing.saturating_add(other.timing);
        self.unexplained = self.unexplained.saturating_add(other.unexplained);
    }
}

/// A stock level that is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct DriftRow {
    /// The article in the shop.
    pub sku: SourceSku,
    /// What the shop shows.
    pub shop: i64,
    /// What the warehouse has free, in the shop's unit: on hand less allocated and unsellable; for a kit what its components make up.
    pub free: i64,
    /// What it should show: the warehouse's figure less orders in flight and the buffer, or what it was told last if the news is
    /// younger.
    pub expected: i64,
    /// What is left of the difference after everything is explained.
    pub unexplained: i64,
    /// The whole difference, split.
    pub parts: DriftParts,
}
