//! Capture: what changed in the shop since the watermark, with overlap, on record before the watermark moves.

mod reading;
mod unreadable;

use futures_util::StreamExt as _;
use order_mapping::{FieldChange, SourceOrderId};
use sha2::Digest as _;

use self::unreadable::Unreadable;
use super::FlowError;
use crate::ports::{FailureClass, PortError, SourceRow};
use crate::progress::lines_to_pick;
use crate::run::Run;
use crate::{
    CaptureOutcome, ChangeRequest, Commit, Fence, NewOrder, OrderEvent, OrderRecord, OrderState,
    RequestKind, RequestState, SourceCopy, Tally,
};

pub(super) use self::reading::{Reading, read_until};

/// Brings a page of rows on record: fetches what is new or of another version. Returns a failure that kept single orders from
/// being recorded; a failure that concerns them all is an error.
async fn capture_rows(
    run: &Run<'_>,
    rows: Vec<SourceRow>,
    unreadable: &mut Unreadable,
) -> Result<Option<PortError>, FlowError> {
    let parts = run.parts;
    let mut ids: Vec<SourceOrderId> = rows.iter().map(|row| row.id.clone()).collect();
    ids.sort();
    ids.dedup();
    let known = parts.store.known(&parts.merchant, &ids).await?;
    let mut wanted: Vec<SourceOrderId> = rows
        .into_iter()
        .filter(|row| {
            #[cfg(canary)]
            if crate::canary::planted("changes_ignored") && known.contains_key(&row.id) {
                return false;
            }
            known
                .get(&row.id)
                .is_none_or(|record| row.version.is_none() || record.source_version != row.version)
        })
        .map(|row| row.id)
        .collect();
    wanted.sort();
    wanted.dedup();

    let mut fetches = futures_util::stream::iter(wanted)
        .map(|id| async move {
            let fetched = parts.orders.fetch(&id).await;
            (id, fetched)
        })
        .buffer_unordered(parts.settings.in_flight);
    let mut new = Vec::new();
    let mut echoes = Vec::new();
    let (mut answered, mut failed) = (0_usize, 0_usize);
    let mut failure: Option<PortError> = None;
    while let Some((id, fetched)) = fetches.next().await {
        run.stays().await;
        match &fetched {
            Ok(_) => answered += 1,
            Err(_) => failed += 1,
        }
        match fetched {
            Ok(Some(copy)) => {
                run.counters.one(Tally::Fetched);
                unreadable.readable(&id);
                let known_now = match known.get(&id) {
                    Some(record) => Some(record.clone()),
                    None => rename(run, &copy).await?,
                };
                match known_now.as_ref() {
                    None => new.push(copy),
                    Some(record) if is_echo(run, record, &copy).await? => {
                        echoes.push((record.id.clone(), copy.version));
                    }
                    Some(record) => {
                        if !source_changed(run, record, copy).await? {
                            failure.get_or_insert_with(|| {
                                PortError::new(
                                    FailureClass::Contended,
                                    "news of an order that others kept changing is not on record; read again in the next run",
                                )
                            });
                        }
                    }
                }
            }
            // Gone between the listing and now: deleted, or a cart that became an order under the same id later.
            Ok(None) => unreadable.readable(&id),
            Err(error) if error.class() == FailureClass::Unreadable => {
                run.counters.one(Tally::Unreadable);
                unreadable.fault(&id, &error.to_string());
            }
            // What concerns every order outweighs what concerns one.
            Err(error) if concerns_all(&error) => failure = Some(error),
            Err(error) => {
                failure.get_or_insert(error);
            }
        }
    }
    drop(fetches);
    run.counters.add(Tally::Echoes, echoes.len() as u64);
    if !echoes.is_empty() {
        parts.store.note_versions(&parts.merchant, echoes).await?;
    }
    record_new(run, new, unreadable).await?;
    match failure {
        // Many that failed and none that did not: the shop is down, not an order broken.
        Some(error)
            if concerns_all(&error) || (answered == 0 && failed > parts.settings.in_flight) =>
        {
            Err(error.into())
        }
        failure => Ok(failure),
    }
}

