//! Erasing the personal data of orders that are at their end.

use chrono::{DateTime, Utc};
use order_sync::{MerchantId, OrderState};

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::{Transaction, along_indexes};
use crate::{dossiers, json_text};

/// Erases the personal data of settled orders, those that settled first first. Returns of how many.
pub(crate) async fn erase(
    mut transaction: Transaction,
    merchant: &MerchantId,
    settled_before: DateTime<Utc>,
    limit: usize,
) -> Result<usize, Failure> {
    let states = OrderState::ALL
        .into_iter()
        .filter(|state| state.is_settled())
        .map(|state| state.as_str().to_owned())
        .collect();
    let sql = "SELECT r.id FROM (SELECT id, revision, changed_at FROM orders \
                   WHERE merchant = $1 AND personal AND state = ANY($2) AND changed_at < $3 ORDER BY changed_at, id) o \
               CROSS JOIN LATERAL (SELECT id FROM order_records \
                   WHERE merchant = $1 AND id = o.id AND revision = o.revision FOR UPDATE SKIP LOCKED) r LIMIT $4";
    let due = Query::of(merchant, sql)
        .texts(states)
        .moment(settled_before)
        .limit(limit);
    let rows = transaction
        .read(vec![along_indexes(), due])
        .await?
        .pop()
        .unwrap_or_default();
    let ids: Result<Vec<String>, Failure> = rows
        .iter()
        .map(|row| json_text::plain(dossiers::RECORD, row, 0))
        .collect();
    let ids = ids?;
    if ids.is_empty() {
        transaction.end().await?;
        return Ok(0);
    }
    let writes = [
        "DELETE FROM personal_keys WHERE merchant = $1 AND order_id = ANY($2)",
        "DELETE FROM order_personal WHERE merchant = $1 AND order_id = ANY($2)",
        "DELETE FROM intent_personal WHERE merchant = $1 AND order_id = ANY($2)",
        "UPDATE orders SET personal = false WHERE merchant = $1 AND id = ANY($2)",
    ];
    let writes = writes.map(|sql| Query::of(merchant, sql).texts(ids.clone()));
    transaction.finish(writes.into()).await?;
    Ok(ids.len())
}
