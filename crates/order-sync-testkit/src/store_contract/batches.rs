//! Changes of several orders in one transaction.

use order_mapping::ClientOrderRef;
use order_sync::{
    CaptureOutcome, Fence, MerchantId, OrderEvent, OrderState, Refusal, Store, first_broken_link,
};

use super::fixtures::{
    ACCEPTED, captured, change, id, merchant, moved, new_order_of, payload, read,
};

pub async fn a_refused_change_does_not_keep_the_others_back(store: &dyn Store) {
    let [a, b, c, d] = ["a", "b", "c", "d"].map(|text| async move { captured(store, text).await });
    let (a, b, c, d) = (a.await, b.await, c.await, d.await);
    let mut prepared = change(&a, OrderEvent::Prepared, 1);
    prepared.intent = Some(Box::new(payload("a")));
    let mut stale = change(&b, OrderEvent::Held, 1);
    stale.fence = Fence::Token(b.token + 1);
    stale.intent = Some(Box::new(payload("b")));
    let impossible = change(&c, OrderEvent::ProofHeld, 1);
    let mut unheard_of = change(&c, OrderEvent::Held, 1);
    unheard_of.id = id("unheard of");
    let mut taken = change(&c, OrderEvent::Held, 1);
    taken.new_reference = Some(a.reference.clone());
    let held = change(&d, OrderEvent::Held, 1);

    let answers = store
        .commit_all(vec![prepared, stale, impossible, unheard_of, taken, held])
        .await
        .unwrap();
    let expected = [
        Ok(read(store, "a").await),
        Err(Refusal::Fenced),
        Err(Refusal::Impossible {
            state: OrderState::Captured,
            event: OrderEvent::ProofHeld,
        }),
        Err(Refusal::Fenced),
        Err(Refusal::ReferenceTaken),
        Ok(read(store, "d").await),
    ];
    assert_eq!(answers, expected);
    assert_eq!(read(store, "a").await.state, OrderState::Ready);
    assert_eq!(read(store, "d").await.state, OrderState::Held);
    let intent = |text| async move { store.intent(&merchant(), &id(text)).await.unwrap() };
    assert_eq!(intent("a").await, Some(payload("a")));
    assert_eq!((read(store, "b").await, intent("b").await), (b, None));
    assert_eq!(read(store, "c").await, c);
    assert!(store.commit_all(Vec::new()).await.unwrap().is_empty());
}

pub async fn a_change_sees_the_ones_before_it(store: &dyn Store) {
    let a = captured(store, "a").await;
    captured(store, "b").await;
    captured(store, "c").await;
    let b = moved(store, "b", &ACCEPTED).await;
    let c = moved(store, "c", &ACCEPTED).await;
    let reference = ClientOrderRef::derive(b"key", "northwind", &id("b"), 0, 1);
    let resent = [b, c].map(|record| {
        let mut commit = change(&record, OrderEvent::Resent, 3);
        commit.new_reference = Some(reference.clone());
        commit
    });
    let [first, second] = resent;
    let mut overtaken = change(&a, OrderEvent::Held, 4);
    overtaken.fence = Fence::Unclaimed(OrderState::Captured, a.token);
    let batch = vec![
        change(&a, OrderEvent::Held, 1),
        change(&a, OrderEvent::Prepared, 2),
        overtaken,
        first,
        second,
    ];
    let answers = store.commit_all(batch).await.unwrap();
    assert_eq!(answers[0].as_ref().unwrap().state, OrderState::Held);
    assert_eq!(answers[1].as_ref().unwrap(), &read(store, "a").await);
    assert_eq!(answers[2], Err(Refusal::Fenced));
    assert_eq!(answers[3].as_ref().unwrap().reference, reference);
    assert_eq!(answers[4], Err(Refusal::ReferenceTaken));
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len(), 3);
    assert_eq!(first_broken_link(&timeline), None);
}

pub async fn a_batch_goes_over_merchants(store: &dyn Store) {
    let other = MerchantId::new("southwind");
    let ours = captured(store, "a").await;
    let outcomes = store.capture(vec![new_order_of(&other, "a")]).await;
    assert_eq!(outcomes.unwrap(), [CaptureOutcome::Recorded]);
    let theirs = store.order(&other, &id("a")).await.unwrap().unwrap();
    let batch = vec![
        change(&theirs, OrderEvent::Held, 1),
        change(&ours, OrderEvent::Prepared, 1),
    ];
    let answers = store.commit_all(batch).await.unwrap();
    let states: Vec<OrderState> = answers
        .into_iter()
        .map(|answer| answer.unwrap().state)
        .collect();
    assert_eq!(states, [OrderState::Held, OrderState::Ready]);
    let theirs = store.order(&other, &id("a")).await.unwrap().unwrap();
    assert_eq!(theirs.state, OrderState::Held);
    assert_eq!(read(store, "a").await.state, OrderState::Ready);
}
