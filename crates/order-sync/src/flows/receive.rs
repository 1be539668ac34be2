//! Despatches from the warehouse: every parcel once, every unit in its place, nothing that belongs to nobody dropped.

use order_mapping::{Consignment, FulfilmentOrder, PartialPolicy};

use super::FlowError;
use crate::run::{Run, finding_of};
use crate::{
    Commit, DespatchApplied, ExceptionSubject, Fence, Finding, OrderEvent, OrderRecord, OrderState,
    ParcelRecord, ParcelTracking, Reason, Tally, apply_despatch, by_line, codes,
};

const CURSOR: &str = "despatches";
const SCOPE: &str = "receive";

/// A place of the despatch feed to read from again; none: its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct From(pub(crate) Option<String>);

/// Reads despatches after the cursor, or `again` from another place, which leaves the cursor where it is.
pub(super) async fn receive(run: &Run<'_>, again: Option<From>) -> Result<(), FlowError> {
    let parts = run.parts;
    // An order may have been captured since its despatch was read.
    for (consignment, _) in parts.store.unmatched(&parts.merchant).await? {
        if let Some(found) = apply(run, &consignment).await? {
            keep_faults(run, found).await?;
            parts
                .store
                .forget_unmatched(&parts.merchant, &consignment)
                .await?;
        }
    }
    let mut read = 0;
    let keeps_cursor = again.is_some();
    let mut place = match again {
        Some(From(place)) => place,
        None => parts.store.cursor(&parts.merchant, CURSOR).await?,
    };
    loop {
        if !run.goes_on().await? {
            return Ok(());
        }
        let page = parts.warehouse.despatches(place.as_deref()).await?;
        #[cfg(canary)]
        if let Some(next) = page.cursor.as_deref().filter(|_| !keeps_cursor)
            && crate::canary::planted("despatch_cursor_early")
        {
            let store = &parts.store;
            store
                .move_cursor(&parts.merchant, CURSOR, place.as_deref(), next)
                .await?;
            place = page.cursor.clone();
        }
        let mut faults = Vec::new();
        for consignment in &page.consignments {
            read += 1;
            run.counters.one(Tally::DespatchesRead);
            if let Some(found) = apply(run, consignment).await? {
                faults.extend(found);
            } else {
                run.counters.one(Tally::Unmatched);
                let now = parts.clock.now();
                parts
                    .store
                    .keep_unmatched(&parts.merchant, consignment.clone(), now)
                    .await?;
            }
            run.progress("receive", read, None);
            run.stays().await;
        }
        faults.extend(page.unreadable.iter().map(|fault| {
            let subject = ExceptionSubject::new("despatch", fault);
            Finding::new(subject, &codes::DESPATCH_MISMATCH, fault)
        }));
        keep_faults(run, faults).await?;
        let moves = page.cursor.is_some() && page.cursor != place;
        // Everything on the page is on record, faults included; only now may the cursor pass it.
        if let Some(next) = &page.cursor
            && moves
            && !keeps_cursor
        {
            let from = place.as_deref();
            let moved = parts
                .store
                .move_cursor(&parts.merchant, CURSOR, from, next)
                .await?;
            if !moved {
                // Whoever moved it has read this page as well, or reads it again.
                return Err(FlowError::LeaseLost);
            }
        }
        if !page.more || !moves {
            break;
        }
        place = page.cursor;
    }
    Ok(())
}

/// Puts what was odd about despatches before people. The cursor passes them, so nothing will ever show that they are settled: they
/// stay open beside those that came before, until a person closes them.
async fn keep_faults(run: &Run<'_>, faults: Vec<Finding>) -> Result<(), FlowError> {
    if faults.is_empty() {
        return Ok(());
    }
    let mut findings = run.open_findings(SCOPE).await?;
    for fault in faults {
        let same = |known: &Finding| known.subject == fault.subject && known.code == fault.code;
        match findings.iter_mut().find(|known| same(known)) {
            Some(known) if known.detail.contains(&fault.detail) => {}
            Some(known) => {
                known.detail.push_str("; ");
                known.detail.push_str(&fault.detail);
            }
            None => findings.push(fault),
        }
    }
    run.settle(SCOPE, findings).await?;
    Ok(())
}

/// Applies a despatch to the order it belongs to, and says what is odd about it. `None`: no order on record claims it.
async fn apply(
    run: &Run<'_>,
    consignment: &Consignment,
) -> Result<Option<Vec<Finding>>, FlowError> {
    let parts = run.parts;
    // The record may move under our hands while the orders flow runs; then it is read again.
    for _ in 0..5 {
        let found = parts
            .store
            .order_by_reference(&parts.merchant, &consignment.reference)
            .await?;
        let Some(mut record) = found else {
            return Ok(None);
        };
        match record.state {
            state if state.is_at_warehouse() => {}
            // The cancellation was accepted, and it left all the same.
            OrderState::Withdrawn => {}
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
            _ => return Ok(None),
        }
        if let Some(found) = apply_to(run, &record, consignment).await? {
            return Ok(Some(found));
        }
    }
    // Others kept changing the order. Kept beside the orders, it is tried again by the next run.
    Ok(None)
}

