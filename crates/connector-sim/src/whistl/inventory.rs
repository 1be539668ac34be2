//! The stock as the warehouse tells it: a snapshot, or what changed since a sequence number.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::feed_faults::FeedFault;
use super::feeds::parameter;
use super::routes::{Answer, authorise, problem};
use super::{Warehouse, WarehouseState};
use crate::problem::{Problem, json_value};
use crate::virtual_clock::wire_time;

/// Stock answers that were given, for faults that give one again.
#[derive(Debug, Default)]
pub(crate) struct ToldStock {
    first_snapshot: Option<Value>,
    first_delta: Option<Value>,
}

impl ToldStock {
    /// Keeps the first answer of its kind: the oldest is the worst to be told again.
    fn keep(&mut self, delta: bool, answer: &Value) {
        let place = if delta {
            &mut self.first_delta
        } else {
            &mut self.first_snapshot
        };
        place.get_or_insert_with(|| answer.clone());
    }
}

pub(super) async fn inventory(
    State(warehouse): State<Arc<Warehouse>>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Answer {
    authorise(&warehouse, &headers)?;
    let since = parameter(query.as_deref(), "since")
        .map(|text| {
            text.parse::<u64>().map_err(|_| {
                problem(
                    StatusCode::BAD_REQUEST,
                    "SEQUENCE_INVALID",
                    "/since",
                    "must be a sequence number",
                )
            })
        })
        .transpose()?;
    let now = wire_time(warehouse.clock.now());
    let history = warehouse.options.inventory_history;
    let answer = warehouse.with(|state| state.tell_stock(since, history, &now))?;
    Ok(json_value(StatusCode::OK, &answer))
}

impl WarehouseState {
    fn tell_stock(
        &mut self,
        since: Option<u64>,
        history: Option<u64>,
        now: &str,
    ) -> Result<Value, Problem> {
        let sequence = self.stock.sequence();
        let oldest = history.map_or(0, |history| sequence.saturating_sub(history));
        if since.is_some_and(|since| since < oldest || since > sequence) {
            let message = "the sequence is not on record; take a snapshot";
            return Err(problem(
                StatusCode::GONE,
                "SEQUENCE_EXPIRED",
                "/since",
                message,
            ));
        }
        let mut answer = json!({
            "kind": if since.is_some() { "delta" } else { "snapshot" },
            "asOf": now,
            "sequence": sequence,
            "items": self.stock.items(since),
        });
        if let (Some(since), Some(members)) = (since, answer.as_object_mut()) {
            members.insert("fromSequence".to_owned(), since.into());
        }
        Ok(match since {
            None => self.tell_snapshot(answer),
            Some(_) => self.tell_delta(answer),
        })
    }

    fn tell_snapshot(&mut self, answer: Value) -> Value {
        if let Some(old) = self.told_stock.first_snapshot.clone()
            && self.feed_faults.take(FeedFault::OldSnapshot)
        {
            return old;
        }
        self.told_stock.keep(false, &answer);
        answer
    }

    fn tell_delta(&mut self, mut answer: Value) -> Value {
        if let Some(old) = self.told_stock.first_delta.clone()
            && self.feed_faults.take(FeedFault::OutOfOrderStock)
        {
            return old;
        }
        self.told_stock.keep(true, &answer);
        let items = answer.get("items").and_then(Value::as_array);
        let changed = items.map_or(0, Vec::len);
        if changed > 1 && self.feed_faults.take(FeedFault::MissingStockSequence) {
            leave_out_all_but_the_last(&mut answer);
        }
        answer
    }
}

/// A delta without its earlier changes, which says so by the sequence number it begins after.
fn leave_out_all_but_the_last(answer: &mut Value) {
    let Some(rows) = answer.get_mut("items").and_then(Value::as_array_mut) else {
        return;
    };
    let sequence = |row: &Value| row["sequence"].as_u64().unwrap_or_default();
    let Some(last) = rows.iter().map(sequence).max() else {
        return;
    };
    rows.retain(|row| sequence(row) == last);
    if let Some(members) = answer.as_object_mut() {
        members.insert("fromSequence".to_owned(), last.saturating_sub(1).into());
    }
}
