//! What became of each order line, and what is still owed.

use std::collections::HashMap;

use order_mapping::{SourceOrderId, SourceSku};
use order_sync::{Demand, LineProgress, MerchantId, OrderState};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

const LINE: &str = "a line of an order";

/// Replaces the lines of an order. They are kept by position: the shop may give two lines one id.
pub(crate) fn replace(
    connection: &Connection,
    number: i64,
    lines: &[LineProgress],
) -> Result<(), Failure> {
    insert(connection, number, lines)?;
    let sql = "DELETE FROM order_lines WHERE order_number = ?1 AND position >= ?2";
    let kept = i64::try_from(lines.len()).unwrap_or(i64::MAX);
    connection.prepare_cached(sql)?.execute((number, kept))?;
    Ok(())
}

/// Keeps lines of an order, each in place of one that was at its position.
pub(crate) fn insert(
    connection: &Connection,
    number: i64,
    lines: &[LineProgress],
) -> Result<(), Failure> {
    let sql = "INSERT INTO order_lines (order_number, position, sku, promised, line) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (order_number, position) DO UPDATE \
               SET sku = excluded.sku, promised = excluded.promised, line = excluded.line";
    let mut statement = connection.prepare_cached(sql)?;
    for (position, line) in (0_i64..).zip(lines) {
        let sku = line.sku.as_ref().map(SourceSku::as_str);
        let text = json_text::write(LINE, line)?;
        statement.execute((number, position, sku, line.promised(), text))?;
    }
    Ok(())
}

/// The lines of an order.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Vec<LineProgress>, Failure> {
    let sql = "SELECT l.line FROM orders o JOIN order_lines l ON l.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id = ?2 ORDER BY l.position";
    json_text::read_all(connection, LINE, sql, (merchant.as_str(), id.as_str()))
}

/// The lines of several orders ([`json_text::list_of`]).
pub(crate) fn of_orders(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, Vec<LineProgress>>, Failure> {
    let sql = "SELECT o.id, l.line FROM orders o JOIN order_lines l ON l.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id IN (SELECT value FROM json_each(?2)) ORDER BY l.order_number, l.position";
    json_text::read_by_order(connection, LINE, sql, merchant, ids)
}

/// Promised units that a stock figure may not know of, by order and line.
pub(crate) fn demand(
    connection: &Connection,
    merchant: &MerchantId,
    accepted_since: i64,
) -> Result<Vec<Demand>, Failure> {
    const COLUMNS: &str = "SELECT orders.id, position, sku, promised, accepted_at FROM orders \
         JOIN order_lines ON order_lines.order_number = orders.number \
         WHERE orders.merchant = ?1 AND promised > 0 AND sku IS NOT NULL";
    let mut owed: Vec<(String, i64, Demand)> = Vec::new();
    let mut collect = |rows: &mut rusqlite::Rows<'_>| -> Result<(), Failure> {
        while let Some(row) = rows.next()? {
            let sku: String = row.get(2)?;
            let accepted_at: Option<i64> = row.get(4)?;
            let accepted_at = accepted_at.map(micros::to_moment).transpose()?;
            let demand = Demand::new(SourceSku::new(sku), row.get(3)?, accepted_at);
            owed.push((row.get(0)?, row.get(1)?, demand));
        }
        Ok(())
    };
    let sql = format!("{COLUMNS} AND accepted_at >= ?2");
    let mut statement = connection.prepare_cached(&sql)?;
    collect(&mut statement.query((merchant.as_str(), accepted_since))?)?;
    let sql = format!("{COLUMNS} AND orders.state = ?2 AND accepted_at IS NULL");
    let mut statement = connection.prepare_cached(&sql)?;
    for state in OrderState::ALL
        .into_iter()
        .filter(|state| state.reserves_stock())
    {
        collect(&mut statement.query((merchant.as_str(), state.as_str()))?)?;
    }
    owed.sort_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
    Ok(owed.into_iter().map(|(_, _, demand)| demand).collect())
}
