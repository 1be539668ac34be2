//! Second runs, second engines, lost and restored databases: what is right already stays as it is.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use connector_sim::{Fault, FaultKind};
use end_to_end::{PurchaseDraft, World};
use http::Method;
use order_sync::{Flow, OrderEvent, OrderState};

/// A day's work, done: orders sent and despatched, some held, stock published, everything audited.
async fn worked() -> (World, Vec<PurchaseDraft>) {
    let world = World::start().await;
    let orders: Vec<PurchaseDraft> = (1001..1007).map(PurchaseDraft::new).collect();
    let held = [
        PurchaseDraft::new(1007).option("Saturday Pallet"),
        PurchaseDraft::new(1008).on_account(),
        PurchaseDraft::new(1009).lines(&[("NO-SUCH", 1)]),
    ];
    for order in orders.iter().chain(&held) {
        world.put(order);
    }
    world.settle().await;
    world.tick();
    world.settle().await;
    world.pass(Duration::from_secs(600));
    world.complete(Flow::Stock).await;
    world.complete(Flow::Audit).await;
    (world, orders)
}

async fn assert_nothing_changes(world: &World) {
    let (shop, warehouse) = (world.shop.writes(), world.warehouse.writes());
    let counts = world.counts().await;
    for flow in Flow::ALL {
        let report = world.complete(flow).await;
        assert_eq!(report.changes(), 0, "{flow}: {:?}", report.tallies);
    }
    let corrective = world.correct_stock().await;
    assert_eq!(corrective.changes(), 0, "{:?}", corrective.tallies);
    assert_eq!(
        (world.shop.writes(), world.warehouse.writes()),
        (shop, warehouse)
    );
    assert_eq!(world.counts().await, counts);
}

#[tokio::test]
async fn a_second_run_and_a_second_engine_change_nothing() {
    let (mut world, orders) = worked().await;
    for order in &orders {
        assert_eq!(world.state(order).await, OrderState::Closed);
    }
    assert_nothing_changes(&world).await;
    world.reopen();
    assert_nothing_changes(&world).await;
    world.pass(Duration::from_secs(600));
    assert_nothing_changes(&world).await;
}

#[tokio::test]
async fn a_new_database_adopts_what_the_warehouse_has() {
    let (mut world, orders) = worked().await;
    let (shop, warehouse) = (world.shop.writes(), world.warehouse.writes());
    world.forget();
    world.settle().await;
    world.complete(Flow::Audit).await;
    for order in &orders {
        world.assert_accepted(order).await;
        let events = world.events(order).await;
        assert_eq!(
            events
                .iter()
                .filter(|event| **event == OrderEvent::Confirmed)
                .count(),
            1
        );
        assert_eq!(
            world.state(order).await,
            OrderState::Closed,
            "the despatches were read again"
        );
        assert_eq!(world.tracking_in_shop(order).len(), 1);
    }
    assert_eq!(
        world.warehouse.writes(),
        warehouse,
        "an order was sent again"
    );
    assert_eq!(
        world.shop.writes(),
        shop,
        "the shop showed every parcel already"
    );
    assert_eq!(world.open_exceptions("GHOST").await, []);
    world.complete(Flow::Stock).await;
    assert_nothing_changes(&world).await;
}

#[tokio::test]
async fn a_restored_database_sends_nothing_twice() {
    let mut world = World::start().await;
    let orders: Vec<PurchaseDraft> = (1001..1005).map(PurchaseDraft::new).collect();
    for order in &orders {
        world.put(order);
    }
    // The warehouse turns everything away, so that the backup holds orders that are ready and were not sent.
    let busy = FaultKind::Throttle { retry_after: None };
    world
        .warehouse
        .faults()
        .arm(Fault::on(Method::POST, "/v1/orders", busy).times(1000));
    world.complete(Flow::Orders).await;
    world.warehouse.faults().clear();
    assert_eq!(world.counts().await.get(&OrderState::Ready), Some(&4));
    world.close();
    world.back_up();

    world.open();
    world.settle().await;
    for order in &orders {
        world.assert_accepted(order).await;
    }
    let before = world.warehouse.writes();
    world.close();
    world.restore();
    world.pass(Duration::from_secs(3600));
    world.open();
    assert_eq!(
        world.counts().await.get(&OrderState::Ready),
        Some(&4),
        "the copy is the older one"
    );
    world.settle().await;
    for order in &orders {
        world.assert_accepted(order).await;
    }
    assert_eq!(
        world.warehouse.writes(),
        before,
        "an order was sent without being asked for first"
    );
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert!(audit.accounts(), "{audit:?}");
}

#[tokio::test]
async fn a_store_that_is_open_is_not_opened_twice() {
    let world = World::start().await;
    let error = world
        .open_again()
        .expect_err("a second handle on the same file");
    assert_eq!(error.kind(), order_sync::StoreErrorKind::Busy);
}
