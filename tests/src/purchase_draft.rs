//! Orders as the shop has them.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

/// A number of Ofcom's range for drama, as a buyer types it: `020 7946 0123`.
#[must_use]
pub fn phone(number: u32) -> String {
    format!("020 7946 0{:03}", number % 1000)
}

/// A SparkLayer purchase in the making: sound by default, with one line per defect.
///
/// Members follow the documented record; those nobody documents (line ids) are left out, so that the position counts.
#[derive(Debug, Clone)]
pub struct PurchaseDraft {
    number: u32,
    document: Value,
}

impl PurchaseDraft {
    /// A paid order over four units of `MUG-01`, with PO number `PO-<number>`, by `Standard Delivery` to Reading.
    #[must_use]
    pub fn new(number: u32) -> Self {
        let address = json!({
            "name": "Goods In",
            "company": format!("Customer {number}"),
            "address_line1": "12 Example Street",
            "city": "Reading",
            "postal_code": "RG1 1AA",
            "country_code": "GB",
            "phone": phone(number),
        });
        let document = json!({
            "type": "order",
            "purchase_identifiers": {
                "sparklayer": id_of(number),
                "platform": format!("platform-{number}"),
                "visible": format!("#{number}"),
            },
            "customer_identifiers": { "sparklayer": format!("00000000-0000-4000-9000-{number:012}") },
            "payment_method": "upfrontPayment",
            "dates": {},
            "customer_reference": format!("PO-{number}"),
            "currency_code": "GBP",
            "billing_address": address,
            "packages": [{
                "identifiers": {},
                "type": "incoming",
                "shipping_method": {
                    "name": "Standard Delivery",
                    "line_total": { "total_net": { "number": "4.95", "currency": "GBP" } },
                },
                "shipping_address": address,
                "line_items": [],
                "shipments": [],
            }],
            "accounting_files": [],
            "custom_fields": [],
            "metadata": [],
        });
        Self { number, document }.lines(&[("MUG-01", 4)])
    }

    /// The shop's id of it.
    #[must_use]
    pub fn id(&self) -> String {
        id_of(self.number)
    }

    /// The number the buyer sees.
    #[must_use]
    pub fn number(&self) -> String {
        format!("#{}", self.number)
    }

    /// Puts a value at a JSON pointer, or takes the member away with `null`.
    #[must_use]
    pub fn set(mut self, pointer: &str, value: impl Into<Value>) -> Self {
        let (holder, member) = pointer
            .rsplit_once('/')
            .expect("a pointer begins with a slash");
        let holder = self
            .document
            .pointer_mut(holder)
            .expect("the holder of the member exists");
        let value = value.into();
        match holder {
            Value::Object(members) if value.is_null() => {
                members.remove(member);
            }
            Value::Object(members) => {
                members.insert(member.to_owned(), value);
            }
            Value::Array(entries) => entries[member.parse::<usize>().expect("an index")] = value,
            _ => panic!("{pointer} is not below an object or a list"),
        }
        self
    }

    /// Puts a value into the shipping address.
    #[must_use]
    pub fn ship_to(self, member: &str, value: impl Into<Value>) -> Self {
        self.set(&format!("/packages/0/shipping_address/{member}"), value)
    }

    /// Puts a value into the billing address.
    #[must_use]
    pub fn bill_to(self, member: &str, value: impl Into<Value>) -> Self {
        self.set(&format!("/billing_address/{member}"), value)
    }

    /// Orders these articles instead.
    #[must_use]
    pub fn lines(self, lines: &[(&str, u32)]) -> Self {
        let items: Vec<Value> = lines
            .iter()
            .map(|(sku, quantity)| {
                json!({
                    "identifiers": { "sku": sku },
                    "name_parent": "Article",
                    "quantity": quantity,
                    "custom_attributes": [],
                    "line_total": { "total_net": { "number": format!("{}.50", quantity), "currency": "GBP" } },
                })
            })
            .collect();
        self.set("/packages/0/line_items", items)
    }

    /// Chooses another shipping option.
    #[must_use]
    pub fn option(self, label: &str) -> Self {
        self.set("/packages/0/shipping_method/name", label)
    }

    /// Pays on account.
    #[must_use]
    pub fn on_account(self) -> Self {
        self.set("/payment_method", "paymentOnAccount")
    }

    /// Adds the credit decision of the accounts department.
    #[must_use]
    pub fn approved(self) -> Self {
        self.set(
            "/metadata",
            json!([{ "name": "credit_status", "value": "approved" }]),
        )
    }

    /// The record, placed at that moment.
    #[must_use]
    pub fn placed(&self, at: DateTime<Utc>) -> Value {
        let mut document = self.document.clone();
        let dates = document["dates"]
            .as_object_mut()
            .expect("dates is an object");
        if !dates.contains_key("placed_at") {
            dates.insert(
                "placed_at".to_owned(),
                at.to_rfc3339_opts(SecondsFormat::Secs, true).into(),
            );
        }
        document
    }
}

fn id_of(number: u32) -> String {
    format!("00000000-0000-4000-8000-{number:012}")
}
