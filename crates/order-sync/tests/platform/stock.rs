//! Levels by location, set only from the quantity that they replace.

use order_sync::{CancellationToken, Flow, Tally};

use crate::shop::Adjustment;
use crate::world::World;

/// What programs and people did to an article, without the platform's own sales.
fn history(world: &World, sku: &str) -> Vec<(&'static str, i64, i64)> {
    world.shop.books(|books| {
        let of_article = |one: &&Adjustment| one.sku == sku && one.by != "sale";
        let told = |one: &Adjustment| (one.by, one.from, one.to);
        books
            .adjustments
            .iter()
            .filter(of_article)
            .map(told)
            .collect()
    })
}

#[tokio::test]
async fn only_changed_levels_are_written_and_orders_in_flight_are_off_them() {
    let world = World::new();
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 3);
    assert_eq!(world.level("85123A"), 100);
    assert_eq!(world.run(Flow::Stock).await.changes(), 0);
    assert_eq!(world.shop.writes(), 3);

    // The draft waits; the platform has reserved its units, and the engine says the same without writing.
    world.shop.draft(&[("85123A", 6)]);
    world.run(Flow::Orders).await;
    world.run(Flow::Stock).await;
    assert_eq!(world.level("85123A"), 94);
    assert_eq!(world.shop.writes(), 3, "it is right already");

    // At the service it is allocated, which is as far off the level as before.
    let paid = world.shop.paid_order(&[("71053", 4)]);
    world.run(Flow::Orders).await;
    world.run(Flow::Stock).await;
    assert_eq!(world.level("71053"), 96);
    let reference = world.reference(&paid).await;
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("71053", 4)]));
    world.run(Flow::Despatches).await;
    world.run(Flow::Stock).await;
    assert_eq!(world.level("71053"), 96, "no unit is counted twice");

    world.service.floor(|floor| floor.count("84406B", 80));
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 1);
    assert_eq!(
        history(&world, "84406B").last(),
        Some(&("program", 100, 80))
    );
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert!(audit.drift.is_empty(), "{audit:?}");
}

#[tokio::test]
async fn what_a_person_sets_meanwhile_is_not_overwritten_unseen() {
    let world = World::new();
    world.shop.books(|books| {
        books.being_counted.insert("71053".to_owned(), 1);
    });
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 3);
    assert_eq!(
        history(&world, "71053"),
        [("person", 0, 1), ("program", 1, 100)],
        "refused from 0, read afresh, set from the person's 1"
    );
    assert_eq!(history(&world, "85123A"), [("program", 0, 100)]);
    assert_eq!(world.shop.writes(), 3, "the others of the call once");
}

#[tokio::test]
async fn a_row_that_others_keep_changing_is_left_to_the_next_run_and_blocks_no_other() {
    let world = World::new();
    world.shop.books(|books| {
        books.being_counted.insert("71053".to_owned(), 3);
    });
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 2);
    assert_eq!((world.level("85123A"), world.level("84406B")), (100, 100));
    assert_eq!(world.level("71053"), 3, "the person's");
    assert_eq!(world.open_codes().await, ["STOCK_CONTENDED"]);
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 1);
    assert_eq!(world.level("71053"), 100);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_row_is_raised_and_its_neighbours_are_written() {
    let world = World::new();
    world.shop.books(|books| {
        books.levels.retain(|(_, sku), _| sku != "71053");
        let elsewhere = ("shop-floor".to_owned(), "85123A".to_owned());
        books.levels.insert(elsewhere, 7);
    });
    let report = world.run(Flow::Stock).await;
    let counts = (
        report.count(Tally::LevelsPublished),
        report.count(Tally::LevelsFailed),
    );
    assert_eq!(counts, (2, 1));
    assert_eq!((world.level("85123A"), world.level("84406B")), (100, 100));
    assert_eq!(world.open_codes().await, ["STOCK_REFUSED"]);
    let elsewhere = ("shop-floor".to_owned(), "85123A".to_owned());
    assert_eq!(
        world.shop.books(|books| books.levels[&elsewhere]),
        7,
        "another location is not ours"
    );
}

#[tokio::test]
async fn a_level_that_a_person_changed_is_found_by_the_audit_and_put_right_by_the_corrective() {
    let world = World::new();
    world.run(Flow::Stock).await;
    world
        .shop
        .books(|books| books.adjust("person", "71053", 130));
    assert_eq!(world.run(Flow::Audit).await.audit.unwrap().drift.len(), 1);
    assert_eq!(world.open_codes().await, ["STOCK_DRIFT"]);
    let engine = world.engine();
    let report = engine.run_stock_corrective(&CancellationToken::new()).await;
    assert_eq!(report.count(Tally::LevelsCorrected), 1);
    assert_eq!(
        history(&world, "71053").last(),
        Some(&("program", 130, 100))
    );
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}
