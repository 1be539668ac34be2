//! The shop's copy and the prepared payload of an order: facts in one table, personal data in another, put together on load.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use order_mapping::{FulfilmentOrder, PersonalDetails, Recipient, SalesOrder, SourceOrderId};
use order_sync::MerchantId;
use rusqlite::{Connection, Row};

use crate::failure::Failure;
use crate::order_row::OrderRow;
use crate::{json_text, micros};

const SOURCE: &str = "the shop's copy of an order";
const SOURCE_PERSONAL: &str = "the personal data of an order";
const INTENT: &str = "the payload of an order";
const INTENT_PERSONAL: &str = "the recipient of a payload";

fn save(connection: &Connection, sql: &str, number: i64, text: &str) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute((number, text))?;
    Ok(())
}

/// Whether the shop's copy of an order has personal data.
pub(crate) fn is_personal(order: &SalesOrder) -> bool {
    order.personal != PersonalDetails::default()
}

/// Notes that an order has personal data.
fn mark_personal(connection: &Connection, row: &mut OrderRow) -> Result<(), Failure> {
    if !row.personal {
        let sql = "UPDATE orders SET personal = 1 WHERE number = ?1";
        connection.prepare_cached(sql)?.execute([row.number])?;
        row.personal = true;
    }
    Ok(())
}

/// Takes a row of personal data away, and notes whether the order still has another one.
fn remove_personal(connection: &Connection, sql: &str, row: &mut OrderRow) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute([row.number])?;
    let sql = "UPDATE orders SET personal = \
               EXISTS (SELECT 1 FROM order_personal WHERE order_number = ?1) \
               OR EXISTS (SELECT 1 FROM intent_personal WHERE order_number = ?1) \
               WHERE number = ?1 RETURNING personal";
    let mut statement = connection.prepare_cached(sql)?;
    row.personal = statement.query_row([row.number], |row| row.get(0))?;
    Ok(())
}

/// Keeps the shop's copy of an order that was captured just now; the row of the order says whether it has personal data.
pub(crate) fn insert_source(
    connection: &Connection,
    number: i64,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (order_number, facts) VALUES (?1, ?2)";
    save(connection, facts, number, &json_text::write(SOURCE, order)?)?;
    if is_personal(order) {
        let personal = "INSERT INTO order_personal (order_number, details) VALUES (?1, ?2)";
        let text = json_text::write(SOURCE_PERSONAL, &order.personal)?;
        save(connection, personal, number, &text)?;
    }
    Ok(())
}

/// Replaces the shop's copy.
pub(crate) fn save_source(
    connection: &Connection,
    row: &mut OrderRow,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (order_number, facts) VALUES (?1, ?2) \
                 ON CONFLICT (order_number) DO UPDATE SET facts = excluded.facts";
    let text = json_text::write(SOURCE, order)?;
    save(connection, facts, row.number, &text)?;
    if !is_personal(order) {
        let gone = "DELETE FROM order_personal WHERE order_number = ?1";
        return remove_personal(connection, gone, row);
    }
    let personal = "INSERT INTO order_personal (order_number, details) VALUES (?1, ?2) \
                    ON CONFLICT (order_number) DO UPDATE SET details = excluded.details";
    let text = json_text::write(SOURCE_PERSONAL, &order.personal)?;
    save(connection, personal, row.number, &text)?;
    mark_personal(connection, row)
}

/// Keeps the prepared payload.
pub(crate) fn save_intent(
    connection: &Connection,
    row: &mut OrderRow,
    intent: &FulfilmentOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_intents (order_number, facts) VALUES (?1, ?2) \
                 ON CONFLICT (order_number) DO UPDATE SET facts = excluded.facts";
    let text = json_text::write(INTENT, intent)?;
    save(connection, facts, row.number, &text)?;
    if intent.recipient == Recipient::erased() {
        let gone = "DELETE FROM intent_personal WHERE order_number = ?1";
        return remove_personal(connection, gone, row);
    }
    let personal = "INSERT INTO intent_personal (order_number, recipient) VALUES (?1, ?2) \
                    ON CONFLICT (order_number) DO UPDATE SET recipient = excluded.recipient";
    let text = json_text::write(INTENT_PERSONAL, &intent.recipient)?;
    save(connection, personal, row.number, &text)?;
    mark_personal(connection, row)
}

