//! Picking, packing and sending: what one tick does to an order.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::options::WhistlOptions;
use super::order::{AcceptedLine, AcceptedOrder, OrderStatus};
use super::stock::StockLedger;
use crate::sim_error::SimError;
use crate::virtual_clock::wire_time;

/// What one [`WhistlSim::tick`](crate::WhistlSim::tick) sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TickReport {
    /// Despatch records written.
    pub despatches: u64,
    /// Parcels in them.
    pub parcels: u64,
    /// Units in those.
    pub units: u64,
    /// Units given up as short.
    pub short_units: u64,
    /// Units that were missing and follow later.
    pub back_ordered_units: u64,
}

/// Units of one line in one parcel, or short.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    line_id: String,
    sku: String,
    quantity: u32,
    grams: Option<u32>,
}

impl Piece {
    fn json(&self) -> Value {
        json!({ "lineId": self.line_id, "sku": self.sku, "quantity": self.quantity })
    }
}

/// Counts across orders that a despatch draws its numbers from.
#[derive(Debug, Default)]
pub(crate) struct DespatchDesk {
    despatches: u64,
    parcels: u64,
}

impl DespatchDesk {
    /// Picks and sends what is open of an order. `None` where nothing is open, or nothing can leave yet.
    pub(crate) fn send(
        &mut self,
        order: &mut AcceptedOrder,
        stock: &mut StockLedger,
        options: &WhistlOptions,
        now: DateTime<Utc>,
        report: &mut TickReport,
    ) -> Option<Value> {
        if order.is_done() || waits_for_goods(order, stock, options) {
            return None;
        }
        let (picks, missing) = pick(order, stock, options);
        let only_waits = picks.is_empty() && missing.iter().all(|missing| missing.follows);
        if only_waits && order.back_order_told {
            return None;
        }
        order.back_order_told = missing.iter().any(|missing| missing.follows);
        order.status = if order.is_done() {
            OrderStatus::Despatched
        } else if order.lines.iter().any(|line| line.despatched > 0) {
            OrderStatus::PartDespatched
        } else {
            OrderStatus::Accepted
        };
        let shorts: Vec<Value> = missing
            .into_iter()
            .map(|missing| missing.json(report))
            .collect();
        let parcels = pack(&picks, &BoxLimits::of(options));
        Some(self.record(order, &parcels, &shorts, options.seed, now, report))
    }

    /// Sends what people say, and gives up what they say: in these parcels, by article.
    pub(crate) fn send_by_hand(
        &mut self,
        order: &mut AcceptedOrder,
        stock: &mut StockLedger,
        wanted: HandDespatch<'_>,
        seed: u64,
        now: DateTime<Utc>,
    ) -> Result<Value, SimError> {
        let mut lines = order.lines.clone();
        let mut report = TickReport::default();
        let mut parcels = Vec::new();
        for contents in wanted.parcels {
            let mut parcel = Vec::new();
            for (sku, units) in *contents {
                let pieces = take(&mut lines, sku, *units, |line, part| {
                    line.despatched += part
                })?;
                parcel.extend(pieces);
            }
            parcels.push(parcel);
        }
        let mut shorts = Vec::new();
        for (sku, units) in wanted.shorts {
            for piece in take(&mut lines, sku, *units, |line, part| line.short += part)? {
                let missing = Missing {
                    piece,
                    reason: "short_pick",
                    follows: false,
                };
                shorts.push(missing.json(&mut report));
            }
        }
        for (before, after) in order.lines.iter().zip(&mut lines) {
            let picked = after.despatched - before.despatched;
            let released = before.allocated.saturating_sub(after.open());
            after.allocated = before.allocated - released;
            stock.settle(&after.sku, picked, released);
        }
        order.lines = lines;
        order.status = if order.is_done() {
            OrderStatus::Despatched
        } else {
            OrderStatus::PartDespatched
        };
        Ok(self.record(order, &parcels, &shorts, seed, now, &mut report))
    }

