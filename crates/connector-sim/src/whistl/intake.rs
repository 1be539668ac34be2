//! What the warehouse checks before it takes an order: everything at once.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::order::{AcceptedLine, FieldCut};

const MAX_REFERENCE: usize = 12;
const MAX_PURCHASE_ORDER: usize = 45;
const MAX_SKU: usize = 24;
const MAX_PHONE: usize = 12;
const MAX_QUANTITY: u64 = 99_999;

/// Members of the recipient: name, limit in characters, required.
const RECIPIENT: [(&str, usize, bool); 9] = [
    ("name", 35, true),
    ("company", 35, false),
    ("line1", 35, true),
    ("line2", 35, false),
    ("city", 35, true),
    ("county", 35, false),
    ("postcode", 10, true),
    ("country", 2, true),
    ("email", 35, false),
];

/// What an intake knows of the account.
pub(crate) struct Rules<'a> {
    pub(crate) service_codes: &'a [String],
    /// `None` takes any SKU.
    pub(crate) knows_sku: Option<&'a dyn Fn(&str) -> bool>,
    /// Cuts texts that are too long, as the real warehouse does, instead of refusing them.
    pub(crate) cuts: bool,
    /// Takes an order with an unknown service and holds it.
    pub(crate) holds_unknown_services: bool,
    /// Holds an order for abroad whose lines lack commodity code or origin.
    pub(crate) holds_without_customs: bool,
}

/// The parts of a sound order that the warehouse works with.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) reference: String,
    pub(crate) service_code: String,
    pub(crate) lines: Vec<AcceptedLine>,
    pub(crate) may_part_ship: bool,
    pub(crate) hold: Option<&'static str>,
    pub(crate) cuts: Vec<FieldCut>,
}

/// Collects faults; messages hold no values, since many are personal.
struct Faults {
    found: Vec<Value>,
    /// What was cut; none where nothing is.
    cuts: Option<Vec<FieldCut>>,
}

impl Faults {
    fn add(&mut self, code: &str, field: impl AsRef<str>, message: &str) {
        self.found
            .push(json!({ "code": code, "field": field.as_ref(), "message": message }));
    }

    /// Whether a text that is too long is cut rather than refused.
    fn cut(&mut self, field: &str, length: usize, kept: usize) -> bool {
        let Some(cuts) = &mut self.cuts else {
            return false;
        };
        cuts.push(FieldCut {
            field: field.to_owned(),
            length,
            kept,
        });
        true
    }

    /// A text of at most `limit` characters; blank counts as missing.
    fn text<'v>(
        &mut self,
        holder: &'v Value,
        pointer: &str,
        limit: usize,
        required: bool,
    ) -> Option<&'v str> {
        let member = pointer.rsplit('/').next().unwrap_or(pointer);
        let value = holder.get(member).filter(|value| !value.is_null());
        let text = match value {
            Some(Value::String(text)) if !text.trim().is_empty() => text,
            Some(Value::String(_)) | None => {
                if required {
                    self.add("FIELD_MISSING", pointer, "is required");
                }
                return None;
            }
            Some(_) => {
                self.add("FIELD_INVALID", pointer, "must be text");
                return None;
            }
        };
        let length = text.chars().count();
        if length > limit && !self.cut(pointer, length, limit) {
            self.add(
                "FIELD_TOO_LONG",
                pointer,
                &format!("must have at most {limit} characters"),
            );
            return None;
        }
        Some(text)
    }
}

/// Checks an order. All faults come back together, each with code, field (JSON pointer) and message.
pub(crate) fn check(order: &Value, rules: &Rules<'_>) -> Result<Request, Vec<Value>> {
    let mut faults = Faults {
        found: Vec::new(),
        cuts: None,
    };
    let reference = reference(order, &mut faults);
    let service_code = faults
        .text(order, "/serviceCode", usize::MAX, true)
        .map(str::to_owned);
    let mut hold = None;
    if let Some(code) = &service_code
        && !rules.service_codes.contains(code)
    {
        if rules.holds_unknown_services {
            hold = Some("SERVICE_UNMAPPED");
        } else {
            faults.add(
                "SERVICE_UNKNOWN",
                "/serviceCode",
                "is no service of this account",
            );
        }
    }
    faults.text(order, "/otherrefnum", MAX_PURCHASE_ORDER, false);
    // Only what the carrier gets is cut: a PO number or a reference never is.
    faults.cuts = rules.cuts.then(Vec::new);
    recipient(order, &mut faults);
    let cuts = faults.cuts.take().unwrap_or_default();
    let lines = lines(order, rules, &mut faults);
    if rules.holds_without_customs && leaves_the_country(order) && lacks_customs(order) {
        hold = hold.or(Some("CUSTOMS_DATA_MISSING"));
    }
    match (reference, service_code) {
        (Some(reference), Some(service_code)) if faults.found.is_empty() => Ok(Request {
            reference,
            service_code,
            lines,
            may_part_ship: order.get("allowPartShipment") != Some(&Value::Bool(false)),
            hold,
            cuts,
        }),
        _ => Err(faults.found),
    }
}