/// A text column that may be missing; not copied.
fn optional<'a>(row: &'a Row<'_>, column: usize, what: &str) -> Result<Option<&'a str>, Failure> {
    row.get_ref(column)?
        .as_str_or_null()
        .map_err(|_| Failure::Unreadable(format!("{what} is no text")))
}

/// The shop's copies of several orders ([`json_text::list_of`]); without personal data where that was erased.
pub(crate) fn sources_of(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, SalesOrder>, Failure> {
    let sql = "SELECT o.id, s.facts, p.details FROM orders o JOIN order_sources s ON s.order_number = o.number \
               LEFT JOIN order_personal p ON p.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((merchant.as_str(), ids))?;
    let mut orders = HashMap::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let mut order: SalesOrder = json_text::read_column(SOURCE, row, 1)?;
        if let Some(personal) = optional(row, 2, SOURCE_PERSONAL)? {
            order.personal = json_text::read(SOURCE_PERSONAL, personal)?;
        }
        orders.insert(SourceOrderId::new(id), order);
    }
    Ok(orders)
}

/// The prepared payloads of several orders ([`json_text::list_of`]); with an erased recipient where that was erased.
pub(crate) fn intents_of(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, FulfilmentOrder>, Failure> {
    let sql = "SELECT o.id, i.facts, p.recipient FROM orders o JOIN order_intents i ON i.order_number = o.number \
               LEFT JOIN intent_personal p ON p.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query((merchant.as_str(), ids))?;
    let mut orders = HashMap::new();
    while let Some(row) = rows.next()? {
        let id: String = row.get(0)?;
        let mut order: FulfilmentOrder = json_text::read_column(INTENT, row, 1)?;
        if let Some(recipient) = optional(row, 2, INTENT_PERSONAL)? {
            order.recipient = json_text::read(INTENT_PERSONAL, recipient)?;
        }
        orders.insert(SourceOrderId::new(id), order);
    }
    Ok(orders)
}

/// Erases the personal data of settled orders, those that settled first first. Returns of how many.
pub(crate) fn erase(
    connection: &Connection,
    merchant: &MerchantId,
    settled_before: DateTime<Utc>,
    limit: usize,
) -> Result<usize, Failure> {
    // What is deleted is overwritten in the file, and not only let go.
    connection.pragma_update(None, "secure_delete", "ON")?;
    let erased = erase_due(connection, merchant, settled_before, limit);
    connection.pragma_update(None, "secure_delete", "FAST")?;
    erased
}

const SETTLED: &str = "SELECT number FROM orders WHERE merchant = ?1 AND personal = 1 AND settled_at < ?2 \
                       ORDER BY settled_at LIMIT ?3";

fn erase_due(
    connection: &Connection,
    merchant: &MerchantId,
    settled_before: DateTime<Utc>,
    limit: usize,
) -> Result<usize, Failure> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut due: Vec<i64> = Vec::new();
    let mut statement = connection.prepare_cached(SETTLED)?;
    let mut rows = statement.query((merchant.as_str(), micros::of(settled_before), limit))?;
    while let Some(row) = rows.next()? {
        due.push(row.get(0)?);
    }
    for sql in [
        "DELETE FROM order_personal WHERE order_number = ?1",
        "DELETE FROM intent_personal WHERE order_number = ?1",
        "UPDATE orders SET personal = 0 WHERE number = ?1",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        for number in &due {
            statement.execute([number])?;
        }
    }
    Ok(due.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn what_is_due_for_erasure_is_found_by_its_index() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::create(&mut connection, DateTime::UNIX_EPOCH).unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {SETTLED}");
        let plan: String = connection
            .query_row(&sql, ("m", 1, 1), |row| row.get(3))
            .unwrap();
        assert!(plan.contains("COVERING INDEX orders_settled"), "{plan}");
    }
}
