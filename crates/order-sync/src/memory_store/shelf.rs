//! What the store in memory keeps of one merchant, and the operations that do more than look up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, SalesOrder, SourceOrderId, SourceSku,
};

use crate::{
    CaptureOutcome, Claim, ClaimKind, Commit, Exception, ExceptionChanges, Finding, LineProgress,
    NewOrder, OrderRecord, OrderState, ParcelRecord, PublishedLevel, Refusal, StockChanges,
    StockFeed, StockRecord, StoreError, StoreErrorKind, TimelineEntry, apply, compare,
    compare_stock,
};

/// Everything of one merchant.
#[derive(Default)]
pub(super) struct Shelf {
    pub(super) orders: BTreeMap<SourceOrderId, Entry>,
    pub(super) references: BTreeMap<ClientOrderRef, SourceOrderId>,
    pub(super) consignments: BTreeSet<String>,
    pub(super) unmatched: Vec<(Consignment, DateTime<Utc>)>,
    pub(super) exceptions: Vec<Exception>,
    pub(super) cursors: BTreeMap<String, String>,
    pub(super) flows: BTreeMap<String, (u64, Option<DateTime<Utc>>)>,
    pub(super) stock: BTreeMap<String, StockRecord>,
    pub(super) published: BTreeMap<String, BTreeMap<SourceSku, PublishedLevel>>,
}

/// Everything of one order.
pub(super) struct Entry {
    pub(super) record: OrderRecord,
    pub(super) source: SalesOrder,
    pub(super) intent: Option<FulfilmentOrder>,
    pub(super) lines: Vec<LineProgress>,
    pub(super) parcels: Vec<ParcelRecord>,
    pub(super) timeline: Vec<TimelineEntry>,
}

impl Entry {
    /// Applies a change to the record alone, with its timeline entry.
    fn step(&mut self, commit: &Commit) -> Result<(), Refusal> {
        let (next, entry) = apply(&self.record, commit)?;
        self.record = next;
        self.timeline.push(entry);
        Ok(())
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
    pub(super) fn capture(&mut self, new: NewOrder) -> Result<CaptureOutcome, StoreError> {
        let NewOrder {
            record,
            source,
            lines,
        } = new;
        if self.orders.contains_key(&record.id) {
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
            timeline: Vec::new(),
        };
        entry.step(&first).map_err(inconsistent)?;
        let id = entry.record.id.clone();
        self.references
            .insert(entry.record.reference.clone(), id.clone());
        self.orders.insert(id, entry);
        Ok(CaptureOutcome::Recorded)
    }

    pub(super) fn commit(&mut self, commit: Commit) -> Result<OrderRecord, Refusal> {
        let entry = self.orders.get_mut(&commit.id).ok_or(Refusal::Fenced)?;
        entry.step(&commit)?;
        if let Some(lines) = commit.lines_afterwards(&entry.record) {
            entry.lines = lines;
        }
        if let Some(copy) = commit.source {
            entry.source = copy.order;
        }
        if let Some(intent) = commit.intent {
            entry.intent = Some(*intent);
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
            self.consignments.insert(consignment.id);
        }
        Ok(entry.record.clone())
    }

    pub(super) fn claim(
        &mut self,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        let mut due: Vec<(DateTime<Utc>, &mut Entry)> = self
            .orders
            .values_mut()
            .filter(|entry| kind.states().contains(&entry.record.state))
            .filter(|entry| entry.record.lease_until.is_none_or(|until| until <= now))
            .filter_map(|entry| {
                entry
                    .record
                    .due_at
                    .filter(|due| *due <= now)
                    .map(|due| (due, entry))
            })
            .collect();
        // The map is in the order of the ids and the sort is stable: the same moment goes by id.
        due.sort_by_key(|(due, _)| *due);
        let mut claims = Vec::new();
        for (_, entry) in due.into_iter().take(limit) {
            entry.record.lease(now, lease);
            if kind == ClaimKind::Send {
                let intent = Commit::claimed(&entry.record, now);
                entry.step(&intent).map_err(inconsistent)?;
            }
            claims.push(Claim::new(entry.record.clone()));
        }
        Ok(claims)
    }

    pub(super) fn expire_leases(
        &mut self,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let mut expired = 0;
        for entry in self.orders.values_mut() {
            let record = &entry.record;
            if record.state == OrderState::Sending
                && record.lease_until.is_none_or(|until| until <= now)
            {
                let expiry = Commit::lease_expired(record, settle, now);
                entry.step(&expiry).map_err(inconsistent)?;
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
        let changes = compare(scope, &self.exceptions, findings, at);
        for changed in changes.updated.iter().chain(&changes.closed) {
            let known = self.exceptions.iter_mut().find(|known| {
                known.closed_at.is_none()
                    && known.scope == changed.scope
                    && known.finding.subject == changed.finding.subject
                    && known.finding.code == changed.finding.code
            });
            if let Some(known) = known {
                known.clone_from(changed);
            }
        }
        self.exceptions.extend(changes.opened.iter().cloned());
        changes
    }

    pub(super) fn save_stock(&mut self, feed: &StockFeed) -> StockChanges {
        let known: Vec<StockRecord> = self.stock.values().cloned().collect();
        let changes = compare_stock(&known, feed);
        for record in changes.write.iter().chain(&changes.gone) {
            self.stock
                .insert(record.row.sku.as_str().to_owned(), record.clone());
        }
        changes
    }
}
