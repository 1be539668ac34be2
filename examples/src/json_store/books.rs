//! What the methods that do more than look up do to the books of a merchant. Every decision is the engine's.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use order_mapping::{PersonalDetails, Recipient, SourceOrderId};
use order_sync::{
    CaptureOutcome, Claim, ClaimKind, Commit, DeskCommand, DeskRefusal, Dossier, Exception,
    ExceptionChanges, ExceptionEntry, Finding, NewOrder, OrderQuery, OrderRecord, OrderState,
    ParcelTracking, ProfileVersion, Refusal, StockChanges, StockFeed, StockRecord, StoreError,
    StoreErrorKind, act, apply, compare, compare_stock, entries_of,
};

use super::state::{Books, Order, People};

/// A step that the rules must allow was refused: the file or the rules are broken.
fn inconsistent(refusal: Refusal) -> StoreError {
    let what = "an order on record refuses the step its state asks for; report this";
    StoreError::new(StoreErrorKind::Unreadable, what).with_source(refusal)
}

impl Order {
    /// Takes over what the engine says becomes of the record, with its timeline entry.
    fn step(&mut self, commit: &Commit) -> Result<(), Refusal> {
        let (next, entry) = apply(&self.record, commit)?;
        self.record = next;
        self.timeline.extend(entry);
        Ok(())
    }

    /// When it became due for this; none: it is not, or somebody holds it.
    fn due(&self, kind: ClaimKind, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let free = self.record.lease_until.is_none_or(|until| until <= now);
        if !free || !kind.states().contains(&self.record.state) {
            return None;
        }
        kind.due_at(&self.record).filter(|due| *due <= now)
    }
}

impl People {
    fn is_empty(&self) -> bool {
        let erased = Recipient::erased();
        self.details == PersonalDetails::default()
            && self.recipient.as_ref().is_none_or(|one| *one == erased)
    }
}

impl Books {
    pub(super) fn capture(&mut self, new: NewOrder) -> Result<CaptureOutcome, StoreError> {
        let id = new.record.id.clone();
        if self.order(&id).is_some() {
            return Ok(CaptureOutcome::AlreadyKnown);
        }
        let reference = new.record.reference.clone();
        if self.references.contains_key(&reference) {
            return Ok(CaptureOutcome::ReferenceTaken);
        }
        let first = Commit::captured(&new.record);
        let mut order = Order {
            record: new.record,
            source: new.source.order.clone(),
            intent: None,
            lines: new.lines,
            parcels: Vec::new(),
            consignments: BTreeSet::new(),
            returns: Vec::new(),
            tracking: BTreeMap::new(),
            timeline: Vec::new(),
        };
        order.step(&first).map_err(inconsistent)?;
        self.orders.insert(id.clone(), order);
        self.keep_source(&id, new.source.order);
        self.references.insert(reference, id);
        Ok(CaptureOutcome::Recorded)
    }

    pub(super) fn commit(&mut self, commit: Commit) -> Result<OrderRecord, Refusal> {
        if let Some(reference) = &commit.new_reference
            && self.references.contains_key(reference)
        {
            return Err(Refusal::ReferenceTaken);
        }
        let order = self.orders.get_mut(&commit.id).ok_or(Refusal::Fenced)?;
        let before = order.record.clone();
        order.step(&commit)?;
        let record = order.record.clone();
        let erases = record.is_erased_since(&before);
        if let Some(lines) = commit.lines_afterwards(&record) {
            order.lines = lines;
        }
        for parcel in commit.parcels {
            let known = order
                .parcels
                .iter_mut()
                .find(|known| known.parcel.id == parcel.parcel.id);
            match known {
                Some(known) => *known = parcel,
                None => order.parcels.push(parcel),
            }
        }
        order
            .consignments
            .extend(commit.consignment.map(|consignment| consignment.id));
        if let Some(returned) = commit.returned
            && order.returns.iter().all(|known| known.id != returned.id)
        {
            order.returns.push(*returned);
        }
        for tracking in commit.tracking {
            let known = order.tracking.get(&tracking.parcel_id);
            let kept = tracking.onto(known);
            order.tracking.insert(kept.parcel_id.clone(), kept);
        }
        if let Some(copy) = commit.source {
            let kept = record.kept_source(&copy.order).into_owned();
            self.keep_source(&commit.id, kept);
        }
        if let Some(intent) = commit.intent {
            let kept = record.kept_intent(&intent).into_owned();
            self.keep_intent(&commit.id, kept);
        }
        if erases {
            self.erase_order(&record);
        }
        if let Some(reference) = commit.new_reference {
            self.references.insert(reference, commit.id.clone());
        }
        if let Some(name) = commit.renamed {
            self.names.insert(name, commit.id);
        }
        Ok(record)
    }

    /// Erases what is personal of an order: its people, what of the facts may name them, and what was written about its exceptions.
    fn erase_order(&mut self, record: &OrderRecord) {
        self.people.remove(&record.id);
        if let Some(order) = self.orders.get_mut(&record.id) {
            order.source = record.kept_source(&order.source).into_owned();
        }
        let about: BTreeSet<u64> = self
            .exceptions
            .iter()
            .filter(|exception| exception.finding.subject.is_about(&record.id))
            .map(|exception| exception.number)
            .collect();
        for entry in &mut self.journal {
            if about.contains(&entry.number) {
                entry.blank_note();
            }
        }
    }

