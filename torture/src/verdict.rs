//! What a round came to: the orders of the shop, looked for at the warehouse; what is on record only says why one is not there.

use std::collections::BTreeMap;

use connector_sim::OrderStatus;
use order_mapping::SourceOrderId;
use order_sync::{
    Clock as _, Exception, MerchantId, OrderEvent, OrderRecord, OrderState, RequestState, Store,
    SystemClock, first_broken_link,
};

use crate::site::MERCHANT;
use crate::tally::Tally;
use crate::task::StoreAt;
use crate::victim::opening;
use crate::world::{Fate, World, purchase_order_of};

/// An order of the shop.
#[derive(Debug, Clone)]
struct Wanted {
    id: String,
    purchase_order: String,
    fate: Fate,
    /// Tracking numbers that the shop shows.
    shown: Vec<String>,
}

/// An order at the warehouse.
#[derive(Debug, Clone)]
struct There {
    purchase_order: String,
    live: bool,
    /// Tracking numbers of the parcels that left.
    parcels: usize,
    /// What a person is told of that nobody on record sent: the reference, and the despatches of it.
    names: Vec<String>,
}

/// What is on record of an order.
#[derive(Debug, Clone)]
struct Recorded {
    state: OrderState,
    /// Codes of its reasons.
    reasons: Vec<String>,
    denied: bool,
    broken_link: Option<u64>,
    /// Its worker died or stood still while it was under way.
    interrupted: bool,
}

/// Everything that a round is judged by.
#[derive(Debug, Default, Clone)]
struct Evidence {
    wanted: Vec<Wanted>,
    there: Vec<There>,
    /// Creates that the warehouse refused because it had the order.
    refused_doubles: u64,
    records: BTreeMap<String, Recorded>,
    /// Code and subject of what is open.
    open: Vec<(String, String)>,
    /// The store was put back to an earlier state.
    restored: bool,
}

/// Codes of exceptions that say what is so in these worlds: an order that waits or was refused, and a change that came too late.
const STANDS_FOR_A_STATE: [&str; 8] = [
    "SHIP_UNMAPPED",
    "WAREHOUSE_REJECTED",
    "GAVE_UP",
    "ORPHAN",
    "AMENDMENT_TOO_LATE",
    "CANCEL_TOO_LATE",
    "AMENDED_AFTER_SEND",
    "TRACKING_NOT_VISIBLE",
];

/// Judges a world whose victims have ended. `about` names the round in reports.
pub(crate) async fn judge(world: &World, store: &StoreAt, about: &str) -> Result<Tally, String> {
    let evidence = gather(world, store).await?;
    let mut tally = of(&evidence);
    for report in &mut tally.reports {
        *report = format!("{about}: {report}");
    }
    Ok(tally)
}

fn of(evidence: &Evidence) -> Tally {
    let mut tally = Tally {
        placed: evidence.wanted.len() as u64,
        doubled: evidence.refused_doubles,
        ..Tally::default()
    };
    if evidence.refused_doubles > 0 {
        tally.reports.push(format!(
            "{} creates came for orders that the warehouse had",
            evidence.refused_doubles
        ));
    }
    for wanted in &evidence.wanted {
        let name = &wanted.purchase_order;
        let here = evidence
            .there
            .iter()
            .filter(|there| there.purchase_order == *name);
        let live = here.clone().filter(|there| there.live).count() as u64;
        let record = evidence.records.get(&wanted.id);
        tally.arrived += live;
        tally.doubled += live.saturating_sub(1);
        if live > 1 {
            tally.reports.push(format!("{name} is there {live} times"));
        }
        let explained = record.is_some_and(|record| is_explained(wanted, record, &evidence.open));
        if live == 0 && !explained {
            tally.lost += 1;
            let state = record.map(|record| record.state);
            tally
                .reports
                .push(format!("{name} ({:?}) is lost: {state:?}", wanted.fate));
        }
        if let Some(record) = record {
            let here: Vec<&There> = here.clone().collect();
            let differs = ("CONTENT_DIFFERS".to_owned(), format!("order:{}", wanted.id));
            let told = evidence.restored && evidence.open.contains(&differs);
            tally.reports.extend(faults_of(wanted, record, &here, told));
            if record.interrupted {
                tally.interrupted += 1;
            }
        }
    }
    for (code, subject) in &evidence.open {
        let stands = STANDS_FOR_A_STATE.contains(&code.as_str())
            || is_overtaken(code, subject, evidence)
            || is_forgotten(code, subject, evidence);
        if !stands {
            let report = format!("{code} of {subject} is open, and nothing is wrong");
            tally.reports.push(report);
        }
    }
    tally
}

