//! Carts that are created through the API: their contents, until they are completed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use http::StatusCode;
use serde_json::{Value, json};

use super::article::Assortment;
use super::counted_id;
use super::customer_book::CustomerBook;
use super::purchase::fault;
use crate::problem::Problem;

/// Lines of a cart at most (documented in an older page).
const MAX_LINES: usize = 250;

/// One line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CartLine {
    pub(crate) sku: String,
    pub(crate) quantity: u64,
}

/// A cart.
#[derive(Debug, Clone)]
pub(crate) struct Cart {
    pub(crate) id: String,
    pub(crate) customer_id: String,
    pub(crate) locale: String,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) lines: Vec<CartLine>,
    pub(crate) shipping_address_id: Option<String>,
    pub(crate) temporary_shipping_address: Option<Value>,
    pub(crate) custom_fields: Value,
    pub(crate) customer_reference: String,
    pub(crate) po_number: String,
    pub(crate) shipping_requested_date: String,
}

/// All open carts.
#[derive(Debug, Default)]
pub(crate) struct CartBook {
    carts: BTreeMap<String, Cart>,
    issued: u64,
}

impl CartBook {
    pub(crate) fn create(
        &mut self,
        body: &Value,
        locale: &str,
        customers: &CustomerBook,
        now: DateTime<Utc>,
    ) -> Result<&Cart, Problem> {
        let text = |member: &str| body.get(member).and_then(Value::as_str);
        let lookup_by = text("customer_lookup_by").unwrap_or_default();
        if !["sparklayer", "platform", "email"].contains(&lookup_by) {
            return Err(
                Problem::bad_request("the cart is not valid").with_errors(vec![fault(
                    "invalid",
                    "customer_lookup_by",
                    "is not sparklayer, platform or email",
                )]),
            );
        }
        let customer = text("customer_id")
            .and_then(|id| customers.look_up(lookup_by, id))
            .ok_or_else(|| {
                Problem::bad_request("no customer has that id").with_errors(vec![fault(
                    "resource-id-not-found",
                    "customer_id",
                    "names no customer",
                )])
            })?;
        self.issued += 1;
        let id = counted_id::uuid(counted_id::CART, self.issued);
        let cart = Cart {
            id: id.clone(),
            customer_id: customer.id().to_owned(),
            locale: locale.to_owned(),
            created_at: now,
            lines: Vec::new(),
            // Assumed: cart-default-address.
            shipping_address_id: customer
                .text("default_shipping_address_id")
                .map(str::to_owned),
            temporary_shipping_address: None,
            custom_fields: json!([]),
            customer_reference: String::new(),
            po_number: String::new(),
            shipping_requested_date: String::new(),
        };
        Ok(self.carts.entry(id).or_insert(cart))
    }

    pub(crate) fn find(&self, id: &str) -> Result<&Cart, Problem> {
        self.carts.get(id).ok_or_else(unknown_cart)
    }

    pub(crate) fn find_mut(&mut self, id: &str) -> Result<&mut Cart, Problem> {
        self.carts.get_mut(id).ok_or_else(unknown_cart)
    }

    pub(crate) fn remove(&mut self, id: &str) {
        self.carts.remove(id);
    }

    pub(crate) fn len(&self) -> usize {
        self.carts.len()
    }
}

fn unknown_cart() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no cart has that id")
}

impl Cart {
    /// `PATCH`: the lines are always replaced, and gone where they are not sent; an empty text clears a text (documented).
    /// Gives one result for each line that was sent.
    pub(crate) fn update(
        &mut self,
        body: &Value,
        assortment: &Assortment,
        customers: &CustomerBook,
    ) -> Result<Value, Problem> {
        if !body.is_object() {
            return Err(Problem::bad_request("the body is not a JSON object"));
        }
        let mut changed = self.clone();
        let mut faults = Vec::new();
        let results = changed.replace_lines(body.get("line_items"), assortment, &mut faults);
        changed.readdress(body, customers, &mut faults);
        match body.get("custom_fields") {
            None => {}
            Some(Value::Null) => changed.custom_fields = json!([]),
            Some(fields @ Value::Array(_)) => changed.custom_fields = fields.clone(),
            Some(_) => faults.push(fault("invalid", "custom_fields", "must be an array")),
        }
        for (member, place) in [
            ("customer_reference", &mut changed.customer_reference),
            ("po_number", &mut changed.po_number),
            (
                "shipping_requested_date",
                &mut changed.shipping_requested_date,
            ),
        ] {
            match body.get(member) {
                None => {}
                Some(Value::Null) => place.clear(),
                Some(Value::String(text)) => text.clone_into(place),
                Some(_) => faults.push(fault("invalid", member, "must be a text")),
            }
        }
        if !faults.is_empty() {
            return Err(Problem::bad_request("the cart is not valid").with_errors(faults));
        }
        *self = changed;
        Ok(results)
    }

