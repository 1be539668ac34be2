//! Tracking to the shop, and the proof that the buyer sees it.

use std::collections::HashSet;

use futures_util::StreamExt as _;
use order_mapping::{Folding, FulfilmentOrder, Parcel};

use super::claims::{self, Deadline};
use super::{FlowError, probe};
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{
    Claim, ClaimKind, Commit, Fence, OrderEvent, OrderRecord, OrderState, ParcelRecord, RelayState,
    Tally,
};

/// Failures in a row that the timeline tells one by one. What fails for ever, since the shop's record is gone or cancelled, is told by
/// `TRACKING_NOT_VISIBLE` and tried on at the longest pause; each further try is no news.
const TOLD_ONE_BY_ONE: u32 = 5;

pub(super) async fn relay(run: &Run<'_>) -> Result<(), FlowError> {
    let settings = &run.parts.settings;
    let mut done = 0;
    loop {
        if !run.goes_on().await? {
            return Ok(());
        }
        let (deadline, claims) = claims::take(run, ClaimKind::Relay).await?;
        if claims.is_empty() {
            return Ok(());
        }
        let mut work = futures_util::stream::iter(claims)
            .map(|claim| run.staying(one(run, claim, deadline)))
            .buffer_unordered(settings.in_flight);
        let mut failure = None;
        while let Some(result) = work.next().await {
            // The others of the batch are finished and recorded all the same.
            failure = result.err().or(failure);
            done += 1;
            run.progress("relay", done, None);
        }
        if let Some(error) = failure {
            return Err(error);
        }
    }
}

pub(super) async fn one(run: &Run<'_>, claim: Claim, deadline: Deadline) -> Result<(), FlowError> {
    let Claim {
        record,
        intent,
        parcels,
        ..
    } = claim;
    if record.state == OrderState::PartDespatched && nothing_is_open(run, &record).await? {
        return all_has_left(run, &record).await;
    }
    let wanted = as_the_shop_knows(intent.as_ref(), &parcels);
    if record.state == OrderState::Relayed {
        prove(run, &record, parcels, &wanted).await
    } else if deadline.is_over(run) {
        // Somebody else may be writing it by now. Nothing was begun: it is still due, and taken again.
        Ok(())
    } else {
        write(run, &record, parcels, &wanted).await
    }
}

/// An amendment or a cancellation may take away the last open units of an order of which a part has left.
async fn nothing_is_open(run: &Run<'_>, record: &OrderRecord) -> Result<bool, FlowError> {
    let lines = run.parts.store.lines(&record.merchant, &record.id).await?;
    Ok(lines.iter().all(|line| line.open() == 0))
}

async fn all_has_left(run: &Run<'_>, record: &OrderRecord) -> Result<(), FlowError> {
    let now = run.parts.clock.now();
    let fence = Fence::Token(record.token);
    let note = "no unit is open any more";
    let commit = Commit::new(record, fence, OrderEvent::FullyDespatched, now, note).due(now);
    probe::write(run, commit).await
}

/// The parcels with contents in the shop's lines and units: kits, not their components.
fn as_the_shop_knows(intent: Option<&FulfilmentOrder>, parcels: &[ParcelRecord]) -> Vec<Parcel> {
    let parcels: Vec<Parcel> = parcels.iter().map(|record| record.parcel.clone()).collect();
    match intent {
        Some(order) => Folding::of(order).parcels(&parcels),
        None => parcels,
    }
}

