//! Parcels on their way, asked after over the carrier's interface.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use connector_sim::{DEMO_TRACKING_CODE, Fault, FaultKind, TrackingSwitches};
use end_to_end::{PurchaseDraft, Setup, World};
use http::Method;
use order_mapping::{ShipmentStatus, StatusRule};
use order_sync::{
    FailureClass, Flow, OrderEvent, OrderState, Tally, TrackedNumber, TrackingSource as _,
};

fn draft() -> PurchaseDraft {
    PurchaseDraft::new(1001).lines(&[("MUG-01", 4), ("TEA POT", 1)])
}

/// A world with an order that has left, the buyer's tracking number beside it, and a carrier whose answers are untidy.
async fn left(setup: Setup) -> (World, PurchaseDraft, String) {
    let mut setup = setup;
    setup.tracked = true;
    let world = World::of(setup).await;
    let mut switches = TrackingSwitches::default();
    switches.newest_first = true;
    switches.duplicate_events = true;
    switches.illegal_reference = true;
    world.warehouse.set_tracking_switches(switches);
    let order = draft();
    world.put(&order);
    world.complete(Flow::Orders).await;
    world.assert_accepted(&order).await;
    world.tick();
    world.complete(Flow::Despatches).await;
    let number = world.tracking_in_shop(&order).remove(0);
    (world, order, number)
}

/// The next scan of every parcel, and the despatches flow an hour later.
async fn scanned(world: &World) -> u64 {
    assert_eq!(world.warehouse.tick_tracking(), 1);
    world.pass(Duration::from_secs(3600));
    let report = world.complete(Flow::Despatches).await;
    report.count(Tally::MilestonesReached)
}

#[tokio::test]
async fn a_parcel_is_followed_to_the_door_over_a_restart_and_after_its_order_was_closed() {
    let (mut world, order, number) = left(Setup::default()).await;
    assert_eq!(world.tracking(&order).await[0].number, number);
    world
        .warehouse
        .script_tracking(&number, &[7, 2, 5, 2, 4, 1]);
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);

    assert_eq!(scanned(&world).await, 1, "booked");
    assert_eq!(scanned(&world).await, 1, "in transit");
    assert_eq!(scanned(&world).await, 0, "held is no milestone");
    assert_eq!(world.open_exceptions("PARCEL_HELD").await.len(), 1);
    world.reopen();
    assert_eq!(scanned(&world).await, 0, "in transit again");
    assert!(world.open_exceptions("PARCEL_HELD").await.is_empty());
    assert_eq!(scanned(&world).await, 0, "an incident");
    assert_eq!(world.open_exceptions("PARCEL_HELD").await.len(), 1);
    assert_eq!(scanned(&world).await, 1, "delivered");
    assert!(world.open_exceptions("PARCEL_HELD").await.is_empty());

    let parcel = world.tracking(&order).await.remove(0);
    assert!(!parcel.is_watched());
    let way: Vec<&ShipmentStatus> = parcel
        .progress
        .milestones()
        .iter()
        .map(|milestone| &milestone.status)
        .collect();
    assert_eq!(
        way,
        [
            &ShipmentStatus::Booked,
            &ShipmentStatus::InTransit,
            &ShipmentStatus::Delivered
        ]
    );
    assert_eq!(world.state(&order).await, OrderState::Closed);
    let events = world.events(&order).await;
    let scans = events.iter().filter(|event| **event == OrderEvent::Tracked);
    assert_eq!(scans.count(), 3);
    let id = world.record(&order).await.id;
    let explained = world.engine().explain(&id).await.unwrap().unwrap();
    assert!(explained.answer.ends_with("1 of 1 delivered"));
    // Who signed is nobody's business here.
    let record = serde_json::to_string(&explained).unwrap();
    assert!(!record.contains("RECIPIENT"));

    world.pass(Duration::from_secs(24 * 3600));
    let report = world.complete(Flow::Despatches).await;
    assert_eq!(
        (report.count(Tally::ParcelsAsked), report.changes()),
        (0, 0)
    );
}

#[tokio::test]
async fn a_label_that_is_never_scanned_and_a_status_that_nobody_knows_are_told() {
    let mut setup = Setup::default();
    setup.settings.tracking_every = Duration::from_secs(1800);
    let (mut world, order, number) = left(setup).await;
    world.warehouse.script_tracking(&number, &[7, 6]);
    world.settle().await;
    scanned(&world).await;
    world.pass(Duration::from_secs(72 * 3600));
    world.complete(Flow::Despatches).await;
    let told = world.open_exceptions("NO_CARRIER_MOVEMENT").await;
    assert!(told[0].finding.detail.contains("booked"), "{told:?}");

    scanned(&world).await;
    assert_eq!(world.open_exceptions("STATUS_UNKNOWN").await.len(), 1);
    world.reopen_with(|setup| {
        setup.profile.shipment.statuses.push(StatusRule {
            raw: "6".to_owned(),
            status: ShipmentStatus::Collected,
        });
    });
    world.pass(Duration::from_secs(3600));
    world.complete(Flow::Despatches).await;
    assert!(world.open_exceptions("STATUS_UNKNOWN").await.is_empty());
    assert!(
        world
            .open_exceptions("NO_CARRIER_MOVEMENT")
            .await
            .is_empty()
    );
    assert_eq!(
        world.tracking(&order).await[0].progress.status(),
        Some(&ShipmentStatus::Collected)
    );
}

#[tokio::test]
async fn a_carrier_that_is_down_keeps_no_order_back() {
    let (world, order, number) = left(Setup::default()).await;
    world.warehouse.script_tracking(&number, &[2, 1]);
    world.warehouse.tick_tracking();
    let history = "/v1/trackingservice/gettrackinghistory";
    world
        .warehouse
        .faults()
        .arm(Fault::on(Method::POST, history, FaultKind::Status(503)).times(3));
    world.pass(Duration::from_secs(3600));
    world.complete(Flow::Despatches).await;
    assert_eq!(world.warehouse.faults().pending(), [], "every try failed");
    assert_eq!(world.tracking(&order).await[0].failures, 1);
    assert_eq!(world.state(&order).await, OrderState::Closed);
    world.pass(Duration::from_secs(1800));
    world.complete(Flow::Despatches).await;
    let parcel = world.tracking(&order).await.remove(0);
    assert_eq!(parcel.failures, 0);
    assert_eq!(parcel.progress.status(), Some(&ShipmentStatus::InTransit));
}

#[tokio::test]
async fn what_the_carrier_does_not_know_is_an_answer_and_a_refusal_is_none() {
    let (world, _, number) = left(Setup::default()).await;
    let carrier = world.tracking_port(DEMO_TRACKING_CODE);
    let stranger = TrackedNumber::new("WHL0P999999999999");
    assert!(!carrier.scans(&stranger).await.unwrap().known);
    let ours = TrackedNumber::new(&number);
    let answer = carrier.scans(&ours).await.unwrap();
    assert!(answer.known && answer.scans.is_empty());
    world.warehouse.tick_tracking();
    let scans = carrier.scans(&ours).await.unwrap().scans;
    assert_eq!(scans[0].status, "2");

    let locked_out = world.tracking_port("another code");
    let refused = locked_out.scans(&ours).await.unwrap_err();
    assert_eq!(
        refused.class(),
        FailureClass::Unauthorised,
        "no number is to blame: one failure for all of them"
    );
    assert!(!refused.to_string().contains("another code"));
}
