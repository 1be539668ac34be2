//! What the shop shows.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use order_mapping::SourceOrderId;
use order_sync::{OrderEvent, OrderState};

use super::Evidence;
use crate::simulation::history::Fact;
use crate::simulation::process::BUFFER;
use crate::simulation::shop::{KIT, KIT_PARTS, PACK, PACKED};

/// I9: every parcel that left shows once in the record of its order, nothing else shows, and what others wrote there is still there.
pub(super) fn parcels_show_once_and_foreign_members_survive(
    evidence: &Evidence<'_>,
) -> Vec<String> {
    let mut found = Vec::new();
    for ending in evidence.endings {
        for kept in &ending.shop {
            let id = &kept.order.id;
            let mut shown: BTreeMap<&str, usize> = BTreeMap::new();
            for parcel in &kept.record.parcels {
                *shown.entry(parcel.id.as_str()).or_default() += 1;
            }
            let ended = ending.orders.get(id.as_str());
            let reference = ended.map(|ended| &ended.record.reference);
            let left: BTreeSet<&str> = ending
                .parcels
                .iter()
                .filter(|consignment| Some(&consignment.reference) == reference)
                .flat_map(|consignment| &consignment.parcels)
                .map(|parcel| parcel.id.as_str())
                .collect();
            for (parcel, times) in &shown {
                if *times != 1 || !left.contains(parcel) {
                    found.push(format!("{id} shows parcel {parcel} {times} times"));
                }
            }
            if ended.is_some_and(|ended| ended.record.state == OrderState::Closed) {
                for parcel in left.iter().filter(|parcel| !shown.contains_key(*parcel)) {
                    found.push(format!("{id} is closed and does not show parcel {parcel}"));
                }
            }
            for (name, value) in &kept.foreign_truth {
                if kept.record.foreign.get(name) != Some(value) {
                    found.push(format!(
                        "{id} has lost the member {name} that somebody else wrote"
                    ));
                }
            }
        }
    }
    found
}

/// I10: no more units are offered than the stock batch on record leaves, less the buffer and less what is on record and provably not
/// inside that batch. Orders that were changed or cancelled are left out of the reckoning, so it allows rather more than less.
pub(super) fn no_more_is_offered_than_there_is(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (merchant, ending) in evidence.endings.iter().enumerate() {
        let demand = demand_of(ending);
        let mut entered: BTreeMap<&SourceOrderId, Duration> = BTreeMap::new();
        let of_merchant = || {
            evidence
                .history
                .entries()
                .iter()
                .filter(|entry| entry.merchant == merchant)
        };
        let changed: BTreeSet<&SourceOrderId> = of_merchant()
            .filter_map(|entry| match &entry.fact {
                Fact::Placed(id, version) => (*version > 1).then_some(id),
                Fact::Committed { id, event, .. } => matches!(
                    event,
                    OrderEvent::Cancelled | OrderEvent::Withdrawn | OrderEvent::Ignored
                )
                .then_some(id),
                _ => None,
            })
            .collect();
        // Which batch is on record, and when the last run read the feed.
        let mut on_record = 0_u64;
        let mut read_at = BTreeMap::new();
        for entry in of_merchant() {
            match &entry.fact {
                Fact::Captured(rows) => entered.extend(rows.iter().map(|(id, _)| (id, entry.at))),
                Fact::StockSaved(sequence, rows) => {
                    if *sequence < on_record && *rows > 0 {
                        found.push(format!(
                            "stock sequence {sequence} changed {rows} rows after {on_record} was on record"
                        ));
                    }
                    on_record = on_record.max(*sequence);
                }
                Fact::StockRead { .. } => {
                    read_at.insert(entry.who, entry.at);
                }
                Fact::Published(sku, level) => {
                    let Some(batch) = ending
                        .batches
                        .iter()
                        .find(|batch| batch.sequence == on_record)
                    else {
                        continue;
                    };
                    let read = read_at.get(&entry.who).copied().unwrap_or_default();
                    let unseen_of = |sku: &str| -> i64 {
                        let unseen = demand.iter().filter(|order| {
                            let known = entered.get(order.id).is_some_and(|at| *at < read);
                            known
                                && !changed.contains(order.id)
                                && order.arrived.is_none_or(|at| at > batch.as_of)
                        });
                        unseen
                            .map(|order| order.units.get(sku).copied().unwrap_or(0))
                            .sum()
                    };
                    // A kit may be offered as often as each of its parts allows, a pack as often as its units.
                    let parts: &[(&str, u32)] = match sku.as_str() {
                        KIT => &KIT_PARTS,
                        PACKED if evidence.scenario.kits => &[(PACKED, PACK)],
                        single => &[(single, 1)],
                    };
                    for (part, units) in parts {
                        let row = batch.rows.iter().find(|(known, ..)| known == part);
                        let Some((_, on_hand, allocated)) = row else {
                            continue;
                        };
                        let unseen = unseen_of(part);
                        let most = (on_hand - allocated - unseen - i64::from(BUFFER)).max(0);
                        if *level * i64::from(*units) > most {
                            found.push(format!(
                                "{level} of {sku} offered: {on_hand} of {part} on hand, {allocated} allocated, {unseen} not in that batch, {BUFFER} kept back"
                            ));
                        }
                    }
                }
                _ => {}
            }
        }
    }
    found
}

/// What an order takes off the shelf.
struct Demand<'a> {
    id: &'a SourceOrderId,
    units: BTreeMap<&'a str, i64>,
    /// When it arrived at the warehouse.
    arrived: Option<Duration>,
}

fn demand_of(ending: &crate::simulation::run::Ending) -> Vec<Demand<'_>> {
    let ended = ending.orders.values();
    ended
        .map(|ended| {
            let record = &ended.record;
            let at_depot = ending
                .depot
                .iter()
                .find(|held| !held.by_vendor && held.reference == record.reference);
            let mut units = BTreeMap::new();
            for line in &ended.lines {
                if let Some(sku) = &line.sku {
                    // Short units were promised until the warehouse said so; left out, which allows rather more.
                    *units.entry(sku.as_str()).or_default() +=
                        i64::from(line.ordered.saturating_sub(line.short));
                }
            }
            Demand {
                id: &record.id,
                units,
                arrived: at_depot.map(|held| held.accepted_at),
            }
        })
        .collect()
}
