//! The operations of the port: each a look at the shelf of a merchant, or a change of it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use chrono::{DateTime, Duration, Utc};
use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, ReturnReceipt, SkuHistory, SourceOrderId,
    SourceSku,
};

use super::MemoryStore;
use crate::{
    CaptureOutcome, Claim, ClaimKind, Commit, Demand, DeskCommand, DeskRefusal, Dossier, Exception,
    ExceptionChanges, ExceptionEntry, Finding, FlowLease, LineProgress, MerchantId, NewOrder,
    OrderQuery, OrderRecord, OrderState, ParcelRecord, ParcelTracking, ProfileVersion,
    PublishedLevel, Refusal, SourceCopy, StateCount, StockChanges, StockFeed, StockRecord, Store,
    StoreError, TimelineEntry,
};

#[async_trait]
impl Store for MemoryStore {
    async fn blind_before(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.created_at)
    }

    async fn known(
        &self,
        merchant: &MerchantId,
        ids: &[SourceOrderId],
    ) -> Result<BTreeMap<SourceOrderId, OrderRecord>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            ids.iter()
                .filter_map(|id| Some((id.clone(), shelf.entry(id)?.record.clone())))
                .collect()
        }))
    }

    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
        // The shop's news can happen to an order in any state, so no order is refused and no batch left half recorded.
        let mut merchants = self.lock();
        batch
            .into_iter()
            .map(|new| {
                merchants
                    .entry(new.record.merchant.clone())
                    .or_default()
                    .capture(new)
            })
            .collect()
    }

    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |shelf| {
            for (id, version) in versions {
                if let Some(entry) = shelf.orders.get_mut(&id) {
                    entry.record.source_version = version;
                }
            }
        });
        Ok(())
    }

    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
        Ok(self.write(&commit.merchant.clone(), |shelf| shelf.commit(commit)))
    }

    async fn commit_all(
        &self,
        commits: Vec<Commit>,
    ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError> {
        let mut merchants = self.lock();
        Ok(commits
            .into_iter()
            .map(|commit| {
                let shelf = merchants.entry(commit.merchant.clone()).or_default();
                shelf.commit(commit)
            })
            .collect())
    }

    async fn claim(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        self.write(merchant, |shelf| shelf.claim(kind, limit, lease, now))
    }

    async fn claim_order(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError> {
        self.write(merchant, |shelf| shelf.claim_order(kind, id, lease, now))
    }

    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.write(merchant, |shelf| shelf.expire_leases(settle, now))
    }

    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| Some(entry.record.clone())))
    }

    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            let id = shelf.references.get(reference)?;
            shelf.orders.get(id).map(|entry| entry.record.clone())
        }))
    }

    async fn orders(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let wanted = |record: &OrderRecord| states.contains(&record.state);
        Ok(self.read(merchant, |shelf| shelf.records(after, limit, wanted)))
    }

    async fn scan(
        &self,
        merchant: &MerchantId,
        query: &OrderQuery,
    ) -> Result<Vec<Dossier>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.scan(query)))
    }

    async fn counts(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
    ) -> Result<BTreeMap<OrderState, StateCount>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.counts(states)))
    }

    async fn orders_with_requests(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let wanted = |record: &OrderRecord| {
            record
                .request_state()
                .is_some_and(|state| state.is_pending() || state.is_denied())
        };
        Ok(self.read(merchant, |shelf| shelf.records(after, limit, wanted)))
    }

    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| Some(entry.copy())))
    }

    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| entry.intent.clone()))
    }

    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| entry.lines.clone()))
    }

    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| entry.parcels.clone()))
    }

    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        consignment_id: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.of_order(merchant, id, |entry| {
            entry.consignments.contains(consignment_id)
        }))
    }

    async fn parcels_to_track(
        &self,
        merchant: &MerchantId,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.parcels_to_track(due_by, limit)))
    }

    async fn tracking(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| {
            entry.tracking.values().cloned().collect()
        }))
    }

    async fn returns(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ReturnReceipt>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| entry.returns.clone()))
    }

    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(self.of_order(merchant, id, |entry| entry.timeline.clone()))
    }

    async fn keep_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: Consignment,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |shelf| {
            if !shelf
                .unmatched
                .iter()
                .any(|(known, _)| is_same(known, &consignment))
            {
                shelf.unmatched.push((consignment, at));
            }
        });
        Ok(())
    }

    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.unmatched.clone()))
    }

    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: &Consignment,
    ) -> Result<(), StoreError> {
        self.write(merchant, |shelf| {
            shelf
                .unmatched
                .retain(|(known, _)| !is_same(known, consignment));
        });
        Ok(())
    }

    async fn settle_exceptions(
        &self,
        merchant: &MerchantId,
        scope: &str,
        findings: Vec<Finding>,
        at: DateTime<Utc>,
    ) -> Result<ExceptionChanges, StoreError> {
        Ok(self.write(merchant, |shelf| shelf.settle(scope, &findings, at)))
    }

    async fn exceptions(
        &self,
        merchant: &MerchantId,
        found_only: bool,
    ) -> Result<Vec<Exception>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            let mut exceptions: Vec<Exception> = shelf
                .exceptions
                .iter()
                .filter(|exception| !found_only || exception.closed_at.is_none())
                .cloned()
                .collect();
            exceptions.sort_by_key(|exception| exception.opened_at);
            exceptions
        }))
    }

    async fn exception(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Option<Exception>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            shelf
                .exceptions
                .iter()
                .find(|exception| exception.number == number)
                .cloned()
        }))
    }

    async fn act_on_exception(
        &self,
        merchant: &MerchantId,
        command: DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Result<Exception, DeskRefusal>, StoreError> {
        Ok(self.write(merchant, |shelf| shelf.act_on_exception(&command, at)))
    }

    async fn exception_journal(
        &self,
        merchant: &MerchantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            shelf
                .journal
                .iter()
                .filter(|entry| entry.sequence > after)
                .take(limit)
                .cloned()
                .collect()
        }))
    }

    async fn exception_history(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            shelf
                .journal
                .iter()
                .filter(|entry| entry.number == number)
                .cloned()
                .collect()
        }))
    }

    async fn cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.cursors.get(name).cloned()))
    }

    async fn move_cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, StoreError> {
        Ok(self.write(merchant, |shelf| {
            let moves = shelf.cursors.get(name).map(String::as_str) == from;
            if moves {
                shelf.cursors.insert(name.to_owned(), to.to_owned());
            }
            moves
        }))
    }

    async fn take_flow(
        &self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        Ok(self
            .write(merchant, |shelf| shelf.take_flow(flow, now + lease, now))
            .map(|token| FlowLease::new(merchant.clone(), flow, token, now + lease)))
    }

    async fn renew_flow(
        &self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        let held = self.write(&lease.merchant, |shelf| shelf.renew_flow(lease, until));
        let renewed = || FlowLease::new(lease.merchant.clone(), &lease.flow, lease.token, until);
        Ok(held.then(renewed))
    }

    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError> {
        self.write(&lease.merchant, |shelf| {
            if let Some((token, until)) = shelf.flows.get_mut(&lease.flow)
                && *token == lease.token
            {
                *until = None;
            }
        });
        Ok(())
    }

    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError> {
        Ok(self.write(merchant, |shelf| shelf.save_stock(&feed)))
    }

    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.stock.values().cloned().collect()))
    }

    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.demand(accepted_since)))
    }

    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError> {
        Ok(self.read(merchant, |shelf| {
            shelf
                .published
                .get(location)
                .map(|levels| levels.values().cloned().collect())
                .unwrap_or_default()
        }))
    }

    async fn save_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        levels: Vec<PublishedLevel>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |shelf| {
            let known = shelf.published.entry(location.to_owned()).or_default();
            known.extend(levels.into_iter().map(|level| (level.sku.clone(), level)));
        });
        Ok(())
    }

    async fn forget_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        skus: Vec<SourceSku>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |shelf| {
            if let Some(known) = shelf.published.get_mut(location) {
                for sku in &skus {
                    known.remove(sku);
                }
            }
        });
        Ok(())
    }

    async fn sku_history(&self, merchant: &MerchantId) -> Result<SkuHistory, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.sku_history.clone()))
    }

    async fn save_sku_history(
        &self,
        merchant: &MerchantId,
        history: SkuHistory,
    ) -> Result<bool, StoreError> {
        Ok(self.write(merchant, |shelf| {
            let later = history.version >= shelf.sku_history.version;
            if later {
                shelf.sku_history = history;
            }
            later
        }))
    }

    async fn record_profile(
        &self,
        merchant: &MerchantId,
        version: ProfileVersion,
    ) -> Result<(), StoreError> {
        self.write(merchant, |shelf| shelf.record_profile(version));
        Ok(())
    }

    async fn profiles(&self, merchant: &MerchantId) -> Result<Vec<ProfileVersion>, StoreError> {
        Ok(self.read(merchant, |shelf| shelf.profiles.clone()))
    }

    async fn erase_personal(
        &self,
        merchant: &MerchantId,
        settled_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        Ok(self.write(merchant, |shelf| {
            shelf.erase_personal(settled_before, limit)
        }))
    }
}

/// The same despatch of the same order.
fn is_same(one: &Consignment, other: &Consignment) -> bool {
    one.id == other.id && one.reference == other.reference
}
