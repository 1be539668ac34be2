//! The store port: what is remembered, and what commits together.

mod claim;
mod new_order;
mod order_query;
mod store_error;

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SkuHistory, SourceOrderId,
    SourceSku,
};

pub use self::claim::{Claim, ClaimKind, FlowLease};
pub use self::new_order::{CaptureOutcome, NewOrder, lines_of};
pub use self::order_query::{Dossier, OrderQuery, Resealed, StateCount};
pub use self::store_error::{StoreError, StoreErrorKind};
use crate::{
    Commit, Demand, DeskCommand, DeskRefusal, Exception, ExceptionChanges, ExceptionEntry, Finding,
    LineProgress, MerchantId, OrderRecord, OrderState, ParcelRecord, ParcelTracking,
    ProfileVersion, PublishedLevel, Refusal, SourceCopy, StockChanges, StockFeed, StockRecord,
    TimelineEntry,
};

/// The engine's memory.
///
/// # Contract
/// * Every method is one transaction: it takes effect wholly and durably before it returns `Ok`, or not at all.
/// * State changes go through [`crate::apply`]; a store persists what that returns and decides nothing itself.
/// * Writes are fenced: a [`Commit`] whose fence does not match changes nothing and returns [`Refusal::Fenced`].
/// * Personal data (addresses, phones, notes) is kept apart from facts and from the timeline.
/// * Where a record is erased ([`OrderRecord::is_erased_since`]), its personal data goes in the same transaction, and what comes later
///   is kept by [`OrderRecord::kept_source`] and [`OrderRecord::kept_intent`].
/// * Personal data that a store keeps sealed and that does not open concerns its order alone: copy and payload read as if it
///   were erased, and [`Dossier::unopened`] and [`Claim::unopened`] say why.
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

    /// Parcels after which the carrier is to be asked by then ([`ParcelTracking::due_at`]): the one that is due longest first, those
    /// of one moment by order and parcel, up to `limit`. Their number grows as the shop does, those whose watch is over most of
    /// all: a store finds the due ones by an index.
    ///
    /// What is on record of them is written by [`Commit::tracking`], each merged by [`ParcelTracking::onto`].
    ///
    /// # Errors
    /// [`StoreError`]
    async fn parcels_to_track(
        &self,
        merchant: &MerchantId,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ParcelTracking>, StoreError>;

    /// Where the parcels of an order are that are watched or were, by parcel id.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn tracking(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelTracking>, StoreError>;

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

    /// Forgets what the shop was told of these articles at a location: they are about to be written, and until that is on record
    /// nobody knows what the shop shows. An article of which nothing is on record is left alone.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn forget_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        skus: Vec<SourceSku>,
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

    // ---- sealing ----

    /// The name of the key that seals personal data today ([`crate::Sealing`]); none: this store keeps it in clear.
    fn personal_data_key(&self) -> Option<String> {
        None
    }

    /// Brings the personal data of up to `limit` orders under the key of today, by id, after `after`: seals what is in clear, and wraps
    /// anew the keys of what another key sealed. What does not open stays as it is. A store that keeps it in clear does nothing.
    ///
    /// # Errors
    /// [`StoreError`]
    async fn reseal_personal(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Resealed, StoreError> {
        let _ = (merchant, after, limit);
        Ok(Resealed::default())
    }
}
