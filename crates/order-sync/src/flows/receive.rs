//! Despatches from the warehouse: every parcel once, every unit in its place, nothing that belongs to nobody dropped.

use order_mapping::Consignment;

use super::FlowError;
use crate::engine::Run;
use crate::{
    Commit, ExceptionSubject, Fence, Finding, OrderEvent, OrderRecord, OrderState, Reason, Tally,
    apply_despatch, by_line, codes,
};

const CURSOR: &str = "despatches";
const SCOPE: &str = "receive";

pub(super) async fn receive(run: &Run<'_>) -> Result<(), FlowError> {
    let parts = run.parts;
    // An order may have been captured since its despatch was read.
    for (consignment, _) in parts.store.unmatched(&parts.merchant).await? {
        if apply(run, &consignment).await? {
            parts
                .store
                .forget_unmatched(&parts.merchant, &consignment)
                .await?;
        }
    }
    let mut read = 0;
    loop {
        if !run.goes_on().await? {
            return Ok(());
        }
        let cursor = parts.store.cursor(&parts.merchant, CURSOR).await?;
        let page = parts.warehouse.despatches(cursor.as_deref()).await?;
        for consignment in &page.consignments {
            read += 1;
            run.counters.one(Tally::DespatchesRead);
            if !apply(run, consignment).await? {
                run.counters.one(Tally::Unmatched);
                let now = parts.clock.now();
                parts
                    .store
                    .keep_unmatched(&parts.merchant, consignment.clone(), now)
                    .await?;
            }
            run.progress("receive", read, None);
        }
        keep_faults(run, &page.unreadable).await?;
        // Everything on the page is on record, faults included; only now may the cursor pass it.
        if let Some(next) = &page.cursor
            && cursor.as_deref() != Some(next)
        {
            parts
                .store
                .move_cursor(&parts.merchant, CURSOR, cursor.as_deref(), next)
                .await?;
        }
        if !page.more || page.cursor == cursor {
            break;
        }
    }
    Ok(())
}

/// Puts rows that could not be read before people. The cursor passes them, so nothing will ever show that they are settled: they
/// stay open beside those that came before.
async fn keep_faults(run: &Run<'_>, faults: &[String]) -> Result<(), FlowError> {
    if faults.is_empty() {
        return Ok(());
    }
    let mut findings = run.open_findings(SCOPE).await?;
    for fault in faults {
        let subject = ExceptionSubject::new("despatch", fault);
        if findings.iter().all(|known| known.subject != subject) {
            findings.push(Finding::new(subject, &codes::DESPATCH_MISMATCH, fault));
        }
    }
    run.settle(SCOPE, findings).await?;
    Ok(())
}

/// Applies a despatch to the order it belongs to. `false`: no order on record claims it.
async fn apply(run: &Run<'_>, consignment: &Consignment) -> Result<bool, FlowError> {
    let parts = run.parts;
    // The record may move under our hands while the orders flow runs; then it is read again.
    for _ in 0..5 {
        let found = parts
            .store
            .order_by_reference(&parts.merchant, &consignment.reference)
            .await?;
        let Some(mut record) = found else {
            return Ok(false);
        };
        match record.state {
            state if state.is_at_warehouse() => {}
            // Goods that leave prove that the warehouse has the order, whatever the last answer was.
            OrderState::Sending
            | OrderState::OutcomeUnknown
            | OrderState::Queued
            | OrderState::Ready
            | OrderState::Parked => {
                let fence = Fence::Unclaimed(record.state, record.token);
                let now = parts.clock.now();
                let note = format!(
                    "despatch {} proves that the warehouse has it",
                    consignment.id
                );
                let commit = Commit::new(&record, fence, OrderEvent::Confirmed, now, note);
                match parts.store.commit(commit).await? {
                    Ok(confirmed) => {
                        run.counters.one(Tally::Accepted);
                        record = confirmed;
                    }
                    Err(_) => continue,
                }
            }
            // Under our reference, but never sent by us.
            _ => return Ok(false),
        }
        if apply_to(run, &record, consignment).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// `false`: the record moved on meanwhile.
async fn apply_to(
    run: &Run<'_>,
    record: &OrderRecord,
    consignment: &Consignment,
) -> Result<bool, FlowError> {
    let parts = run.parts;
    let lines = parts.store.lines(&parts.merchant, &record.id).await?;
    let parcels = parts.store.parcels(&parts.merchant, &record.id).await?;
    let first_seen = !parts
        .store
        .has_consignment(&parts.merchant, &record.id, &consignment.id)
        .await?;
    let now = parts.clock.now();
    let intent = parts.store.intent(&parts.merchant, &record.id).await?;
    // What was counted before must not take units from what is new: an article's open units are given to the new parcels only.
    let mut news = consignment.clone();
    for parcel in &mut news.parcels {
        if parcels.iter().any(|known| known.parcel.id == parcel.id) {
            parcel.contents.clear();
        }
    }
    if !first_seen {
        news.shorts.clear();
    }
    if let Some(order) = &intent {
        news = by_line(&news, order, &lines);
    }
    let applied = apply_despatch(&lines, &parcels, &news, first_seen, now);
    if applied.new_parcels.is_empty()
        && applied.traced_parcels.is_empty()
        && applied.lines == lines
        && !first_seen
    {
        return Ok(true);
    }
    let event = if applied.complete {
        OrderEvent::FullyDespatched
    } else {
        OrderEvent::PartDespatched
    };
    let units: u64 = news
        .parcels
        .iter()
        .flat_map(|parcel| &parcel.contents)
        .map(|content| u64::from(content.quantity))
        .sum();
    let short: u64 = news
        .shorts
        .iter()
        .map(|short| u64::from(short.quantity))
        .sum();
    let note = format!(
        "despatch {}: {} new parcels, {units} units, {short} short",
        consignment.id,
        applied.new_parcels.len()
    );
    let mut commit = Commit::new(
        record,
        Fence::Unclaimed(record.state, record.token),
        event,
        now,
        note,
    )
    .due(now);
    if !applied.oddities.is_empty() {
        let mut reasons = record.reasons.clone();
        reasons.extend(
            applied
                .oddities
                .iter()
                .map(|oddity| Reason::of(&codes::DESPATCH_MISMATCH, oddity)),
        );
        commit.reasons = Some(reasons);
    }
    let new = applied.new_parcels.len() as u64;
    commit.lines = Some(applied.lines);
    commit.parcels = applied.new_parcels;
    commit.parcels.extend(applied.traced_parcels);
    commit.consignment = Some(consignment.clone());
    if parts.store.commit(commit).await?.is_err() {
        return Ok(false);
    }
    run.counters.add(Tally::ParcelsReceived, new);
    Ok(true)
}
