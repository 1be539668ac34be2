//! Client references: each belongs to one order, for ever.

use std::collections::BTreeMap;

use order_mapping::ClientOrderRef;
use order_sync::{CaptureOutcome, OrderEvent, OrderState, Refusal, Store};

use super::fixtures::{ACCEPTED, captured, change, id, merchant, moved, new_order, read};

fn reference(text: &str, generation: u32) -> ClientOrderRef {
    ClientOrderRef::derive(b"key", "northwind", &id(text), 0, generation)
}

pub async fn a_reference_once_given_is_kept_for_ever(store: &dyn Store) {
    captured(store, "a").await;
    let sent = moved(store, "a", &ACCEPTED).await;
    let (first, second) = (sent.reference.clone(), reference("a", 1));
    let mut resent = change(&sent, OrderEvent::Resent, 5);
    resent.new_reference = Some(second.clone());
    let after = store.commit(resent).await.unwrap().unwrap();
    assert_eq!(after.state, OrderState::Captured);
    assert_eq!((&after.reference, after.generation), (&second, 1));

    for owned in [&first, &second] {
        let owner = store.order_by_reference(&merchant(), owned).await.unwrap();
        assert_eq!(owner.as_ref(), Some(&after), "{owned}");
        let mut other = new_order("b");
        other.record.reference = owned.clone();
        let outcome = store.capture(vec![other]).await.unwrap();
        assert_eq!(outcome, [CaptureOutcome::ReferenceTaken]);
    }
    let nobody = store
        .order_by_reference(&merchant(), &reference("a", 2))
        .await
        .unwrap();
    assert_eq!(nobody, None);
}

pub async fn many_are_found_at_once(store: &dyn Store) {
    captured(store, "a").await;
    let b = captured(store, "b").await;
    let sent = moved(store, "a", &ACCEPTED).await;
    let mut resent = change(&sent, OrderEvent::Resent, 5);
    resent.new_reference = Some(reference("a", 1));
    let a = store.commit(resent).await.unwrap().unwrap();
    let asked = [
        reference("b", 0),
        reference("a", 0),
        reference("a", 1),
        reference("c", 0),
    ];
    let found = store
        .orders_by_reference(&merchant(), &asked)
        .await
        .unwrap();
    let expected = BTreeMap::from([
        (reference("a", 0), a.clone()),
        (reference("a", 1), a),
        (reference("b", 0), b),
    ]);
    assert_eq!(found, expected);
    let none = store.orders_by_reference(&merchant(), &[]).await.unwrap();
    assert!(none.is_empty());
}

pub async fn a_new_reference_that_was_ever_used_is_refused(store: &dyn Store) {
    let other = captured(store, "b").await.reference;
    captured(store, "a").await;
    let first = moved(store, "a", &ACCEPTED).await;
    let mut resent = change(&first, OrderEvent::Resent, 5);
    resent.new_reference = Some(reference("a", 1));
    store.commit(resent).await.unwrap().unwrap();
    moved(store, "a", &ACCEPTED).await;

    let before = read(store, "a").await;
    // Another order's, its own of before, and its own of today.
    for taken in [other, first.reference, before.reference.clone()] {
        let mut resent = change(&before, OrderEvent::Resent, 6);
        resent.new_reference = Some(taken);
        let refused = store.commit(resent).await.unwrap().unwrap_err();
        assert_eq!(refused, Refusal::ReferenceTaken);
        assert_eq!(read(store, "a").await, before);
    }
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len() as u64, before.timeline_length);
}
