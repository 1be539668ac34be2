//! Vendors that fail: a clear report, neighbours untouched, and the next run finishes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use connector_sim::{Fault, FaultKind};
use end_to_end::{LOCATION, PurchaseDraft, World};
use http::Method;
use order_sync::{Flow, FlowOutcome, FlowReport, OrderState, Tally};
use serde_json::Value;

fn reason(report: &FlowReport) -> &str {
    match &report.outcome {
        FlowOutcome::Failed { reason } => reason,
        other => panic!("the {} flow ended as {other:?}", report.flow),
    }
}

const STUBBORN: u32 = 1000;

/// What keeps a flow from running to its end for as long as it lasts.
const OUTAGES: [FaultKind; 5] = [
    FaultKind::Status(503),
    FaultKind::Throttle { retry_after: None },
    FaultKind::Unauthorised,
    FaultKind::Html,
    FaultKind::LoseReplyBeforeApplying,
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_shop_that_is_down_is_read_again_in_the_next_run() {
    for (path, kind) in OUTAGES
        .iter()
        .flat_map(|kind| [("/api/v1/purchases", *kind), ("/api/v1/purchases/", *kind)])
    {
        let world = World::start().await;
        let order = PurchaseDraft::new(1001);
        world.put(&order);
        world
            .shop
            .faults()
            .arm(Fault::on(Method::GET, path, kind).times(STUBBORN));
        let failed = world.run(Flow::Orders).await;
        assert!(!reason(&failed).is_empty());
        assert!(
            !reason(&failed).contains('<'),
            "markup in the report: {}",
            reason(&failed)
        );
        // One of the two: refused credentials open the circuit at once.
        assert_eq!(
            world.open_exceptions("FLOW_FAILED").await.len()
                + world.open_exceptions("CIRCUIT_OPEN").await.len(),
            1,
            "{path} {kind:?}"
        );
        assert_eq!(world.known(&order).await.map(|record| record.state), None);

        world.shop.faults().clear();
        world.pass(Duration::from_secs(3600));
        world.complete(Flow::Orders).await;
        world.assert_accepted(&order).await;
        assert_eq!(world.open_exceptions("FLOW_FAILED").await, []);
        assert_eq!(world.open_exceptions("CIRCUIT_OPEN").await, []);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_warehouse_that_is_down_loses_and_doubles_nothing() {
    for kind in OUTAGES {
        let world = World::start().await;
        let orders = [1001, 1002, 1003].map(PurchaseDraft::new);
        for order in &orders {
            world.put(order);
        }
        world
            .warehouse
            .faults()
            .arm(Fault::on(Method::POST, "/v1/orders", kind).times(STUBBORN));
        world.run(Flow::Orders).await;
        for order in &orders {
            let state = world.state(order).await;
            assert!(
                matches!(
                    state,
                    OrderState::Ready | OrderState::OutcomeUnknown | OrderState::Sending
                ),
                "{kind:?}: {state}"
            );
        }
        assert_eq!(world.warehouse.orders().len(), 0);
        world.warehouse.faults().clear();
        // Orders in the hands of a run that was broken off come free with their lease.
        world.pass(Duration::from_secs(120));
        world.settle().await;
        for order in &orders {
            world.assert_accepted(order).await;
        }
        assert_eq!(world.warehouse.writes().accepted, 3, "{kind:?}");
        assert!(
            world
                .complete(Flow::Audit)
                .await
                .audit
                .expect("an audit")
                .accounts()
        );
    }
}

#[tokio::test]
async fn a_passing_fault_of_a_read_is_not_even_a_failed_run() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    for kind in [
        FaultKind::Status(503),
        FaultKind::Unauthorised,
        FaultKind::Html,
    ] {
        world
            .shop
            .faults()
            .arm(Fault::on(Method::GET, "/api/v1/purchases", kind));
    }
    world.shop.faults().arm(Fault::on(
        Method::GET,
        "/api/v1/purchases/",
        FaultKind::TruncatedBody,
    ));
    world.warehouse.faults().arm(Fault::on(
        Method::POST,
        "/v1/orders",
        FaultKind::Unauthorised,
    ));
    world.complete(Flow::Orders).await;
    world.assert_accepted(&order).await;
    assert_eq!(world.shop.faults().pending(), []);
    assert_eq!(world.warehouse.faults().pending(), []);
}

#[tokio::test]
async fn a_throttle_with_a_time_is_waited_for() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    let busy = FaultKind::Throttle {
        retry_after: Some(1),
    };
    world
        .shop
        .faults()
        .arm(Fault::on(Method::GET, "/api/v1/purchases", busy));
    world.warehouse.faults().arm(Fault::on(
        Method::POST,
        "/v1/orders",
        FaultKind::Throttle {
            retry_after: Some(300),
        },
    ));
    let report = world.complete(Flow::Orders).await;
    assert!(
        report.elapsed_ms >= 900,
        "the shop's wish was ignored: {} ms",
        report.elapsed_ms
    );
    assert_eq!(
        world.state(&order).await,
        OrderState::Ready,
        "not applied, so it may be sent again"
    );
    world.pass(Duration::from_secs(200));
    let early = world.complete(Flow::Orders).await;
    assert_eq!(
        early.count(Tally::Submitted) + early.count(Tally::Probed),
        0,
        "the warehouse's wish was ignored"
    );
    world.pass(Duration::from_secs(120));
    let report = world.complete(Flow::Orders).await;
    // Placed about when the store was made, it is asked for before it is sent; the client itself still keeps to the real time.
    assert_eq!(
        report.count(Tally::Submitted) + report.count(Tally::Probed),
        1,
        "{:?}",
        report.tallies
    );
}

#[tokio::test]
async fn a_feed_that_is_down_is_read_from_where_it_was() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world.settle().await;
    world.complete(Flow::Stock).await;
    world.tick();
    for path in ["/v1/despatches", "/v1/inventory"] {
        world
            .warehouse
            .faults()
            .arm(Fault::on(Method::GET, path, FaultKind::Status(503)).times(STUBBORN));
    }
    assert!(!reason(&world.run(Flow::Despatches).await).is_empty());
    assert!(!reason(&world.run(Flow::Stock).await).is_empty());
    assert_eq!(world.open_exceptions("FLOW_FAILED").await.len(), 2);
    world.warehouse.faults().clear();
    world.settle().await;
    world.pass(Duration::from_secs(600));
    world.complete(Flow::Stock).await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(996));
    assert_eq!(world.open_exceptions("FLOW_FAILED").await, []);
}

