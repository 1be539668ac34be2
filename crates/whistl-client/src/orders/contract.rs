//! The table of what is assumed: every path and every member name of the HTTP contract.

use std::collections::BTreeSet;

use connector_http::BuildError;
use serde::{Deserialize, Serialize};

use super::auth::AuthScheme;

mod names;

pub use names::{
    AcceptedNames, AcknowledgementNames, AuthNames, ChangeNames, ChargeNames, CustomsNames,
    DespatchNames, InventoryItemNames, InventoryNames, LineNames, OrderNames, PageNames,
    ParcelLineNames, ParcelNames, Paths, ProblemNames, QueryNames, RecipientNames, ReturnLineNames,
    ReturnNames,
};

/// Every path and member name of the HTTP contract, as data.
///
/// **Assumed throughout**: no HTTP order interface is published. The defaults are the project's own contract, which the file
/// `openapi.json` of this crate describes; a site with a private interface of the same shape is met by setting the names.
/// [`confirmed`](Self::confirmed) says that they have been checked against the site, and only then may they be used against
/// anything but this machine.
///
/// ```
/// use whistl_client::orders::Contract;
/// let mut contract = Contract::default();
/// assert_eq!(contract.po_field, "otherrefnum");
/// contract.po_field = "customerReference".to_owned();
/// contract.check()?;
/// # Ok::<(), connector_http::BuildError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Contract {
    /// Whether the names have been checked against the site. Default `false`: the client is refused for every address but
    /// loopback.
    pub confirmed: bool,
    /// The order member that carries the buyer's purchase order number. Default `otherrefnum` (assumed for a warehouse; it is
    /// the name of that field in a common accounting system).
    pub po_field: String,
    /// The code by which a 404 says "no such order". Default `ORDER_NOT_FOUND` (assumed).
    ///
    /// A 404 without it may come from a wrong path or a gateway, and is no proof that an order is absent. Blank: every 404 on
    /// an order counts as proof.
    pub order_not_found_code: String,
    /// The code by which a 404 says that nobody asked to cancel an order. Default `CANCEL_NOT_FOUND` (assumed).
    pub cancel_not_found_code: String,
    /// The code by which a 409 says that an amendment was made from an old version. Default `VERSION_CONFLICT` (assumed).
    pub version_conflict_code: String,
    /// Paths below the base URL.
    pub paths: Paths,
    /// Query parameters.
    pub query: QueryNames,
    /// An order.
    pub order: OrderNames,
    /// A recipient.
    pub recipient: RecipientNames,
    /// An order line.
    pub line: LineNames,
    /// What the warehouse adds to an order.
    pub accepted: AcceptedNames,
    /// Around a list.
    pub page: PageNames,
    /// A despatch.
    pub despatch: DespatchNames,
    /// A parcel.
    pub parcel: ParcelNames,
    /// A line of a parcel, or a short line.
    pub parcel_line: ParcelLineNames,
    /// An inventory answer.
    pub inventory: InventoryNames,
    /// An inventory row.
    pub inventory_item: InventoryItemNames,
    /// An error answer.
    pub problem: ProblemNames,
    /// The customs part of an order.
    pub customs: CustomsNames,
    /// A request to cancel or amend, and its answer.
    pub change: ChangeNames,
    /// An acknowledgement.
    pub acknowledgement: AcknowledgementNames,
    /// A return.
    pub returned: ReturnNames,
    /// A line of a return.
    pub returned_line: ReturnLineNames,
    /// A charge.
    pub charge: ChargeNames,
    /// Which scheme of authentication the site asks for. Default `oauth2` (assumed).
    pub auth_scheme: AuthScheme,
    /// How a token is asked for and an API key is sent.
    pub auth: AuthNames,
    /// The scope that is asked for with a token; blank for none. Default blank (assumed).
    pub token_scope: String,
    /// Whether client id and secret of a token request go in an `Authorization: Basic` header instead of the form. Default `false`
    /// (assumed).
    pub token_credentials_in_header: bool,
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            confirmed: false,
            po_field: "otherrefnum".to_owned(),
            order_not_found_code: "ORDER_NOT_FOUND".to_owned(),
            cancel_not_found_code: "CANCEL_NOT_FOUND".to_owned(),
            version_conflict_code: "VERSION_CONFLICT".to_owned(),
            paths: Paths::default(),
            query: QueryNames::default(),
            order: OrderNames::default(),
            recipient: RecipientNames::default(),
            line: LineNames::default(),
            accepted: AcceptedNames::default(),
            page: PageNames::default(),
            despatch: DespatchNames::default(),
            parcel: ParcelNames::default(),
            parcel_line: ParcelLineNames::default(),
            inventory: InventoryNames::default(),
            inventory_item: InventoryItemNames::default(),
            problem: ProblemNames::default(),
            customs: CustomsNames::default(),
            change: ChangeNames::default(),
            acknowledgement: AcknowledgementNames::default(),
            returned: ReturnNames::default(),
            returned_line: ReturnLineNames::default(),
            charge: ChargeNames::default(),
            auth_scheme: AuthScheme::default(),
            auth: AuthNames::default(),
            token_scope: String::new(),
            token_credentials_in_header: false,
        }
    }
}

