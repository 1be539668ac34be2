//! What is kept beside a purchase: its history and its payments. Replacing the purchase leaves both alone.

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::amount::decimal;
use super::purchase::fault;
use crate::problem::Problem;
use crate::virtual_clock::wire_time;

/// History entries and payments of one purchase.
#[derive(Debug, Clone, Default)]
pub(crate) struct PurchaseTrail {
    history: Vec<Value>,
    transactions: Vec<Map<String, Value>>,
}

/// A payment that was stored, and by how much it moves the customer's balance.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct StoredTransaction {
    pub(crate) answer: Value,
    /// Negative for a payment, positive for a refund or a payment that is taken back.
    pub(crate) balance_change: Decimal,
}

impl PurchaseTrail {
    pub(crate) fn history(&self) -> Value {
        Value::Array(self.history.clone())
    }

    pub(crate) fn transactions(&self) -> Value {
        self.transactions
            .iter()
            .cloned()
            .map(Value::Object)
            .collect()
    }

    /// Adds an entry. A repeated request adds another one: there is no key (documented).
    pub(crate) fn add_history(
        &mut self,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<Value, Problem> {
        let mut faults = Vec::new();
        let author = match body.get("event_type").and_then(Value::as_str) {
            Some("message" | "note") => Some("created_by"),
            Some("email") => Some("sent_by"),
            _ => {
                faults.push(fault(
                    "invalid",
                    "event_type",
                    "is not message, note or email",
                ));
                None
            }
        };
        for member in author.into_iter().chain(["body"]) {
            if body
                .get(member)
                .and_then(Value::as_str)
                .is_none_or(str::is_empty)
            {
                faults.push(fault("required", member, "is required"));
            }
        }
        if !faults.is_empty() {
            return Err(Problem::bad_request("the history entry is not valid").with_errors(faults));
        }
        // Assumed: history-answer.
        let mut entry = body.clone();
        if let Some(members) = entry.as_object_mut() {
            members.insert("created_at".to_owned(), json!(wire_time(now)));
        }
        self.history.push(entry.clone());
        Ok(entry)
    }

    /// Creates or replaces the payment with the same `platform_id` (documented).
    pub(crate) fn put_transaction(
        &mut self,
        body: &Value,
        now: DateTime<Utc>,
    ) -> Result<StoredTransaction, Problem> {
        let mut faults = Vec::new();
        let platform_id = body
            .get("platform_id")
            .and_then(Value::as_str)
            .filter(|id| !id.is_empty());
        if platform_id.is_none() {
            faults.push(fault("required", "platform_id", "is required"));
        }
        // Assumed: transaction-total.
        if body.get("total").and_then(total).is_none() {
            faults.push(fault("required", "total", "must be money"));
        }
        let applies = body.get("apply_to_balance").unwrap_or(&Value::Null);
        if !applies.is_boolean() && !applies.is_null() {
            faults.push(fault(
                "invalid",
                "apply_to_balance",
                "must be true or false",
            ));
        }
        let (Some(platform_id), true, Some(members)) =
            (platform_id, faults.is_empty(), body.as_object())
        else {
            return Err(Problem::bad_request("the transaction is not valid").with_errors(faults));
        };
        let old = self
            .transactions
            .iter_mut()
            .find(|stored| stored.get("platform_id").and_then(Value::as_str) == Some(platform_id));
        let applied_before = old.as_ref().map_or(Decimal::ZERO, |stored| applied(stored));
        let applied_now = applied(members);
        match old {
            Some(stored) => *stored = members.clone(),
            None => self.transactions.push(members.clone()),
        }
        if applied_before != applied_now {
            // Assumed: transaction-history.
            self.history.push(json!({
                "event_type": "transaction",
                "body": format!("payments applied to the balance by {platform_id}: {applied_now}"),
                "created_at": wire_time(now),
            }));
        }
        Ok(StoredTransaction {
            answer: Value::Object(members.clone()),
            balance_change: applied_before.saturating_sub(applied_now),
        })
    }
}

/// What a payment counts towards the balance: nothing unless it says so.
fn applied(members: &Map<String, Value>) -> Decimal {
    if members.get("apply_to_balance") != Some(&Value::Bool(true)) {
        return Decimal::ZERO;
    }
    members.get("total").and_then(total).unwrap_or_default()
}

/// Money as purchases have it, as a number or as text.
fn total(value: &Value) -> Option<Decimal> {
    decimal(value.get("number").unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_clock::default_start;

    fn put(trail: &mut PurchaseTrail, id: &str, total: &Value, applies: bool) -> Decimal {
        let body = json!({ "platform_id": id, "total": total, "apply_to_balance": applies });
        trail
            .put_transaction(&body, default_start())
            .unwrap()
            .balance_change
    }

    #[test]
    fn a_payment_moves_the_balance_once_and_back() {
        let mut trail = PurchaseTrail::default();
        let ten = json!({ "number": "10.00", "currency": "GBP" });
        assert_eq!(put(&mut trail, "T1", &ten, true), Decimal::from(-10));
        assert_eq!(put(&mut trail, "T1", &ten, true), Decimal::ZERO);
        assert_eq!(put(&mut trail, "T1", &json!(12), true), Decimal::from(-2));
        assert_eq!(
            put(&mut trail, "T1", &json!("12"), false),
            Decimal::from(12)
        );
        assert_eq!(put(&mut trail, "R1", &json!(-3), true), Decimal::from(3));
        assert_eq!(trail.transactions().as_array().unwrap().len(), 2);
        assert_eq!(trail.history().as_array().unwrap().len(), 4);
    }

    #[test]
    fn what_is_wrong_is_named() {
        let mut trail = PurchaseTrail::default();
        let problem = trail
            .put_transaction(&json!({ "apply_to_balance": "yes" }), default_start())
            .unwrap_err();
        assert_eq!(problem.errors.len(), 3);
        let problem = trail
            .add_history(
                &json!({ "event_type": "email", "created_by": "x" }),
                default_start(),
            )
            .unwrap_err();
        assert_eq!(problem.errors.len(), 2);
        assert_eq!(trail.history(), json!([]));
    }
}
