//! What version 1 of the schema had otherwise, and how it becomes the version of today.

use chrono::{DateTime, Utc};
use order_mapping::SalesOrder;
use order_sync::{
    ChangeRequest, Exception, ExceptionEntry, ExceptionEvent, MerchantId, OrderRecord, RequestKind,
    Stake, StockRecord,
};
use rusqlite::Connection;
use serde::Deserialize;

use crate::failure::Failure;
use crate::{exceptions, json_text, micros, order_row, orders, stock, tables, version_2};

/// Tables whose keys or columns changed are made anew; everything else stays where it is.
pub(crate) fn upgrade(connection: &Connection, now: DateTime<Utc>) -> Result<(), Failure> {
    connection.execute_batch(
        "DROP INDEX orders_due; DROP INDEX orders_state; DROP INDEX orders_accepted;
         DROP INDEX exceptions_open; DROP INDEX exceptions_age;
         ALTER TABLE orders RENAME TO old_orders;
         ALTER TABLE unmatched_despatches RENAME TO old_unmatched_despatches;
         ALTER TABLE exceptions RENAME TO old_exceptions;
         ALTER TABLE stock RENAME TO old_stock;
         ALTER TABLE published_levels RENAME TO old_published_levels;",
    )?;
    version_2::set_aside(connection)?;
    for group in [
        tables::ORDERS,
        tables::DESPATCHES,
        tables::EXCEPTIONS,
        tables::STOCK,
        tables::ADDED,
    ] {
        connection.execute_batch(group)?;
    }
    move_orders(connection, now)?;
    version_2::move_under_numbers(connection)?;
    connection.execute_batch(
        "INSERT INTO unmatched_despatches (number, merchant, id, reference, read_at, consignment)
             SELECT number, merchant, id, json_extract(consignment, '$.reference'), read_at, consignment
             FROM old_unmatched_despatches ORDER BY number;",
    )?;
    move_exceptions(connection)?;
    move_stock(connection)?;
    connection.execute_batch(
        "DROP TABLE old_orders;
         DROP TABLE old_unmatched_despatches; DROP TABLE old_exceptions;
         DROP TABLE old_stock;",
    )?;
    Ok(())
}

/// A member of an order's record that later versions do not have: what the shop changed after the order was handed over.
#[derive(Deserialize)]
struct Amended {
    amended: Option<String>,
}

/// The beginning of [`Amended::amended`] where the shop cancelled the order.
const CANCELLED: &str = "cancelled";

fn move_orders(connection: &Connection, now: DateTime<Utc>) -> Result<(), Failure> {
    let sql = "SELECT o.record, s.facts, \
               EXISTS (SELECT 1 FROM old_order_personal p WHERE p.merchant = o.merchant AND p.order_id = o.id) \
               OR EXISTS (SELECT 1 FROM old_intent_personal p WHERE p.merchant = o.merchant AND p.order_id = o.id) \
               FROM old_orders o LEFT JOIN old_order_sources s ON s.merchant = o.merchant AND s.order_id = o.id \
               ORDER BY o.rowid";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let mut record: OrderRecord = json_text::read_column(order_row::RECORD, row, 0)?;
        let Amended { amended } = json_text::read_column(order_row::RECORD, row, 0)?;
        if !record.state.is_settled() && row.get_ref(1)? != rusqlite::types::ValueRef::Null {
            let order: SalesOrder = json_text::read_column("the shop's copy of an order", row, 1)?;
            record.stake = Stake::of(&order);
        }
        if let Some(amended) = amended {
            record.request = Some(request(connection, &record, &amended, now)?);
        }
        orders::insert(connection, &record, row.get(2)?)?;
    }
    Ok(())
}

/// The wish of the shop that version 1 only noted. Nobody has been asked yet.
fn request(
    connection: &Connection,
    record: &OrderRecord,
    amended: &str,
    now: DateTime<Utc>,
) -> Result<ChangeRequest, Failure> {
    let kind = if amended.starts_with(CANCELLED) {
        RequestKind::Cancel
    } else {
        RequestKind::Amend
    };
    // The shop's news is the last event of its kind in the timeline.
    let sql = "SELECT max(at) FROM old_timeline WHERE merchant = ?1 AND order_id = ?2 AND event = 'source_changed'";
    let seen: Option<i64> = connection
        .prepare_cached(sql)?
        .query_row((record.merchant.as_str(), record.id.as_str()), |row| {
            row.get(0)
        })?;
    let seen = seen.map(micros::to_moment).transpose()?.unwrap_or(now);
    let content: String = record.source_digest.chars().take(12).collect();
    let mut request = ChangeRequest::wanted(format!("{}-{content}", record.reference), kind, seen);
    request.due_at = Some(now);
    Ok(request)
}

/// Exceptions get the number that people see, and the journal what is known of them.
fn move_exceptions(connection: &Connection) -> Result<(), Failure> {
    let sql = "SELECT exception, merchant, row_number() OVER (PARTITION BY merchant ORDER BY number) \
               FROM old_exceptions ORDER BY merchant, number";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut known: Vec<(MerchantId, ExceptionEntry)> = Vec::new();
    while let Some(row) = rows.next()? {
        let mut exception: Exception = json_text::read_column("an exception", row, 0)?;
        let merchant = MerchantId::new(row.get::<_, String>(1)?);
        exception.number = row.get::<_, i64>(2)?.unsigned_abs();
        exceptions::insert(connection, &merchant, &exception)?;
        let entry = |at, event| {
            let note = exception.finding.detail.clone();
            ExceptionEntry::new(&exception, at, event, None, note)
        };
        known.push((
            merchant.clone(),
            entry(exception.opened_at, ExceptionEvent::Opened),
        ));
        if let Some(closed_at) = exception.closed_at {
            known.push((merchant, entry(closed_at, ExceptionEvent::Resolved)));
        }
    }
    known.sort_by(|(one, first), (other, second)| (one, first.at).cmp(&(other, second.at)));
    for of_merchant in known.chunk_by(|(one, _), (other, _)| one == other) {
        if let Some((merchant, _)) = of_merchant.first() {
            let entries = of_merchant.iter().map(|(_, entry)| entry.clone());
            exceptions::note(connection, merchant, entries.collect())?;
        }
    }
    Ok(())
}

/// Figures that were JSON text become columns.
fn move_stock(connection: &Connection) -> Result<(), Failure> {
    let sql = "SELECT merchant, record FROM old_stock ORDER BY merchant, sku";
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let merchant = MerchantId::new(row.get::<_, String>(0)?);
        let record: StockRecord = json_text::read_column("a stock figure", row, 1)?;
        stock::write(connection, &merchant, [&record])?;
    }
    version_2::move_published(connection)
}
