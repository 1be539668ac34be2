//! The port before the simulated warehouse: what its calls do when they arrive.

use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{AmendField, ClientOrderRef, FulfilmentOrder, StockRow};
use order_sync::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, FailureClass, FeedKind, Lookup,
    PortError, ReturnsPage, StockBatch, StockFeed, StockSource, StoredContents, Submission,
    Warehouse, WarehouseListing, WarehouseOrderRow,
};

use super::fault_class::FaultClass;
use super::history::{Actor, Fact};
use super::returns;
use super::warehouse::{Depot, Held, REFUSED_UNITS, is_refused};
use super::world::{Arrival, Caller, Kind, State, true_time};

/// The warehouse's ports, as a worker's adapters stand before them.
#[derive(Debug)]
pub(super) struct DepotPort(pub(super) Caller);

#[async_trait]
impl Warehouse for DepotPort {
    fn capabilities(&self) -> Capabilities {
        let usual = Capabilities::new(true)
            .with_cancel()
            .with_amend(&[AmendField::Quantity, AmendField::PurchaseOrder]);
        if self.0.world.state().scenario.returns {
            usual.with_returns()
        } else {
            usual
        }
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        self.0
            .note(Fact::PostBegan(reference.clone(), order.payload_digest()));
        let (merchant, worker) = (self.0.merchant, self.0.worker);
        let (reference, order) = (reference.clone(), order.clone());
        if order
            .lines
            .iter()
            .any(|line| is_refused(line.quantity.get()))
        {
            self.0.call("submit", Kind::Create, |_| ()).await?;
            let why = format!("{REFUSED_UNITS} units of one article are too many");
            return Err(PortError::new(FailureClass::Rejected, why));
        }
        self.0
            .call("submit", Kind::Create, move |arrival| {
                create(arrival, (merchant, worker), &reference, &order)
            })
            .await
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let (merchant, reference, order) = (self.0.merchant, reference.clone(), order.clone());
        self.0
            .call("lookup", Kind::Read, move |arrival| {
                let depot = &arrival.state.sites[merchant].depot;
                if depot.lying.contains_key(&reference) {
                    return Lookup::Waiting;
                }
                let found = depot
                    .live(&reference)
                    .filter(|held| held.visible_from <= arrival.now);
                let Some(held) = found else {
                    return Lookup::Absent;
                };
                Lookup::Found {
                    warehouse_id: Some(held.warehouse_id.clone()),
                    accepted_at: Some(arrival.state.depot_time(held.accepted_at)),
                    differences: contents(&held.order).differences(&order),
                }
            })
            .await
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let merchant = self.0.merchant;
        let from: usize = cursor.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.0
            .call("despatches", Kind::Read, move |arrival| {
                let state = &mut *arrival.state;
                let repeats = state.strikes(FaultClass::DuplicatePage, 100);
                let disorder = state.rng.bool();
                let feed = &state.sites[merchant].depot.feed;
                let start = if repeats {
                    from.saturating_sub(3)
                } else {
                    from
                };
                let end = (from + 10).min(feed.len());
                let mut page = DespatchPage::default();
                page.consignments = feed.get(start..end).unwrap_or_default().to_vec();
                if disorder {
                    page.consignments.reverse();
                }
                page.cursor = Some(end.to_string());
                page.more = end < feed.len();
                page
            })
            .await
    }

    async fn returns(&self, cursor: Option<&str>) -> Result<ReturnsPage, PortError> {
        let merchant = self.0.merchant;
        let from: usize = cursor.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.0
            .call("returns", Kind::Read, move |arrival| {
                returns::page(arrival, merchant, from)
            })
            .await
    }

    async fn list(&self, page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let merchant = self.0.merchant;
        let from: usize = page.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.0
            .call("list", Kind::Read, move |arrival| {
                let orders = &arrival.state.sites[merchant].depot.orders;
                let end = (from + 50).min(orders.len());
                let mut listing = WarehouseListing::default();
                listing.rows = orders
                    .iter()
                    .take(end)
                    .skip(from)
                    .filter(|held| held.visible_from <= arrival.now)
                    .map(|held| {
                        let id = Some(held.warehouse_id.clone());
                        let mut row = WarehouseOrderRow::new(held.reference.clone(), id, held.live);
                        row.contents = Some(contents(&held.order));
                        row
                    })
                    .collect();
                listing.next = (end < orders.len()).then(|| end.to_string());
                listing
            })
            .await
    }

    async fn cancel(
        &self,
        reference: &ClientOrderRef,
        request_id: &str,
        _why: &str,
    ) -> Result<ChangeAnswer, PortError> {
        let (merchant, reference, id) = (self.0.merchant, reference.clone(), request_id.to_owned());
        self.0
            .call("cancel", Kind::Write, move |arrival| {
                change(arrival, merchant, &reference, &id, |held| held.live = false)
            })
            .await
    }

    async fn amend(
        &self,
        reference: &ClientOrderRef,
        request: AmendRequest<'_>,
    ) -> Result<ChangeAnswer, PortError> {
        let (merchant, reference, id) = (self.0.merchant, reference.clone(), request.id.to_owned());
        let wanted = request.wanted.clone();
        self.0
            .call("amend", Kind::Write, move |arrival| {
                change(arrival, merchant, &reference, &id, |held| {
                    held.order = wanted.clone()
                })
            })
            .await
    }
}

