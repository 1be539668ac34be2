//! Capture: what changed in the shop since the watermark, with overlap, on record before the watermark moves.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::StreamExt as _;
use order_mapping::SourceOrderId;
use serde::{Deserialize, Serialize};
use sha2::Digest as _;

use super::FlowError;
use crate::ports::{ChangeWindow, FailureClass, PortError, SourceRow};
use crate::progress::lines_to_pick;
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{
    CaptureOutcome, ChangeRequest, Commit, ExceptionSubject, Fence, Finding, NewOrder, OrderEvent,
    OrderRecord, OrderState, RequestKind, SourceCopy, Tally, codes,
};

const WATERMARK: &str = "orders";
/// Ids of orders that could not be read; they are read again in every run until they can be.
const UNREADABLE: &str = "orders.unreadable";

/// Stays open until the backlog has shrunk.
const BACKLOG: &str = "backlog";
/// When the last days were last read again, and how often.
const SWEPT: &str = "orders.swept";
/// Every so many sweeps one reaches back much further.
const DEEP_EVERY: u32 = 7;
/// That much further.
const DEEP_FACTOR: i32 = 13;

/// One reading of what changed in the shop: a window with fixed ends, read in chunks.
pub(super) struct Reading {
    watermark: Option<String>,
    window: ChangeWindow,
    page: Option<String>,
    /// A vendor that hands out the same page token again would keep us here for ever.
    pages_seen: BTreeSet<String>,
    ended: bool,
    listed: u64,
    unreadable: Unreadable,
    /// An order that could not be fetched: it holds the watermark back, not its neighbours.
    missed: Option<PortError>,
    /// What is to be noted of a sweep, once it is through.
    sweep: Option<(Option<String>, String)>,
    /// Somebody asked for this window: the watermark knows nothing of it.
    asked_for: bool,
}

impl Reading {
    /// A window that somebody asks for, in place of what changed since the last reading.
    pub(super) async fn over(run: &Run<'_>, window: ChangeWindow) -> Result<Self, FlowError> {
        Ok(Self {
            watermark: None,
            window,
            page: None,
            pages_seen: BTreeSet::new(),
            ended: false,
            listed: 0,
            unreadable: Unreadable::load(run).await?,
            missed: None,
            sweep: None,
            asked_for: true,
        })
    }

    pub(super) async fn begin(run: &Run<'_>) -> Result<Self, FlowError> {
        let parts = run.parts;
        let settings = &parts.settings;
        let watermark = parts.store.cursor(&parts.merchant, WATERMARK).await?;
        let seen_until = watermark.as_deref().and_then(parse_time);
        let shop_now = parts.orders.server_time().await?;
        let until = shop_now - to_chrono(settings.source_lag);
        let start = settings.start_from.unwrap_or(DateTime::UNIX_EPOCH);
        let mut from = seen_until.map_or(start, |seen| seen - overlap(run, shop_now));
        let mut sweep = None;
        if seen_until.is_some() {
            let stored = parts.store.cursor(&parts.merchant, SWEPT).await?;
            let swept: Swept = stored
                .as_deref()
                .and_then(|text| serde_json::from_str(text).ok())
                .unwrap_or_default();
            let due = |at| until - at >= to_chrono(settings.sweep_every);
            if swept.at.is_none_or(due) {
                let deep = swept.times % DEEP_EVERY == DEEP_EVERY - 1;
                let back = to_chrono(settings.sweep_back);
                let back = if deep { back * DEEP_FACTOR } else { back };
                from = from.min((until - back).max(start));
                let next = Swept {
                    at: Some(until),
                    times: swept.times.wrapping_add(1),
                };
                sweep = Some((stored, serde_json::to_string(&next).unwrap_or_default()));
            }
        }
        let mut reading = Self {
            watermark,
            window: ChangeWindow::new(from, until),
            page: None,
            pages_seen: BTreeSet::new(),
            ended: false,
            listed: 0,
            unreadable: Unreadable::load(run).await?,
            missed: None,
            sweep,
            asked_for: false,
        };
        // The ones that failed before, whether or not they stand in this window.
        let again: Vec<SourceRow> = reading
            .unreadable
            .ids()
            .into_iter()
            .map(|id| SourceRow::new(id, None))
            .collect();
        if !again.is_empty() {
            reading.missed = capture_rows(run, again, &mut reading.unreadable).await?;
            reading.unreadable.save(run).await?;
        }
        Ok(reading)
    }

    /// Reads on until some thousand orders were captured, or the window is at its end. `false`: there is nothing more to read now.
    pub(super) async fn chunk(&mut self, run: &Run<'_>) -> Result<bool, FlowError> {
        let parts = run.parts;
        let chunk = parts.settings.capture_chunk as u64;
        let before = run.counters.count(Tally::Captured);
        while !self.ended && run.counters.count(Tally::Captured) - before < chunk {
            if !run.goes_on().await? {
                return Ok(false);
            }
            if is_full(run).await? {
                return Ok(false);
            }
            let listing = parts
                .orders
                .changed(self.window, self.page.as_deref())
                .await?;
            self.listed += listing.rows.len() as u64;
            run.counters
                .add(Tally::RowsListed, listing.rows.len() as u64);
            let result = capture_rows(run, listing.rows, &mut self.unreadable).await;
            // Good records of a page that failed half-way are on record; the watermark stays, so the page is read again.
            self.unreadable.save(run).await?;
            if let Some(error) = result? {
                self.missed = Some(error);
            }
            run.progress("capture", self.listed, None);
            match listing.next {
                None => self.ended = true,
                Some(token) if !self.pages_seen.insert(token.clone()) => {
                    return Err(PortError::new(
                        FailureClass::Unavailable,
                        "the shop's listing repeats a page; the window is read again in the next run",
                    )
                    .into());
                }
                next => self.page = next,
            }
        }
        Ok(!self.ended)
    }

