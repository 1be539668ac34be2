//! Asking the warehouse after an order: the only way out of an unknown outcome.

use chrono::{DateTime, Utc};

use super::FlowError;
use crate::ports::{FailureClass, Lookup};
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{Claim, Commit, Fence, OrderEvent, OrderRecord, OrderState, Reason, Tally, codes};

/// Asks after a claimed order whose outcome is unknown, or whose file is not acknowledged yet.
pub(super) async fn probe(run: &Run<'_>, claim: Claim) -> Result<(), FlowError> {
    let parts = run.parts;
    let record = claim.record;
    if let Some(why) = claim.unopened {
        return park_unopened(run, &record, why).await;
    }
    let Some(intent) = claim.intent else {
        return park(
            run,
            &record,
            "the prepared payload is not in the store any more",
        )
        .await;
    };
    run.counters.one(Tally::Probed);
    let found = parts.warehouse.lookup(&record.reference, &intent).await;
    let now = parts.clock.now();
    let settings = &parts.settings;
    let fence = Fence::Token(record.token);
    let commit = |event, note: String| Commit::new(&record, fence, event, now, note);
    let commit = match found {
        Ok(Lookup::Found {
            warehouse_id,
            accepted_at,
            differences,
        }) => {
            return confirm(run, &record, warehouse_id, accepted_at, differences).await;
        }
        Ok(Lookup::Refused { reason }) => {
            run.counters.one(Tally::Rejected);
            commit(OrderEvent::Refused, reason.clone())
                .because(vec![Reason::of(&codes::WAREHOUSE_REJECTED, reason)])
        }
        Ok(Lookup::Waiting) => {
            let event = if record.state == OrderState::Queued {
                OrderEvent::ProbeFailed
            } else {
                OrderEvent::Queued
            };
            let mut commit = commit(event, "handed over, not picked up yet".to_owned())
                .due(now + to_chrono(settings.acknowledge_poll));
            commit.faultless = true;
            // A file may lie there for hours: once it is on record that it was handed over, every look at it says the same.
            commit.quiet = true;
            commit
        }
        Ok(Lookup::Absent) if record.state == OrderState::Queued => commit(
            OrderEvent::OutcomeLost,
            "the file is nowhere any more".to_owned(),
        )
        .due(now + to_chrono(settings.settle)),
        Ok(Lookup::Absent) if record.absences == 0 => commit(
            OrderEvent::AbsentOnce,
            "not at the warehouse; asked again later".to_owned(),
        )
        .due(now + to_chrono(pause_between_probes(run))),
        // It lay there once. Whoever took it away may have imported it and keeps no archive, or keeps it elsewhere.
        Ok(Lookup::Absent) if was_queued(run, &record).await? => {
            return park(
                run,
                &record,
                "its file was handed over and is in no folder any more; it may have been imported",
            )
            .await;
        }
        Ok(Lookup::Absent) => commit(
            OrderEvent::AbsentTwice,
            "twice not at the warehouse: may be sent again".to_owned(),
        )
        .due(now),
        Err(error) if error.class() == FailureClass::Unauthorised => return Err(error.into()),
        Err(error) => {
            let since = record.unknown_since.unwrap_or(record.changed_at);
            // A file that lies there waits for the importer, not for us; the audit says how long.
            let held_back = error.held_back().is_some();
            let overdue = now - since >= to_chrono(settings.park_after);
            // Nor does its time run while nobody is answered: an open circuit is an exception of its own. The call that tries it fails
            // for that reason as well.
            let everybodys = held_back || parts.guard.tells(&error);
            if record.state != OrderState::Queued && overdue && !everybodys {
                return park(run, &record, &format!("still not answered: {error}")).await;
            }
            run.counters.one(Tally::Deferred);
            let wait = settings.wait_after(record.failures, &error);
            let mut commit = commit(OrderEvent::ProbeFailed, error.to_string()).due(now + wait);
            commit.faultless = everybodys;
            commit.quiet = held_back;
            commit
        }
    };
    write(run, commit).await
}

/// How long after the first negative answer the warehouse is asked again.
fn pause_between_probes(run: &Run<'_>) -> std::time::Duration {
    #[cfg(canary)]
    if crate::canary::planted("settle_zero") {
        return std::time::Duration::ZERO;
    }
    run.parts.settings.settle / 2
}

/// Whether the attempt in question was surely handed over as a file.
async fn was_queued(run: &Run<'_>, record: &OrderRecord) -> Result<bool, FlowError> {
    let timeline = run
        .parts
        .store
        .timeline(&record.merchant, &record.id)
        .await?;
    Ok(timeline
        .iter()
        .rev()
        .take_while(|entry| entry.event != OrderEvent::Claimed)
        .any(|entry| entry.event == OrderEvent::Queued))
}

/// The warehouse has it: the same order is adopted, another one under our reference is a hard stop.
pub(super) async fn confirm(
    run: &Run<'_>,
    record: &OrderRecord,
    warehouse_id: Option<String>,
    accepted_at: Option<DateTime<Utc>>,
    differences: Vec<String>,
) -> Result<(), FlowError> {
    let now = run.parts.clock.now();
    let fence = Fence::Token(record.token);
    let commit = if differences.is_empty() {
        run.counters.one(Tally::Accepted);
        let note = warehouse_id.as_ref().map_or_else(
            || "the warehouse has it".to_owned(),
            |id| format!("the warehouse has it as {id}"),
        );
        let mut commit = Commit::new(record, fence, OrderEvent::Confirmed, now, note);
        commit.warehouse_id = warehouse_id;
        commit.accepted_at = accepted_at;
        commit
    } else {
        run.counters.one(Tally::Rejected);
        let what = differences.join("; ");
        Commit::new(
            record,
            fence,
            OrderEvent::ReferenceCollision,
            now,
            what.clone(),
        )
        .because(vec![Reason::of(&codes::REFERENCE_COLLISION, what)])
    };
    write(run, commit).await
}

/// Gives up for now: a person decides.
pub(super) async fn park(run: &Run<'_>, record: &OrderRecord, why: &str) -> Result<(), FlowError> {
    park_for(run, record, Reason::of(&codes::GAVE_UP, why)).await
}

/// Parks an order whose recipient does not open: without it there is nothing to send, and nothing to compare with.
pub(super) async fn park_unopened(
    run: &Run<'_>,
    record: &OrderRecord,
    why: String,
) -> Result<(), FlowError> {
    park_for(
        run,
        record,
        Reason::of(&codes::PERSONAL_DATA_UNREADABLE, why),
    )
    .await
}

async fn park_for(run: &Run<'_>, record: &OrderRecord, reason: Reason) -> Result<(), FlowError> {
    run.counters.one(Tally::GivenUp);
    let now = run.parts.clock.now();
    let commit = Commit::new(
        record,
        Fence::Token(record.token),
        OrderEvent::GaveUp,
        now,
        &reason.message,
    )
    .because(vec![reason.clone()]);
    write(run, commit).await
}

/// Writes a result; a result that is fenced off belongs to somebody else now and is dropped.
pub(super) async fn write(run: &Run<'_>, commit: Commit) -> Result<(), FlowError> {
    let event = commit.event;
    if let Err(refusal) = run.parts.store.commit(commit).await? {
        tracing::warn!(event = event.as_str(), %refusal, "a result came too late and was dropped");
    }
    Ok(())
}
