//! The program that is killed, stopped and robbed of its database: the engine over a real store, at work until everything is at rest.

mod canary;
mod later;
pub(crate) mod opening;
mod room;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use order_sync::{
    CancellationToken, Clock, DeskAction, DeskCommand, Engine, Flow, FlowOutcome, FlowReport,
    OrderState, RequestState, Store,
};
use order_sync_testkit::faults::WatchedStore;

use self::later::Later;
use crate::doom::{StoreDoom, port_doom};
use crate::fail_point::FailPoint;
use crate::site::{self, Site};
use crate::task::Task;

/// A victim that nobody ends any more ends by itself.
const LONGEST_LIFE: Duration = Duration::from_secs(400);

/// Despatches first: what the warehouse sent before its order is on record has to be kept.
const FLOWS: [Flow; 5] = [
    Flow::Despatches,
    Flow::Catalogue,
    Flow::Orders,
    Flow::Stock,
    Flow::Housekeeping,
];

/// The audit reads everything on both sides: it runs in one round of so many.
const AUDIT_EVERY: u64 = 4;

/// What a victim says when a run of the orders flow begins, and when it is over, at once where another worker holds the flow.
pub(crate) const ORDERS_BEGUN: &str = "orders: begun";
const ORDERS_OVER: &str = "orders: over";

/// What a restored store says of an order that it sent and does not know of any more.
const FORGOTTEN: [&str; 2] = ["CONTENT_DIFFERS", "REFERENCE_COLLISION"];

/// Orders that are taken further one by one in a round, as a message consumer does.
const ADVANCED: usize = 4;

