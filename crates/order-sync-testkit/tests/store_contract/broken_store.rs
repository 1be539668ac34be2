//! The store in memory with one defect.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SkuHistory, SourceOrderId,
    SourceSku,
};
use order_sync::*;
use order_sync_testkit::store_contract::start;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Defect {
    None,
    IgnoresFences,
    CutsTimelines,
    ClaimsOneTooMany,
    MovesCursorsFromAnywhere,
    RenewsLostLeases,
    ErasesTooEarly,
    MixesMerchants,
    TakesOvertakenStock,
    ExpiresTooEarly,
    DropsFindings,
    KeepsTheCustomer,
    KeepsRemarks,
}

#[derive(Debug)]
pub(crate) struct BrokenStore {
    defect: Defect,
    inner: MemoryStore,
}

impl BrokenStore {
    pub(crate) fn with(defect: Defect) -> Self {
        Self {
            defect,
            inner: MemoryStore::new(start()),
        }
    }
}

impl BrokenStore {
    fn unblanked(&self, mut entries: Vec<ExceptionEntry>) -> Vec<ExceptionEntry> {
        for entry in &mut entries {
            if self.defect == Defect::KeepsRemarks && entry.note.starts_with("(erased") {
                entry.note = "remark of a neighbour".to_owned();
            }
        }
        entries
    }
}

#[async_trait]
impl Store for BrokenStore {
    async fn blind_before(&self) -> Result<DateTime<Utc>, StoreError> {
        self.inner.blind_before().await
    }

