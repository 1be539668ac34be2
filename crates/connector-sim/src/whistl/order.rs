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
    /// Some of it sent, the rest follows.
    PartDespatched,
    /// Everything sent or reported short.
    Despatched,
}

impl OrderStatus {
    /// The word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::PartDespatched => "part_despatched",
            Self::Despatched => "despatched",
        }
    }
}

/// One line of an accepted order. `ordered = despatched + short + open()` at any time.
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
}

impl AcceptedLine {
    /// Units neither sent nor given up.
    #[must_use]
    pub fn open(&self) -> u32 {
        self.ordered
            .saturating_sub(self.despatched)
            .saturating_sub(self.short)
    }
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
    /// Its lines.
    pub lines: Vec<AcceptedLine>,
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
        stored.to_text()
    }

    /// `Accepted` of the contract.
    pub(crate) fn acceptance(&self) -> Value {
        json!({
            "orderId": self.order_id,
            "reference": self.reference,
            "status": OrderStatus::Accepted.as_str(),
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
            .field("lines", &self.lines)
            .finish_non_exhaustive()
    }
}
