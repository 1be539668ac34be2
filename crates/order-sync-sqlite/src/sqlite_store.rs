//! The store behind the port.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{ClientOrderRef, Consignment, FulfilmentOrder, SourceOrderId};
use order_sync::{
    CaptureOutcome, Claim, ClaimKind, Commit, Demand, Exception, ExceptionChanges, Finding,
    FlowLease, LineProgress, MerchantId, NewOrder, OrderRecord, OrderState, ParcelRecord,
    PublishedLevel, Refusal, SourceCopy, StockChanges, StockFeed, StockRecord, Store, StoreError,
    TimelineEntry,
};

use crate::opening::OpenOptions;
use crate::writer::Writer;
use crate::{
    claims, cursors, exceptions, lines, opening, orders, parcels, payloads, stock, timeline,
    unmatched,
};

/// A durable store in one SQLite file, for one process on one machine.
///
/// A clone is another handle on the same store. When the last handle is dropped, what is queued is finished and the database is
/// closed; that drop waits for it.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    writer: Arc<Writer>,
    blind_before: DateTime<Utc>,
    went_back_in_time: bool,
}

impl SqliteStore {
    /// Opens the store in a file, or makes it where there is no file or an empty one. Blocks for the time that a check of the
    /// whole file takes; in an async program do it before anything else runs.
    ///
    /// Beside the file lie `<path>.lock` (held while the store is open), `<path>.epoch` (see
    /// [`SqliteStore::went_back_in_time`]) and, while it is open, SQLite's `-wal` and `-shm`. Leases that a dead predecessor left
    /// behind are ended: the lock proves that it is dead.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use order_sync::Store as _;
    /// use order_sync_sqlite::{OpenOptions, SqliteStore};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let now = DateTime::UNIX_EPOCH;
    /// let store = SqliteStore::open(folder.path().join("orders.db"), OpenOptions::new(now))?;
    /// assert_eq!(store.blind_before().await?, now);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// * [`Busy`](order_sync::StoreErrorKind::Busy): the store is open already, here or in another process.
    /// * [`Damaged`](order_sync::StoreErrorKind::Damaged): the file is no SQLite database, belongs to another application, has a
    ///   schema of a later version (in these cases it is left as it is), or its pages do not hold together.
    /// * [`NoSpace`](order_sync::StoreErrorKind::NoSpace): the disk is full, or the place cannot be written.
    /// * [`Other`](order_sync::StoreErrorKind::Other): the file system failed, for example because the folder does not exist.
    pub fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self, StoreError> {
        let opened = opening::open(path.as_ref(), options)?;
        let blind_before = opened.blind_before;
        let went_back_in_time = opened.went_back_in_time;
        Ok(Self {
            writer: Arc::new(Writer::start(opened)?),
            blind_before,
            went_back_in_time,
        })
    }

    /// Copies a store to a file that does not exist yet, for a dry run; `false` where there is no store to copy, so that opening
    /// the target makes a new one. The source may be in use and is not written; SQLite may leave an empty `-wal` and a `-shm`
    /// beside it. The copy is consistent but not forced to the disk: it is no backup.
    ///
    /// # Errors
    /// * [`Damaged`](order_sync::StoreErrorKind::Damaged): the source is no store of ours, or of a later version.
    /// * [`NoSpace`](order_sync::StoreErrorKind::NoSpace): there is no room for the target.
    /// * [`Other`](order_sync::StoreErrorKind::Other): the target exists, or the file system failed.
    pub fn copy_to(source: impl AsRef<Path>, target: impl AsRef<Path>) -> Result<bool, StoreError> {
        opening::copy(source.as_ref(), target.as_ref())
    }

    /// Whether the store found at its opening that it is older than it once was: a backup was restored, the end of its log was
    /// lost, or the file was deleted. [`Store::blind_before`] is then the moment of the opening.
    ///
    /// It is told by the file `<path>.epoch`, which does not belong into backups: restore the database alone. A database that
    /// comes without that file counts as restored.
    #[must_use]
    pub const fn went_back_in_time(&self) -> bool {
        self.went_back_in_time
    }
}

