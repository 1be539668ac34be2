//! What people do in a history: orders placed, changed and cancelled, goods received, clocks set.

use std::sync::Arc;
use std::time::Duration;

use order_mapping::{
    Address, OrderLine, PaymentTerms, Personal, PurchaseOrderCandidate, SalesOrder,
    ShippingMethodLabel, SourceOrderId, VisibleOrderNumber,
};

use super::fault_class::FaultClass;
use super::history::{Actor, Fact};
use super::process::SERVICE;
use super::shop::{ARTICLES, KIT};
use super::warehouse::REFUSED_UNITS;
use super::world::{World, epoch, true_time};

/// Personal data of every order: none of it may show in a report.
pub(super) const PERSONAL: [&str; 3] = [
    "Wilhelmina Quartermaine",
    "17 Needle Wharf",
    "020 7946 0958",
];

/// An option that no table knows.
const UNKNOWN_SERVICE: &str = "Carrier Pigeon";

fn order(id: &str, lines: &[(usize, u32)], service: &str, now: Duration) -> SalesOrder {
    let mut order = SalesOrder::new(id);
    order.number = Some(VisibleOrderNumber::new(format!("#{id}")));
    order.payment = PaymentTerms::Upfront;
    order.placed_at = Some(true_time(now));
    order.currency = Some("GBP".to_owned());
    order.shipping_method = Some(ShippingMethodLabel::new(service));
    order.purchase_orders = vec![PurchaseOrderCandidate {
        place: "/customer_reference".to_owned(),
        text: format!("PO-{id}"),
    }];
    order.lines = lines
        .iter()
        .map(|(article, units)| {
            let sku = ARTICLES.get(*article).copied().unwrap_or(KIT);
            OrderLine::new(format!("L{article}"), sku, *units)
        })
        .collect();
    let mut address = Address::default();
    address.name = Some(Personal::from(PERSONAL[0]));
    address.line1 = Some(Personal::from(PERSONAL[1]));
    address.city = Some(Personal::from("Leeds"));
    address.postcode = Some(Personal::from("LS1 4AP"));
    address.country = Some("GB".to_owned());
    address.phone = Some(Personal::from(PERSONAL[2]));
    order.personal.shipping = Some(address);
    order
}

/// Puts everything that people do on the agenda of the world.
pub(super) fn prepare(world: &Arc<World>) {
    let scenario = world.state().scenario.clone();
    let mut rng = fastrand::Rng::with_seed(scenario.seed ^ 0x3017_0ad0);
    let length = scenario.length.as_secs().max(10);
    let moment = |rng: &mut fastrand::Rng, from: u64, to: u64| {
        Duration::from_secs(rng.u64(from..=to.max(from)))
    };
    for merchant in 0..scenario.merchants {
        let mut state = world.state();
        let depot = &mut state.sites[merchant].depot;
        for sku in ARTICLES {
            // Enough for every order; what is short is short by the warehouse's own doing.
            let of_each = if scenario.kits { 8 * 4 } else { 8 };
            let needed = of_each * scenario.orders as i64 + i64::from(REFUSED_UNITS);
            depot
                .shelf
                .insert(sku.to_owned(), needed + rng.i64(480..900));
        }
        depot.count(Duration::ZERO);
    }
    for number in 0..scenario.orders {
        // One stream of chance for each order, so that leaving one out leaves the others as they are.
        let mut rng = fastrand::Rng::with_seed(scenario.seed ^ (number as u64) << 32 ^ 0x0de5);
        let merchant = number % scenario.merchants;
        let id = format!("m{merchant}-{number}");
        let at = moment(&mut rng, 0, length * 3 / 4);
        let mut lines: Vec<(usize, u32)> = Vec::new();
        for article in 0..ARTICLES.len() {
            if rng.bool() {
                lines.push((article, rng.u32(1..=6)));
            }
        }
        if lines.is_empty() {
            lines.push((0, 1));
        }
        if scenario.kits {
            // A stream of its own, so that the rest of the order is as it is in a shop without kits.
            let mut rng = fastrand::Rng::with_seed(scenario.seed ^ (number as u64) << 32 ^ 0x0517);
            if rng.bool() {
                lines.push((ARTICLES.len(), rng.u32(1..=4)));
            }
        }
        let fate = rng.u32(0..100);
        if fate < 4 {
            lines[0].1 = REFUSED_UNITS;
        }
        let unknown = (4..10).contains(&fate);
        let service = if unknown { UNKNOWN_SERVICE } else { SERVICE };
        place(world, merchant, at, order(&id, &lines, service, at));
        let later = moment(&mut rng, at.as_secs(), length);
        if unknown {
            place(world, merchant, later, order(&id, &lines, SERVICE, at));
        } else if scenario.edits && fate >= 85 {
            let mut changed = order(&id, &lines, SERVICE, at);
            if fate >= 93 {
                changed.status = Some("cancelled".to_owned());
            } else {
                // The kit, where there is one.
                let last = lines.len() - 1;
                lines[last].1 += 1;
                changed = order(&id, &lines, SERVICE, at);
            }
            place(world, merchant, later, changed);
        }
        if scenario.edits && rng.bool() {
            let id = SourceOrderId::new(&id);
            let when = moment(&mut rng, at.as_secs(), length);
            world.after(when, move |_, state, now| {
                state.foreign_edit(merchant, now, &id)
            });
        }
    }
    for merchant in 0..scenario.merchants {
        for _ in 0..6 {
            let (when, units) = (moment(&mut rng, 0, length), rng.i64(-80..60));
            // Goods received, or a count that found fewer.
            let sku = ARTICLES[rng.usize(0..ARTICLES.len())];
            world.after(when, move |_, state, now| {
                let depot = &mut state.sites[merchant].depot;
                *depot.shelf.entry(sku.to_owned()).or_default() += units;
                depot.count(now);
            });
        }
    }
    if scenario.has(FaultClass::AppliedTwice) && rng.bool() {
        // A vendor that doubles orders also invents one.
        let when = moment(&mut rng, length / 2, length);
        world.after(when, move |world, state, now| state.ghost(world, 0, now));
    }
    if scenario.has(FaultClass::ClockStepsBack) {
        let (when, back) = (moment(&mut rng, 0, length), moment(&mut rng, 60, 600));
        world.after(when, move |_, state, now| {
            state.stepped_back += back;
            state.note(now, 0, Actor::World, Fact::ClockStepped(back));
        });
    }
    debug_assert_eq!(true_time(Duration::ZERO), epoch());
}

fn place(world: &Arc<World>, merchant: usize, at: Duration, order: SalesOrder) {
    world.after(at, move |_, state, now| state.place(merchant, now, order));
}
