//! What stops an order at the label, after it was taken: the line check and the contact check of the warehouse (seen in use).

use serde_json::Value;

use super::order::AcceptedOrder;

/// Most units, and most of a value or weight.
const MOST: f64 = 99_999.0;

/// The first fault of an order that is about to get its labels, in the warehouse's words; none where it may leave.
pub(crate) fn fault(order: &AcceptedOrder) -> Option<String> {
    let document = order.document();
    let rows = document.get("lines").and_then(Value::as_array);
    let line = rows.into_iter().flatten().find_map(line_fault);
    line.or_else(|| contact_fault(order, &document))
}

fn line_fault(row: &Value) -> Option<String> {
    let text = |member: &str| {
        let text = row.get(member).and_then(Value::as_str).unwrap_or_default();
        text.trim().chars().count()
    };
    // The product's group is the warehouse's own; without one it takes the description.
    let empty = [
        ("Product Type", "description"),
        ("Country of Origin", "originCountry"),
        ("Commodity Code", "commodityCode"),
    ]
    .into_iter()
    .find(|(_, member)| text(member) == 0);
    if let Some((field, _)) = empty {
        return Some(format!("101 {field} cannot be null or empty"));
    }
    let amount = |member: &str| {
        let value = row.get(member)?;
        value.as_f64().or_else(|| value.as_str()?.parse().ok())
    };
    let value = amount("customsValue").or_else(|| amount("unitPrice"));
    let weight = amount("netWeightGrams").map(|grams| grams / 1000.0);
    for (field, amount, least) in [
        ("Product Value", value, 1.0),
        ("Product Weight", weight, 0.0),
        ("Product Qty", amount("quantity"), 1.0),
    ] {
        if amount.is_none_or(|amount| !(least..=MOST).contains(&amount)) {
            return Some(format!("102 {field} must be between 1 and 99999"));
        }
    }
    if text("description") > 35 {
        return Some("103 Product Description must be between 1 and 35 characters".to_owned());
    }
    if text("commodityCode") > 13 {
        return Some("104 Product Commodity Code must be between 1 and 13 characters".to_owned());
    }
    None
}

/// A phone or e-mail address that was cut is one that nobody can be reached by.
fn contact_fault(order: &AcceptedOrder, document: &Value) -> Option<String> {
    let cut = |member: &str| order.cuts.iter().any(|cut| cut.field == member);
    let email = document.pointer("/recipient/email").and_then(Value::as_str);
    let unusable = email.is_some_and(|email| !email.contains('@'));
    (unusable || cut("/recipient/email") || cut("/recipient/phone"))
        .then(|| "102 contact details are not usable".to_owned())
}
