//! Goods on their way to the buyer and back: kits and packs, carriers' tracking, returns.

use std::collections::{BTreeMap, BTreeSet};

use order_mapping::{LineQuantity, ShipmentStatus};
use order_sync::{Exception, OrderState};

use super::Evidence;
use crate::simulation::carrier::status_table;
use crate::simulation::history::Fact;
use crate::simulation::run::Ending;
use crate::simulation::shop::{ARTICLES, KIT_PARTS, PACK, PACKED};

/// What the units of the warehouse in one ordered unit of a line of the shop are, by article. The shop's lines are named after the
/// place of their article.
fn units_in_one(line: &str, kits: bool) -> Option<Vec<(&'static str, u32)>> {
    let place: usize = line.strip_prefix('L')?.parse().ok()?;
    Some(match ARTICLES.get(place) {
        Some(sku) if kits && *sku == PACKED => vec![(*sku, PACK)],
        Some(sku) => vec![(*sku, 1)],
        None => KIT_PARTS.to_vec(),
    })
}

/// I8: what the shop shows of a closed order is what left the warehouse, in the shop's own units: whole kits and packs once, and of what
/// makes up no whole one nothing is lost.
pub(super) fn the_shop_shows_what_left(evidence: &Evidence<'_>) -> Vec<String> {
    let kits = evidence.scenario.kits;
    let mut found = Vec::new();
    for ending in evidence.endings {
        for kept in &ending.shop {
            let id = kept.order.id.as_str();
            let ended = ending.orders.get(id);
            let Some(ended) = ended.filter(|ended| ended.record.state == OrderState::Closed) else {
                continue;
            };
            let sent = ending
                .depot
                .iter()
                .find(|held| !held.by_vendor && held.reference == ended.record.reference);
            // By line of the shop and article of the warehouse.
            let mut left: BTreeMap<(&str, &str), u32> = BTreeMap::new();
            for line in sent.iter().flat_map(|held| &held.order.lines) {
                let name = line.line_id.as_str();
                let units = sent
                    .and_then(|held| held.left.get(name))
                    .copied()
                    .unwrap_or(0);
                let of_shop = name.split('/').next().unwrap_or(name);
                *left.entry((of_shop, line.sku.as_str())).or_default() += units;
            }
            let lines: BTreeSet<&str> = left.keys().map(|(line, _)| *line).collect();
            for line in lines {
                let Some(one) = units_in_one(line, kits) else {
                    found.push(format!(
                        "{id} was sent with a line {line} that the shop does not have"
                    ));
                    continue;
                };
                let of = |sku: &str| left.get(&(line, sku)).copied().unwrap_or(0);
                let whole = one
                    .iter()
                    .map(|(sku, units)| of(sku) / units)
                    .min()
                    .unwrap_or(0);
                let parcels = &kept.record.parcels;
                let shown = sum(
                    parcels.iter().flat_map(|parcel| &parcel.contents),
                    line,
                    None,
                );
                if shown != whole {
                    found.push(format!(
                        "{id} shows {shown} whole units of line {line}, and {whole} left"
                    ));
                }
                for (sku, units) in &one {
                    let rest = of(sku) - whole * units;
                    let loose = sum(
                        parcels.iter().flat_map(|parcel| &parcel.partial),
                        line,
                        Some(sku),
                    );
                    if loose < rest {
                        found.push(format!(
                            "{id} shows {loose} loose units of {sku} for line {line}, and {rest} left beside whole ones"
                        ));
                    }
                }
            }
        }
    }
    found
}

fn sum<'a>(contents: impl Iterator<Item = &'a LineQuantity>, line: &str, sku: Option<&str>) -> u32 {
    let of_line = contents.filter(|one| {
        one.line_id.as_ref().is_some_and(|id| id.as_str() == line)
            && sku.is_none_or(|sku| one.sku.as_deref() == Some(sku))
    });
    of_line.map(|one| one.quantity).sum()
}

