//! A simulated warehouse: every order it was ever given, what left, what is on its shelves; and the port before it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{
    AmendField, ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, Parcel, StockRow,
    TrackingNumber,
};
use order_sync::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, FailureClass, FeedKind, Lookup,
    PortError, StockBatch, StockFeed, StockSource, StoredContents, Submission, Warehouse,
    WarehouseListing, WarehouseOrderRow,
};

use super::fault_class::FaultClass;
use super::history::{Actor, Fact};
use super::shop::ARTICLES;
use super::world::{Arrival, Caller, Kind, LOOKUP_LAG, State, World, true_time};

/// One order as the warehouse has it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) reference: ClientOrderRef,
    pub(super) order: FulfilmentOrder,
    pub(super) warehouse_id: String,
    pub(super) accepted_at: Duration,
    visible_from: Duration,
    /// Not cancelled.
    pub(super) live: bool,
    /// Made by the vendor itself.
    pub(super) by_vendor: bool,
    /// Units that left, by line.
    pub(super) left: BTreeMap<String, u32>,
    /// Units that will not, by line.
    pub(super) short: BTreeMap<String, u32>,
}

impl Held {
    fn open_of(&self, line: &order_mapping::FulfilmentLine) -> u32 {
        let of =
            |units: &BTreeMap<String, u32>| units.get(line.line_id.as_str()).copied().unwrap_or(0);
        line.quantity
            .get()
            .saturating_sub(of(&self.left))
            .saturating_sub(of(&self.short))
    }
}

/// A batch of the stock feed.
#[derive(Debug, Clone)]
pub(super) struct Batch {
    pub(super) sequence: u64,
    pub(super) as_of: Duration,
    pub(super) rows: Vec<(String, i64, i64)>,
}

/// The truth of a warehouse.
#[derive(Debug, Default)]
pub(super) struct Depot {
    pub(super) orders: Vec<Held>,
    /// Files that lie in the folder.
    lying: BTreeMap<ClientOrderRef, FulfilmentOrder>,
    /// Creates of ours that arrived, by reference.
    creates: BTreeMap<ClientOrderRef, u32>,
    pub(super) feed: Vec<Consignment>,
    pub(super) shelf: BTreeMap<String, i64>,
    sequence: u64,
    pub(super) batches: Vec<Batch>,
    answers: BTreeMap<String, ChangeAnswer>,
    /// Creates, cancellations and amendments that changed anything.
    pub(super) writes: u64,
}

impl Depot {
    pub(super) fn creates_of(&self, reference: &ClientOrderRef) -> u32 {
        self.creates.get(reference).copied().unwrap_or(0)
    }

    fn live(&self, reference: &ClientOrderRef) -> Option<&Held> {
        self.orders
            .iter()
            .find(|held| held.live && held.reference == *reference)
    }

    fn live_mut(&mut self, reference: &ClientOrderRef) -> Option<&mut Held> {
        let mut held = self.orders.iter_mut();
        held.find(|held| held.live && held.reference == *reference)
    }

    /// Units of an article that are allocated to orders it knows.
    fn allocated(&self, sku: &str) -> i64 {
        let open = self
            .orders
            .iter()
            .filter(|held| held.live)
            .flat_map(|held| {
                let of = |line: &order_mapping::FulfilmentLine| {
                    (line.sku.as_str() == sku).then(|| i64::from(held.open_of(line)))
                };
                held.order.lines.iter().filter_map(of).collect::<Vec<_>>()
            });
        open.sum()
    }

    /// The figures of now, as a new batch of the feed.
    pub(super) fn count(&mut self, now: Duration) -> Batch {
        self.sequence += 1;
        let rows = ARTICLES.map(|sku| {
            let on_hand = self.shelf.get(sku).copied().unwrap_or(0);
            (sku.to_owned(), on_hand, self.allocated(sku))
        });
        let batch = Batch {
            sequence: self.sequence,
            as_of: now,
            rows: rows.to_vec(),
        };
        self.batches.push(batch.clone());
        batch
    }

    /// Goods are still to leave, or files to be picked up.
    pub(super) fn is_busy(&self) -> bool {
        let mut ours = self
            .orders
            .iter()
            .filter(|held| held.live && !held.by_vendor);
        let open = |held: &Held| held.order.lines.iter().any(|line| held.open_of(line) > 0);
        !self.lying.is_empty() || ours.any(open)
    }

    /// The vendor's people cancel what they doubled or invented.
    pub(super) fn clear_own_doing(&mut self) {
        for held in self.orders.iter_mut().filter(|held| held.by_vendor) {
            held.live = false;
        }
    }
}

