//! Parcels of orders, and the despatches they came with.

use order_mapping::{Consignment, SourceOrderId};
use order_sync::{MerchantId, OrderRecord, ParcelRecord};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::json_text;

const PARCEL: &str = "a parcel";

/// Keeps a parcel, or replaces it; a replaced one keeps its place.
pub(crate) fn save(
    connection: &Connection,
    record: &OrderRecord,
    parcel: &ParcelRecord,
) -> Result<(), Failure> {
    let sql = "INSERT INTO parcels (merchant, order_id, parcel_id, parcel) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (merchant, order_id, parcel_id) DO UPDATE SET parcel = excluded.parcel";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
        &parcel.parcel.id,
        json_text::write(PARCEL, parcel)?,
    ))?;
    Ok(())
}

/// The parcels of an order, in the order they were received.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Vec<ParcelRecord>, Failure> {
    let sql = "SELECT parcel FROM parcels WHERE merchant = ?1 AND order_id = ?2 ORDER BY number";
    json_text::read_all(connection, PARCEL, sql, (merchant.as_str(), id.as_str()))
}

/// Remembers that a despatch was read.
pub(crate) fn save_consignment(
    connection: &Connection,
    record: &OrderRecord,
    consignment: &Consignment,
) -> Result<(), Failure> {
    let sql = "INSERT INTO consignments (merchant, id, order_id, consignment) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (merchant, id) DO UPDATE SET order_id = excluded.order_id, consignment = excluded.consignment";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        &consignment.id,
        record.id.as_str(),
        json_text::write("a despatch", consignment)?,
    ))?;
    Ok(())
}

/// Whether a despatch was read before.
pub(crate) fn has_consignment(
    connection: &Connection,
    merchant: &MerchantId,
    consignment_id: &str,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM consignments WHERE merchant = ?1 AND id = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), consignment_id))?)
}
