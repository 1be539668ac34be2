//! The record of an order, and the one function that changes it.

use std::borrow::Cow;

use chrono::{DateTime, Duration, Utc};
use order_mapping::{ClientOrderRef, Money, SalesOrder, SourceOrderId, VisibleOrderNumber};
use serde::{Deserialize, Serialize};

use crate::request::{ChangeRequest, RequestStep, next_request};
use crate::state::next_state;
use crate::{
    Commit, Fence, MerchantId, OrderEvent, OrderState, Reason, Refusal, RequestState, Stake,
    TimelineEntry,
};

/// The engine's record of an order: facts and bookkeeping, no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct OrderRecord {
    /// Whose order it is.
    pub merchant: MerchantId,
    /// The shop's id.
    pub id: SourceOrderId,
    /// Our key at the warehouse, the same for every attempt.
    pub reference: ClientOrderRef,
    /// Counts deliberate resends by a person; part of the reference.
    pub generation: u32,
    /// The number the buyer sees.
    pub number: Option<VisibleOrderNumber>,
    /// Where it stands.
    pub state: OrderState,
    /// The shop's version of the copy on record (time of last update, as text).
    pub source_version: Option<String>,
    /// Content digest of the copy on record.
    pub source_digest: String,
    /// Digest of the payload prepared for the warehouse.
    pub payload_digest: Option<String>,
    /// The warehouse's own id.
    pub warehouse_id: Option<String>,
    /// Sends begun.
    pub attempt: u32,
    /// Failures since the last success, for back-off.
    pub failures: u32,
    /// Negative probes since the outcome became unknown.
    pub absences: u32,
    /// Fencing token: grows with every claim.
    pub token: u64,
    /// Until when the last claim holds.
    pub lease_until: Option<DateTime<Utc>>,
    /// When the order wants attention next; none means: not by itself.
    pub due_at: Option<DateTime<Utc>>,
    /// When it was placed, as the shop says.
    pub placed_at: Option<DateTime<Utc>>,
    /// When it was captured.
    pub captured_at: DateTime<Utc>,
    /// When the state last changed.
    pub changed_at: DateTime<Utc>,
    /// When the warehouse took it, as far as known.
    pub accepted_at: Option<DateTime<Utc>>,
    /// Since when the outcome is unknown; or, after a time in which nobody was answered, since that ended: an order is given up only
    /// for a time that was its own.
    pub unknown_since: Option<DateTime<Utc>>,
    /// Total of the order, as the shop states it.
    pub value: Option<Money>,
    /// Ask the warehouse by reference before the first send.
    pub probe_first: bool,
    /// The id under which the shop keeps it now, where that is another one than at the capture (a draft became an order).
    #[serde(default)]
    pub renamed: Option<SourceOrderId>,
    /// What the shop wants of the order since it was handed over, and what became of that.
    #[serde(default)]
    pub request: Option<ChangeRequest>,
    /// What hangs on it.
    #[serde(default)]
    pub stake: Stake,
    /// Why it waits, was parked or was ignored; and notes of the mapping.
    pub reasons: Vec<Reason>,
    /// The rule that ignored or released it.
    pub rule: Option<String>,
    /// When somebody asked that the personal data of this order goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erasure_wanted_at: Option<DateTime<Utc>>,
    /// When it went for that reason. Whatever comes of the order afterwards is kept without personal data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erased_at: Option<DateTime<Utc>>,
    /// Entries in its timeline.
    pub timeline_length: u64,
    /// Digest of the last timeline entry.
    pub timeline_digest: String,
}

