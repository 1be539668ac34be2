//! The shop's copy and the prepared payload of an order: facts in one table, personal data in another, put together on load.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use order_mapping::{FulfilmentOrder, PersonalDetails, Recipient, SalesOrder, SourceOrderId};
use order_sync::{MerchantId, OrderRecord, OrderState};
use rusqlite::{Connection, Row};

use crate::failure::Failure;
use crate::{json_text, micros};

const SOURCE: &str = "the shop's copy of an order";
const SOURCE_PERSONAL: &str = "the personal data of an order";
const INTENT: &str = "the payload of an order";
const INTENT_PERSONAL: &str = "the recipient of a payload";

fn save(
    connection: &Connection,
    sql: &str,
    record: &OrderRecord,
    text: &str,
) -> Result<(), Failure> {
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
        text,
    ))?;
    Ok(())
}

fn remove(connection: &Connection, sql: &str, record: &OrderRecord) -> Result<(), Failure> {
    connection
        .prepare_cached(sql)?
        .execute((record.merchant.as_str(), record.id.as_str()))?;
    Ok(())
}

/// Whether the shop's copy of an order has personal data.
pub(crate) fn is_personal(order: &SalesOrder) -> bool {
    order.personal != PersonalDetails::default()
}

/// Notes that an order has personal data. A statement that finds it noted already writes nothing.
fn mark_personal(connection: &Connection, record: &OrderRecord) -> Result<(), Failure> {
    let sql = "UPDATE orders SET personal = 1 WHERE merchant = ?1 AND id = ?2 AND personal = 0";
    remove(connection, sql, record)
}

/// Notes whether an order still has personal data, after some of it went.
fn judge_personal(connection: &Connection, record: &OrderRecord) -> Result<(), Failure> {
    let sql = "UPDATE orders SET personal = \
               EXISTS (SELECT 1 FROM order_personal WHERE merchant = ?1 AND order_id = ?2) \
               OR EXISTS (SELECT 1 FROM intent_personal WHERE merchant = ?1 AND order_id = ?2) \
               WHERE merchant = ?1 AND id = ?2";
    remove(connection, sql, record)
}

/// Keeps the shop's copy of an order that was captured just now; the row of the order says whether it has personal data.
pub(crate) fn insert_source(
    connection: &Connection,
    record: &OrderRecord,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (merchant, order_id, facts) VALUES (?1, ?2, ?3)";
    save(connection, facts, record, &json_text::write(SOURCE, order)?)?;
    if is_personal(order) {
        let personal =
            "INSERT INTO order_personal (merchant, order_id, details) VALUES (?1, ?2, ?3)";
        let text = json_text::write(SOURCE_PERSONAL, &order.personal)?;
        save(connection, personal, record, &text)?;
    }
    Ok(())
}

/// Replaces the shop's copy.
pub(crate) fn save_source(
    connection: &Connection,
    record: &OrderRecord,
    order: &SalesOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_sources (merchant, order_id, facts) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (merchant, order_id) DO UPDATE SET facts = excluded.facts";
    save(connection, facts, record, &json_text::write(SOURCE, order)?)?;
    if !is_personal(order) {
        let gone = "DELETE FROM order_personal WHERE merchant = ?1 AND order_id = ?2";
        remove(connection, gone, record)?;
        return judge_personal(connection, record);
    }
    let personal = "INSERT INTO order_personal (merchant, order_id, details) VALUES (?1, ?2, ?3) \
                    ON CONFLICT (merchant, order_id) DO UPDATE SET details = excluded.details";
    let text = json_text::write(SOURCE_PERSONAL, &order.personal)?;
    save(connection, personal, record, &text)?;
    mark_personal(connection, record)
}

/// Keeps the prepared payload.
pub(crate) fn save_intent(
    connection: &Connection,
    record: &OrderRecord,
    intent: &FulfilmentOrder,
) -> Result<(), Failure> {
    let facts = "INSERT INTO order_intents (merchant, order_id, facts) VALUES (?1, ?2, ?3) \
                 ON CONFLICT (merchant, order_id) DO UPDATE SET facts = excluded.facts";
    save(
        connection,
        facts,
        record,
        &json_text::write(INTENT, intent)?,
    )?;
    if intent.recipient == Recipient::erased() {
        let gone = "DELETE FROM intent_personal WHERE merchant = ?1 AND order_id = ?2";
        remove(connection, gone, record)?;
        return judge_personal(connection, record);
    }
    let personal = "INSERT INTO intent_personal (merchant, order_id, recipient) VALUES (?1, ?2, ?3) \
                    ON CONFLICT (merchant, order_id) DO UPDATE SET recipient = excluded.recipient";
    let text = json_text::write(INTENT_PERSONAL, &intent.recipient)?;
    save(connection, personal, record, &text)?;
    mark_personal(connection, record)
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
    let sql = "SELECT s.order_id, s.facts, p.details FROM order_sources s \
               LEFT JOIN order_personal p ON p.merchant = s.merchant AND p.order_id = s.order_id \
               WHERE s.merchant = ?1 AND s.order_id IN (SELECT value FROM json_each(?2))";
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
    let sql = "SELECT i.order_id, i.facts, p.recipient FROM order_intents i \
               LEFT JOIN intent_personal p ON p.merchant = i.merchant AND p.order_id = i.order_id \
               WHERE i.merchant = ?1 AND i.order_id IN (SELECT value FROM json_each(?2))";
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

fn erase_due(
    connection: &Connection,
    merchant: &MerchantId,
    settled_before: DateTime<Utc>,
    limit: usize,
) -> Result<usize, Failure> {
    let sql = "SELECT id FROM orders WHERE merchant = ?1 AND state = ?2 AND changed_at < ?3 AND personal = 1 \
               ORDER BY changed_at LIMIT ?4";
    let mut statement = connection.prepare_cached(sql)?;
    let mut due: Vec<String> = Vec::new();
    for state in OrderState::ALL
        .into_iter()
        .filter(|state| state.is_settled())
    {
        let wanted = i64::try_from(limit.saturating_sub(due.len())).unwrap_or(i64::MAX);
        let before = micros::of(settled_before);
        let mut rows = statement.query((merchant.as_str(), state.as_str(), before, wanted))?;
        while let Some(row) = rows.next()? {
            due.push(row.get(0)?);
        }
    }
    let key = |id: &String| (merchant.as_str().to_owned(), id.clone());
    for sql in [
        "DELETE FROM order_personal WHERE merchant = ?1 AND order_id = ?2",
        "DELETE FROM intent_personal WHERE merchant = ?1 AND order_id = ?2",
        "UPDATE orders SET personal = 0 WHERE merchant = ?1 AND id = ?2",
    ] {
        let mut statement = connection.prepare_cached(sql)?;
        for id in &due {
            statement.execute(key(id))?;
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
        let plan: String = connection
            .query_row(
                "EXPLAIN QUERY PLAN SELECT id FROM orders WHERE merchant = ?1 AND state = ?2 AND changed_at < ?3 \
                 AND personal = 1 ORDER BY changed_at LIMIT ?4",
                ("m", "closed", 1, 1),
                |row| row.get(3),
            )
            .unwrap();
        assert!(plan.contains("orders_personal"), "{plan}");
    }
}
