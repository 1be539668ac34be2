//! Personal data goes, facts stay.

use order_mapping::{PersonalDetails, Recipient};
use order_sync::{OrderEvent, SourceCopy, Store, first_broken_link};

use super::fixtures::{
    CLOSED, at, captured, change, id, merchant, moved, payload, read, sales_order,
};

async fn erase(store: &dyn Store, before: i64, limit: usize) -> usize {
    store
        .erase_personal(&merchant(), at(before), limit)
        .await
        .unwrap()
}

async fn has_personal(store: &dyn Store, text: &str) -> bool {
    let copy = store.source_copy(&merchant(), &id(text)).await.unwrap();
    let intent = store.intent(&merchant(), &id(text)).await.unwrap();
    copy.unwrap().order.personal != PersonalDetails::default()
        || intent.is_some_and(|intent| intent.recipient != Recipient::erased())
}

pub async fn settled_orders_lose_their_personal_data_and_nothing_else(store: &dyn Store) {
    let record = captured(store, "a").await;
    let mut prepared = change(&record, OrderEvent::Prepared, 0);
    prepared.intent = Some(Box::new(payload("a")));
    store.commit(prepared).await.unwrap().unwrap();
    let before = moved(store, "a", &CLOSED[1..]).await;
    let lines = store.lines(&merchant(), &id("a")).await.unwrap();
    assert!(has_personal(store, "a").await);

    assert_eq!(erase(store, 1, 10).await, 1);
    let copy = store.source_copy(&merchant(), &id("a")).await;
    let mut expected = sales_order("a");
    expected.personal = PersonalDetails::default();
    let expected = SourceCopy::new(expected, before.source_version.clone());
    assert_eq!(copy.unwrap(), Some(expected));
    let mut expected = payload("a");
    expected.recipient = Recipient::erased();
    let intent = store.intent(&merchant(), &id("a")).await.unwrap();
    assert_eq!(intent, Some(expected));

    assert_eq!(read(store, "a").await, before);
    assert_eq!(store.lines(&merchant(), &id("a")).await.unwrap(), lines);
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len() as u64, before.timeline_length);
    assert_eq!(first_broken_link(&timeline), None);
    assert_eq!(erase(store, 1, 10).await, 0, "once");
}

pub async fn only_what_settled_long_enough_ago_is_erased(store: &dyn Store) {
    for (text, event) in [
        ("cancelled", OrderEvent::Cancelled),
        ("held", OrderEvent::Held),
        ("ignored", OrderEvent::Ignored),
    ] {
        let record = captured(store, text).await;
        let commit = change(&record, event, 100);
        store.commit(commit).await.unwrap().unwrap();
    }
    assert_eq!(
        erase(store, 100, 10).await,
        0,
        "before the moment, not at it"
    );
    assert_eq!(erase(store, 101, 10).await, 2);
    assert!(has_personal(store, "held").await);
    for text in ["cancelled", "ignored"] {
        assert!(!has_personal(store, text).await, "{text}");
    }
}

pub async fn a_limit_is_kept_and_the_rest_follows(store: &dyn Store) {
    let texts = ["a", "b", "c", "d", "e"];
    for text in texts {
        captured(store, text).await;
    }
    for (text, event) in [
        ("a", OrderEvent::Ignored),
        ("b", OrderEvent::Cancelled),
        ("c", OrderEvent::Ignored),
        ("d", OrderEvent::Cancelled),
        ("e", OrderEvent::Ignored),
    ] {
        moved(store, text, &[event]).await;
    }
    assert_eq!(erase(store, 1, 0).await, 0);
    assert_eq!(erase(store, 1, 2).await, 2);
    let mut left = 0;
    for text in texts {
        left += usize::from(has_personal(store, text).await);
    }
    assert_eq!(left, 3);
    assert_eq!(erase(store, 1, 2).await, 2);
    assert_eq!(erase(store, 1, 2).await, 1);
    assert_eq!(erase(store, 1, 2).await, 0);
}

pub async fn what_comes_anew_is_erased_anew(store: &dyn Store) {
    captured(store, "a").await;
    moved(store, "a", &[OrderEvent::Cancelled]).await;
    assert_eq!(erase(store, 1, 10).await, 1);

    let record = read(store, "a").await;
    let mut commit = change(&record, OrderEvent::SourceChanged, 2);
    commit.source = Some(Box::new(SourceCopy::new(sales_order("a"), None)));
    store.commit(commit).await.unwrap().unwrap();
    assert!(has_personal(store, "a").await);
    let record = read(store, "a").await;
    let cancelled = change(&record, OrderEvent::Cancelled, 3);
    store.commit(cancelled).await.unwrap().unwrap();
    assert_eq!(erase(store, 3, 10).await, 0);
    assert_eq!(erase(store, 4, 10).await, 1);
    assert!(!has_personal(store, "a").await);

    // A copy without personal data leaves nothing to erase.
    let record = read(store, "a").await;
    let mut bare = sales_order("a");
    bare.personal = PersonalDetails::default();
    let mut commit = change(&record, OrderEvent::SourceChanged, 5);
    commit.source = Some(Box::new(SourceCopy::new(bare, None)));
    store.commit(commit).await.unwrap().unwrap();
    moved(store, "a", &[OrderEvent::Cancelled]).await;
    assert_eq!(erase(store, 9, 10).await, 0);
}
