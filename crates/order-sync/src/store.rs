//! The store port: what is remembered, and what commits together.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SalesOrder, SkuHistory,
    SourceOrderId,
};
use serde::{Deserialize, Serialize};

use crate::{
    Commit, Demand, DeskCommand, DeskRefusal, Exception, ExceptionChanges, ExceptionEntry, Finding,
    LineProgress, MerchantId, OrderRecord, OrderState, ParcelRecord, ProfileVersion,
    PublishedLevel, Refusal, SourceCopy, StockChanges, StockFeed, StockRecord, TimelineEntry,
};

/// The engine's memory.
///
/// # Contract
/// * Every method is one transaction: it takes effect wholly and durably before it returns `Ok`, or not at all.
/// * State changes go through [`crate::apply`]; a store persists what that returns and decides nothing itself.
/// * Writes are fenced: a [`Commit`] whose fence does not match changes nothing and returns [`Refusal::Fenced`].
/// * Personal data (addresses, phones, notes) is kept apart from facts and from the timeline.
/// * Every key begins with the merchant; no method sees another merchant's rows.
/// * Dropping a future may leave the transaction either done or not; the next call sees which. Every method may be repeated.
/// * Times are the caller's (`now`, `at`): a store for one machine has no clock of its own. A store shared by machines overrides
///   `now` with the database's time wherever a lease is judged.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Before this moment the store knows nothing of its own: orders placed earlier are asked for at the warehouse before
    /// their first send. Set when the store is created and when it finds that it went back in time (restored backup).
    ///
    /// # Errors
    /// [`StoreError`]
    async fn blind_before(&self) -> Result<DateTime<Utc>, StoreError>;

    // ---- orders ----

    /// Of these ids, what is on record: state, version, digest; by the id asked for. An id that [`crate::OrderEvent::Renamed`]
    /// gave an order finds that order, as does the id it was captured with.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn known(
        &self,
        merchant: &MerchantId,
        ids: &[SourceOrderId],
    ) -> Result<BTreeMap<SourceOrderId, OrderRecord>, StoreError>;

    /// Records orders seen for the first time, with their lines, personal data and first timeline entry. An id that is on
    /// record already (also by a later name) is left alone and reported as [`CaptureOutcome::AlreadyKnown`]; a client reference
    /// that another order has, or ever had, is reported as [`CaptureOutcome::ReferenceTaken`] and not recorded.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError>;

    /// Notes that the shop's version of an order is this one although its content is the same (an echo of our own write).
    ///
    /// # Errors
    /// [`StoreError`]
    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError>;

    /// Applies one change. `Ok(Err(refusal))` means that nothing was written, for a reason the caller handles.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError>;

    /// Applies changes of several orders in one transaction, each as [`Store::commit`] would: one that is refused does not keep the
    /// others from being written. The answers are in the order of the changes.
    ///
    /// # Errors
    /// [`StoreError`]; then nothing was written.
    async fn commit_all(
        &self,
        commits: Vec<Commit>,
    ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError>;

    /// Takes up to `limit` due orders for a worker, oldest due first, each with a new token and a lease.
    ///
    /// [`ClaimKind::Send`] takes `ready` orders and commits [`crate::OrderEvent::Claimed`] for each: that commit is the durable
    /// intent. The other kinds take orders whose lease is free and change no state. [`ClaimKind::Change`] goes by the time at which
    /// the request is due ([`OrderRecord::request_due_at`]), the others by the order's own.
    ///
    /// With each order come its prepared payload and, for [`ClaimKind::Relay`] and [`ClaimKind::Change`], its parcels.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn claim(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError>;

    /// Takes one order for a worker, if it is due for this and its lease is free; else as [`Store::claim`].
    ///
    /// # Errors
    /// [`StoreError`]
    async fn claim_order(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError>;

    /// Turns `sending` orders whose lease has run out into `outcome_unknown`, due at `lease end + settle`. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError>;

    /// One record.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError>;

    /// The record that owns a client reference, or owned it before it was sent once more under another one. References are kept for
    /// ever.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError>;

    /// The records that own these client references, by the reference asked for.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn orders_by_reference(
        &self,
        merchant: &MerchantId,
        references: &[ClientOrderRef],
    ) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, StoreError> {
        let mut records = BTreeMap::new();
        for reference in references {
            if let Some(record) = self.order_by_reference(merchant, reference).await? {
                records.insert(reference.clone(), record);
            }
        }
        Ok(records)
    }

    /// Records in some states, by id, after `after`, up to `limit`.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn orders(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError>;

    /// Everything on record of the orders that a query names, in one reading: as much of it as the query asks for.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn scan(
        &self,
        merchant: &MerchantId,
        query: &OrderQuery,
    ) -> Result<Vec<Dossier>, StoreError>;

    /// How many orders are in each of these states, and since when the longest of them waits; a state without orders is left out.
    /// The time it takes grows with the orders in these states only.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn counts(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
    ) -> Result<BTreeMap<OrderState, StateCount>, StoreError>;

    /// Orders of which the shop wants something else than the warehouse has: their request is pending or denied. By id, after
    /// `after`, up to `limit`.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn orders_with_requests(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError>;

    /// The shop's copy, with its personal data.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError>;

    /// The prepared payload, with its personal data.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError>;

    /// What became of each line.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError>;

    /// The parcels of an order, in the order they were received.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError>;

    /// Whether a despatch of an order was read before. Ids of despatches are unique within an order, not beyond.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        consignment_id: &str,
    ) -> Result<bool, StoreError>;

    /// What came back of an order, in the order it was read; each once, by its id.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn returns(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ReturnReceipt>, StoreError>;

    /// The timeline of an order, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError>;

    // ---- despatches that belong to no order on record ----

    /// Keeps a despatch that no order on record claims (by consignment id and reference; again is no change).
    ///
    /// # Errors
    /// [`StoreError`]
    async fn keep_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: Consignment,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    /// Despatches that no order claims, with the moment each was read.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError>;

    /// Forgets an unmatched despatch, once it was applied.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: &Consignment,
    ) -> Result<(), StoreError>;

    // ---- exceptions ----

    /// Makes the open exceptions of a scope equal to these findings, by [`crate::compare`]; gives the opened ones their numbers,
    /// writes [`crate::entries_of`] to the journal, and returns what changed.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn settle_exceptions(
        &self,
        merchant: &MerchantId,
        scope: &str,
        findings: Vec<Finding>,
        at: DateTime<Utc>,
    ) -> Result<ExceptionChanges, StoreError>;

    /// Exceptions that are still found (also the ones a person closed), or all of them, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn exceptions(
        &self,
        merchant: &MerchantId,
        found_only: bool,
    ) -> Result<Vec<Exception>, StoreError>;

    /// One exception.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn exception(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Option<Exception>, StoreError>;

    /// Does something about an exception, by [`crate::act`], and writes it to the journal. `Ok(Err(refusal))`: nothing was written.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn act_on_exception(
        &self,
        merchant: &MerchantId,
        command: DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Result<Exception, DeskRefusal>, StoreError>;

    /// Entries of the merchant's journal of exceptions after a position, oldest first, up to `limit`.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn exception_journal(
        &self,
        merchant: &MerchantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ExceptionEntry>, StoreError>;

    /// All that happened to one exception, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn exception_history(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Vec<ExceptionEntry>, StoreError>;

    // ---- cursors and leases of flows ----

    /// How far a flow has surely read.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn cursor(&self, merchant: &MerchantId, name: &str)
    -> Result<Option<String>, StoreError>;

    /// Moves a cursor, if it still is where the caller believes it to be. `false`: somebody else moved it.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn move_cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, StoreError>;

    /// Takes the right to run a flow for a merchant. `None`: another holder has it.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn take_flow(
        &self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError>;

    /// Holds that right longer. `None`: it ran out and somebody else took it; whoever asked must stop.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn renew_flow(
        &self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError>;

    /// Gives that right back. A lease that is not the current one is ignored.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError>;

    // ---- stock ----

    /// Applies a stock batch by [`crate::compare_stock`] and keeps its mark; returns what changed.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError>;

    /// What the warehouse last said, every SKU.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError>;

    /// Promised units that a stock figure may not know of: of every order that the warehouse has not accepted and that reserves
    /// stock ([`OrderState::reserves_stock`]), and of every order that it accepted at or after `accepted_since`. What has left
    /// meanwhile still counts: a figure from before has it on the shelf. Orders accepted earlier are left out.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError>;

    /// Levels the shop was told at a location.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError>;

    /// Remembers levels that the shop has taken.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn save_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        levels: Vec<PublishedLevel>,
    ) -> Result<(), StoreError>;

    // ---- what the rules were ----

    /// What has been on record about article codes; empty before the first [`Store::save_sku_history`].
    ///
    /// # Errors
    /// [`StoreError`]
    async fn sku_history(&self, merchant: &MerchantId) -> Result<SkuHistory, StoreError>;

    /// Replaces it. A history of a lower version than the one on record is not written (`false`): another worker has built a later
    /// registry.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn save_sku_history(
        &self,
        merchant: &MerchantId,
        history: SkuHistory,
    ) -> Result<bool, StoreError>;

    /// Records a version of the profile that came into use; again is no change, except that an approval is added where there was
    /// none.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn record_profile(
        &self,
        merchant: &MerchantId,
        version: ProfileVersion,
    ) -> Result<(), StoreError>;

    /// Every version of the profile that was in use, in the order they came.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn profiles(&self, merchant: &MerchantId) -> Result<Vec<ProfileVersion>, StoreError>;

    // ---- erasure ----

    /// Erases the personal data of up to `limit` orders that are at their end ([`OrderState::is_settled`]) since before a moment, and
    /// still have some. Facts, lines, totals and the timeline stay. Returns how many.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn erase_personal(
        &self,
        merchant: &MerchantId,
        settled_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError>;
}