    /// Moves the watermark, if everything that the window listed is on record: only now may it pass.
    pub(super) async fn finish(self, run: &Run<'_>) -> Result<(), FlowError> {
        let parts = run.parts;
        if let Some(error) = self.missed {
            return Err(error.into());
        }
        if !self.ended || self.asked_for {
            return Ok(());
        }
        let until = self.window.until;
        let seen_until = self.watermark.as_deref().and_then(parse_time);
        if seen_until.is_none_or(|seen| seen < until) {
            let moved = parts
                .store
                .move_cursor(
                    &parts.merchant,
                    WATERMARK,
                    self.watermark.as_deref(),
                    &until.to_rfc3339(),
                )
                .await?;
            if !moved {
                tracing::warn!(
                    "another worker moved the watermark of the orders flow; left where it is"
                );
            }
        }
        if let Some((stored, next)) = self.sweep {
            parts
                .store
                .move_cursor(&parts.merchant, SWEPT, stored.as_deref(), &next)
                .await?;
        }
        Ok(())
    }
}

/// Sweeps so far.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Swept {
    at: Option<DateTime<Utc>>,
    times: u32,
}

/// How far a reading reaches back behind the last one: as set, and never less than what clocks that differ and a slow listing can
/// hide.
fn overlap(run: &Run<'_>, shop_now: DateTime<Utc>) -> TimeDelta {
    let settings = &run.parts.settings;
    let skew = (shop_now - run.parts.clock.now()).abs();
    // A clock that is a day off is a fault, and no reason to read months again.
    let skew = skew.min(TimeDelta::days(1));
    to_chrono(settings.overlap).max(skew * 2 + to_chrono(settings.source_lag))
}

/// Whether so many orders wait for the warehouse that no more are read: the shop keeps them, and the watermark stays.
async fn is_full(run: &Run<'_>) -> Result<bool, FlowError> {
    let limit = run.parts.settings.backlog_limit;
    let waiting = run
        .count_of(&[
            OrderState::Captured,
            OrderState::Ready,
            OrderState::Sending,
            OrderState::OutcomeUnknown,
        ])
        .await?;
    let full = waiting >= limit;
    let findings = if full {
        let detail = format!("the limit of {limit} orders that wait for the warehouse is reached");
        let subject = ExceptionSubject::new("flow", "orders");
        vec![Finding::new(subject, &codes::BACKLOG_FULL, detail)]
    } else {
        Vec::new()
    };
    run.settle(BACKLOG, findings).await?;
    Ok(full)
}

/// Up to which moment of the shop's time every change is on record.
pub(super) async fn read_until(run: &Run<'_>) -> Result<Option<DateTime<Utc>>, FlowError> {
    let parts = run.parts;
    let watermark = parts.store.cursor(&parts.merchant, WATERMARK).await?;
    Ok(watermark.as_deref().and_then(parse_time))
}

fn parse_time(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .map(|time| time.to_utc())
}

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
        let request = ChangeRequest::wanted(request_id(record, copy, kind), kind, now);
        Commit::new(record, fence, OrderEvent::ChangeWanted, now, note).requesting(request)
    };
    commit.source = Some(Box::new(copy.clone()));
    commit
}

/// The same for the same wish, however often it is seen or asked; another one for another wish.
fn request_id(record: &OrderRecord, copy: &SourceCopy, kind: RequestKind) -> String {
    let digest = copy.order.content_digest();
    let version = copy.version.as_deref().unwrap_or_default();
    let wish = sha2::Sha256::digest(format!("{kind} {version} {digest}"));
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

/// Orders of the shop that could not be read: kept by id, so that none is forgotten once its window has passed.
struct Unreadable {
    stored: Option<String>,
    faults: std::collections::BTreeMap<String, String>,
}

impl Unreadable {
    async fn load(run: &Run<'_>) -> Result<Self, FlowError> {
        let stored = run
            .parts
            .store
            .cursor(&run.parts.merchant, UNREADABLE)
            .await?;
        let faults = stored
            .as_deref()
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        Ok(Self { stored, faults })
    }

    fn ids(&self) -> Vec<SourceOrderId> {
        self.faults.keys().map(SourceOrderId::new).collect()
    }

    fn readable(&mut self, id: &SourceOrderId) {
        self.faults.remove(id.as_str());
    }

    fn fault(&mut self, id: &SourceOrderId, message: &str) {
        self.faults
            .insert(id.as_str().to_owned(), message.to_owned());
    }

    async fn save(&mut self, run: &Run<'_>) -> Result<(), FlowError> {
        let parts = run.parts;
        let text = serde_json::to_string(&self.faults).unwrap_or_default();
        let unchanged = self
            .stored
            .as_deref()
            .map_or(self.faults.is_empty(), |stored| stored == text);
        if !unchanged {
            let from = self.stored.as_deref();
            let moved = parts
                .store
                .move_cursor(&parts.merchant, UNREADABLE, from, &text)
                .await?;
            if !moved {
                // Passed over, ours would be forgotten once the watermark has passed them.
                return Err(PortError::new(
                    FailureClass::Contended,
                    "another worker keeps the list of unreadable orders; read again in the next run",
                )
                .into());
            }
            self.stored = Some(text);
        }
        let findings = self
            .faults
            .iter()
            .map(|(id, message)| {
                Finding::new(
                    ExceptionSubject::order(&SourceOrderId::new(id.as_str())),
                    &codes::ORDER_UNREADABLE,
                    message,
                )
            })
            .collect();
        run.settle("capture", findings).await?;
        Ok(())
    }
}
