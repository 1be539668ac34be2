//! What is on record.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use order_sync::{OrderState, first_broken_link};

use super::Evidence;
use crate::simulation::fault_class::FaultClass;
use crate::simulation::history::Fact;
use crate::simulation::world::true_time;

/// I1: every run comes to its end, and every order of the shop is on record in its last version, and at its end, parked or held once
/// everything had time to rest.
pub(super) fn no_order_is_lost(evidence: &Evidence<'_>) -> Vec<String> {
    let entries = evidence.history.entries().iter();
    let mut found: Vec<String> = entries
        .filter(|entry| matches!(entry.fact, Fact::Endless(..)))
        .map(|entry| format!("{}: {}", entry.who, entry.fact))
        .collect();
    for ending in evidence.endings {
        found.extend(ending.failure.clone());
        for kept in &ending.shop {
            let id = &kept.order.id;
            let Some(ended) = ending.orders.get(id.as_str()) else {
                found.push(format!("{id} is in the shop and on no record"));
                continue;
            };
            let record = &ended.record;
            let waits = matches!(record.state, OrderState::Parked | OrderState::Held);
            if !record.state.is_settled() && !waits {
                found.push(format!(
                    "{id} is still {} after two calm hours",
                    record.state
                ));
            }
            if record.source_version.as_deref() != Some(kept.version.to_string().as_str()) {
                let known = record.source_version.as_deref().unwrap_or("none");
                found.push(format!(
                    "{id} is on record in version {known}, {} in the shop",
                    kept.version
                ));
            }
        }
    }
    found
}

/// I5: a change is written only under the token that the history gave out last, and a refused one moves no token.
pub(super) fn a_fenced_writer_changes_nothing(evidence: &Evidence<'_>) -> Vec<String> {
    let mut tokens: BTreeMap<(usize, &str), u64> = BTreeMap::new();
    let mut found = Vec::new();
    let entries = evidence.history.entries().iter();
    for entry in entries.take_while(|entry| entry.fact != Fact::LookedAt) {
        match &entry.fact {
            Fact::Claimed { id, token, .. } => {
                let known = tokens
                    .insert((entry.merchant, id.as_str()), *token)
                    .unwrap_or(0);
                if *token <= known {
                    found.push(format!(
                        "{id} was claimed under token {token}, {known} was given out before"
                    ));
                }
            }
            Fact::Committed {
                id,
                event,
                token,
                after: Some((_, next)),
                ..
            } => {
                let known = tokens
                    .insert((entry.merchant, id.as_str()), *next)
                    .unwrap_or(0);
                if *token != known {
                    found.push(format!(
                        "{event} of {id} was written under token {token}, {known} was valid"
                    ));
                }
            }
            _ => {}
        }
    }
    for ending in evidence.endings {
        for (id, ended) in &ending.orders {
            let merchant = evidence
                .endings
                .iter()
                .position(|other| std::ptr::eq(other, ending));
            let known = tokens
                .get(&(merchant.unwrap_or(0), id.as_str()))
                .copied()
                .unwrap_or(0);
            if ended.record.token != known {
                found.push(format!(
                    "{id} ends with token {}, {known} was given out last",
                    ended.record.token
                ));
            }
        }
    }
    found
}

/// I6: when the watermark of the orders moves, everything that it passes is on record, or on the list of what could not be read.
pub(super) fn the_watermark_passes_nothing_unrecorded(evidence: &Evidence<'_>) -> Vec<String> {
    // Where the shop itself hides or delays rows, a row that was never shown may be passed; sweeps find it.
    let exact = [
        FaultClass::PageShifts,
        FaultClass::MissingUntilLater,
        FaultClass::EqualTimestamps,
    ];
    let exact = !exact.into_iter().any(|class| evidence.scenario.has(class));
    let skew = chrono::TimeDelta::seconds(evidence.scenario.shop_skew);
    let mut placed: BTreeMap<(usize, &str), DateTime<Utc>> = BTreeMap::new();
    let mut recorded: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut unreadable: BTreeMap<usize, &str> = BTreeMap::new();
    let mut shown: BTreeMap<(usize, DateTime<Utc>), BTreeSet<&str>> = BTreeMap::new();
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        let merchant = entry.merchant;
        match &entry.fact {
            Fact::Placed(id, _) => {
                placed.insert((merchant, id.as_str()), true_time(entry.at) + skew);
            }
            Fact::Captured(rows) => {
                recorded.extend(rows.iter().map(|(id, _)| (merchant, id.as_str())))
            }
            Fact::Listed(until, rows) => {
                let ids = rows.iter().map(|(id, _)| id.as_str());
                shown.entry((merchant, *until)).or_default().extend(ids);
            }
            Fact::CursorMoved(name, to) if name == "orders.unreadable" => {
                unreadable.insert(merchant, to);
            }
            Fact::CursorMoved(name, to) if name == "orders" => {
                let Ok(until) = DateTime::parse_from_rfc3339(to) else {
                    continue;
                };
                let told = unreadable.get(&merchant).copied().unwrap_or_default();
                let missing = |id: &str| {
                    !recorded.contains(&(merchant, id)) && !told.contains(&format!("\"{id}\""))
                };
                // Of readings of that very window: another one is not what the watermark speaks of.
                let seen = shown
                    .remove(&(merchant, until.to_utc()))
                    .unwrap_or_default();
                for id in seen.into_iter().filter(|id| missing(id)) {
                    found.push(format!(
                        "the watermark passed {id}, which was listed and is on no record"
                    ));
                }
                let due = placed
                    .iter()
                    .filter(|((of, _), at)| *of == merchant && **at <= until);
                for ((_, id), _) in due.filter(|((_, id), _)| exact && missing(id)) {
                    found.push(format!(
                        "the watermark moved to {to}, and {id} from before is on no record"
                    ));
                }
            }
            _ => {}
        }
    }
    found
}

