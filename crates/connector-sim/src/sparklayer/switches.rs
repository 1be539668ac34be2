//! How the shop behaves where the vendor's documentation leaves it open: one switch for each open question.

use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What an error answer carries.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ErrorBody {
    /// A problem document as `application/problem+json`.
    #[default]
    ProblemJson,
    /// The same document as `application/json`.
    Json,
    /// Nothing. Some of the vendor's errors have no body (documented).
    Empty,
}

/// What happens to a `limit` above 500.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AboveMaxLimit {
    /// 400.
    #[default]
    Refuse,
    /// 500 rows at most are answered, without a word.
    Clamp,
}

/// How the list of purchases is sorted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ListOrder {
    /// Least recently updated first, then as stored.
    #[default]
    OldestUpdateFirst,
    /// Most recently updated first, then as stored.
    NewestUpdateFirst,
    /// In the order they first came.
    AsStored,
}

/// What becomes of members that a stock row leaves out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OmittedMembers {
    /// They are cleared.
    #[default]
    Clear,
    /// They stay.
    Keep,
}

/// The form of ids of customers that are created from now on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum CustomerIds {
    /// UUIDs, as the newer pages have them.
    #[default]
    Uuid,
    /// `cu_123`, as the older pages have them.
    Prefixed,
}

/// The type of a purchase that a completed cart becomes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CompletedType {
    /// `order`.
    #[default]
    Order,
    /// `order_unconfirmed`, until the platform's connector promotes it.
    OrderUnconfirmed,
}

impl CompletedType {
    pub(crate) fn wire(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::OrderUnconfirmed => "order_unconfirmed",
        }
    }
}

/// What a run of the platform's connector touches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ConnectorReach {
    /// Drafts that were completed, and purchases whose packages it was told to overwrite.
    #[default]
    Armed,
    /// Every unconfirmed order is promoted; packages of every seeded purchase, and stock in location `default`, go back to the
    /// platform's copy.
    Everything,
}

/// How the shop behaves where the vendor's documentation leaves it open. The default is the choice of the simulator; every switch is in
/// [`SPARKLAYER_ASSUMPTIONS`](crate::SPARKLAYER_ASSUMPTIONS).
///
/// ```
/// use connector_sim::{AboveMaxLimit, SparkLayerOptions, SparkLayerSwitches};
///
/// let mut switches = SparkLayerSwitches::default();
/// switches.above_max_limit = AboveMaxLimit::Clamp;
/// let options = SparkLayerOptions::default().with_switches(switches);
/// # let _ = options;
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct SparkLayerSwitches {
    /// Life of a token on the virtual clock, for tokens issued from now on. Default 3600 (documented).
    pub token_lifetime_secs: u32,
    /// Status of a token request with wrong credentials, 400 to 499. Default 401.
    pub token_refusal_status: u16,
    /// What an error answer carries. Default a problem document.
    pub error_body: ErrorBody,
    /// Rows of a list without `limit`. Default 100.
    pub default_limit: usize,
    /// What happens to a `limit` above 500. Default 400.
    pub above_max_limit: AboveMaxLimit,
    /// How the list is sorted. Default least recently updated first.
    pub list_order: ListOrder,
    /// Whether rows of the list have packages. Default no.
    pub list_packages: bool,
    /// Whether purchases of type `order_unconfirmed` are listed. Default yes.
    pub list_unconfirmed: bool,
    /// Status of a `PUT` that creates a purchase, 200 or 201. Default 200.
    pub put_created_status: u16,
    /// Whether a `PUT` also needs `accounting_files` and `custom_fields`, as the older reference has it. Default no.
    pub put_requires_all: bool,
    /// Rows of a stock update at most. Default no limit.
    pub stock_max_rows: Option<usize>,
    /// What becomes of members that a stock row leaves out. Default they are cleared.
    pub stock_omitted_members: OmittedMembers,
    /// Whether a stock row for a SKU that is no seeded article is answered 400. Default no.
    pub stock_refuse_unknown_skus: bool,
    /// The form of customers' ids. Default UUIDs.
    pub customer_ids: CustomerIds,
    /// Whether an open cart can be read as a purchase of type `cart` under its id. Default no.
    pub carts_are_purchases: bool,
    /// The type of a purchase that a completed cart becomes. Default `order`.
    pub completed_type: CompletedType,
    /// Whether such a purchase has the cart's `po_number` as a member of its own. Default no: it stands in `customer_reference`.
    pub purchase_po_number: bool,
    /// Status of an accepted price upload: 200, 201 or 204. Default 204.
    pub pricing_status: u16,
    /// What a run of the platform's connector touches. Default what it was told to.
    pub connector_reach: ConnectorReach,
    /// Whether the connector runs after every write through the API. Default no: it runs when asked.
    pub connector_after_writes: bool,
}

