//! Goods that come back.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

use super::WarehouseState;
use crate::virtual_clock::wire_time;

/// In which condition goods came back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ReturnCondition {
    /// Goes back on the shelf.
    Resaleable,
    /// Stays in the warehouse and may not be sold.
    Damaged,
    /// Stays out of bounds until somebody has looked at it.
    Quarantine,
}

impl ReturnCondition {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Resaleable => "resaleable",
            Self::Damaged => "damaged",
            Self::Quarantine => "quarantine",
        }
    }
}

/// Goods of one line that came back. Also the JSON form of `POST /__sim/returns`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ReturnedLine {
    /// SKU.
    pub sku: String,
    /// Units.
    pub quantity: u32,
    /// Their condition.
    pub condition: ReturnCondition,
    /// The line of the order, where it is known.
    #[serde(default)]
    pub line_id: Option<String>,
    /// Why they came back.
    #[serde(default)]
    pub reason: Option<String>,
}

impl ReturnedLine {
    /// Units of an article.
    #[must_use]
    pub fn new(sku: impl Into<String>, quantity: u32, condition: ReturnCondition) -> Self {
        Self {
            sku: sku.into(),
            quantity,
            condition,
            line_id: None,
            reason: None,
        }
    }
}

impl WarehouseState {
    /// Takes goods back; those of an unknown article are on record, but on no shelf.
    pub(crate) fn take_back(
        &mut self,
        reference: Option<&str>,
        lines: &[ReturnedLine],
        now: DateTime<Utc>,
    ) -> String {
        let return_id = format!("R{:07}", self.returns.len() + 1);
        let mut rows = Vec::new();
        for line in lines {
            let resaleable = line.condition == ReturnCondition::Resaleable;
            let restocked = if resaleable && self.stock.knows(&line.sku) {
                line.quantity
            } else {
                0
            };
            let kept = if resaleable { 0 } else { line.quantity };
            self.stock.take_in(&line.sku, restocked, kept);
            let mut row = json!({
                "sku": line.sku, "quantity": line.quantity, "condition": line.condition.as_str(), "restocked": restocked,
            });
            for (member, text) in [("lineId", &line.line_id), ("reason", &line.reason)] {
                if let (Some(text), Some(members)) = (text, row.as_object_mut()) {
                    members.insert(member.to_owned(), text.as_str().into());
                }
            }
            rows.push(row);
        }
        let mut record = json!({
            "returnId": return_id, "receivedAt": wire_time(now), "lines": rows,
        });
        let order = reference.and_then(|reference| {
            let place = self.places.get(reference)?;
            self.orders.get(*place)
        });
        if let (Some(reference), Some(members)) = (reference, record.as_object_mut()) {
            members.insert("reference".to_owned(), reference.into());
            if let Some(order) = order {
                members.insert("orderId".to_owned(), Value::from(order.order_id.as_str()));
            }
        }
        self.returns.push(record);
        return_id
    }
}
