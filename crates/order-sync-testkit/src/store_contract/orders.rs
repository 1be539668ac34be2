//! Capturing orders and finding them again.

use std::collections::BTreeMap;

use order_sync::{CaptureOutcome, OrderEvent, OrderState, Store, first_broken_link};

use super::fixtures::{at, captured, id, merchant, moved, new_order, read, sales_order};

pub async fn a_new_store_is_blind_before_its_creation(store: &dyn Store) {
    assert_eq!(store.blind_before().await.unwrap(), at(0));
}

pub async fn captures_a_new_order_with_its_first_timeline_entry(store: &dyn Store) {
    let asked = new_order("a").record;
    let record = captured(store, "a").await;

    let mut expected = asked.clone();
    expected.timeline_length = 1;
    expected.timeline_digest.clone_from(&record.timeline_digest);
    assert_eq!(record, expected, "all other members come back as they were");
    assert_eq!(record.state, OrderState::Captured);

    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len(), 1);
    assert_eq!(timeline[0].event, OrderEvent::SourceChanged);
    assert_eq!(timeline[0].at, at(0));
    assert_eq!(timeline[0].digest, record.timeline_digest);
    assert_eq!(first_broken_link(&timeline), None);

    let found = store
        .order_by_reference(&merchant(), &record.reference)
        .await
        .unwrap();
    assert_eq!(found, Some(record.clone()));
    let known = store
        .known(&merchant(), &[id("a"), id("unheard of")])
        .await
        .unwrap();
    assert_eq!(known, BTreeMap::from([(id("a"), record)]));
    assert_eq!(
        store.order(&merchant(), &id("unheard of")).await.unwrap(),
        None
    );
}

pub async fn leaves_a_known_order_alone(store: &dyn Store) {
    captured(store, "a").await;
    let before = moved(store, "a", &[OrderEvent::Prepared]).await;
    let mut again = new_order("a");
    again.record.source_version = Some("later".to_owned());
    assert_eq!(
        store.capture(vec![again]).await.unwrap(),
        [CaptureOutcome::AlreadyKnown]
    );
    assert_eq!(read(store, "a").await, before);
    assert_eq!(
        store.timeline(&merchant(), &id("a")).await.unwrap().len(),
        2
    );
}

pub async fn refuses_a_reference_that_another_order_has(store: &dyn Store) {
    let owner = captured(store, "a").await;
    let mut other = new_order("b");
    other.record.reference = owner.reference.clone();
    assert_eq!(
        store.capture(vec![other]).await.unwrap(),
        [CaptureOutcome::ReferenceTaken]
    );
    assert_eq!(store.order(&merchant(), &id("b")).await.unwrap(), None);
    assert_eq!(
        store.source_copy(&merchant(), &id("b")).await.unwrap(),
        None
    );
    assert!(
        store
            .timeline(&merchant(), &id("b"))
            .await
            .unwrap()
            .is_empty()
    );
    let found = store
        .order_by_reference(&merchant(), &owner.reference)
        .await
        .unwrap();
    assert_eq!(found, Some(owner));
}

pub async fn judges_a_batch_order_by_order(store: &dyn Store) {
    captured(store, "a").await;
    let mut taken = new_order("c");
    taken.record.reference = new_order("b").record.reference;
    let batch = vec![
        new_order("a"),
        new_order("b"),
        new_order("b"),
        taken,
        new_order("d"),
    ];
    let outcomes = store.capture(batch).await.unwrap();
    assert_eq!(
        outcomes,
        [
            CaptureOutcome::AlreadyKnown,
            CaptureOutcome::Recorded,
            CaptureOutcome::AlreadyKnown,
            CaptureOutcome::ReferenceTaken,
            CaptureOutcome::Recorded,
        ]
    );
    assert!(store.capture(Vec::new()).await.unwrap().is_empty());
}

pub async fn notes_versions_without_an_event(store: &dyn Store) {
    let before = captured(store, "a").await;
    let versions = vec![(id("a"), Some("v2".to_owned())), (id("unheard of"), None)];
    store.note_versions(&merchant(), versions).await.unwrap();
    let after = read(store, "a").await;
    assert_eq!(after.source_version.as_deref(), Some("v2"));
    assert_eq!(after.timeline_length, before.timeline_length);
    assert_eq!(after.source_digest, before.source_digest);
    let copy = store
        .source_copy(&merchant(), &id("a"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(copy.version.as_deref(), Some("v2"));
    assert_eq!(copy.order, sales_order("a"));
}

pub async fn lists_orders_by_state_and_id_in_pages(store: &dyn Store) {
    for text in ["e", "a", "d", "B", "c"] {
        captured(store, text).await;
    }
    moved(store, "c", &[OrderEvent::Prepared]).await;
    moved(store, "d", &[OrderEvent::Held]).await;

    let merchant = merchant();
    let both = [OrderState::Ready, OrderState::Captured, OrderState::Ready];
    let list = |after: Option<&'static str>, limit| {
        let merchant = merchant.clone();
        async move {
            let after = after.map(id);
            let page = store
                .orders(&merchant, &both, after.as_ref(), limit)
                .await
                .unwrap();
            page.into_iter()
                .map(|record| record.id.into_string())
                .collect::<Vec<_>>()
        }
    };
    assert_eq!(list(None, 10).await, ["B", "a", "c", "e"]);
    assert_eq!(list(None, 2).await, ["B", "a"]);
    assert_eq!(list(Some("a"), 2).await, ["c", "e"]);
    assert_eq!(list(Some("e"), 2).await, [""; 0]);
    assert_eq!(list(None, 0).await, [""; 0]);
    assert!(
        store
            .orders(&merchant, &[], None, 10)
            .await
            .unwrap()
            .is_empty()
    );
}