    /// The record of a despatch, as the feed has it.
    fn record(
        &mut self,
        order: &AcceptedOrder,
        packed: &[Vec<Piece>],
        shorts: &[Value],
        seed: u64,
        now: DateTime<Utc>,
        report: &mut TickReport,
    ) -> Value {
        self.despatches += 1;
        let despatch_id = format!("D{:07}", self.despatches);
        let mut parcels = Vec::new();
        for pieces in packed {
            let tracking = tracking_number(seed, self.parcels);
            self.parcels += 1;
            report.units += pieces
                .iter()
                .map(|piece| u64::from(piece.quantity))
                .sum::<u64>();
            let mut parcel = json!({
                "parcelId": format!("{despatch_id}-{}", parcels.len() + 1),
                "carrier": "Whistl",
                "service": order.service_code,
                "trackingNumber": tracking,
                "trackingUrl": format!("https://tracking.example.invalid/{tracking}"),
                "lines": pieces.iter().map(Piece::json).collect::<Vec<_>>(),
            });
            if let (Some(grams), Some(members)) = (weight(pieces), parcel.as_object_mut()) {
                members.insert("weightGrams".to_owned(), grams.into());
            }
            parcels.push(parcel);
        }
        report.despatches += 1;
        report.parcels += u64::try_from(parcels.len()).unwrap_or(u64::MAX);
        json!({
            "despatchId": despatch_id,
            "reference": order.reference,
            "orderId": order.order_id,
            "despatchedAt": wire_time(now),
            "parcels": parcels,
            "shorts": shorts,
        })
    }
}

/// A despatch that people make by hand: articles and units of each parcel, and units that will never leave.
#[derive(Debug, Clone, Copy)]
pub(crate) struct HandDespatch<'a> {
    pub(crate) parcels: &'a [&'a [(&'a str, u32)]],
    pub(crate) shorts: &'a [(&'a str, u32)],
}

/// Takes units of an article from the lines on which they are open, one line after the other.
fn take(
    lines: &mut [AcceptedLine],
    sku: &str,
    units: u32,
    book: impl Fn(&mut AcceptedLine, u32),
) -> Result<Vec<Piece>, SimError> {
    let mut left = units;
    let mut pieces = Vec::new();
    for line in lines.iter_mut().filter(|line| line.sku == sku) {
        let part = left.min(line.open());
        if part == 0 {
            continue;
        }
        book(line, part);
        left -= part;
        pieces.push(Piece {
            line_id: line.line_id.clone(),
            sku: line.sku.clone(),
            quantity: part,
            grams: line.grams,
        });
    }
    if left > 0 {
        return Err(SimError::NotOpen(sku.to_owned()));
    }
    Ok(pieces)
}

/// Units that do not leave now.
struct Missing {
    piece: Piece,
    reason: &'static str,
    /// They follow when goods come in.
    follows: bool,
}

impl Missing {
    fn json(self, report: &mut TickReport) -> Value {
        let units = u64::from(self.piece.quantity);
        if self.follows {
            report.back_ordered_units += units;
        } else {
            report.short_units += units;
        }
        let mut short = self.piece.json();
        if let Some(members) = short.as_object_mut() {
            members.insert("reason".to_owned(), Value::from(self.reason));
            members.insert("backOrdered".to_owned(), Value::from(self.follows));
        }
        short
    }
}

/// Whether an order that must leave whole lacks goods that may still come in.
fn waits_for_goods(order: &AcceptedOrder, stock: &StockLedger, options: &WhistlOptions) -> bool {
    if order.may_part_ship || !options.back_orders || !stock.is_kept() {
        return false;
    }
    let mut wanted: BTreeMap<&str, u32> = BTreeMap::new();
    let mut own: BTreeMap<&str, u32> = BTreeMap::new();
    for line in &order.lines {
        *wanted.entry(&line.sku).or_default() += line.open();
        *own.entry(&line.sku).or_default() += line.allocated;
    }
    wanted.into_iter().any(|(sku, units)| {
        let own = own.get(sku).copied().unwrap_or_default();
        stock.within_reach(sku, own) < i64::from(units)
    })
}

