//! What the engine does when a vendor fails for longer: few calls, one exception, and nothing lost or blamed.

use std::time::Duration;

use order_sync::{
    CancellationToken, Engine, FailureClass, Flow, FlowOutcome, FlowReport, OrderState, PortName,
};

use crate::shop::order;
use crate::site::Site;

/// One engine for all runs: circuits belong to a process.
async fn run(engine: &Engine, flow: Flow) -> FlowReport {
    engine.run_once(flow, &CancellationToken::new()).await
}

async fn pass(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}

#[tokio::test(start_paused = true)]
async fn a_thousand_orders_against_a_dead_warehouse_cost_some_twenty_calls_and_one_exception() {
    let site = Site::new();
    for number in 0..1000 {
        site.shop.put(order(&format!("A{number:03}")));
    }
    let engine = site.engine();
    site.warehouse.fail(Some(FailureClass::NeverSent));
    let mut held_back = 0;
    for _ in 0..60 {
        let report = run(&engine, Flow::Orders).await;
        assert!(
            matches!(report.outcome, FlowOutcome::Failed { .. }),
            "{report:?}"
        );
        held_back += report.port_use.circuit_open;
        assert_eq!(site.open_codes().await.len(), 1);
        pass(60).await;
    }
    let submits = site.warehouse.count("submit");
    let lookups = site.warehouse.count("lookup");
    assert!(
        (20..=27).contains(&submits),
        "{submits} create calls in an hour"
    );
    assert!(
        (10..=20).contains(&lookups),
        "{lookups} reads that tried it in an hour"
    );
    assert!(held_back > 0);
    assert_eq!(site.open_codes().await, ["CIRCUIT_OPEN"]);
    let circuits = engine.circuits();
    assert!(
        circuits
            .iter()
            .any(|open| open.port == PortName::Warehouse && open.operation == "submit"),
        "{circuits:?}"
    );
    assert_eq!(site.count(OrderState::Parked).await, 0);
    assert_eq!(site.count(OrderState::Ready).await, 1000);

    site.warehouse.fail(None);
    for _ in 0..10 {
        pass(300).await;
        run(&engine, Flow::Orders).await;
    }
    assert_eq!(site.count(OrderState::Accepted).await, 1000);
    assert_eq!(site.warehouse.orders().len(), 1000);
    assert_eq!(site.open_codes().await, Vec::<String>::new());
    assert_eq!(engine.circuits(), []);
}

#[tokio::test(start_paused = true)]
async fn a_warehouse_that_answers_nothing_leaves_few_orders_unknown() {
    let site = Site::new();
    for number in 0..200 {
        site.shop.put(order(&format!("A{number:03}")));
    }
    let engine = site.engine();
    site.warehouse.fail(Some(FailureClass::Ambiguous));
    for _ in 0..5 {
        run(&engine, Flow::Orders).await;
        pass(60).await;
    }
    let unknown = site.count(OrderState::OutcomeUnknown).await;
    assert!((20..=27).contains(&unknown), "{unknown} of 200 are unknown");
    assert_eq!(site.warehouse.count("submit"), unknown);
    assert_eq!(site.count(OrderState::Ready).await, 200 - unknown);
}

#[tokio::test(start_paused = true)]
async fn refused_credentials_stop_all_calls_at_once_and_a_read_finds_out_that_they_are_right_again()
{
    let site = Site::new();
    for number in 0..50 {
        site.shop.put(order(&format!("A{number:02}")));
    }
    let engine = site.engine();
    site.warehouse.fail(Some(FailureClass::Unauthorised));
    run(&engine, Flow::Orders).await;
    let submits = site.warehouse.count("submit");
    assert!(submits <= 8, "{submits} calls: no more than were under way");
    assert_eq!(site.open_codes().await, ["CIRCUIT_OPEN"]);
    run(&engine, Flow::Orders).await;
    assert_eq!(site.warehouse.count("submit"), submits);

    site.warehouse.fail(None);
    pass(60).await;
    let report = run(&engine, Flow::Orders).await;
    assert_eq!(site.warehouse.count("lookup"), 1, "{report:?}");
    while site.count(OrderState::Accepted).await < 50 {
        pass(60).await;
        run(&engine, Flow::Orders).await;
    }
    assert_eq!(site.warehouse.count("lookup"), 1);
    assert_eq!(site.open_codes().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn a_circuit_of_another_process_stays_told_until_the_operation_is_answered() {
    let site = Site::new();
    site.shop.put(order("A"));
    let engine = site.engine();
    site.warehouse.fail(Some(FailureClass::Unauthorised));
    run(&engine, Flow::Orders).await;
    assert_eq!(site.open_codes().await, ["CIRCUIT_OPEN"]);

    // Started anew, and nothing has called the warehouse yet.
    site.warehouse.fail(None);
    let engine = site.engine();
    run(&engine, Flow::Stock).await;
    run(&engine, Flow::Despatches).await;
    assert_eq!(site.open_codes().await, ["CIRCUIT_OPEN"]);
    pass(60).await;
    run(&engine, Flow::Orders).await;
    assert_eq!(site.state("A").await, OrderState::Accepted);
    assert_eq!(site.open_codes().await, Vec::<String>::new());
}

#[tokio::test(start_paused = true)]
async fn an_open_circuit_at_the_warehouse_does_not_keep_new_orders_from_being_recorded() {
    let site = Site::new();
    site.shop.put(order("A"));
    let engine = site.engine();
    site.warehouse.fail(Some(FailureClass::Unauthorised));
    run(&engine, Flow::Orders).await;
    site.shop.put(order("B"));
    let report = run(&engine, Flow::Orders).await;
    assert_eq!(report.port_use.circuit_open, 1);
    assert_eq!(site.state("B").await, OrderState::Ready);
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_brings_no_order_closer_to_being_parked() {
    let site = Site::new();
    site.shop.put(order("A"));
    let engine = site.engine();
    site.warehouse.fail(Some(FailureClass::Ambiguous));
    run(&engine, Flow::Orders).await;
    assert_eq!(site.state("A").await, OrderState::OutcomeUnknown);
    site.warehouse.fail(Some(FailureClass::Unauthorised));
    // Credentials that are wrong for a month.
    for _ in 0..31 {
        pass(24 * 3600).await;
        run(&engine, Flow::Orders).await;
        let report = run(&engine, Flow::Orders).await;
        assert_eq!(report.count(order_sync::Tally::Submitted), 0);
    }
    assert_eq!(site.state("A").await, OrderState::OutcomeUnknown);
    site.warehouse.fail(None);
    for _ in 0..4 {
        pass(3600).await;
        run(&engine, Flow::Orders).await;
    }
    assert_eq!(site.state("A").await, OrderState::Accepted);
}