impl OrderRecord {
    /// The record of an order captured for the first time.
    #[must_use]
    pub fn captured(
        merchant: MerchantId,
        reference: ClientOrderRef,
        order: &SalesOrder,
        source_version: Option<String>,
        at: DateTime<Utc>,
    ) -> Self {
        Self {
            merchant,
            id: order.id.clone(),
            reference,
            generation: 0,
            number: order.number.clone(),
            state: OrderState::Captured,
            source_version,
            source_digest: order.content_digest(),
            payload_digest: None,
            warehouse_id: None,
            attempt: 0,
            failures: 0,
            absences: 0,
            token: 0,
            lease_until: None,
            due_at: Some(at),
            placed_at: order.placed_at,
            captured_at: at,
            changed_at: at,
            accepted_at: None,
            unknown_since: None,
            value: order.total.clone(),
            probe_first: false,
            renamed: None,
            request: None,
            stake: Stake::of(order),
            reasons: Vec::new(),
            rule: None,
            erasure_wanted_at: None,
            erased_at: None,
            timeline_length: 0,
            timeline_digest: String::new(),
        }
    }

    /// The id under which the shop knows the order today: where its parcels are written.
    #[must_use]
    pub fn shop_id(&self) -> &SourceOrderId {
        self.renamed.as_ref().unwrap_or(&self.id)
    }

    /// The number the buyer sees, or the shop's id where there is none: how people call it.
    #[must_use]
    pub fn label(&self) -> String {
        self.number
            .as_ref()
            .map_or_else(|| self.id.to_string(), ToString::to_string)
    }

    /// How far the shop's request has come, where there is one.
    #[must_use]
    pub fn request_state(&self) -> Option<RequestState> {
        self.request.as_ref().map(|request| request.state)
    }

    /// When the warehouse is to be asked for a change.
    #[must_use]
    pub fn request_due_at(&self) -> Option<DateTime<Utc>> {
        let request = self.request.as_ref()?;
        request.due_at.filter(|_| request.state.is_pending())
    }

    /// Takes the order for a worker: a new token and a lease.
    ///
    /// A claim to send is an event of its life ([`OrderEvent::Claimed`], the durable intent) and goes through [`apply`]; a claim
    /// to probe or relay changes no state and only fences.
    pub fn lease(&mut self, now: DateTime<Utc>, lease: Duration) {
        self.token = self.token.saturating_add(1);
        self.lease_until = Some(now + lease);
    }
}

/// The shop's copy of an order, as captured.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceCopy {
    /// The order with its personal data.
    pub order: SalesOrder,
    /// The shop's version of it.
    pub version: Option<String>,
    /// The id under which the shop kept this order before, where the source knows of one: a draft that became an order with an id
    /// of its own. The two are one order: the reference at the warehouse comes from this id, so it has to be told at every fetch, and
    /// where there were several it is the first. Lines keep the ids they had under it; a source whose lines get new ids translates.
    pub continues: Option<SourceOrderId>,
}

impl SourceCopy {
    /// A copy of that version.
    #[must_use]
    pub const fn new(order: SalesOrder, version: Option<String>) -> Self {
        Self {
            order,
            version,
            continues: None,
        }
    }

    /// Says that this is what became of another record, such as a draft.
    #[must_use]
    pub fn continuing(mut self, before: SourceOrderId) -> Self {
        self.continues = Some(before);
        self
    }
}

