//! The operations of the port: each one transaction.

use std::collections::BTreeMap;
use std::time::Duration as Pause;

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
    StockRecord, Store, StoreError, TimelineEntry,
};

use super::PostgresStore;
use crate::dossiers::With;
use crate::failure::Failure;
use crate::groups::{self, Shared};
use crate::{
    claims, cursors, demand, erasure, exceptions, lineage, listing, orders, parcel_tracking, parts,
    personal, profiles, sku_history, stock, unmatched,
};

/// How often a transaction is tried that meets another one: of two that want the same, one goes through at every try.
const TRIES: u32 = 10;

/// The same for one whose connection was lost before its commit was sent.
const TRIES_OF_CONNECTIONS: u32 = 3;

/// Whether a failed transaction is tried once more, and how long to wait before that. Nothing of it was written.
fn again(failure: &Failure, tries: &mut u32) -> Option<Pause> {
    *tries += 1;
    // A server that was started anew has closed connections that the pool still holds.
    let repeat = failure.met_another() && *tries < TRIES
        || failure.lost_its_connection() && *tries < TRIES_OF_CONNECTIONS;
    repeat.then(|| Pause::from_millis(u64::from(*tries) * 5))
}

/// Runs an operation in a transaction of a merchant. A macro and not a function: a function cannot say of an operation that borrows
/// its arguments that its future may be sent between threads.
macro_rules! transact {
    ($store:expr, $merchant:expr, |$transaction:ident| $operation:expr) => {{
        let mut tries = 0;
        loop {
            let outcome = async {
                let $transaction = $store.context.begin($merchant).await?;
                $operation.await
            };
            match outcome.await {
                Ok(answer) => break Ok::<_, StoreError>(answer),
                Err(failure) => match again(&failure, &mut tries) {
                    Some(pause) => tokio::time::sleep(pause).await,
                    None => break Err(failure.into()),
                },
            }
        }
    }};
}

#[async_trait]
impl Store for PostgresStore {
    async fn blind_before(&self) -> Result<DateTime<Utc>, StoreError> {
        let standing = lineage::check(&self.context, self.knows_its_history).await?;
        Ok(standing.blind_before)
    }

