//! What a transaction writes of one merchant's orders: collected while it is decided, and sent as one statement per table.

mod statements;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SalesOrder, SourceOrderId,
};
use order_sync::{
    Commit, LineProgress, MerchantId, OrderRecord, ParcelRecord, ParcelTracking, Refusal,
    TimelineEntry, apply,
};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::keyed::Keyed;
use crate::{dossiers, json_text};

/// A record that the transaction holds the lock of.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub(crate) record: OrderRecord,
    /// Where its row lies on record; none: it is new.
    shelf: Option<NaiveDate>,
    revision: i64,
    changed: bool,
    /// Personal data came or went.
    personal_changed: bool,
}

impl Held {
    /// A record from a row whose columns are `record`, then anything, and at last `shelf` and `revision`.
    pub(crate) fn of_row(record: OrderRecord, row: &Row) -> Result<Self, Failure> {
        let last = row.len().saturating_sub(1);
        Ok(Self {
            record,
            shelf: Some(json_text::plain(
                dossiers::RECORD,
                row,
                last.saturating_sub(1),
            )?),
            revision: json_text::plain(dossiers::RECORD, row, last)?,
            changed: false,
            personal_changed: false,
        })
    }

    fn new(record: OrderRecord) -> Self {
        Self {
            record,
            shelf: None,
            revision: 0,
            changed: true,
            personal_changed: true,
        }
    }
}

/// The id of an order, and one that is unique within the order.
pub(crate) type Parcel = (SourceOrderId, String);
/// What is on record of parcels on their way.
pub(crate) type Tracked = BTreeMap<Parcel, ParcelTracking>;

/// Everything that a transaction writes of one merchant's orders.
#[derive(Debug)]
pub(crate) struct Changes {
    merchant: MerchantId,
    held: BTreeMap<SourceOrderId, Held>,
    timeline: Vec<(SourceOrderId, TimelineEntry)>,
    references: Vec<(ClientOrderRef, SourceOrderId)>,
    names: Keyed<SourceOrderId, (SourceOrderId, SourceOrderId)>,
    lines: Keyed<SourceOrderId, (SourceOrderId, Vec<LineProgress>)>,
    sources: Keyed<SourceOrderId, (SourceOrderId, SalesOrder)>,
    intents: Keyed<SourceOrderId, (SourceOrderId, FulfilmentOrder)>,
    parcels: Keyed<Parcel, (SourceOrderId, ParcelRecord)>,
    consignments: Keyed<Parcel, (SourceOrderId, Consignment)>,
    returns: Keyed<Parcel, (SourceOrderId, ReturnReceipt)>,
    tracking: Keyed<Parcel, (SourceOrderId, ParcelTracking)>,
    erased: Vec<OrderRecord>,
}

impl Changes {
    /// Nothing yet, of orders that the transaction holds the locks of.
    pub(crate) fn new(merchant: MerchantId, held: impl IntoIterator<Item = Held>) -> Self {
        let held = held
            .into_iter()
            .map(|one| (one.record.id.clone(), one))
            .collect();
        Self {
            merchant,
            held,
            timeline: Vec::new(),
            references: Vec::new(),
            names: Keyed::default(),
            lines: Keyed::default(),
            sources: Keyed::default(),
            intents: Keyed::default(),
            parcels: Keyed::default(),
            consignments: Keyed::default(),
            returns: Keyed::default(),
            tracking: Keyed::default(),
            erased: Vec::new(),
        }
    }

    /// Orders whose personal data goes with these changes.
    pub(crate) fn erased(&self) -> Vec<OrderRecord> {
        self.erased.clone()
    }

    /// The record as it is after what was collected so far.
    pub(crate) fn record(&self, id: &SourceOrderId) -> Option<&OrderRecord> {
        self.held.get(id).map(|held| &held.record)
    }

    /// Puts a record in the place of the one on record, without an event.
    pub(crate) fn replace(&mut self, record: OrderRecord) {
        if let Some(held) = self.held.get_mut(&record.id) {
            held.record = record;
            held.changed = true;
        }
    }

