//! No method sees another merchant's rows.

use order_mapping::{Consignment, StockRow};
use order_sync::{
    CaptureOutcome, ClaimKind, ExceptionSubject, FeedKind, Finding, MerchantId, OrderState,
    PublishedLevel, Refusal, StockFeed, Store, codes,
};

use crate::fixtures::{at, change, id, merchant, new_order, new_order_of, ready, seconds};

pub(crate) async fn no_merchant_sees_another(store: &dyn Store) {
    let (ours, theirs) = (merchant(), MerchantId::new("southwind"));
    let record = ready(store, "a", 0).await;
    let finding = Finding::new(ExceptionSubject::order(&id("a")), &codes::ORPHAN, "");
    store
        .settle_exceptions(&ours, "orders", vec![finding], at(0))
        .await
        .unwrap();
    store.move_cursor(&ours, "orders", None, "1").await.unwrap();
    let row = StockRow::new("A", 1, 0);
    let feed = StockFeed::new(FeedKind::Snapshot, at(0), 1, vec![row]);
    store.save_stock(&ours, feed).await.unwrap();
    let level = PublishedLevel::new("A".into(), 1, at(0));
    store
        .save_published(&ours, "main", vec![level])
        .await
        .unwrap();
    let despatch = Consignment::new("D-1", record.reference.clone());
    store.keep_unmatched(&ours, despatch, at(0)).await.unwrap();
    let lease = store
        .take_flow(&ours, "orders", seconds(60), at(0))
        .await
        .unwrap();

    // Nothing of it shows on the other side.
    assert_eq!(store.order(&theirs, &id("a")).await.unwrap(), None);
    assert!(store.known(&theirs, &[id("a")]).await.unwrap().is_empty());
    assert_eq!(
        store
            .order_by_reference(&theirs, &record.reference)
            .await
            .unwrap(),
        None
    );
    assert!(
        store
            .orders(&theirs, &OrderState::ALL, None, 9)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(store.counts(&theirs).await.unwrap().is_empty());
    assert_eq!(store.source_copy(&theirs, &id("a")).await.unwrap(), None);
    assert!(store.lines(&theirs, &id("a")).await.unwrap().is_empty());
    assert!(store.timeline(&theirs, &id("a")).await.unwrap().is_empty());
    assert!(store.demand(&theirs, at(0)).await.unwrap().is_empty());
    assert!(store.exceptions(&theirs, false).await.unwrap().is_empty());
    assert_eq!(store.cursor(&theirs, "orders").await.unwrap(), None);
    assert!(store.stock(&theirs).await.unwrap().is_empty());
    assert!(store.published(&theirs, "main").await.unwrap().is_empty());
    assert!(store.unmatched(&theirs).await.unwrap().is_empty());
    let claims = store
        .claim(&theirs, ClaimKind::Send, 9, seconds(60), at(9))
        .await
        .unwrap();
    assert!(claims.is_empty());
    let mut foreign = change(&record, order_sync::OrderEvent::Claimed, 1);
    foreign.merchant = theirs.clone();
    assert_eq!(
        store.commit(foreign).await.unwrap().unwrap_err(),
        Refusal::Fenced
    );

    // And the other side may have all the same keys.
    let mut same = new_order_of(&theirs, "a");
    same.record.reference = record.reference.clone();
    let batch = vec![new_order("a"), same];
    let outcomes = store.capture(batch).await.unwrap();
    assert_eq!(
        outcomes,
        [CaptureOutcome::AlreadyKnown, CaptureOutcome::Recorded]
    );
    assert!(
        store
            .move_cursor(&theirs, "orders", None, "7")
            .await
            .unwrap()
    );
    let other = store
        .take_flow(&theirs, "orders", seconds(60), at(0))
        .await
        .unwrap();
    assert!(lease.is_some() && other.is_some());
    store.forget_unmatched(&theirs, "D-1").await.unwrap();
    store
        .settle_exceptions(&theirs, "orders", Vec::new(), at(1))
        .await
        .unwrap();
    let empty = StockFeed::new(FeedKind::Snapshot, at(2), 2, Vec::new());
    store.save_stock(&theirs, empty).await.unwrap();

    assert_eq!(store.order(&ours, &id("a")).await.unwrap(), Some(record));
    assert_eq!(
        store.cursor(&ours, "orders").await.unwrap().as_deref(),
        Some("1")
    );
    assert_eq!(store.unmatched(&ours).await.unwrap().len(), 1);
    assert_eq!(store.exceptions(&ours, true).await.unwrap().len(), 1);
    assert_eq!(store.stock(&ours).await.unwrap()[0].row.on_hand, 1);
}
