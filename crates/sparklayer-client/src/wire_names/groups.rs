//! The names that are not certain, by part of the interface. Each group is confirmed on its own.

use connector_http::BuildError;
use serde::{Deserialize, Serialize};

use super::distinct;
use crate::path_template;

/// Names of the ordering interface that are not documented. The vendor's `ordering.yaml` is the place to confirm them.
///
/// What only reads by a wrong name finds nothing, and says so with `None`. What would send by one is refused against
/// the live environment until [`confirmed`](Self::confirmed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CartNames {
    /// Path of a cart, to read it. Assumed: the page exists, its path was not seen.
    pub cart_path: String,
    /// Member of the answer to an update: what became of each line. Documented to exist; the name is assumed.
    pub line_results: String,
    /// Member of the answer to an update: what is wrong with the cart. Documented to exist; the name is assumed.
    pub validation_errors: String,
    /// Member of a calculation: the shipping methods. Documented to exist; the name is assumed.
    pub shipping_methods: String,
    /// Member of a shipping method: its handle. Documented to exist; the name is assumed.
    pub shipping_handle: String,
    /// Member of a shipping method: its name. Assumed.
    pub shipping_name: String,
    /// Member of a calculation: the payment methods that are allowed. Documented to exist; the name is assumed.
    pub payment_methods: String,
    /// Member of a payment method, where it is an object: its word. Assumed.
    pub payment_method: String,
    /// Member of a checkout field: its value. Assumed.
    pub custom_field_value: String,
    /// Whether somebody has compared these names with the vendor's current description.
    pub confirmed: bool,
}

impl Default for CartNames {
    fn default() -> Self {
        Self {
            cart_path: "/api/v1/carts/{id}".to_owned(),
            line_results: "line_item_results".to_owned(),
            validation_errors: "validation_errors".to_owned(),
            shipping_methods: "shipping_methods".to_owned(),
            shipping_handle: "handle".to_owned(),
            shipping_name: "name".to_owned(),
            payment_methods: "payment_methods".to_owned(),
            payment_method: "payment_method".to_owned(),
            custom_field_value: "value".to_owned(),
            confirmed: false,
        }
    }
}

impl CartNames {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        path_template::check(&self.cart_path, &["id"])?;
        distinct(
            [&self.line_results, &self.validation_errors],
            &["cart"],
            "wire names: the members of a cart update must be filled, distinct and not reserved",
        )?;
        distinct(
            [&self.shipping_methods, &self.payment_methods],
            &["totals"],
            "wire names: the members of a calculation must be filled, distinct and not reserved",
        )?;
        distinct(
            [&self.shipping_handle, &self.shipping_name],
            &[],
            "wire names: the members of a shipping method must be filled and distinct",
        )?;
        distinct(
            [&self.payment_method],
            &[],
            "wire names: the member of a payment method must be filled",
        )?;
        distinct(
            [&self.custom_field_value],
            &["name"],
            "wire names: the value of a checkout field must be filled and not reserved",
        )
    }
}

/// Paths of the customers interface. All are assumed from older pages; the pages exist, their paths were not seen.
///
/// Every call that rests on them is refused against the live environment until [`confirmed`](Self::confirmed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct CustomerNames {
    /// Path of all customers, to create one. Assumed.
    pub customers_path: String,
    /// Path of a customer. Assumed.
    pub customer_path: String,
    /// Path of a customer's addresses. Assumed.
    pub addresses_path: String,
    /// Path of one of a customer's addresses. Assumed.
    pub address_path: String,
    /// Whether somebody has compared these paths with the vendor's current description.
    pub confirmed: bool,
}

impl Default for CustomerNames {
    fn default() -> Self {
        Self {
            customers_path: "/api/v1/customers".to_owned(),
            customer_path: "/api/v1/customers/{id}".to_owned(),
            addresses_path: "/api/v1/customers/{id}/addresses".to_owned(),
            address_path: "/api/v1/customers/{id}/addresses/{address_id}".to_owned(),
            confirmed: false,
        }
    }
}

