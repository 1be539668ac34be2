//! What the shop sells: prices and quantity rules of articles, and its own shipping rates.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// An article that carts may hold.
///
/// The quantity rules are those of the platform's metafields (documented); that the simulator holds prices and taxes here is its own doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShopArticle {
    /// SKU.
    pub sku: String,
    /// Name for people.
    pub name: String,
    /// Net price of a unit where no price list of the customer has one.
    pub price: Decimal,
    /// Tax in per cent. Default none.
    #[serde(default)]
    pub tax_rate: Decimal,
    /// Fewest units of a line.
    #[serde(default)]
    pub min_order_quantity: Option<u32>,
    /// Most units of a line.
    #[serde(default)]
    pub max_order_quantity: Option<u32>,
    /// Units of a line are a multiple of this.
    #[serde(default)]
    pub pack_size: Option<u32>,
    /// Customer groups that may buy it; empty is all.
    #[serde(default)]
    pub customer_groups: Vec<String>,
}

impl ShopArticle {
    /// An article without tax and quantity rules.
    #[must_use]
    pub fn new(sku: impl Into<String>, name: impl Into<String>, price: Decimal) -> Self {
        Self {
            sku: sku.into(),
            name: name.into(),
            price,
            tax_rate: Decimal::ZERO,
            min_order_quantity: None,
            max_order_quantity: None,
            pack_size: None,
            customer_groups: Vec::new(),
        }
    }

    /// Taxes it at that many per cent.
    #[must_use]
    pub fn with_tax_rate(mut self, per_cent: Decimal) -> Self {
        self.tax_rate = per_cent;
        self
    }

    /// Limits the units of a line.
    #[must_use]
    pub fn with_quantities(mut self, min: Option<u32>, max: Option<u32>) -> Self {
        self.min_order_quantity = min;
        self.max_order_quantity = max;
        self
    }

    /// Sells it in packs of so many units.
    #[must_use]
    pub fn with_pack_size(mut self, units: u32) -> Self {
        self.pack_size = Some(units);
        self
    }

    /// Sells it to these customer groups only.
    #[must_use]
    pub fn with_customer_groups(
        mut self,
        groups: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.customer_groups = groups.into_iter().map(Into::into).collect();
        self
    }
}

/// A SparkLayer shipping rate that a cart may choose by its handle.
///
/// That carts name a rate by a handle is documented; the members are not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct ShippingRate {
    /// What carts call it.
    pub handle: String,
    /// Name for people, and `shipping_method.name` of the purchase.
    pub name: String,
    /// Net price.
    pub price: Decimal,
    /// Tax in per cent. Default none.
    #[serde(default)]
    pub tax_rate: Decimal,
    /// Country codes it is for; empty is all.
    #[serde(default)]
    pub country_codes: Vec<String>,
}

impl ShippingRate {
    /// A rate for all countries, without tax.
    #[must_use]
    pub fn new(handle: impl Into<String>, name: impl Into<String>, price: Decimal) -> Self {
        Self {
            handle: handle.into(),
            name: name.into(),
            price,
            tax_rate: Decimal::ZERO,
            country_codes: Vec::new(),
        }
    }

    /// Taxes it at that many per cent.
    #[must_use]
    pub fn with_tax_rate(mut self, per_cent: Decimal) -> Self {
        self.tax_rate = per_cent;
        self
    }

    /// Offers it for these country codes only.
    #[must_use]
    pub fn with_country_codes(
        mut self,
        codes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.country_codes = codes.into_iter().map(Into::into).collect();
        self
    }

    /// Whether it goes to that country. Without an address only rates for all countries are offered.
    pub(crate) fn goes_to(&self, country_code: Option<&str>) -> bool {
        self.country_codes.is_empty()
            || country_code.is_some_and(|code| {
                self.country_codes
                    .iter()
                    .any(|served| served.eq_ignore_ascii_case(code))
            })
    }
}

/// Articles by SKU and rates by handle.
#[derive(Debug, Default)]
pub(crate) struct Assortment {
    articles: BTreeMap<String, ShopArticle>,
    rates: BTreeMap<String, ShippingRate>,
}

impl Assortment {
    pub(crate) fn put_article(&mut self, article: ShopArticle) {
        self.articles.insert(article.sku.clone(), article);
    }

    pub(crate) fn article(&self, sku: &str) -> Option<&ShopArticle> {
        self.articles.get(sku)
    }

    pub(crate) fn articles(&self) -> impl Iterator<Item = &ShopArticle> {
        self.articles.values()
    }

    pub(crate) fn put_rate(&mut self, rate: ShippingRate) {
        self.rates.insert(rate.handle.clone(), rate);
    }

    pub(crate) fn rate(&self, handle: &str) -> Option<&ShippingRate> {
        self.rates.get(handle)
    }

    pub(crate) fn rates(&self) -> impl Iterator<Item = &ShippingRate> {
        self.rates.values()
    }
}
