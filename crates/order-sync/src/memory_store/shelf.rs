//! What the store in memory keeps of one merchant, and the operations that do more than look up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, PersonalDetails, Recipient, ReportedSku,
    ReturnReceipt, SalesOrder, SkuHistory, SourceOrderId, SourceSku,
};

use crate::{
    CaptureOutcome, Claim, ClaimKind, Commit, Demand, DeskCommand, DeskRefusal, Dossier, Exception,
    ExceptionChanges, ExceptionEntry, Finding, FlowLease, LineProgress, NewOrder, OrderQuery,
    OrderRecord, OrderState, ParcelRecord, ParcelTracking, ProfileVersion, PublishedLevel, Refusal,
    SourceCopy, StateCount, StockChanges, StockFeed, StockMark, StockRecord, StoreError,
    StoreErrorKind, TimelineEntry, act, apply, compare, compare_stock, entries_of,
};

/// Everything of one merchant.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) orders: BTreeMap<SourceOrderId, Entry>,
    pub(super) references: BTreeMap<ClientOrderRef, SourceOrderId>,
    /// Ids that the shop gave orders later.
    pub(super) names: BTreeMap<SourceOrderId, SourceOrderId>,
    /// Every change of every order, in the order in which they were committed.
    pub(super) history: History,
    pub(super) unmatched: Vec<(Consignment, DateTime<Utc>)>,
    pub(super) exceptions: Vec<Exception>,
    pub(super) journal: Vec<ExceptionEntry>,
    pub(super) cursors: BTreeMap<String, String>,
    pub(super) flows: BTreeMap<String, (u64, Option<DateTime<Utc>>)>,
    pub(super) stock: BTreeMap<ReportedSku, StockRecord>,
    pub(super) stock_mark: Option<StockMark>,
    pub(super) published: BTreeMap<String, BTreeMap<SourceSku, PublishedLevel>>,
    pub(super) sku_history: SkuHistory,
    pub(super) profiles: Vec<ProfileVersion>,
}

/// Everything of one order.
pub(super) struct Entry {
    pub(super) record: OrderRecord,
    pub(super) source: SalesOrder,
    pub(super) intent: Option<FulfilmentOrder>,
    pub(super) lines: Vec<LineProgress>,
    pub(super) parcels: Vec<ParcelRecord>,
    pub(super) consignments: BTreeSet<String>,
    pub(super) returns: Vec<ReturnReceipt>,
    /// By parcel id.
    pub(super) tracking: BTreeMap<String, ParcelTracking>,
    pub(super) timeline: Vec<TimelineEntry>,
}

/// Every change of every order of a merchant, in the order in which they were committed.
type History = Vec<(SourceOrderId, TimelineEntry)>;

impl Entry {
    /// Applies a change to the record alone, with its timeline entry.
    fn step(&mut self, commit: &Commit, history: &mut History) -> Result<(), Refusal> {
        let (next, entry) = apply(&self.record, commit)?;
        self.record = next;
        if let Some(entry) = entry {
            history.push((self.record.id.clone(), entry.clone()));
            self.timeline.push(entry);
        }
        Ok(())
    }

    /// When it became due for this; `None` when it is not, or somebody holds it.
    fn due(&self, kind: ClaimKind, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let free = self.record.lease_until.is_none_or(|until| until <= now);
        if !free || !kind.states().contains(&self.record.state) {
            return None;
        }
        kind.due_at(&self.record).filter(|due| *due <= now)
    }

    fn claim(
        &mut self,
        kind: ClaimKind,
        lease: Duration,
        now: DateTime<Utc>,
        history: &mut History,
    ) -> Result<Claim, StoreError> {
        self.record.lease(now, lease);
        if kind == ClaimKind::Send {
            let intent = Commit::claimed(&self.record, now);
            self.step(&intent, history).map_err(inconsistent)?;
        }
        let mut claim = Claim::new(self.record.clone());
        claim.intent.clone_from(&self.intent);
        if kind.wants_parcels() {
            claim.parcels.clone_from(&self.parcels);
        }
        Ok(claim)
    }

    pub(super) fn copy(&self) -> SourceCopy {
        SourceCopy::new(self.source.clone(), self.record.source_version.clone())
    }