/// Which orders to read, and how much of each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderQuery {
    /// Orders in these states; none: in every state.
    pub states: Vec<OrderState>,
    /// Orders captured at or after this moment; none: whenever.
    pub captured_since: Option<DateTime<Utc>>,
    /// After this id, in the order of ids.
    pub after: Option<SourceOrderId>,
    /// As many at most.
    pub limit: usize,
    /// With the shop's copy.
    pub with_source: bool,
    /// With the prepared payload.
    pub with_intent: bool,
    /// With the lines.
    pub with_lines: bool,
    /// With the parcels.
    pub with_parcels: bool,
}

impl OrderQuery {
    /// The records of orders in some states (none: all states), page by page.
    #[must_use]
    pub fn new(states: &[OrderState], limit: usize) -> Self {
        Self {
            states: states.to_vec(),
            limit,
            ..Self::default()
        }
    }

    /// Goes on after the last order of a page.
    #[must_use]
    pub fn after(mut self, id: Option<SourceOrderId>) -> Self {
        self.after = id;
        self
    }
}

/// What is on record of one order, as far as a query asked for it.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Dossier {
    /// The record.
    pub record: OrderRecord,
    /// The shop's copy, with its personal data.
    pub source: Option<SourceCopy>,
    /// The prepared payload, with its personal data.
    pub intent: Option<FulfilmentOrder>,
    /// What became of each line.
    pub lines: Vec<LineProgress>,
    /// The parcels.
    pub parcels: Vec<ParcelRecord>,
}

