//! Replies that are lost on the way, and processes that die before they can record one: one order at the warehouse, always.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::time::Duration;

use connector_sim::{Fault, FaultKind};
use end_to_end::{PurchaseDraft, World};
use http::Method;
use order_sync::{CancellationToken, Flow, FlowReport, OrderEvent, OrderState, Tally};
use order_sync_testkit::faults::FaultPlan;

fn on_create(kind: FaultKind) -> Fault {
    Fault::on(Method::POST, "/v1/orders", kind)
}

fn orders(count: u32) -> Vec<PurchaseDraft> {
    (1..=count)
        .map(|number| PurchaseDraft::new(1000 + number))
        .collect()
}

/// Every order stands at the warehouse exactly once, and nothing else does.
async fn assert_each_once(world: &World, orders: &[PurchaseDraft]) {
    let mut at_warehouse: BTreeMap<String, u32> = BTreeMap::new();
    for order in world.warehouse.orders() {
        *at_warehouse.entry(order.reference).or_default() += 1;
    }
    let wanted: BTreeMap<String, u32> = orders
        .iter()
        .map(|order| (world.reference(order).as_str().to_owned(), 1))
        .collect();
    assert_eq!(at_warehouse, wanted);
    // The warehouse would have caught it, and another one might not.
    let refused = world.warehouse.writes().duplicates_refused;
    assert_eq!(
        refused, 0,
        "an order was sent again although the warehouse had it"
    );
    for order in orders {
        world.assert_accepted(order).await;
    }
}

#[tokio::test]
async fn a_reply_lost_after_the_order_was_taken_is_found_by_asking() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world
        .warehouse
        .faults()
        .arm(on_create(FaultKind::LoseReplyAfterApplying));
    let first = world.complete(Flow::Orders).await;
    assert_eq!(first.count(Tally::OutcomeUnknown), 1);
    assert_eq!(world.state(&order).await, OrderState::OutcomeUnknown);
    assert_eq!(world.open_exceptions("OUTCOME_UNKNOWN").await.len(), 1);

    // Before the settle window is over nothing is done, however often the flow runs.
    for _ in 0..3 {
        world.pass(Duration::from_secs(30));
        let run = world.complete(Flow::Orders).await;
        assert_eq!(
            (run.count(Tally::Probed), run.count(Tally::Submitted)),
            (0, 0)
        );
    }
    world.settle().await;
    assert_each_once(&world, std::slice::from_ref(&order)).await;
    assert_eq!(
        world.warehouse.writes().order_posts,
        1,
        "it was asked for, not sent again"
    );
    assert_eq!(world.open_exceptions("OUTCOME_UNKNOWN").await, []);
    let events = world.events(&order).await;
    let story = [
        OrderEvent::Claimed,
        OrderEvent::OutcomeLost,
        OrderEvent::Confirmed,
    ];
    assert!(events.ends_with(&story), "{events:?}");
    assert_eq!(world.warehouse.faults().pending(), []);
}

#[tokio::test]
async fn an_answer_cut_off_in_the_middle_counts_as_lost() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world
        .warehouse
        .faults()
        .arm(on_create(FaultKind::TruncatedBody));
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&order).await, OrderState::OutcomeUnknown);
    world.settle().await;
    assert_each_once(&world, &[order]).await;
    assert_eq!(world.warehouse.writes().order_posts, 1);
}

#[tokio::test]
async fn an_order_lost_before_it_arrived_is_sent_again_after_two_definite_answers() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world
        .warehouse
        .faults()
        .arm(on_create(FaultKind::LoseReplyBeforeApplying));
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&order).await, OrderState::OutcomeUnknown);
    assert_eq!(world.warehouse.orders().len(), 0);

    let reports = world.settle().await;
    let sum = |tally| {
        reports
            .iter()
            .map(|report| report.count(tally))
            .sum::<u64>()
    };
    assert_eq!((sum(Tally::Probed), sum(Tally::Submitted)), (2, 1));
    assert_each_once(&world, std::slice::from_ref(&order)).await;
    let events = world.events(&order).await;
    let story = [
        OrderEvent::Claimed,
        OrderEvent::OutcomeLost,
        OrderEvent::AbsentOnce,
        OrderEvent::AbsentTwice,
        OrderEvent::Claimed,
        OrderEvent::Confirmed,
    ];
    assert!(events.ends_with(&story), "{events:?}");
}

