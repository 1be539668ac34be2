//! Stock levels, and the audit of both sides.

use std::time::Duration;

use order_mapping::{ClientOrderRef, PaymentTerms, StockRow};
use order_sync::{CancellationToken, FeedKind, Flow, MerchantId, StockFeed, Store as _, Tally};
use order_sync_testkit::faults::{Call, Fault, FaultPlan};

use crate::fakes::{World, despatch, order, start_of_time};

fn feed(kind: FeedKind, sequence: u64, rows: &[(&str, i64)]) -> StockFeed {
    let rows = rows
        .iter()
        .map(|(sku, on_hand)| StockRow::new(*sku, *on_hand, 0))
        .collect();
    StockFeed::new(kind, start_of_time(), sequence, rows)
}

#[tokio::test]
async fn only_changed_levels_are_written_and_orders_in_flight_come_off() {
    let world = World::new();
    let mut held = order("A");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held);
    world.run(Flow::Orders).await;
    world.shelves(|shelves| {
        shelves.stock = Some(feed(
            FeedKind::Snapshot,
            1,
            &[("85123A", 100), ("71053", 3), ("84406B", 7)],
        ));
    });
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 3);
    let levels = world.counter(|counter| counter.levels.clone());
    assert_eq!(levels["85123A"], 94, "six units wait for credit");
    assert_eq!(levels["71053"], 0, "more is owed than there is");
    assert_eq!(levels["84406-B"], 7, "under the shop's own spelling");

    assert_eq!(world.run(Flow::Stock).await.changes(), 0);
    world.shelves(|shelves| shelves.stock = Some(feed(FeedKind::Delta, 2, &[("84406B", 5)])));
    world.run(Flow::Stock).await;
    assert_eq!(world.counter(|counter| counter.level_writes), 4);
    world.shelves(|shelves| shelves.stock = Some(feed(FeedKind::Delta, 1, &[("84406B", 9)])));
    let report = world.run(Flow::Stock).await;
    assert_eq!(
        report.count(Tally::LevelsPublished),
        0,
        "an overtaken row is dropped"
    );
    assert_eq!(world.open_codes().await, ["STOCK_OVERTAKEN"]);

    // A snapshot for a later moment is taken whatever its sequence: the warehouse has begun to count anew.
    world.shelves(|shelves| {
        let mut anew = feed(
            FeedKind::Snapshot,
            1,
            &[("85123A", 100), ("71053", 3), ("84406B", 9)],
        );
        anew.as_of += chrono::Duration::hours(1);
        shelves.stock = Some(anew);
    });
    world.run(Flow::Stock).await;
    assert_eq!(world.counter(|counter| counter.levels["84406-B"]), 9);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_level_that_was_written_while_its_worker_died_is_written_again() {
    let world = World::new();
    let of = |kind, sequence, units| Some(feed(kind, sequence, &[("85123A", units)]));
    world.shelves(|shelves| shelves.stock = of(FeedKind::Snapshot, 1, 10));
    world.run(Flow::Stock).await;

    // The shop takes 4, and the worker dies before it can note that.
    world.shelves(|shelves| shelves.stock = of(FeedKind::Delta, 2, 4));
    let plan = FaultPlan::new(world.clock.clone());
    plan.next(Call::Publish, Fault::HoldAfterWrite);
    let engine = world.builder_over(plan.around(world.ports())).build();
    let (engine, stop) = (engine.unwrap(), CancellationToken::new());
    tokio::select! {
        _report = engine.run_once(Flow::Stock, &stop) => panic!("it was to die"),
        () = plan.until_held(1) => {}
    }
    assert_eq!(world.counter(|counter| counter.levels["85123A"]), 4);

    // The stock goes back to what the shop was told last, as far as anybody noted.
    world.clock.advance(Duration::from_secs(700));
    world.shelves(|shelves| shelves.stock = of(FeedKind::Delta, 3, 10));
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 1);
    assert_eq!(world.counter(|counter| counter.levels["85123A"]), 10);
    assert_eq!(world.run(Flow::Stock).await.changes(), 0);
}

