//! Prices that go out, and what is wrong with them.

use std::collections::HashSet;

use connector_http::{Error, Operation, Personal};
use rust_decimal::Decimal;

use super::PriceTier;
use crate::json::refused;
use crate::members::wire_object;

wire_object! {
    /// The prices of a SKU, to be written. Documented.
    ///
    /// ```
    /// use sparklayer_client::{PriceTier, PriceUpdate};
    /// let prices = PriceUpdate::new("SKU-1", vec![PriceTier::new(1.into(), "10.40".parse()?), PriceTier::new(12.into(), 9.into())]);
    /// let text = serde_json::to_string(&prices)?;
    /// assert_eq!(text, r#"{"pricing":[{"price":10.40,"quantity":1},{"price":9,"quantity":12}],"sku":"SKU-1"}"#);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub struct PriceUpdate {
        /// The price list, where an upload is for several.
        price_list_slug: Option<String> = "price_list_slug",
        /// The SKU.
        sku: Option<String> = "sku",
        /// The rate of tax to display. That it is a number is assumed; see [`PriceNames`](crate::PriceNames).
        display_tax_rate: Option<Decimal> = "display_tax_rate",
        /// The prices, by quantity.
        pricing: Vec<PriceTier> = "pricing",
    }
}

impl PriceUpdate {
    /// All prices of a SKU.
    #[must_use]
    pub fn new(sku: impl Into<String>, pricing: Vec<PriceTier>) -> Self {
        Self {
            sku: Some(sku.into()),
            pricing,
            ..Self::default()
        }
    }

    /// In a price list, for an upload to several.
    #[must_use]
    pub fn in_list(mut self, slug: impl Into<String>) -> Self {
        self.price_list_slug = Some(slug.into());
        self
    }

    /// With a rate of tax to display. Rests on [`PriceNames`](crate::PriceNames).
    #[must_use]
    pub const fn with_display_tax_rate(mut self, rate: Decimal) -> Self {
        self.display_tax_rate = Some(rate);
        self
    }
}

/// Refuses what the vendor would refuse, or what nobody can say the meaning of.
pub(super) fn check(
    operation: &Operation,
    updates: &[PriceUpdate],
    one_list: bool,
) -> Result<(), Error> {
    let is_filled =
        |text: &Option<String>| text.as_ref().is_some_and(|text| !text.trim().is_empty());
    let mut seen = HashSet::new();
    for update in updates {
        if !is_filled(&update.sku) {
            return Err(refused(operation, "a SKU is empty"));
        }
        if one_list && update.price_list_slug.is_some() {
            return Err(refused(operation, "a price list in an upload to one list"));
        }
        if !one_list && !is_filled(&update.price_list_slug) {
            return Err(refused(operation, "a price list is empty"));
        }
        if update.pricing.is_empty() {
            return Err(refused(operation, "a SKU without prices"));
        }
        let is_whole = |tier: &PriceTier| tier.quantity.is_some() && tier.price.is_some();
        if !update.pricing.iter().all(is_whole) {
            return Err(refused(operation, "a price without its quantity or amount"));
        }
        if !seen.insert((&update.price_list_slug, &update.sku)) {
            return Err(refused(
                operation,
                "the same SKU occurs twice in a price list",
            ));
        }
    }
    Ok(())
}

/// What is wrong with a line of an upload. Documented.
///
/// ```
/// # async fn example(shop: sparklayer_client::SparkLayer, csv: String) -> Result<(), sparklayer_client::Error> {
/// use sparklayer_client::UploadFault;
/// if let Err(error) = shop.prices().update_list_csv("wholesale", csv).await {
///     for fault in UploadFault::all_of(&error) {
///         println!("line {:?}, field {:?}", fault.line, fault.field);
///     }
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadFault {
    /// The line, if the vendor names one. Whether it counts from 0 or 1 is not documented.
    pub line: Option<u64>,
    /// The field.
    pub field: Option<String>,
    /// The vendor's words, which may quote the upload.
    pub message: Option<Personal<String>>,
}

impl UploadFault {
    /// All faults of an error, in the vendor's order. An error of another kind has none with a line.
    #[must_use]
    pub fn all_of(error: &Error) -> Vec<Self> {
        let faults = error.vendor_errors().iter().map(|said| {
            let (line, field) = place(said.pointer().unwrap_or_default());
            Self {
                line,
                field: field.map(str::to_owned),
                message: said
                    .message()
                    .map(|message| Personal::new(message.to_owned())),
            }
        });
        faults.collect()
    }
}

/// Takes `[3].sku` apart.
fn place(pointer: &str) -> (Option<u64>, Option<&str>) {
    let numbered = pointer
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .and_then(|(line, field)| Some((line.parse().ok()?, field)));
    let (line, field) = match numbered {
        Some((line, field)) => (Some(line), field.strip_prefix('.').unwrap_or(field)),
        None => (None, pointer),
    };
    (line, Some(field).filter(|field| !field.is_empty()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_apart() {
        assert_eq!(place("[3].sku"), (Some(3), Some("sku")));
        assert_eq!(place("[3]"), (Some(3), None));
        assert_eq!(place("sku"), (None, Some("sku")));
        assert_eq!(place("[x].sku"), (None, Some("[x].sku")));
        assert_eq!(place(""), (None, None));
    }
}
