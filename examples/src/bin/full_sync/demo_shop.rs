//! Invoices as purchases of the simulated shop.
//!
//! Nothing is made up about a person: goods go to "Goods In" of "Customer 17850" in "Example Street". Postcodes are from a fixed
//! list, phone numbers from the range that Ofcom keeps for drama (020 7946 0xxx).

use std::collections::{BTreeMap, BTreeSet};

use chrono::SecondsFormat;
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::dataset::{Invoice, InvoiceLine};
use crate::defects::{BY_INVOICE_PER_MILLE, Defect, ON_ACCOUNT_PER_MILLE, payment_draw};
use crate::stable_hash::{pick, stable_hash};

/// Post towns with a postcode of their area.
const TOWNS: [(&str, &str); 20] = [
    ("Birmingham", "B1 1AA"),
    ("Manchester", "M1 1AE"),
    ("Leeds", "LS1 4DY"),
    ("Sheffield", "S1 2HH"),
    ("Nottingham", "NG1 5FS"),
    ("Leicester", "LE1 5WW"),
    ("Coventry", "CV1 2GN"),
    ("Bristol", "BS1 4DJ"),
    ("Cardiff", "CF10 1EP"),
    ("Edinburgh", "EH1 1YZ"),
    ("Glasgow", "G1 1XQ"),
    ("Newcastle", "NE1 7RU"),
    ("Liverpool", "L1 8JQ"),
    ("Southampton", "SO14 7DU"),
    ("Norwich", "NR1 3QU"),
    ("Peterborough", "PE1 1XS"),
    ("Milton Keynes", "MK9 3EJ"),
    ("Reading", "RG1 2LH"),
    ("Oxford", "OX1 1BX"),
    ("Exeter", "EX1 1GJ"),
];

/// Towns abroad, by the country's name in the file.
const ABROAD: [(&str, &str, &str); 12] = [
    ("EIRE", "Dublin", "D02 X285"),
    ("Germany", "Berlin", "10115"),
    ("France", "Paris", "75002"),
    ("Norway", "Oslo", "0150"),
    ("Italy", "Roma", "00184"),
    ("Australia", "Sydney", "2000"),
    ("Belgium", "Bruxelles", "1000"),
    ("Poland", "Warszawa", "00-001"),
    ("Portugal", "Lisboa", "1100-148"),
    ("Switzerland", "Bern", "3005"),
    ("Spain", "Madrid", "28013"),
    ("Netherlands", "Amsterdam", "1012 JS"),
];

/// Countries that the demonstration's European option serves.
const EUROPE: [&str; 9] = [
    "EIRE",
    "Germany",
    "France",
    "Italy",
    "Belgium",
    "Poland",
    "Portugal",
    "Spain",
    "Netherlands",
];

/// The SparkLayer id of an invoice's purchase: a UUID that is the same in every run.
pub(crate) fn purchase_id(number: &str) -> String {
    let high = stable_hash(&["purchase-high", number]);
    let low = stable_hash(&["purchase-low", number]);
    format!(
        "{:08x}-{:04x}-8{:03x}-{:04x}-{:012x}",
        high >> 32,
        (high >> 16) & 0xffff,
        high & 0x0fff,
        0x8000 | (low >> 48) & 0x3fff,
        low & 0xffff_ffff_ffff
    )
}

/// The purchase of an invoice.
pub(crate) fn purchase(
    invoice: &Invoice,
    defects: &BTreeSet<Defect>,
    spellings: &BTreeMap<&str, String>,
) -> Value {
    let has = |defect: Defect| defects.contains(&defect);
    let number = invoice.number.as_str();
    let placed_at = invoice.placed_at.to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut purchase = json!({
        "type": if has(Defect::DraftNotCompleted) { "order_unconfirmed" } else { "order" },
        "purchase_identifiers": {
            "sparklayer": purchase_id(number),
            "platform": format!("{}", 4_000_000_000_000 + stable_hash(&["platform", number]) % 1_000_000_000_000),
            "internal": "",
            "visible": number,
        },
        "customer_identifiers": customer_identifiers(invoice),
        "payment_method": payment_method(invoice, defects),
        "dates": { "created_at": placed_at, "updated_at": placed_at, "placed_at": placed_at },
        "customer_reference": purchase_order(number, defects),
        "currency_code": "GBP",
        "billing_address": address(invoice, defects, Place::Billing),
        "accounting_files": [],
        "custom_fields": [],
        "metadata": metadata(invoice, defects),
        "packages": [{
            "identifiers": { "sparklayer_package_id": purchase_id(&format!("{number}/1")) },
            "type": "incoming",
            "shipping_method": { "name": shipping_option(invoice, defects) },
            "shipping_address": address(invoice, defects, Place::Shipping),
            "line_items": line_items(invoice, spellings),
            "shipments": [],
        }],
    });
    if has(Defect::PurchaseOrderConflict)
        && let Some(members) = purchase.as_object_mut()
    {
        members.insert("po_number".to_owned(), Value::from(format!("ALT-{number}")));
    }
    purchase
}

