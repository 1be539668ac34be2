//! One stored purchase: its exact document and what is computed from it.

use std::str::FromStr;

use chrono::{DateTime, Utc};
use rust_decimal::Decimal;
use serde_json::{Value, json};

use crate::problem::Problem;
use crate::raw_object::{RawObject, without_prefixed};
use crate::virtual_clock::wire_time;

// Assumed: purchase-types.
/// Types a purchase can have (documented in the older reference).
const TYPES: [&str; 5] = [
    "cart",
    "quote",
    "awaiting_approval",
    "order_unconfirmed",
    "order",
];
/// How the members begin that the server computes; they are ignored on input at any depth (documented).
const CALCULATED: &str = "calculated_";
// Assumed: purchase-required.
/// Members without which a PUT is refused.
const REQUIRED: [&str; 5] = [
    "type",
    "purchase_identifiers",
    "customer_identifiers",
    "dates",
    "packages",
];
/// Members the older reference also marks as required.
const ALSO_MARKED: [&str; 2] = ["accounting_files", "custom_fields"];
/// Members of the summary that lists return; the rest is only in the single purchase.
const BASE: [&str; 11] = [
    "type",
    "purchase_identifiers",
    "customer_identifiers",
    "payment_method",
    "dates",
    "customer_reference",
    "currency_code",
    "calculated_shipping_address",
    "calculated_total",
    "calculated_total_usd",
    "calculated_fulfilment_status",
];

/// Which identifier a purchase is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LookupBy {
    SparkLayer,
    Platform,
    Internal,
    Visible,
}

impl LookupBy {
    pub(crate) const ALL: [Self; 4] = [
        Self::SparkLayer,
        Self::Platform,
        Self::Internal,
        Self::Visible,
    ];

    pub(crate) fn member(self) -> &'static str {
        match self {
            Self::SparkLayer => "sparklayer",
            Self::Platform => "platform",
            Self::Internal => "internal",
            Self::Visible => "visible",
        }
    }

    pub(crate) fn from_path(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lookup| lookup.member() == text)
    }
}

/// How a document is read.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Reading {
    /// A stated `dates.updated_at` is kept; else it is now.
    pub(crate) keep_updated_at: bool,
    /// Every member that the older reference marks is required.
    pub(crate) require_all: bool,
}

/// A purchase as it would be answered, and the facts the lists filter by.
#[derive(Debug, Clone)]
pub(crate) struct Purchase {
    document: RawObject,
    pub(crate) kind: String,
    identifiers: [Option<String>; 4],
    customer_identifiers: RawObject,
    pub(crate) placed_at: Option<DateTime<Utc>>,
    pub(crate) updated_at: DateTime<Utc>,
}

impl Purchase {
    /// Reads and checks a document.
    pub(crate) fn from_text(
        text: &str,
        now: DateTime<Utc>,
        reading: Reading,
    ) -> Result<Self, Problem> {
        let mut document = RawObject::parse(&without_prefixed(text, CALCULATED))
            .ok_or_else(|| Problem::bad_request("the body is not a JSON object"))?;
        let mut faults = Vec::new();
        let also = ALSO_MARKED.iter().filter(|_| reading.require_all);
        for member in REQUIRED.iter().chain(also) {
            if document.value(member).is_none() {
                faults.push(fault("required", member, "is required"));
            }
        }
        let kind = document.text("type").unwrap_or_default();
        if document.value("type").is_some() && !TYPES.contains(&kind.as_str()) {
            faults.push(fault("invalid", "type", "is not a purchase type"));
        }
        // Assumed: purchase-packages.
        if document
            .value("packages")
            .is_some_and(|packages| !packages.is_array() && !packages.is_object())
        {
            faults.push(fault(
                "invalid",
                "packages",
                "is neither an array nor an object",
            ));
        }
        let purchase_identifiers = object(&document, "purchase_identifiers", &mut faults);
        let customer_identifiers = object(&document, "customer_identifiers", &mut faults);
        let mut dates = object(&document, "dates", &mut faults);
        let identifiers = LookupBy::ALL.map(|lookup| {
            let value = purchase_identifiers.value(lookup.member())?;
            if !value.is_string() {
                faults.push(fault(
                    "invalid",
                    &format!("purchase_identifiers/{}", lookup.member()),
                    "is not a string",
                ));
            }
            purchase_identifiers.text(lookup.member())
        });
        // Assumed: purchase-invalid-values.
        let [sparklayer, ..] = &identifiers;
        if sparklayer.as_deref().is_some_and(|id| !is_uuid(id)) {
            faults.push(fault(
                "invalid",
                "purchase_identifiers/sparklayer",
                "is not a UUID",
            ));
        }
        let placed_at = date(&dates, "placed_at", &mut faults);
        let stated_update = date(&dates, "updated_at", &mut faults);
        date(&dates, "created_at", &mut faults);
        if !faults.is_empty() {
            return Err(
                Problem::bad_request("required values are missing or invalid").with_errors(faults),
            );
        }
        let updated_at = stated_update.filter(|_| reading.keep_updated_at);
        // Assumed: purchase-updated-at.
        if updated_at.is_none() {
            dates.set("updated_at", Value::from(wire_time(now)).to_string());
        }
        document.set("dates", dates.to_text());
        Ok(Self {
            document,
            kind,
            identifiers,
            customer_identifiers,
            placed_at,
            updated_at: updated_at.unwrap_or(now),
        })
    }