    /// Parcels that are asked after by then, the one that is due longest first.
    pub(super) fn parcels_to_track(
        &self,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Vec<ParcelTracking> {
        let watched = self
            .orders
            .values()
            .flat_map(|order| order.tracking.values());
        let mut due: Vec<&ParcelTracking> = watched
            .filter(|tracking| tracking.due_at.is_some_and(|due| due <= due_by))
            .collect();
        due.sort_by_key(|tracking| tracking.due_at);
        due.into_iter().take(limit).cloned().collect()
    }

    /// Orders that are due for this, the oldest due first; the same moment goes by id.
    pub(super) fn due(&self, kind: ClaimKind, now: DateTime<Utc>) -> Vec<SourceOrderId> {
        let mut due: Vec<(DateTime<Utc>, &SourceOrderId)> = self
            .orders
            .iter()
            .filter_map(|(id, order)| Some((order.due(kind, now)?, id)))
            .collect();
        due.sort();
        due.into_iter().map(|(_, id)| id.clone()).collect()
    }

    /// Takes an order, if it is due and free. A claim to send is committed as the intent to send.
    pub(super) fn claim(
        &mut self,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError> {
        let Some(order) = self.orders.get_mut(id) else {
            return Ok(None);
        };
        if order.due(kind, now).is_none() {
            return Ok(None);
        }
        order.record.lease(now, lease);
        if kind == ClaimKind::Send {
            let intent = Commit::claimed(&order.record, now);
            order.step(&intent).map_err(inconsistent)?;
        }
        let mut claim = Claim::new(order.record.clone());
        if kind.wants_parcels() {
            claim.parcels.clone_from(&order.parcels);
        }
        claim.intent = self.intent(id);
        Ok(Some(claim))
    }

    pub(super) fn expire_leases(
        &mut self,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let mut expired = 0;
        for order in self.orders.values_mut() {
            let over = order.record.lease_until.is_none_or(|until| until <= now);
            if order.record.state == OrderState::Sending && over {
                let expiry = Commit::lease_expired(&order.record, settle, now);
                order.step(&expiry).map_err(inconsistent)?;
                expired += 1;
            }
        }
        Ok(expired)
    }

    pub(super) fn scan(&self, query: &OrderQuery) -> Vec<Dossier> {
        let wanted = |record: &OrderRecord| {
            query.after.as_ref().is_none_or(|after| record.id > *after)
                && (query.states.is_empty() || query.states.contains(&record.state))
                && query
                    .captured_since
                    .is_none_or(|since| record.captured_at >= since)
        };
        let found = self
            .orders
            .iter()
            .filter(|(_, order)| wanted(&order.record));
        found
            .take(query.limit)
            .map(|(id, order)| {
                let mut dossier = Dossier::new(order.record.clone());
                if query.with_source {
                    dossier.source = self.source(id);
                }
                if query.with_intent {
                    dossier.intent = self.intent(id);
                }
                if query.with_lines {
                    dossier.lines.clone_from(&order.lines);
                }
                if query.with_parcels {
                    dossier.parcels.clone_from(&order.parcels);
                }
                dossier
            })
            .collect()
    }

    pub(super) fn settle_exceptions(
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
        let next = self.exceptions.len() as u64 + 1;
        for (number, opened) in (next..).zip(&mut changes.opened) {
            opened.number = number;
        }
        for changed in changes.updated.iter().chain(&changes.closed) {
            self.replace_exception(changed);
        }
        self.exceptions.extend(changes.opened.iter().cloned());
        for entry in entries_of(&changes, &found) {
            self.note(entry);
        }
        changes
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
        self.replace_exception(&next);
        self.note(entry);
        Ok(next)
    }

    fn replace_exception(&mut self, exception: &Exception) {
        let mut known = self.exceptions.iter_mut();
        if let Some(known) = known.find(|known| known.number == exception.number) {
            known.clone_from(exception);
        }
    }

    /// The journal is for ever; its positions begin with 1.
    fn note(&mut self, mut entry: ExceptionEntry) {
        entry.sequence = self.journal.len() as u64 + 1;
        self.journal.push(entry);
    }

    pub(super) fn save_stock(&mut self, feed: &StockFeed) -> StockChanges {
        let known: Vec<StockRecord> = self.stock.values().cloned().collect();
        let changes = compare_stock(&known, self.stock_mark, feed);
        for record in changes.write.iter().chain(&changes.gone) {
            self.stock.insert(record.row.sku.clone(), record.clone());
        }
        self.stock_mark = changes.mark.or(self.stock_mark);
        changes
    }

    pub(super) fn record_profile(&mut self, version: ProfileVersion) {
        let mut known = self.profiles.iter_mut();
        match known.find(|known| known.hash == version.hash) {
            Some(known) if known.approval.is_none() => known.approval = version.approval,
            Some(_) => {}
            None => self.profiles.push(version),
        }
    }

    /// Takes the people out of the file for good: no older copy of it is kept.
    pub(super) fn erase_personal(&mut self, settled_before: DateTime<Utc>, limit: usize) -> usize {
        let orders = &self.orders;
        let due: Vec<SourceOrderId> = self
            .people
            .iter()
            .filter(|(_, people)| !people.is_empty())
            .filter_map(|(id, _)| orders.get(id))
            .map(|order| &order.record)
            .filter(|record| record.state.is_settled() && record.changed_at < settled_before)
            .take(limit)
            .map(|record| record.id.clone())
            .collect();
        for id in &due {
            self.people.remove(id);
        }
        due.len()
    }
}
