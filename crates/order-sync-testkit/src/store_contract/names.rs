//! Ids that the shop gives an order later: a draft that became an order.

use std::collections::BTreeMap;

use order_sync::{CaptureOutcome, OrderEvent, OrderRecord, Store};

use super::fixtures::{captured, change, id, merchant, new_order, read};

async fn renamed(store: &dyn Store, text: &str, to: &str) -> OrderRecord {
    let record = read(store, text).await;
    let mut commit = change(&record, OrderEvent::Renamed, 1);
    commit.renamed = Some(id(to));
    store.commit(commit).await.unwrap().unwrap()
}

pub async fn an_order_is_known_by_every_id_it_ever_had(store: &dyn Store) {
    let other = captured(store, "other").await;
    captured(store, "draft-1").await;
    renamed(store, "draft-1", "order-1").await;
    let record = renamed(store, "draft-1", "order-1b").await;
    assert_eq!(record.id, id("draft-1"), "the record keeps its key");
    assert_eq!(record.shop_id(), &id("order-1b"));

    let asked = ["draft-1", "order-1", "order-1b", "order-2", "other"].map(id);
    let known = store.known(&merchant(), &asked).await.unwrap();
    let expected = BTreeMap::from([
        (id("draft-1"), record.clone()),
        (id("order-1"), record.clone()),
        (id("order-1b"), record.clone()),
        (id("other"), other),
    ]);
    assert_eq!(known, expected);
    assert!(store.known(&merchant(), &[]).await.unwrap().is_empty());
}

pub async fn an_order_under_a_later_name_is_not_captured_again(store: &dyn Store) {
    captured(store, "draft-1").await;
    let before = renamed(store, "draft-1", "order-1").await;
    let outcomes = store
        .capture(vec![new_order("order-1"), new_order("order-2")])
        .await
        .unwrap();
    assert_eq!(
        outcomes,
        [CaptureOutcome::AlreadyKnown, CaptureOutcome::Recorded]
    );
    assert_eq!(read(store, "draft-1").await, before);
    let copy = store.source_copy(&merchant(), &id("order-1")).await;
    assert_eq!(copy.unwrap(), None);
}