/// Runs the task of that file. Ends with success once everything is at rest.
pub(crate) fn run(path: &Path) -> ExitCode {
    let worked = Task::read(path).and_then(|task| {
        tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|error| error.to_string())?
            .block_on(work(&task))
    });
    match worked {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            println!("ended: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn work(task: &Task) -> Result<(), String> {
    let begun = Instant::now();
    if let Some(room) = &task.room {
        room::keep(room.clone());
    }
    let engine = build(task).await?;
    println!("at work");
    let stop = CancellationToken::new();
    let mut round = 0;
    while begun.elapsed() < LONGEST_LIFE {
        let mut changes = 0;
        for flow in FLOWS {
            let report = if round == 0 && flow == Flow::Stock {
                engine.run_stock_corrective(&stop).await
            } else {
                if flow == Flow::Orders {
                    println!("{ORDERS_BEGUN}");
                }
                engine.run_once(flow, &stop).await
            };
            if flow == Flow::Orders {
                println!("{ORDERS_OVER}");
            }
            tell(&report);
            changes += report.changes();
        }
        if round % AUDIT_EVERY == 0 {
            tell(&engine.run_once(Flow::Audit, &stop).await);
        }
        advance(&engine, &stop).await;
        if round % AUDIT_EVERY == 0 {
            look_after(&engine).await;
        }
        if is_at_rest(&engine, task).await {
            return tidy(&engine, &stop).await;
        }
        round += 1;
        // What waits for leases and settle windows comes no sooner for being asked after: the processor is for those at work.
        let pause = if changes == 0 { 150 } else { 10 };
        tokio::time::sleep(Duration::from_millis(pause)).await;
    }
    Err("the longest life of a victim is over".to_owned())
}

/// Runs every flow once more, each as soon as whoever held it has lost it: what was wrong for a while is seen to be settled.
async fn tidy(engine: &Engine, stop: &CancellationToken) -> Result<(), String> {
    const LAST: [Flow; 5] = [
        Flow::Catalogue,
        Flow::Despatches,
        Flow::Orders,
        Flow::Stock,
        Flow::Audit,
    ];
    const TRIES: u32 = 300;
    for flow in LAST {
        let mut tries = 0;
        while !engine.run_once(flow, stop).await.completed() {
            tries += 1;
            if tries == TRIES {
                return Err(format!("the last run of {flow} did not complete"));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
    println!("at rest");
    Ok(())
}

async fn build(task: &Task) -> Result<Engine, String> {
    let clock: Arc<dyn Clock> = Arc::new(Later::by(task.ahead));
    let point = match &task.death {
        Some(death) => Some(
            FailPoint::named(&death.point).ok_or(format!("{} is no fail point", death.point))?,
        ),
        None => None,
    };
    let call = task.death.as_ref().map_or(1, |death| death.call);
    let store = opening::store(task, clock.now()).await?;
    let doom = Arc::new(StoreDoom::new(point, call));
    let store: Arc<dyn Store> = Arc::new(WatchedStore::new(store, doom, Arc::clone(&clock)));
    let mut ports = site::ports(&Site {
        shop: &task.shop,
        warehouse: &task.warehouse,
        extra_articles: task.extra_articles,
    })?;
    if let Some(canary) = task.canary {
        canary::plant(canary, &mut ports);
    }
    if let Some(plan) = point.and_then(|point| port_doom(Arc::clone(&clock), point, call)) {
        ports = plan.around(ports);
    }
    site::engine(store, ports, |settings| {
        settings.in_flight = task.in_flight;
        settings.batch = task.batch;
    })
    .with_clock(clock)
    .build()
    .map_err(|error| error.to_string())
}

/// Puts a run into the log where it failed.
fn tell(report: &FlowReport) {
    if let FlowOutcome::Failed { reason } = &report.outcome {
        println!("{}: {reason}", report.flow);
    }
}

/// Takes some orders further by themselves.
async fn advance(engine: &Engine, stop: &CancellationToken) {
    const OPEN: [OrderState; 5] = [
        OrderState::Ready,
        OrderState::OutcomeUnknown,
        OrderState::Accepted,
        OrderState::Despatched,
        OrderState::Relayed,
    ];
    let store = engine.store();
    let Ok(open) = store.orders(engine.merchant(), &OPEN, None, ADVANCED).await else {
        return;
    };
    for record in open {
        if let Err(failure) = engine.advance(&record.id, stop).await {
            println!("{}: {failure}", record.id);
        }
    }
}

/// A person writes a remark beside the exception that was opened last.
async fn look_after(engine: &Engine) {
    let open = match engine.exceptions().await {
        Ok(open) => open,
        Err(failure) => {
            println!("exceptions: {failure}");
            return;
        }
    };
    let Some(last) = open.iter().map(|exception| exception.number).max() else {
        return;
    };
    let remark = DeskCommand::new(last, DeskAction::Note, "a clerk", "seen");
    if let Err(failure) = engine.act_on_exception(remark).await {
        println!("exception {last}: {failure}");
    }
}

/// Orders that the warehouse has otherwise than the store, or has cancelled, of which people are told: a store that was restored has
/// forgotten what it sent, and takes the order of today for it. They wait for a person.
async fn told_to_differ(engine: &Engine, task: &Task) -> BTreeSet<String> {
    if task.ahead.is_zero() {
        return BTreeSet::new();
    }
    let open = engine.exceptions().await.unwrap_or_default();
    open.into_iter()
        .map(|exception| exception.finding)
        .filter(|finding| FORGOTTEN.contains(&finding.code.as_str()))
        .map(|finding| finding.subject.as_str().to_owned())
        .collect()
}

/// Whether as many orders as the task's file says are on record, and none of them moves by itself any more. `false` where it cannot be
/// told.
async fn is_at_rest(engine: &Engine, task: &Task) -> bool {
    let Some(wanted) = std::fs::read_to_string(&task.rest)
        .ok()
        .and_then(|text| text.trim().parse::<usize>().ok())
    else {
        return false;
    };
    let store = engine.store();
    let Ok(orders) = store
        .orders(engine.merchant(), &OrderState::ALL, None, 100_000)
        .await
    else {
        return false;
    };
    let told = told_to_differ(engine, task).await;
    orders.len() >= wanted
        && orders.iter().all(|record| {
            let denied = record.request_state().is_some_and(RequestState::is_denied);
            let pending = record.request_state().is_some_and(RequestState::is_pending);
            let still = record.state.is_settled()
                || matches!(record.state, OrderState::Held | OrderState::Parked);
            !pending && (still || denied) || told.contains(&format!("order:{}", record.id))
        })
}
