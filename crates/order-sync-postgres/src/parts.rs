//! Single lists that belong to an order: lines, parcels, returns, timeline.

use order_mapping::SourceOrderId;
use order_sync::MerchantId;
use serde::Deserialize;

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, orders};

/// A list of an order, in its order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    what: &'static str,
    sql: &'static str,
}

/// What became of each line.
pub(crate) const LINES: Part = Part {
    what: "a line of an order",
    sql: "SELECT line FROM order_lines WHERE merchant = $1 AND order_id = $2 ORDER BY position",
};
/// Parcels, in the order they were received.
pub(crate) const PARCELS: Part = Part {
    what: "a parcel",
    sql: "SELECT parcel FROM parcels WHERE merchant = $1 AND order_id = $2 ORDER BY number",
};
/// What came back, in the order it was read.
pub(crate) const RETURNS: Part = Part {
    what: "a return",
    sql: "SELECT receipt FROM returns WHERE merchant = $1 AND order_id = $2 ORDER BY number",
};
/// What happened, oldest first.
pub(crate) const TIMELINE: Part = Part {
    what: "a timeline entry",
    sql: "SELECT entry FROM timeline WHERE merchant = $1 AND order_id = $2 ORDER BY sequence",
};
/// Parcels that are watched or were, by id.
pub(crate) const TRACKING: Part = Part {
    what: "a parcel on its way",
    sql: "SELECT tracking FROM parcel_tracking WHERE merchant = $1 AND order_id = $2 ORDER BY parcel_id",
};

/// A list of an order.
pub(crate) async fn load<T: for<'a> Deserialize<'a>>(
    transaction: Transaction,
    merchant: &MerchantId,
    id: &SourceOrderId,
    part: Part,
) -> Result<Vec<T>, Failure> {
    let query = Query::of(merchant, part.sql).key(id.as_str());
    json_text::all(part.what, &orders::rows(transaction, query).await?)
}

/// Whether a despatch of an order was read before.
pub(crate) async fn has_consignment(
    transaction: Transaction,
    merchant: &MerchantId,
    id: &SourceOrderId,
    consignment_id: &str,
) -> Result<bool, Failure> {
    let sql = "SELECT id FROM consignments WHERE merchant = $1 AND order_id = $2 AND id = $3";
    let query = Query::of(merchant, sql)
        .key(id.as_str())
        .key(consignment_id);
    Ok(!orders::rows(transaction, query).await?.is_empty())
}