/// Adds the parcels to the shop's record and looks whether they are there.
async fn write(
    run: &Run<'_>,
    record: &OrderRecord,
    parcels: Vec<ParcelRecord>,
    wanted: &[Parcel],
) -> Result<(), FlowError> {
    let parts = run.parts;
    let outcome = parts.despatch_sink.relay(record.shop_id(), wanted).await;
    let now = parts.clock.now();
    let fence = Fence::Token(record.token);
    let retry = now + parts.settings.backoff_after(record.failures);
    let commit = match outcome {
        Ok(outcome) => {
            if outcome.written {
                run.counters.one(Tally::RelayWrites);
            }
            let (parcels, all_visible, newly) = mark(parcels, &outcome.visible, RelayState::Seen);
            run.counters.add(Tally::ParcelsRelayed, newly);
            let mut commit = if all_visible {
                let commit = Commit::new(
                    record,
                    fence,
                    OrderEvent::RelaySeen,
                    now,
                    format!("the shop shows {} parcels", wanted.len()),
                );
                if record.state == OrderState::Despatched {
                    commit.due(now + to_chrono(parts.settings.proof_delay))
                } else {
                    commit
                }
            } else {
                run.counters.one(Tally::RelayFailures);
                let note = format!(
                    "the shop shows {} of {} parcels after the write",
                    outcome.visible.len(),
                    wanted.len()
                );
                let mut commit =
                    Commit::new(record, fence, OrderEvent::RelayTried, now, note).due(retry);
                commit.quiet =
                    newly == 0 && outcome.lost.is_empty() && record.failures >= TOLD_ONE_BY_ONE;
                commit
            };
            if !outcome.lost.is_empty() {
                commit.note = format!(
                    "{}; lost from the record: {}",
                    commit.note,
                    outcome.lost.join(", ")
                );
            }
            if !outcome.refused.is_empty() {
                let refused = outcome.refused.join(", ");
                commit.note = format!("{}; refused by the shop: {refused}", commit.note);
            }
            commit.parcels = parcels;
            commit
        }
        Err(error) => {
            run.counters.one(Tally::RelayFailures);
            let retry = now + parts.settings.wait_after(record.failures, &error);
            let note = error.to_string();
            let mut commit =
                Commit::new(record, fence, OrderEvent::RelayTried, now, note).due(retry);
            // What was not called is no failure of this order, and no news.
            commit.faultless = error.held_back().is_some();
            commit.quiet = commit.faultless || record.failures >= TOLD_ONE_BY_ONE;
            commit
        }
    };
    probe::write(run, commit).await
}

/// Reads the shop afresh: only what is still there is closed.
async fn prove(
    run: &Run<'_>,
    record: &OrderRecord,
    parcels: Vec<ParcelRecord>,
    wanted: &[Parcel],
) -> Result<(), FlowError> {
    let parts = run.parts;
    let seen = parts.despatch_sink.visible(record.shop_id(), wanted).await;
    #[cfg(canary)]
    let seen = if crate::canary::planted("proof_skipped") {
        Ok(wanted.iter().map(|parcel| parcel.id.clone()).collect())
    } else {
        seen
    };
    let now = parts.clock.now();
    let fence = Fence::Token(record.token);
    let commit = match seen {
        Ok(visible) => {
            let (parcels, all_visible, _) = mark(parcels, &visible, RelayState::Proven);
            let mut commit = if all_visible {
                run.counters.one(Tally::Closed);
                Commit::new(
                    record,
                    fence,
                    OrderEvent::ProofHeld,
                    now,
                    "a fresh read shows every parcel",
                )
            } else {
                run.counters.one(Tally::ProofsLost);
                let missing = wanted.len().saturating_sub(visible.len());
                let note =
                    format!("{missing} parcels vanished from the shop after they were seen there");
                let pause = to_chrono(parts.settings.rewrite_pause);
                let due = if record.failures == 0 {
                    now
                } else {
                    now + pause
                };
                Commit::new(record, fence, OrderEvent::ProofLost, now, note).due(due)
            };
            commit.parcels = parcels;
            commit
        }
        Err(error) => {
            // Nothing is proven or lost; asked again later under the same state.
            run.counters.one(Tally::RelayFailures);
            let note = format!("the shop could not be read for the proof: {error}");
            let mut commit = Commit::new(record, fence, OrderEvent::RelayTried, now, note)
                .due(now + to_chrono(parts.settings.proof_delay));
            commit.faultless = true;
            commit
        }
    };
    probe::write(run, commit).await
}

/// Marks parcels by what a read showed. Returns them, whether all are there, and how many are there for the first time.
fn mark(
    mut parcels: Vec<ParcelRecord>,
    visible: &[String],
    reached: RelayState,
) -> (Vec<ParcelRecord>, bool, u64) {
    let visible: HashSet<&str> = visible.iter().map(String::as_str).collect();
    let mut all = true;
    let mut newly = 0;
    for record in &mut parcels {
        if visible.contains(record.parcel.id.as_str()) {
            if record.relay == RelayState::Pending {
                newly += 1;
            }
            record.relay = record.relay.max(reached);
        } else {
            record.relay = RelayState::Pending;
            all = false;
        }
    }
    (parcels, all, newly)
}