    fn replace_lines(
        &mut self,
        sent: Option<&Value>,
        assortment: &Assortment,
        faults: &mut Vec<Value>,
    ) -> Value {
        self.lines.clear();
        let rows = match sent {
            None | Some(Value::Null) => return json!([]),
            Some(Value::Array(rows)) => rows,
            Some(_) => {
                faults.push(fault("invalid", "line_items", "must be an array"));
                return json!([]);
            }
        };
        if rows.len() > MAX_LINES {
            faults.push(fault("invalid", "line_items", "has more than 250 lines"));
        }
        let mut seen = BTreeSet::new();
        let mut results = Vec::new();
        for (place, row) in rows.iter().enumerate() {
            let sku = row.get("sku").and_then(Value::as_str).unwrap_or_default();
            let quantity = row.get("quantity").and_then(Value::as_u64);
            let property = format!("line_items/{place}");
            if sku.is_empty() {
                faults.push(fault("required", &format!("{property}/sku"), "is required"));
            } else if !seen.insert(sku) {
                // Assumed: cart-line-twice.
                faults.push(fault(
                    "duplicate",
                    &property,
                    "repeats the SKU of an earlier line",
                ));
            }
            let Some(quantity) = quantity else {
                let property = format!("{property}/quantity");
                faults.push(fault("invalid", &property, "must be a whole number from 0"));
                continue;
            };
            // Assumed: cart-line-results.
            let known = assortment.article(sku).is_some();
            let errors = if known {
                json!([])
            } else {
                json!([fault("sku-not-found", &property, "names no article")])
            };
            results.push(json!({
                "sku": sku,
                "quantity": quantity,
                "success": known,
                "errors": errors,
            }));
            if known && quantity > 0 {
                self.lines.push(CartLine {
                    sku: sku.to_owned(),
                    quantity,
                });
            }
        }
        Value::Array(results)
    }

    fn readdress(&mut self, body: &Value, customers: &CustomerBook, faults: &mut Vec<Value>) {
        match body.get("shipping_address_id") {
            None => {}
            Some(Value::Null) => self.shipping_address_id = None,
            Some(id) => {
                let customer = customers.find(&self.customer_id).ok();
                let known = id
                    .as_str()
                    .filter(|id| customer.is_some_and(|customer| customer.address(id).is_some()));
                // Assumed: cart-unknown-address.
                match known {
                    Some(id) => self.shipping_address_id = Some(id.to_owned()),
                    None => faults.push(fault(
                        "resource-id-not-found",
                        "shipping_address_id",
                        "names no address of the customer",
                    )),
                }
            }
        }
        match body.get("temporary_shipping_address") {
            None => {}
            Some(Value::Null) => self.temporary_shipping_address = None,
            Some(address @ Value::Object(_)) => {
                self.temporary_shipping_address = Some(address.clone());
            }
            Some(_) => faults.push(fault(
                "invalid",
                "temporary_shipping_address",
                "must be an object",
            )),
        }
    }

    /// Where it goes: the temporary address wins (documented).
    pub(crate) fn shipping_address(&self, customers: &CustomerBook) -> Option<Value> {
        if let Some(address) = &self.temporary_shipping_address {
            return Some(address.clone());
        }
        let customer = customers.find(&self.customer_id).ok()?;
        let address = customer.address(self.shipping_address_id.as_deref()?)?;
        Some(Value::Object(address.clone()))
    }
}