/// `None`: the record moved on meanwhile.
async fn apply_to(
    run: &Run<'_>,
    record: &OrderRecord,
    consignment: &Consignment,
) -> Result<Option<Vec<Finding>>, FlowError> {
    let parts = run.parts;
    let lines = parts.store.lines(&parts.merchant, &record.id).await?;
    let parcels = parts.store.parcels(&parts.merchant, &record.id).await?;
    let first_seen = !parts
        .store
        .has_consignment(&parts.merchant, &record.id, &consignment.id)
        .await?;
    #[cfg(canary)]
    let first_seen = first_seen || crate::canary::planted("shorts_counted_twice");
    let now = parts.clock.now();
    let intent = parts.store.intent(&parts.merchant, &record.id).await?;
    // What was counted before must not take units from what is new: an article's open units are given to the new parcels only.
    let mut news = consignment.clone();
    for parcel in &mut news.parcels {
        let known = parcels.iter().any(|known| known.parcel.id == parcel.id);
        #[cfg(canary)]
        let known = known && !crate::canary::planted("parcels_counted_twice");
        if known {
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
    let known = applied.new_parcels.is_empty()
        && applied.traced_parcels.is_empty()
        && applied.lines == lines
        && !first_seen;
    #[cfg(canary)]
    let known = known && !crate::canary::planted("despatch_applied_again");
    if known {
        // On record already. A run that died right after it had been put there told nobody.
        let standing = record
            .reasons
            .iter()
            .filter(|reason| is_of_despatch(reason));
        let standing = standing.map(|reason| finding_of(reason, Some(record)));
        return Ok(Some(run.never_told(SCOPE, standing.collect()).await?));
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
    let nothing_left = applied.complete
        && parcels.is_empty()
        && applied.new_parcels.is_empty()
        && applied.lines.iter().any(|line| line.short > 0);
    let torn = torn(intent.as_ref(), &applied, &parcels);
    let odd = oddities(record, consignment, &applied.oddities, nothing_left, torn);
    if !odd.is_empty() {
        let mut reasons = record.reasons.clone();
        reasons.extend(odd.iter().cloned());
        commit.reasons = Some(reasons);
    }
    let new = applied.new_parcels.len() as u64;
    commit.lines = Some(applied.lines);
    commit.parcels = applied.new_parcels;
    commit.parcels.extend(applied.traced_parcels);
    commit.consignment = Some(consignment.clone());
    if parts.tracking.is_some() {
        let parcels = commit.parcels.iter();
        commit.tracking = parcels
            .filter_map(|parcel| ParcelTracking::begin(&record.id, parcel))
            .collect();
    }
    if parts.store.commit(commit).await?.is_err() {
        return Ok(None);
    }
    run.counters.add(Tally::ParcelsReceived, new);
    Ok(Some(
        odd.iter()
            .map(|reason| finding_of(reason, Some(record)))
            .collect(),
    ))
}

/// A reason that [`oddities`] made.
fn is_of_despatch(reason: &Reason) -> bool {
    let code = reason.code.as_str();
    [
        codes::DESPATCH_MISMATCH.id,
        codes::CANCELLED_BUT_SHIPPED.id,
        codes::NOTHING_SENT.id,
    ]
    .contains(&code)
}

/// What people have to know of a despatch.
fn oddities(
    record: &OrderRecord,
    consignment: &Consignment,
    mismatches: &[String],
    nothing_left: bool,
    torn: Option<PartialPolicy>,
) -> Vec<Reason> {
    let mut odd: Vec<Reason> = mismatches
        .iter()
        .map(|mismatch| Reason::of(&codes::DESPATCH_MISMATCH, mismatch))
        .collect();
    if let Some(policy) = torn {
        let what = format!(
            "despatch {} left in part, and the order asks for {}",
            consignment.id,
            policy.name()
        );
        odd.push(Reason::of(&codes::DESPATCH_MISMATCH, what));
    }
    if record.state == OrderState::Withdrawn {
        let what = format!(
            "despatch {} left after the cancellation was accepted",
            consignment.id
        );
        odd.push(Reason::of(&codes::CANCELLED_BUT_SHIPPED, what));
    }
    if nothing_left {
        let what = format!("despatch {} reports every open unit short", consignment.id);
        odd.push(Reason::of(&codes::NOTHING_SENT, what));
    }
    odd
}

/// The policy of an order of which something left and something did not, although it was to leave whole or not at all.
fn torn(
    intent: Option<&FulfilmentOrder>,
    applied: &DespatchApplied,
    parcels: &[ParcelRecord],
) -> Option<PartialPolicy> {
    let policy = intent?.partial;
    let first = parcels.is_empty() && !applied.new_parcels.is_empty();
    let missing = applied
        .lines
        .iter()
        .any(|line| line.open() > 0 || line.short > 0);
    (first && missing && policy != PartialPolicy::ShipAvailable).then_some(policy)
}
