//! What the warehouse says of each order on its own: taken, refused, held, released, changed.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::WarehouseState;
use super::order::AcceptedOrder;
use crate::virtual_clock::wire_time;

/// A message of the acknowledgement feed before it has its number.
pub(crate) struct Acknowledgement {
    body: Value,
}

impl Acknowledgement {
    /// About an order that was taken.
    pub(crate) fn of(order: &AcceptedOrder, kind: &str) -> Self {
        Self {
            body: json!({ "reference": order.reference, "orderId": order.order_id, "kind": kind }),
        }
    }

    /// About an order that was refused.
    pub(crate) fn rejected(reference: &str, errors: Vec<Value>) -> Self {
        Self {
            body: json!({ "reference": reference, "kind": "rejected", "errors": errors }),
        }
    }

    /// Names the request it answers.
    pub(crate) fn answering(self, request_id: &str) -> Self {
        self.with("requestId", request_id)
    }

    /// Says why.
    pub(crate) fn because(self, reason: Option<&str>) -> Self {
        match reason {
            Some(reason) => self.with("reason", reason),
            None => self,
        }
    }

    fn with(mut self, member: &str, value: &str) -> Self {
        if let Some(members) = self.body.as_object_mut() {
            members.insert(member.to_owned(), value.into());
        }
        self
    }
}

impl WarehouseState {
    /// Puts a message into the feed.
    pub(crate) fn acknowledge(&mut self, told: Acknowledgement, now: DateTime<Utc>) {
        let number = self.acknowledgements.len() + 1;
        let mut body = told.with("at", &wire_time(now)).body;
        if let Some(members) = body.as_object_mut() {
            members.insert(
                "acknowledgementId".to_owned(),
                format!("A{number:07}").into(),
            );
        }
        self.acknowledgements.push(body);
    }
}
