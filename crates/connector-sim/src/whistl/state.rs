//! What the warehouse has on record, and what it does by itself: taking, releasing, picking and sending orders.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::Value;

use super::acknowledgements::Acknowledgement;
use super::changes::ChangeRequest;
use super::despatch::{DespatchDesk, HandDespatch, TickReport};
use super::feed_faults::{FeedFault, FeedFaults};
use super::inventory::ToldStock;
use super::options::WhistlOptions;
use super::order::{AcceptedOrder, OrderStatus};
use super::stock::StockLedger;
use super::{WarehouseCounts, Way, label_check, routes};
use crate::problem::Problem;
use crate::raw_object::RawObject;
use crate::sim_error::SimError;
use crate::token_desk::TokenDesk;

#[derive(Debug)]
pub(crate) struct WarehouseState {
    pub(super) tokens: TokenDesk,
    pub(super) service_codes: Vec<String>,
    pub(super) orders: Vec<AcceptedOrder>,
    /// Place of the first order of each reference.
    pub(super) places: HashMap<String, usize>,
    pub(super) despatches: Vec<Value>,
    pub(super) acknowledgements: Vec<Value>,
    pub(super) returns: Vec<Value>,
    pub(super) charges: Vec<Value>,
    /// Requests to cancel and amend, with their answers.
    pub(super) changes: Vec<ChangeRequest>,
    pub(super) desk: DespatchDesk,
    pub(super) stock: StockLedger,
    pub(super) feed_faults: FeedFaults,
    pub(super) told_stock: ToldStock,
    pub(super) writes: WarehouseCounts,
}

impl WarehouseState {
    pub(super) fn new(options: &WhistlOptions) -> Self {
        Self {
            tokens: TokenDesk::new("wh", options.token_lifetime_secs),
            service_codes: options.service_codes.clone(),
            orders: Vec::new(),
            places: HashMap::new(),
            despatches: Vec::new(),
            acknowledgements: Vec::new(),
            returns: Vec::new(),
            charges: Vec::new(),
            changes: Vec::new(),
            desk: DespatchDesk::default(),
            stock: StockLedger::default(),
            feed_faults: FeedFaults::default(),
            told_stock: ToldStock::default(),
            writes: WarehouseCounts::default(),
        }
    }