fn contents(order: &FulfilmentOrder) -> StoredContents {
    let mut contents = StoredContents::default();
    contents.service = Some(order.service.to_string());
    contents.lines = order
        .lines
        .iter()
        .map(|line| (line.sku.to_string(), i64::from(line.quantity.get())))
        .collect();
    contents
}

/// What a create does when it arrives.
fn create(
    arrival: &mut Arrival<'_>,
    (merchant, worker): (usize, usize),
    reference: &ClientOrderRef,
    order: &FulfilmentOrder,
) -> Submission {
    let (now, world, twice) = (arrival.now, arrival.world, arrival.twice);
    let state = &mut *arrival.state;
    let depot = &mut state.sites[merchant].depot;
    let known = depot.live(reference).is_some() || depot.lying.contains_key(reference);
    if known && state.scenario.recognises {
        // It tells them apart; that it was asked again is counted all the same.
        *depot.creates.entry(reference.clone()).or_default() += 1;
        let by_us = depot.creates_of(reference);
        let fact = Fact::PostApplied {
            reference: reference.clone(),
            by_us,
            by_vendor: false,
        };
        state.note(now, merchant, Actor::World, fact);
        return Submission::AlreadyThere;
    }
    if state.scenario.files {
        let at_once = state.strikes(FaultClass::PickedUpBeforeSync, 100);
        if !at_once {
            depot_of(state, merchant)
                .lying
                .insert(reference.clone(), order.clone());
            let wait = Duration::from_secs(state.rng.u64(5..120));
            let (reference, order) = (reference.clone(), order.clone());
            world.after(wait, move |world, state, now| {
                if depot_of(state, merchant).lying.remove(&reference).is_some() {
                    state.accept(world, merchant, now, &reference, &order, false);
                }
            });
            return Submission::Queued;
        }
        // It is picked up at once, and the process that dropped it dies before it hears of it.
        state.kill(worker, now);
        state.accept(world, merchant, now, reference, order, false);
        return Submission::Queued;
    }
    let warehouse_id = state.accept(world, merchant, now, reference, order, false);
    if twice {
        state.accept(world, merchant, now, reference, order, true);
        let fact = Fact::Anomaly("DOUBLED", order.source_id.to_string());
        state.note(now, merchant, Actor::World, fact);
    }
    Submission::Accepted {
        warehouse_id: Some(warehouse_id),
        accepted_at: Some(state.depot_time(now)),
    }
}

fn depot_of(state: &mut State, merchant: usize) -> &mut Depot {
    &mut state.sites[merchant].depot
}

/// A request to change an order: decided once, and answered the same for ever.
fn change(
    arrival: &mut Arrival<'_>,
    merchant: usize,
    reference: &ClientOrderRef,
    id: &str,
    apply: impl FnOnce(&mut Held),
) -> ChangeAnswer {
    let depot = depot_of(arrival.state, merchant);
    if let Some(answer) = depot.answers.get(id) {
        return answer.clone();
    }
    let answer = match depot.live_mut(reference) {
        Some(held) if held.left.is_empty() && held.short.is_empty() => {
            apply(held);
            ChangeAnswer::Accepted
        }
        _ => ChangeAnswer::TooLate {
            reason: "it has left".to_owned(),
        },
    };
    depot.writes += 1;
    depot.answers.insert(id.to_owned(), answer.clone());
    depot.count(arrival.now);
    answer
}

#[async_trait]
impl StockSource for DepotPort {
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let merchant = self.0.merchant;
        let seen: Option<u64> = cursor.and_then(|text| text.parse().ok());
        let (batch, gap, skew) = self
            .0
            .call("stock", Kind::Read, move |arrival| {
                let now = arrival.now;
                let state = &mut *arrival.state;
                let gap = state.strikes(FaultClass::StockGap, 100);
                let old = state.strikes(FaultClass::StockOutOfOrder, 100);
                let back = state.rng.usize(1..4);
                let skew = state.scenario.warehouse_skew;
                let depot = depot_of(state, merchant);
                let batch = depot.count(now);
                let earlier = depot.batches.len().checked_sub(1 + back).filter(|_| old);
                let batch = earlier.map_or(batch, |at| depot.batches[at].clone());
                (batch, gap, skew)
            })
            .await?;
        self.0.note(Fact::StockRead {
            sequence: batch.sequence,
            as_of: batch.as_of,
        });
        let kind = if seen.is_none() || gap {
            FeedKind::Snapshot
        } else {
            FeedKind::Delta
        };
        let rows = batch.rows.iter();
        let rows =
            rows.map(|(sku, on_hand, allocated)| StockRow::new(sku.as_str(), *on_hand, *allocated));
        let as_of = true_time(batch.as_of) + chrono::TimeDelta::seconds(skew);
        let mut answer = StockBatch::default();
        answer.feed = Some(StockFeed::new(kind, as_of, batch.sequence, rows.collect()));
        answer.cursor = Some(batch.sequence.to_string());
        answer.gap = gap.then(|| "changes are missing from the feed".to_owned());
        Ok(answer)
    }
}