impl Dossier {
    /// A dossier with nothing but the record.
    #[must_use]
    pub const fn new(record: OrderRecord) -> Self {
        Self {
            record,
            source: None,
            intent: None,
            lines: Vec::new(),
            parcels: Vec::new(),
        }
    }
}

/// How many orders are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StateCount {
    /// How many.
    pub orders: u64,
    /// Since when the one that changed longest ago is in it.
    pub oldest: DateTime<Utc>,
}

impl StateCount {
    /// A count.
    #[must_use]
    pub const fn new(orders: u64, oldest: DateTime<Utc>) -> Self {
        Self { orders, oldest }
    }
}

/// An order to be captured.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewOrder {
    /// The record, as made by [`OrderRecord::captured`].
    pub record: OrderRecord,
    /// The shop's copy.
    pub source: SourceCopy,
    /// Its lines, with whole quantities (0 for lines that are not stock or not whole).
    pub lines: Vec<LineProgress>,
}

impl NewOrder {
    /// An order with its lines.
    #[must_use]
    pub fn new(record: OrderRecord, source: SourceCopy) -> Self {
        let lines = lines_of(&source.order);
        Self {
            record,
            source,
            lines,
        }
    }
}

/// The lines of an order as progress rows, without the rules of a profile: whole positive quantities count, others are 0 (the rules
/// refuse them anyway). The engine itself counts kits by their components and ordered units as the warehouse's.
#[must_use]
pub fn lines_of(order: &SalesOrder) -> Vec<LineProgress> {
    use rust_decimal::prelude::ToPrimitive as _;
    order
        .lines
        .iter()
        .map(|line| {
            let whole = (line.quantity.fract().is_zero())
                .then(|| line.quantity.to_u32())
                .flatten()
                .unwrap_or(0);
            LineProgress::new(line.id.clone(), line.sku.clone(), whole)
        })
        .collect()
}