/// Works the lines off: what is picked and what is missing. The ledger and the lines are moved along.
fn pick(
    order: &mut AcceptedOrder,
    stock: &mut StockLedger,
    options: &WhistlOptions,
) -> (Vec<Piece>, Vec<Missing>) {
    let first = matches!(order.status, OrderStatus::Accepted | OrderStatus::Picking)
        && order.lines.iter().all(|line| line.despatched == 0);
    let in_two = first
        && order.may_part_ship
        && chosen(
            options.seed,
            &["part", &order.order_id],
            options.part_despatch_per_mille,
        );
    let one_line = order.lines.len() == 1;
    let mut picks = Vec::new();
    let mut missing = Vec::new();
    for (place, line) in order.lines.iter_mut().enumerate() {
        let open = line.open();
        let attempted = match (in_two, one_line) {
            (false, _) => open,
            (true, true) => open.div_ceil(2),
            (true, false) if place % 2 == 0 => open,
            (true, false) => 0,
        };
        if attempted == 0 {
            continue;
        }
        // Goods may have come in since the order was taken.
        line.allocated += stock.allocate(&line.sku, open.saturating_sub(line.allocated));
        let reserved = if stock.is_kept() {
            line.allocated
        } else {
            attempted
        };
        let there = stock.pickable(&line.sku, attempted.min(reserved));
        let short_pick = chosen(
            options.seed,
            &["short", &order.order_id, &line.line_id],
            options.short_pick_per_mille,
        );
        let picked = if short_pick {
            there.saturating_sub(1)
        } else {
            there
        };
        let absent = attempted - there;
        let gone = there - picked;
        // What is missing is given up, or keeps what is set aside for it.
        let released = if options.back_orders {
            (picked + gone).min(line.allocated)
        } else {
            attempted.min(line.allocated)
        };
        stock.settle(&line.sku, picked, released);
        line.allocated -= released;
        line.despatched += picked;
        line.short += gone;
        if !options.back_orders {
            line.short += absent;
        }
        let piece = |quantity| Piece {
            line_id: line.line_id.clone(),
            sku: line.sku.clone(),
            quantity,
            grams: line.grams,
        };
        if picked > 0 {
            picks.push(piece(picked));
        }
        if absent > 0 {
            missing.push(Missing {
                piece: piece(absent),
                reason: "out_of_stock",
                follows: options.back_orders,
            });
        }
        if gone > 0 {
            missing.push(Missing {
                piece: piece(gone),
                reason: "short_pick",
                follows: false,
            });
        }
    }
    (picks, missing)
}

/// What a parcel holds at most.
struct BoxLimits {
    lines: usize,
    units: u32,
    grams: Option<u32>,
}

/// Weight of the packaging of one box (seen in use).
const PACKAGING_GRAMS: u32 = 200;

impl BoxLimits {
    fn of(options: &WhistlOptions) -> Self {
        Self {
            lines: options.max_lines_per_parcel.max(1),
            units: options.max_units_per_parcel.max(1),
            grams: options.max_parcel_grams,
        }
    }

    /// How many more units of a weight go into a box; one always goes into an empty one.
    fn room(&self, parcel: &[Piece], grams: Option<u32>) -> u32 {
        let packed: u32 = parcel.iter().map(|piece| piece.quantity).sum();
        let by_units = self.units.saturating_sub(packed);
        let (Some(limit), Some(each), Some(weight)) = (self.grams, grams, weight(parcel)) else {
            return by_units;
        };
        let left = limit.saturating_sub(u32::try_from(weight).unwrap_or(u32::MAX));
        let by_weight = left.checked_div(each).unwrap_or(u32::MAX);
        let least = u32::from(parcel.is_empty());
        by_units.min(by_weight.max(least))
    }
}

/// Weight of a parcel with its packaging; none where a weight is not known.
fn weight(pieces: &[Piece]) -> Option<u64> {
    pieces
        .iter()
        .try_fold(u64::from(PACKAGING_GRAMS), |sum, piece| {
            Some(sum + u64::from(piece.grams?) * u64::from(piece.quantity))
        })
}

