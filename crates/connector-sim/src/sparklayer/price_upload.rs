//! Price uploads as JSON or CSV, and their own form of refusal: an array of line, field and message (documented).

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};

use super::amount::decimal;
use super::price_book::{PriceBreak, SkuPrices};

/// The prices of one SKU for one price list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Upload {
    pub(crate) slug: String,
    pub(crate) sku: String,
    pub(crate) prices: SkuPrices,
}

impl Upload {
    /// One price from the first unit on.
    pub(crate) fn single(slug: &str, sku: &str, price: Decimal) -> Self {
        let from = PriceBreak {
            price,
            unit_of_measure: Value::Null,
        };
        Self {
            slug: slug.to_owned(),
            sku: sku.to_owned(),
            prices: SkuPrices {
                display_tax_rate: None,
                breaks: BTreeMap::from([(1, from)]),
            },
        }
    }
}

/// What the rows leave open because the address says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope<'a> {
    /// One price list; rows name the SKU.
    PriceList(&'a str),
    /// Rows name the price list and the SKU.
    AllLists,
    /// One SKU; rows name the price list.
    Sku(&'a str),
}

impl Scope<'_> {
    fn slug(self, row: &impl Fn(&str) -> Option<String>) -> Option<String> {
        match self {
            Self::PriceList(slug) => Some(slug.to_owned()),
            Self::AllLists | Self::Sku(_) => row("price_list_slug"),
        }
    }

    fn sku(self, row: &impl Fn(&str) -> Option<String>) -> Option<String> {
        match self {
            Self::Sku(sku) => Some(sku.to_owned()),
            Self::AllLists | Self::PriceList(_) => row("sku"),
        }
    }
}

/// The errors of an upload; lines begin with 1.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct LineErrors(Vec<Value>);

impl LineErrors {
    fn add(&mut self, line: usize, field: &str, message: &str) {
        self.0
            .push(json!({ "line": line, "field": field, "message": message }));
    }

    fn one(line: usize, field: &str, message: &str) -> Self {
        let mut errors = Self::default();
        errors.add(line, field, message);
        errors
    }

    pub(crate) fn into_body(self) -> Value {
        Value::Array(self.0)
    }
}

/// Reads `[{sku, display_tax_rate, pricing: [{quantity, price}]}]`.
pub(crate) fn read_json(body: &[u8], scope: Scope<'_>) -> Result<Vec<Upload>, LineErrors> {
    let rows: Vec<Value> = serde_json::from_slice(body)
        .map_err(|_| LineErrors::one(1, "", "the body is not a JSON array"))?;
    let mut errors = LineErrors::default();
    let mut uploads = Vec::new();
    for (place, row) in rows.iter().enumerate() {
        let line = place + 1;
        let text = |member: &str| Some(row.get(member)?.as_str()?.to_owned());
        let slug = named(scope.slug(&text), line, "price_list_slug", &mut errors);
        let sku = named(scope.sku(&text), line, "sku", &mut errors);
        let mut breaks = BTreeMap::new();
        match row.get("pricing").and_then(Value::as_array) {
            Some(pricing) => {
                for price in pricing {
                    let quantity = price.get("quantity").map_or(Some(1), Value::as_u64);
                    let amount = price.get("price").and_then(decimal);
                    let unit = price.get("unit_of_measure").cloned().unwrap_or(Value::Null);
                    add_break(&mut breaks, line, quantity, amount, unit, &mut errors);
                }
            }
            None => errors.add(line, "pricing", "must be an array"),
        }
        if let (Some(slug), Some(sku)) = (slug, sku) {
            let prices = SkuPrices {
                display_tax_rate: row.get("display_tax_rate").cloned(),
                breaks,
            };
            uploads.push(Upload { slug, sku, prices });
        }
    }
    finish(uploads, errors)
}

