//! Whole orders as JSON documents.

use order_mapping::{
    FulfilmentOrder, Mapping, PaymentTerms, Personal, PersonalDetails, Recipient, ReleaseFacts,
    SalesOrder,
};
use serde_json::Value;

use crate::diagnostics::MARKER;
use crate::good_order::{MAPPER, REGISTRY};
use crate::{Outcomes, Target, diagnostics};

pub(crate) const TARGET: Target = Target {
    name: "order_json",
    run: order_json,
    pieces: &[
        "\"",
        ",",
        ":",
        "{",
        "}",
        "[",
        "]",
        "null",
        "\"\"",
        "0",
        "-1",
        "1.5",
        "99999",
        "100000",
        "\"quantity\":\"",
        "\"on_account\"",
        "\"upfront\"",
        "\"missing\"",
        "\"invoice\"",
        "\"hokodo\"",
        "{\"other\":\"barter\"}",
        "\"tags\":[\"credit-approved\"]",
        "\"quote\"",
        "\"order\"",
        "\"unconfirmed\"",
        "\"credit\":\"approved\"",
        "\"MUG-RED\"",
        "\"A1\"",
        "\"POST\"",
        "\"ß12\"",
        "\"PO-1\"",
        "\"Express B2B Delivery\"",
        "\\u0000",
        "\\u202e",
        "½",
        "é",
    ],
    reached: &[
        "no JSON",
        "no order",
        "ready",
        "held",
        "ignored credit_note",
        "ignored not_an_order",
        "ignored only_non_stock_lines",
        "ignored stock_adjustment",
        "SKU_MISSING",
        "SKU_UNMAPPED",
        "SKU_COLLISION",
        "LINES_EMPTY",
        "LINE_DUPLICATE",
        "LINE_NON_STOCK",
        "QTY_ZERO",
        "QTY_TOO_LARGE",
        "QTY_FRACTIONAL",
        "SHIP_UNMAPPED",
        "SHIP_MISSING",
        "PO_MISSING",
        "PO_TOO_LONG",
        "PO_CONFLICT",
        "RELEASE_PENDING",
        "PAYMENT_TYPE_UNKNOWN",
        "PHONE_FROM_FALLBACK",
        "TOO_MANY",
    ],
};

/// An order's document with its personal part under `/personal`; facts of the release gate may stand under `/facts`.
pub fn order_json(data: &[u8]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let Ok(document) = serde_json::from_slice::<Value>(data) else {
        outcomes.insert("no JSON".into());
        return outcomes;
    };
    let part = |name: &str| document.get(name).cloned().unwrap_or(Value::Null);
    let Ok(mut order) = serde_json::from_value::<SalesOrder>(document.clone()) else {
        outcomes.insert("no order".into());
        return outcomes;
    };
    order.personal =
        serde_json::from_value::<PersonalDetails>(part("personal")).unwrap_or_default();
    let facts = serde_json::from_value::<ReleaseFacts>(part("facts")).unwrap_or_default();

    let written = serde_json::to_value(&order).expect("an order can be written");
    let mut again: SalesOrder = serde_json::from_value(written).expect("and read");
    again.personal = order.personal.clone();
    assert_eq!(again, order, "round trip of an order");
    assert_eq!(again.content_digest(), order.content_digest());

    let map = |order: &SalesOrder| MAPPER.map(order, &facts, &REGISTRY);
    let mapping = map(&order);
    assert_eq!(mapping, map(&again), "not deterministic");
    diagnostics::of_mapping(&mapping, &order, &mut outcomes);
    if let Mapping::Ready { order: ready, .. } = &mapping {
        laws_of_ready(ready, &order, &facts);
    }
    diagnostics::assert_silent(&map(&planted(&order)));
    outcomes
}

fn laws_of_ready(ready: &FulfilmentOrder, order: &SalesOrder, facts: &ReleaseFacts) {
    match order.payment {
        PaymentTerms::Upfront | PaymentTerms::Invoice => {}
        PaymentTerms::OnAccount => {
            let nothing = order.tags.is_empty()
                && order.metadata.is_empty()
                && order.status.is_none()
                && *facts == ReleaseFacts::default();
            assert!(!nothing, "on account, and released by nothing");
            assert!(ready.release_rule.as_str().starts_with("on_account"));
        }
        _ => panic!("{:?} was released", order.payment),
    }
    assert_eq!(ready.source_id, order.id);
    assert_eq!(ready.number, order.number);
    assert!(!ready.lines.is_empty(), "nothing to pick");
    let sold = |line_id: &str| order.lines.iter().find(|line| line.id.as_str() == line_id);
    for line in &ready.lines {
        let Some(from) = sold(line.line_id.as_str()) else {
            panic!("line {} was not ordered", line.line_id.as_str());
        };
        assert_eq!(from.sku.as_ref(), Some(&line.source_sku));
        assert_eq!(REGISTRY.to_warehouse(&line.source_sku), Some(&line.sku));
        assert_eq!(
            from.quantity,
            line.quantity.get().into(),
            "another quantity"
        );
    }
    if let Some(number) = &ready.purchase_order {
        let verbatim = order
            .purchase_orders
            .iter()
            .any(|one| one.text == number.as_str());
        assert!(verbatim, "a PO number that nobody gave");
    }
    let written = serde_json::to_string(ready).expect("an order can be written");
    let mut read: FulfilmentOrder = serde_json::from_str(&written).expect("and read");
    assert_eq!(read.recipient, Recipient::erased());
    read.recipient = ready.recipient.clone();
    assert_eq!(&read, ready, "round trip of {written}");
    assert_eq!(read.payload_digest(), ready.payload_digest());
}

/// The order with a mark in every text about a person.
fn planted(order: &SalesOrder) -> SalesOrder {
    let mut order = order.clone();
    let mark = |text: &mut Personal<String>| {
        *text = Personal::new(format!("{} {MARKER}", text.expose()));
    };
    let personal = &mut order.personal;
    for address in [&mut personal.shipping, &mut personal.billing]
        .into_iter()
        .flatten()
    {
        for member in [
            &mut address.name,
            &mut address.company,
            &mut address.line1,
            &mut address.line2,
            &mut address.city,
            &mut address.region,
            &mut address.postcode,
            &mut address.phone,
            &mut address.email,
        ] {
            member.iter_mut().for_each(mark);
        }
    }
    personal
        .other_phones
        .iter_mut()
        .for_each(|phone| mark(&mut phone.number));
    personal.instructions.iter_mut().for_each(mark);
    order
}
