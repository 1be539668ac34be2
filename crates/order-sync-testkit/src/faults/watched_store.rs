//! A store with somebody before it who is asked before every call and told what it did.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SkuHistory, SourceOrderId,
    SourceSku,
};
use order_sync::{
    CaptureOutcome, Claim, ClaimKind, Commit, Demand, DeskCommand, DeskRefusal, Dossier, Exception,
    ExceptionChanges, ExceptionEntry, Finding, FlowLease, LineProgress, MerchantId, NewOrder,
    OrderQuery, OrderRecord, OrderState, ParcelRecord, ParcelTracking, ProfileVersion,
    PublishedLevel, Refusal, Resealed, SourceCopy, StateCount, StockChanges, StockFeed,
    StockRecord, Store, StoreError, StoreErrorKind, TimelineEntry,
};

/// What happens to one call of a store.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum StoreFault {
    /// Nothing: it goes through.
    #[default]
    None,
    /// It never reaches the store, and is answered with an error of this kind.
    Refuse(StoreErrorKind),
    /// It takes effect, and is answered with an error of this kind all the same: the connection was lost after the commit was sent.
    FailAfterWrite(StoreErrorKind),
    /// It reaches the store after so long.
    Slow(std::time::Duration),
}

/// What a call that took effect changed on record, for the calls on which the promise of the engine rests.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum StoreEffect<'a> {
    /// Orders were captured, each with this outcome.
    Captured(&'a [NewOrder], &'a [CaptureOutcome]),
    /// A change was applied, or refused.
    Committed(&'a Commit, &'a Result<OrderRecord, Refusal>),
    /// Orders were taken for this; for [`ClaimKind::Send`] that is the durable intent.
    Claimed(ClaimKind, &'a [Claim]),
    /// A cursor was moved, or (`false`) was somewhere else already.
    CursorMoved {
        /// Whose.
        merchant: &'a MerchantId,
        /// Its name.
        name: &'a str,
        /// Where to.
        to: &'a str,
        /// Whether it moved.
        moved: bool,
    },
    /// A stock batch was applied, with what it changed.
    StockSaved(&'a MerchantId, &'a StockFeed, &'a StockChanges),
    /// Any other call.
    Other(StoreCall),
}

/// Stands before a store: decides what happens to each call, and is told what it did.
#[async_trait]
pub trait StoreWatch: Send + Sync + Debug {
    /// Before a call. Whatever this waits for, the call waits for.
    ///
    /// # Cancel safety
    /// Dropped together with the call: the store is not reached.
    async fn before(&self, call: StoreCall) -> StoreFault;

    /// After a call that succeeded, before it is answered.
    ///
    /// # Cancel safety
    /// Dropped together with the call: the store was reached all the same.
    async fn after(&self, effect: StoreEffect<'_>) {
        let _ = effect;
    }

    /// After a call that succeeded, once all that it did was told by [`StoreWatch::after`], before it is answered.
    ///
    /// # Cancel safety
    /// Dropped together with the call: the store was reached all the same.
    async fn done(&self, call: StoreCall) {
        let _ = call;
    }
}

/// A store behind a [`StoreWatch`].
#[derive(Debug)]
pub struct WatchedStore {
    inner: Arc<dyn Store>,
    watch: Arc<dyn StoreWatch>,
    clock: Arc<dyn order_sync::Clock>,
}

impl WatchedStore {
    /// Puts a watch before a store; it waits by this clock.
    #[must_use]
    pub fn new(
        inner: Arc<dyn Store>,
        watch: Arc<dyn StoreWatch>,
        clock: Arc<dyn order_sync::Clock>,
    ) -> Self {
        Self {
            inner,
            watch,
            clock,
        }
    }

    /// Asks the watch; `Ok`: the call goes through, and fails afterwards where a kind is given.
    async fn admit(&self, call: StoreCall) -> Result<Option<StoreErrorKind>, StoreError> {
        match self.watch.before(call).await {
            StoreFault::None => Ok(None),
            StoreFault::Refuse(kind) => Err(failure(call, kind)),
            StoreFault::FailAfterWrite(kind) => Ok(Some(kind)),
            StoreFault::Slow(time) => {
                self.clock.sleep(time).await;
                Ok(None)
            }
        }
    }

    /// Tells the watch what a call did, and loses its answer where that was planned.
    async fn told(
        &self,
        call: StoreCall,
        lost: Option<StoreErrorKind>,
        effect: StoreEffect<'_>,
    ) -> Result<(), StoreError> {
        self.watch.after(effect).await;
        self.watch.done(call).await;
        lost.map_or(Ok(()), |kind| Err(failure(call, kind)))
    }
}

fn failure(call: StoreCall, kind: StoreErrorKind) -> StoreError {
    StoreError::new(kind, format!("{call:?} failed as planned"))
}

/// The names of all methods, and the bodies of those that only pass on.
macro_rules! watched {
    (
        told { $( $told:ident $told_name:ident, )* } { $($bodies:tt)* }
        passed { $( $call:ident $name:ident ( $($arg:ident : $ty:ty),* ) -> $out:ty; )* }
    ) => {
        /// A method of [`Store`].
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum StoreCall {
            $(
                #[doc = concat!("[`Store::", stringify!($told_name), "`]")]
                $told,
            )*
            $(
                #[doc = concat!("[`Store::", stringify!($name), "`]")]
                $call,
            )*
        }

        #[async_trait]
        impl Store for WatchedStore {
            fn personal_data_key(&self) -> Option<String> {
                self.inner.personal_data_key()
            }

            $($bodies)*
            $(
                async fn $name(&self, $($arg: $ty),*) -> Result<$out, StoreError> {
                    let call = StoreCall::$call;
                    let lost = self.admit(call).await?;
                    let answer = self.inner.$name($($arg),*).await?;
                    self.told(call, lost, StoreEffect::Other(call)).await?;
                    Ok(answer)
                }
            )*
        }
    };
}

watched! {
    told {
        Capture capture,
        Commit commit,
        CommitAll commit_all,
        Claim claim,
        ClaimOrder claim_order,
        MoveCursor move_cursor,
        SaveStock save_stock,
    } {
        async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
            let call = StoreCall::Capture;
            let lost = self.admit(call).await?;
            let outcomes = self.inner.capture(batch.clone()).await?;
            self.told(call, lost, StoreEffect::Captured(&batch, &outcomes)).await?;
            Ok(outcomes)
        }

        async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
            let call = StoreCall::Commit;
            let lost = self.admit(call).await?;
            let result = self.inner.commit(commit.clone()).await?;
            self.told(call, lost, StoreEffect::Committed(&commit, &result)).await?;
            Ok(result)
        }

        async fn commit_all(
            &self,
            commits: Vec<Commit>,
        ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError> {
            let call = StoreCall::CommitAll;
            let lost = self.admit(call).await?;
            let results = self.inner.commit_all(commits.clone()).await?;
            for (commit, result) in commits.iter().zip(&results) {
                self.watch.after(StoreEffect::Committed(commit, result)).await;
            }
            self.told(call, lost, StoreEffect::Other(call)).await?;
            Ok(results)
        }

        async fn claim(
            &self,
            merchant: &MerchantId,
            kind: ClaimKind,
            limit: usize,
            lease: Duration,
            now: DateTime<Utc>,
        ) -> Result<Vec<Claim>, StoreError> {
            let call = StoreCall::Claim;
            let lost = self.admit(call).await?;
            let claims = self.inner.claim(merchant, kind, limit, lease, now).await?;
            self.told(call, lost, StoreEffect::Claimed(kind, &claims)).await?;
            Ok(claims)
        }

        async fn claim_order(
            &self,
            merchant: &MerchantId,
            kind: ClaimKind,
            id: &SourceOrderId,
            lease: Duration,
            now: DateTime<Utc>,
        ) -> Result<Option<Claim>, StoreError> {
            let call = StoreCall::ClaimOrder;
            let lost = self.admit(call).await?;
            let claim = self.inner.claim_order(merchant, kind, id, lease, now).await?;
            self.told(call, lost, StoreEffect::Claimed(kind, claim.as_slice())).await?;
            Ok(claim)
        }

        async fn move_cursor(
            &self,
            merchant: &MerchantId,
            name: &str,
            from: Option<&str>,
            to: &str,
        ) -> Result<bool, StoreError> {
            let call = StoreCall::MoveCursor;
            let lost = self.admit(call).await?;
            let moved = self.inner.move_cursor(merchant, name, from, to).await?;
            let effect = StoreEffect::CursorMoved { merchant, name, to, moved };
            self.told(call, lost, effect).await?;
            Ok(moved)
        }

        async fn save_stock(
            &self,
            merchant: &MerchantId,
            feed: StockFeed,
        ) -> Result<StockChanges, StoreError> {
            let call = StoreCall::SaveStock;
            let lost = self.admit(call).await?;
            let changes = self.inner.save_stock(merchant, feed.clone()).await?;
            self.told(call, lost, StoreEffect::StockSaved(merchant, &feed, &changes)).await?;
            Ok(changes)
        }
    }
    passed {
        BlindBefore blind_before() -> DateTime<Utc>;
        Known known(merchant: &MerchantId, ids: &[SourceOrderId]) -> BTreeMap<SourceOrderId, OrderRecord>;
        NoteVersions note_versions(merchant: &MerchantId, versions: Vec<(SourceOrderId, Option<String>)>) -> ();
        ExpireLeases expire_leases(merchant: &MerchantId, settle: Duration, now: DateTime<Utc>) -> usize;
        Order order(merchant: &MerchantId, id: &SourceOrderId) -> Option<OrderRecord>;
        OrderByReference order_by_reference(merchant: &MerchantId, reference: &ClientOrderRef) -> Option<OrderRecord>;
        OrdersByReference orders_by_reference(merchant: &MerchantId, references: &[ClientOrderRef]) -> BTreeMap<ClientOrderRef, OrderRecord>;
        Orders orders(merchant: &MerchantId, states: &[OrderState], after: Option<&SourceOrderId>, limit: usize) -> Vec<OrderRecord>;
        Scan scan(merchant: &MerchantId, query: &OrderQuery) -> Vec<Dossier>;
        Counts counts(merchant: &MerchantId, states: &[OrderState]) -> BTreeMap<OrderState, StateCount>;
        OrdersWithRequests orders_with_requests(merchant: &MerchantId, after: Option<&SourceOrderId>, limit: usize) -> Vec<OrderRecord>;
        SourceCopy source_copy(merchant: &MerchantId, id: &SourceOrderId) -> Option<SourceCopy>;
        Intent intent(merchant: &MerchantId, id: &SourceOrderId) -> Option<FulfilmentOrder>;
        Lines lines(merchant: &MerchantId, id: &SourceOrderId) -> Vec<LineProgress>;
        Parcels parcels(merchant: &MerchantId, id: &SourceOrderId) -> Vec<ParcelRecord>;
        HasConsignment has_consignment(merchant: &MerchantId, id: &SourceOrderId, consignment_id: &str) -> bool;
        ParcelsToTrack parcels_to_track(merchant: &MerchantId, due_by: DateTime<Utc>, limit: usize) -> Vec<ParcelTracking>;
        Tracking tracking(merchant: &MerchantId, id: &SourceOrderId) -> Vec<ParcelTracking>;
        Returns returns(merchant: &MerchantId, id: &SourceOrderId) -> Vec<ReturnReceipt>;
        Timeline timeline(merchant: &MerchantId, id: &SourceOrderId) -> Vec<TimelineEntry>;
        KeepUnmatched keep_unmatched(merchant: &MerchantId, consignment: Consignment, at: DateTime<Utc>) -> ();
        Unmatched unmatched(merchant: &MerchantId) -> Vec<(Consignment, DateTime<Utc>)>;
        ForgetUnmatched forget_unmatched(merchant: &MerchantId, consignment: &Consignment) -> ();
        SettleExceptions settle_exceptions(merchant: &MerchantId, scope: &str, findings: Vec<Finding>, at: DateTime<Utc>) -> ExceptionChanges;
        Exceptions exceptions(merchant: &MerchantId, found_only: bool) -> Vec<Exception>;
        Exception exception(merchant: &MerchantId, number: u64) -> Option<Exception>;
        ActOnException act_on_exception(merchant: &MerchantId, command: DeskCommand, at: DateTime<Utc>) -> Result<Exception, DeskRefusal>;
        ExceptionJournal exception_journal(merchant: &MerchantId, after: u64, limit: usize) -> Vec<ExceptionEntry>;
        ExceptionHistory exception_history(merchant: &MerchantId, number: u64) -> Vec<ExceptionEntry>;
        Cursor cursor(merchant: &MerchantId, name: &str) -> Option<String>;
        TakeFlow take_flow(merchant: &MerchantId, flow: &str, lease: Duration, now: DateTime<Utc>) -> Option<FlowLease>;
        RenewFlow renew_flow(lease: &FlowLease, until: DateTime<Utc>) -> Option<FlowLease>;
        ReleaseFlow release_flow(lease: FlowLease) -> ();
        Stock stock(merchant: &MerchantId) -> Vec<StockRecord>;
        Demand demand(merchant: &MerchantId, accepted_since: DateTime<Utc>) -> Vec<Demand>;
        Published published(merchant: &MerchantId, location: &str) -> Vec<PublishedLevel>;
        SavePublished save_published(merchant: &MerchantId, location: &str, levels: Vec<PublishedLevel>) -> ();
        ForgetPublished forget_published(merchant: &MerchantId, location: &str, skus: Vec<SourceSku>) -> ();
        SkuHistory sku_history(merchant: &MerchantId) -> SkuHistory;
        SaveSkuHistory save_sku_history(merchant: &MerchantId, history: SkuHistory) -> bool;
        RecordProfile record_profile(merchant: &MerchantId, version: ProfileVersion) -> ();
        Profiles profiles(merchant: &MerchantId) -> Vec<ProfileVersion>;
        ResealPersonal reseal_personal(merchant: &MerchantId, after: Option<&SourceOrderId>, limit: usize) -> Resealed;
        ErasePersonal erase_personal(merchant: &MerchantId, settled_before: DateTime<Utc>, limit: usize) -> usize;
    }
}
