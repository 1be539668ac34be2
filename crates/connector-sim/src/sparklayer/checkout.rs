//! From a cart to an order: totals, what may be chosen, and the purchase it becomes.

use chrono::{DateTime, Utc};
use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::ShopState;
use super::amount::Amount;
use super::article::ShippingRate;
use super::cart::Cart;
use super::cart_rules::{self, Ignored, Violation};
use super::counted_id;
use super::customer_book::Customer;
use super::purchase::fault;
use crate::problem::Problem;
use crate::virtual_clock::wire_time;

/// Currency of a customer without one.
const DEFAULT_CURRENCY: &str = "GBP";
const ON_ACCOUNT: &str = "paymentOnAccount";

/// A cart with everything that is worked out from it.
#[derive(Debug)]
pub(crate) struct Checkout<'a> {
    state: &'a ShopState,
    cart: &'a Cart,
    customer: &'a Customer,
    shipping_address: Option<Value>,
    currency: String,
    /// One for each line of the cart.
    lines: Vec<Amount>,
}

/// The purchase of a completed cart, not yet stored.
#[derive(Debug)]
pub(crate) struct Completed {
    pub(crate) cart_id: String,
    pub(crate) customer_id: String,
    pub(crate) purchase: String,
    /// What the customer owes from now on, where the order is on account.
    pub(crate) owed: Option<Decimal>,
}

impl<'a> Checkout<'a> {
    pub(crate) fn of(state: &'a ShopState, cart_id: &str) -> Result<Self, Problem> {
        let cart = state.carts.find(cart_id)?;
        let customer = state.customers.find(&cart.customer_id)?;
        // Assumed: money-currency.
        let currency = customer
            .text("currency_code")
            .unwrap_or(DEFAULT_CURRENCY)
            .to_ascii_uppercase();
        let lines = cart
            .lines
            .iter()
            .map(|line| {
                let article = state.assortment.article(&line.sku);
                // Assumed: cart-prices.
                let price = state
                    .prices
                    .price(customer.price_lists(), &line.sku, line.quantity)
                    .or(article.map(|article| article.price))
                    .unwrap_or_default();
                let tax_rate = article.map_or(Decimal::ZERO, |article| article.tax_rate);
                Amount::of(price, line.quantity, tax_rate)
            })
            .collect();
        Ok(Self {
            state,
            cart,
            customer,
            shipping_address: cart.shipping_address(&state.customers),
            currency,
            lines,
        })
    }

    /// The cart as `GET` and `PATCH` answer it.
    pub(crate) fn cart(&self) -> Value {
        let items: Vec<Value> = self
            .cart
            .lines
            .iter()
            .zip(&self.lines)
            .map(|(line, amount)| {
                json!({
                    "sku": line.sku,
                    "quantity": line.quantity,
                    "line_total": amount.ordering(&self.currency),
                })
            })
            .collect();
        // Assumed: cart-members.
        json!({
            "id": self.cart.id,
            "intent": "ORDER",
            "customer_id": self.cart.customer_id,
            "locale": self.cart.locale,
            "shipping_address_id": self.cart.shipping_address_id,
            "temporary_shipping_address": self.cart.temporary_shipping_address,
            "billing_address_id": self.customer.text("default_billing_address_id"),
            "custom_fields": self.cart.custom_fields,
            "customer_reference": self.cart.customer_reference,
            "po_number": self.cart.po_number,
            "shipping_requested_date": self.cart.shipping_requested_date,
            "items": items,
        })
    }

    pub(crate) fn violations(&self) -> Vec<Violation> {
        cart_rules::violations(
            self.cart,
            self.customer,
            &self.state.assortment,
            &self.state.stock,
        )
    }

    pub(crate) fn validation_errors(&self) -> Value {
        self.violations()
            .iter()
            .map(|violation| violation.entry().clone())
            .collect()
    }