/// What became of one order of a capture batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CaptureOutcome {
    /// Recorded.
    Recorded,
    /// On record already; nothing was written.
    AlreadyKnown,
    /// Another order has the same client reference; nothing was written.
    ReferenceTaken,
}

/// What a worker means to do with the orders it claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ClaimKind {
    /// Send `ready` orders.
    Send,
    /// Ask after `outcome_unknown` and `queued` orders.
    Probe,
    /// Write or prove parcels: `part_despatched`, `despatched` and `relayed` orders.
    Relay,
    /// Ask the warehouse for a change or a cancellation: orders that it has and whose request is pending.
    Change,
}

impl ClaimKind {
    /// When an order of one of its states wants this to be done; none: not by itself.
    #[must_use]
    pub fn due_at(self, record: &OrderRecord) -> Option<DateTime<Utc>> {
        match self {
            Self::Change => record.request_due_at(),
            _ => record.due_at,
        }
    }

    /// Whether its claims come with the parcels.
    #[must_use]
    pub const fn wants_parcels(self) -> bool {
        matches!(self, Self::Relay | Self::Change)
    }

    /// The states this kind takes from.
    #[must_use]
    pub const fn states(self) -> &'static [OrderState] {
        match self {
            Self::Send => &[OrderState::Ready],
            Self::Probe => &[OrderState::OutcomeUnknown, OrderState::Queued],
            Self::Relay => &[
                OrderState::PartDespatched,
                OrderState::Despatched,
                OrderState::Relayed,
            ],
            Self::Change => &[
                OrderState::Accepted,
                OrderState::PartDespatched,
                OrderState::Despatched,
                OrderState::Relayed,
                OrderState::Closed,
                OrderState::Withdrawn,
            ],
        }
    }
}

/// An order in a worker's hands.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Claim {
    /// The record after the claim; its token is the fence.
    pub record: OrderRecord,
    /// The prepared payload, where there is one.
    pub intent: Option<FulfilmentOrder>,
    /// The parcels; read for [`ClaimKind::Relay`] and [`ClaimKind::Change`] only.
    pub parcels: Vec<ParcelRecord>,
}

impl Claim {
    /// A claimed record with nothing else.
    #[must_use]
    pub const fn new(record: OrderRecord) -> Self {
        Self {
            record,
            intent: None,
            parcels: Vec::new(),
        }
    }
}

/// The right to run a flow for a merchant, until it runs out or is given back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowLease {
    /// The merchant.
    pub merchant: MerchantId,
    /// The flow.
    pub flow: String,
    /// Fencing token.
    pub token: u64,
    /// Until when it holds.
    pub until: DateTime<Utc>,
}

impl FlowLease {
    /// A lease.
    #[must_use]
    pub fn new(merchant: MerchantId, flow: &str, token: u64, until: DateTime<Utc>) -> Self {
        Self {
            merchant,
            flow: flow.to_owned(),
            token,
            until,
        }
    }
}

/// What went wrong in a store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreErrorKind {
    /// Another process has it, or it is busy: try again.
    Busy,
    /// The disk is full or read-only.
    NoSpace,
    /// The file or database is damaged, or is no store of ours, or of a later version.
    Damaged,
    /// A row does not read back: a bug or a foreign hand.
    Unreadable,
    /// Anything else.
    Other,
}

/// A store that could not do what it was asked; nothing was written.
#[derive(Debug, thiserror::Error)]
#[error("store: {message}")]
pub struct StoreError {
    kind: StoreErrorKind,
    message: String,
    #[source]
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl StoreError {
    /// An error of that kind, in one line with the remedy.
    pub fn new(kind: StoreErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
        }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.source = Some(source.into());
        self
    }

    /// What went wrong.
    #[must_use]
    pub const fn kind(&self) -> StoreErrorKind {
        self.kind
    }
}
