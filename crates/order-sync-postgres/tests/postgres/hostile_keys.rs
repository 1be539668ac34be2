//! Ids and codes of any letters come back as they were, and stop nobody else.

use chrono::Duration;
use order_mapping::StockRow;
use order_sync::{
    CaptureOutcome, ClaimKind, FeedKind, OrderEvent, PublishedLevel, StockFeed, Store as _,
};

use crate::fixtures::{at, id, merchant, moved, new_order};
use crate::server::Namespace;

const KEYS: [&str; 8] = [
    "",
    "a\0b",
    "\0",
    "\u{1a}0",
    "'; DROP TABLE orders; --",
    "$1",
    "{\"a\",NULL}",
    "ü\u{10ffff}\n",
];

#[tokio::test]
async fn any_text_is_a_key() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let merchant = merchant();
    let batch = KEYS.iter().map(|key| new_order(&merchant, key)).collect();
    let outcomes = store.capture(batch).await.unwrap();
    assert_eq!(outcomes, [CaptureOutcome::Recorded; KEYS.len()]);
    let ids = KEYS.map(id);
    let known = store.known(&merchant, &ids).await.unwrap();
    for id in &ids {
        assert_eq!(known[id].id, *id);
        let record = store.order(&merchant, id).await.unwrap().unwrap();
        moved(&store, record, &[OrderEvent::Prepared]).await;
    }
    let claims = store
        .claim(&merchant, ClaimKind::Send, 99, Duration::seconds(9), at(9))
        .await
        .unwrap();
    assert_eq!(claims.len(), KEYS.len());
    let page = store
        .orders(
            &merchant,
            &[order_sync::OrderState::Sending],
            Some(&id("")),
            99,
        )
        .await
        .unwrap();
    assert_eq!(page.len(), KEYS.len() - 1);

    let rows = KEYS
        .iter()
        .zip(1..)
        .map(|(key, units)| StockRow::new(*key, units, 0))
        .collect();
    store
        .save_stock(
            &merchant,
            StockFeed::new(FeedKind::Snapshot, at(0), 1, rows),
        )
        .await
        .unwrap();
    let stock = store.stock(&merchant).await.unwrap();
    for (key, units) in KEYS.iter().zip(1..) {
        assert!(
            stock
                .iter()
                .any(|one| one.row.sku.as_str() == *key && one.row.on_hand == units),
            "{key:?}"
        );
    }
    let levels = KEYS
        .iter()
        .map(|key| PublishedLevel::new((*key).into(), 1, at(0)))
        .collect();
    store
        .save_published(&merchant, "main\0", levels)
        .await
        .unwrap();
    assert_eq!(
        store.published(&merchant, "main\0").await.unwrap().len(),
        KEYS.len()
    );
    assert!(
        store
            .move_cursor(&merchant, "orders", None, "1\0")
            .await
            .unwrap()
    );
    assert!(
        store
            .move_cursor(&merchant, "orders", Some("1\0"), "2\0")
            .await
            .unwrap()
    );
    assert_eq!(
        store.cursor(&merchant, "orders").await.unwrap().as_deref(),
        Some("2\0")
    );
    let scope = "scope\0";
    let subject = order_sync::ExceptionSubject::new("sku", "a\0b");
    let finding = order_sync::Finding::new(subject, &order_sync::codes::ORPHAN, "a\0detail");
    for opened in [1, 0] {
        let settled = store
            .settle_exceptions(&merchant, scope, vec![finding.clone()], at(0))
            .await
            .unwrap();
        assert_eq!(settled.opened.len(), opened);
    }
}