impl CustomerNames {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        path_template::check(&self.customers_path, &[])?;
        path_template::check(&self.customer_path, &["id"])?;
        path_template::check(&self.addresses_path, &["id"])?;
        path_template::check(&self.address_path, &["id", "address_id"])
    }
}

/// Names of price lists and prices that are not certain. The vendor's `pricing.yaml` is the place to confirm them.
///
/// Creating a price list is refused against the live environment until [`confirmed`](Self::confirmed). So are the
/// parameters of a list that were seen in use only, because an unknown one may be ignored without a word; and a tax rate
/// to display, because its form is not known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct PriceNames {
    /// Member of a page of price lists that holds them. Not known: empty, the default, takes the only list there is.
    pub items: String,
    /// Query parameter: the order of the list. Seen in use.
    pub order_by: String,
    /// Query parameter: where price lists come from. Seen in use.
    pub source: String,
    /// Path to create a price list. Assumed; that there is such a call was seen in use.
    pub create_path: String,
    /// Whether somebody has compared these names with the vendor's current description.
    pub confirmed: bool,
}

impl Default for PriceNames {
    fn default() -> Self {
        Self {
            items: String::new(),
            order_by: "order_by".to_owned(),
            source: "source".to_owned(),
            create_path: "/api/v1/price-lists".to_owned(),
            confirmed: false,
        }
    }
}

impl PriceNames {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        path_template::check(&self.create_path, &[])?;
        distinct(
            [&self.order_by, &self.source],
            &["page", "page_size"],
            "wire names: the parameters of price lists must be filled, distinct and not reserved",
        )?;
        if self.items == "pagination" {
            return Err(BuildError::new(
                "wire names: the price lists of a page cannot stand in `pagination`",
            ));
        }
        Ok(())
    }
}

/// Names of the stock interface that are not certain. The vendor's `stock.yaml` is the place to confirm them.
///
/// Deleting stock, and making and changing locations, is refused against the live environment until
/// [`confirmed`](Self::confirmed).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StockNames {
    /// Member of a deletion: the SKUs. Assumed; the path is documented (older pages).
    pub delete_skus: String,
    /// Whether somebody has compared these names with the vendor's current description.
    pub confirmed: bool,
}

impl Default for StockNames {
    fn default() -> Self {
        Self {
            delete_skus: "skus".to_owned(),
            confirmed: false,
        }
    }
}

impl StockNames {
    pub(super) fn check(&self) -> Result<(), BuildError> {
        distinct(
            [&self.delete_skus],
            &[],
            "wire names: the SKUs of a stock deletion must be filled",
        )
    }
}

#[cfg(test)]
mod tests {
    use super::super::WireNames;

    #[test]
    fn groups_are_sections_and_confirmed_on_their_own() {
        let names: WireNames = toml::from_str(
            "confirmed = true\n[carts]\nline_results = \"results\"\n[customers]\nconfirmed = true\n",
        )
        .unwrap();
        assert_eq!(names.carts.line_results, "results");
        assert_eq!(
            (
                names.confirmed,
                names.carts.confirmed,
                names.customers.confirmed
            ),
            (true, false, true)
        );
        assert!(toml::from_str::<WireNames>("[carts]\nline_result = \"x\"").is_err());
    }

    #[test]
    fn names_that_collide_are_refused_in_every_group() {
        for bad in [
            "[carts]\ncart_path = \"/api/v1/carts\"",
            "[carts]\nline_results = \"cart\"",
            "[carts]\npayment_methods = \"totals\"",
            "[carts]\nshipping_name = \"handle\"",
            "[carts]\npayment_method = \" \"",
            "[carts]\ncustom_field_value = \"name\"",
            "[customers]\naddress_path = \"/customers/{id}\"",
            "[prices]\norder_by = \"page\"",
            "[prices]\nitems = \"pagination\"",
            "[prices]\ncreate_path = \"price-lists\"",
            "[stock]\ndelete_skus = \"\"",
        ] {
            let names: WireNames = toml::from_str(bad).unwrap();
            assert!(names.check().is_err(), "{bad}");
        }
    }
}
