//! Stock of the warehouse, and levels in the shop.

use order_mapping::StockRow;
use order_sync::{FeedKind, MerchantId, PublishedLevel, StockFeed, Store};

use super::fixtures::{at, merchant};

fn feed(kind: FeedKind, sequence: u64, rows: &[(&str, i64)]) -> StockFeed {
    let rows = rows
        .iter()
        .map(|(sku, on_hand)| StockRow::new(*sku, *on_hand, 1));
    let seconds = i64::try_from(sequence).unwrap_or(0);
    StockFeed::new(kind, at(seconds), sequence, rows.collect())
}

async fn levels(store: &dyn Store) -> Vec<(String, i64, i64, u64)> {
    let records = store.stock(&merchant()).await.unwrap();
    records
        .into_iter()
        .map(|one| {
            (
                one.row.sku.into_string(),
                one.row.on_hand,
                one.row.allocated,
                one.sequence,
            )
        })
        .collect()
}

fn level(sku: &str, on_hand: i64, allocated: i64, sequence: u64) -> (String, i64, i64, u64) {
    (sku.to_owned(), on_hand, allocated, sequence)
}

pub async fn a_delta_adds_and_an_overtaken_one_is_dropped(store: &dyn Store) {
    let merchant = merchant();
    let first = feed(FeedKind::Delta, 5, &[("B", 2), ("A", 1)]);
    let changes = store.save_stock(&merchant, first.clone()).await.unwrap();
    assert_eq!(changes.write.len(), 2);
    assert_eq!(
        levels(store).await,
        [level("A", 1, 1, 5), level("B", 2, 1, 5)]
    );
    assert_eq!(store.stock(&merchant).await.unwrap()[0].as_of, at(5));

    let again = store.save_stock(&merchant, first).await.unwrap();
    assert!(again.write.is_empty() && again.gone.is_empty() && again.overtaken == 0);

    let older = feed(FeedKind::Delta, 4, &[("A", 9), ("C", 3)]);
    let changes = store.save_stock(&merchant, older).await.unwrap();
    assert_eq!((changes.write.len(), changes.overtaken), (1, 1));
    let newer = feed(FeedKind::Delta, u64::MAX, &[("B", 7)]);
    store.save_stock(&merchant, newer).await.unwrap();
    let expected = [
        level("A", 1, 1, 5),
        level("B", 7, 1, u64::MAX),
        level("C", 3, 1, 4),
    ];
    assert_eq!(levels(store).await, expected);
}

pub async fn a_snapshot_sets_missing_codes_to_nothing(store: &dyn Store) {
    let merchant = merchant();
    let delta = feed(FeedKind::Delta, 1, &[("A", 1), ("B", 2), ("C", 3)]);
    store.save_stock(&merchant, delta).await.unwrap();
    store
        .save_stock(&merchant, feed(FeedKind::Delta, 9, &[("C", 4)]))
        .await
        .unwrap();
    let snapshot = feed(FeedKind::Snapshot, 5, &[("A", 1), ("D", 6)]);
    let changes = store.save_stock(&merchant, snapshot.clone()).await.unwrap();
    assert_eq!(changes.gone.len(), 1);
    // What the snapshot repeats stays as it was written.
    let expected = [
        level("A", 1, 1, 1),
        level("B", 0, 0, 5),
        level("C", 4, 1, 9),
        level("D", 6, 1, 5),
    ];
    assert_eq!(levels(store).await, expected);
    let again = store.save_stock(&merchant, snapshot).await.unwrap();
    assert!(again.write.is_empty() && again.gone.is_empty());
}