/// A change that the warehouse took, and whose answer nobody recorded before the goods left: the despatch then differs from what is on
/// record, and people are told so.
fn is_overtaken(code: &str, subject: &str, evidence: &Evidence) -> bool {
    code == "DESPATCH_MISMATCH"
        && evidence
            .wanted
            .iter()
            .any(|wanted| wanted.fate == Fate::Changed && subject == format!("order:{}", wanted.id))
}

/// What only a restored store may tell: it has forgotten what it sent, and takes the order of today for it. So one that its buyer had
/// changed differs from what the warehouse has, and one that its buyer had cancelled is there without anybody having sent it, or stands there
/// as cancelled.
fn is_forgotten(code: &str, subject: &str, evidence: &Evidence) -> bool {
    let touched = |wanted: &&Wanted| matches!(wanted.fate, Fate::Changed | Fate::Cancelled);
    let mut touched = evidence.wanted.iter().filter(touched);
    let is_it = |wanted: &Wanted| {
        subject == format!("order:{}", wanted.id)
            || evidence.there.iter().any(|there| {
                there.purchase_order == wanted.purchase_order
                    && there.names.iter().any(|name| name == subject)
            })
    };
    evidence.restored
        && matches!(code, "CONTENT_DIFFERS" | "GHOST" | "REFERENCE_COLLISION")
        && touched.any(is_it)
}

/// Whether the record says why an order is not at the warehouse, and somebody can see it.
fn is_explained(wanted: &Wanted, record: &Recorded, open: &[(String, String)]) -> bool {
    match record.state {
        OrderState::Held | OrderState::Parked => is_told(wanted, record, open),
        OrderState::Cancelled | OrderState::Withdrawn => wanted.fate == Fate::Cancelled,
        _ => false,
    }
}

/// Whether an open exception stands for an order that waits.
fn is_told(wanted: &Wanted, record: &Recorded, open: &[(String, String)]) -> bool {
    let subject = format!("order:{}", wanted.id);
    open.iter()
        .any(|(code, about)| *about == subject || record.reasons.contains(code))
}

/// What is wrong with an order beside being lost or doubled. `told`: people know that the warehouse has it otherwise.
fn faults_of(wanted: &Wanted, record: &Recorded, here: &[&There], told: bool) -> Vec<String> {
    let name = &wanted.purchase_order;
    let mut faults = Vec::new();
    if let Some(entry) = record.broken_link {
        faults.push(format!("the timeline of {name} breaks at entry {entry}"));
    }
    let waits = matches!(record.state, OrderState::Held | OrderState::Parked);
    if !waits && !told && !record.state.is_settled() && !record.denied {
        faults.push(format!("{name} has not come to rest: {}", record.state));
    }
    if record.state == OrderState::Closed {
        let parcels: usize = here.iter().map(|there| there.parcels).sum();
        let mut shown = wanted.shown.clone();
        shown.sort_unstable();
        shown.dedup();
        if shown.len() != wanted.shown.len() || shown.len() != parcels {
            faults.push(format!(
                "{name} left in {parcels} parcels, and the shop shows {:?}",
                wanted.shown
            ));
        }
    }
    faults
}