#[tokio::test]
async fn a_warehouse_that_cannot_be_asked_is_asked_again_and_never_sent_to() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    world
        .warehouse
        .faults()
        .arm(on_create(FaultKind::LoseReplyAfterApplying));
    world
        .warehouse
        .faults()
        .arm(Fault::on(Method::GET, "/v1/orders/", FaultKind::Status(503)).times(6));
    world.settle().await;
    assert_each_once(&world, std::slice::from_ref(&order)).await;
    assert_eq!(world.warehouse.writes().order_posts, 1);
    assert!(
        world
            .events(&order)
            .await
            .contains(&OrderEvent::ProbeFailed)
    );
    assert_eq!(world.warehouse.faults().pending(), []);
}

#[tokio::test]
async fn an_order_that_the_warehouse_doubled_itself_is_not_hidden() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    let other = PurchaseDraft::new(1002);
    world.put(&order);
    world
        .warehouse
        .faults()
        .arm(on_create(FaultKind::ApplyTwice));
    world.complete(Flow::Orders).await;
    world.put(&other);
    world.complete(Flow::Orders).await;
    assert_eq!(
        world.at_warehouse(&order).len(),
        2,
        "the fault did not double it"
    );

    for _ in 0..2 {
        let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
        assert_eq!(audit.doubled, ["#1001"]);
        assert!(!audit.accounts());
        assert_eq!(audit.at_warehouse, Some(3));
        let open = world.open_exceptions("DOUBLED").await;
        assert_eq!(open.len(), 1);
        assert_eq!(open[0].finding.examples, ["#1001"]);
    }
    assert_eq!(world.alerts.opened("DOUBLED").len(), 1);
}

#[tokio::test]
async fn a_process_that_dies_before_it_records_the_answer_sends_nothing_twice() {
    let mut world = World::start().await;
    let orders = orders(3);
    for order in &orders {
        world.put(order);
    }
    world.close();
    let doom = world.open_holding(1);
    let ended = outlives(&world, &doom).await;
    assert!(ended.is_none(), "the run ended alive: {ended:?}");
    world.reopen();
    let unknown = world.counts().await.get(&OrderState::Sending).copied();
    assert!(
        unknown.is_some_and(|count| count >= 1),
        "the intent of the lost order is not on record"
    );
    world.settle().await;
    assert_each_once(&world, &orders).await;
    assert_eq!(world.warehouse.writes().order_posts, 3);
    assert_eq!(world.warehouse.writes().duplicates_refused, 0);
}

/// Runs the orders flow; none when the process is gone before its end.
async fn outlives(world: &World, doom: &FaultPlan) -> Option<FlowReport> {
    let stop = CancellationToken::new();
    tokio::select! {
        report = world.engine().run_once(Flow::Orders, &stop) => Some(report),
        () = doom.until_held(1) => None,
    }
}

const MIXED: [FaultKind; 9] = [
    FaultKind::LoseReplyAfterApplying,
    FaultKind::Throttle { retry_after: None },
    FaultKind::LoseReplyBeforeApplying,
    FaultKind::Status(503),
    FaultKind::TruncatedBody,
    FaultKind::Html,
    FaultKind::Slow(20),
    FaultKind::LoseReplyAfterApplying,
    FaultKind::Status(500),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_orders_among_mixed_faults_arrive_once_each() {
    let world = World::start().await;
    let orders = orders(20);
    for order in &orders {
        world.put(order);
    }
    for (place, kind) in (0..).zip(MIXED) {
        world
            .warehouse
            .faults()
            .arm(on_create(kind).after(place % 3).times(1 + place % 2));
    }
    for kind in [
        FaultKind::Status(503),
        FaultKind::LoseReplyAfterApplying,
        FaultKind::Unauthorised,
    ] {
        world
            .warehouse
            .faults()
            .arm(Fault::on(Method::GET, "/v1/orders/", kind));
    }
    world.settle().await;
    assert_eq!(world.warehouse.faults().pending(), []);
    assert_each_once(&world, &orders).await;
    assert!(
        world
            .complete(Flow::Audit)
            .await
            .audit
            .expect("an audit")
            .accounts()
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn twenty_orders_among_mixed_faults_and_deaths_arrive_once_each() {
    let mut world = World::start().await;
    let orders = orders(20);
    for order in &orders {
        world.put(order);
    }
    for (place, kind) in (0..).zip(MIXED) {
        world
            .warehouse
            .faults()
            .arm(on_create(kind).after(place % 4));
    }
    let mut deaths = 0;
    for create in [3, 2, 1, 1] {
        world.close();
        let doom = world.open_holding(create);
        deaths += u32::from(outlives(&world, &doom).await.is_none());
        world.pass(Duration::from_secs(400));
    }
    assert!(deaths >= 2, "{deaths}");
    world.reopen();
    world.settle().await;
    assert_eq!(world.warehouse.faults().pending(), []);
    assert_each_once(&world, &orders).await;
    assert!(
        world
            .complete(Flow::Audit)
            .await
            .audit
            .expect("an audit")
            .accounts()
    );
}
