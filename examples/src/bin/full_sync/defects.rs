//! What the demonstration does to orders on purpose, and how often: the one table of rates.
//!
//! The invoices of a file have no address, phone, PO number or shipping option. What is made up for them is sound, except where
//! this table says otherwise; which orders are hit follows from a hash of the invoice number, so every run hits the same ones.

use std::collections::{BTreeMap, BTreeSet};

use crate::dataset::{Dataset, Invoice};
use crate::stable_hash::{choose, stable_hash};

/// Orders in a thousand that are paid on account; the rest is split between invoice and payment up front.
pub(crate) const ON_ACCOUNT_PER_MILLE: u64 = 200;
/// Orders in a thousand that are paid by invoice.
pub(crate) const BY_INVOICE_PER_MILLE: u64 = 400;

/// Sets with fewer orders (or articles) get no defect for the sake of showing it.
const SMALLEST_SHOW: usize = 50;

/// A fault of an order in the simulated shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Defect {
    PhoneMissing,
    PhoneOnlyOnBilling,
    PhoneWithLetters,
    PurchaseOrderMissing,
    PurchaseOrderTooLong,
    PurchaseOrderConflict,
    ShippingOptionUnmapped,
    PostcodeMalformed,
    AddressLineTooLong,
    NorthernIreland,
    DraftNotCompleted,
    PaymentUnknown,
    OnAccountNotApproved,
}

/// One row of the table. Defects of one part exclude each other.
pub(crate) struct Rate {
    pub(crate) defect: Defect,
    part: Part,
    /// Eligible orders in a thousand.
    per_mille: u64,
    /// At least so many, in sets that are not very small.
    at_least: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Phone,
    PurchaseOrder,
    Shipping,
    Postcode,
    Address,
    Kind,
    Payment,
}

const fn rate(defect: Defect, part: Part, per_mille: u64, at_least: usize) -> Rate {
    Rate {
        defect,
        part,
        per_mille,
        at_least,
    }
}

/// The table.
pub(crate) const RATES: [Rate; 13] = [
    rate(Defect::PhoneMissing, Part::Phone, 15, 1),
    rate(Defect::PhoneOnlyOnBilling, Part::Phone, 20, 1),
    rate(Defect::PhoneWithLetters, Part::Phone, 10, 1),
    rate(Defect::PurchaseOrderMissing, Part::PurchaseOrder, 20, 1),
    rate(Defect::PurchaseOrderTooLong, Part::PurchaseOrder, 5, 1),
    rate(Defect::PurchaseOrderConflict, Part::PurchaseOrder, 10, 1),
    rate(Defect::ShippingOptionUnmapped, Part::Shipping, 20, 1),
    rate(Defect::PostcodeMalformed, Part::Postcode, 15, 1),
    rate(Defect::NorthernIreland, Part::Postcode, 10, 1),
    rate(Defect::AddressLineTooLong, Part::Address, 5, 1),
    // Two, so that one can be completed while the demonstration runs and one stays.
    rate(Defect::DraftNotCompleted, Part::Kind, 10, 2),
    rate(Defect::PaymentUnknown, Part::Payment, 5, 1),
    // Of the orders on account.
    rate(Defect::OnAccountNotApproved, Part::Payment, 150, 1),
];

impl Defect {
    /// The name that is hashed together with the invoice number.
    const fn salt(self) -> &'static str {
        match self {
            Self::PhoneMissing => "phone-missing",
            Self::PhoneOnlyOnBilling => "phone-only-on-billing",
            Self::PhoneWithLetters => "phone-with-letters",
            Self::PurchaseOrderMissing => "po-missing",
            Self::PurchaseOrderTooLong => "po-too-long",
            Self::PurchaseOrderConflict => "po-conflict",
            Self::ShippingOptionUnmapped => "shipping-unmapped",
            Self::PostcodeMalformed => "postcode-malformed",
            Self::AddressLineTooLong => "address-too-long",
            Self::NorthernIreland => "northern-ireland",
            Self::DraftNotCompleted => "draft",
            Self::PaymentUnknown => "payment-unknown",
            Self::OnAccountNotApproved => "not-approved",
        }
    }

    fn concerns(self, invoice: &Invoice) -> bool {
        match self {
            Self::PostcodeMalformed | Self::NorthernIreland => invoice.country == "United Kingdom",
            Self::OnAccountNotApproved => on_account(invoice),
            Self::PaymentUnknown => !on_account(invoice),
            _ => true,
        }
    }
}