    /// `calculate`.
    pub(crate) fn calculation(&self, body: &Value) -> Result<Value, Problem> {
        self.refuse_empty()?;
        let rate = self.rate(body)?;
        let items = self.items();
        let shipping = rate.map(shipping_amount);
        let total = items.plus(shipping.unwrap_or_default());
        // Assumed: calculation-members.
        let both = |amount: Amount| {
            let amount = amount.ordering(&self.currency);
            json!({ "pre_discount": amount, "post_discount": amount })
        };
        let shipping_methods: Vec<Value> = self
            .rates()
            .map(|rate| {
                json!({
                    "handle": rate.handle,
                    "name": rate.name,
                    "price": shipping_amount(rate).ordering(&self.currency),
                })
            })
            .collect();
        Ok(json!({
            "totals": {
                "items": both(items),
                "shipping": shipping.map(both),
                "total": both(total),
            },
            "shipping_methods": shipping_methods,
            "payment_methods": self.payment_methods(total.gross()),
            "validation_errors": self.validation_errors(),
        }))
    }

    /// `complete`, up to the storing.
    pub(crate) fn complete(
        &self,
        body: &Value,
        package_number: u64,
        now: DateTime<Utc>,
    ) -> Result<Completed, Problem> {
        let ignored = Ignored::read(body)
            .ok_or_else(|| invalid("ignore_validation_errors", "must be an array of codes"))?;
        self.refuse_empty()?;
        let rate = self.rate(body)?;
        let left: Vec<Value> = self
            .violations()
            .iter()
            .filter(|violation| !ignored.holds(violation))
            .map(|violation| violation.entry().clone())
            .collect();
        if !left.is_empty() {
            let mut errors = vec![fault(
                "cart-validation-errors",
                "line_items",
                "the cart has validation errors",
            )];
            errors.extend(left);
            return Err(unprocessable("the cart has validation errors", errors));
        }
        let shipping = rate.map(shipping_amount);
        let total = self.items().plus(shipping.unwrap_or_default()).gross();
        let method = body.get("payment_method").and_then(Value::as_str);
        // Assumed: cart-payment-method.
        let method = method
            .filter(|method| self.payment_methods(total).contains(method))
            .ok_or_else(|| invalid("payment_method", "is not a payment method of this cart"))?;
        // Assumed: cart-without-address.
        let Some(address) = &self.shipping_address else {
            return Err(invalid("shipping_address_id", "the cart has no address"));
        };
        let package = json!({
            "identifiers": { "sparklayer_package_id": counted_id::uuid(counted_id::PACKAGE, package_number) },
            "type": "incoming",
            "shipping_method": {
                "name": rate.map_or("", |rate| rate.name.as_str()),
                "line_total": shipping.unwrap_or_default().purchasing(&self.currency),
            },
            "shipping_address": purchase_address(address),
            "line_items": self.purchase_lines(),
            "shipments": [],
        });
        let kind = self.state.switches.completed_type.wire();
        let mut purchase = self.purchase(kind, method, &package, now);
        if let Some(dates) = purchase.get_mut("dates").and_then(Value::as_object_mut) {
            dates.insert("placed_at".to_owned(), json!(wire_time(now)));
        }
        Ok(Completed {
            cart_id: self.cart.id.clone(),
            customer_id: self.cart.customer_id.clone(),
            purchase: purchase.to_string(),
            owed: (method == ON_ACCOUNT).then_some(total),
        })
    }

    /// The open cart as a purchase.
    pub(crate) fn as_purchase(&self, now: DateTime<Utc>) -> String {
        let address = self.shipping_address.as_ref().map(purchase_address);
        let package = json!({
            "type": "incoming",
            "shipping_address": address,
            "line_items": self.purchase_lines(),
            "shipments": [],
        });
        self.purchase("cart", "", &package, now).to_string()
    }

    fn purchase(&self, kind: &str, method: &str, package: &Value, now: DateTime<Utc>) -> Value {
        let cart = self.cart;
        let mut purchase = json!({
            "type": kind,
            "purchase_identifiers": { "sparklayer": cart.id, "platform": "", "internal": "", "visible": "" },
            "customer_identifiers": { "sparklayer": cart.customer_id },
            "payment_method": method,
            "dates": { "created_at": wire_time(cart.created_at), "updated_at": wire_time(now) },
            "customer_reference": cart.customer_reference,
            "currency_code": self.currency,
            "packages": [package],
            "accounting_files": [],
            "custom_fields": cart.custom_fields,
            "metadata": [],
        });
        let Some(members) = purchase.as_object_mut() else {
            return purchase;
        };
        let billing = self
            .customer
            .text("default_billing_address_id")
            .and_then(|id| self.customer.address(id));
        if let Some(address) = billing {
            let address = purchase_address(&Value::Object(address.clone()));
            members.insert("billing_address".to_owned(), address);
        }
        // Assumed: completed-references.
        if !cart.po_number.is_empty() {
            let member = if self.state.switches.purchase_po_number {
                "po_number"
            } else {
                "customer_reference"
            };
            members.insert(member.to_owned(), json!(cart.po_number));
        }
        if !cart.shipping_requested_date.is_empty() {
            let date = json!([{ "name": "shipping_requested_date", "value": cart.shipping_requested_date }]);
            members.insert("metadata".to_owned(), date);
        }
        purchase
    }