    /// Applies a change to a record alone, with its timeline entry.
    pub(crate) fn step(
        &mut self,
        record: &OrderRecord,
        commit: &Commit,
    ) -> Result<OrderRecord, Refusal> {
        let (next, entry) = apply(record, commit)?;
        if let Some(entry) = entry {
            self.timeline.push((next.id.clone(), entry));
        }
        self.replace(next.clone());
        Ok(next)
    }

    /// Records an order that is not there yet.
    pub(crate) fn capture(
        &mut self,
        record: OrderRecord,
        source: SalesOrder,
        lines: Vec<LineProgress>,
    ) -> Result<(), Failure> {
        let first = Commit::captured(&record);
        let id = record.id.clone();
        self.references.push((record.reference.clone(), id.clone()));
        self.held.insert(id.clone(), Held::new(record.clone()));
        self.step(&record, &first).map_err(Failure::Inconsistent)?;
        self.lines.put(id.clone(), (id.clone(), lines));
        self.sources.put(id.clone(), (id, source));
        Ok(())
    }

    /// Applies a change with everything that is stored with it; `on_record` is what was known of the parcels that it names. A refused one
    /// leaves nothing behind.
    pub(crate) fn commit(
        &mut self,
        commit: &Commit,
        on_record: &Tracked,
    ) -> Result<OrderRecord, Refusal> {
        let record = self.record(&commit.id).ok_or(Refusal::Fenced)?.clone();
        let next = self.step(&record, commit)?;
        let id = next.id.clone();
        if let Some(lines) = commit.lines_afterwards(&next) {
            self.lines.put(id.clone(), (id.clone(), lines));
        }
        if let Some(reference) = &commit.new_reference {
            self.references.push((reference.clone(), id.clone()));
        }
        if let Some(name) = &commit.renamed {
            self.names.put(name.clone(), (name.clone(), id.clone()));
        }
        if (commit.source.is_some() || commit.intent.is_some())
            && let Some(held) = self.held.get_mut(&id)
        {
            held.personal_changed = true;
        }
        if let Some(copy) = &commit.source {
            let kept = next.kept_source(&copy.order).into_owned();
            self.sources.put(id.clone(), (id.clone(), kept));
        }
        if let Some(intent) = &commit.intent {
            let kept = next.kept_intent(intent).into_owned();
            self.intents.put(id.clone(), (id.clone(), kept));
        }
        if next.is_erased_since(&record) {
            self.erase(&next);
        }
        for parcel in &commit.parcels {
            let key = (id.clone(), parcel.parcel.id.clone());
            self.parcels.put(key, (id.clone(), parcel.clone()));
        }
        if let Some(consignment) = &commit.consignment {
            let key = (id.clone(), consignment.id.clone());
            self.consignments
                .put(key, (id.clone(), consignment.clone()));
        }
        if let Some(receipt) = &commit.returned {
            let key = (id.clone(), receipt.id.clone());
            self.returns.put_new(key, (id.clone(), (**receipt).clone()));
        }
        for tracking in &commit.tracking {
            let key = (id.clone(), tracking.parcel_id.clone());
            let known = self.tracking.get(&key).map(|(_, known)| known);
            let kept = tracking.clone().onto(known.or_else(|| on_record.get(&key)));
            self.tracking.put(key, (id.clone(), kept));
        }
        Ok(next)
    }

    /// Keeps without personal data what was collected of an order, too.
    fn erase(&mut self, record: &OrderRecord) {
        let id = record.id.clone();
        if let Some((_, order)) = self.sources.get(&id) {
            let kept = record.kept_source(order).into_owned();
            self.sources.put(id.clone(), (id.clone(), kept));
        }
        if let Some((_, intent)) = self.intents.get(&id) {
            let kept = record.kept_intent(intent).into_owned();
            self.intents.put(id.clone(), (id.clone(), kept));
        }
        self.erased.push(record.clone());
    }
}