#[tokio::test]
async fn a_shop_that_cannot_be_written_gets_parcels_and_levels_later() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world.settle().await;
    world.tick();
    for kind in [
        FaultKind::LoseReplyAfterApplying,
        FaultKind::LoseReplyBeforeApplying,
        FaultKind::Status(409),
    ] {
        world
            .shop
            .faults()
            .arm(Fault::on(Method::PUT, "/api/v1/purchases/", kind));
    }
    world.shop.faults().arm(
        Fault::on(
            Method::POST,
            "/api/v1/batch-update-stock",
            FaultKind::Status(503),
        )
        .times(STUBBORN),
    );
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    assert_eq!(
        world.tracking_in_shop(&order).len(),
        1,
        "written again without a fresh read"
    );

    world.pass(Duration::from_secs(600));
    assert!(!reason(&world.run(Flow::Stock).await).is_empty());
    assert_eq!(world.shop.stock_levels(), []);
    world.shop.faults().clear();
    world.complete(Flow::Stock).await;
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), Some(996));
}

#[tokio::test]
async fn an_unreadable_purchase_stops_nobody_and_is_captured_once_repaired() {
    let world = World::start().await;
    let before = PurchaseDraft::new(1001);
    let broken = PurchaseDraft::new(1002).set("/packages/0/line_items/0/quantity", "four dozen");
    let after = PurchaseDraft::new(1003);
    for order in [&before, &broken, &after] {
        world.put(order);
    }
    let report = world.complete(Flow::Orders).await;
    assert_eq!(
        (
            report.count(Tally::Captured),
            report.count(Tally::Unreadable)
        ),
        (2, 1)
    );
    world.assert_accepted(&before).await;
    world.assert_accepted(&after).await;
    let open = world.open_exceptions("ORDER_UNREADABLE").await;
    assert_eq!(open.len(), 1);
    assert_eq!(
        open[0].finding.subject.as_str(),
        format!("order:{}", broken.id())
    );
    assert!(
        open[0].finding.detail.contains("quantity"),
        "{}",
        open[0].finding.detail
    );

    // Far outside the window of changes it is still read in every run.
    world.pass(Duration::from_secs(24 * 3600));
    world.complete(Flow::Orders).await;
    assert_eq!(
        world.complete(Flow::Orders).await.count(Tally::Unreadable),
        1
    );
    assert_eq!(world.alerts.opened("ORDER_UNREADABLE").len(), 1);
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(
        audit.not_captured, [""; 0],
        "it is known, though not on record"
    );

    world.put(&broken.set("/packages/0/line_items/0/quantity", 48));
    world.complete(Flow::Orders).await;
    assert_eq!(world.open_exceptions("ORDER_UNREADABLE").await, []);
    let order = PurchaseDraft::new(1002);
    assert_eq!(world.assert_accepted(&order).await.lines[0].ordered, 48);
}

