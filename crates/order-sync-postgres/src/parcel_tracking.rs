//! Parcels on their way.

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{MerchantId, ParcelTracking};
use tokio_postgres::Row;

use crate::changes::Tracked;
use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, orders};

const TRACKING: &str = "a parcel on its way";

/// What is known of the parcels of some orders.
pub(crate) fn of_orders<'a>(
    merchant: &MerchantId,
    ids: impl Iterator<Item = &'a SourceOrderId>,
) -> Query {
    let sql = "SELECT tracking FROM parcel_tracking WHERE merchant = $1 AND order_id = ANY($2)";
    Query::of(merchant, sql).keys(ids.map(SourceOrderId::as_str))
}

/// The rows of [`of_orders`] by order and parcel.
pub(crate) fn by_parcel(rows: &[Row]) -> Result<Tracked, Failure> {
    let known: Vec<ParcelTracking> = json_text::all(TRACKING, rows)?;
    Ok(known
        .into_iter()
        .map(|one| ((one.order.clone(), one.parcel_id.clone()), one))
        .collect())
}

/// Parcels that are asked after by then, the one that is due longest first.
pub(crate) async fn due(
    transaction: Transaction,
    merchant: &MerchantId,
    due_by: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<ParcelTracking>, Failure> {
    let sql = "SELECT tracking FROM parcel_tracking WHERE merchant = $1 AND due_at IS NOT NULL AND due_at <= $2 \
               ORDER BY due_at, order_id, parcel_id LIMIT $3";
    let query = Query::of(merchant, sql).moment(due_by).limit(limit);
    json_text::all(TRACKING, &orders::rows(transaction, query).await?)
}