pub async fn what_a_snapshot_repeats_is_as_new_as_the_snapshot(store: &dyn Store) {
    let merchant = merchant();
    for sequence in [1, 5] {
        let snapshot = feed(FeedKind::Snapshot, sequence, &[("A", 1), ("B", 2)]);
        store.save_stock(&merchant, snapshot).await.unwrap();
    }
    // Neither an old figure nor a code that the snapshot did not have comes back.
    let late = feed(FeedKind::Delta, 3, &[("A", 9), ("C", 3)]);
    let changes = store.save_stock(&merchant, late).await.unwrap();
    assert_eq!((changes.write.len(), changes.overtaken), (0, 2));
    let late = feed(FeedKind::Snapshot, 4, &[("A", 9)]);
    let changes = store.save_stock(&merchant, late).await.unwrap();
    assert_eq!((changes.gone.len(), changes.overtaken), (0, 1));
    let newer = feed(FeedKind::Delta, 6, &[("A", 9), ("C", 3)]);
    store.save_stock(&merchant, newer).await.unwrap();
    let expected = [
        level("A", 9, 1, 6),
        level("B", 2, 1, 1),
        level("C", 3, 1, 6),
    ];
    assert_eq!(levels(store).await, expected);

    // A warehouse that counts anew starts low; its deltas follow its own count.
    let mut anew = feed(FeedKind::Snapshot, 2, &[("A", 9), ("B", 2), ("C", 3)]);
    anew.as_of = at(60);
    let changes = store.save_stock(&merchant, anew).await.unwrap();
    assert_eq!((changes.write.len(), changes.overtaken), (2, 0));
    let next = feed(FeedKind::Delta, 3, &[("A", 7), ("B", 1)]);
    store.save_stock(&merchant, next).await.unwrap();
    let expected = [
        level("A", 7, 1, 3),
        level("B", 1, 1, 3),
        level("C", 3, 1, 2),
    ];
    assert_eq!(levels(store).await, expected);
}

pub async fn published_levels_are_replaced_per_location(store: &dyn Store) {
    let merchant = merchant();
    assert!(store.published(&merchant, "main").await.unwrap().is_empty());
    let told = |sku: &str, level, moment| PublishedLevel::new(sku.into(), level, at(moment));
    let first = vec![told("B", 2, 1), told("A", -1, 1)];
    store
        .save_published(&merchant, "main", first)
        .await
        .unwrap();
    store
        .save_published(&merchant, "main", vec![told("B", 5, 2)])
        .await
        .unwrap();
    store
        .save_published(&merchant, "annex", vec![told("A", 9, 3)])
        .await
        .unwrap();
    let main = store.published(&merchant, "main").await.unwrap();
    assert_eq!(main, [told("A", -1, 1), told("B", 5, 2)]);
    assert_eq!(
        store.published(&merchant, "annex").await.unwrap(),
        [told("A", 9, 3)]
    );
}

pub async fn published_levels_are_forgotten_by_article(store: &dyn Store) {
    let merchant = merchant();
    let told = |sku: &str, level| PublishedLevel::new(sku.into(), level, at(1));
    let forget = |merchant: MerchantId, location: &'static str, skus: &[&str]| {
        let skus = skus.iter().map(|sku| (*sku).into()).collect();
        async move { store.forget_published(&merchant, location, skus).await }
    };
    // Nothing is on record yet.
    forget(merchant.clone(), "main", &["A"]).await.unwrap();
    let levels = vec![told("A", 1), told("B", 2), told("C", 3)];
    for location in ["main", "annex"] {
        let levels = levels.clone();
        let saved = store.save_published(&merchant, location, levels).await;
        saved.unwrap();
    }
    forget(MerchantId::new("southwind"), "main", &["A", "B"])
        .await
        .unwrap();
    forget(merchant.clone(), "main", &["C", "A", "unheard of"])
        .await
        .unwrap();
    forget(merchant.clone(), "main", &[]).await.unwrap();
    let main = store.published(&merchant, "main").await.unwrap();
    assert_eq!(main, [told("B", 2)]);
    let annex = store.published(&merchant, "annex").await.unwrap();
    assert_eq!(annex, levels);
}
