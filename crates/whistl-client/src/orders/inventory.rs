//! Inventory: what the warehouse has.

use chrono::{DateTime, Utc};
use connector_http::{Error, Idempotency, Operation};
use http::StatusCode;

use super::client::{WarehouseOrders, object_of};
use super::members::{UnknownMembers, Unreadable};
use super::page::{Malformed, records};

const INVENTORY: Operation =
    Operation::new("orders.inventory", Idempotency::ReadOnly, "/v1/inventory");

/// What an inventory answer covers. A kind that is not known here keeps its text.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum InventoryKind {
    /// Every SKU.
    Snapshot,
    /// The rows that changed after a sequence number.
    Delta,
    /// Anything else, as written.
    Unknown(String),
}

impl InventoryKind {
    /// The text on the wire.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Delta => "delta",
            Self::Unknown(text) => text,
        }
    }
}

impl From<String> for InventoryKind {
    fn from(text: String) -> Self {
        match text.as_str() {
            "snapshot" => Self::Snapshot,
            "delta" => Self::Delta,
            _ => Self::Unknown(text),
        }
    }
}

/// An inventory answer (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Inventory {
    /// What it covers. A snapshot may come where a delta was asked for.
    pub kind: Option<InventoryKind>,
    /// The moment it describes, by the warehouse's clock.
    pub as_of: Option<DateTime<Utc>>,
    /// The sequence number it goes up to; ask with it next time.
    pub sequence: Option<u64>,
    /// The sequence number that a delta begins after. Beyond the one that was asked with, changes are missing: see
    /// [`has_gap_after`](Self::has_gap_after).
    pub from_sequence: Option<u64>,
    /// The rows: levels, not differences, in a delta too.
    pub items: Vec<InventoryItem>,
    /// The rows that could not be read. With any of them, a snapshot is not complete.
    pub malformed: Vec<Malformed>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

/// The level of one SKU (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct InventoryItem {
    /// The warehouse's SKU.
    pub sku: Option<String>,
    /// Units in the warehouse.
    pub on_hand: Option<i64>,
    /// Units of these that are promised to accepted orders.
    pub allocated: Option<i64>,
    /// Units of those in the warehouse that cannot be sold: damaged, in quarantine.
    pub unsellable: Option<i64>,
    /// The row's sequence number.
    pub sequence: Option<u64>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl Inventory {
    /// Whether a delta lacks changes that were made after `since`: it begins later. Then only a snapshot is whole.
    #[must_use]
    pub fn has_gap_after(&self, since: u64) -> bool {
        self.kind != Some(InventoryKind::Snapshot)
            && self.from_sequence.is_some_and(|from| from > since)
    }

    /// Whether it is older than what `since` stands for: an answer that came out of order.
    #[must_use]
    pub fn is_older_than(&self, since: u64) -> bool {
        self.sequence.is_some_and(|sequence| sequence < since)
    }
}

/// Whether [`WarehouseOrders::inventory`] failed because its sequence number is too old (410): ask for a snapshot instead.
#[must_use]
pub fn is_sequence_expired(error: &Error) -> bool {
    error.operation() == INVENTORY.name() && error.status() == Some(StatusCode::GONE)
}

impl WarehouseOrders {
    /// Reads the inventory: every SKU, or with `since` the rows that changed after that sequence number.
    ///
    /// A row that cannot be read does not hide its neighbours: it stands in [`Inventory::malformed`].
    ///
    /// # Errors
    ///
    /// - `InvalidRequest` (410): the sequence number is too old; see [`is_sequence_expired`].
    /// - `Decode`: the answer is not what the contract says.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn inventory(&self, since: Option<u64>) -> Result<Inventory, Error> {
        let contract = &self.inner.contract;
        let operation = INVENTORY.with_template(contract.paths.inventory.as_str());
        let mut url = self.url(&operation, &contract.paths.inventory)?;
        if let Some(since) = since {
            url.query_pairs_mut()
                .append_pair(&contract.query.since, &since.to_string());
        }
        let reply = self.read(&operation, &url).await?;
        let unreadable = |problem: Unreadable| reply.decode_error(problem.to_string());
        let mut members = object_of(&reply)?;
        let names = &contract.inventory;
        let row = &contract.inventory_item;
        let (items, malformed) = records(&mut members, &names.items, &row.sku, |mut members| {
            Ok(InventoryItem {
                sku: members.text(&row.sku)?,
                on_hand: members.integer(&row.on_hand)?,
                allocated: members.integer(&row.allocated)?,
                unsellable: members.integer(&row.unsellable)?,
                sequence: members.sequence(&row.sequence)?,
                unknown: members.rest(),
            })
        })
        .map_err(unreadable)?;
        Ok(Inventory {
            kind: members
                .text(&names.kind)
                .map_err(unreadable)?
                .map(InventoryKind::from),
            as_of: members.instant(&names.as_of).map_err(unreadable)?,
            sequence: members.sequence(&names.sequence).map_err(unreadable)?,
            from_sequence: members.sequence(&names.from_sequence).map_err(unreadable)?,
            items,
            malformed,
            unknown: members.rest(),
        })
    }
}