/// A record that goes on under another id, such as a draft that became an order: the order on record is given its new name, and
/// stays one order. `None`: nothing of it is on record.
async fn rename(run: &Run<'_>, copy: &SourceCopy) -> Result<Option<OrderRecord>, FlowError> {
    let parts = run.parts;
    let Some(before) = &copy.continues else {
        return Ok(None);
    };
    for _ in 0..5 {
        let known = parts
            .store
            .known(&parts.merchant, std::slice::from_ref(before))
            .await?;
        let Some(record) = known.get(before) else {
            return Ok(None);
        };
        let now = parts.clock.now();
        let fence = Fence::Unclaimed(record.state, record.token);
        let note = format!("the shop keeps it as {} from now on", copy.order.id);
        let mut commit = Commit::new(record, fence, OrderEvent::Renamed, now, note);
        commit.renamed = Some(copy.order.id.clone());
        if let Ok(renamed) = parts.store.commit(commit).await? {
            run.counters.one(Tally::Renamed);
            return Ok(Some(renamed));
        }
    }
    Err(PortError::new(
        FailureClass::Contended,
        "an order with a new id could not be recorded since others kept changing it; read again in the next run",
    )
    .into())
}

fn concerns_all(error: &PortError) -> bool {
    matches!(
        error.class(),
        FailureClass::Unauthorised | FailureClass::Throttled
    )
}

/// The same order as on record: something touched it (we did, when parcels were relayed), but nothing that concerns us changed.
async fn is_echo(
    run: &Run<'_>,
    record: &OrderRecord,
    copy: &SourceCopy,
) -> Result<bool, FlowError> {
    if record.source_digest != copy.order.content_digest() {
        return Ok(false);
    }
    if !record.state.is_unsent() && record.state != OrderState::Parked {
        // The status follows what is despatched; only a cancellation is news, and its withdrawal, each once.
        let cancelling =
            (record.request.as_ref()).is_some_and(|request| request.kind == RequestKind::Cancel);
        return Ok(is_cancelled(run, copy) == cancelling);
    }
    // Before that the status may release the order, or cancel it.
    let parts = run.parts;
    let stored = parts.store.source_copy(&parts.merchant, &record.id).await?;
    Ok(stored.is_some_and(|stored| stored.order.status == copy.order.status))
}

async fn record_new(
    run: &Run<'_>,
    mut copies: Vec<SourceCopy>,
    unreadable: &mut Unreadable,
) -> Result<(), FlowError> {
    if copies.is_empty() {
        return Ok(());
    }
    // Fetches finish in any order; records are made in the shop's.
    copies.sort_by(|a, b| (a.order.placed_at, &a.order.id).cmp(&(b.order.placed_at, &b.order.id)));
    let parts = run.parts;
    let now = parts.clock.now();
    let batch: Vec<NewOrder> = copies
        .into_iter()
        .map(|copy| {
            // A draft that became an order is one order, whichever of the two is seen first: also by a store without memory.
            let first_id = copy.continues.as_ref().unwrap_or(&copy.order.id);
            let reference = parts.reference_of(first_id, 0);
            let record = OrderRecord::captured(
                parts.merchant.clone(),
                reference,
                &copy.order,
                copy.version.clone(),
                now,
            );
            let lines = lines_to_pick(&copy.order, parts.mapper.line_rules());
            let mut new = NewOrder::new(record, copy);
            new.lines = lines;
            new
        })
        .collect();
    let ids: Vec<SourceOrderId> = batch.iter().map(|new| new.record.id.clone()).collect();
    let outcomes = parts.store.capture(batch).await?;
    for (id, outcome) in ids.iter().zip(outcomes) {
        match outcome {
            CaptureOutcome::Recorded => run.counters.one(Tally::Captured),
            CaptureOutcome::AlreadyKnown => {}
            // One in 2^55; but a second order under a taken reference would be one lost in silence.
            CaptureOutcome::ReferenceTaken => {
                unreadable.fault(id, "its client reference belongs to another order already");
            }
        }
    }
    Ok(())
}

