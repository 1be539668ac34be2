//! The port: every method of [`Store`], each one a reading or a transaction.

use std::collections::BTreeMap;

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
    PublishedLevel, Refusal, SourceCopy, StateCount, StockChanges, StockFeed, StockRecord, Store,
    StoreError, TimelineEntry,
};

use super::JsonStore;
use super::state::{Books, Order};

/// The same despatch of the same order.
fn is_same(one: &Consignment, other: &Consignment) -> bool {
    one.id == other.id && one.reference == other.reference
}

/// Records after an id, in the order of ids.
fn listed(
    books: &Books,
    after: Option<&SourceOrderId>,
    limit: usize,
    wanted: impl Fn(&OrderRecord) -> bool,
) -> Vec<OrderRecord> {
    let records = books.orders.values().map(|order| &order.record);
    records
        .filter(|record| after.is_none_or(|after| record.id > *after) && wanted(record))
        .take(limit)
        .cloned()
        .collect()
}

impl JsonStore {
    /// A part of an order; nothing for one that is not on record.
    fn part<T: Default>(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        part: impl FnOnce(&Order) -> T,
    ) -> T {
        self.read(merchant, |books| books.orders.get(id).map(part))
            .unwrap_or_default()
    }
}

#[async_trait]
impl Store for JsonStore {
    async fn blind_before(&self) -> Result<DateTime<Utc>, StoreError> {
        Ok(self.lock().blind_before)
    }

    async fn known(
        &self,
        merchant: &MerchantId,
        ids: &[SourceOrderId],
    ) -> Result<BTreeMap<SourceOrderId, OrderRecord>, StoreError> {
        Ok(self.read(merchant, |books| {
            let record = |id| Some((SourceOrderId::clone(id), books.order(id)?.record.clone()));
            ids.iter().filter_map(record).collect()
        }))
    }

    async fn capture(&self, batch: Vec<NewOrder>) -> Result<Vec<CaptureOutcome>, StoreError> {
        self.transact(|state| {
            let capture = |new: NewOrder| state.books(&new.record.merchant.clone()).capture(new);
            batch.into_iter().map(capture).collect()
        })
    }

