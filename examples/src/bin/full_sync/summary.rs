//! The report: what became of every order, in numbers that add up. Holds no personal data.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_mapping::Buffer;
use order_sync::{
    DriftRow, Engine, Flow, FlowReport, OrderEvent, OrderRecord, OrderState, OverdueRow,
    RelayState, Tally, codes,
};
use serde::Serialize;

use crate::alert_count::AlertCount;
use crate::demo_world::{DemoWorld, Rehearsed, Sent};
use crate::open_exceptions::{ExceptionRow, open_exceptions};
use crate::passes::PassResults;
use crate::waiting::{WaitingRow, waiting};
use crate::went::{Went, went};
use connector_examples::deployment::Failure;

/// The report of a run.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    /// What was synchronised.
    pub(crate) source: String,
    pub(crate) accounting: Accounting,
    pub(crate) orders_by_state: BTreeMap<&'static str, u64>,
    pub(crate) ignored: Vec<IgnoredRow>,
    pub(crate) waiting: Vec<WaitingRow>,
    pub(crate) went: Went,
    /// What is open besides the waiting orders.
    pub(crate) open_exceptions: Vec<ExceptionRow>,
    pub(crate) parcels: Parcels,
    pub(crate) stock: Stock,
    pub(crate) drift: Vec<DriftRow>,
    pub(crate) orphans: Vec<OverdueRow>,
    pub(crate) tracking_not_visible: Vec<OverdueRow>,
    pub(crate) exceptions: Exceptions,
    pub(crate) alerts: Alerts,
    /// Only for the simulators: what was done to the run on purpose.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) rehearsed: Option<Rehearsed>,
    /// Only for the simulators: what reached them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<Sent>,
    pub(crate) flows: Vec<FlowReport>,
    pub(crate) second_pass: SecondPass,
    pub(crate) elapsed_ms: u64,
    pub(crate) verdict: Verdict,
}

/// Whether every order is somewhere, and only there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Accounting {
    /// None when nobody has looked: real endpoints, and the audit did not run to its end. Then nothing below is known either.
    pub(crate) in_shop: Option<u64>,
    pub(crate) recorded: u64,
    /// In the shop, could not be read, and listed as an exception.
    pub(crate) unreadable: u64,
    /// In the shop and in no state.
    pub(crate) unaccounted: u64,
    /// On record as taken by the warehouse, and not there.
    pub(crate) lost: u64,
    /// More than once at the warehouse.
    pub(crate) doubled: u64,
    /// At the warehouse and on no record.
    pub(crate) ghosts: u64,
}

/// Orders left out by a named rule.
#[derive(Debug, Serialize)]
pub(crate) struct IgnoredRow {
    pub(crate) rule: String,
    pub(crate) count: u64,
}

/// Parcels on record.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Parcels {
    pub(crate) received: u64,
    /// The shop showed them after they were written, and has not been seen to lose them since.
    pub(crate) relayed: u64,
    /// A later fresh read of the shop still showed them.
    pub(crate) proven: u64,
    /// Written again after they had vanished from the shop.
    pub(crate) rewritten: u64,
    pub(crate) not_visible: u64,
}

/// Stock levels.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Stock {
    pub(crate) published: u64,
    pub(crate) unchanged: u64,
    pub(crate) drift_found: u64,
    pub(crate) corrected: u64,
    pub(crate) drift_left: u64,
    /// What is held back of every article that has no buffer of its own.
    pub(crate) buffer: Buffer,
}

/// Exceptions of the engine.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Exceptions {
    pub(crate) opened: u64,
    pub(crate) closed: u64,
    pub(crate) open: u64,
}

/// Alerts passed on: one for each exception opened or closed.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Alerts {
    pub(crate) opened: u64,
    pub(crate) closed: u64,
}

/// What the second pass did.
#[derive(Debug, Serialize)]
pub(crate) struct SecondPass {
    /// 0 when everything was right already.
    pub(crate) changes: u64,
    /// Which counts are not 0, for example `stock: levels_published 3`.
    pub(crate) changed: Vec<String>,
    pub(crate) flows: Vec<FlowReport>,
}

/// The end of it.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Verdict {
    /// Every flow ran and every order is accounted for.
    pub(crate) sound: bool,
    /// Why not.
    pub(crate) faults: Vec<String>,
}

