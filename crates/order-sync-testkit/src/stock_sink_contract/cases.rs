//! The cases.

use std::collections::BTreeMap;

use order_mapping::SourceSku;
use order_sync::{PublishOutcome, ShopLevel};

use super::StockSinkWorld;
use crate::broken_off::broken_off;

fn unknown() -> SourceSku {
    SourceSku::new("NO-SUCH-ARTICLE")
}

/// The first three articles.
fn three(world: &dyn StockSinkWorld) -> [SourceSku; 3] {
    let articles = world.articles();
    [0, 1, 2].map(|place| articles[place].clone())
}

/// Publishes levels, all of which are taken.
async fn published(world: &dyn StockSinkWorld, levels: &[ShopLevel]) {
    let outcome = world.sink().publish(levels).await;
    assert!(
        outcome.refused.is_empty() && outcome.failed.is_empty(),
        "{outcome:?}"
    );
    assert_eq!(outcome.taken.len(), levels.len());
}

/// What the sink shows, by article.
async fn shown(world: &dyn StockSinkWorld, skus: &[SourceSku]) -> BTreeMap<String, i64> {
    let levels = world.sink().levels(skus).await.expect("levels can be read");
    levels
        .into_iter()
        .map(|level| (level.sku.as_str().to_owned(), level.level))
        .collect()
}

/// How often an article is in the lists of an outcome.
fn times(outcome: &PublishOutcome, sku: &SourceSku) -> usize {
    let taken = outcome.taken.iter();
    let refused = outcome.refused.iter().map(|(sku, _)| sku);
    let failed = outcome.failed.iter().map(|(sku, _)| sku);
    taken
        .chain(refused)
        .chain(failed)
        .filter(|one| *one == sku)
        .count()
}

pub async fn its_location_has_a_name_that_stays(world: &dyn StockSinkWorld) {
    let before = world.sink().location().to_owned();
    assert!(!before.is_empty());
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku, 1)]).await;
    assert_eq!(world.sink().location(), before);
}

pub async fn published_levels_are_the_shops(world: &dyn StockSinkWorld) {
    let articles = world.articles();
    let levels: Vec<ShopLevel> = (10..)
        .zip(&articles)
        .map(|(level, sku)| ShopLevel::new(sku.clone(), level))
        .collect();
    published(world, &levels).await;
    let shown = shown(world, &articles).await;
    for level in &levels {
        assert_eq!(
            world.level(&level.sku).await,
            Some(level.level),
            "{:?}",
            level.sku
        );
        assert_eq!(shown.get(level.sku.as_str()), Some(&level.level));
    }
    assert_eq!(shown.len(), levels.len());
}

pub async fn levels_are_absolute_and_may_be_written_again(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    for level in [40, 40, 38, 41] {
        published(world, &[ShopLevel::new(sku.clone(), level)]).await;
        assert_eq!(world.level(&sku).await, Some(level));
    }
}

pub async fn none_is_a_level(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    published(world, &[ShopLevel::new(sku.clone(), 0)]).await;
    assert_eq!(world.level(&sku).await, Some(0));
    assert_eq!(
        shown(world, std::slice::from_ref(&sku))
            .await
            .get(sku.as_str()),
        Some(&0)
    );
}

pub async fn what_others_set_is_written_over(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    world.set_level(&sku, 9).await;
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    assert_eq!(world.level(&sku).await, Some(5));
}

pub async fn what_is_shown_is_read_afresh(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    world.set_level(&sku, 9).await;
    assert_eq!(
        shown(world, std::slice::from_ref(&sku))
            .await
            .get(sku.as_str()),
        Some(&9)
    );
}

pub async fn an_article_that_the_shop_does_not_know_is_left_out(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    let shown = shown(world, &[unknown(), sku.clone()]).await;
    assert_eq!(shown, [(sku.as_str().to_owned(), 5)].into());
}

pub async fn every_level_is_in_exactly_one_list(world: &dyn StockSinkWorld) {
    let mut levels: Vec<ShopLevel> = world
        .articles()
        .into_iter()
        .map(|sku| ShopLevel::new(sku, 3))
        .collect();
    levels.insert(1, ShopLevel::new(unknown(), 3));
    levels[2].level = i64::MAX;
    let outcome = world.sink().publish(&levels).await;
    for level in &levels {
        assert_eq!(
            times(&outcome, &level.sku),
            1,
            "{:?} in {outcome:?}",
            level.sku
        );
    }
    let all = outcome.taken.len() + outcome.refused.len() + outcome.failed.len();
    assert_eq!(all, levels.len(), "and nothing else is");
}

pub async fn a_bad_level_does_not_keep_its_neighbours_back(world: &dyn StockSinkWorld) {
    let [first, second, third] = three(world);
    let levels = [
        ShopLevel::new(first.clone(), 7),
        ShopLevel::new(unknown(), 7),
        ShopLevel::new(second, i64::MAX),
        ShopLevel::new(third.clone(), 8),
    ];
    world.sink().publish(&levels).await;
    assert_eq!(world.level(&first).await, Some(7));
    assert_eq!(world.level(&third).await, Some(8));
}

pub async fn a_level_is_taken_whole_or_not_at_all(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    for large in [i64::from(i32::MAX), i64::from(i32::MAX) + 6, i64::MAX] {
        let before = world.level(&sku).await;
        let outcome = world
            .sink()
            .publish(&[ShopLevel::new(sku.clone(), large)])
            .await;
        let is = if outcome.taken.is_empty() {
            before
        } else {
            Some(large)
        };
        assert_eq!(world.level(&sku).await, is, "{large} was cut");
    }
}

pub async fn without_levels_nothing_happens(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    published(world, &[ShopLevel::new(sku.clone(), 5)]).await;
    published(world, &[]).await;
    assert_eq!(world.level(&sku).await, Some(5));
    assert!(shown(world, &[]).await.is_empty());
}

pub async fn a_call_that_was_never_polled_has_written_nothing(world: &dyn StockSinkWorld) {
    let [sku, ..] = three(world);
    world.set_level(&sku, 9).await;
    drop(world.sink().publish(&[ShopLevel::new(sku.clone(), 5)]));
    assert_eq!(world.level(&sku).await, Some(9));
}

pub async fn a_call_that_was_broken_off_is_made_again(world: &dyn StockSinkWorld) {
    let [first, second, _] = three(world);
    let levels = [
        ShopLevel::new(first.clone(), 5),
        ShopLevel::new(second.clone(), 6),
    ];
    broken_off(world.sink().publish(&levels));
    let skus = [first, second];
    broken_off(world.sink().levels(&skus));
    published(world, &levels).await;
    let [first, second] = skus;
    assert_eq!(
        (world.level(&first).await, world.level(&second).await),
        (Some(5), Some(6))
    );
}