impl Contract {
    /// Checks that no name is blank or stands twice in one object, that paths are usable, and that the paths of one order have
    /// the segment `{reference}`.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] naming the table.
    pub fn check(&self) -> Result<(), BuildError> {
        let order = [self.order.all(), self.accepted.all(), vec![&self.po_field]].concat();
        let tables: [(&str, Vec<&str>); 18] = [
            ("query", self.query.all()),
            ("order, accepted and po_field", order),
            ("recipient", self.recipient.all()),
            ("line", self.line.all()),
            ("page", self.page.all()),
            ("despatch", self.despatch.all()),
            ("parcel", self.parcel.all()),
            ("parcel_line", self.parcel_line.all()),
            ("inventory", self.inventory.all()),
            ("inventory_item", self.inventory_item.all()),
            ("problem", self.problem.all()),
            ("customs", self.customs.all()),
            ("change", self.change.all()),
            ("acknowledgement", self.acknowledgement.all()),
            ("returned", self.returned.all()),
            ("returned_line", self.returned_line.all()),
            ("charge", self.charge.all()),
            ("auth", self.auth.all()),
        ];
        for (table, names) in tables {
            let blank = names.iter().any(|name| name.trim().is_empty());
            let distinct: BTreeSet<&&str> = names.iter().collect();
            if blank || distinct.len() != names.len() {
                let message = format!("contract: {table}: a name is blank or stands twice");
                return Err(BuildError::new(message));
            }
        }
        for path in self.paths.all() {
            let usable = path.starts_with('/')
                && path.trim_matches('/').split('/').all(|segment| {
                    !matches!(segment, "" | "." | "..")
                        && !segment.contains(['?', '#', '%'])
                        && !segment.chars().any(char::is_control)
                });
            if !usable {
                let message = "contract: paths: a path must begin with `/` and have plain segments";
                return Err(BuildError::new(message));
            }
        }
        for (name, path) in [
            ("order", &self.paths.order),
            ("cancel", &self.paths.cancel),
            ("amend", &self.paths.amend),
            ("order_charges", &self.paths.order_charges),
        ] {
            let places = path.split('/').filter(|part| *part == "{reference}");
            if places.count() != 1 {
                return Err(BuildError::new(format!(
                    "contract: paths.{name}: needs the segment `{{reference}}` once"
                )));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_consistent_and_unknown_keys_are_refused() {
        assert_eq!(Contract::default().check(), Ok(()));
        let partial = r#"{"po_field":"customerReference","paths":{"orders":"/api/sales-orders"}}"#;
        let contract: Contract = serde_json::from_str(partial).unwrap();
        assert_eq!(contract.paths.orders, "/api/sales-orders");
        assert_eq!(contract.paths.inventory, "/v1/inventory");
        assert!(serde_json::from_str::<Contract>(r#"{"po":"x"}"#).is_err());
        assert!(serde_json::from_str::<Contract>(r#"{"order":{"ref":"x"}}"#).is_err());
    }

    #[test]
    fn a_contract_that_would_mix_members_up_is_refused() {
        let contract = Contract {
            po_field: "reference".to_owned(),
            ..Contract::default()
        };
        assert!(contract.check().is_err());
        let mut contract = Contract::default();
        contract.line.sku = String::new();
        assert!(contract.check().is_err());
        for path in [
            "/v1/orders/",
            "/v1/orders/x{reference}",
            "v1/{reference}",
            "/a/../{reference}",
        ] {
            let mut contract = Contract::default();
            contract.paths.order = path.to_owned();
            assert!(contract.check().is_err(), "{path}");
        }
    }
}
