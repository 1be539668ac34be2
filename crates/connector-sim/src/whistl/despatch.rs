//! Picking, packing and sending: what one tick does to an order.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::options::WhistlOptions;
use super::order::{AcceptedOrder, OrderStatus};
use super::stock::StockLedger;
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
}

/// Units of one line in one parcel, or short.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    line_id: String,
    sku: String,
    quantity: u32,
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
    /// Picks and sends what is open of an order. `None` where nothing is open.
    pub(crate) fn send(
        &mut self,
        order: &mut AcceptedOrder,
        stock: &mut StockLedger,
        options: &WhistlOptions,
        now: DateTime<Utc>,
        report: &mut TickReport,
    ) -> Option<Value> {
        if order.lines.iter().all(|line| line.open() == 0) {
            return None;
        }
        let (picks, shorts) = pick(order, stock, options);
        order.status = if order.lines.iter().all(|line| line.open() == 0) {
            OrderStatus::Despatched
        } else {
            OrderStatus::PartDespatched
        };
        self.despatches += 1;
        let despatch_id = format!("D{:07}", self.despatches);
        let mut parcels = Vec::new();
        for pieces in pack(
            &picks,
            options.max_lines_per_parcel,
            options.max_units_per_parcel,
        ) {
            let tracking = tracking_number(options.seed, self.parcels);
            self.parcels += 1;
            report.units += pieces
                .iter()
                .map(|piece| u64::from(piece.quantity))
                .sum::<u64>();
            parcels.push(json!({
                "parcelId": format!("{despatch_id}-{}", parcels.len() + 1),
                "carrier": "Whistl",
                "service": order.service_code,
                "trackingNumber": tracking,
                "trackingUrl": format!("https://tracking.example.invalid/{tracking}"),
                "lines": pieces.iter().map(Piece::json).collect::<Vec<_>>(),
            }));
        }
        report.despatches += 1;
        report.parcels += u64::try_from(parcels.len()).unwrap_or(u64::MAX);
        report.short_units += shorts
            .iter()
            .map(|(piece, _)| u64::from(piece.quantity))
            .sum::<u64>();
        let shorts: Vec<Value> = shorts
            .into_iter()
            .map(|(piece, reason)| {
                let mut short = piece.json();
                if let Some(members) = short.as_object_mut() {
                    members.insert("reason".to_owned(), Value::from(reason));
                }
                short
            })
            .collect();
        Some(json!({
            "despatchId": despatch_id,
            "reference": order.reference,
            "orderId": order.order_id,
            "despatchedAt": wire_time(now),
            "parcels": parcels,
            "shorts": shorts,
        }))
    }
}

/// Works the lines off: what is picked and what is short. The ledger and the lines are moved along.
fn pick(
    order: &mut AcceptedOrder,
    stock: &mut StockLedger,
    options: &WhistlOptions,
) -> (Vec<Piece>, Vec<(Piece, &'static str)>) {
    let in_two = order.status == OrderStatus::Accepted
        && chosen(
            options.seed,
            &["part", &order.order_id],
            options.part_despatch_per_mille,
        );
    let one_line = order.lines.len() == 1;
    let mut picks = Vec::new();
    let mut shorts = Vec::new();
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
        let short = attempted - picked;
        let released = attempted.min(line.allocated);
        stock.settle(&line.sku, picked, released);
        line.allocated -= released;
        line.despatched += picked;
        line.short += short;
        let piece = |quantity| Piece {
            line_id: line.line_id.clone(),
            sku: line.sku.clone(),
            quantity,
        };
        if picked > 0 {
            picks.push(piece(picked));
        }
        if there < attempted {
            shorts.push((piece(attempted - there), "out_of_stock"));
        }
        if picked < there {
            shorts.push((piece(there - picked), "short_pick"));
        }
    }
    (picks, shorts)
}

/// Fills one parcel after the other.
fn pack(picks: &[Piece], max_lines: usize, max_units: u32) -> Vec<Vec<Piece>> {
    let (max_lines, max_units) = (max_lines.max(1), max_units.max(1));
    let mut parcels = Vec::new();
    let mut parcel: Vec<Piece> = Vec::new();
    let mut units = 0;
    for pick in picks {
        let mut left = pick.quantity;
        while left > 0 {
            if units == max_units || parcel.len() == max_lines {
                parcels.push(std::mem::take(&mut parcel));
                units = 0;
            }
            let quantity = left.min(max_units - units);
            parcel.push(Piece {
                quantity,
                ..pick.clone()
            });
            units += quantity;
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
        }
    }

    #[test]
    fn parcels_hold_their_limits_and_everything() {
        let picks = [piece(7), piece(1), piece(12), piece(1)];
        let parcels = pack(&picks, 2, 5);
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
        assert!(pack(&[], 2, 5).is_empty());
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