#[tokio::test]
async fn an_order_that_the_warehouse_refuses_is_parked_alone() {
    let mut setup = end_to_end::Setup::default();
    // The catalogue has it, the warehouse has never heard of it.
    setup
        .catalogue
        .push(order_mapping::CatalogueItem::new("GHOST-9", None));
    let world = World::of(setup).await;
    let refused = PurchaseDraft::new(1001).lines(&[("MUG-01", 1), ("GHOST-9", 1)]);
    let sound = PurchaseDraft::new(1002);
    for order in [&refused, &sound] {
        world.put(order);
    }
    world.settle().await;
    world.assert_accepted(&sound).await;
    let record = world.record(&refused).await;
    assert_eq!(record.state, OrderState::Parked);
    assert!(
        record
            .reasons
            .iter()
            .any(|reason| reason.code == "WAREHOUSE_REJECTED"
                && reason.message.contains("SKU_UNKNOWN")),
        "{:?}",
        record.reasons
    );
    assert_eq!(world.open_exceptions("WAREHOUSE_REJECTED").await.len(), 1);
    assert_eq!(world.warehouse.writes().rejected, 1);
    world.pass(Duration::from_secs(24 * 3600));
    world.settle().await;
    assert_eq!(
        world.warehouse.writes().rejected,
        1,
        "a refused order was sent again by itself"
    );

    // Corrected in the shop, it is asked for and then sent.
    world.put(&refused.lines(&[("MUG-01", 1)]));
    world.settle().await;
    let order = PurchaseDraft::new(1001);
    world.assert_accepted(&order).await;
    assert_eq!(world.open_exceptions("WAREHOUSE_REJECTED").await, []);
}

#[tokio::test]
async fn a_level_that_the_shop_refuses_does_not_keep_its_neighbours_back() {
    let mut setup = end_to_end::Setup::default();
    setup.shelf[0].1 = i64::from(i32::MAX) + 1;
    let world = World::of(setup).await;
    let report = world.complete(Flow::Stock).await;
    assert_eq!(
        (
            report.count(Tally::LevelsPublished),
            report.count(Tally::LevelsFailed)
        ),
        (3, 1)
    );
    assert_eq!(world.shop.stock_level(LOCATION, "MUG-01"), None);
    assert_eq!(world.open_exceptions("STOCK_REFUSED").await.len(), 1);
    assert_eq!(Value::from(world.shop.writes().stock_rows), 3);
}
