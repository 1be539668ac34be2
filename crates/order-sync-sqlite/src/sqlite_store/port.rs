//! The operations of the port: each one call of the driver.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SkuHistory, SourceOrderId,
    SourceSku,
};
use order_sync::{
    CaptureOutcome, Claim, ClaimKind, Commit, Demand, DeskCommand, DeskRefusal, Dossier, Exception,
    ExceptionChanges, ExceptionEntry, FeedKind, Finding, FlowLease, LineProgress, MerchantId,
    NewOrder, OrderQuery, OrderRecord, OrderState, ParcelRecord, ParcelTracking, ProfileVersion,
    PublishedLevel, Refusal, Resealed, SourceCopy, StateCount, StockChanges, StockFeed,
    StockRecord, Store, StoreError, TimelineEntry,
};

use super::SqliteStore;
use crate::{
    claims, cursors, exceptions, json_text, lines, listing, micros, orders, parcel_tracking,
    parcels, payloads, profiles, sku_history, stock, timeline, unmatched,
};

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
        self.driver
            .call(move |connection| orders::known(connection, &merchant, &ids))
            .await
    }

    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| orders::capture(connection, &sealing, &batch))
            .await
    }

    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| orders::note_versions(connection, &merchant, &versions))
            .await
    }

    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| orders::commit(connection, &sealing, &commit))
            .await
    }

    async fn commit_all(
        &self,
        commits: Vec<Commit>,
    ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError> {
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| orders::commit_all(connection, &sealing, &commits))
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
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| {
                claims::claim(connection, &sealing, &merchant, kind, limit, lease, now)
            })
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
        let (merchant, id) = (merchant.clone(), id.clone());
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| {
                claims::claim_order(connection, &sealing, &merchant, kind, &id, lease, now)
            })
            .await
    }

    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| claims::expire(connection, &merchant, settle, now))
            .await
    }

    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.driver
            .call(move |connection| orders::load(connection, &merchant, &id))
            .await
    }

    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError> {
        let (merchant, reference) = (merchant.clone(), reference.clone());
        self.driver
            .call(move |connection| orders::by_reference(connection, &merchant, &reference))
            .await
    }

    async fn orders_by_reference(
        &self,
        merchant: &MerchantId,
        references: &[ClientOrderRef],
    ) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, StoreError> {
        let (merchant, references) = (merchant.clone(), references.to_vec());
        self.driver
            .call(move |connection| orders::by_references(connection, &merchant, &references))
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
        self.driver
            .call(move |connection| {
                listing::in_states(connection, &merchant, &states, after.as_ref(), limit)
            })
            .await
    }

    async fn scan(
        &self,
        merchant: &MerchantId,
        query: &OrderQuery,
    ) -> Result<Vec<Dossier>, StoreError> {
        let (merchant, query) = (merchant.clone(), query.clone());
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| listing::scan(connection, &sealing, &merchant, &query))
            .await
    }

    async fn counts(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
    ) -> Result<BTreeMap<OrderState, StateCount>, StoreError> {
        let (merchant, states) = (merchant.clone(), states.to_vec());
        self.driver
            .call(move |connection| listing::counts(connection, &merchant, &states))
            .await
    }

    async fn orders_with_requests(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let (merchant, after) = (merchant.clone(), after.cloned());
        self.driver
            .call(move |connection| {
                listing::with_requests(connection, &merchant, after.as_ref(), limit)
            })
            .await
    }

    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| orders::source_copy(connection, &sealing, &merchant, &id))
            .await
    }

    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        let sealing = self.sealing.clone();
        self.driver
            .call(move |connection| {
                let ids = json_text::list_of([&id]);
                let kept = payloads::intents_of(connection, &sealing, &merchant, &ids)?.remove(&id);
                Ok(kept.map(|kept| kept.value))
            })
            .await
    }

    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.driver
            .call(move |connection| lines::load(connection, &merchant, &id))
            .await
    }

    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.driver
            .call(move |connection| parcels::load(connection, &merchant, &id))
            .await
    }

    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        consignment_id: &str,
    ) -> Result<bool, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        let consignment_id = consignment_id.to_owned();
        self.driver
            .call(move |connection| {
                parcels::has_consignment(connection, &merchant, &id, &consignment_id)
            })
            .await
    }

    async fn parcels_to_track(
        &self,
        merchant: &MerchantId,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| parcel_tracking::due(connection, &merchant, due_by, limit))
            .await
    }

    async fn tracking(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.driver
            .call(move |connection| parcel_tracking::of_order(connection, &merchant, &id))
            .await
    }

    async fn returns(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ReturnReceipt>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.driver
            .call(move |connection| parcels::returns(connection, &merchant, &id))
            .await
    }

    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        let (merchant, id) = (merchant.clone(), id.clone());
        self.driver
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
        self.driver
            .call(move |connection| unmatched::keep(connection, &merchant, &consignment, at))
            .await
    }

    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| unmatched::load(connection, &merchant))
            .await
    }

    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: &Consignment,
    ) -> Result<(), StoreError> {
        let (merchant, consignment) = (merchant.clone(), consignment.clone());
        self.driver
            .call(move |connection| unmatched::forget(connection, &merchant, &consignment))
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
        self.driver
            .call(move |connection| {
                exceptions::settle(connection, &merchant, &scope, &findings, at)
            })
            .await
    }

    async fn exceptions(
        &self,
        merchant: &MerchantId,
        found_only: bool,
    ) -> Result<Vec<Exception>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| exceptions::load(connection, &merchant, found_only))
            .await
    }

    async fn exception(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Option<Exception>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| exceptions::one(connection, &merchant, number))
            .await
    }

    async fn act_on_exception(
        &self,
        merchant: &MerchantId,
        command: DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Result<Exception, DeskRefusal>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| exceptions::act_on(connection, &merchant, &command, at))
            .await
    }

    async fn exception_journal(
        &self,
        merchant: &MerchantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| exceptions::journal(connection, &merchant, after, limit))
            .await
    }

    async fn exception_history(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| exceptions::history(connection, &merchant, number))
            .await
    }

    async fn cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        let (merchant, name) = (merchant.clone(), name.to_owned());
        self.driver
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
        self.driver
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
        self.driver
            .call(move |connection| cursors::take_flow(connection, &merchant, &flow, lease, now))
            .await
    }

    async fn renew_flow(
        &self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        let lease = lease.clone();
        self.driver
            .call(move |connection| cursors::renew_flow(connection, &lease, until))
            .await
    }

    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError> {
        self.driver
            .call(move |connection| cursors::release_flow(connection, &lease))
            .await
    }

    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError> {
        let (merchant, feed) = (merchant.clone(), stock::as_kept(feed));
        let is_whole = feed.kind != FeedKind::Delta;
        let (mut changes, known) = self
            .driver
            .call(move |connection| stock::save(connection, &merchant, &feed))
            .await?;
        // Here the feed is gone: of a million rows there are never three lists.
        if is_whole {
            changes.picture = Some(changes.applied_to(known));
        }
        Ok(changes)
    }

    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| stock::load(connection, &merchant))
            .await
    }

    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError> {
        let merchant = merchant.clone();
        let since = micros::of(accepted_since);
        self.driver
            .call(move |connection| lines::demand(connection, &merchant, since))
            .await
    }

    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError> {
        let (merchant, location) = (merchant.clone(), location.to_owned());
        self.driver
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
        self.driver
            .call(move |connection| {
                stock::save_published(connection, &merchant, &location, &levels)
            })
            .await
    }

    async fn forget_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        skus: Vec<SourceSku>,
    ) -> Result<(), StoreError> {
        let (merchant, location) = (merchant.clone(), location.to_owned());
        self.driver
            .call(move |connection| {
                stock::forget_published(connection, &merchant, &location, &skus)
            })
            .await
    }

    async fn sku_history(&self, merchant: &MerchantId) -> Result<SkuHistory, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| sku_history::load(connection, &merchant))
            .await
    }

    async fn save_sku_history(
        &self,
        merchant: &MerchantId,
        history: SkuHistory,
    ) -> Result<bool, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| sku_history::save(connection, &merchant, &history))
            .await
    }

    async fn record_profile(
        &self,
        merchant: &MerchantId,
        version: ProfileVersion,
    ) -> Result<(), StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| profiles::record(connection, &merchant, &version))
            .await
    }

    async fn profiles(&self, merchant: &MerchantId) -> Result<Vec<ProfileVersion>, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| profiles::load(connection, &merchant))
            .await
    }

    async fn erase_personal(
        &self,
        merchant: &MerchantId,
        settled_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        let merchant = merchant.clone();
        self.driver
            .call(move |connection| payloads::erase(connection, &merchant, settled_before, limit))
            .await
    }

    fn personal_data_key(&self) -> Option<String> {
        self.sealing.key_id().map(str::to_owned)
    }

    async fn reseal_personal(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Resealed, StoreError> {
        let sealing = self.sealing.clone();
        let (merchant, after) = (merchant.clone(), after.cloned());
        self.driver
            .call(move |connection| {
                payloads::reseal(connection, &sealing, &merchant, after.as_ref(), limit)
            })
            .await
    }
}