/// What the summary is made from.
pub(crate) struct Sources<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) alerts: &'a AlertCount,
    pub(crate) world: Option<&'a DemoWorld>,
    pub(crate) source: String,
    /// The engine's time at the end.
    pub(crate) now: DateTime<Utc>,
    /// The buffer of the profile.
    pub(crate) buffer: Buffer,
    pub(crate) elapsed_ms: u64,
}

/// Puts the report together.
pub(crate) async fn summarise(from: Sources<'_>, results: PassResults) -> Result<Summary, Failure> {
    let records = all_records(from.engine).await?;
    let exceptions = from
        .engine
        .store()
        .exceptions(from.engine.merchant(), true)
        .await?;
    let unreadable: BTreeSet<&str> = exceptions
        .iter()
        .filter(|one| one.finding.code == codes::ORDER_UNREADABLE.id)
        .filter_map(|one| one.finding.subject.as_str().strip_prefix("order:"))
        .collect();
    let mut by_state: BTreeMap<&'static str, u64> = BTreeMap::new();
    for record in &records {
        *by_state.entry(record.state.as_str()).or_default() += 1;
    }
    let accounting = accounting(&from, &results, &records, &unreadable);
    let second_pass = second_pass(results.second);
    let sum = |tally: Tally| {
        results
            .first
            .iter()
            .map(|report| report.count(tally))
            .sum::<u64>()
    };
    let all_runs = || results.first.iter().chain(&second_pass.flows);
    let opened_and_closed = |tally: Tally| all_runs().map(|report| report.count(tally)).sum();
    let audit = results.audit.unwrap_or_default();
    let waiting = waiting(&records, from.now);
    let mut summary = Summary {
        source: from.source,
        orders_by_state: by_state,
        ignored: ignored(&records),
        open_exceptions: open_exceptions(&exceptions, &waiting),
        waiting,
        went: went(&records),
        parcels: parcels(from.engine, &records).await?,
        stock: Stock {
            published: sum(Tally::LevelsPublished),
            unchanged: sum(Tally::LevelsUnchanged),
            drift_found: results.drift.len() as u64,
            corrected: sum(Tally::LevelsCorrected),
            drift_left: results.drift_left,
            buffer: from.buffer,
        },
        drift: results.drift,
        orphans: audit.orphans,
        tracking_not_visible: audit.tracking_not_visible,
        exceptions: Exceptions {
            opened: opened_and_closed(Tally::ExceptionsOpened),
            closed: opened_and_closed(Tally::ExceptionsClosed),
            open: exceptions.len() as u64,
        },
        alerts: Alerts {
            opened: from.alerts.opened(),
            closed: from.alerts.closed(),
        },
        rehearsed: from.world.map(DemoWorld::rehearsed),
        sent: from.world.map(DemoWorld::sent),
        verdict: Verdict {
            sound: true,
            faults: Vec::new(),
        },
        accounting,
        second_pass,
        flows: results.first,
        elapsed_ms: from.elapsed_ms,
    };
    let faults = faults(&summary, from.world.is_some());
    summary.verdict = Verdict {
        sound: faults.is_empty(),
        faults,
    };
    Ok(summary)
}

async fn all_records(engine: &Engine) -> Result<Vec<OrderRecord>, Failure> {
    let mut records: Vec<OrderRecord> = Vec::new();
    loop {
        let after = records.last().map(|record| record.id.clone());
        let page = engine
            .store()
            .orders(engine.merchant(), &OrderState::ALL, after.as_ref(), 500)
            .await?;
        if page.is_empty() {
            return Ok(records);
        }
        records.extend(page);
    }
}

/// For the simulators counted there; for real endpoints as the audit counted.
fn accounting(
    from: &Sources<'_>,
    results: &PassResults,
    records: &[OrderRecord],
    unreadable: &BTreeSet<&str>,
) -> Accounting {
    let recorded = records.len() as u64;
    if let Some(world) = from.world {
        let account = world.account(records);
        let unread = account
            .unrecorded
            .iter()
            .filter(|id| unreadable.contains(id.as_str()))
            .count() as u64;
        return Accounting {
            in_shop: Some(account.in_shop),
            recorded,
            unreadable: unread,
            unaccounted: account.unrecorded.len() as u64 - unread,
            lost: account.lost,
            doubled: account.doubled,
            ghosts: account.ghosts,
        };
    }
    let audit = results.audit.as_ref();
    let count = |list: fn(&order_sync::AuditReport) -> &Vec<String>| {
        audit.map_or(0, |audit| list(audit).len() as u64)
    };
    Accounting {
        in_shop: audit.map(|audit| audit.in_shop),
        recorded,
        unreadable: unreadable.len() as u64,
        unaccounted: count(|audit| &audit.not_captured),
        lost: count(|audit| &audit.lost),
        doubled: count(|audit| &audit.doubled),
        ghosts: count(|audit| &audit.ghosts),
    }
}