async fn gather(world: &World, at: &StoreAt) -> Result<Evidence, String> {
    let failed = |error: order_sync::StoreError| error.to_string();
    let now = SystemClock::new().now();
    let store = opening::at(at, 2, now).await.map_err(failed)?;
    let merchant = MerchantId::new(MERCHANT);
    let orders = store
        .orders(&merchant, &OrderState::ALL, None, 100_000)
        .await
        .map_err(failed)?;
    let mut records = BTreeMap::new();
    for record in orders {
        let id = record.id.as_str().to_owned();
        let recorded = recorded(store.as_ref(), &merchant, record)
            .await
            .map_err(failed)?;
        records.insert(id, recorded);
    }
    let open = store.exceptions(&merchant, true).await.map_err(failed)?;
    let open = open
        .into_iter()
        .filter(Exception::is_open)
        .map(|exception| {
            let finding = exception.finding;
            (finding.code, finding.subject.as_str().to_owned())
        });
    Ok(Evidence {
        wanted: wanted(world),
        there: there(world),
        refused_doubles: world.warehouse.writes().duplicates_refused,
        records,
        open: open.collect(),
        restored: world.is_restored(),
    })
}

async fn recorded(
    store: &dyn Store,
    merchant: &MerchantId,
    record: OrderRecord,
) -> Result<Recorded, order_sync::StoreError> {
    let id = SourceOrderId::new(record.id.as_str());
    let timeline = store.timeline(merchant, &id).await?;
    Ok(Recorded {
        state: record.state,
        denied: record.request_state().is_some_and(RequestState::is_denied),
        broken_link: first_broken_link(&timeline),
        interrupted: timeline
            .iter()
            .any(|entry| entry.event == OrderEvent::LeaseExpired),
        reasons: record
            .reasons
            .into_iter()
            .map(|reason| reason.code)
            .collect(),
    })
}

fn wanted(world: &World) -> Vec<Wanted> {
    let tracking = |id: &str| -> Vec<String> {
        let purchase = world.shop.purchase(id).unwrap_or_default();
        let packages = purchase
            .get("packages")
            .and_then(|packages| packages.as_array());
        packages
            .into_iter()
            .flatten()
            .filter_map(|package| package.get("shipments")?.as_array())
            .flatten()
            .filter_map(|shipment| shipment.get("tracking_number")?.as_str())
            .map(str::to_owned)
            .collect()
    };
    let placed = world.placed.iter();
    placed
        .map(|order| Wanted {
            id: order.draft.id(),
            purchase_order: order.purchase_order(),
            fate: order.fate,
            shown: tracking(&order.draft.id()),
        })
        .collect()
}

fn there(world: &World) -> Vec<There> {
    let despatches = world.warehouse.despatches();
    let parcels = |reference: &str| {
        let of_it = despatches.iter().filter(|despatch| {
            despatch.get("reference").and_then(|text| text.as_str()) == Some(reference)
        });
        of_it
            .filter_map(|despatch| despatch.get("parcels")?.as_array())
            .map(Vec::len)
            .sum()
    };
    let names = |reference: &str| {
        let of_it = despatches.iter().filter(|despatch| {
            despatch.get("reference").and_then(|text| text.as_str()) == Some(reference)
        });
        of_it
            .filter_map(|despatch| despatch.get("despatchId")?.as_str())
            .map(|id| format!("despatch:{id}"))
            .chain([format!("reference:{reference}")])
            .collect()
    };
    let orders = world.warehouse.orders().into_iter();
    orders
        .map(|order| There {
            purchase_order: purchase_order_of(&order.document()).unwrap_or_default(),
            live: order.status != OrderStatus::Cancelled,
            parcels: parcels(&order.reference),
            names: names(&order.reference),
        })
        .collect()
}

#[cfg(test)]
mod tests;