/// News of an order on record: judged again while nothing is at the warehouse, an amendment afterwards. `false`: others kept
/// changing the record under our hands, and the news is not on record.
async fn source_changed(
    run: &Run<'_>,
    known: &OrderRecord,
    copy: SourceCopy,
) -> Result<bool, FlowError> {
    let parts = run.parts;
    let mut record = known.clone();
    for _ in 0..5 {
        match parts.store.commit(news(run, &record, &copy)).await? {
            Ok(_) => {
                run.counters.one(Tally::SourceChanged);
                return Ok(true);
            }
            // Another flow took a step meanwhile. The watermark may pass this change for good, so it is tried on what is there now.
            Err(refusal) => {
                tracing::debug!(order = %record.reference, %refusal, "news of an order that moved on");
            }
        }
        match parts.store.order(&parts.merchant, &record.id).await? {
            Some(now) => record = now,
            None => return Ok(false),
        }
    }
    Ok(false)
}

fn news(run: &Run<'_>, record: &OrderRecord, copy: &SourceCopy) -> Commit {
    let now = run.parts.clock.now();
    let fence = Fence::Unclaimed(record.state, record.token);
    // From the parked state it goes back to the rules as well, and is asked for before it is sent.
    let mut commit = if record.state.is_unsent() || record.state == OrderState::Parked {
        let note = "the shop's copy changed; judged again";
        let mut commit = Commit::new(record, fence, OrderEvent::SourceChanged, now, note).due(now);
        commit.lines = Some(lines_to_pick(&copy.order, run.parts.mapper.line_rules()));
        commit
    } else {
        let (kind, note) = if is_cancelled(run, copy) {
            (
                RequestKind::Cancel,
                "cancelled in the shop after it was handed over",
            )
        } else {
            (
                RequestKind::Amend,
                "changed in the shop after it was handed over",
            )
        };
        let mut request = ChangeRequest::wanted(request_id(record, copy, kind), kind, now);
        request.asked = in_doubt(record);
        Commit::new(record, fence, OrderEvent::ChangeWanted, now, note).requesting(request)
    };
    commit.source = Some(Box::new(copy.clone()));
    commit
}

/// What the warehouse was asked for and has not answered when the next wish comes: how to take it back. It may have done it.
fn in_doubt(record: &OrderRecord) -> Vec<FieldChange> {
    let unanswered = record
        .request
        .as_ref()
        .filter(|request| request.state.is_pending());
    let Some(request) = unanswered else {
        return Vec::new();
    };
    match request.state {
        RequestState::Asked => request.asked.iter().map(FieldChange::reversed).collect(),
        // It came after another one itself, and nobody was asked in between.
        _ => request.asked.clone(),
    }
}

/// The same for a wish, however often it is asked; another one for another wish, also for one that was there before: how much has
/// happened since tells the two apart.
fn request_id(record: &OrderRecord, copy: &SourceCopy, kind: RequestKind) -> String {
    let digest = copy.order.content_digest();
    let version = copy.version.as_deref().unwrap_or_default();
    let after = record.timeline_length;
    let wish = sha2::Sha256::digest(format!("{kind} {version} {digest} {after}"));
    let short: String = wish
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{}-{short}", record.reference)
}

pub(super) fn is_cancelled(run: &Run<'_>, copy: &SourceCopy) -> bool {
    copy.order.status.as_deref().is_some_and(|status| {
        run.parts
            .settings
            .cancelled_statuses
            .iter()
            .any(|cancelled| cancelled.eq_ignore_ascii_case(status))
    })
}
