//! The table of what is assumed: every path and every member name of the HTTP contract.

use std::collections::BTreeSet;

use connector_http::BuildError;
use serde::{Deserialize, Serialize};

macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($(#[$doc:meta])* $field:ident = $default:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct $name {
            $(
                $(#[$doc])*
                #[doc = concat!(" Default `", $default, "` (assumed).")]
                pub $field: String,
            )+
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default.to_owned(),)+ }
            }
        }

        impl $name {
            fn all(&self) -> Vec<&str> {
                vec![$(&self.$field,)+]
            }
        }
    };
}

names! {
    /// Paths below the base URL.
    Paths {
        /// OAuth2 token.
        token = "/oauth/token",
        /// Creating (POST) and listing (GET) orders.
        orders = "/v1/orders",
        /// One order; `{reference}` stands for the client reference and must be a whole segment.
        order = "/v1/orders/{reference}",
        /// Despatches after a cursor.
        despatches = "/v1/despatches",
        /// Inventory.
        inventory = "/v1/inventory",
    }
}

names! {
    /// Names of query parameters.
    QueryNames {
        /// Cursor or sequence to read after.
        since = "since",
        /// Page size.
        limit = "limit",
    }
}

names! {
    /// Members of an order; the purchase order number is [`Contract::po_field`].
    OrderNames {
        /// The client reference.
        reference = "reference",
        /// The number the buyer sees.
        order_number = "orderNumber",
        /// The service code.
        service_code = "serviceCode",
        /// The currency.
        currency = "currency",
        /// The date the buyer asked for.
        requested_date = "requestedDate",
        /// Text for the driver.
        instructions = "instructions",
        /// The recipient.
        recipient = "recipient",
        /// The lines.
        lines = "lines",
    }
}

names! {
    /// Members of a recipient.
    RecipientNames {
        /// The person's name.
        name = "name",
        /// The company.
        company = "company",
        /// First address line.
        line1 = "line1",
        /// Second address line.
        line2 = "line2",
        /// City.
        city = "city",
        /// County.
        county = "county",
        /// Postcode.
        postcode = "postcode",
        /// Country, two letters.
        country = "country",
        /// Phone, digits only.
        phone = "phone",
        /// E-mail address.
        email = "email",
    }
}

names! {
    /// Members of an order line.
    LineNames {
        /// The client's line id.
        line_id = "lineId",
        /// The SKU.
        sku = "sku",
        /// The quantity.
        quantity = "quantity",
        /// The description.
        description = "description",
        /// The unit price, decimal text.
        unit_price = "unitPrice",
    }
}

names! {
    /// What the warehouse adds to an order.
    AcceptedNames {
        /// The warehouse's own id.
        order_id = "orderId",
        /// When it was accepted.
        accepted_at = "acceptedAt",
        /// Where it stands.
        status = "status",
    }
}

names! {
    /// Members around a list.
    PageNames {
        /// The orders of an order list.
        orders = "orders",
        /// The despatches of a despatch list.
        despatches = "despatches",
        /// The cursor to read on from.
        next = "next",
        /// Whether there is more at once.
        more = "more",
    }
}

names! {
    /// Members of a despatch.
    DespatchNames {
        /// The despatch's id.
        despatch_id = "despatchId",
        /// The client reference.
        reference = "reference",
        /// The warehouse's id of the order.
        order_id = "orderId",
        /// When it left.
        despatched_at = "despatchedAt",
        /// The parcels.
        parcels = "parcels",
        /// The quantities that will not be sent.
        shorts = "shorts",
    }
}

names! {
    /// Members of a parcel.
    ParcelNames {
        /// The parcel's id.
        parcel_id = "parcelId",
        /// The carrier.
        carrier = "carrier",
        /// The service.
        service = "service",
        /// The tracking number.
        tracking_number = "trackingNumber",
        /// The tracking page.
        tracking_url = "trackingUrl",
        /// The contents.
        lines = "lines",
    }
}

names! {
    /// Members of a line of a parcel, and of a short line.
    ParcelLineNames {
        /// The client's line id.
        line_id = "lineId",
        /// The SKU.
        sku = "sku",
        /// The quantity.
        quantity = "quantity",
        /// Why it is short.
        reason = "reason",
    }
}

names! {
    /// Members of an inventory answer.
    InventoryNames {
        /// Snapshot or delta.
        kind = "kind",
        /// The moment it describes.
        as_of = "asOf",
        /// The sequence number it goes up to.
        sequence = "sequence",
        /// The rows.
        items = "items",
    }
}

names! {
    /// Members of an inventory row.
    InventoryItemNames {
        /// The SKU.
        sku = "sku",
        /// Units in the warehouse.
        on_hand = "onHand",
        /// Units of these that are promised to accepted orders.
        allocated = "allocated",
        /// The row's sequence number.
        sequence = "sequence",
    }
}

names! {
    /// Members of an error answer.
    ProblemNames {
        /// The list of complaints.
        errors = "errors",
        /// A complaint's code.
        code = "code",
        /// A complaint's JSON pointer.
        field = "field",
        /// A complaint's text.
        message = "message",
        /// The text of the whole answer, taken where there is no list.
        detail = "detail",
    }
}

/// Every path and member name of the HTTP contract, as data.
///
/// **Assumed throughout**: no HTTP order interface is published. The defaults are the project's own contract, which the file
/// `openapi.yaml` of this crate describes; a site with a private interface of the same shape is met by setting the names.
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
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            confirmed: false,
            po_field: "otherrefnum".to_owned(),
            order_not_found_code: "ORDER_NOT_FOUND".to_owned(),
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
        }
    }
}

impl Contract {
    /// Checks that no name is blank or stands twice in one object, that paths are usable, and that the path of an order has
    /// the segment `{reference}`.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] naming the table.
    pub fn check(&self) -> Result<(), BuildError> {
        let order = [self.order.all(), self.accepted.all(), vec![&self.po_field]].concat();
        let tables: [(&str, Vec<&str>); 11] = [
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
        if self
            .paths
            .order
            .split('/')
            .filter(|segment| *segment == "{reference}")
            .count()
            != 1
        {
            return Err(BuildError::new(
                "contract: paths.order: needs the segment `{reference}` once",
            ));
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