/// Fills one parcel after the other.
fn pack(picks: &[Piece], limits: &BoxLimits) -> Vec<Vec<Piece>> {
    let mut parcels = Vec::new();
    let mut parcel: Vec<Piece> = Vec::new();
    for pick in picks {
        let mut left = pick.quantity;
        while left > 0 {
            let room = if parcel.len() == limits.lines {
                0
            } else {
                limits.room(&parcel, pick.grams)
            };
            if room == 0 {
                parcels.push(std::mem::take(&mut parcel));
                continue;
            }
            let quantity = left.min(room);
            parcel.push(Piece {
                quantity,
                ..pick.clone()
            });
            left -= quantity;
        }
    }
    if !parcel.is_empty() {
        parcels.push(parcel);
    }
    parcels
}

/// `WHL0P` and twelve digits (shape documented); unique for a trillion parcels.
fn tracking_number(seed: u64, count: u64) -> String {
    const TWELVE_DIGITS: u64 = 1_000_000_000_000;
    let first = mix(seed) % TWELVE_DIGITS;
    format!(
        "WHL0P{:012}",
        (first + count % TWELVE_DIGITS) % TWELVE_DIGITS
    )
}

/// Whether the seed chooses this subject at this rate. The same subject is always answered alike.
fn chosen(seed: u64, subject: &[&str], per_mille: u16) -> bool {
    let mut state = mix(seed);
    for part in subject {
        for byte in part.bytes() {
            state = mix(state ^ u64::from(byte));
        }
        state = mix(state);
    }
    state % 1000 < u64::from(per_mille)
}

/// The finalising step of SplitMix64: spreads the bits of a number.
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(quantity: u32) -> Piece {
        Piece {
            line_id: "1".to_owned(),
            sku: "A".to_owned(),
            quantity,
            grams: None,
        }
    }

    fn limits(lines: usize, units: u32, grams: Option<u32>) -> BoxLimits {
        BoxLimits {
            lines,
            units,
            grams,
        }
    }

    #[test]
    fn parcels_hold_their_limits_and_everything() {
        let picks = [piece(7), piece(1), piece(12), piece(1)];
        let parcels = pack(&picks, &limits(2, 5, None));
        assert!(parcels.iter().all(|parcel| parcel.len() <= 2));
        assert!(
            parcels
                .iter()
                .all(|parcel| parcel.iter().map(|piece| piece.quantity).sum::<u32>() <= 5)
        );
        assert_eq!(
            parcels
                .iter()
                .flatten()
                .map(|piece| piece.quantity)
                .sum::<u32>(),
            21
        );
        assert!(pack(&[], &limits(2, 5, None)).is_empty());
    }

    #[test]
    fn heavy_goods_are_split_by_weight() {
        let heavy = Piece {
            grams: Some(900),
            ..piece(5)
        };
        let parcels = pack(std::slice::from_ref(&heavy), &limits(9, 99, Some(2_000)));
        let units: Vec<u32> = parcels.iter().map(|parcel| parcel[0].quantity).collect();
        assert_eq!(
            units,
            [2, 2, 1],
            "two units and 200 g of packaging weigh 2 kg"
        );
        assert!(
            parcels
                .iter()
                .all(|parcel| weight(parcel).unwrap() <= 2_000)
        );
        // What weighs more than a box may goes by itself, rather than nowhere.
        let parcels = pack(&[heavy], &limits(9, 99, Some(500)));
        assert_eq!(parcels.len(), 5);
    }

    #[test]
    fn the_choice_is_steady_and_near_its_rate() {
        let hits = (0..10_000)
            .filter(|n| chosen(1, &["short", &n.to_string()], 100))
            .count();
        assert!((800..1200).contains(&hits), "{hits}");
        assert!(!chosen(1, &["short"], 0));
        assert!(chosen(1, &["short"], 1000));
    }

    #[test]
    fn tracking_numbers_have_their_shape() {
        let first = tracking_number(1, 0);
        assert_eq!(first.len(), 17);
        assert_ne!(first, tracking_number(1, 1));
        assert_eq!(first, tracking_number(1, 0));
    }
}