    async fn known(
        &self,
        merchant: &MerchantId,
        ids: &[SourceOrderId],
    ) -> Result<BTreeMap<SourceOrderId, OrderRecord>, StoreError> {
        self.inner.known(merchant, ids).await
    }

    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
        self.inner.capture(batch).await
    }

    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError> {
        self.inner.note_versions(merchant, versions).await
    }

    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
        let mut commit = commit;
        if self.defect == Defect::IgnoresFences
            && let Some(record) = self.inner.order(&commit.merchant, &commit.id).await?
        {
            commit.fence = Fence::Token(record.token);
        }
        self.inner.commit(commit).await
    }

    async fn commit_all(
        &self,
        commits: Vec<Commit>,
    ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError> {
        self.inner.commit_all(commits).await
    }

    async fn claim(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        let more = usize::from(self.defect == Defect::ClaimsOneTooMany);
        self.inner
            .claim(merchant, kind, limit + more, lease, now)
            .await
    }

    async fn claim_order(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError> {
        self.inner.claim_order(merchant, kind, id, lease, now).await
    }

    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let early = self.defect == Defect::ExpiresTooEarly;
        let now = now + Duration::seconds(if early { 10 } else { 0 });
        self.inner.expire_leases(merchant, settle, now).await
    }

    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError> {
        self.inner.order(merchant, id).await
    }

    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError> {
        self.inner.order_by_reference(merchant, reference).await
    }

    async fn orders_by_reference(
        &self,
        merchant: &MerchantId,
        references: &[ClientOrderRef],
    ) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, StoreError> {
        self.inner.orders_by_reference(merchant, references).await
    }

    async fn orders(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        self.inner.orders(merchant, states, after, limit).await
    }

    async fn scan(
        &self,
        merchant: &MerchantId,
        query: &OrderQuery,
    ) -> Result<Vec<Dossier>, StoreError> {
        self.inner.scan(merchant, query).await
    }

    async fn counts(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
    ) -> Result<BTreeMap<OrderState, StateCount>, StoreError> {
        self.inner.counts(merchant, states).await
    }

    async fn orders_with_requests(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        self.inner
            .orders_with_requests(merchant, after, limit)
            .await
    }

    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError> {
        let mut copy = self.inner.source_copy(merchant, id).await?;
        let record = self.inner.order(merchant, id).await?;
        if self.defect == Defect::KeepsTheCustomer
            && record.is_some_and(|record| record.erased_at.is_some())
            && let Some(copy) = &mut copy
        {
            copy.order.customer_id = Some("customer-7".to_owned());
        }
        Ok(copy)
    }

    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError> {
        self.inner.intent(merchant, id).await
    }

    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError> {
        self.inner.lines(merchant, id).await
    }

    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        self.inner.parcels(merchant, id).await
    }

    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        consignment_id: &str,
    ) -> Result<bool, StoreError> {
        self.inner
            .has_consignment(merchant, id, consignment_id)
            .await
    }

    async fn parcels_to_track(
        &self,
        merchant: &MerchantId,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        self.inner.parcels_to_track(merchant, due_by, limit).await
    }

    async fn tracking(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        self.inner.tracking(merchant, id).await
    }

    async fn returns(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ReturnReceipt>, StoreError> {
        self.inner.returns(merchant, id).await
    }

    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let mut entries = self.inner.timeline(merchant, id).await?;
        if self.defect == Defect::CutsTimelines {
            entries.truncate(3);
        }
        Ok(entries)
    }

    async fn keep_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: Consignment,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.inner.keep_unmatched(merchant, consignment, at).await
    }

    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError> {
        self.inner.unmatched(merchant).await
    }

    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: &Consignment,
    ) -> Result<(), StoreError> {
        self.inner.forget_unmatched(merchant, consignment).await
    }

    async fn settle_exceptions(
        &self,
        merchant: &MerchantId,
        scope: &str,
        findings: Vec<Finding>,
        at: DateTime<Utc>,
    ) -> Result<ExceptionChanges, StoreError> {
        let mut findings = findings;
        if self.defect == Defect::DropsFindings {
            findings.truncate(1);
        }
        self.inner
            .settle_exceptions(merchant, scope, findings, at)
            .await
    }

    async fn exceptions(
        &self,
        merchant: &MerchantId,
        found_only: bool,
    ) -> Result<Vec<Exception>, StoreError> {
        self.inner.exceptions(merchant, found_only).await
    }

    async fn exception(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Option<Exception>, StoreError> {
        self.inner.exception(merchant, number).await
    }

    async fn act_on_exception(
        &self,
        merchant: &MerchantId,
        command: DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Result<Exception, DeskRefusal>, StoreError> {
        self.inner.act_on_exception(merchant, command, at).await
    }

    async fn exception_journal(
        &self,
        merchant: &MerchantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        let journal = self.inner.exception_journal(merchant, after, limit).await?;
        Ok(self.unblanked(journal))
    }

    async fn exception_history(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        let history = self.inner.exception_history(merchant, number).await?;
        Ok(self.unblanked(history))
    }

    async fn cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let mixed = MerchantId::new("northwind");
        let merchant = if self.defect == Defect::MixesMerchants {
            &mixed
        } else {
            merchant
        };
        self.inner.cursor(merchant, name).await
    }

    async fn move_cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, StoreError> {
        let here = self.inner.cursor(merchant, name).await?;
        let from = if self.defect == Defect::MovesCursorsFromAnywhere {
            here.as_deref()
        } else {
            from
        };
        self.inner.move_cursor(merchant, name, from, to).await
    }

    async fn take_flow(
        &self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        self.inner.take_flow(merchant, flow, lease, now).await
    }

    async fn renew_flow(
        &self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        if self.defect == Defect::RenewsLostLeases {
            return Ok(Some(lease.clone()));
        }
        self.inner.renew_flow(lease, until).await
    }

    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError> {
        self.inner.release_flow(lease).await
    }

    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError> {
        let mut feed = feed;
        if self.defect == Defect::TakesOvertakenStock {
            feed.sequence += 100;
            feed.as_of += Duration::days(1);
        }
        self.inner.save_stock(merchant, feed).await
    }

    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError> {
        self.inner.stock(merchant).await
    }

    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError> {
        self.inner.demand(merchant, accepted_since).await
    }

    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError> {
        self.inner.published(merchant, location).await
    }

    async fn save_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        levels: Vec<PublishedLevel>,
    ) -> Result<(), StoreError> {
        self.inner.save_published(merchant, location, levels).await
    }

    async fn forget_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        skus: Vec<SourceSku>,
    ) -> Result<(), StoreError> {
        self.inner.forget_published(merchant, location, skus).await
    }

    async fn sku_history(&self, merchant: &MerchantId) -> Result<SkuHistory, StoreError> {
        self.inner.sku_history(merchant).await
    }

    async fn save_sku_history(
        &self,
        merchant: &MerchantId,
        history: SkuHistory,
    ) -> Result<bool, StoreError> {
        self.inner.save_sku_history(merchant, history).await
    }

    async fn record_profile(
        &self,
        merchant: &MerchantId,
        version: ProfileVersion,
    ) -> Result<(), StoreError> {
        self.inner.record_profile(merchant, version).await
    }

    async fn profiles(&self, merchant: &MerchantId) -> Result<Vec<ProfileVersion>, StoreError> {
        self.inner.profiles(merchant).await
    }

    async fn erase_personal(
        &self,
        merchant: &MerchantId,
        settled_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let early = self.defect == Defect::ErasesTooEarly;
        let settled_before = settled_before + Duration::hours(i64::from(early));
        self.inner
            .erase_personal(merchant, settled_before, limit)
            .await
    }
}
