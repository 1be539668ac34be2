//! What happened to an order, append-only.

use order_mapping::SourceOrderId;
use order_sync::{MerchantId, TimelineEntry};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

/// Adds an entry to the order of a number.
pub(crate) fn append(
    connection: &Connection,
    number: i64,
    entry: &TimelineEntry,
) -> Result<(), Failure> {
    let sql = "INSERT INTO timeline (order_number, sequence, at, event, entry) VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute((
        number,
        i64::try_from(entry.sequence).unwrap_or(i64::MAX),
        micros::of(entry.at),
        entry.event.as_str(),
        json_text::write("a timeline entry", entry)?,
    ))?;
    Ok(())
}

/// The entries of an order, oldest first.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Vec<TimelineEntry>, Failure> {
    let sql = "SELECT t.entry FROM orders o JOIN timeline t ON t.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id = ?2 ORDER BY t.sequence";
    json_text::read_all(
        connection,
        "a timeline entry",
        sql,
        (merchant.as_str(), id.as_str()),
    )
}
