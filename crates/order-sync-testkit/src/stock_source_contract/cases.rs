//! The cases.

use std::collections::BTreeMap;

use order_sync::{FeedKind, StockBatch, StockFeed};

use super::StockSourceWorld;
use crate::broken_off::broken_off;

/// Reads the feed; every row is sound.
async fn read(world: &dyn StockSourceWorld, cursor: Option<&str>) -> StockBatch {
    let batch = world
        .source()
        .stock(cursor)
        .await
        .expect("the feed can be read");
    assert_eq!(batch.unreadable, Vec::<String>::new(), "every row is sound");
    assert_eq!(batch.gap, None, "nothing is missing");
    batch
}

/// Free units by article; nothing where the feed has nothing new.
fn figures(batch: &StockBatch) -> BTreeMap<String, i64> {
    let rows = batch.feed.iter().flat_map(|feed| &feed.rows);
    rows.map(|row| {
        let free = row.on_hand - row.allocated - row.unsellable;
        (row.sku.as_str().to_owned(), free)
    })
    .collect()
}

fn feed(batch: &StockBatch) -> &StockFeed {
    batch.feed.as_ref().expect("there is something to tell")
}

/// Forty of the first article and seven of the second, and the cursor after them.
async fn counted(world: &dyn StockSourceWorld) -> StockBatch {
    let [first, second] = world.articles();
    world.count(&first, 40).await;
    world.count(&second, 7).await;
    let batch = read(world, None).await;
    assert_eq!(figures(&batch), [(first, 40), (second, 7)].into());
    batch
}

pub async fn without_a_cursor_every_article_is_told(world: &dyn StockSourceWorld) {
    let first = figures(&counted(world).await);
    assert_eq!(
        figures(&read(world, None).await),
        first,
        "as often as it is asked"
    );
}

pub async fn without_a_cursor_it_is_a_snapshot(world: &dyn StockSourceWorld) {
    let kind = feed(&counted(world).await).kind;
    // Taken for a snapshot, changes alone would set every other article to nothing.
    assert_eq!(
        kind == FeedKind::Snapshot,
        world.tells_everything(),
        "{kind:?}"
    );
}

pub async fn a_snapshot_has_every_article(world: &dyn StockSourceWorld) {
    let [first, second] = world.articles();
    let mut cursor = counted(world).await.cursor;
    for units in [38, 36] {
        world.count(&first, units).await;
        let batch = read(world, cursor.as_deref()).await;
        if feed(&batch).kind == FeedKind::Snapshot {
            assert_eq!(
                figures(&batch).get(&second),
                Some(&7),
                "a row that is missing is gone"
            );
        }
        cursor = batch.cursor;
    }
}

pub async fn with_a_cursor_what_changed_is_told(world: &dyn StockSourceWorld) {
    let [first, second] = world.articles();
    let start = counted(world).await.cursor;
    assert!(start.is_some(), "what was read has to be passed somehow");
    world.count(&second, 5).await;
    let batch = read(world, start.as_deref()).await;
    assert_eq!(figures(&batch).get(&second), Some(&5));
    world.count(&first, 41).await;
    let next = read(world, batch.cursor.as_deref()).await;
    assert_eq!(figures(&next).get(&first), Some(&41));
}

pub async fn with_nothing_new_no_figure_changes(world: &dyn StockSourceWorld) {
    let before = counted(world).await;
    let known = figures(&before);
    let mut cursor = before.cursor.clone();
    for _ in 0..3 {
        let batch = read(world, cursor.as_deref()).await;
        for (sku, units) in figures(&batch) {
            assert_eq!(known.get(&sku), Some(&units), "{sku}");
        }
        if let Some(again) = &batch.feed {
            assert!(again.sequence >= feed(&before).sequence);
        }
        cursor = batch.cursor;
        assert!(cursor.is_some(), "where it was is forgotten");
    }
}

pub async fn figures_are_absolute(world: &dyn StockSourceWorld) {
    let [first, _] = world.articles();
    let mut cursor = counted(world).await.cursor;
    for units in [38, 45, 44] {
        world.count(&first, units).await;
        let batch = read(world, cursor.as_deref()).await;
        assert_eq!(figures(&batch).get(&first), Some(&i64::from(units)));
        cursor = batch.cursor;
    }
}

pub async fn none_is_a_figure(world: &dyn StockSourceWorld) {
    let [first, _] = world.articles();
    let cursor = counted(world).await.cursor;
    world.count(&first, 0).await;
    let batch = read(world, cursor.as_deref()).await;
    assert_eq!(
        figures(&batch).get(&first),
        Some(&0),
        "that it ran out is not told"
    );
    let all = read(world, None).await;
    let told = figures(&all).get(&first).copied();
    assert!(told == Some(0) || (told.is_none() && feed(&all).kind == FeedKind::Snapshot));
}

pub async fn sequences_grow_with_changes(world: &dyn StockSourceWorld) {
    let [first, second] = world.articles();
    let before = counted(world).await;
    let (mut cursor, mut last) = (before.cursor.clone(), feed(&before).sequence);
    for (sku, units) in [(&first, 38), (&second, 6), (&first, 39)] {
        world.count(sku, units).await;
        let batch = read(world, cursor.as_deref()).await;
        let sequence = feed(&batch).sequence;
        assert!(
            sequence > last,
            "{sequence} after {last}: it would be dropped"
        );
        (cursor, last) = (batch.cursor, sequence);
    }
    assert!(feed(&read(world, None).await).sequence >= last);
}

pub async fn moments_do_not_go_back(world: &dyn StockSourceWorld) {
    let [first, _] = world.articles();
    let before = counted(world).await;
    world.count(&first, 38).await;
    let after = read(world, before.cursor.as_deref()).await;
    assert!(feed(&after).as_of >= feed(&before).as_of);
}

pub async fn the_same_cursor_tells_the_same_again(world: &dyn StockSourceWorld) {
    let [first, _] = world.articles();
    let start = counted(world).await.cursor;
    world.count(&first, 38).await;
    for _ in 0..2 {
        let batch = read(world, start.as_deref()).await;
        assert_eq!(figures(&batch).get(&first), Some(&38));
    }
}

pub async fn a_foreign_cursor_is_an_error_or_tells_everything(world: &dyn StockSourceWorld) {
    let known = figures(&counted(world).await);
    if let Ok(batch) = world.source().stock(Some("a cursor of another feed")).await {
        assert_eq!(figures(&batch), known, "what changed before it is lost");
    }
}

pub async fn reading_changes_nothing_and_may_be_broken_off(world: &dyn StockSourceWorld) {
    let [first, _] = world.articles();
    let start = counted(world).await.cursor;
    world.count(&first, 38).await;
    drop(world.source().stock(start.as_deref()));
    broken_off(world.source().stock(start.as_deref()));
    broken_off(world.source().stock(None));
    let batch = read(world, start.as_deref()).await;
    assert_eq!(figures(&batch).get(&first), Some(&38));
}
