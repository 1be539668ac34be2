//! Price lists and their prices.

use std::collections::BTreeMap;

use http::StatusCode;
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::amount::number;
use super::price_upload::Upload;
use super::purchase::fault;
use crate::problem::Problem;

/// Price lists of a page at most (documented).
const MAX_PAGE_SIZE: usize = 250;
/// Members that `PATCH` may change (documented).
const WRITABLE: [&str; 4] = ["name", "currency_code", "rules", "tax_inclusive_display"];

/// The prices of one SKU in one price list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SkuPrices {
    pub(crate) display_tax_rate: Option<Value>,
    /// Net price and unit by the quantity from which it holds.
    pub(crate) breaks: BTreeMap<u64, PriceBreak>,
}

/// A price from a quantity on.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PriceBreak {
    pub(crate) price: Decimal,
    pub(crate) unit_of_measure: Value,
}

#[derive(Debug, Default)]
struct PriceList {
    members: Map<String, Value>,
    prices: BTreeMap<String, SkuPrices>,
}

/// All price lists by slug.
#[derive(Debug, Default)]
pub(crate) struct PriceBook {
    lists: BTreeMap<String, PriceList>,
}

impl PriceBook {
    /// Everything at once, as version 1 answers (third parties).
    pub(crate) fn all(&self) -> Value {
        self.lists
            .values()
            .map(|list| Value::Object(list.members.clone()))
            .collect()
    }

    /// One page, as version 2 answers; `page` begins with 1.
    pub(crate) fn page(&self, query: &str) -> Result<Value, Problem> {
        let (mut page, mut page_size) = (1_usize, MAX_PAGE_SIZE);
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let (place, most) = match name.as_ref() {
                "page" => (&mut page, usize::MAX),
                "page_size" => (&mut page_size, MAX_PAGE_SIZE),
                _ => continue,
            };
            // Assumed: price-list-pages.
            *place = value
                .parse()
                .ok()
                .filter(|number| (1..=most).contains(number))
                .ok_or_else(|| Problem::bad_request(format!("{name} is out of range")))?;
        }
        let rows: Vec<Value> = self
            .lists
            .values()
            .skip((page - 1).saturating_mul(page_size))
            .take(page_size)
            .map(|list| Value::Object(list.members.clone()))
            .collect();
        Ok(json!({
            "price_lists": rows,
            "pagination": {
                "current_page": page,
                "total_pages": self.lists.len().div_ceil(page_size).max(1),
            },
        }))
    }

    pub(crate) fn get(&self, slug: &str) -> Result<Value, Problem> {
        Ok(Value::Object(self.list(slug)?.members.clone()))
    }

    pub(crate) fn create(&mut self, body: &Value) -> Result<Value, Problem> {
        let slug = body
            .get("slug")
            .and_then(Value::as_str)
            .filter(|slug| !slug.is_empty());
        let (Some(slug), Some(members)) = (slug, body.as_object()) else {
            return Err(Problem::bad_request("the price list is not valid")
                .with_errors(vec![fault("required", "slug", "is required")]));
        };
        if self.lists.contains_key(slug) {
            return Err(Problem::new(
                StatusCode::CONFLICT,
                "a price list with that slug exists",
            ));
        }
        let mut list = PriceList {
            members: members.clone(),
            ..PriceList::default()
        };
        list.members.entry("rules").or_insert_with(|| json!([]));
        let answer = Value::Object(list.members.clone());
        self.lists.insert(slug.to_owned(), list);
        Ok(answer)
    }

    pub(crate) fn update(&mut self, slug: &str, body: &Value) -> Result<Value, Problem> {
        let list = self.lists.get_mut(slug).ok_or_else(unknown_list)?;
        let changes = body
            .as_object()
            .ok_or_else(|| Problem::bad_request("the body is not a JSON object"))?;
        if changes.get("rules").is_some_and(|rules| !rules.is_array()) {
            return Err(Problem::bad_request("the price list is not valid")
                .with_errors(vec![fault("invalid", "rules", "must be an array")]));
        }
        // Assumed: price-list-rules.
        for (member, value) in changes {
            if WRITABLE.contains(&member.as_str()) {
                list.members.insert(member.clone(), value.clone());
            }
        }
        Ok(Value::Object(list.members.clone()))
    }

    /// Prices of one list, a row for each quantity (third parties).
    pub(crate) fn pricing(&self, slug: &str) -> Result<Value, Problem> {
        let rows = self.list(slug)?.prices.iter().flat_map(|(sku, prices)| {
            prices.breaks.iter().map(move |(quantity, from)| {
                let mut row = json!({
                    "sku": sku,
                    "quantity": quantity,
                    "price": number(from.price),
                    "unit_of_measure": from.unit_of_measure,
                });
                if let (Some(rate), Some(members)) = (&prices.display_tax_rate, row.as_object_mut())
                {
                    members.insert("display_tax_rate".to_owned(), rate.clone());
                }
                row
            })
        });
        Ok(rows.collect())
    }

    /// Prices of one SKU in every list that has any (third parties).
    pub(crate) fn sku_pricing(&self, sku: &str) -> Value {
        let lists = self.lists.iter().filter_map(|(slug, list)| {
            let prices = list.prices.get(sku)?;
            let pricing: Vec<Value> = prices
                .breaks
                .iter()
                .map(|(quantity, from)| {
                    json!({
                        "quantity": quantity,
                        "price": number(from.price),
                        "tax_type": null,
                        "unit_of_measure": from.unit_of_measure,
                    })
                })
                .collect();
            Some(json!({ "price_list_slug": slug, "pricing": pricing }))
        });
        lists.collect()
    }

    /// Stores an upload: all of it or nothing. The prices of a SKU that is in it are replaced.
    pub(crate) fn upload(&mut self, uploads: Vec<Upload>) -> Result<(), Problem> {
        if uploads
            .iter()
            .any(|upload| !self.lists.contains_key(&upload.slug))
        {
            return Err(unknown_list());
        }
        // Assumed: price-upload-scope.
        for upload in uploads {
            if let Some(list) = self.lists.get_mut(&upload.slug) {
                list.prices.insert(upload.sku, upload.prices);
            }
        }
        Ok(())
    }

    /// The net price of so many units: the first of the lists that has the SKU, and its highest quantity that is reached.
    pub(crate) fn price<'a>(
        &self,
        lists: impl Iterator<Item = &'a str>,
        sku: &str,
        quantity: u64,
    ) -> Option<Decimal> {
        lists
            .filter_map(|slug| self.lists.get(slug)?.prices.get(sku))
            .find_map(|prices| {
                let (_, from) = prices.breaks.range(..=quantity).next_back()?;
                Some(from.price)
            })
    }

    fn list(&self, slug: &str) -> Result<&PriceList, Problem> {
        self.lists.get(slug).ok_or_else(unknown_list)
    }
}

fn unknown_list() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "no price list has that slug")
}
