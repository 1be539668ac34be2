//! What can be wrong with a cart: the validation errors that completing it may ignore by code.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::article::{Assortment, ShopArticle};
use super::cart::{Cart, CartLine};
use super::customer_book::Customer;
use super::purchase::fault;
use super::stock::StockBook;

// Assumed: cart-validation-codes.
const TOO_FEW: &str = "minimum-order-item-quantity";
const TOO_MANY: &str = "maximum-order-item-quantity";
const NO_WHOLE_PACK: &str = "order-item-pack-size";
const NOT_IN_STOCK: &str = "order-item-availability";
const NOT_FOR_CUSTOMER: &str = "order-item-customer-restriction";

/// A rule that a line breaks.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Violation {
    code: &'static str,
    entry: Value,
}

impl Violation {
    pub(crate) fn entry(&self) -> &Value {
        &self.entry
    }
}

/// Which violations completing a cart passes over.
#[derive(Debug, Default)]
pub(crate) struct Ignored {
    all: bool,
    codes: BTreeSet<String>,
}

impl Ignored {
    /// Reads `ignore_validation_errors`; `"*"` ignores all (documented).
    pub(crate) fn read(body: &Value) -> Option<Self> {
        let codes: BTreeSet<String> = match body.get("ignore_validation_errors") {
            None | Some(Value::Null) => BTreeSet::new(),
            Some(codes) => codes
                .as_array()?
                .iter()
                .map(|code| code.as_str().map(str::to_owned))
                .collect::<Option<_>>()?,
        };
        Some(Self {
            all: codes.contains("*"),
            codes,
        })
    }

    pub(crate) fn holds(&self, violation: &Violation) -> bool {
        self.all || self.codes.contains(violation.code)
    }
}

/// Every rule that a line of the cart breaks.
pub(crate) fn violations(
    cart: &Cart,
    customer: &Customer,
    assortment: &Assortment,
    stock: &StockBook,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for (place, line) in cart.lines.iter().enumerate() {
        let Some(article) = assortment.article(&line.sku) else {
            continue;
        };
        for (code, message) in line_faults(line, article, customer, stock) {
            let mut entry = fault(code, &format!("line_items/{place}/quantity"), &message);
            if let Some(members) = entry.as_object_mut() {
                members.insert("sku".to_owned(), json!(line.sku));
            }
            found.push(Violation { code, entry });
        }
    }
    found
}

fn line_faults(
    line: &CartLine,
    article: &ShopArticle,
    customer: &Customer,
    stock: &StockBook,
) -> Vec<(&'static str, String)> {
    let quantity = line.quantity;
    let mut faults = Vec::new();
    if let Some(min) = article.min_order_quantity
        && quantity < u64::from(min)
    {
        faults.push((TOO_FEW, format!("must be {min} at least")));
    }
    if let Some(max) = article.max_order_quantity
        && quantity > u64::from(max)
    {
        faults.push((TOO_MANY, format!("must be {max} at most")));
    }
    if let Some(pack) = article.pack_size.filter(|pack| *pack > 0)
        && !quantity.is_multiple_of(u64::from(pack))
    {
        faults.push((NO_WHOLE_PACK, format!("must be a multiple of {pack}")));
    }
    // Assumed: cart-availability.
    if stock
        .sellable(&line.sku)
        .is_some_and(|units| i128::from(quantity) > i128::from(units))
    {
        faults.push((NOT_IN_STOCK, "is more than can be sold".to_owned()));
    }
    let group = customer.group();
    if !article.customer_groups.is_empty()
        && !article.customer_groups.iter().any(|sold| sold == group)
    {
        faults.push((NOT_FOR_CUSTOMER, "is not sold to this customer".to_owned()));
    }
    faults
}
