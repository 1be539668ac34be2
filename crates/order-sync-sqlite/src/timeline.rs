//! What happened to an order, append-only.

use order_mapping::SourceOrderId;
use order_sync::{MerchantId, OrderRecord, TimelineEntry};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

/// Adds an entry.
pub(crate) fn append(
    connection: &Connection,
    record: &OrderRecord,
    entry: &TimelineEntry,
) -> Result<(), Failure> {
    let sql = "INSERT INTO timeline (merchant, order_id, sequence, at, event, entry) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
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
    let sql = "SELECT entry FROM timeline WHERE merchant = ?1 AND order_id = ?2 ORDER BY sequence";
    json_text::read_all(
        connection,
        "a timeline entry",
        sql,
        (merchant.as_str(), id.as_str()),
    )
}
