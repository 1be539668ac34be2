//! Despatches that belong to no order on record.

use chrono::{DateTime, Utc};
use order_mapping::Consignment;
use order_sync::MerchantId;

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, orders};

const DESPATCH: &str = "an unmatched despatch";

/// Keeps a despatch; again is no change.
pub(crate) async fn keep(
    transaction: Transaction,
    merchant: &MerchantId,
    consignment: &Consignment,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO unmatched_despatches (merchant, id, reference, read_at, consignment) \
               VALUES ($1, $2, $3, $4, $5) ON CONFLICT (merchant, id, reference) DO NOTHING";
    let query = Query::of(merchant, sql)
        .key(&consignment.id)
        .key(consignment.reference.as_str())
        .moment(at)
        .text(json_text::write(DESPATCH, consignment)?);
    orders::write(transaction, query).await.map(|_| ())
}

/// The despatches kept, in the order they were read.
pub(crate) async fn load(
    transaction: Transaction,
    merchant: &MerchantId,
) -> Result<Vec<(Consignment, DateTime<Utc>)>, Failure> {
    let sql =
        "SELECT consignment, read_at FROM unmatched_despatches WHERE merchant = $1 ORDER BY number";
    let rows = orders::rows(transaction, Query::of(merchant, sql)).await?;
    let kept = |row| {
        Ok((
            json_text::column(DESPATCH, row, 0)?,
            json_text::plain(DESPATCH, row, 1)?,
        ))
    };
    rows.iter().map(kept).collect()
}

/// Forgets one.
pub(crate) async fn forget(
    transaction: Transaction,
    merchant: &MerchantId,
    consignment: &Consignment,
) -> Result<(), Failure> {
    let sql = "DELETE FROM unmatched_despatches WHERE merchant = $1 AND id = $2 AND reference = $3";
    let query = Query::of(merchant, sql)
        .key(&consignment.id)
        .key(consignment.reference.as_str());
    orders::write(transaction, query).await.map(|_| ())
}
