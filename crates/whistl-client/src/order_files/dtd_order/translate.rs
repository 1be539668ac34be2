//! An order of the CSV route as `DTD_ORDER`: the translation that the importer makes.

use chrono::NaiveDate;
use connector_http::Personal;

use super::model::{DtdLine, DtdOrder, DtdParty};
use crate::order_files::order::{FileOrder, FileParty};

impl DtdOrder {
    /// The order that the importer makes of a CSV file of this order, with its defaults: missing parts of a delivery party come
    /// from the invoice party, and a blank enquiry method stays blank (seen in use).
    ///
    /// The CSV importer damages some values on the way ([`Trap`](crate::order_files::Trap)); this does not.
    #[must_use]
    pub fn from_file_order(order: &FileOrder, order_date: NaiveDate) -> Self {
        let invoice = party_of(&order.invoice, &DtdParty::default());
        let lines = order.lines.iter().map(|line| {
            let price = line.unit_price.unwrap_or_default();
            let mut made = DtdLine::new(line.sku.clone(), line.quantity, price);
            made.personalised = line.personalisation.clone().unwrap_or_default();
            made
        });
        let mut made = Self::new(order.reference.clone(), order_date, invoice, lines)
            .with_delivery_charge(order.delivery_charge.unwrap_or_default());
        made.method = order.method.clone().unwrap_or_default();
        made.buyer = order.customer.clone().unwrap_or_default();
        made.external_customer_code.clone_from(&made.buyer);
        made.customer_reference = order.purchase_order.clone().unwrap_or_default();
        if let Some(total) = order.total {
            made = made.with_total(total);
        }
        if let Some(delivery) = &order.delivery {
            let delivery = party_of(delivery, &made.invoice);
            if delivery != made.invoice {
                made = made.with_delivery(delivery);
            }
        }
        let recipient = &mut made.recipient;
        for (code, given) in [
            (&mut recipient.carrier, &order.carrier),
            (&mut recipient.carrier_service, &order.delivery_method),
        ] {
            if let Some(given) = given.as_ref().filter(|given| !given.trim().is_empty()) {
                code.clone_from(given);
            }
        }
        made
    }
}

/// A party, with what it leaves blank from another one.
fn party_of(party: &FileParty, fallback: &DtdParty) -> DtdParty {
    let required = |text: &Personal<String>, fallback: &Personal<String>| {
        if text.expose().trim().is_empty() {
            fallback.clone()
        } else {
            text.clone()
        }
    };
    let optional = |text: &Option<Personal<String>>, fallback: &Personal<String>| {
        text.as_ref()
            .map_or_else(|| fallback.clone(), |text| required(text, fallback))
    };
    let is_blank = |line: &Personal<String>| line.expose().trim().is_empty();
    let country = party.country.as_deref().unwrap_or_default().trim();
    let country = match (country, fallback.country.as_str()) {
        ("", "") => "GB",
        ("", fallback) => fallback,
        (country, _) => country,
    };
    DtdParty {
        initials: required(&party.first_name, &fallback.initials),
        surname: required(&party.surname, &fallback.surname),
        company: optional(&party.company, &fallback.company),
        postcode: required(&party.postcode, &fallback.postcode),
        address: if party.address.iter().all(is_blank) {
            fallback.address.clone()
        } else {
            party.address.clone()
        },
        city: required(&party.city, &fallback.city),
        county: optional(&party.county, &fallback.county),
        country: country.to_owned(),
        phone: optional(&party.phone, &fallback.phone),
        email: optional(&party.email, &fallback.email),
    }
}
