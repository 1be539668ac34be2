//! Orders and times that the tests share.

use chrono::{DateTime, Duration, Utc};
use order_mapping::{Address, ClientOrderRef, OrderLine, SalesOrder, SourceOrderId};
use order_sync::{
    CaptureOutcome, Commit, Fence, MerchantId, NewOrder, OrderEvent, OrderRecord, SourceCopy, Store,
};

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_323_200, 0).unwrap() + Duration::seconds(seconds)
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("northwind")
}

pub(crate) fn id(text: &str) -> SourceOrderId {
    SourceOrderId::new(text)
}

/// An order with personal data.
pub(crate) fn new_order(merchant: &MerchantId, text: &str) -> NewOrder {
    let mut order = SalesOrder::new(text);
    order.lines = vec![OrderLine::new("line-1", "MUG-RED", 4)];
    let mut shipping = Address::default();
    shipping.name = Some("Goods In".into());
    order.personal.shipping = Some(shipping);
    let reference = ClientOrderRef::derive(b"key", merchant.as_str(), &order.id, 0, 0);
    let record = OrderRecord::captured(merchant.clone(), reference, &order, None, at(0));
    NewOrder::new(record, SourceCopy::new(order, None))
}

pub(crate) async fn captured(store: &dyn Store, merchant: &MerchantId, text: &str) -> OrderRecord {
    let outcomes = store
        .capture(vec![new_order(merchant, text)])
        .await
        .unwrap();
    assert_eq!(outcomes, [CaptureOutcome::Recorded]);
    store.order(merchant, &id(text)).await.unwrap().unwrap()
}

pub(crate) fn change(record: &OrderRecord, event: OrderEvent) -> Commit {
    Commit::new(record, Fence::Token(record.token), event, at(1), "a note").due(at(1))
}

/// Plain changes one after another.
pub(crate) async fn moved(
    store: &dyn Store,
    mut record: OrderRecord,
    events: &[OrderEvent],
) -> OrderRecord {
    for event in events {
        record = store
            .commit(change(&record, *event))
            .await
            .unwrap()
            .unwrap();
    }
    record
}

/// An order that is ready to be sent, due at once.
pub(crate) async fn ready(store: &dyn Store, merchant: &MerchantId, text: &str) -> OrderRecord {
    let record = captured(store, merchant, text).await;
    moved(store, record, &[OrderEvent::Prepared]).await
}

pub(crate) const CLOSED: [OrderEvent; 6] = [
    OrderEvent::Prepared,
    OrderEvent::Claimed,
    OrderEvent::Confirmed,
    OrderEvent::FullyDespatched,
    OrderEvent::RelaySeen,
    OrderEvent::ProofHeld,
];
