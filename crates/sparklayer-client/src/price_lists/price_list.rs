//! Price lists as the vendor shows them, and what is written to them.

use rust_decimal::Decimal;

use crate::members::wire_object;
use crate::value::vocabulary;

vocabulary! {
    /// Which way a rule changes prices. Documented: `plus`; the other words are not known, and survive.
    pub enum AdjustmentDirection {
        /// Upwards.
        Plus = "plus",
    }
}

wire_object! {
    /// A rule that derives prices from another list. Documented.
    pub struct PriceListRule {
        /// The list that prices come from, by slug.
        source_price_list_slug: Option<String> = "source_price_list_slug",
        /// By how much, such as `0.103333`.
        adjustment_percentage: Option<Decimal> = "adjustment_percentage",
        /// Which way.
        adjustment_direction: Option<AdjustmentDirection> = "adjustment_direction",
        /// The rate between the currencies.
        currency_exchange_rate: Option<Decimal> = "currency_exchange_rate",
    }
}

wire_object! {
    /// A price list. Documented for a change; that it is read in the same shape was seen in use.
    ///
    /// For a change begin with an empty one and set what shall change: what was not read and is not set is not sent.
    /// To take all rules away, change a list that was read, all of which is then sent.
    ///
    /// ```
    /// use sparklayer_client::PriceList;
    /// let mut change = PriceList::default();
    /// change.name = Some("Wholesale 2026".to_owned());
    /// change.tax_inclusive_display = Some(false);
    /// assert_eq!(serde_json::to_string(&change)?, r#"{"name":"Wholesale 2026","tax_inclusive_display":false}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PriceList {
        /// Its id, such as `wholesale`.
        slug: Option<String> = "slug",
        /// The name.
        name: Option<String> = "name",
        /// ISO 4217, in either case.
        currency_code: Option<String> = "currency_code",
        /// Rules. Once set they replace the stored ones (assumed).
        rules: Vec<PriceListRule> = "rules",
        /// Whether prices are shown with tax.
        tax_inclusive_display: Option<bool> = "tax_inclusive_display",
    }
}
