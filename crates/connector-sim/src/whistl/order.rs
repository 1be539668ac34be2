//! An accepted order and what has become of its lines.

use std::fmt;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::raw_object::RawObject;
use crate::virtual_clock::wire_time;

/// How far an order is. Assumed, as the whole contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OrderStatus {
    /// Taken, nothing sent.
    Accepted,
    /// Taken, but kept back until somebody releases it.
    Held,
    /// On the picking floor; too far for a change.
    Picking,
    /// Some of it sent, the rest follows.
    PartDespatched,
    /// Everything sent or reported short.
    Despatched,
    /// Nothing of it will be sent: it was cancelled before anything left.
    Cancelled,
}

impl OrderStatus {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Held => "held",
            Self::Picking => "picking",
            Self::PartDespatched => "part_despatched",
            Self::Despatched => "despatched",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One line of an accepted order. `ordered = despatched + short + cancelled + open()` at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcceptedLine {
    /// The client's line id.
    pub line_id: String,
    /// SKU.
    pub sku: String,
    /// Units ordered.
    pub ordered: u32,
    /// Units of stock set aside for it.
    pub allocated: u32,
    /// Units sent.
    pub despatched: u32,
    /// Units that will not be sent.
    pub short: u32,
    /// Units that were cancelled.
    pub cancelled: u32,
    /// Net weight of a unit, where the order gave it.
    pub grams: Option<u32>,
}

impl AcceptedLine {
    /// Units neither sent nor given up nor cancelled.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.ordered
            .saturating_sub(self.despatched)
            .saturating_sub(self.short)
            .saturating_sub(self.cancelled)
    }

    /// Cancels what is open; says how many units that were.
    pub(crate) fn cancel_open(&mut self) -> u32 {
        let open = self.open();
        self.cancelled += open;
        open
    }
}

/// A text that the warehouse cut on its way to the carrier.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldCut {
    /// Where it stood in the order, as a JSON pointer.
    pub field: String,
    /// Its length in characters.
    pub length: usize,
    /// How many of them were kept.
    pub kept: usize,
}

/// An order the warehouse has taken. Its `Debug` leaves the recipient out.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct AcceptedOrder {
    /// The warehouse's own id.
    pub order_id: String,
    /// The client's reference.
    pub reference: String,
    /// Service code.
    pub service_code: String,
    /// When it was taken, on the virtual clock.
    pub accepted_at: DateTime<Utc>,
    /// How far it is.
    pub status: OrderStatus,
    /// Counts its changes, from 1.
    pub version: u32,
    /// Why it is held, while it is.
    pub hold: Option<String>,
    /// Whether what is there may leave before the rest.
    pub may_part_ship: bool,
    /// What the carrier does not get in full.
    pub cuts: Vec<FieldCut>,
    /// Its lines.
    pub lines: Vec<AcceptedLine>,
    /// Ticks it still spends on the picking floor.
    pub(crate) ticks_to_pick: u32,
    /// The despatch feed has told of units that follow.
    pub(crate) back_order_told: bool,
    pub(crate) document: RawObject,
}

impl AcceptedOrder {
    /// The order as it was received, personal data included.
    #[must_use]
    pub fn document(&self) -> Value {
        serde_json::from_str(&self.document.to_text()).unwrap_or(Value::Null)
    }

    /// `StoredOrder` of the contract.
    pub(crate) fn stored_text(&self) -> String {
        let mut stored = self.document.clone();
        stored.set("orderId", Value::from(self.order_id.as_str()).to_string());
        stored.set(
            "acceptedAt",
            Value::from(wire_time(self.accepted_at)).to_string(),
        );
        stored.set("status", Value::from(self.status.as_str()).to_string());
        stored.set("version", self.version.to_string());
        if let Some(reason) = &self.hold {
            stored.set("holdReason", Value::from(reason.as_str()).to_string());
        }
        stored.set("lines", self.lines_text());
        stored.to_text()
    }

    /// The lines as they were received, with what became of each.
    fn lines_text(&self) -> String {
        let received: Vec<RawObject> = self
            .document
            .get("lines")
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let lines: Vec<String> = received
            .into_iter()
            .map(|mut row| {
                let id = row.text("lineId");
                let line = self
                    .lines
                    .iter()
                    .find(|line| Some(&line.line_id) == id.as_ref());
                if let Some(line) = line {
                    for (member, units) in [
                        ("allocated", line.allocated),
                        ("despatched", line.despatched),
                        ("short", line.short),
                        ("cancelled", line.cancelled),
                    ] {
                        row.set(member, units.to_string());
                    }
                }
                row.to_text()
            })
            .collect();
        format!("[{}]", lines.join(","))
    }

    /// Whether nothing of it is open.
    pub(crate) fn is_done(&self) -> bool {
        self.lines.iter().all(|line| line.open() == 0)
    }

    /// `Accepted` of the contract.
    pub(crate) fn acceptance(&self) -> Value {
        json!({
            "orderId": self.order_id,
            "reference": self.reference,
            "status": self.status.as_str(),
            "acceptedAt": wire_time(self.accepted_at),
        })
    }
}

impl fmt::Debug for AcceptedOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptedOrder")
            .field("order_id", &self.order_id)
            .field("reference", &self.reference)
            .field("service_code", &self.service_code)
            .field("accepted_at", &self.accepted_at)
            .field("status", &self.status)
            .field("version", &self.version)
            .field("hold", &self.hold)
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}
