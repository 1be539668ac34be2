//! What is promised of the stock.

use chrono::{DateTime, Utc};
use order_mapping::SourceSku;
use order_sync::{Demand, MerchantId, OrderState};

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, key_text, orders};

const LINE: &str = "a line of an order";

/// Promised units that a stock figure may not know of, by order and line.
pub(crate) async fn load(
    transaction: Transaction,
    merchant: &MerchantId,
    accepted_since: DateTime<Utc>,
) -> Result<Vec<Demand>, Failure> {
    // Two ranges of indexes: what was accepted lately, also if it is closed by now, and what reserves stock and is open.
    let sql = "SELECT l.sku, l.promised, o.accepted_at \
               FROM (SELECT id, accepted_at FROM orders WHERE merchant = $1 AND accepted_at >= $2 \
                     UNION ALL SELECT id, NULL FROM orders_open WHERE merchant = $1 AND state = ANY($3) AND accepted_at IS NULL) o \
               JOIN order_lines l ON l.merchant = $1 AND l.order_id = o.id \
               WHERE l.promised > 0 AND l.sku IS NOT NULL ORDER BY o.id, l.position";
    let states = OrderState::ALL
        .into_iter()
        .filter(|state| state.reserves_stock())
        .map(|state| state.as_str().to_owned())
        .collect();
    let query = Query::of(merchant, sql)
        .moment(accepted_since)
        .texts(states);
    let rows = orders::rows(transaction, query).await?;
    let demand = |row| {
        let sku: &str = json_text::plain(LINE, row, 0)?;
        let promised: i64 = json_text::plain(LINE, row, 1)?;
        let units = u32::try_from(promised)
            .map_err(|_| Failure::Unreadable(format!("{LINE} has {promised} units")))?;
        let accepted_at = json_text::plain(LINE, row, 2)?;
        Ok(Demand::new(
            SourceSku::new(key_text::read(sku)),
            units,
            accepted_at,
        ))
    };
    rows.iter().map(demand).collect()
}