/// Reads lines with a header that names `sku`, `quantity`, `price` and, where the address does not say it, `price_list_slug`.
pub(crate) fn read_csv(body: &[u8], scope: Scope<'_>) -> Result<Vec<Upload>, LineErrors> {
    // Assumed: price-upload-csv.
    let mut reader = csv::Reader::from_reader(body);
    let header = reader
        .headers()
        .cloned()
        .map_err(|_| LineErrors::one(1, "", "the header cannot be read"))?;
    let mut errors = LineErrors::default();
    let mut found: BTreeMap<(String, String), BTreeMap<u64, PriceBreak>> = BTreeMap::new();
    for (place, record) in reader.records().enumerate() {
        let line = place + 2;
        let Ok(record) = record else {
            errors.add(line, "", "the line cannot be read");
            continue;
        };
        let text = |column: &str| {
            let column = header.iter().position(|name| name.trim() == column)?;
            Some(record.get(column)?.trim().to_owned())
        };
        let slug = named(scope.slug(&text), line, "price_list_slug", &mut errors);
        let sku = named(scope.sku(&text), line, "sku", &mut errors);
        let quantity = text("quantity").map_or(Some(1), |quantity| quantity.parse().ok());
        let price = text("price").and_then(|price| price.parse().ok());
        let mut nowhere = BTreeMap::new();
        let breaks = match slug.zip(sku) {
            Some(key) => found.entry(key).or_default(),
            None => &mut nowhere,
        };
        add_break(breaks, line, quantity, price, Value::Null, &mut errors);
    }
    let uploads = found.into_iter().map(|((slug, sku), breaks)| Upload {
        slug,
        sku,
        prices: SkuPrices {
            display_tax_rate: None,
            breaks,
        },
    });
    finish(uploads.collect(), errors)
}

fn named(
    text: Option<String>,
    line: usize,
    field: &str,
    errors: &mut LineErrors,
) -> Option<String> {
    let text = text.filter(|text| !text.is_empty());
    if text.is_none() {
        errors.add(line, field, "is required");
    }
    text
}

fn add_break(
    breaks: &mut BTreeMap<u64, PriceBreak>,
    line: usize,
    quantity: Option<u64>,
    price: Option<Decimal>,
    unit_of_measure: Value,
    errors: &mut LineErrors,
) {
    if quantity.is_none_or(|quantity| quantity == 0) {
        errors.add(line, "quantity", "must be a whole number from 1");
    }
    let price = price.filter(|price| !price.is_sign_negative());
    if price.is_none() {
        errors.add(line, "price", "must be a number from 0");
    }
    if let (Some(quantity), Some(price)) = (quantity, price) {
        let from = PriceBreak {
            price,
            unit_of_measure,
        };
        if breaks.insert(quantity, from).is_some() {
            errors.add(line, "quantity", "is given twice");
        }
    }
}

fn finish(uploads: Vec<Upload>, errors: LineErrors) -> Result<Vec<Upload>, LineErrors> {
    if errors.0.is_empty() {
        Ok(uploads)
    } else {
        Err(errors)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_say_the_same() {
        let json =
            br#"[{"sku":"A","pricing":[{"quantity":1,"price":10.4},{"quantity":10,"price":9}]}]"#;
        let csv = b"sku,quantity,price\nA,1,10.4\nA,10,9\n";
        assert_eq!(
            read_json(json, Scope::PriceList("base")),
            read_csv(csv, Scope::PriceList("base"))
        );
    }

    #[test]
    fn every_line_with_an_error_is_named() {
        let errors = read_csv(
            b"sku,quantity,price\nA,1,x\n,0,1\n",
            Scope::PriceList("base"),
        )
        .unwrap_err();
        let body = errors.into_body();
        let named: Vec<(u64, &str)> = body
            .as_array()
            .unwrap()
            .iter()
            .map(|error| {
                (
                    error["line"].as_u64().unwrap(),
                    error["field"].as_str().unwrap(),
                )
            })
            .collect();
        assert_eq!(named, [(2, "price"), (3, "sku"), (3, "quantity")]);
        let errors = read_json(
            br#"[{"pricing":[{"quantity":1,"price":-1}]}]"#,
            Scope::AllLists,
        );
        assert_eq!(errors.unwrap_err().into_body().as_array().unwrap().len(), 3);
        assert!(read_json(b"{}", Scope::AllLists).is_err());
    }
}