    async fn note_versions(
        &self,
        merchant: &MerchantId,
        versions: Vec<(SourceOrderId, Option<String>)>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |books| {
            for (id, version) in versions {
                if let Some(order) = books.orders.get_mut(&id) {
                    order.record.source_version = version;
                }
            }
            Ok(())
        })
    }

    async fn commit(&self, commit: Commit) -> Result<Result<OrderRecord, Refusal>, StoreError> {
        self.write(&commit.merchant.clone(), |books| Ok(books.commit(commit)))
    }

    async fn commit_all(
        &self,
        commits: Vec<Commit>,
    ) -> Result<Vec<Result<OrderRecord, Refusal>>, StoreError> {
        self.transact(|state| {
            let commit = |commit: Commit| state.books(&commit.merchant.clone()).commit(commit);
            Ok(commits.into_iter().map(commit).collect())
        })
    }

    async fn claim(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        limit: usize,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claim>, StoreError> {
        self.write(merchant, |books| {
            let due = books.due(kind, now).into_iter().take(limit);
            due.filter_map(|id| books.claim(kind, &id, lease, now).transpose())
                .collect()
        })
    }

    async fn claim_order(
        &self,
        merchant: &MerchantId,
        kind: ClaimKind,
        id: &SourceOrderId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<Claim>, StoreError> {
        self.write(merchant, |books| books.claim(kind, id, lease, now))
    }

    async fn expire_leases(
        &self,
        merchant: &MerchantId,
        settle: Duration,
        now: DateTime<Utc>,
    ) -> Result<usize, StoreError> {
        self.write(merchant, |books| books.expire_leases(settle, now))
    }

    async fn order(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<OrderRecord>, StoreError> {
        Ok(self.part(merchant, id, |order| Some(order.record.clone())))
    }

    async fn order_by_reference(
        &self,
        merchant: &MerchantId,
        reference: &ClientOrderRef,
    ) -> Result<Option<OrderRecord>, StoreError> {
        Ok(self.read(merchant, |books| {
            let order = books.orders.get(books.references.get(reference)?)?;
            Some(order.record.clone())
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
        Ok(self.read(merchant, |books| listed(books, after, limit, wanted)))
    }

    async fn scan(
        &self,
        merchant: &MerchantId,
        query: &OrderQuery,
    ) -> Result<Vec<Dossier>, StoreError> {
        Ok(self.read(merchant, |books| books.scan(query)))
    }

    async fn counts(
        &self,
        merchant: &MerchantId,
        states: &[OrderState],
    ) -> Result<BTreeMap<OrderState, StateCount>, StoreError> {
        Ok(self.read(merchant, |books| {
            let mut counts: BTreeMap<OrderState, StateCount> = BTreeMap::new();
            let records = books.orders.values().map(|order| &order.record);
            for record in records.filter(|record| states.contains(&record.state)) {
                let none = StateCount::new(0, record.changed_at);
                let count = counts.entry(record.state).or_insert(none);
                count.orders += 1;
                count.oldest = count.oldest.min(record.changed_at);
            }
            counts
        }))
    }

    async fn orders_with_requests(
        &self,
        merchant: &MerchantId,
        after: Option<&SourceOrderId>,
        limit: usize,
    ) -> Result<Vec<OrderRecord>, StoreError> {
        let wanted = |record: &OrderRecord| {
            let state = record.request_state();
            state.is_some_and(|state| state.is_pending() || state.is_denied())
        };
        Ok(self.read(merchant, |books| listed(books, after, limit, wanted)))
    }

    async fn source_copy(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<SourceCopy>, StoreError> {
        Ok(self.read(merchant, |books| books.source(id)))
    }

    async fn intent(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Option<FulfilmentOrder>, StoreError> {
        Ok(self.read(merchant, |books| books.intent(id)))
    }

    async fn lines(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<LineProgress>, StoreError> {
        Ok(self.part(merchant, id, |order| order.lines.clone()))
    }

    async fn parcels(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelRecord>, StoreError> {
        Ok(self.part(merchant, id, |order| order.parcels.clone()))
    }

    async fn has_consignment(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        consignment_id: &str,
    ) -> Result<bool, StoreError> {
        let has = |order: &Order| order.consignments.contains(consignment_id);
        Ok(self.part(merchant, id, has))
    }

    async fn parcels_to_track(
        &self,
        merchant: &MerchantId,
        due_by: DateTime<Utc>,
        limit: usize,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        Ok(self.read(merchant, |books| books.parcels_to_track(due_by, limit)))
    }

    async fn tracking(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ParcelTracking>, StoreError> {
        Ok(self.part(merchant, id, |order| {
            order.tracking.values().cloned().collect()
        }))
    }

    async fn returns(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<ReturnReceipt>, StoreError> {
        Ok(self.part(merchant, id, |order| order.returns.clone()))
    }

    async fn timeline(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
    ) -> Result<Vec<TimelineEntry>, StoreError> {
        Ok(self.part(merchant, id, |order| order.timeline.clone()))
    }

    async fn keep_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: Consignment,
        at: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |books| {
            let mut known = books.unmatched.iter();
            if !known.any(|(known, _)| is_same(known, &consignment)) {
                books.unmatched.push((consignment, at));
            }
            Ok(())
        })
    }

    async fn unmatched(
        &self,
        merchant: &MerchantId,
    ) -> Result<Vec<(Consignment, DateTime<Utc>)>, StoreError> {
        Ok(self.read(merchant, |books| books.unmatched.clone()))
    }

    async fn forget_unmatched(
        &self,
        merchant: &MerchantId,
        consignment: &Consignment,
    ) -> Result<(), StoreError> {
        self.write(merchant, |books| {
            books
                .unmatched
                .retain(|(known, _)| !is_same(known, consignment));
            Ok(())
        })
    }

    async fn settle_exceptions(
        &self,
        merchant: &MerchantId,
        scope: &str,
        findings: Vec<Finding>,
        at: DateTime<Utc>,
    ) -> Result<ExceptionChanges, StoreError> {
        self.write(merchant, |books| {
            Ok(books.settle_exceptions(scope, &findings, at))
        })
    }

    async fn exceptions(
        &self,
        merchant: &MerchantId,
        found_only: bool,
    ) -> Result<Vec<Exception>, StoreError> {
        Ok(self.read(merchant, |books| {
            let all = books.exceptions.iter();
            let mut wanted: Vec<Exception> = all
                .filter(|exception| !found_only || exception.closed_at.is_none())
                .cloned()
                .collect();
            wanted.sort_by_key(|exception| exception.opened_at);
            wanted
        }))
    }

    async fn exception(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Option<Exception>, StoreError> {
        Ok(self.read(merchant, |books| {
            let mut all = books.exceptions.iter();
            all.find(|exception| exception.number == number).cloned()
        }))
    }

    async fn act_on_exception(
        &self,
        merchant: &MerchantId,
        command: DeskCommand,
        at: DateTime<Utc>,
    ) -> Result<Result<Exception, DeskRefusal>, StoreError> {
        self.write(merchant, |books| Ok(books.act_on_exception(&command, at)))
    }

    async fn exception_journal(
        &self,
        merchant: &MerchantId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        Ok(self.read(merchant, |books| {
            let later = books.journal.iter().filter(|entry| entry.sequence > after);
            later.take(limit).cloned().collect()
        }))
    }

    async fn exception_history(
        &self,
        merchant: &MerchantId,
        number: u64,
    ) -> Result<Vec<ExceptionEntry>, StoreError> {
        Ok(self.read(merchant, |books| {
            let of_it = books.journal.iter().filter(|entry| entry.number == number);
            of_it.cloned().collect()
        }))
    }

    async fn cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
    ) -> Result<Option<String>, StoreError> {
        Ok(self.read(merchant, |books| books.cursors.get(name).cloned()))
    }

    async fn move_cursor(
        &self,
        merchant: &MerchantId,
        name: &str,
        from: Option<&str>,
        to: &str,
    ) -> Result<bool, StoreError> {
        self.write(merchant, |books| {
            let moves = books.cursors.get(name).map(String::as_str) == from;
            if moves {
                books.cursors.insert(name.to_owned(), to.to_owned());
            }
            Ok(moves)
        })
    }

    async fn take_flow(
        &self,
        merchant: &MerchantId,
        flow: &str,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        self.write(merchant, |books| {
            let right = books.flows.entry(flow.to_owned()).or_default();
            if right.until.is_some_and(|until| until > now) {
                return Ok(None);
            }
            let until = now + lease;
            right.token = right.token.saturating_add(1);
            right.until = Some(until);
            Ok(Some(FlowLease::new(
                merchant.clone(),
                flow,
                right.token,
                until,
            )))
        })
    }

    async fn renew_flow(
        &self,
        lease: &FlowLease,
        until: DateTime<Utc>,
    ) -> Result<Option<FlowLease>, StoreError> {
        self.write(&lease.merchant, |books| {
            let right = books.flows.get_mut(&lease.flow);
            let held = right.filter(|right| right.token == lease.token && right.until.is_some());
            Ok(held.map(|right| {
                right.until = Some(until);
                FlowLease::new(lease.merchant.clone(), &lease.flow, lease.token, until)
            }))
        })
    }

    async fn release_flow(&self, lease: FlowLease) -> Result<(), StoreError> {
        self.write(&lease.merchant, |books| {
            let right = books.flows.get_mut(&lease.flow);
            if let Some(right) = right.filter(|right| right.token == lease.token) {
                right.until = None;
            }
            Ok(())
        })
    }

    async fn save_stock(
        &self,
        merchant: &MerchantId,
        feed: StockFeed,
    ) -> Result<StockChanges, StoreError> {
        self.write(merchant, |books| Ok(books.save_stock(&feed)))
    }

    async fn stock(&self, merchant: &MerchantId) -> Result<Vec<StockRecord>, StoreError> {
        Ok(self.read(merchant, |books| books.stock.values().cloned().collect()))
    }

    async fn demand(
        &self,
        merchant: &MerchantId,
        accepted_since: DateTime<Utc>,
    ) -> Result<Vec<Demand>, StoreError> {
        let counts = |record: &OrderRecord| match record.accepted_at {
            Some(accepted_at) => accepted_at >= accepted_since,
            None => record.state.reserves_stock(),
        };
        Ok(self.read(merchant, |books| {
            let mut demand = Vec::new();
            for order in books.orders.values().filter(|order| counts(&order.record)) {
                for line in order.lines.iter().filter(|line| line.promised() > 0) {
                    if let Some(sku) = line.sku.clone() {
                        let accepted_at = order.record.accepted_at;
                        demand.push(Demand::new(sku, line.promised(), accepted_at));
                    }
                }
            }
            demand
        }))
    }

    async fn published(
        &self,
        merchant: &MerchantId,
        location: &str,
    ) -> Result<Vec<PublishedLevel>, StoreError> {
        Ok(self.read(merchant, |books| {
            let levels = books.published.get(location).into_iter();
            levels.flat_map(BTreeMap::values).cloned().collect()
        }))
    }

    async fn save_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        levels: Vec<PublishedLevel>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |books| {
            let known = books.published.entry(location.to_owned()).or_default();
            known.extend(levels.into_iter().map(|level| (level.sku.clone(), level)));
            Ok(())
        })
    }

    async fn forget_published(
        &self,
        merchant: &MerchantId,
        location: &str,
        skus: Vec<SourceSku>,
    ) -> Result<(), StoreError> {
        self.write(merchant, |books| {
            if let Some(known) = books.published.get_mut(location) {
                for sku in &skus {
                    known.remove(sku);
                }
            }
            Ok(())
        })
    }

    async fn sku_history(&self, merchant: &MerchantId) -> Result<SkuHistory, StoreError> {
        Ok(self.read(merchant, |books| books.sku_history.clone()))
    }

    async fn save_sku_history(
        &self,
        merchant: &MerchantId,
        history: SkuHistory,
    ) -> Result<bool, StoreError> {
        self.write(merchant, |books| {
            let later = history.version >= books.sku_history.version;
            if later {
                books.sku_history = history;
            }
            Ok(later)
        })
    }

    async fn record_profile(
        &self,
        merchant: &MerchantId,
        version: ProfileVersion,
    ) -> Result<(), StoreError> {
        self.write(merchant, |books| {
            books.record_profile(version);
            Ok(())
        })
    }

    async fn profiles(&self, merchant: &MerchantId) -> Result<Vec<ProfileVersion>, StoreError> {
        Ok(self.read(merchant, |books| books.profiles.clone()))
    }

    async fn erase_personal(
        &self,
        merchant: &MerchantId,
        settled_before: DateTime<Utc>,
        limit: usize,
    ) -> Result<usize, StoreError> {
        self.write(merchant, |books| {
            Ok(books.erase_personal(settled_before, limit))
        })
    }
}
