//! No method sees another merchant's rows.

use order_mapping::{Consignment, SkuHistory, StockRow};
use order_sync::{
    CaptureOutcome, ClaimKind, DeskAction, DeskCommand, DeskRefusal, ExceptionSubject, FeedKind,
    Finding, MerchantId, OrderEvent, OrderQuery, OrderState, ProfileVersion, PublishedLevel,
    Refusal, StockFeed, Store, codes,
};

use super::exceptions::finding;
use super::fixtures::{at, change, id, merchant, moved, new_order, new_order_of, ready, seconds};

pub async fn no_merchant_sees_another(store: &dyn Store) {
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
    store
        .keep_unmatched(&ours, despatch.clone(), at(0))
        .await
        .unwrap();
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
    let counts = store.counts(&theirs, &OrderState::ALL).await;
    assert!(counts.unwrap().is_empty());
    let scanned = store.scan(&theirs, &OrderQuery::new(&[], 9)).await;
    assert!(scanned.unwrap().is_empty());
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
    let mut foreign = change(&record, OrderEvent::Claimed, 1);
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
    store.forget_unmatched(&theirs, &despatch).await.unwrap();
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

pub async fn exceptions_are_numbered_for_each_merchant(store: &dyn Store) {
    let (ours, theirs) = (merchant(), MerchantId::new("southwind"));
    for (merchant, orders) in [
        (&ours, vec!["a"]),
        (&theirs, vec!["b"]),
        (&ours, vec!["a", "c"]),
    ] {
        let findings = orders.into_iter().map(|order| finding(order, 1)).collect();
        store
            .settle_exceptions(merchant, "orders", findings, at(1))
            .await
            .unwrap();
    }
    for (merchant, expected) in [(&ours, vec![1, 2]), (&theirs, vec![1])] {
        let exceptions = store.exceptions(merchant, true).await.unwrap();
        let numbers: Vec<u64> = exceptions.iter().map(|one| one.number).collect();
        assert_eq!(numbers, expected);
        let journal = store.exception_journal(merchant, 0, 9).await.unwrap();
        let sequences: Vec<u64> = journal.iter().map(|entry| entry.sequence).collect();
        assert_eq!(sequences, expected);
    }
    let closing = |number| DeskCommand::new(number, DeskAction::Close, "Alex", "done");
    let closed = store.act_on_exception(&theirs, closing(1), at(2)).await;
    assert_eq!(closed.unwrap().unwrap().finding.subject.as_str(), "order:b");
    let unknown = store.act_on_exception(&theirs, closing(2), at(2)).await;
    assert_eq!(unknown.unwrap().unwrap_err(), DeskRefusal::Unknown);
    let other = store.exception(&ours, 1).await.unwrap().unwrap();
    assert!(other.is_open());
    assert_eq!(store.exception(&theirs, 2).await.unwrap(), None);
    let history = store.exception_history(&ours, 1).await.unwrap();
    assert_eq!(history.len(), 1);
}

pub async fn rules_and_articles_are_apart(store: &dyn Store) {
    let (ours, theirs) = (merchant(), MerchantId::new("southwind"));
    let version = ProfileVersion::new("aa", at(1), None);
    store.record_profile(&ours, version).await.unwrap();
    let history = SkuHistory {
        version: 7,
        ..SkuHistory::default()
    };
    assert!(store.save_sku_history(&ours, history).await.unwrap());
    ready(store, "a", 0).await;
    let record = moved(
        store,
        "a",
        &[OrderEvent::SourceChanged, OrderEvent::Cancelled],
    )
    .await;
    let mut renamed = change(&record, OrderEvent::Renamed, 1);
    renamed.renamed = Some(id("b"));
    store.commit(renamed).await.unwrap().unwrap();

    assert!(store.profiles(&theirs).await.unwrap().is_empty());
    let history = store.sku_history(&theirs).await.unwrap();
    assert_eq!(history, SkuHistory::default());
    assert!(store.save_sku_history(&theirs, history).await.unwrap());
    assert!(store.known(&theirs, &[id("b")]).await.unwrap().is_empty());
    let outcomes = store.capture(vec![new_order_of(&theirs, "b")]).await;
    assert_eq!(outcomes.unwrap(), [CaptureOutcome::Recorded]);
    assert_eq!(store.erase_personal(&theirs, at(9), 9).await.unwrap(), 0);
    assert_eq!(store.sku_history(&ours).await.unwrap().version, 7);
    assert_eq!(store.erase_personal(&ours, at(9), 9).await.unwrap(), 1);
}