    /// Keeps what the record says is to be kept.
    fn erase(&mut self) {
        self.source = self.record.kept_source(&self.source).into_owned();
        let kept = self.intent.as_ref();
        self.intent = kept.map(|intent| self.record.kept_intent(intent).into_owned());
    }

    fn has_personal_data(&self) -> bool {
        self.source.personal != PersonalDetails::default()
            || self
                .intent
                .as_ref()
                .is_some_and(|intent| intent.recipient != Recipient::erased())
    }
}

/// A step that the state machine must allow was refused: the records or the rules are broken.
fn inconsistent(refusal: Refusal) -> StoreError {
    StoreError::new(
        StoreErrorKind::Unreadable,
        "an order on record refuses the step its state asks for; report this",
    )
    .with_source(refusal)
}

impl Shelf {
    /// An order by the id it was captured with, or by one that it got later.
    pub(super) fn entry(&self, id: &SourceOrderId) -> Option<&Entry> {
        self.orders
            .get(id)
            .or_else(|| self.orders.get(self.names.get(id)?))
    }

    pub(super) fn capture(&mut self, new: NewOrder) -> Result<CaptureOutcome, StoreError> {
        let NewOrder {
            record,
            source,
            lines,
        } = new;
        if self.entry(&record.id).is_some() {
            return Ok(CaptureOutcome::AlreadyKnown);
        }
        if self.references.contains_key(&record.reference) {
            return Ok(CaptureOutcome::ReferenceTaken);
        }
        let first = Commit::captured(&record);
        let mut entry = Entry {
            record,
            source: source.order,
            intent: None,
            lines,
            parcels: Vec::new(),
            consignments: BTreeSet::new(),
            returns: Vec::new(),
            tracking: BTreeMap::new(),
            timeline: Vec::new(),
        };
        entry
            .step(&first, &mut self.history)
            .map_err(inconsistent)?;
        let id = entry.record.id.clone();
        self.references
            .insert(entry.record.reference.clone(), id.clone());
        self.orders.insert(id, entry);
        Ok(CaptureOutcome::Recorded)
    }

    pub(super) fn commit(&mut self, commit: Commit) -> Result<OrderRecord, Refusal> {
        if let Some(reference) = &commit.new_reference
            && self.references.contains_key(reference)
        {
            return Err(Refusal::ReferenceTaken);
        }
        let entry = self.orders.get_mut(&commit.id).ok_or(Refusal::Fenced)?;
        let before = entry.record.clone();
        entry.step(&commit, &mut self.history)?;
        let erases = entry.record.is_erased_since(&before);
        if let Some(lines) = commit.lines_afterwards(&entry.record) {
            entry.lines = lines;
        }
        if let Some(copy) = commit.source {
            entry.source = copy.order;
        }
        if let Some(intent) = commit.intent {
            entry.intent = Some(*intent);
        }
        if entry.record.erased_at.is_some() {
            entry.erase();
        }
        for parcel in commit.parcels {
            match entry
                .parcels
                .iter_mut()
                .find(|known| known.parcel.id == parcel.parcel.id)
            {
                Some(known) => *known = parcel,
                None => entry.parcels.push(parcel),
            }
        }
        if let Some(consignment) = commit.consignment {
            entry.consignments.insert(consignment.id);
        }
        if let Some(returned) = commit.returned
            && entry.returns.iter().all(|known| known.id != returned.id)
        {
            entry.returns.push(*returned);
        }
        for tracking in commit.tracking {
            let id = tracking.parcel_id.clone();
            let kept = tracking.onto(entry.tracking.get(&id));
            entry.tracking.insert(id, kept);
        }
        let id = &entry.record.id;
        if let Some(reference) = commit.new_reference {
            self.references.insert(reference, id.clone());
        }
        if let Some(name) = commit.renamed {
            self.names.insert(name, id.clone());
        }
        let record = entry.record.clone();
        if erases {
            self.blank_notes(&record.id);
        }
        Ok(record)
    }