/// I9: what is on record of a parcel's way is what the carrier said, all that ever went on record of it, and once it is at its end or
/// nothing more is to come all that the carrier has.
pub(super) fn tracking_is_a_union_and_never_goes_back(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    let table = status_table();
    for (merchant, ending) in evidence.endings.iter().enumerate() {
        let mut recorded: BTreeMap<(&str, &str), BTreeSet<&ShipmentStatus>> = BTreeMap::new();
        for entry in evidence.history.entries() {
            if let Fact::TrackingRecorded {
                order,
                parcel,
                milestones,
            } = &entry.fact
                && entry.merchant == merchant
            {
                let known = recorded
                    .entry((order.as_str(), parcel.as_str()))
                    .or_default();
                known.extend(milestones);
            }
        }
        let parcels: BTreeSet<(&str, &str)> = watched(ending)
            .map(|(id, one)| (id, one.parcel_id.as_str()))
            .collect();
        for key in recorded.keys().filter(|key| !parcels.contains(*key)) {
            found.push(format!(
                "parcel {} of {} was watched and is on no record",
                key.1, key.0
            ));
        }
        for consignment in &ending.parcels {
            let owner = ending
                .orders
                .iter()
                .find(|(_, ended)| ended.record.reference == consignment.reference);
            let Some((id, _)) = owner.filter(|_| evidence.scenario.tracking) else {
                continue;
            };
            for parcel in &consignment.parcels {
                if !parcels.contains(&(id.as_str(), parcel.id.as_str())) {
                    found.push(format!(
                        "parcel {} of {id} left, and nobody asks where it is",
                        parcel.id
                    ));
                }
            }
        }
        for (id, one) in watched(ending) {
            let parcel = &one.parcel_id;
            let way = ending.ways.get(&one.number).into_iter().flatten();
            let said: BTreeSet<ShipmentStatus> = way
                .map(|scan| table.status(scan.text))
                .filter(ShipmentStatus::is_milestone)
                .collect();
            let known: BTreeSet<ShipmentStatus> = one
                .progress
                .milestones()
                .iter()
                .map(|milestone| milestone.status.clone())
                .collect();
            for status in known.difference(&said) {
                found.push(format!(
                    "parcel {parcel} of {id} is {status} on record, which nobody said"
                ));
            }
            for status in recorded.get(&(id, parcel.as_str())).into_iter().flatten() {
                if !known.contains(status) {
                    found.push(format!(
                        "parcel {parcel} of {id} was {status} on record, and that is forgotten"
                    ));
                }
            }
            if one.is_watched() && known != said {
                found.push(format!("parcel {parcel} of {id} is still watched, and not all that the carrier said is on record"));
            }
            if !one.is_watched() && !has_arrived(one.progress.status()) {
                found.push(format!(
                    "parcel {parcel} of {id} is watched no more, and has not arrived"
                ));
            }
        }
    }
    found
}

fn has_arrived(status: Option<&ShipmentStatus>) -> bool {
    matches!(
        status,
        Some(ShipmentStatus::Delivered | ShipmentStatus::Returned)
    )
}

fn watched(ending: &Ending) -> impl Iterator<Item = (&str, &order_sync::ParcelTracking)> {
    let of_order = ending.tracked.iter();
    of_order.flat_map(|(id, parcels)| parcels.iter().map(|one| (id.as_str(), one)))
}