/// Whether the order is paid on account.
pub(crate) fn on_account(invoice: &Invoice) -> bool {
    payment_draw(invoice) < ON_ACCOUNT_PER_MILLE
}

/// A number under 1,000 that says how the order is paid.
pub(crate) fn payment_draw(invoice: &Invoice) -> u64 {
    stable_hash(&["payment", &invoice.number]) % 1000
}

/// The defects of every order of a set, by invoice number.
pub(crate) fn plan(dataset: &Dataset) -> BTreeMap<&str, BTreeSet<Defect>> {
    let orders: Vec<&Invoice> = dataset
        .invoices
        .iter()
        .filter(|one| one.is_order())
        .collect();
    let mut taken: BTreeSet<(Part, &str)> = BTreeSet::new();
    let mut plan: BTreeMap<&str, BTreeSet<Defect>> = BTreeMap::new();
    let shows = orders.len() >= SMALLEST_SHOW;
    for rate in &RATES {
        let at_least = if shows { rate.at_least } else { 0 };
        let eligible = orders
            .iter()
            .filter(|one| rate.defect.concerns(one))
            .map(|one| one.number.as_str())
            .filter(|number| !taken.contains(&(rate.part, *number)));
        let chosen = choose(eligible, rate.defect.salt(), rate.per_mille, at_least);
        for number in chosen {
            taken.insert((rate.part, number));
            plan.entry(number).or_default().insert(rate.defect);
        }
    }
    plan
}

/// How the shop spells an article code that the invoices have clean.
const SPELLINGS: [(&str, u64); 4] = [("-", 20), (" ", 10), ("/", 5), ("É", 3)];

/// The shop's spelling of every code: most as they are, some with a dash, a space, a slash or a letter that is not ASCII. Codes
/// that are told apart by case alone and codes that are not stock keep theirs.
pub(crate) fn spellings(
    dataset: &Dataset,
    is_stock: impl Fn(&str) -> bool,
) -> BTreeMap<&str, String> {
    let paired: BTreeSet<&str> = dataset.case_pairs().into_values().flatten().collect();
    let mut spelled: BTreeMap<&str, String> = dataset
        .codes()
        .into_iter()
        .map(|code| (code, code.to_owned()))
        .collect();
    let mut plain: BTreeSet<&str> = spelled
        .keys()
        .copied()
        .filter(|code| {
            !paired.contains(code) && is_stock(code) && code.len() >= 4 && code.is_ascii()
        })
        .collect();
    let at_least = usize::from(plain.len() >= SMALLEST_SHOW);
    for (sign, per_mille) in SPELLINGS {
        for code in choose(plain.clone(), sign, per_mille, at_least) {
            plain.remove(code);
            // Between the number and its letters, where there are any.
            let at = code
                .find(|letter: char| letter.is_ascii_alphabetic())
                .filter(|at| *at > 0);
            let (head, tail) = code.split_at(at.unwrap_or(3));
            spelled.insert(code, format!("{head}{sign}{tail}"));
        }
    }
    spelled
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::built_in_orders::built_in_orders;

    #[test]
    fn every_defect_occurs_in_the_built_in_set_whatever_the_seed() {
        for seed in [2010, 0, 7, u64::MAX] {
            let dataset = built_in_orders(seed);
            let plan = plan(&dataset);
            for rate in &RATES {
                let hit = plan
                    .values()
                    .filter(|defects| defects.contains(&rate.defect))
                    .count();
                assert!(
                    hit >= rate.at_least,
                    "{:?} hits {hit} orders of seed {seed}",
                    rate.defect
                );
            }
        }
    }

    #[test]
    fn a_handful_of_orders_is_not_spoiled_for_show() {
        let mut dataset = built_in_orders(2010);
        dataset.invoices.truncate(5);
        assert!(plan(&dataset).len() < 5);
    }

    #[test]
    fn most_orders_are_sound() {
        let dataset = built_in_orders(2010);
        let orders = dataset.invoices.iter().filter(|one| one.is_order()).count();
        assert!(plan(&dataset).len() * 3 < orders);
    }

    #[test]
    fn spellings_are_distinct_and_every_kind_occurs() {
        let dataset = built_in_orders(2010);
        let spelled = spellings(&dataset, |code| code != "POST");
        let distinct: BTreeSet<&String> = spelled.values().collect();
        assert_eq!(distinct.len(), spelled.len());
        for (sign, _) in SPELLINGS {
            assert!(
                spelled
                    .iter()
                    .any(|(code, text)| code != text && text.contains(sign)),
                "{sign}"
            );
        }
        assert_eq!(spelled.get("POST").map(String::as_str), Some("POST"));
    }
}
