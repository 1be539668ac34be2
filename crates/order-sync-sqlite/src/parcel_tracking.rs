//! Parcels on their way.

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;
use order_sync::{MerchantId, OrderRecord, ParcelTracking};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

const TRACKING: &str = "a parcel on its way";

/// Keeps what is known of a parcel on its way, merged with what was known before.
pub(crate) fn save(
    connection: &Connection,
    record: &OrderRecord,
    tracking: &ParcelTracking,
) -> Result<(), Failure> {
    let (merchant, order) = (record.merchant.as_str(), record.id.as_str());
    let key = (merchant, order, tracking.parcel_id.as_str());
    let sql = "SELECT tracking FROM parcel_tracking WHERE merchant = ?1 AND order_id = ?2 AND parcel_id = ?3";
    let known: Vec<ParcelTracking> = json_text::read_all(connection, TRACKING, sql, key)?;
    let kept = tracking.clone().onto(known.first());
    let sql = "INSERT INTO parcel_tracking (merchant, order_id, parcel_id, due_at, tracking) VALUES (?1, ?2, ?3, ?4, ?5) \
               ON CONFLICT (merchant, order_id, parcel_id) DO UPDATE SET due_at = excluded.due_at, tracking = excluded.tracking";
    connection.prepare_cached(sql)?.execute((
        merchant,
        order,
        kept.parcel_id.as_str(),
        micros::of_optional(kept.due_at),
        json_text::write(TRACKING, &kept)?,
    ))?;
    Ok(())
}

/// Parcels that are asked after by then, the one that is due longest first.
pub(crate) fn due(
    connection: &Connection,
    merchant: &MerchantId,
    due_by: DateTime<Utc>,
    limit: usize,
) -> Result<Vec<ParcelTracking>, Failure> {
    let sql = "SELECT tracking FROM parcel_tracking WHERE merchant = ?1 AND due_at IS NOT NULL AND due_at <= ?2 \
               ORDER BY due_at, order_id, parcel_id LIMIT ?3";
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let params = (merchant.as_str(), micros::of(due_by), limit);
    json_text::read_all(connection, TRACKING, sql, params)
}

/// The parcels of an order that are watched or were, by id.
pub(crate) fn of_order(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Vec<ParcelTracking>, Failure> {
    let sql = "SELECT tracking FROM parcel_tracking WHERE merchant = ?1 AND order_id = ?2 ORDER BY parcel_id";
    json_text::read_all(connection, TRACKING, sql, (merchant.as_str(), id.as_str()))
}

#[cfg(test)]
mod tests {
    use crate::{schema, tables};

    #[test]
    fn what_is_due_is_found_by_its_index() {
        let mut connection = rusqlite::Connection::open_in_memory().unwrap();
        schema::create(&mut connection, chrono::DateTime::UNIX_EPOCH).unwrap();
        assert!(tables::ADDED.contains("parcel_tracking_due"));
        let sql = "EXPLAIN QUERY PLAN SELECT tracking FROM parcel_tracking WHERE merchant = ?1 AND due_at IS NOT NULL \
                   AND due_at <= ?2 ORDER BY due_at, order_id, parcel_id LIMIT ?3";
        let plan: String = connection
            .query_row(sql, ("m", 0, 1), |row| row.get(3))
            .unwrap();
        assert!(plan.contains("parcel_tracking_due"), "{plan}");
    }
}