fn leaves_the_country(order: &Value) -> bool {
    let country = order.pointer("/recipient/country").and_then(Value::as_str);
    country.is_some_and(|country| country != "GB")
}

fn lacks_customs(order: &Value) -> bool {
    let given = |row: &Value, member: &str| {
        let text = row.get(member).and_then(Value::as_str);
        text.is_some_and(|text| !text.trim().is_empty())
    };
    let rows = order.get("lines").and_then(Value::as_array);
    rows.into_iter()
        .flatten()
        .any(|row| !given(row, "commodityCode") || !given(row, "originCountry"))
}

fn reference(order: &Value, faults: &mut Faults) -> Option<String> {
    match order
        .get("reference")
        .and_then(Value::as_str)
        .map(str::trim)
        .filter(|text| !text.is_empty())
    {
        None => {
            faults.add("REFERENCE_MISSING", "/reference", "is required");
            None
        }
        Some(text) if text.chars().count() > MAX_REFERENCE => {
            faults.add(
                "REFERENCE_TOO_LONG",
                "/reference",
                "must have at most 12 characters",
            );
            None
        }
        Some(text) => Some(text.to_owned()),
    }
}

fn recipient(order: &Value, faults: &mut Faults) {
    let Some(recipient) = order.get("recipient").filter(|value| value.is_object()) else {
        faults.add("FIELD_MISSING", "/recipient", "is required");
        return;
    };
    for (member, limit, required) in RECIPIENT {
        let text = faults.text(recipient, &format!("/recipient/{member}"), limit, required);
        let letters =
            |text: &str| text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
        if member == "country" && text.is_some_and(|text| !letters(text)) {
            faults.add(
                "COUNTRY_INVALID",
                "/recipient/country",
                "must be a two-letter country code",
            );
        }
    }
    match recipient
        .get("phone")
        .and_then(Value::as_str)
        .filter(|phone| !phone.is_empty())
    {
        None => faults.add("PHONE_MISSING", "/recipient/phone", "is required"),
        Some(phone) if !phone.bytes().all(|byte| byte.is_ascii_digit()) => {
            faults.add(
                "PHONE_INVALID",
                "/recipient/phone",
                "must be digits with the country code and no plus",
            );
        }
        Some(phone) if phone.len() > MAX_PHONE => {
            if !faults.cut("/recipient/phone", phone.len(), MAX_PHONE) {
                faults.add(
                    "PHONE_TOO_LONG",
                    "/recipient/phone",
                    "must have at most 12 digits",
                );
            }
        }
        Some(_) => {}
    }
}

