//! What the warehouse asks for its work.

use chrono::{DateTime, NaiveDate, Utc};
use serde_json::{Value, json};

use super::WarehouseState;
use crate::virtual_clock::wire_time;

/// Prices in pence. The figures are made up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChargeRates {
    /// For each line of a despatch.
    pub pick_pence: u64,
    /// For each parcel.
    pub pack_pence: u64,
    /// For each parcel, to the carrier.
    pub carriage_pence: u64,
    /// For each unit on hand at the end of a period.
    pub storage_pence: u64,
}

impl Default for ChargeRates {
    fn default() -> Self {
        Self {
            pick_pence: 35,
            pack_pence: 60,
            carriage_pence: 495,
            storage_pence: 2,
        }
    }
}

/// A charge before it has its number.
struct Charge {
    kind: &'static str,
    quantity: u64,
    pence: u64,
}

fn pounds(pence: u64) -> String {
    format!("{}.{:02}", pence / 100, pence % 100)
}

impl WarehouseState {
    /// Charges one despatch of an order.
    pub(crate) fn charge_despatch(
        &mut self,
        reference: &str,
        despatch: &Value,
        rates: &ChargeRates,
        now: DateTime<Utc>,
    ) {
        let parcels = despatch["parcels"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let lines: usize = parcels
            .iter()
            .map(|parcel| parcel["lines"].as_array().map_or(0, Vec::len))
            .sum();
        let (lines, parcels) = (count(lines), count(parcels.len()));
        for (kind, quantity, each) in [
            ("pick", lines, rates.pick_pence),
            ("pack", parcels, rates.pack_pence),
            ("carriage", parcels, rates.carriage_pence),
        ] {
            if quantity > 0 {
                let charge = Charge {
                    kind,
                    quantity,
                    pence: quantity.saturating_mul(each),
                };
                self.charge(&charge, Some(reference), None, now);
            }
        }
    }

    /// Charges the storage of a period for what is on hand now.
    pub(crate) fn charge_storage(
        &mut self,
        from: NaiveDate,
        to: NaiveDate,
        rates: &ChargeRates,
        now: DateTime<Utc>,
    ) {
        let units: i64 = self.stock.rows().iter().map(|row| row.on_hand.max(0)).sum();
        let quantity = u64::try_from(units).unwrap_or_default();
        let charge = Charge {
            kind: "storage",
            quantity,
            pence: quantity.saturating_mul(rates.storage_pence),
        };
        self.charge(&charge, None, Some((from, to)), now);
    }

    fn charge(
        &mut self,
        charge: &Charge,
        reference: Option<&str>,
        period: Option<(NaiveDate, NaiveDate)>,
        now: DateTime<Utc>,
    ) {
        let mut record = json!({
            "chargeId": format!("C{:07}", self.charges.len() + 1),
            "kind": charge.kind,
            "quantity": charge.quantity,
            "amount": pounds(charge.pence),
            "currency": "GBP",
            "at": wire_time(now),
        });
        if let Some(members) = record.as_object_mut() {
            if let Some(reference) = reference {
                members.insert("reference".to_owned(), reference.into());
            }
            if let Some((from, to)) = period {
                members.insert("periodFrom".to_owned(), from.to_string().into());
                members.insert("periodTo".to_owned(), to.to_string().into());
            }
        }
        self.charges.push(record);
    }
}

fn count(units: usize) -> u64 {
    u64::try_from(units).unwrap_or(u64::MAX)
}

/// Whether a charge belongs to a period: its own period touches it, or else it was made in it.
pub(crate) fn falls_into(charge: &Value, from: Option<NaiveDate>, to: Option<NaiveDate>) -> bool {
    let date = |member: &str| {
        charge[member]
            .as_str()
            .and_then(|text| text.get(..10))
            .and_then(|text| text.parse::<NaiveDate>().ok())
    };
    let begins = date("periodFrom").or_else(|| date("at"));
    let ends = date("periodTo").or_else(|| date("at"));
    from.is_none_or(|from| ends.is_some_and(|ends| ends >= from))
        && to.is_none_or(|to| begins.is_some_and(|begins| begins <= to))
}
