//! The built-in runner under paused time: each flow at its own pace, and a graceful end.

use std::time::Duration;

use order_sync::{
    Cadence, CancellationToken, FailureClass, Flow, FlowOutcome, OrderState, Runner, Store as _,
};

use crate::shop::order;
use crate::site::{Site, only};

const fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[tokio::test(start_paused = true)]
async fn every_flow_runs_at_its_own_interval_and_disabled_ones_do_not() {
    let site = Site::new();
    let runner = site.runner(only(&[Flow::Orders, Flow::Stock, Flow::Audit]));
    let report = site.run_for(&runner, seconds(3 * 60 + 5)).await;
    assert_eq!(site.begun(Flow::Orders), [0, 60, 120, 180]);
    assert_eq!(site.begun(Flow::Stock), [0, 30, 60, 90, 120, 150, 180]);
    assert_eq!(site.begun(Flow::Audit), [0]);
    assert_eq!(site.begun(Flow::Despatches), Vec::<i64>::new());
    assert_eq!(report.flows[&Flow::Stock].completed, 7);
    assert!(!report.flows.contains_key(&Flow::Despatches));
    assert!(report.graceful());
}

#[tokio::test(start_paused = true)]
async fn stock_never_waits_for_bulk_order_work() {
    let site = Site::new();
    site.shop.take(seconds(20 * 60));
    let runner = site.runner(only(&[Flow::Orders, Flow::Stock]));
    site.run_for(&runner, seconds(10 * 60 + 1)).await;
    let stock = site.begun(Flow::Stock);
    assert_eq!(stock, (0..=20).map(|run| run * 30).collect::<Vec<_>>());
    assert!(site.begun(Flow::Orders).is_empty(), "not one has ended yet");
}

