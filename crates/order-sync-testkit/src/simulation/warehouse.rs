//! A simulated warehouse: every order it was ever given, what left, and what is on its shelves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use order_mapping::{
    ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, Parcel, ReturnReceipt,
    TrackingNumber,
};
use order_sync::ChangeAnswer;

use super::history::{Actor, Fact};
use super::shop::{ARTICLES, PACK};
use super::world::{LOOKUP_LAG, State, World};

/// Units of an order that the warehouse refuses.
pub(super) const REFUSED_UNITS: u32 = 77;

/// Whether units of a line are those that it refuses: single ones, or packs.
pub(super) const fn is_refused(units: u32) -> bool {
    units == REFUSED_UNITS || units == REFUSED_UNITS * PACK
}

/// One order as the warehouse has it.
#[derive(Debug, Clone)]
pub(super) struct Held {
    pub(super) reference: ClientOrderRef,
    pub(super) order: FulfilmentOrder,
    pub(super) warehouse_id: String,
    pub(super) accepted_at: Duration,
    pub(super) visible_from: Duration,
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
    pub(super) lying: BTreeMap<ClientOrderRef, FulfilmentOrder>,
    /// Creates of ours that arrived, by reference.
    pub(super) creates: BTreeMap<ClientOrderRef, u32>,
    pub(super) feed: Vec<Consignment>,
    pub(super) receipts: Vec<ReturnReceipt>,
    /// Parcels on their way back.
    pub(super) coming_back: usize,
    pub(super) shelf: BTreeMap<String, i64>,
    sequence: u64,
    pub(super) batches: Vec<Batch>,
    pub(super) answers: BTreeMap<String, ChangeAnswer>,
    /// Creates, cancellations and amendments that changed anything.
    pub(super) writes: u64,
}

impl Depot {
    pub(super) fn creates_of(&self, reference: &ClientOrderRef) -> u32 {
        self.creates.get(reference).copied().unwrap_or(0)
    }

    pub(super) fn live(&self, reference: &ClientOrderRef) -> Option<&Held> {
        self.orders
            .iter()
            .find(|held| held.live && held.reference == *reference)
    }

    pub(super) fn live_mut(&mut self, reference: &ClientOrderRef) -> Option<&mut Held> {
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

    /// Goods are still to leave or to come back, or files to be picked up.
    pub(super) fn is_busy(&self) -> bool {
        let mut ours = self
            .orders
            .iter()
            .filter(|held| held.live && !held.by_vendor);
        let open = |held: &Held| held.order.lines.iter().any(|line| held.open_of(line) > 0);
        !self.lying.is_empty() || self.coming_back > 0 || ours.any(open)
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
    pub(super) fn accept(
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
        depot.feed.push(consignment.clone());
        depot.count(now);
        if self.scenario.tracking {
            for parcel in &consignment.parcels {
                if let Some(number) = &parcel.tracking {
                    self.hand_to_carrier(merchant, now, number.as_str());
                }
            }
        }
        self.may_come_back(world, merchant, &consignment);
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
