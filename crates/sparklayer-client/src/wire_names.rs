//! The names on SparkLayer's wire that are not certain.

mod groups;

use connector_http::BuildError;
use serde::{Deserialize, Serialize};

pub use groups::{CartNames, CustomerNames, PriceNames, StockNames};

/// Names on the wire that rest on old pages or on an assumption, to be corrected by configuration.
///
/// As long as [`confirmed`](Self::confirmed) is false, what depends on them is refused against the live environment:
/// date filters, because an unknown filter may be ignored without a word; and writing shipments, because an unknown
/// member may be dropped. The vendor's `purchasing.yaml` is the place to confirm them.
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

impl Default for WireNames {
    fn default() -> Self {
        Self {
            updated_from: "dates[last_updated][gte]".to_owned(),
            updated_to: "dates[last_updated][lte]".to_owned(),
            placed_from: "dates[placed][gte]".to_owned(),
            placed_to: "dates[placed][lte]".to_owned(),
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
        ];
        let reserved = ["type", "limit", "offset"];
        distinct(
            filters,
            &reserved,
            "wire names: the list filters must be filled, distinct and not reserved",
        )?;
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
        let names: WireNames = toml::from_str("shipped_at = \"despatched_at\"").unwrap();
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
        ] {
            let names = WireNames {
                tracking_number: number.to_owned(),
                placed_to: filter.to_owned(),
                ..WireNames::default()
            };
            assert!(names.check().is_err(), "{number} {filter}");
        }
    }
}