fn customer_identifiers(invoice: &Invoice) -> Value {
    invoice.customer.as_ref().map_or_else(
        || json!({}),
        |id| json!({ "sparklayer": format!("cu_{id}") }),
    )
}

fn payment_method(invoice: &Invoice, defects: &BTreeSet<Defect>) -> &'static str {
    if defects.contains(&Defect::PaymentUnknown) {
        return "paymentByBarter";
    }
    match payment_draw(invoice) {
        draw if draw < ON_ACCOUNT_PER_MILLE => "paymentOnAccount",
        draw if draw < ON_ACCOUNT_PER_MILLE + BY_INVOICE_PER_MILLE => "paymentByInvoice",
        _ => "upfrontPayment",
    }
}

fn metadata(invoice: &Invoice, defects: &BTreeSet<Defect>) -> Value {
    if payment_draw(invoice) >= ON_ACCOUNT_PER_MILLE {
        return json!([]);
    }
    let decision = if defects.contains(&Defect::OnAccountNotApproved) {
        "pending"
    } else {
        "approved"
    };
    json!([{ "name": "credit_status", "value": decision }])
}

fn purchase_order(number: &str, defects: &BTreeSet<Defect>) -> String {
    if defects.contains(&Defect::PurchaseOrderMissing) {
        String::new()
    } else if defects.contains(&Defect::PurchaseOrderTooLong) {
        format!(
            "PO-{number}-FRAMEWORK-AGREEMENT-2010-CALL-OFF-{}",
            "0".repeat(20)
        )
    } else {
        format!("PO-{number}")
    }
}

fn shipping_option(invoice: &Invoice, defects: &BTreeSet<Defect>) -> &'static str {
    if defects.contains(&Defect::ShippingOptionUnmapped) {
        return "Pallet Delivery with Tail Lift";
    }
    match invoice.country.as_str() {
        "United Kingdom" if stable_hash(&["shipping", &invoice.number]).is_multiple_of(4) => {
            "Express B2B Delivery"
        }
        "United Kingdom" => "Standard Delivery",
        country if EUROPE.contains(&country) => "Europe Delivery",
        _ => "International Delivery",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Shipping,
    Billing,
}

fn address(invoice: &Invoice, defects: &BTreeSet<Defect>, place: Place) -> Value {
    let has = |defect: Defect| defects.contains(&defect);
    // One customer has one address, whatever the order.
    let key = invoice.customer.as_deref().unwrap_or(&invoice.number);
    let (mut city, mut postcode) = town(&invoice.country, key);
    if has(Defect::NorthernIreland) {
        (city, postcode) = ("Belfast", "BT1 5GS");
    }
    if has(Defect::PostcodeMalformed) && place == Place::Shipping {
        // The letter O where the digit belongs, as it is typed.
        postcode = "MK4O 1AA";
    }
    let house = stable_hash(&["house", key]) % 180 + 1;
    let street = if has(Defect::AddressLineTooLong) && place == Place::Shipping {
        format!("{house}-Example-Street-Industrial-Estate-Loading-Bay-Seven")
    } else {
        format!("{house} Example Street")
    };
    let company = match &invoice.customer {
        Some(id) => format!("Customer {id}"),
        None => "Customer without account".to_owned(),
    };
    json!({
        "name": "Goods In",
        "company": company,
        "address_line1": street,
        "address_line2": Value::Null,
        "city": city,
        "region_code": Value::Null,
        "postal_code": postcode,
        "country_code": if invoice.country == "United Kingdom" { "GB" } else { invoice.country.as_str() },
        "phone": phone(invoice, key, defects, place),
    })
}

