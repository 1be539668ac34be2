//! The importer's template: its columns, and which of them differ between sites.

use serde::{Deserialize, Serialize};

/// The header row of the importer's template, column by column (seen in use).
///
/// An order file has exactly these columns, then the purchase order column.
pub const TEMPLATE_HEADER: [&str; 31] = [
    "Ref_No",
    "Method",
    "Customer",
    "Firstname",
    "Surname",
    "Company",
    "Postcode",
    "Address",
    "City",
    "County",
    "Country",
    "Phone",
    "Email",
    "DelFirstName",
    "DelSurname",
    "DelCompany",
    "DelPostcode",
    "DelAddress",
    "DelCity",
    "DelCounty",
    "DelCountry",
    "DelPhone",
    "DelEmail",
    "DelChg",
    "Carrier",
    "DelMethod",
    "Part",
    "Qty",
    "UnitPrice",
    "Personalisation",
    "OrdTotal",
];

/// Columns of an invoice or delivery party, in the template's order.
pub(super) const INVOICE_COLUMNS: [&str; 10] = [
    "Firstname",
    "Surname",
    "Company",
    "Postcode",
    "Address",
    "City",
    "County",
    "Country",
    "Phone",
    "Email",
];
pub(super) const DELIVERY_COLUMNS: [&str; 10] = [
    "DelFirstName",
    "DelSurname",
    "DelCompany",
    "DelPostcode",
    "DelAddress",
    "DelCity",
    "DelCounty",
    "DelCountry",
    "DelPhone",
    "DelEmail",
];

/// Further headers that the importer takes for a template column (seen in use), normalised.
const RENAMED_HEADERS: [&str; 11] = [
    "ORDERNUMBER",
    "SKU",
    "POSTAGE",
    "PAYAMOUNT",
    "CUSTOMERNUMBER",
    "EMAILADDRESS",
    "PHONENUMBER",
    "FORWARDER",
    "SERVICETYPE",
    "POSTALCODE",
    "QUANTITY",
];

/// What differs between sites in an order file, for a configuration section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct OrderFileLayout {
    /// Header of the appended column with the buyer's purchase order number. Default `CUSTREF`, which the importer takes for the
    /// customer's own reference (seen in use).
    pub purchase_order_column: String,
}

impl Default for OrderFileLayout {
    fn default() -> Self {
        Self {
            purchase_order_column: "CUSTREF".to_owned(),
        }
    }
}

impl OrderFileLayout {
    /// Names the purchase order column.
    #[must_use]
    pub fn with_purchase_order_column(mut self, header: impl Into<String>) -> Self {
        self.purchase_order_column = header.into();
        self
    }
}

/// Whether a header is usable for a further column, one that the importer does not take for a column of the template.
///
/// The importer compares headers without case, spaces and underscores, cuts a leading `INV` off, and knows other names.
pub(super) fn is_free_header(name: &str) -> bool {
    let normal = |header: &str| -> String {
        let bare: String = header
            .chars()
            .filter(|c| *c != '_' && *c != ' ')
            .flat_map(char::to_uppercase)
            .collect();
        bare.strip_prefix("INV").map(str::to_owned).unwrap_or(bare)
    };
    let wanted = normal(name);
    let taken = RENAMED_HEADERS.contains(&wanted.as_str())
        || TEMPLATE_HEADER
            .iter()
            .any(|header| normal(header) == wanted);
    !(taken || name.trim().is_empty() || name.chars().any(char::is_control))
}
