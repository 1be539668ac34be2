//! The names on SparkLayer's wire that are not certain.

mod groups;

use connector_http::BuildError;
use serde::{Deserialize, Serialize};

pub use groups::{CartNames, CustomerNames, PriceNames, StockNames};

/// Names on the wire that rest on old pages or on an assumption, to be corrected by configuration.
///
/// As long as [`confirmed`](Self::confirmed) is false, what depends on them is refused against the live environment:
/// filters by date and customer, because an unknown filter may be ignored without a word; writing shipments and
/// packages, because an unknown member may be dropped; reading histories, because a wrong path looks like a missing
/// purchase; and writing transactions, because an amount might be misread. The vendor's `purchasing.yaml` is the place
/// to confirm them.
///
/// Deserialises from a section of a configuration file; missing names keep their defaults, unknown keys are refused.
///
/// ```
/// use sparklayer_client::WireNames;
/// let names: WireNames = serde_json::from_str(r#"{"tracking_number":"tracking_code","confirmed":true}"#)?;
/// assert_eq!(names.tracking_number, "tracking_code");
/// assert_eq!(names.tracking_url, "tracking_url");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct WireNames {
    /// Query parameter: changed at or after. Older documentation, where it is misprinted.
    pub updated_from: String,
    /// Query parameter: changed at or before. Older documentation.
    pub updated_to: String,
    /// Query parameter: placed at or after. Older documentation.
    pub placed_from: String,
    /// Query parameter: placed at or before. Older documentation.
    pub placed_to: String,
    /// Query parameter: the customer. Older documentation.
    pub by_customer: String,
    /// Query parameter: the agent who ordered on behalf. Older documentation.
    pub by_impersonator: String,
    /// Query parameter: the sales representative. Older documentation.
    pub by_sales_rep: String,
    /// Path below a purchase where its history is read. Assumed, by the path where entries are added.
    pub history: String,
    /// The shape of a transaction's total. Assumed, by the other amounts of a purchase.
    pub transaction_total: AmountShape,
    /// Member of a shipment: the tracking number. Assumed.
    pub tracking_number: String,
    /// Member of a shipment: the tracking page. Assumed.
    pub tracking_url: String,
    /// Member of a shipment: when it left. Assumed.
    pub shipped_at: String,
    /// Whether somebody has compared these names with the vendor's current description. The groups below have their own.
    pub confirmed: bool,
    /// Carts.
    pub carts: CartNames,
    /// Customers and their addresses.
    pub customers: CustomerNames,
    /// Price lists and prices.
    pub prices: PriceNames,
    /// Stock.
    pub stock: StockNames,
}

/// How an amount is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AmountShape {
    /// `{ "number": "15.99", "currency": "GBP" }`, as the amounts of a purchase.
    #[default]
    Object,
    /// `15.99`.
    Number,
    /// `"15.99"`.
    Text,
}

impl Default for WireNames {
    fn default() -> Self {
        Self {
            updated_from: "dates[last_updated][gte]".to_owned(),
            updated_to: "dates[last_updated][lte]".to_owned(),
            placed_from: "dates[placed][gte]".to_owned(),
            placed_to: "dates[placed][lte]".to_owned(),
            by_customer: "customer_identifiers[sparklayer]".to_owned(),
            by_impersonator: "customer_identifiers[sparklayer_impersonator]".to_owned(),
            by_sales_rep: "customer_identifiers[sparklayer_sales_rep]".to_owned(),
            history: "history".to_owned(),
            transaction_total: AmountShape::default(),
            tracking_number: "tracking_number".to_owned(),
            tracking_url: "tracking_url".to_owned(),
            shipped_at: "shipped_at".to_owned(),
            confirmed: false,
            carts: CartNames::default(),
            customers: CustomerNames::default(),
            prices: PriceNames::default(),
            stock: StockNames::default(),
        }
    }
}

impl WireNames {
    pub(crate) fn check(&self) -> Result<(), BuildError> {
        let filters = [
            &self.updated_from,
            &self.updated_to,
            &self.placed_from,
            &self.placed_to,
            &self.by_customer,
            &self.by_impersonator,
            &self.by_sales_rep,
        ];
        let reserved = ["type", "limit", "offset"];
        distinct(
            filters,
            &reserved,
            "wire names: the list filters must be filled, distinct and not reserved",
        )?;
        let is_segment = |segment: &str| !matches!(segment.trim(), "" | "." | "..");
        if !self.history.split('/').all(is_segment) {
            return Err(BuildError::new(
                "wire names: the path of the history must be one or more segments",
            ));
        }
        let members = [&self.tracking_number, &self.tracking_url, &self.shipped_at];
        let reserved = ["carrier", "carrier_id"];
        distinct(
            members,
            &reserved,
            "wire names: the shipment members must be filled, distinct and not reserved",
        )?;
        self.carts.check()?;
        self.customers.check()?;
        self.prices.check()?;
        self.stock.check()
    }
}

fn distinct<const N: usize>(
    names: [&String; N],
    reserved: &[&str],
    message: &'static str,
) -> Result<(), BuildError> {
    let bad = names.iter().enumerate().any(|(index, name)| {
        name.trim().is_empty()
            || name.starts_with("calculated_")
            || reserved.contains(&name.as_str())
            || names.iter().skip(index + 1).any(|other| other == name)
    });
    if bad {
        Err(BuildError::new(message))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_in_a_section_of_its_own() {
        let names: WireNames =
            toml::from_str("shipped_at = \"despatched_at\"\ntransaction_total = \"number\"")
                .unwrap();
        assert_eq!(names.transaction_total, AmountShape::Number);
        assert_eq!(
            (names.shipped_at.as_str(), names.confirmed),
            ("despatched_at", false)
        );
        assert!(toml::from_str::<WireNames>("shiped_at = \"x\"").is_err());
    }

    #[test]
    fn names_that_collide_are_refused() {
        assert!(WireNames::default().check().is_ok());
        for (number, filter) in [
            ("", "a"),
            ("carrier", "a"),
            ("shipped_at", "a"),
            ("calculated_x", "a"),
            ("b", "limit"),
            ("b", "customer_identifiers[sparklayer]"),
        ] {
            let names = WireNames {
                tracking_number: number.to_owned(),
                placed_to: filter.to_owned(),
                ..WireNames::default()
            };
            assert!(names.check().is_err(), "{number} {filter}");
        }
        for (path, is_good) in [
            ("history", true),
            ("v2/history", true),
            ("", false),
            ("/", false),
            ("../x", false),
        ] {
            let names = WireNames {
                history: path.to_owned(),
                ..WireNames::default()
            };
            assert_eq!(names.check().is_ok(), is_good, "{path}");
        }
    }
}