fn town(country: &str, key: &str) -> (&'static str, &'static str) {
    if country == "United Kingdom" {
        return pick(&TOWNS, &["town", key])
            .copied()
            .unwrap_or(("London", "EC1A 1BB"));
    }
    ABROAD
        .iter()
        .find(|(name, _, _)| *name == country)
        .map_or(("Capital", "10000"), |(_, city, postcode)| {
            (*city, *postcode)
        })
}

fn phone(invoice: &Invoice, key: &str, defects: &BTreeSet<Defect>, place: Place) -> Option<String> {
    let last = stable_hash(&["phone", key]) % 1000;
    let number = if invoice.country == "United Kingdom" {
        format!("020 7946 0{last:03}")
    } else {
        format!("+44 20 7946 0{last:03}")
    };
    let has = |defect: Defect| defects.contains(&defect);
    match place {
        _ if has(Defect::PhoneMissing) => None,
        Place::Shipping if has(Defect::PhoneOnlyOnBilling) => None,
        // Three letters at the end: dialled on a keypad they would be another, valid number.
        _ if has(Defect::PhoneWithLetters) => Some("020 7946 0xyz".to_owned()),
        _ => Some(number),
    }
}

fn line_items(invoice: &Invoice, spellings: &BTreeMap<&str, String>) -> Vec<Value> {
    let item = |(line, id): (&InvoiceLine, u64)| {
        let sku = spellings.get(line.code.as_str()).unwrap_or(&line.code);
        let total = line.unit_price * Decimal::from(line.quantity);
        json!({
            "identifiers": { "sku": sku, "line_item_id": format!("L{id}") },
            "name_parent": line.description,
            "quantity": line.quantity,
            "line_total": { "total_net": { "number": total.to_string(), "currency": "GBP" } },
        })
    };
    invoice.lines.iter().zip(1..).map(item).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::built_in_orders::built_in_orders;

    #[test]
    fn ids_are_uuids_and_distinct() {
        let set = built_in_orders(1);
        let ids: BTreeSet<String> = set
            .invoices
            .iter()
            .map(|one| purchase_id(&one.number))
            .collect();
        assert_eq!(ids.len(), set.invoices.len());
        for id in ids {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        }
    }

    #[test]
    fn a_defect_changes_its_own_part_of_the_purchase_only() {
        let set = built_in_orders(1);
        let invoice = set
            .invoices
            .iter()
            .find(|one| one.country == "United Kingdom" && one.is_order())
            .unwrap();
        let none = BTreeMap::new();
        let sound = purchase(invoice, &BTreeSet::new(), &none);
        for (defect, pointer) in [
            (Defect::PhoneMissing, "/packages/0/shipping_address/phone"),
            (Defect::PurchaseOrderMissing, "/customer_reference"),
            (Defect::PurchaseOrderConflict, "/po_number"),
            (
                Defect::ShippingOptionUnmapped,
                "/packages/0/shipping_method/name",
            ),
            (
                Defect::PostcodeMalformed,
                "/packages/0/shipping_address/postal_code",
            ),
            (Defect::DraftNotCompleted, "/type"),
            (Defect::PaymentUnknown, "/payment_method"),
        ] {
            let spoiled = purchase(invoice, &BTreeSet::from([defect]), &none);
            assert_ne!(
                spoiled.pointer(pointer),
                sound.pointer(pointer),
                "{defect:?}"
            );
            assert_eq!(
                spoiled.pointer("/purchase_identifiers"),
                sound.pointer("/purchase_identifiers")
            );
            assert_eq!(
                spoiled.pointer("/packages/0/line_items"),
                sound.pointer("/packages/0/line_items")
            );
        }
        let long = purchase(
            invoice,
            &BTreeSet::from([Defect::PurchaseOrderTooLong]),
            &none,
        );
        assert!(long["customer_reference"].as_str().unwrap().len() > 45);
    }
}