/// Applies a commit to a record: checks the fence, moves the state, updates the bookkeeping, makes the timeline entry (none for a
/// [`Commit::quiet`] one that leaves the state as it was).
///
/// Every store calls this inside its transaction and persists what comes out, so that all stores agree.
///
/// # Errors
/// [`Refusal::Fenced`] when the record is not the caller's any more; [`Refusal::Impossible`] when the state machine does not know
/// the step. In both cases nothing is to be written.
pub fn apply(
    record: &OrderRecord,
    commit: &Commit,
) -> Result<(OrderRecord, Option<TimelineEntry>), Refusal> {
    let fenced = match commit.fence {
        Fence::Token(token) => record.token != token,
        Fence::Unclaimed(state, token) => record.state != state || record.token != token,
    };
    #[cfg(canary)]
    let fenced = fenced && !crate::canary::planted("token_ignored");
    if fenced {
        return Err(Refusal::Fenced);
    }
    let impossible = Refusal::Impossible {
        state: record.state,
        event: commit.event,
    };
    let Some(state) = next_state(record.state, commit.event) else {
        return Err(impossible);
    };
    // A payload without its recipient must never be ready to be sent.
    if commit.event == OrderEvent::Prepared && record.erased_at.is_some() {
        return Err(impossible);
    }
    let request = commit.request.as_ref().or(record.request.as_ref());
    let request = match (next_request(record.request_state(), commit.event), request) {
        (RequestStep::Stays, _) => record.request.clone(),
        (RequestStep::Goes, _) => None,
        (RequestStep::Becomes(becomes), Some(request)) => Some(ChangeRequest {
            state: becomes,
            due_at: request.due_at.filter(|_| becomes.is_pending()),
            ..request.clone()
        }),
        (RequestStep::Becomes(_), None) | (RequestStep::Impossible, _) => return Err(impossible),
    };
    let mut next = record.clone();
    next.state = state;
    next.request = request;
    next.due_at = if is_about_goods(commit.event) {
        commit.due_at
    } else {
        // A request has its own time, and must not take away the one at which parcels are written or proven.
        commit.due_at.or(record.due_at)
    };
    if state != record.state {
        next.changed_at = commit.at;
    }
    if let Some(reasons) = &commit.reasons {
        next.reasons.clone_from(reasons);
    }
    if let Some(rule) = &commit.rule {
        next.rule = Some(rule.clone());
    }
    if let Some(intent) = &commit.intent {
        next.payload_digest = Some(intent.payload_digest());
    }
    if let Some(copy) = &commit.source {
        next.source_digest = copy.order.content_digest();
        next.source_version.clone_from(&copy.version);
        next.number.clone_from(&copy.order.number);
        next.placed_at = copy.order.placed_at;
        next.value.clone_from(&copy.order.total);
        next.stake = Stake::of(&copy.order);
    }
    if let Some(id) = &commit.renamed {
        next.renamed = Some(id.clone()).filter(|id| *id != next.id);
    }
    if let Some(reference) = &commit.new_reference {
        next.reference = reference.clone();
        next.generation = next.generation.saturating_add(1);
        next.warehouse_id = None;
        next.accepted_at = None;
        next.payload_digest = None;
    }
    if let Some(id) = &commit.warehouse_id {
        next.warehouse_id = Some(id.clone());
    }
    if let Some(probe_first) = commit.probe_first {
        next.probe_first = probe_first;
    }
    if state == OrderState::Captured {
        // Whatever parked it may have left it at the warehouse: whoever brings it back, it is asked for before it is sent.
        next.probe_first |= record.state == OrderState::Parked;
    }
    keep_books(&mut next, commit);
    let erases = erase_where_due(&mut next, commit);
    if commit.quiet && state == record.state && !erases {
        return Ok((next, None));
    }
    let note = if erases {
        Cow::Owned(format!("{}; its personal data is erased", commit.note))
    } else {
        Cow::Borrowed(commit.note.as_str())
    };
    let entry = TimelineEntry::chained(
        record.timeline_length.saturating_add(1),
        commit.at,
        commit.event,
        record.state,
        state,
        &note,
        &record.timeline_digest,
    );
    next.timeline_length = entry.sequence;
    next.timeline_digest.clone_from(&entry.digest);
    Ok((next, Some(entry)))
}

/// Notes that somebody wants the personal data to go, and that it goes: at once where the order is at its end, else when it comes
/// there. `true`: with this change.
fn erase_where_due(next: &mut OrderRecord, commit: &Commit) -> bool {
    if commit.event == OrderEvent::ErasureWanted {
        next.erasure_wanted_at.get_or_insert(commit.at);
    }
    let due = next.erasure_wanted_at.is_some() && next.erased_at.is_none();
    let erases = due && next.state.is_settled();
    if erases {
        next.erased_at = Some(commit.at);
    }
    erases
}