/// Articles off by an audit during which the shop's level changes; `told`: the stock flow has not forgotten what it told before.
async fn drift_of_a_level_that_changes(told: bool) -> usize {
    let world = World::new();
    let known = feed(FeedKind::Snapshot, 1, &[("85123A", 10)]);
    world.shelves(|shelves| shelves.stock = Some(known));
    world.run(Flow::Stock).await;
    let plan = FaultPlan::new(world.clock.clone());
    plan.always(Call::Levels, Fault::Hold);
    let engine = world.builder_over(plan.around(world.ports())).build();
    let (engine, stop) = (engine.unwrap(), CancellationToken::new());
    let meanwhile = async {
        plan.until_held(1).await;
        if !told {
            let (merchant, skus) = (MerchantId::new("merchant"), vec!["85123A".into()]);
            let forgotten = world.store.forget_published(&merchant, "default", skus);
            forgotten.await.unwrap();
        }
        world.counter(|counter| counter.levels.insert("85123A".to_owned(), 3));
        plan.clear();
        plan.release();
    };
    let (report, ()) = tokio::join!(engine.run_once(Flow::Audit, &stop), meanwhile);
    report.audit.unwrap().drift.len()
}

#[tokio::test]
async fn a_level_that_is_being_written_is_no_drift() {
    assert_eq!(drift_of_a_level_that_changes(true).await, 1);
    assert_eq!(drift_of_a_level_that_changes(false).await, 0);
}

#[tokio::test]
async fn units_that_left_after_the_figure_was_taken_are_not_sold_again() {
    let world = World::new();
    // The count is of the morning; the order was accepted and sent out since, and the next count is a long time away.
    world.shelves(|shelves| {
        let mut morning = feed(FeedKind::Snapshot, 1, &[("85123A", 10)]);
        morning.as_of -= chrono::Duration::hours(4);
        shelves.stock = Some(morning);
    });
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    world.run(Flow::Stock).await;
    assert_eq!(world.counter(|counter| counter.levels["85123A"]), 4);
    let reference = world.record("A").await.reference;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]));
    });
    world.run(Flow::Despatches).await;
    world.run(Flow::Stock).await;
    assert_eq!(
        world.counter(|counter| counter.levels["85123A"]),
        4,
        "ten were counted, six have left"
    );

    // The next count knows.
    world.shelves(|shelves| {
        let mut evening = feed(FeedKind::Snapshot, 2, &[("85123A", 4)]);
        evening.as_of += chrono::Duration::hours(4);
        shelves.stock = Some(evening);
    });
    world.run(Flow::Stock).await;
    assert_eq!(world.counter(|counter| counter.levels["85123A"]), 4);
}

#[tokio::test]
async fn a_refused_article_does_not_block_its_neighbours() {
    let world = World::new();
    world.counter(|counter| counter.refuses = Some("71053".to_owned()));
    world.shelves(|shelves| {
        shelves.stock = Some(feed(
            FeedKind::Snapshot,
            1,
            &[("85123A", 1), ("71053", 2), ("UNKNOWN1", 3)],
        ));
    });
    let report = world.run(Flow::Stock).await;
    assert_eq!(
        (
            report.count(Tally::LevelsPublished),
            report.count(Tally::LevelsFailed)
        ),
        (1, 1)
    );
    let mut codes = world.open_codes().await;
    codes.sort();
    assert_eq!(codes, ["STOCK_REFUSED", "STOCK_UNKNOWN_SKU"]);
}

