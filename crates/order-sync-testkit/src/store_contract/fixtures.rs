//! Orders, payloads and times that the cases share.

use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    Address, ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, Money, OrderLine,
    OtherPhone, Parcel, SalesOrder, SourceOrderId,
};
use order_sync::{
    CaptureOutcome, ChangeRequest, Commit, Fence, MerchantId, NewOrder, OrderEvent, OrderRecord,
    RequestKind, SourceCopy, Store, apply_despatch,
};
use serde_json::json;

/// The moment at which every case begins, and its store is made.
#[must_use]
pub fn start() -> DateTime<Utc> {
    at(0)
}

/// A moment, counted from the start of a case. Not a whole second, so that a store that cuts times shows.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_323_200, 123_456_000).unwrap() + Duration::seconds(seconds)
}

pub(crate) fn seconds(count: i64) -> Duration {
    Duration::seconds(count)
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("northwind")
}

pub(crate) fn id(text: &str) -> SourceOrderId {
    SourceOrderId::new(text)
}

/// An order with two lines that are stock and one that is not, and with personal data.
pub(crate) fn sales_order(text: &str) -> SalesOrder {
    let mut order = SalesOrder::new(text);
    order.number = Some(format!("#{text}").as_str().into());
    order.placed_at = Some(at(-60));
    order.currency = Some("GBP".to_owned());
    order.total = Some(Money::new("1234.50".parse().unwrap(), "gbp"));
    order.metadata = vec![("region".to_owned(), "south".to_owned())];
    let mut carriage = OrderLine::new("line-3", "none", 1);
    carriage.sku = None;
    carriage.quantity = "0.5".parse().unwrap();
    order.lines = vec![
        OrderLine::new("line-1", "MUG-RED", 4),
        OrderLine::new("line-2", "MUG-BLUE", 2),
        carriage,
    ];
    let mut shipping = Address::default();
    shipping.name = Some("Goods In".into());
    shipping.line1 = Some("1 Sample Street".into());
    shipping.postcode = Some("ZZ99 9ZZ".into());
    shipping.phone = Some("+44 7700 900123".into());
    order.personal.shipping = Some(shipping);
    order.personal.other_phones = vec![OtherPhone {
        place: "/note".to_owned(),
        number: "01632 960001".into(),
    }];
    order.personal.instructions = Some("Ring the bell".into());
    order
}

/// That order as a store is asked to capture it.
pub(crate) fn new_order_of(merchant: &MerchantId, text: &str) -> NewOrder {
    let order = sales_order(text);
    let reference = ClientOrderRef::derive(b"key", merchant.as_str(), &order.id, 0, 0);
    let version = Some("2026-03-01T00:00:00Z".to_owned());
    let record = OrderRecord::captured(merchant.clone(), reference, &order, version.clone(), at(0));
    NewOrder::new(record, SourceCopy::new(order, version))
}

pub(crate) fn new_order(text: &str) -> NewOrder {
    new_order_of(&merchant(), text)
}

/// Captures an order and returns its record.
pub(crate) async fn captured(store: &dyn Store, text: &str) -> OrderRecord {
    let outcomes = store.capture(vec![new_order(text)]).await.unwrap();
    assert_eq!(outcomes, [CaptureOutcome::Recorded]);
    read(store, text).await
}

/// The record of an order of [`merchant`].
pub(crate) async fn read(store: &dyn Store, text: &str) -> OrderRecord {
    store
        .order(&merchant(), &id(text))
        .await
        .unwrap()
        .expect("on record")
}

/// A plain change by whoever holds the record.
pub(crate) fn change(record: &OrderRecord, event: OrderEvent, moment: i64) -> Commit {
    Commit::new(
        record,
        Fence::Token(record.token),
        event,
        at(moment),
        "a note",
    )
}

/// Commits plain changes one after another, each due at once.
pub(crate) async fn moved(store: &dyn Store, text: &str, events: &[OrderEvent]) -> OrderRecord {
    let mut record = read(store, text).await;
    for event in events {
        let commit = change(&record, *event, 0).due(at(0));
        record = store.commit(commit).await.unwrap().unwrap();
    }
    record
}

/// An order that is ready to be sent, due at a moment.
pub(crate) async fn ready(store: &dyn Store, text: &str, due: i64) -> OrderRecord {
    let record = captured(store, text).await;
    let commit = change(&record, OrderEvent::Prepared, 0).due(at(due));
    store.commit(commit).await.unwrap().unwrap()
}

/// A payload with its recipient, as the mapping would make it.
pub(crate) fn payload(text: &str) -> FulfilmentOrder {
    let mut order: FulfilmentOrder = serde_json::from_value(json!({
        "source_id": text, "number": "#1001", "purchase_order": "PO-7", "service": "WHI_EXP",
        "service_rule": "express", "release_rule": "paid", "currency": "GBP", "requested_date": "2026-03-05",
        "lines": [{ "line_id": "line-1", "sku": "MUGRED", "source_sku": "MUG-RED", "quantity": 4,
                    "description": "Mug, red", "unit_price": { "amount": "3.20", "currency": "GBP" } }],
        "registry_hash": "r", "profile_hash": "p",
    }))
    .unwrap();
    order.recipient = serde_json::from_value(json!({
        "name": "Goods In", "company": null, "line1": "1 Sample Street", "line2": null, "city": "Sampleton",
        "county": null, "postcode": "ZZ99 9ZZ", "country": "GB", "phone": "447700900123", "email": null,
        "instructions": "Ring the bell",
    }))
    .unwrap();
    order
}

/// The way of an order to the warehouse.
pub(crate) const ACCEPTED: [OrderEvent; 3] = [
    OrderEvent::Prepared,
    OrderEvent::Claimed,
    OrderEvent::Confirmed,
];

/// The way of an order to its end.
pub(crate) const CLOSED: [OrderEvent; 6] = [
    OrderEvent::Prepared,
    OrderEvent::Claimed,
    OrderEvent::Confirmed,
    OrderEvent::FullyDespatched,
    OrderEvent::RelaySeen,
    OrderEvent::ProofHeld,
];

/// A wish of the shop, seen and due at a moment.
pub(crate) fn wish(record: &OrderRecord, kind: RequestKind, moment: i64) -> Commit {
    let request = ChangeRequest::wanted(format!("{}-{kind}", record.id), kind, at(moment));
    change(record, OrderEvent::ChangeWanted, moment).requesting(request)
}

/// A despatch of an order in parcels with so many units of its first line.
pub(crate) fn consignment(
    despatch_id: &str,
    record: &OrderRecord,
    parcels: &[(&str, u32)],
) -> Consignment {
    let mut consignment = Consignment::new(despatch_id, record.reference.clone());
    consignment.despatched_at = Some(at(10));
    for (parcel_id, quantity) in parcels {
        let mut parcel = Parcel::new(*parcel_id);
        parcel.tracking = Some((*parcel_id).into());
        parcel.contents = vec![LineQuantity::of_line("line-1", *quantity)];
        consignment.parcels.push(parcel);
    }
    consignment
}

/// The change with which such a despatch is recorded.
pub(crate) fn despatched(record: &OrderRecord, consignment: Consignment, moment: i64) -> Commit {
    let applied = apply_despatch(&[], &[], &consignment, true, at(moment));
    let mut commit = change(record, OrderEvent::PartDespatched, moment).due(at(moment));
    commit.parcels = applied.new_parcels;
    commit.consignment = Some(consignment);
    commit
}