    pub(super) fn parcels_to_track(
        &self,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Vec<ParcelTracking> {
        let watched = self
            .orders
            .values()
            .flat_map(|entry| entry.tracking.values());
        let mut due: Vec<&ParcelTracking> = watched
            .filter(|tracking| tracking.due_at.is_some_and(|due| due <= due_by))
            .collect();
        // The maps are in the order of orders and parcels and the sort is stable.
        due.sort_by_key(|tracking| tracking.due_at);
        due.into_iter().take(limit).cloned().collect()
    }

    /// Records that are wanted, by id, after `after`.
    pub(super) fn records(
        &self,
        after: Option<&SourceOrderId>,
        limit: usize,
        wanted: impl Fn(&OrderRecord) -> bool,
    ) -> Vec<OrderRecord> {
        self.orders
            .values()
            .map(|entry| &entry.record)
            .filter(|record| after.is_none_or(|after| record.id > *after) && wanted(record))
            .take(limit)
            .cloned()
            .collect()
    }

    pub(super) fn scan(&self, query: &OrderQuery) -> Vec<Dossier> {
        self.orders
            .values()
            .filter(|entry| {
                query
                    .after
                    .as_ref()
                    .is_none_or(|after| entry.record.id > *after)
            })
            .filter(|entry| query.states.is_empty() || query.states.contains(&entry.record.state))
            .filter(|entry| {
                query
                    .captured_since
                    .is_none_or(|since| entry.record.captured_at >= since)
            })
            .take(query.limit)
            .map(|entry| {
                let mut dossier = Dossier::new(entry.record.clone());
                if query.with_source {
                    dossier.source = Some(entry.copy());
                }
                if query.with_intent {
                    dossier.intent.clone_from(&entry.intent);
                }
                if query.with_lines {
                    dossier.lines.clone_from(&entry.lines);
                }
                if query.with_parcels {
                    dossier.parcels.clone_from(&entry.parcels);
                }
                dossier
            })
            .collect()
    }

    pub(super) fn counts(&self, states: &[OrderState]) -> BTreeMap<OrderState, StateCount> {
        let mut counts: BTreeMap<OrderState, StateCount> = BTreeMap::new();
        let records = self.orders.values().map(|entry| &entry.record);
        for record in records.filter(|record| states.contains(&record.state)) {
            let count = counts
                .entry(record.state)
                .or_insert(StateCount::new(0, record.changed_at));
            count.orders += 1;
            count.oldest = count.oldest.min(record.changed_at);
        }
        counts
    }

    pub(super) fn claim(
        &mut self,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        let history = &mut self.history;
        let mut due: Vec<(DateTime<Utc>, &mut Entry)> = self
            .orders
            .values_mut()
            .filter_map(|entry| entry.due(kind, now).map(|due| (due, entry)))
            .collect();
        // The map is in the order of the ids and the sort is stable: the same moment goes by id.
        due.sort_by_key(|(due, _)| *due);
        due.into_iter()
            .take(limit)
            .map(|(_, entry)| entry.claim(kind, lease, now, history))
            .collect()
    }

    pub(super) fn claim_order(
        &mut self,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError> {
        let history = &mut self.history;
        match self.orders.get_mut(id) {
            Some(entry) if entry.due(kind, now).is_some() => {
                entry.claim(kind, lease, now, history).map(Some)
            }
            _ => Ok(None),
        }
    }

    pub(super) fn expire_leases(
        &mut self,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let mut expired = 0;
        let history = &mut self.history;
        for entry in self.orders.values_mut() {
            let record = &entry.record;
            if record.state == OrderState::Sending
                && record.lease_until.is_none_or(|until| until <= now)
            {
                let expiry = Commit::lease_expired(record, settle, now);
                entry.step(&expiry, history).map_err(inconsistent)?;
                expired += 1;
            }
        }
        Ok(expired)
    }

    pub(super) fn settle(
        &mut self,
        scope: &str,
        findings: &[Finding],
        at: DateTime<Utc>,
    ) -> ExceptionChanges {
        let found: Vec<Exception> = self
            .exceptions
            .iter()
            .filter(|known| known.scope == scope && known.closed_at.is_none())
            .cloned()
            .collect();
        let mut changes = compare(scope, &found, findings, at);
        for (number, opened) in (self.exceptions.len() as u64 + 1..).zip(&mut changes.opened) {
            opened.number = number;
        }
        for changed in changes.updated.iter().chain(&changes.closed) {
            self.replace(changed);
        }
        self.exceptions.extend(changes.opened.iter().cloned());
        for entry in entries_of(&changes, &found) {
            self.note(entry);
        }
        changes
    }

    fn replace(&mut self, exception: &Exception) {
        let known = self
            .exceptions
            .iter_mut()
            .find(|known| known.number == exception.number);
        if let Some(known) = known {
            known.clone_from(exception);
        }
    }

    /// Blanks what people wrote about an order.
    fn blank_notes(&mut self, order: &SourceOrderId) {
        let about = self.exceptions.iter();
        let about: BTreeSet<u64> = about
            .filter(|exception| exception.finding.subject.is_about(order))
            .map(|exception| exception.number)
            .collect();
        for entry in &mut self.journal {
            if about.contains(&entry.number) {
                entry.blank_note();
            }
        }
    }

    fn note(&mut self, mut entry: ExceptionEntry) {
        entry.sequence = self.journal.len() as u64 + 1;
        self.journal.push(entry);
    }

    pub(super) fn act_on_exception(
        &mut self,
        command: &DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Exception, DeskRefusal> {
        let known = self
            .exceptions
            .iter()
            .find(|known| known.number == command.number)
            .ok_or(DeskRefusal::Unknown)?;
        let (next, entry) = act(known, command, at)?;
        self.replace(&next);
        self.note(entry);
        Ok(next)
    }

    pub(super) fn record_profile(&mut self, version: ProfileVersion) {
        let known = self
            .profiles
            .iter_mut()
            .find(|known| known.hash == version.hash);
        match known {
            Some(known) if known.approval.is_none() => known.approval = version.approval,
            Some(_) => {}
            None => self.profiles.push(version),
        }
    }

    pub(super) fn erase_personal(&mut self, settled_before: DateTime<Utc>, limit: usize) -> usize {
        let due = self
            .orders
            .values_mut()
            .filter(|entry| {
                entry.record.state.is_settled() && entry.record.changed_at < settled_before
            })
            .filter(|entry| entry.has_personal_data());
        let mut erased = 0;
        for entry in due.take(limit) {
            entry.source.personal = PersonalDetails::default();
            if let Some(intent) = &mut entry.intent {
                intent.recipient = Recipient::erased();
            }
            erased += 1;
        }
        erased
    }

    /// Takes the right to run a flow until then, and says its token; `None`: another holder has it.
    pub(super) fn take_flow(
        &mut self,
        flow: &str,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Option<u64> {
        let (token, held) = self.flows.entry(flow.to_owned()).or_default();
        if held.is_some_and(|until| until > now) {
            return None;
        }
        *token = token.saturating_add(1);
        *held = Some(until);
        Some(*token)
    }

    /// Holds it longer, where it is still the holder's.
    pub(super) fn renew_flow(&mut self, lease: &FlowLease, until: DateTime<Utc>) -> bool {
        match self.flows.get_mut(&lease.flow) {
            Some((token, Some(held))) if *token == lease.token => {
                *held = until;
                true
            }
            _ => false,
        }
    }

    pub(super) fn demand(&self, accepted_since: DateTime<Utc>) -> Vec<Demand> {
        let mut demand = Vec::new();
        for entry in self.orders.values() {
            let accepted_at = entry.record.accepted_at;
            let counts = match accepted_at {
                Some(accepted_at) => accepted_at >= accepted_since,
                None => entry.record.state.reserves_stock(),
            };
            for line in entry.lines.iter().filter(|_| counts) {
                if let Some(sku) = &line.sku
                    && line.promised() > 0
                {
                    demand.push(Demand::new(sku.clone(), line.promised(), accepted_at));
                }
            }
        }
        demand
    }

    pub(super) fn save_stock(&mut self, feed: &StockFeed) -> StockChanges {
        let known: Vec<StockRecord> = self.stock.values().cloned().collect();
        let mut changes = compare_stock(&known, self.stock_mark, feed);
        for record in changes.write.iter().chain(&changes.gone) {
            self.stock.insert(record.row.sku.clone(), record.clone());
        }
        self.stock_mark = changes.mark.or(self.stock_mark);
        changes.picture = Some(changes.applied_to(known));
        changes
    }
}