/// The counters that follow from the event alone.
fn keep_books(next: &mut OrderRecord, commit: &Commit) {
    match commit.event {
        OrderEvent::Claimed => next.attempt = next.attempt.saturating_add(1),
        // Whoever is judging the copy that was there before must not prepare it.
        OrderEvent::SourceChanged if commit.source.is_some() => {
            next.token = next.token.saturating_add(1);
        }
        OrderEvent::OutcomeLost | OrderEvent::LeaseExpired => {
            next.unknown_since.get_or_insert(commit.at);
            next.absences = 0;
            next.lease_until = None;
        }
        OrderEvent::AbsentOnce => {
            next.absences = 1;
            next.failures = 0;
            next.lease_until = None;
        }
        OrderEvent::NotSent
        | OrderEvent::ProbeFailed
        | OrderEvent::RelayTried
        | OrderEvent::ProofLost => {
            if !commit.faultless {
                next.failures = next.failures.saturating_add(1);
            } else if commit.event == OrderEvent::ProbeFailed && next.unknown_since.is_some() {
                next.unknown_since = Some(commit.at);
            }
            next.lease_until = None;
        }
        OrderEvent::Queued => {
            // It lies where it was dropped: that is known, whatever was unknown before.
            next.unknown_since = None;
            next.absences = 0;
            next.failures = 0;
            next.lease_until = None;
        }
        OrderEvent::PartDespatched | OrderEvent::FullyDespatched => {
            // Whoever is relaying right now knows nothing of these parcels and must not write over their due time.
            next.token = next.token.saturating_add(1);
            next.failures = 0;
            next.lease_until = None;
        }
        OrderEvent::AbsentTwice => {
            next.absences = 0;
            next.failures = 0;
            next.unknown_since = None;
            next.probe_first = false;
            next.lease_until = None;
        }
        OrderEvent::Confirmed => {
            // Where the warehouse gives no time, ours: later than the truth, so units count as in flight a little too long, never too short.
            next.accepted_at = commit.accepted_at.or(next.accepted_at).or(Some(commit.at));
            next.unknown_since = None;
            next.absences = 0;
            next.failures = 0;
            next.probe_first = false;
            next.lease_until = None;
        }
        // The claim that asked is done with.
        OrderEvent::ChangeAsked
        | OrderEvent::ChangeFailed
        | OrderEvent::ChangeRefused
        | OrderEvent::ChangeTooLate
        | OrderEvent::ChangeImpossible
        | OrderEvent::ChangeDropped
        | OrderEvent::Amended
        | OrderEvent::PartlyAmended => next.lease_until = None,
        // News, returns, scans and wishes come while somebody may hold the order: they leave the claim alone.
        OrderEvent::ChangeWanted
        | OrderEvent::Returned
        | OrderEvent::Tracked
        | OrderEvent::ErasureWanted
        | OrderEvent::Renamed
        // Whoever asked is about to write the answer.
        | OrderEvent::Reopened => {}
        OrderEvent::Withdrawn => {
            // Whoever is relaying right now must read the lines again.
            next.token = next.token.saturating_add(1);
            next.failures = 0;
            next.lease_until = None;
        }
        OrderEvent::Resent => {
            next.token = next.token.saturating_add(1);
            next.attempt = 0;
            next.failures = 0;
            next.absences = 0;
            next.unknown_since = None;
            next.lease_until = None;
        }
        // Seen right after the write is not proven: losses keep counting until a later read shows the parcels.
        OrderEvent::RelaySeen => next.lease_until = None,
        OrderEvent::SourceChanged
        | OrderEvent::Ignored
        | OrderEvent::Cancelled
        | OrderEvent::Held
        | OrderEvent::Prepared => {}
        _ => {
            next.failures = 0;
            next.lease_until = None;
        }
    }
}

/// Whether an event is about the goods (and so says when they want attention next), or about a request, a name, a return or a scan.
const fn is_about_goods(event: OrderEvent) -> bool {
    !matches!(
        event,
        OrderEvent::ChangeWanted
            | OrderEvent::ChangeAsked
            | OrderEvent::ChangeFailed
            | OrderEvent::ChangeRefused
            | OrderEvent::ChangeTooLate
            | OrderEvent::ChangeImpossible
            | OrderEvent::ChangeDropped
            | OrderEvent::Amended
            | OrderEvent::PartlyAmended
            | OrderEvent::Returned
            | OrderEvent::Tracked
            | OrderEvent::ErasureWanted
            | OrderEvent::Renamed
    )
}