/// Where an order may go from a state, by hand and apart from the engine's own table.
fn edges(from: OrderState) -> &'static [OrderState] {
    use OrderState as S;
    match from {
        S::Captured => &[
            S::Captured,
            S::Ignored,
            S::Cancelled,
            S::Held,
            S::Ready,
            S::Parked,
        ],
        S::Held => &[
            S::Captured,
            S::Held,
            S::Ready,
            S::Ignored,
            S::Cancelled,
            S::Parked,
        ],
        S::Ignored | S::Cancelled => &[S::Captured],
        S::Ready => &[
            S::Captured,
            S::Cancelled,
            S::Sending,
            S::Parked,
            S::Accepted,
        ],
        S::Sending => &[
            S::Ready,
            S::OutcomeUnknown,
            S::Queued,
            S::Parked,
            S::Accepted,
            S::Sending,
        ],
        S::OutcomeUnknown => &[
            S::OutcomeUnknown,
            S::Queued,
            S::Ready,
            S::Parked,
            S::Accepted,
        ],
        S::Queued => &[S::Queued, S::OutcomeUnknown, S::Parked, S::Accepted],
        S::Accepted => &[
            S::Accepted,
            S::PartDespatched,
            S::Despatched,
            S::Withdrawn,
            S::Captured,
        ],
        S::PartDespatched => &[S::PartDespatched, S::Despatched],
        // Back to a part only where the answer to an amendment came after the goods.
        S::Despatched => &[S::Despatched, S::Relayed, S::PartDespatched],
        S::Relayed => &[S::Relayed, S::Despatched, S::Closed, S::PartDespatched],
        S::Closed => &[S::Closed, S::Despatched, S::PartDespatched],
        S::Withdrawn => &[S::Withdrawn, S::PartDespatched, S::Despatched, S::Captured],
        S::Parked => &[S::Captured, S::Accepted, S::Parked],
        _ => &[],
    }
}

/// I7: states move along the edges of an order's life only, and every timeline is a whole chain.
pub(super) fn states_move_along_edges_and_chains_hold(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for (id, ended) in evidence.endings.iter().flat_map(|ending| &ending.orders) {
        if let Some(broken) = first_broken_link(&ended.timeline) {
            found.push(format!("the timeline of {id} is broken at entry {broken}"));
        }
        if ended.record.timeline_length != ended.timeline.len() as u64 {
            let (told, there) = (ended.record.timeline_length, ended.timeline.len());
            found.push(format!(
                "the timeline of {id} has {there} entries, {told} on record"
            ));
        }
        let mut state = OrderState::Captured;
        for entry in &ended.timeline {
            if entry.from != state {
                found.push(format!(
                    "{id} was {state}, and its next entry begins with {}",
                    entry.from
                ));
            }
            if !edges(entry.from).contains(&entry.to) {
                found.push(format!(
                    "{id} went from {} to {} by {}",
                    entry.from, entry.to, entry.event
                ));
            }
            state = entry.to;
        }
        if state != ended.record.state {
            found.push(format!(
                "{id} is {}, its timeline ends with {state}",
                ended.record.state
            ));
        }
    }
    found
}

/// I8: ordered = despatched + short + cancelled + open for every line, and what is on record as gone is what left the warehouse.
pub(super) fn every_unit_is_accounted_for(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for ending in evidence.endings {
        for (id, ended) in &ending.orders {
            let sent = ending
                .depot
                .iter()
                .find(|held| !held.by_vendor && held.reference == ended.record.reference);
            for line in &ended.lines {
                let name = &line.line_id;
                let gone =
                    u64::from(line.despatched) + u64::from(line.short) + u64::from(line.cancelled);
                if gone + u64::from(line.open()) != u64::from(line.ordered) {
                    found.push(format!(
                        "line {name} of {id}: {gone} gone and {} open of {}",
                        line.open(),
                        line.ordered
                    ));
                }
                if ended.record.state == OrderState::Closed && line.open() > 0 {
                    found.push(format!(
                        "{id} is closed, and {} of line {name} are open",
                        line.open()
                    ));
                }
                let of = |units: Option<&BTreeMap<String, u32>>| {
                    units
                        .and_then(|units| units.get(name.as_str()))
                        .copied()
                        .unwrap_or(0)
                };
                let left = of(sent.map(|held| &held.left));
                let short = of(sent.map(|held| &held.short));
                if (line.despatched, line.short) != (left, short) {
                    found.push(format!(
                        "line {name} of {id}: {} left and {} short on record, {left} and {short} at the warehouse",
                        line.despatched, line.short
                    ));
                }
            }
        }
    }
    found
}