    async fn known(
        &self,
        merchant: &MerchantId,
        ids: &[SourceOrderId],
    ) -> Result<BTreeMap<SourceOrderId, OrderRecord>, StoreError> {
        transact!(self, merchant, |t| orders::known(t, merchant, ids))
    }

    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
        let Some(first) = batch.first() else {
            return Ok(Vec::new());
        };
        transact!(self, &first.record.merchant, |t| orders::capture(t, &batch))
    }

    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError> {
        transact!(self, merchant, |t| orders::note_versions(
            t, merchant, &versions
        ))
    }

    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
        let alone = if groups::may_share(&commit) {
            match groups::commit(&self.context, commit).await? {
                Shared::Done(answer) => return Ok(answer),
                Shared::Alone(commit) => commit,
            }
        } else {
            commit
        };
        let commits = [alone];
        let answers = transact!(self, &commits[0].merchant, |t| orders::commit_all(
            t, &commits
        ))?;
        Ok(answers.into_iter().next().unwrap_or(Err(Refusal::Fenced)))
    }

    async fn commit_all(
        &self,
        commits: Vec<Commit>,
    ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError> {
        let Some(first) = commits.first() else {
            return Ok(Vec::new());
        };
        transact!(self, &first.merchant, |t| orders::commit_all(t, &commits))
    }

    async fn claim(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        transact!(self, merchant, |t| claims::claim(
            t, merchant, kind, limit, lease, now
        ))
    }

    async fn claim_order(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError> {
        transact!(self, merchant, |t| claims::claim_order(
            t, merchant, kind, id, lease, now
        ))
    }

    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        transact!(self, merchant, |t| claims::expire(t, merchant, settle, now))
    }

    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError> {
        let one = transact!(self, merchant, |t| orders::one(
            t,
            merchant,
            id,
            With::default()
        ))?;
        Ok(one.map(|dossier| dossier.record))
    }

    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError> {
        let references = [reference.clone()];
        let mut owners = transact!(self, merchant, |t| orders::by_references(
            t,
            merchant,
            &references
        ))?;
        Ok(owners.remove(reference))
    }

    async fn orders_by_reference(
        &self,
        merchant: &MerchantId,
        references: &[ClientOrderRef],
    ) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, StoreError> {
        transact!(self, merchant, |t| orders::by_references(
            t, merchant, references
        ))
    }

    async fn orders(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        transact!(self, merchant, |t| listing::in_states(
            t, merchant, states, after, limit
        ))
    }

    async fn scan(
        &self,
        merchant: &MerchantId,
        query: &OrderQuery,
    ) -> Result<Vec<Dossier>, StoreError> {
        transact!(self, merchant, |t| listing::scan(t, merchant, query))
    }

    async fn counts(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
    ) -> Result<BTreeMap<OrderState, StateCount>, StoreError> {
        transact!(self, merchant, |t| listing::counts(t, merchant, states))
    }

    async fn orders_with_requests(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        transact!(self, merchant, |t| listing::with_requests(
            t, merchant, after, limit
        ))
    }

    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError> {
        let with = With {
            source: true,
            ..With::default()
        };
        let one = transact!(self, merchant, |t| orders::one(t, merchant, id, with))?;
        Ok(one.and_then(|dossier| dossier.source))
    }

    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError> {
        let with = With {
            intent: true,
            ..With::default()
        };
        let one = transact!(self, merchant, |t| orders::one(t, merchant, id, with))?;
        Ok(one.and_then(|dossier| dossier.intent))
    }

    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError> {
        transact!(self, merchant, |t| parts::load(
            t,
            merchant,
            id,
            parts::LINES
        ))
    }

    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        transact!(self, merchant, |t| parts::load(
            t,
            merchant,
            id,
            parts::PARCELS
        ))
    }

    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        consignment_id: &str,
    ) -> Result<bool, StoreError> {
        transact!(self, merchant, |t| parts::has_consignment(
            t,
            merchant,
            id,
            consignment_id
        ))
    }

    async fn parcels_to_track(
        &self,
        merchant: &MerchantId,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        transact!(self, merchant, |t| parcel_tracking::due(
            t, merchant, due_by, limit
        ))
    }

    async fn tracking(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        transact!(self, merchant, |t| parts::load(
            t,
            merchant,
            id,
            parts::TRACKING
        ))
    }

    async fn returns(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ReturnReceipt>, StoreError> {
        transact!(self, merchant, |t| parts::load(
            t,
            merchant,
            id,
            parts::RETURNS
        ))
    }

    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        transact!(self, merchant, |t| parts::load(
            t,
            merchant,
            id,
            parts::TIMELINE
        ))
    }

    async fn keep_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: Consignment,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        transact!(self, merchant, |t| unmatched::keep(
            t,
            merchant,
            &consignment,
            at
        ))
    }

    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError> {
        transact!(self, merchant, |t| unmatched::load(t, merchant))
    }

    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: &Consignment,
    ) -> Result<(), StoreError> {
        transact!(self, merchant, |t| unmatched::forget(
            t,
            merchant,
            consignment
        ))
    }

    async fn settle_exceptions(
        &self,
        merchant: &MerchantId,
        scope: &str,
        findings: Vec<Finding>,
        at: DateTime<Utc>,
    ) -> Result<ExceptionChanges, StoreError> {
        transact!(self, merchant, |t| exceptions::settle(
            t, merchant, scope, &findings, at
        ))
    }

    async fn exceptions(
        &self,
        merchant: &MerchantId,
        found_only: bool,
    ) -> Result<Vec<Exception>, StoreError> {
        transact!(self, merchant, |t| exceptions::load(
            t, merchant, found_only
        ))
    }

    async fn exception(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Option<Exception>, StoreError> {
        transact!(self, merchant, |t| exceptions::one(t, merchant, number))
    }

    async fn act_on_exception(
        &self,
        merchant: &MerchantId,
        command: DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Result<Exception, DeskRefusal>, StoreError> {
        transact!(self, merchant, |t| exceptions::act_on(
            t, merchant, &command, at
        ))
    }

    async fn exception_journal(
        &self,
        merchant: &MerchantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        transact!(self, merchant, |t| exceptions::journal(
            t, merchant, after, limit
        ))
    }

    async fn exception_history(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        transact!(self, merchant, |t| exceptions::history(t, merchant, number))
    }

    async fn cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        transact!(self, merchant, |t| cursors::load(t, merchant, name))
    }

    async fn move_cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, StoreError> {
        transact!(self, merchant, |t| cursors::advance(
            t, merchant, name, from, to
        ))
    }

    async fn take_flow(
        &self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        transact!(self, merchant, |t| cursors::take_flow(
            t, merchant, flow, lease, now
        ))
    }

    async fn renew_flow(
        &self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        transact!(self, &lease.merchant, |t| cursors::renew_flow(
            t, lease, until
        ))
    }

    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError> {
        transact!(self, &lease.merchant, |t| cursors::release_flow(t, &lease))
    }

    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError> {
        transact!(self, merchant, |t| stock::save(t, merchant, &feed))
    }

    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError> {
        transact!(self, merchant, |t| stock::load(t, merchant))
    }

    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError> {
        transact!(self, merchant, |t| demand::load(
            t,
            merchant,
            accepted_since
        ))
    }

    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError> {
        transact!(self, merchant, |t| stock::published(t, merchant, location))
    }

    async fn save_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        levels: Vec<PublishedLevel>,
    ) -> Result<(), StoreError> {
        transact!(self, merchant, |t| stock::save_published(
            t, merchant, location, &levels
        ))
    }

    async fn forget_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        skus: Vec<SourceSku>,
    ) -> Result<(), StoreError> {
        transact!(self, merchant, |t| stock::forget_published(
            t, merchant, location, &skus
        ))
    }

    async fn sku_history(&self, merchant: &MerchantId) -> Result<SkuHistory, StoreError> {
        transact!(self, merchant, |t| sku_history::load(t, merchant))
    }

    async fn save_sku_history(
        &self,
        merchant: &MerchantId,
        history: SkuHistory,
    ) -> Result<bool, StoreError> {
        transact!(self, merchant, |t| sku_history::save(t, merchant, &history))
    }

    async fn record_profile(
        &self,
        merchant: &MerchantId,
        version: ProfileVersion,
    ) -> Result<(), StoreError> {
        transact!(self, merchant, |t| profiles::record(t, merchant, &version))
    }

    async fn profiles(&self, merchant: &MerchantId) -> Result<Vec<ProfileVersion>, StoreError> {
        transact!(self, merchant, |t| profiles::load(t, merchant))
    }

    async fn erase_personal(
        &self,
        merchant: &MerchantId,
        settled_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        // Once a day is often enough for this, and housekeeping comes once a day.
        self.prepare_months().await;
        transact!(self, merchant, |t| erasure::erase(
            t,
            merchant,
            settled_before,
            limit
        ))
    }

    fn personal_data_key(&self) -> Option<String> {
        self.context.sealing.key_id().map(str::to_owned)
    }

    async fn reseal_personal(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Resealed, StoreError> {
        transact!(self, merchant, |t| personal::reseal(
            t, merchant, after, limit
        ))
    }
}