fn lines(order: &Value, rules: &Rules<'_>, faults: &mut Faults) -> Vec<AcceptedLine> {
    let rows = order
        .get("lines")
        .and_then(Value::as_array)
        .filter(|rows| !rows.is_empty());
    let Some(rows) = rows else {
        faults.add("LINES_MISSING", "/lines", "at least one line is required");
        return Vec::new();
    };
    let mut ids = HashSet::new();
    let mut lines = Vec::with_capacity(rows.len());
    for (place, row) in rows.iter().enumerate() {
        let pointer = |member: &str| format!("/lines/{place}/{member}");
        let line_id = faults.text(row, &pointer("lineId"), usize::MAX, true);
        if line_id.is_some_and(|id| !ids.insert(id)) {
            faults.add(
                "LINE_DUPLICATE",
                pointer("lineId"),
                "stands on an earlier line",
            );
        }
        let sku = faults.text(row, &pointer("sku"), usize::MAX, true);
        if let Some(sku) = sku {
            if !sku.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
                faults.add(
                    "SKU_INVALID",
                    pointer("sku"),
                    "must be letters and digits only",
                );
            } else if sku.len() > MAX_SKU {
                faults.add(
                    "SKU_TOO_LONG",
                    pointer("sku"),
                    "must have at most 24 characters",
                );
            } else if rules.knows_sku.is_some_and(|knows| !knows(sku)) {
                faults.add(
                    "SKU_UNKNOWN",
                    pointer("sku"),
                    "is no article of this account",
                );
            }
        }
        let quantity = row
            .get("quantity")
            .and_then(Value::as_u64)
            .filter(|quantity| (1..=MAX_QUANTITY).contains(quantity))
            .and_then(|quantity| u32::try_from(quantity).ok());
        if quantity.is_none() {
            faults.add(
                "QUANTITY_INVALID",
                pointer("quantity"),
                "must be a whole number from 1 to 99999",
            );
        }
        if let (Some(line_id), Some(sku), Some(ordered)) = (line_id, sku, quantity) {
            lines.push(AcceptedLine {
                line_id: line_id.to_owned(),
                sku: sku.to_owned(),
                ordered,
                allocated: 0,
                despatched: 0,
                short: 0,
                cancelled: 0,
                grams: row
                    .get("netWeightGrams")
                    .and_then(Value::as_u64)
                    .and_then(|grams| u32::try_from(grams).ok()),
            });
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(order: &Value) -> Vec<String> {
        let services = ["WHI_EXP".to_owned()];
        let knows = |sku: &str| sku.starts_with("85");
        let rules = Rules {
            service_codes: &services,
            knows_sku: Some(&knows),
            cuts: false,
            holds_unknown_services: false,
            holds_without_customs: false,
        };
        let faults = check(order, &rules).err().unwrap_or_default();
        faults
            .iter()
            .map(|fault| {
                format!(
                    "{} {}",
                    fault["code"].as_str().unwrap(),
                    fault["field"].as_str().unwrap()
                )
            })
            .collect()
    }

    fn sound() -> Value {
        json!({
            "reference": "K1234567", "serviceCode": "WHI_EXP",
            "recipient": { "name": "Goods In", "line1": "7 High Street", "city": "Bedford", "postcode": "MK40 1AA", "country": "GB", "phone": "441234567890" },
            "lines": [{ "lineId": "1", "sku": "85123A", "quantity": 6 }],
        })
    }

    #[test]
    fn a_sound_order_passes() {
        assert_eq!(codes(&sound()), Vec::<String>::new());
    }

    #[test]
    fn each_rule_has_its_code() {
        let rules: [(&str, Value, &str); 19] = [
            ("/reference", json!(""), "REFERENCE_MISSING /reference"),
            (
                "/reference",
                json!("K123456789012"),
                "REFERENCE_TOO_LONG /reference",
            ),
            (
                "/serviceCode",
                json!("EXPRESS"),
                "SERVICE_UNKNOWN /serviceCode",
            ),
            ("/serviceCode", json!(null), "FIELD_MISSING /serviceCode"),
            ("/recipient", json!(7), "FIELD_MISSING /recipient"),
            (
                "/recipient/name",
                json!("   "),
                "FIELD_MISSING /recipient/name",
            ),
            (
                "/recipient/line1",
                json!("x".repeat(36)),
                "FIELD_TOO_LONG /recipient/line1",
            ),
            (
                "/recipient/postcode",
                json!("MK40  1AAAA"),
                "FIELD_TOO_LONG /recipient/postcode",
            ),
            (
                "/recipient/country",
                json!("uk"),
                "COUNTRY_INVALID /recipient/country",
            ),
            (
                "/recipient/phone",
                json!(null),
                "PHONE_MISSING /recipient/phone",
            ),
            (
                "/recipient/phone",
                json!("+44123456789"),
                "PHONE_INVALID /recipient/phone",
            ),
            (
                "/recipient/phone",
                json!("4412345678901"),
                "PHONE_TOO_LONG /recipient/phone",
            ),
            ("/lines", json!([]), "LINES_MISSING /lines"),
            ("/lines/0/sku", json!("85-123"), "SKU_INVALID /lines/0/sku"),
            (
                "/lines/0/sku",
                json!("8".repeat(25)),
                "SKU_TOO_LONG /lines/0/sku",
            ),
            ("/lines/0/sku", json!("22752"), "SKU_UNKNOWN /lines/0/sku"),
            (
                "/lines/0/quantity",
                json!(0),
                "QUANTITY_INVALID /lines/0/quantity",
            ),
            (
                "/lines/0/quantity",
                json!(1.5),
                "QUANTITY_INVALID /lines/0/quantity",
            ),
            (
                "/lines/0/quantity",
                json!(100_000),
                "QUANTITY_INVALID /lines/0/quantity",
            ),
        ];
        for (pointer, value, expected) in rules {
            let mut order = sound();
            *order.pointer_mut(pointer).unwrap() = value;
            assert_eq!(codes(&order), [expected]);
        }
    }

    #[test]
    fn accents_count_as_one_character() {
        let mut order = sound();
        order["recipient"]["city"] = json!("é".repeat(35));
        assert_eq!(codes(&order), Vec::<String>::new());
    }

    #[test]
    fn faults_come_together_and_nothing_panics() {
        let order = json!({ "lines": [{ "lineId": "1", "sku": "a b", "quantity": -1 }, { "lineId": "1" }, 5] });
        let found = codes(&order);
        for expected in [
            "REFERENCE_MISSING /reference",
            "FIELD_MISSING /recipient",
            "SKU_INVALID /lines/0/sku",
            "LINE_DUPLICATE /lines/1/lineId",
        ] {
            assert!(
                found.iter().any(|code| code == expected),
                "{expected} in {found:?}"
            );
        }
        for odd in [json!(null), json!([]), json!("x"), json!({ "lines": {} })] {
            assert!(!codes(&odd).is_empty());
        }
    }
}
