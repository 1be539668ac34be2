//! What belongs to an order: copies, payloads, lines, parcels.

use order_sync::{
    LineProgress, NewOrder, OrderEvent, RelayState, SourceCopy, Store, apply_despatch,
};

use super::fixtures::{
    ACCEPTED, at, captured, change, consignment, id, merchant, moved, new_order, payload,
    sales_order,
};

pub async fn a_source_copy_comes_back_with_its_personal_data(store: &dyn Store) {
    let record = captured(store, "a").await;
    let copy = store
        .source_copy(&merchant(), &id("a"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        copy,
        SourceCopy::new(sales_order("a"), record.source_version)
    );
    assert_eq!(copy.order.content_digest(), record.source_digest);
    assert_eq!(
        store
            .source_copy(&merchant(), &id("unheard of"))
            .await
            .unwrap(),
        None
    );
}

pub async fn an_intent_comes_back_with_its_recipient(store: &dyn Store) {
    let record = captured(store, "a").await;
    assert_eq!(store.intent(&merchant(), &id("a")).await.unwrap(), None);
    let mut commit = change(&record, OrderEvent::Prepared, 1);
    commit.intent = Some(Box::new(payload("a")));
    let ready = store.commit(commit).await.unwrap().unwrap();
    let intent = store.intent(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(intent, payload("a"));
    assert_eq!(ready.payload_digest, Some(intent.payload_digest()));

    let changed = moved(store, "a", &[OrderEvent::SourceChanged]).await;
    let mut other = payload("a");
    other.recipient.instructions = None;
    let mut commit = change(&changed, OrderEvent::Prepared, 2);
    commit.intent = Some(Box::new(other.clone()));
    store.commit(commit).await.unwrap().unwrap();
    assert_eq!(
        store.intent(&merchant(), &id("a")).await.unwrap(),
        Some(other)
    );
}

pub async fn lines_and_parcels_follow_a_despatch(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let (merchant, id) = (merchant(), id("a"));
    let lines = store.lines(&merchant, &id).await.unwrap();
    assert_eq!(
        lines,
        [
            LineProgress::new("line-1".into(), Some("MUG-RED".into()), 4),
            LineProgress::new("line-2".into(), Some("MUG-BLUE".into()), 2),
            LineProgress::new("line-3".into(), None, 0),
        ]
    );
    assert!(store.parcels(&merchant, &id).await.unwrap().is_empty());
    assert!(!store.has_consignment(&merchant, &id, "D-1").await.unwrap());

    let despatch = consignment("D-1", &record, &[("P-2", 1), ("P-1", 2)]);
    let applied = apply_despatch(&lines, &[], &despatch, true, at(20));
    let mut commit = change(&record, OrderEvent::PartDespatched, 20);
    commit.lines = Some(applied.lines.clone());
    commit.parcels = applied.new_parcels.clone();
    commit.consignment = Some(despatch);
    store.commit(commit).await.unwrap().unwrap();

    assert_eq!(store.lines(&merchant, &id).await.unwrap(), applied.lines);
    assert_eq!(store.lines(&merchant, &id).await.unwrap()[0].despatched, 3);
    assert_eq!(
        store.parcels(&merchant, &id).await.unwrap(),
        applied.new_parcels
    );
    assert!(store.has_consignment(&merchant, &id, "D-1").await.unwrap());
    assert!(!store.has_consignment(&merchant, &id, "D-2").await.unwrap());
}

pub async fn a_parcel_is_replaced_in_its_place(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let despatch = consignment("D-1", &record, &[("P-1", 1), ("P-2", 1), ("P-3", 1)]);
    let parcels = apply_despatch(&[], &[], &despatch, true, at(20)).new_parcels;
    let mut commit = change(&record, OrderEvent::PartDespatched, 20);
    commit.parcels = parcels.clone();
    let record = store.commit(commit).await.unwrap().unwrap();

    let mut seen = parcels[1].clone();
    seen.relay = RelayState::Seen;
    let mut commit = change(&record, OrderEvent::RelayTried, 21);
    commit.parcels = vec![seen.clone()];
    store.commit(commit).await.unwrap().unwrap();
    let expected = [parcels[0].clone(), seen, parcels[2].clone()];
    assert_eq!(
        store.parcels(&merchant(), &id("a")).await.unwrap(),
        expected
    );
}

pub async fn lines_of_one_id_are_kept_apart(store: &dyn Store) {
    let asked = new_order("a");
    let mut order = asked.source.order.clone();
    order.lines[1].id = order.lines[0].id.clone();
    let doubled = NewOrder::new(asked.record, SourceCopy::new(order, asked.source.version));
    store.capture(vec![doubled.clone()]).await.unwrap();
    assert_eq!(
        store.lines(&merchant(), &id("a")).await.unwrap(),
        doubled.lines
    );
}