    pub(crate) fn identifier(&self, lookup: LookupBy) -> Option<&str> {
        let [sparklayer, platform, internal, visible] = &self.identifiers;
        match lookup {
            LookupBy::SparkLayer => sparklayer,
            LookupBy::Platform => platform,
            LookupBy::Internal => internal,
            LookupBy::Visible => visible,
        }
        .as_deref()
    }

    pub(crate) fn customer_identifier(&self, member: &str) -> Option<String> {
        self.customer_identifiers.text(member)
    }

    /// The exact text of `packages`.
    pub(crate) fn packages_text(&self) -> &str {
        self.document.get("packages").unwrap_or("[]")
    }

    pub(crate) fn replace_packages(&mut self, text: String, now: DateTime<Utc>) {
        self.document.set("packages", text);
        self.touch(now);
    }

    pub(crate) fn replace_kind(&mut self, kind: &str, now: DateTime<Utc>) {
        kind.clone_into(&mut self.kind);
        self.document.set("type", Value::from(kind).to_string());
        self.touch(now);
    }

    fn touch(&mut self, now: DateTime<Utc>) {
        let mut dates = self
            .document
            .get("dates")
            .and_then(RawObject::parse)
            .unwrap_or_default();
        dates.set("updated_at", Value::from(wire_time(now)).to_string());
        self.document.set("dates", dates.to_text());
        self.updated_at = now;
    }

    /// The whole purchase as the API answers it.
    pub(crate) fn answer(&self) -> RawObject {
        let mut answer = self.document.clone();
        let packages = self.packages();
        if let Some(placed_at) = self.placed_at {
            let mut dates = answer
                .get("dates")
                .and_then(RawObject::parse)
                .unwrap_or_default();
            dates.set(
                "calculated_submitted_at",
                Value::from(wire_time(placed_at)).to_string(),
            );
            answer.set("dates", dates.to_text());
        }
        answer.set(
            "calculated_shipping_address",
            Value::from(shipping_address(&packages)).to_string(),
        );
        if let Some(total) = total(&packages) {
            let currency = self.document.value("currency_code").unwrap_or(Value::Null);
            let number = total.to_string();
            let in_currency = json!({ "number": number, "currency": currency });
            answer.set("calculated_total", in_currency.to_string());
            // Assumed: purchase-total-usd.
            let in_usd = json!({ "number": number, "currency": "USD" });
            answer.set("calculated_total_usd", in_usd.to_string());
        }
        answer.set(
            "calculated_fulfilment_status",
            Value::from(fulfilment_status(&packages)).to_string(),
        );
        answer
    }

    // Assumed: list-packages.
    /// The summary as lists have it, with packages where a switch asks for them.
    pub(crate) fn summary(&self, with_packages: bool) -> String {
        let mut summary = self.answer();
        summary.retain(|member| BASE.contains(&member) || (with_packages && member == "packages"));
        summary.to_text()
    }

    fn packages(&self) -> Vec<Value> {
        match self.document.value("packages") {
            Some(Value::Array(packages)) => packages,
            Some(package @ Value::Object(_)) => vec![package],
            _ => Vec::new(),
        }
    }
}

// Assumed: error-document.
/// An entry of a problem's `errors`. `property` is written as a JSON pointer (assumed; the form is not documented).
pub(crate) fn fault(code: &str, property: &str, message: &str) -> Value {
    json!({ "code": code, "message": message, "property": format!("/{property}") })
}

fn object(document: &RawObject, member: &str, faults: &mut Vec<Value>) -> RawObject {
    let Some(text) = document.get(member).filter(|text| *text != "null") else {
        return RawObject::default();
    };
    RawObject::parse(text).unwrap_or_else(|| {
        faults.push(fault("invalid", member, "is not an object"));
        RawObject::default()
    })
}

fn date(dates: &RawObject, member: &str, faults: &mut Vec<Value>) -> Option<DateTime<Utc>> {
    let value = dates.value(member)?;
    let text = value.as_str();
    if text == Some("") {
        return None;
    }
    let parsed = text.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    if parsed.is_none() {
        faults.push(fault(
            "invalid",
            &format!("dates/{member}"),
            "is not an RFC 3339 time",
        ));
    }
    parsed.map(|time| time.to_utc())
}

pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

// Assumed: purchase-shipping-address.
/// One line, as the documentation's example: name, company, address, city, postcode.
fn shipping_address(packages: &[Value]) -> String {
    let Some(address) = packages
        .iter()
        .find_map(|package| package.get("shipping_address"))
    else {
        return String::new();
    };
    [
        "name",
        "company",
        "address_line1",
        "address_line2",
        "city",
        "postal_code",
    ]
    .iter()
    .filter_map(|member| address.get(member)?.as_str())
    .filter(|part| !part.is_empty())
    .collect::<Vec<_>>()
    .join(", ")
}

// Assumed: purchase-total.
fn total(packages: &[Value]) -> Option<Decimal> {
    let lines = packages
        .iter()
        .filter_map(|package| package.get("line_items")?.as_array())
        .flatten();
    let shipping = packages
        .iter()
        .filter_map(|package| package.get("shipping_method"));
    lines
        .chain(shipping)
        .filter_map(|part| {
            let total = part.get("line_total")?;
            amount(
                total
                    .get("total_gross")
                    .or_else(|| total.get("total_net"))?,
            )
        })
        .try_fold(Decimal::ZERO, Decimal::checked_add)
}

fn amount(money: &Value) -> Option<Decimal> {
    match money.get("number")? {
        Value::String(text) => Decimal::from_str(text).ok(),
        Value::Number(number) => Decimal::from_str(&number.to_string()).ok(),
        _ => None,
    }
}

// Assumed: purchase-fulfilment-status.
/// What the packages amount to. Only `processing` is documented; the other words follow the older order statuses (assumed).
fn fulfilment_status(packages: &[Value]) -> &'static str {
    let kinds: Vec<String> = packages
        .iter()
        .map(|package| {
            package
                .get("type")
                .and_then(Value::as_str)
                .unwrap_or_default()
                .to_lowercase()
        })
        .collect();
    let all = |wanted: &str| !kinds.is_empty() && kinds.iter().all(|kind| kind == wanted);
    let any = |wanted: &str| kinds.iter().any(|kind| kind == wanted);
    if all("cancelled") {
        "cancelled"
    } else if all("returned") {
        "returned"
    } else if !kinds.is_empty()
        && kinds
            .iter()
            .all(|kind| kind == "shipped" || kind == "cancelled")
    {
        "shipped"
    } else if any("shipped") {
        "part_shipped"
    } else if any("on_hold") {
        "on_hold"
    } else if any("processing") {
        "processing"
    } else {
        "incoming"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::virtual_clock::default_start;

    fn read(packages: &str) -> Result<Purchase, Problem> {
        let text = format!(
            r#"{{"type":"order","purchase_identifiers":{{}},"customer_identifiers":{{}},"dates":{{"placed_at":"2010-12-01T08:00:00+01:00"}},
            "currency_code":"GBP","packages":{packages}}}"#
        );
        Purchase::from_text(&text, default_start(), Reading::default())
    }

    #[test]
    fn totals_are_summed_as_decimals() {
        let purchase = read(
            r#"[{"type":"shipped","shipping_method":{"line_total":{"total_net":{"number":"4.10"}}},
                "line_items":[{"line_total":{"total_net":{"number":"0.10"}}},{"line_total":{"total_net":{"number":"0.20"},"total_gross":{"number":"0.24"}}}]},
                {"type":"incoming"}]"#,
        )
        .unwrap();
        let answer = purchase.answer();
        assert_eq!(
            answer.get("calculated_total"),
            Some(r#"{"currency":"GBP","number":"4.44"}"#)
        );
        assert_eq!(
            answer.text("calculated_fulfilment_status").as_deref(),
            Some("part_shipped")
        );
    }

    #[test]
    fn one_package_may_stand_alone() {
        let purchase = read(r#"{"type":"shipped"}"#).unwrap();
        assert_eq!(
            purchase
                .answer()
                .text("calculated_fulfilment_status")
                .as_deref(),
            Some("shipped")
        );
    }

    #[test]
    fn an_enormous_total_is_left_out() {
        let big = format!(
            r#"{{"line_total":{{"total_net":{{"number":"{}"}}}}}}"#,
            Decimal::MAX
        );
        let purchase = read(&format!(r#"[{{"line_items":[{big},{big}]}}]"#)).unwrap();
        assert_eq!(purchase.answer().get("calculated_total"), None);
    }

    #[test]
    fn uuids_are_told_from_other_texts() {
        assert!(is_uuid("63428136-658f-48a6-beb7-7f333dfd9686"));
        assert!(!is_uuid("63428136-658f-48a6-beb7-7f333dfd968"));
        assert!(!is_uuid("63428136x658f-48a6-beb7-7f333dfd9686"));
    }
}