#[tokio::test]
async fn an_article_that_others_keep_changing_is_a_matter_of_its_own() {
    let world = World::new();
    world.counter(|counter| counter.contended = Some("71053".to_owned()));
    world.shelves(|shelves| {
        shelves.stock = Some(feed(FeedKind::Snapshot, 1, &[("85123A", 1), ("71053", 2)]));
    });
    let report = world.run(Flow::Stock).await;
    assert!(report.completed(), "{:?}", report.outcome);
    assert_eq!(
        (
            report.count(Tally::LevelsPublished),
            report.count(Tally::LevelsFailed)
        ),
        (1, 1)
    );
    assert_eq!(world.open_codes().await, ["STOCK_CONTENDED"]);

    world.counter(|counter| counter.contended = None);
    let report = world.run(Flow::Stock).await;
    assert_eq!(report.count(Tally::LevelsPublished), 1, "that row alone");
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn drift_is_listed_by_the_audit_and_repaired_by_the_corrective() {
    let world = World::new();
    world.shelves(|shelves| {
        shelves.stock = Some(feed(
            FeedKind::Snapshot,
            1,
            &[("85123A", 10), ("71053", 20)],
        ));
    });
    world.run(Flow::Stock).await;
    world.counter(|counter| counter.levels.insert("71053".to_owned(), 27));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.drift.len(), 1);
    let drift = &audit.drift[0];
    assert_eq!(
        (
            drift.sku.as_str(),
            drift.shop,
            drift.expected,
            drift.unexplained
        ),
        ("71053", 27, 20, 7)
    );
    assert_eq!(world.open_codes().await, ["STOCK_DRIFT"]);

    assert_eq!(
        world.run(Flow::Stock).await.changes(),
        0,
        "a delta run does not look at the shop"
    );
    let report = world
        .engine()
        .run_stock_corrective(&CancellationToken::new())
        .await;
    assert_eq!(
        (
            report.count(Tally::LevelsPublished),
            report.count(Tally::LevelsCorrected)
        ),
        (1, 1)
    );
    assert_eq!(world.counter(|counter| counter.levels["71053"]), 20);
    assert!(world.run(Flow::Audit).await.audit.unwrap().drift.is_empty());
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_audit_finds_what_is_late_lost_doubled_and_foreign() {
    let world = World::new();
    let mut held = order("H");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held);
    for id in ["L", "D"] {
        world.shop.put(order(id));
    }
    world.run(Flow::Orders).await;
    let lost = world.record("L").await.reference;
    let doubled = world.record("D").await.reference;
    world.shelves(|shelves| {
        shelves.orders.retain(|(reference, _)| *reference != lost);
        let copy = shelves
            .orders
            .iter()
            .find(|(reference, _)| *reference == doubled)
            .cloned()
            .unwrap();
        let foreign = (ClientOrderRef::from_wire("FOREIGN"), copy.1.clone());
        shelves.orders.extend([copy, foreign]);
    });
    // An order that appears in the shop without the orders flow having run.
    world.shop.put(order("N"));
    world.clock.advance(Duration::from_secs(5 * 3600));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert!(!audit.accounts());
    assert_eq!(audit.lost, ["#L"]);
    assert_eq!(audit.doubled, ["#D"]);
    assert_eq!(audit.ghosts, ["FOREIGN"]);
    assert_eq!(audit.not_captured, ["N"]);
    assert_eq!(audit.orphans.len(), 1);
    assert_eq!(
        (
            audit.orphans[0].order.as_str(),
            audit.orphans[0].codes.as_slice()
        ),
        ("#H", &["RELEASE_PENDING".to_owned()][..])
    );
}

#[tokio::test]
async fn orders_that_are_missing_are_read_side_by_side_and_not_all_at_once() {
    let world = World::new();
    world.run(Flow::Orders).await;
    for number in 0..12 {
        world.shop.put(order(&format!("N{number}")));
    }
    world.clock.advance(Duration::from_secs(5 * 3600));
    let plan = FaultPlan::new(world.clock.clone());
    plan.always(Call::Fetch, Fault::Hold);
    let ports = plan.around(world.ports());
    let engine = world.builder_over(ports).build().unwrap();
    let at_once = world.settings.in_flight;
    let stop = CancellationToken::new();
    let turns = async {
        plan.until_held(at_once as u64).await;
        assert_eq!(plan.count(Call::Fetch), at_once);
        plan.clear();
        plan.release();
    };
    let (report, ()) = tokio::join!(engine.run_once(Flow::Audit, &stop), turns);
    assert_eq!(report.audit.unwrap().not_captured.len(), 12);
    assert_eq!(plan.count(Call::Fetch), 12, "each once");
}

