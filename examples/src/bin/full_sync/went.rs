//! Orders that went: what released them, and what the rules noted on the way.

use std::collections::{BTreeMap, BTreeSet};

use order_sync::{OrderRecord, OrderState, codes};
use serde::Serialize;

/// Orders that the warehouse has or is to pick up, by what let them go.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Went {
    pub(crate) orders: u64,
    /// By the rule that released them.
    pub(crate) released: Vec<ReleasedRow>,
    /// What was changed or chosen for them, by code: a phone number taken from elsewhere, a code mapped, a line left out.
    pub(crate) notes: Vec<NoteRow>,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct ReleasedRow {
    pub(crate) rule: String,
    pub(crate) orders: u64,
}

#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct NoteRow {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) orders: u64,
}

/// Most orders first.
pub(crate) fn went(records: &[OrderRecord]) -> Went {
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    let mut notes: BTreeMap<&str, u64> = BTreeMap::new();
    let mut orders = 0;
    let handed_over = |record: &&OrderRecord| {
        record.state.is_at_warehouse() || record.state == OrderState::Queued
    };
    for record in records.iter().filter(handed_over) {
        orders += 1;
        if let Some(rule) = &record.rule {
            *rules.entry(rule).or_default() += 1;
        }
        let codes: BTreeSet<&str> = record
            .reasons
            .iter()
            .map(|reason| reason.code.as_str())
            .collect();
        for code in codes {
            *notes.entry(code).or_default() += 1;
        }
    }
    let mut released: Vec<ReleasedRow> = rules
        .into_iter()
        .map(|(rule, orders)| ReleasedRow {
            rule: rule.to_owned(),
            orders,
        })
        .collect();
    released.sort_by(|a, b| b.orders.cmp(&a.orders).then_with(|| a.rule.cmp(&b.rule)));
    let mut notes: Vec<NoteRow> = notes
        .into_iter()
        .map(|(code, orders)| NoteRow {
            code: code.to_owned(),
            title: codes::info(code).map_or_else(String::new, |info| info.title.to_owned()),
            orders,
        })
        .collect();
    notes.sort_by(|a, b| b.orders.cmp(&a.orders).then_with(|| a.code.cmp(&b.code)));
    Went {
        orders,
        released,
        notes,
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use order_mapping::{ClientOrderRef, Code, SalesOrder};
    use order_sync::{MerchantId, Reason};

    use super::*;

    #[test]
    fn only_orders_that_went_count_and_each_code_once_for_an_order() {
        let record = |id: &str, state, rule: &str| {
            let order = SalesOrder::new(id);
            let reference = ClientOrderRef::derive(b"0123456789abcdef", "demo", &order.id, 0, 0);
            let merchant = MerchantId::new("demo");
            let mut record =
                OrderRecord::captured(merchant, reference, &order, None, DateTime::UNIX_EPOCH);
            record.state = state;
            record.rule = Some(rule.to_owned());
            let note = Reason::of(Code::LineNonStock.info(), "");
            record.reasons = vec![note.clone(), note];
            record
        };
        let records = [
            record("1", OrderState::Closed, "upfront"),
            record("2", OrderState::Accepted, "upfront"),
            record("3", OrderState::Queued, "on_account"),
            record("4", OrderState::Held, "upfront"),
        ];
        let went = went(&records);
        assert_eq!(went.orders, 3);
        let rules: Vec<_> = went
            .released
            .iter()
            .map(|row| (row.rule.as_str(), row.orders))
            .collect();
        assert_eq!(rules, [("upfront", 2), ("on_account", 1)]);
        assert_eq!((went.notes.len(), went.notes[0].orders), (1, 3));
    }
}