impl State {
    /// A create arrives: the order is on the warehouse's books from now on.
    fn accept(
        &mut self,
        world: &Arc<World>,
        merchant: usize,
        now: Duration,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
        by_vendor: bool,
    ) -> String {
        let lag = Duration::from_millis(self.rng.u64(0..LOOKUP_LAG.as_millis() as u64));
        let site = &mut self.sites[merchant];
        site.depot.writes += 1;
        let warehouse_id = format!("W{}", site.depot.orders.len() + 1);
        if !by_vendor {
            *site.depot.creates.entry(reference.clone()).or_default() += 1;
        }
        site.depot.orders.push(Held {
            reference: reference.clone(),
            order: order.clone(),
            warehouse_id: warehouse_id.clone(),
            accepted_at: now,
            visible_from: now + lag,
            live: true,
            by_vendor,
            left: BTreeMap::new(),
            short: BTreeMap::new(),
        });
        let by_us = site.depot.creates_of(reference);
        let fact = Fact::PostApplied {
            reference: reference.clone(),
            by_us,
            by_vendor,
        };
        self.note(now, merchant, Actor::World, fact);
        if !by_vendor {
            let wait = Duration::from_secs(self.rng.u64(30..600));
            let reference = reference.clone();
            world.after(wait, move |world, state, now| {
                state.despatch(world, merchant, now, &reference, true);
            });
        }
        warehouse_id
    }

    /// Goods of an order leave: all that is open, or a part of it with the rest to follow, or with the rest short.
    fn despatch(
        &mut self,
        world: &Arc<World>,
        merchant: usize,
        now: Duration,
        reference: &ClientOrderRef,
        may_split: bool,
    ) {
        let at = self.depot_time(now);
        let way = self.rng.u32(0..10);
        let parcels = self.rng.u32(1..=2);
        let depot = &mut self.sites[merchant].depot;
        let number = depot.feed.len() + 1;
        let Some(held) = depot
            .orders
            .iter_mut()
            .find(|held| held.live && !held.by_vendor && held.reference == *reference)
        else {
            return;
        };
        let open: Vec<(String, String, u32)> = held
            .order
            .lines
            .iter()
            .map(|line| {
                (
                    line.line_id.to_string(),
                    line.sku.to_string(),
                    held.open_of(line),
                )
            })
            .filter(|(_, _, units)| *units > 0)
            .collect();
        if open.is_empty() {
            return;
        }
        let (mut sent, mut short) = (Vec::new(), Vec::new());
        let splits = may_split && way < 3;
        for (index, (line, sku, units)) in open.iter().enumerate() {
            let part = if splits && (index > 0 || *units > 1) {
                units / 2
            } else {
                *units
            };
            let missing = if !splits && way == 9 && *units > 1 {
                1
            } else {
                0
            };
            let part = part.saturating_sub(missing);
            if part > 0 {
                sent.push((line.clone(), sku.clone(), part));
                *held.left.entry(line.clone()).or_default() += part;
            }
            if missing > 0 {
                short.push(LineQuantity::of_line(line.as_str(), missing));
                *held.short.entry(line.clone()).or_default() += missing;
            }
        }
        let more = held.order.lines.iter().any(|line| held.open_of(line) > 0);
        let id = format!("D{number}");
        let mut consignment = Consignment::new(&id, reference.clone());
        consignment.despatched_at = Some(at);
        consignment.shorts = short;
        for (index, contents) in chunks(&sent, parcels as usize).enumerate() {
            let mut parcel = Parcel::new(format!("{id}-{index}"));
            parcel.tracking = Some(TrackingNumber::new(format!("T{merchant}-{id}-{index}")));
            parcel.contents = contents
                .iter()
                .map(|(line, _, units)| LineQuantity::of_line(line.as_str(), *units))
                .collect();
            consignment.parcels.push(parcel);
        }
        for (_, sku, units) in &sent {
            *depot.shelf.entry(sku.clone()).or_default() -= i64::from(*units);
        }
        depot.feed.push(consignment);
        depot.count(now);
        self.note(
            now,
            merchant,
            Actor::World,
            Fact::Despatched(reference.clone(), id),
        );
        if more {
            let wait = Duration::from_secs(self.rng.u64(60..600));
            let reference = reference.clone();
            world.after(wait, move |world, state, now| {
                state.despatch(world, merchant, now, &reference, false);
            });
        }
    }

    /// The warehouse makes an order that nobody asked for.
    pub(super) fn ghost(&mut self, world: &Arc<World>, merchant: usize, now: Duration) {
        let Some(like) = self.sites[merchant]
            .depot
            .orders
            .first()
            .map(|held| held.order.clone())
        else {
            return;
        };
        let reference =
            ClientOrderRef::derive(b"somebody else's key", "nobody", &like.source_id, 0, 0);
        if self.sites[merchant].depot.live(&reference).is_none() {
            self.accept(world, merchant, now, &reference, &like, true);
            let fact = Fact::Anomaly("GHOST", reference.to_string());
            self.note(now, merchant, Actor::World, fact);
        }
    }
}

/// A list in so many parts, the first ones longer; no empty parts.
fn chunks<T>(list: &[T], parts: usize) -> std::slice::Chunks<'_, T> {
    list.chunks(list.len().div_ceil(parts.max(1)).max(1))
}

/// The warehouse's ports, as a worker's adapters stand before them.
#[derive(Debug)]
pub(super) struct DepotPort(pub(super) Caller);

/// Units of an order that the warehouse refuses.
pub(super) const REFUSED_UNITS: u32 = 77;

#[async_trait]
impl Warehouse for DepotPort {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true)
            .with_cancel()
            .with_amend(&[AmendField::Quantity, AmendField::PurchaseOrder])
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
            .any(|line| line.quantity.get() == REFUSED_UNITS)
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