#[tokio::test(start_paused = true)]
async fn the_catalogue_is_read_once_for_all_flows_that_need_it() {
    let site = Site::new();
    let runner = site.runner(Cadence::default());
    let report = site.run_for(&runner, seconds(9 * 60)).await;
    assert_eq!(site.shop.catalogue_reads(), 1);
    assert_eq!(report.flows.len(), Flow::ALL.len());
    let failed: u64 = report.flows.values().map(|runs| runs.failed).sum();
    assert_eq!(failed, 0, "{report:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_run_under_way_finish_and_record_what_it_does() {
    let site = Site::new();
    site.shop.put(order("A"));
    site.shop.take(seconds(10));
    let runner = site.runner(only(&[Flow::Orders]));
    let began = site.elapsed();
    let report = site.run_for(&runner, seconds(5)).await;
    assert_eq!((site.elapsed() - began).as_secs(), 10);
    assert!(report.graceful());
    assert_eq!(report.flows[&Flow::Orders].stopped, 1);
    let last = report.flows[&Flow::Orders].last.as_ref().unwrap();
    assert_eq!(last.outcome, FlowOutcome::Stopped);
    assert_eq!(
        site.count(OrderState::Captured).await,
        1,
        "what was read is on record"
    );
    // And the next process finds no lease in its way.
    site.shop.take(seconds(0));
    let report = site
        .run_for(&site.runner(only(&[Flow::Orders])), seconds(1))
        .await;
    assert_eq!(report.flows[&Flow::Orders].completed, 1);
}

#[tokio::test(start_paused = true)]
async fn what_does_not_end_within_the_grace_is_dropped_and_told() {
    let site = Site::new();
    site.shop.take(seconds(24 * 3600));
    let runner = site.runner(only(&[Flow::Orders, Flow::Stock]));
    let began = site.elapsed();
    let report = site.run_for(&runner, seconds(60)).await;
    let grace = Cadence::default().shutdown_grace;
    assert_eq!(site.elapsed() - began, seconds(60) + grace);
    assert!(!report.graceful());
    assert_eq!(Vec::from_iter(report.dropped), [Flow::Orders]);
    assert!(report.flows[&Flow::Stock].completed >= 2);
}

#[tokio::test(start_paused = true)]
async fn a_runner_that_is_stopped_before_it_begins_does_nothing() {
    let site = Site::new();
    let stop = CancellationToken::new();
    stop.cancel();
    let report = site.runner(Cadence::default()).run(stop).await;
    assert!(report.flows.is_empty() && report.graceful());
    assert_eq!(site.shop.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_hint_wakes_a_flow_early_but_never_too_early() {
    let site = Site::new();
    let runner = site.runner(only(&[Flow::Orders]));
    let hint = runner.hint(Flow::Orders);
    let webhook = async {
        tokio::time::sleep(seconds(2)).await;
        // Ten news at once are one run, and it waits until ten seconds are over.
        (0..10).for_each(|_| hint.wake());
        tokio::time::sleep(seconds(28)).await;
        hint.wake();
    };
    tokio::join!(site.run_for(&runner, seconds(100)), webhook);
    assert_eq!(site.begun(Flow::Orders), [0, 10, 30, 90]);
}

#[tokio::test(start_paused = true)]
async fn a_shop_that_is_too_busy_is_called_less_and_then_step_by_step_more() {
    let site = Site::new();
    site.shop.fail(Some(FailureClass::Throttled));
    let runner = site.runner(only(&[Flow::Orders, Flow::Stock]));
    let relief = async {
        tokio::time::sleep(seconds(15 * 60)).await;
        site.shop.fail(None);
    };
    tokio::join!(site.run_for(&runner, seconds(2 * 3600 - 1)), relief);
    let begun = site.begun(Flow::Orders);
    let distances: Vec<i64> = begun.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(distances[..3], [120, 240, 480]);
    let after = &distances[4..];
    assert!(after.windows(2).all(|pair| pair[1] <= pair[0]), "{after:?}");
    assert_eq!(after.last(), Some(&60));
    assert_eq!(
        site.begun(Flow::Stock).len(),
        240,
        "who was not throttled runs on"
    );
    let reports = site.reports.0.lock().unwrap();
    assert!(reports.iter().any(|report| report.port_use.throttled > 0));
}

#[tokio::test(start_paused = true)]
async fn runs_that_fail_back_off_and_an_open_circuit_does_not_add_to_it() {
    let site = Site::new();
    site.shop.fail(Some(FailureClass::Unavailable));
    let runner = site.runner(only(&[Flow::Orders]));
    site.run_for(&runner, seconds(3600)).await;
    let begun = site.begun(Flow::Orders);
    assert_eq!(begun[..5], [0, 120, 360, 840, 1740]);
}

#[tokio::test(start_paused = true)]
async fn the_stock_is_compared_whole_once_a_day_across_restarts() {
    let site = Site::new();
    let mut cadence = only(&[Flow::Stock]);
    cadence.stock.every = seconds(3600);
    let corrective = || async {
        let merchant = Site::merchant();
        let noted = site.store.cursor(&merchant, "stock.corrective_at").await;
        noted.unwrap()
    };
    assert_eq!(corrective().await, None);
    let runner = site.runner(cadence.clone());
    site.run_for(&runner, seconds(10)).await;
    let first = corrective().await;
    assert!(first.is_some(), "one that nobody remembers is due at once");

    let runner = site.runner(cadence.clone());
    site.run_for(&runner, seconds(23 * 3600)).await;
    assert_eq!(corrective().await, first, "a restart does not repeat it");

    let runner = site.runner(cadence);
    site.run_for(&runner, seconds(2 * 3600)).await;
    assert_ne!(corrective().await, first);
}

#[tokio::test(start_paused = true)]
async fn a_seed_reproduces_when_every_run_begins() {
    let begun = |seed| async move {
        let site = Site::new();
        let mut cadence = only(&[Flow::Orders, Flow::Stock]);
        cadence.orders.jitter_percent = 50;
        cadence.stock.jitter_percent = 50;
        let runner = site.runner(cadence).with_seed(seed);
        site.run_for(&runner, seconds(1800)).await;
        (site.begun(Flow::Orders), site.begun(Flow::Stock))
    };
    let (one, same, other) = (begun(1).await, begun(1).await, begun(2).await);
    assert_eq!(one, same);
    assert_ne!(one, other);
    assert!(one.0.len() > 15 && one.1.len() > 30, "{one:?}");
}

#[tokio::test(start_paused = true)]
async fn a_cadence_that_makes_no_sense_is_refused_with_every_reason() {
    let site = Site::new();
    let mut cadence = only(&[]);
    cadence.stock_corrective = Duration::ZERO;
    let error = Runner::new(site.engine(), cadence).unwrap_err();
    assert_eq!(error.faults().len(), 2);
    assert!(error.to_string().contains("every flow is disabled"));
}