    /// Takes an order or says everything that is wrong with it.
    pub(super) fn accept(
        &mut self,
        document: RawObject,
        way: Way,
        options: &WhistlOptions,
        now: DateTime<Utc>,
    ) -> Result<Value, Problem> {
        self.writes.order_posts += 1;
        let cuts = options.cut_long_texts || way == Way::File;
        let request = match self.checked(&document, options, cuts) {
            Ok(request) => request,
            Err(faults) => {
                self.writes.rejected += 1;
                if let Some(reference) = document.text("reference") {
                    let told = Acknowledgement::rejected(&reference, faults.clone());
                    self.acknowledge(told, now);
                }
                let problem =
                    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "the order was refused");
                return Err(problem.with_errors(faults));
            }
        };
        if self.places.contains_key(&request.reference) && way != Way::SecondTime {
            self.writes.duplicates_refused += 1;
            let message = "an order with this reference was accepted before";
            return Err(routes::problem(
                StatusCode::CONFLICT,
                "DUPLICATE_REFERENCE",
                "/reference",
                message,
            ));
        }
        let mut lines = request.lines;
        for line in &mut lines {
            line.allocated = self.stock.allocate(&line.sku, line.ordered);
        }
        let status = if request.hold.is_some() {
            OrderStatus::Held
        } else {
            OrderStatus::Accepted
        };
        let order = AcceptedOrder {
            order_id: format!("W{:07}", self.orders.len() + 1),
            reference: request.reference,
            service_code: request.service_code,
            accepted_at: now,
            status,
            version: 1,
            hold: request.hold.map(str::to_owned),
            may_part_ship: request.may_part_ship,
            cuts: request.cuts,
            lines,
            ticks_to_pick: options.ticks_to_pick,
            back_order_told: false,
            document,
        };
        let acceptance = order.acceptance();
        let told = match &order.hold {
            Some(reason) => Acknowledgement::of(&order, "held").because(Some(reason)),
            None => Acknowledgement::of(&order, "accepted"),
        };
        self.places
            .entry(order.reference.clone())
            .or_insert(self.orders.len());
        self.orders.push(order);
        self.writes.accepted += 1;
        self.acknowledge(told, now);
        Ok(acceptance)
    }

    /// Lets a held order go on. `false` where no held order has the reference.
    pub(super) fn release(&mut self, reference: &str, now: DateTime<Utc>) -> bool {
        let held = self
            .orders
            .iter_mut()
            .find(|order| order.reference == reference && order.status == OrderStatus::Held);
        let Some(order) = held else {
            return false;
        };
        order.status = OrderStatus::Accepted;
        order.hold = None;
        let told = Acknowledgement::of(order, "released");
        self.acknowledge(told, now);
        true
    }

    /// One step of work: decides what waits, moves orders over the picking floor, sends what is ready.
    pub(super) fn tick(&mut self, options: &WhistlOptions, now: DateTime<Utc>) -> TickReport {
        self.decide_pending(now);
        let mut report = TickReport::default();
        let mut sent = Vec::new();
        let mut held = Vec::new();
        for order in &mut self.orders {
            match order.status {
                OrderStatus::Held | OrderStatus::Cancelled | OrderStatus::Despatched => continue,
                OrderStatus::Accepted | OrderStatus::Picking if order.ticks_to_pick > 0 => {
                    order.ticks_to_pick -= 1;
                    order.status = OrderStatus::Picking;
                    continue;
                }
                OrderStatus::Accepted | OrderStatus::Picking | OrderStatus::PartDespatched => {}
            }
            let fault = options.label_checks.then(|| label_check::fault(order));
            if let Some(fault) = fault.flatten() {
                order.status = OrderStatus::Held;
                held.push(Acknowledgement::of(order, "held").because(Some(&fault)));
                order.hold = Some(fault);
                continue;
            }
            let despatch = self
                .desk
                .send(order, &mut self.stock, options, now, &mut report);
            if let Some(despatch) = despatch {
                sent.push((order.reference.clone(), despatch));
            }
        }
        for told in held {
            self.acknowledge(told, now);
        }
        for (reference, despatch) in sent {
            self.tell_despatch(&reference, despatch, options, now);
        }
        report
    }

    /// Sends what people pack by hand of an order, and says the id of the despatch.
    pub(super) fn send_by_hand(
        &mut self,
        reference: &str,
        wanted: HandDespatch<'_>,
        options: &WhistlOptions,
        now: DateTime<Utc>,
    ) -> Result<String, SimError> {
        let place = self.places.get(reference);
        let order = place.and_then(|place| self.orders.get_mut(*place));
        let may_leave = |order: &&mut AcceptedOrder| {
            !matches!(order.status, OrderStatus::Held | OrderStatus::Cancelled)
        };
        let order = order
            .filter(may_leave)
            .ok_or_else(|| SimError::UnknownOrder(reference.to_owned()))?;
        let despatch = self
            .desk
            .send_by_hand(order, &mut self.stock, wanted, options.seed, now)?;
        let id = despatch.get("despatchId").and_then(Value::as_str);
        let id = id.unwrap_or_default().to_owned();
        self.tell_despatch(reference, despatch, options, now);
        Ok(id)
    }

    /// Puts a despatch into the feed, and its work on the bill.
    fn tell_despatch(
        &mut self,
        reference: &str,
        despatch: Value,
        options: &WhistlOptions,
        now: DateTime<Utc>,
    ) {
        self.charge_despatch(reference, &despatch, &options.charges, now);
        if self.feed_faults.take(FeedFault::DuplicateDespatch) {
            self.despatches.push(despatch.clone());
        }
        self.despatches.push(despatch);
    }
}