#[async_trait]
impl Store for SqliteStore {
    async fn blind_before(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.blind_before)
    }

    async fn known(
        &self,
        merchant: &MerchantId,
        ids: &[SourceOrderId],
    ) -> Result<BTreeMap<SourceOrderId, OrderRecord>, StoreError> {
        let (merchant, ids) = (merchant.clone(), ids.to_vec());
        self.writer
            .call(move |connection| orders::known(connection, &merchant, &ids))
            .await
    }

    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
        self.writer
            .call(move |connection| orders::capture(connection, &batch))
            .await
    }

    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| orders::note_versions(connection, &merchant, versions))
            .await
    }

    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
        self.writer
            .call(move |connection| orders::commit(connection, &commit))
            .await
    }

    async fn claim(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| claims::claim(connection, &merchant, kind, limit, lease, now))
            .await
    }

    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| claims::expire(connection, &merchant, settle, now))
            .await
    }

    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.writer
            .call(move |connection| orders::load(connection, &merchant, &id))
            .await
    }

    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError> {
        let (merchant, reference) = (merchant.clone(), reference.clone());
        self.writer
            .call(move |connection| orders::by_reference(connection, &merchant, &reference))
            .await
    }

    async fn orders(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let (merchant, states, after) = (merchant.clone(), states.to_vec(), after.cloned());
        self.writer
            .call(move |connection| {
                orders::in_states(connection, &merchant, &states, after.as_ref(), limit)
            })
            .await
    }

    async fn counts(&self, merchant: &MerchantId) -> Result<BTreeMap<OrderState, u64>, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| orders::counts(connection, &merchant))
            .await
    }

    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.writer
            .call(move |connection| payloads::source_copy(connection, &merchant, &id))
            .await
    }

    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.writer
            .call(move |connection| payloads::intent(connection, &merchant, &id))
            .await
    }

    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.writer
            .call(move |connection| lines::load(connection, &merchant, &id))
            .await
    }

    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.writer
            .call(move |connection| parcels::load(connection, &merchant, &id))
            .await
    }

    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        consignment_id: &str,
    ) -> Result<bool, StoreError> {
        let (merchant, id) = (merchant.clone(), consignment_id.to_owned());
        self.writer
            .call(move |connection| parcels::has_consignment(connection, &merchant, &id))
            .await
    }

    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.writer
            .call(move |connection| timeline::load(connection, &merchant, &id))
            .await
    }

    async fn keep_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: Consignment,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| unmatched::keep(connection, &merchant, &consignment, at))
            .await
    }

    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| unmatched::load(connection, &merchant))
            .await
    }

    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment_id: &str,
    ) -> Result<(), StoreError> {
        let (merchant, id) = (merchant.clone(), consignment_id.to_owned());
        self.writer
            .call(move |connection| unmatched::forget(connection, &merchant, &id))
            .await
    }

    async fn settle_exceptions(
        &self,
        merchant: &MerchantId,
        scope: &str,
        findings: Vec<Finding>,
        at: DateTime<Utc>,
    ) -> Result<ExceptionChanges, StoreError> {
        let (merchant, scope) = (merchant.clone(), scope.to_owned());
        self.writer
            .call(move |connection| {
                exceptions::settle(connection, &merchant, &scope, &findings, at)
            })
            .await
    }

    async fn exceptions(
        &self,
        merchant: &MerchantId,
        open_only: bool,
    ) -> Result<Vec<Exception>, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| exceptions::load(connection, &merchant, open_only))
            .await
    }

    async fn cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let (merchant, name) = (merchant.clone(), name.to_owned());
        self.writer
            .call(move |connection| cursors::load(connection, &merchant, &name))
            .await
    }

    async fn move_cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, StoreError> {
        let (merchant, name) = (merchant.clone(), name.to_owned());
        let (from, to) = (from.map(str::to_owned), to.to_owned());
        self.writer
            .call(move |connection| {
                cursors::advance(connection, &merchant, &name, from.as_deref(), &to)
            })
            .await
    }

    async fn take_flow(
        &self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        let (merchant, flow) = (merchant.clone(), flow.to_owned());
        self.writer
            .call(move |connection| cursors::take_flow(connection, &merchant, &flow, lease, now))
            .await
    }

    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError> {
        self.writer
            .call(move |connection| cursors::release_flow(connection, &lease))
            .await
    }

    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| stock::save(connection, &merchant, &feed))
            .await
    }

    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError> {
        let merchant = merchant.clone();
        self.writer
            .call(move |connection| stock::load(connection, &merchant))
            .await
    }

    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError> {
        let merchant = merchant.clone();
        let since = crate::micros::of(accepted_since);
        self.writer
            .call(move |connection| lines::demand(connection, &merchant, since))
            .await
    }

    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError> {
        let (merchant, location) = (merchant.clone(), location.to_owned());
        self.writer
            .call(move |connection| stock::published(connection, &merchant, &location))
            .await
    }

    async fn save_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        levels: Vec<PublishedLevel>,
    ) -> Result<(), StoreError> {
        let (merchant, location) = (merchant.clone(), location.to_owned());
        self.writer
            .call(move |connection| {
                stock::save_published(connection, &merchant, &location, &levels)
            })
            .await
    }
}