/// I8: each receipt of goods that came back is on record once, with the order that it belongs to, however often it was read; and each is
/// told to people once.
pub(super) fn each_return_is_recorded_once(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (merchant, ending) in evidence.endings.iter().enumerate() {
        let mut times: BTreeMap<(&str, &str), u32> = BTreeMap::new();
        for entry in evidence.history.entries() {
            if let Fact::ReturnRecorded(order, receipt) = &entry.fact
                && entry.merchant == merchant
            {
                *times.entry((order.as_str(), receipt.as_str())).or_default() += 1;
            }
        }
        for ((id, receipt), times) in times.iter().filter(|(_, times)| **times > 1) {
            found.push(format!(
                "return {receipt} of {id} went on record {times} times"
            ));
        }
        for (id, ended) in &ending.orders {
            let on_record = ending.returned.get(id).map_or(&[][..], Vec::as_slice);
            let reference = Some(&ended.record.reference);
            let came: Vec<_> = ending
                .receipts
                .iter()
                .filter(|receipt| receipt.reference.as_ref() == reference)
                .collect();
            for receipt in &came {
                let kept = on_record.iter().filter(|known| known == receipt).count();
                if kept != 1 {
                    found.push(format!(
                        "return {} of {id} is on record {kept} times",
                        receipt.id
                    ));
                }
            }
            if on_record.len() > came.len() {
                let (kept, came) = (on_record.len(), came.len());
                found.push(format!(
                    "{kept} returns of {id} are on record, and {came} came back"
                ));
            }
        }
        for receipt in &ending.receipts {
            let subject = format!("return:{}", receipt.id);
            let told = ending
                .left_open
                .iter()
                .filter(|open| open.finding.subject.as_str() == subject);
            let times = told.count();
            if times != 1 {
                found.push(format!("return {} is told {times} times", receipt.id));
            }
        }
    }
    found
}

/// Whether an exception about a parcel, a text of the carrier or a return says what is so.
pub(super) fn stands_for_goods(ending: &Ending, exception: &Exception) -> bool {
    let finding = &exception.finding;
    let subject = finding.subject.as_str();
    if let Some(id) = subject.strip_prefix("return:") {
        let receipt = ending.receipts.iter().find(|receipt| receipt.id == id);
        let code = receipt.map(|receipt| match receipt.reference {
            Some(_) => "GOODS_RETURNED",
            None => "RETURN_UNMATCHED",
        });
        return code == Some(finding.code.as_str());
    }
    if let Some(text) = subject.strip_prefix("tracking-status:") {
        let unknown =
            |one: &order_sync::ParcelTracking| one.progress.unknown().any(|known| known == text);
        return finding.code == "STATUS_UNKNOWN" && watched(ending).any(|(_, one)| unknown(one));
    }
    let about = |(_, one): &(&str, &order_sync::ParcelTracking)| one.subject() == finding.subject;
    let Some((_, one)) = watched(ending).find(about) else {
        return false;
    };
    let latest = one.progress.latest().map(|latest| &latest.status);
    match finding.code.as_str() {
        "PARCEL_HELD" => {
            one.is_watched()
                && matches!(
                    latest,
                    Some(ShipmentStatus::Held | ShipmentStatus::Incident)
                )
        }
        code => told_of(one.progress.status()) == Some(code),
    }
}

/// The code that people are told of a parcel that is there.
const fn told_of(status: Option<&ShipmentStatus>) -> Option<&'static str> {
    match status {
        Some(ShipmentStatus::Lost) => Some("PARCEL_LOST"),
        Some(ShipmentStatus::Returned) => Some("PARCEL_RETURNED"),
        Some(ShipmentStatus::ReturningToSender) => Some("PARCEL_RETURNING"),
        Some(ShipmentStatus::DeliveryAttempted) => Some("DELIVERY_ATTEMPTED"),
        _ => None,
    }
}

/// I11: a parcel that is lost, back or not taken is one open exception.
pub(super) fn what_became_of_parcels_is_told(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for ending in evidence.endings {
        for (id, one) in watched(ending) {
            let Some(code) = told_of(one.progress.status()) else {
                continue;
            };
            let told = ending
                .left_open
                .iter()
                .filter(|open| open.finding.code == code && open.finding.subject == one.subject());
            let times = told.count();
            if times != 1 {
                found.push(format!(
                    "{code} of parcel {} of {id} is told {times} times",
                    one.parcel_id
                ));
            }
        }
    }
    found
}
