//! Changes, cancellations and returns over the warehouse's interface: asked for, answered, and never assumed.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use connector_sim::{Fault, FaultKind, OrderStatus, ReturnCondition, ReturnedLine, WhistlOptions};
use end_to_end::{PurchaseDraft, Setup, World};
use http::Method;
use order_sync::{Flow, OrderEvent, OrderState, RequestState, Tally};

fn draft() -> PurchaseDraft {
    PurchaseDraft::new(1001).lines(&[("MUG-01", 4), ("TEA POT", 1)])
}

fn cancelled() -> PurchaseDraft {
    draft().set("/packages/0/type", "cancelled")
}

async fn accepted(world: &World) -> PurchaseDraft {
    let order = draft();
    world.put(&order);
    world.complete(Flow::Orders).await;
    world.assert_accepted(&order).await;
    order
}

#[tokio::test]
async fn a_cancellation_is_accepted_by_the_warehouse_and_nothing_leaves() {
    let world = World::start().await;
    let order = accepted(&world).await;
    world.put(&cancelled());
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&order).await, OrderState::Withdrawn);
    assert_eq!(world.at_warehouse(&order)[0].status, OrderStatus::Cancelled);
    world.tick();
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Withdrawn);
    let audit = world.complete(Flow::Audit).await.audit.unwrap();
    assert!(audit.accounts() && audit.ghosts.is_empty(), "{audit:?}");
}

#[tokio::test]
async fn a_cancellation_that_comes_too_late_is_told_and_so_is_what_the_shop_cannot_show() {
    let world = World::start().await;
    let order = accepted(&world).await;
    // It has left, and nobody here knows yet.
    world.tick();
    world.put(&cancelled());
    world.complete(Flow::Orders).await;
    assert_eq!(
        world.record(&order).await.request_state(),
        Some(RequestState::TooLate)
    );
    assert_eq!(world.open_exceptions("CANCEL_TOO_LATE").await.len(), 1);
    // The shop has no package any more that its parcels could be put on: that is told as well, and never given up in silence.
    world.complete(Flow::Despatches).await;
    world.pass(Duration::from_secs(2 * 3600));
    world.complete(Flow::Despatches).await;
    world.complete(Flow::Audit).await;
    assert_eq!(world.state(&order).await, OrderState::Despatched);
    for code in ["CANCEL_TOO_LATE", "TRACKING_NOT_VISIBLE"] {
        assert_eq!(world.open_exceptions(code).await.len(), 1, "{code}");
    }
}

#[tokio::test]
async fn a_cancellation_that_the_warehouse_decides_later_is_asked_after() {
    let mut options = WhistlOptions::default();
    options.cancels_wait_for_tick = true;
    let world = World::with_warehouse(Setup::default(), options).await;
    let order = accepted(&world).await;
    world.put(&cancelled());
    world.complete(Flow::Orders).await;
    assert_eq!(
        world.record(&order).await.request_state(),
        Some(RequestState::Asked)
    );
    world.tick();
    world.pass(Duration::from_secs(120));
    world.complete(Flow::Orders).await;
    let request = world.record(&order).await.request_state();
    assert!(
        request.is_some_and(|state| !state.is_pending()),
        "{request:?}"
    );
}

#[tokio::test]
async fn an_amendment_arrives_as_the_smallest_difference_and_once() {
    let world = World::start().await;
    let order = accepted(&world).await;
    let before = world.at_warehouse(&order)[0].clone();
    // The answer to the first asking is lost after it was applied.
    let lost = FaultKind::LoseReplyAfterApplying;
    let path = format!("/v1/orders/{}/amend", world.reference(&order).as_str());
    world
        .warehouse
        .faults()
        .arm(Fault::on(Method::POST, &path, lost));
    world.put(
        &draft()
            .lines(&[("MUG-01", 6), ("TEA POT", 1)])
            .set("/customer_reference", "PO-CHANGED"),
    );
    world.complete(Flow::Orders).await;
    assert_eq!(world.warehouse.faults().pending(), []);
    world.pass(Duration::from_secs(3600));
    world.complete(Flow::Orders).await;
    assert_eq!(
        world.record(&order).await.request_state(),
        Some(RequestState::Accepted)
    );
    let after = world.at_warehouse(&order)[0].clone();
    assert_eq!(after.version, before.version + 1, "amended once");
    let units: Vec<u32> = after.lines.iter().map(|line| line.ordered).collect();
    assert_eq!(units, [6, 1]);
    let document = after.document().to_string();
    assert!(document.contains("PO-CHANGED"), "{document}");
    assert!(world.events(&order).await.contains(&OrderEvent::Amended));

    world.tick();
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    let audit = world.complete(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.differing, []);
}

#[tokio::test]
async fn goods_that_come_back_reach_finance_with_their_condition() {
    let world = World::start().await;
    let order = accepted(&world).await;
    world.tick();
    world.settle().await;
    let mut line = ReturnedLine::new("MUG01", 2, ReturnCondition::Damaged);
    line.reason = Some("arrived in pieces, says the sender".to_owned());
    let reference = world.reference(&order);
    world.warehouse.take_back(Some(reference.as_str()), &[line]);
    let report = world.complete(Flow::Despatches).await;
    assert_eq!(report.count(Tally::ReturnsReceived), 1);
    let told = world.open_exceptions("GOODS_RETURNED").await;
    assert!(told[0].finding.detail.contains("2 x MUG01 (damaged)"));
    assert!(
        !told[0].finding.detail.contains("the sender"),
        "what the sender wrote is personal"
    );
    let again = world.complete(Flow::Despatches).await;
    assert_eq!(again.count(Tally::ReturnsReceived), 0);
}
