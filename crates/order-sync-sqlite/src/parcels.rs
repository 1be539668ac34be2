//! Parcels of orders, the despatches they came with, and what came back.

use std::collections::HashMap;

use order_mapping::{Consignment, ReturnReceipt, SourceOrderId};
use order_sync::{MerchantId, OrderRecord, ParcelRecord};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::json_text;

const PARCEL: &str = "a parcel";
const RETURN: &str = "a return";

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

/// The parcels of several orders ([`json_text::list_of`]).
pub(crate) fn of_orders(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, Vec<ParcelRecord>>, Failure> {
    let sql = "SELECT order_id, parcel FROM parcels \
               WHERE merchant = ?1 AND order_id IN (SELECT value FROM json_each(?2)) ORDER BY number";
    json_text::read_by_order(connection, PARCEL, sql, merchant, ids)
}

/// Remembers that a despatch was read.
pub(crate) fn save_consignment(
    connection: &Connection,
    record: &OrderRecord,
    consignment: &Consignment,
) -> Result<(), Failure> {
    let sql = "INSERT INTO consignments (merchant, order_id, id, consignment) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (merchant, order_id, id) DO UPDATE SET consignment = excluded.consignment";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
        &consignment.id,
        json_text::write("a despatch", consignment)?,
    ))?;
    Ok(())
}

/// Whether a despatch of an order was read before.
pub(crate) fn has_consignment(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
    consignment_id: &str,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM consignments WHERE merchant = ?1 AND order_id = ?2 AND id = ?3";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), id.as_str(), consignment_id))?)
}

/// Keeps what came back; a return that is on record stays as it was first read.
pub(crate) fn save_return(
    connection: &Connection,
    record: &OrderRecord,
    receipt: &ReturnReceipt,
) -> Result<(), Failure> {
    let sql = "INSERT INTO returns (merchant, order_id, id, receipt) VALUES (?1, ?2, ?3, ?4) \
               ON CONFLICT (merchant, order_id, id) DO NOTHING";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.id.as_str(),
        &receipt.id,
        json_text::write(RETURN, receipt)?,
    ))?;
    Ok(())
}

/// What came back of an order, in the order it was read.
pub(crate) fn returns(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Vec<ReturnReceipt>, Failure> {
    let sql = "SELECT receipt FROM returns WHERE merchant = ?1 AND order_id = ?2 ORDER BY number";
    json_text::read_all(connection, RETURN, sql, (merchant.as_str(), id.as_str()))
}