#[tokio::test]
async fn an_order_placed_since_the_last_reading_is_not_missing_until_it_is_late() {
    let world = World::new();
    world.run(Flow::Orders).await;
    world.shop.put(order("N"));
    world.counter(|counter| {
        counter.shop_time = Duration::from_secs(600);
        let placed = start_of_time() + Duration::from_secs(60);
        counter.changed_at.insert("N".to_owned(), placed);
    });
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.not_captured, Vec::<String>::new());
    world.counter(|counter| counter.shop_time = Duration::from_secs(5 * 3600));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.not_captured, ["N"]);
}

#[tokio::test]
async fn an_order_that_is_held_here_and_live_at_the_warehouse_is_raised() {
    let world = World::new();
    let mut held = order("H");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held);
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let reference = world.record("H").await.reference;
    world.shelves(|shelves| {
        let copy = shelves.orders[0].1.clone();
        shelves.orders.push((reference, copy));
    });
    assert_eq!(world.run(Flow::Audit).await.audit.unwrap().ghosts, ["#H"]);
}

#[tokio::test]
async fn a_row_of_the_warehouses_list_that_cannot_be_read_is_raised_until_it_can() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let fault = "an order (77) without a reference".to_owned();
    world.shelves(|shelves| shelves.garbled_list.push(fault.clone()));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.unreadable, [fault]);
    assert_eq!(audit.at_warehouse, Some(1), "its neighbour was compared");
    assert_eq!(world.open_codes().await, ["LISTING_UNREADABLE"]);

    world.shelves(|shelves| shelves.garbled_list.clear());
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_snapshot_without_any_article_takes_nothing_off_sale() {
    let world = World::new();
    world.shelves(|shelves| {
        shelves.stock = Some(feed(FeedKind::Snapshot, 1, &[("85123A", 10)]));
    });
    world.run(Flow::Stock).await;
    world.shelves(|shelves| shelves.stock = Some(feed(FeedKind::Snapshot, 2, &[])));
    let report = world
        .engine()
        .run_once(Flow::Stock, &CancellationToken::new())
        .await;
    assert!(!report.completed());
    assert_eq!(world.counter(|counter| counter.levels["85123A"]), 10);
    assert_eq!(world.open_codes().await, ["FLOW_FAILED"]);
}

#[tokio::test]
async fn a_stock_row_that_could_not_be_read_stays_open_until_everything_was_read() {
    let world = World::new();
    world.shelves(|shelves| {
        shelves.stock = Some(feed(FeedKind::Delta, 1, &[("85123A", 10)]));
        shelves
            .garbled_stock
            .push("a stock row has no quantity".to_owned());
    });
    world.run(Flow::Stock).await;
    let again = world.run(Flow::Stock).await;
    assert_eq!(again.changes(), 0, "{again:?}");
    assert_eq!(world.open_codes().await, ["STOCK_UNKNOWN_SKU"]);
    world.shelves(|shelves| {
        shelves.stock = Some(feed(FeedKind::Snapshot, 2, &[("85123A", 10)]));
    });
    world.run(Flow::Stock).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_stock_run_that_is_stopped_closes_nothing() {
    let world = World::new();
    world.counter(|counter| counter.refuses = Some("71053".to_owned()));
    world.shelves(|shelves| {
        shelves.stock = Some(feed(FeedKind::Snapshot, 1, &[("71053", 2)]));
    });
    world.run(Flow::Stock).await;
    let stop = CancellationToken::new();
    stop.cancel();
    world.engine().run_once(Flow::Stock, &stop).await;
    assert_eq!(world.open_codes().await, ["STOCK_REFUSED"]);
}

#[tokio::test]
async fn a_level_on_its_way_to_what_it_should_be_is_not_drift() {
    let world = World::new();
    world.shelves(|shelves| {
        shelves.stock = Some(feed(FeedKind::Snapshot, 1, &[("85123A", 10)]));
    });
    world.run(Flow::Stock).await;
    // Sold since, and the shop took it off by itself.
    let mut held = order("A");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held);
    world.run(Flow::Orders).await;
    world.counter(|counter| counter.levels.insert("85123A".to_owned(), 4));
    assert!(world.run(Flow::Audit).await.audit.unwrap().drift.is_empty());
}
