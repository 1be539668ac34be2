//! What orders wait for: one row for each reason, with its owner and remedy.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_sync::{OrderRecord, OrderState, Reason, codes};
use serde::Serialize;

/// Orders that a row names.
const EXAMPLES: usize = 3;

/// Orders that wait for one reason. An order with several faults stands in several rows.
#[derive(Debug, Serialize)]
pub(crate) struct WaitingRow {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) owner: String,
    pub(crate) remedy: String,
    /// What is to blame: data format, sync interval, warehouse, or normal business.
    pub(crate) kind: String,
    pub(crate) orders: u64,
    /// Different things they wait for: one shipping option, one article, or the orders themselves.
    pub(crate) subjects: u64,
    pub(crate) oldest_age_seconds: i64,
    /// Numbers of some of the orders.
    pub(crate) examples: Vec<String>,
}

/// Held and parked orders by reason; most orders first.
pub(crate) fn waiting(records: &[OrderRecord], now: DateTime<Utc>) -> Vec<WaitingRow> {
    let mut by_code: BTreeMap<&str, Vec<(&OrderRecord, &Reason)>> = BTreeMap::new();
    let waits =
        |record: &&OrderRecord| matches!(record.state, OrderState::Held | OrderState::Parked);
    for record in records.iter().filter(waits) {
        for reason in record
            .reasons
            .iter()
            .filter(|reason| reason.severity.holds())
        {
            by_code
                .entry(&reason.code)
                .or_default()
                .push((record, reason));
        }
    }
    let mut rows: Vec<WaitingRow> = by_code
        .into_iter()
        .map(|(code, found)| waiting_row(code, &found, now))
        .collect();
    rows.sort_by(|a, b| b.orders.cmp(&a.orders).then_with(|| a.code.cmp(&b.code)));
    rows
}

fn waiting_row(code: &str, found: &[(&OrderRecord, &Reason)], now: DateTime<Utc>) -> WaitingRow {
    let orders: BTreeMap<&str, &OrderRecord> = found
        .iter()
        .map(|(record, _)| (record.id.as_str(), *record))
        .collect();
    let subjects: BTreeSet<&str> = found
        .iter()
        .map(|(record, reason)| {
            reason
                .subject
                .as_ref()
                .map_or(record.id.as_str(), |subject| subject.as_str())
        })
        .collect();
    let mut examples: Vec<String> = orders
        .values()
        .map(|record| {
            record
                .number
                .as_ref()
                .map_or_else(|| record.id.to_string(), ToString::to_string)
        })
        .collect();
    examples.sort();
    examples.truncate(EXAMPLES);
    let info = codes::info(code);
    let text = |of: fn(&order_mapping::CodeInfo) -> String| info.map(of).unwrap_or_default();
    WaitingRow {
        code: code.to_owned(),
        title: text(|info| info.title.to_owned()),
        owner: text(|info| info.owner.to_string()),
        remedy: text(|info| info.remedy.to_owned()),
        kind: text(|info| info.kind.to_string()),
        orders: orders.len() as u64,
        subjects: subjects.len() as u64,
        oldest_age_seconds: orders
            .values()
            .map(|record| (now - record.captured_at).num_seconds().max(0))
            .max()
            .unwrap_or_default(),
        examples,
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use order_mapping::{ClientOrderRef, Code, SalesOrder};
    use order_sync::{ExceptionSubject, MerchantId};

    use super::*;

    fn record(id: &str, state: OrderState, reasons: &[(Code, Option<&str>)]) -> OrderRecord {
        let order = SalesOrder::new(id);
        let reference = ClientOrderRef::derive(b"0123456789abcdef", "demo", &order.id, 0, 0);
        let merchant = MerchantId::new("demo");
        let mut record =
            OrderRecord::captured(merchant, reference, &order, None, DateTime::UNIX_EPOCH);
        record.state = state;
        record.reasons = reasons
            .iter()
            .map(|(code, option)| {
                let mut reason = Reason::of(code.info(), "");
                reason.subject =
                    option.map(|option| ExceptionSubject::new("shipping-option", option));
                reason
            })
            .collect();
        record
    }

    #[test]
    fn orders_stand_in_a_row_for_each_of_their_reasons_and_notes_do_not_count() {
        let records = [
            record(
                "1",
                OrderState::Held,
                &[
                    (Code::ShipUnmapped, Some("Pallet")),
                    (Code::PoMissing, None),
                ],
            ),
            record(
                "2",
                OrderState::Held,
                &[
                    (Code::ShipUnmapped, Some("Pallet")),
                    (Code::LineNonStock, None),
                ],
            ),
            record("3", OrderState::Closed, &[(Code::PoMissing, None)]),
        ];
        let rows = waiting(&records, DateTime::UNIX_EPOCH + TimeDelta::seconds(90));
        let found: Vec<(&str, u64, u64)> = rows
            .iter()
            .map(|row| (row.code.as_str(), row.orders, row.subjects))
            .collect();
        assert_eq!(found, [("SHIP_UNMAPPED", 2, 1), ("PO_MISSING", 1, 1)]);
        assert_eq!(rows[0].owner, "operations");
        assert_eq!(rows[0].oldest_age_seconds, 90);
        assert_eq!(rows[0].examples, ["1", "2"]);
    }
}