    fn purchase_lines(&self) -> Vec<Value> {
        self.cart
            .lines
            .iter()
            .zip(&self.lines)
            .map(|(line, amount)| {
                let name = self
                    .state
                    .assortment
                    .article(&line.sku)
                    .map(|article| &article.name);
                json!({
                    "identifiers": { "sku": line.sku },
                    "name_parent": name,
                    "quantity": line.quantity,
                    "custom_attributes": [],
                    "line_total": amount.purchasing(&self.currency),
                })
            })
            .collect()
    }

    fn items(&self) -> Amount {
        self.lines
            .iter()
            .fold(Amount::default(), |sum, line| sum.plus(*line))
    }

    fn refuse_empty(&self) -> Result<(), Problem> {
        if self.cart.lines.is_empty() {
            let entry = fault("cart-empty", "line_items", "the cart has no items");
            return Err(unprocessable("the cart is empty", vec![entry]));
        }
        Ok(())
    }

    fn rates(&self) -> impl Iterator<Item = &'a ShippingRate> {
        let country = self
            .shipping_address
            .as_ref()
            .and_then(|address| address.get("country_code")?.as_str())
            .map(str::to_owned);
        self.state
            .assortment
            .rates()
            .filter(move |rate| rate.goes_to(country.as_deref()))
    }

    /// The rate the body chose, if any.
    fn rate(&self, body: &Value) -> Result<Option<&'a ShippingRate>, Problem> {
        let handle = match body.get("shipping_rate_handle") {
            None | Some(Value::Null) => return Ok(None),
            Some(handle) => handle.as_str(),
        };
        let found = handle.and_then(|handle| self.rates().find(|rate| rate.handle == handle));
        found.map(Some).ok_or_else(|| {
            unprocessable(
                "the shipping rate is not available",
                vec![fault(
                    "cart-shipping-rate-handle-unavailable",
                    "shipping_rate_handle",
                    "is not available for this cart",
                )],
            )
        })
    }

    fn payment_methods(&self, total: Decimal) -> Vec<&'static str> {
        let mut methods = vec!["upfrontPayment", "paymentByInvoice"];
        if self.customer.may_owe(total) {
            methods.push(ON_ACCOUNT);
        }
        methods
    }
}

fn shipping_amount(rate: &ShippingRate) -> Amount {
    Amount::of(rate.price, 1, rate.tax_rate)
}

fn invalid(member: &str, message: &str) -> Problem {
    Problem::bad_request("the cart cannot be completed so")
        .with_errors(vec![fault("invalid", member, message)])
}

fn unprocessable(detail: &str, errors: Vec<Value>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, detail).with_errors(errors)
}

/// A customer's address with the members of purchases: one name, and no ids.
fn purchase_address(address: &Value) -> Value {
    let text = |member: &str| {
        address
            .get(member)
            .and_then(Value::as_str)
            .unwrap_or_default()
    };
    let name = [text("first_name"), text("last_name")]
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(" ");
    let mut members = Map::new();
    // Assumed: completed-address.
    let name = if name.is_empty() {
        text("name").to_owned()
    } else {
        name
    };
    members.insert("name".to_owned(), json!(name));
    for member in [
        "company",
        "address_line1",
        "address_line2",
        "city",
        "region_code",
        "postal_code",
        "country_code",
        "phone",
    ] {
        if let Some(value) = address.get(member) {
            members.insert(member.to_owned(), value.clone());
        }
    }
    Value::Object(members)
}