fn ignored(records: &[OrderRecord]) -> Vec<IgnoredRow> {
    let mut rules: BTreeMap<&str, u64> = BTreeMap::new();
    for record in records
        .iter()
        .filter(|record| record.state == OrderState::Ignored)
    {
        *rules
            .entry(record.rule.as_deref().unwrap_or("no rule"))
            .or_default() += 1;
    }
    rules
        .into_iter()
        .map(|(rule, count)| IgnoredRow {
            rule: rule.to_owned(),
            count,
        })
        .collect()
}

async fn parcels(engine: &Engine, records: &[OrderRecord]) -> Result<Parcels, Failure> {
    let (store, merchant) = (engine.store(), engine.merchant());
    let mut sum = Parcels::default();
    let despatched = |record: &&OrderRecord| {
        matches!(
            record.state,
            OrderState::PartDespatched
                | OrderState::Despatched
                | OrderState::Relayed
                | OrderState::Closed
        )
    };
    for record in records.iter().filter(despatched) {
        let parcels = store.parcels(merchant, &record.id).await?;
        let count =
            |reached: RelayState| parcels.iter().filter(|one| one.relay >= reached).count() as u64;
        let all = parcels.len() as u64;
        sum.received += all;
        sum.relayed += count(RelayState::Seen);
        sum.proven += count(RelayState::Proven);
        sum.not_visible += all - count(RelayState::Seen);
        let mut vanished = false;
        for entry in store.timeline(merchant, &record.id).await? {
            match entry.event {
                OrderEvent::ProofLost => vanished = true,
                OrderEvent::RelaySeen if vanished => {
                    vanished = false;
                    sum.rewritten += all;
                }
                _ => {}
            }
        }
    }
    Ok(sum)
}

fn second_pass(flows: Vec<FlowReport>) -> SecondPass {
    let changed = flows
        .iter()
        .flat_map(|report| {
            let counts = report
                .tallies
                .iter()
                .filter(|(tally, count)| tally.is_change() && **count > 0);
            counts
                .map(|(tally, count)| format!("{}: {} {count}", report.flow, tally.as_str()))
                .collect::<Vec<_>>()
        })
        .collect();
    SecondPass {
        changes: flows.iter().map(FlowReport::changes).sum(),
        changed,
        flows,
    }
}

/// What makes the exit code 1. Orders that wait are business, not failure. A real shop may have news between two passes, so there a
/// second pass that changed something is only reported.
fn faults(summary: &Summary, simulated: bool) -> Vec<String> {
    let mut faults = Vec::new();
    for report in summary
        .flows
        .iter()
        .chain(&summary.second_pass.flows)
        .filter(|report| !report.completed())
    {
        let why = match &report.outcome {
            order_sync::FlowOutcome::Failed { reason } => reason.clone(),
            order_sync::FlowOutcome::Busy => "another worker holds it".to_owned(),
            order_sync::FlowOutcome::Stopped => "it was stopped".to_owned(),
            _ => "it did not end".to_owned(),
        };
        faults.push(format!("flow {}: {why}", report.flow));
    }
    let accounting = &summary.accounting;
    // Without the orders flow nobody has looked for them.
    let captures = summary
        .flows
        .iter()
        .any(|report| report.flow == Flow::Orders);
    let unaccounted = if captures { accounting.unaccounted } else { 0 };
    for (count, what) in [
        (unaccounted, "in the shop and in no state"),
        (
            accounting.lost,
            "lost: taken by the warehouse once and not there any more",
        ),
        (accounting.doubled, "doubled at the warehouse"),
    ] {
        if count > 0 {
            let (orders, are) = if count == 1 {
                ("order", "is")
            } else {
                ("orders", "are")
            };
            faults.push(format!("{count} {orders} {are} {what}"));
        }
    }
    if simulated {
        if accounting.ghosts > 0 {
            faults.push(format!(
                "{} orders at the warehouse are on no record",
                accounting.ghosts
            ));
        }
        let changed = &summary.second_pass.changed;
        if !changed.is_empty() {
            faults.push(format!(
                "the second pass changed something: {}",
                changed.join(", ")
            ));
        }
    }
    faults
}