impl Default for SparkLayerSwitches {
    fn default() -> Self {
        Self {
            token_lifetime_secs: 3600,
            token_refusal_status: 401,
            error_body: ErrorBody::default(),
            default_limit: 100,
            above_max_limit: AboveMaxLimit::default(),
            list_order: ListOrder::default(),
            list_packages: false,
            list_unconfirmed: true,
            put_created_status: 200,
            put_requires_all: false,
            stock_max_rows: None,
            stock_omitted_members: OmittedMembers::default(),
            stock_refuse_unknown_skus: false,
            customer_ids: CustomerIds::default(),
            carts_are_purchases: false,
            completed_type: CompletedType::default(),
            purchase_po_number: false,
            pricing_status: 204,
            connector_reach: ConnectorReach::default(),
            connector_after_writes: false,
        }
    }
}

impl SparkLayerSwitches {
    /// These switches with the members of `changes` set; the error names what is wrong.
    pub(crate) fn changed(&self, changes: &Map<String, Value>) -> Result<Self, String> {
        let mut wire = serde_json::to_value(self).map_err(|error| error.to_string())?;
        if let Some(members) = wire.as_object_mut() {
            members.extend(changes.clone());
        }
        let changed: Self = serde_json::from_value(wire).map_err(|error| error.to_string())?;
        changed.check()?;
        Ok(changed)
    }

    fn check(&self) -> Result<(), String> {
        if !(400..=499).contains(&self.token_refusal_status) {
            return Err("token_refusal_status must be between 400 and 499".to_owned());
        }
        if ![200, 201].contains(&self.put_created_status) {
            return Err("put_created_status must be 200 or 201".to_owned());
        }
        if ![200, 201, 204].contains(&self.pricing_status) {
            return Err("pricing_status must be 200, 201 or 204".to_owned());
        }
        Ok(())
    }
}

/// The status a switch names; `otherwise` where it is no status.
pub(crate) fn status(switch: u16, otherwise: StatusCode) -> StatusCode {
    StatusCode::from_u16(switch).unwrap_or(otherwise)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn changed(changes: Value) -> Result<SparkLayerSwitches, String> {
        SparkLayerSwitches::default().changed(changes.as_object().unwrap())
    }

    #[test]
    fn only_what_is_named_changes() {
        let switches =
            changed(json!({ "above_max_limit": "clamp", "stock_max_rows": 50 })).unwrap();
        let wanted = SparkLayerSwitches {
            above_max_limit: AboveMaxLimit::Clamp,
            stock_max_rows: Some(50),
            ..SparkLayerSwitches::default()
        };
        assert_eq!(switches, wanted);
    }

    #[test]
    fn unknown_switches_and_values_are_refused() {
        for (changes, named) in [
            (json!({ "abov_max_limit": "clamp" }), "abov_max_limit"),
            (json!({ "above_max_limit": "truncate" }), "truncate"),
            (json!({ "pricing_status": 404 }), "pricing_status"),
            (json!({ "put_created_status": 202 }), "put_created_status"),
            (
                json!({ "token_refusal_status": 200 }),
                "token_refusal_status",
            ),
        ] {
            let error = changed(changes).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
