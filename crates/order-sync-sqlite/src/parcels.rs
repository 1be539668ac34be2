//! Parcels of orders, the despatches they came with, and what came back.

use std::collections::HashMap;

use order_mapping::{Consignment, ReturnReceipt, SourceOrderId};
use order_sync::{MerchantId, ParcelRecord};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::json_text;

const PARCEL: &str = "a parcel";
const RETURN: &str = "a return";

/// Keeps a parcel, or replaces it; a replaced one keeps its place.
pub(crate) fn save(
    connection: &Connection,
    number: i64,
    parcel: &ParcelRecord,
) -> Result<(), Failure> {
    let sql = "INSERT INTO parcels (order_number, parcel_id, parcel) VALUES (?1, ?2, ?3) \
               ON CONFLICT (order_number, parcel_id) DO UPDATE SET parcel = excluded.parcel";
    connection.prepare_cached(sql)?.execute((
        number,
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
    let sql = "SELECT p.parcel FROM orders o JOIN parcels p ON p.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id = ?2 ORDER BY p.number";
    json_text::read_all(connection, PARCEL, sql, (merchant.as_str(), id.as_str()))
}

/// The parcels of several orders ([`json_text::list_of`]).
pub(crate) fn of_orders(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<HashMap<SourceOrderId, Vec<ParcelRecord>>, Failure> {
    let sql = "SELECT o.id, p.parcel FROM orders o JOIN parcels p ON p.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id IN (SELECT value FROM json_each(?2)) ORDER BY p.number";
    json_text::read_by_order(connection, PARCEL, sql, merchant, ids)
}

/// Remembers that a despatch was read.
pub(crate) fn save_consignment(
    connection: &Connection,
    number: i64,
    consignment: &Consignment,
) -> Result<(), Failure> {
    let sql = "INSERT INTO consignments (order_number, id, consignment) VALUES (?1, ?2, ?3) \
               ON CONFLICT (order_number, id) DO UPDATE SET consignment = excluded.consignment";
    connection.prepare_cached(sql)?.execute((
        number,
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
    let sql = "SELECT 1 FROM orders o JOIN consignments c ON c.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id = ?2 AND c.id = ?3";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), id.as_str(), consignment_id))?)
}

/// Keeps what came back; a return that is on record stays as it was first read.
pub(crate) fn save_return(
    connection: &Connection,
    number: i64,
    receipt: &ReturnReceipt,
) -> Result<(), Failure> {
    let sql = "INSERT INTO returns (order_number, id, receipt) VALUES (?1, ?2, ?3) \
               ON CONFLICT (order_number, id) DO NOTHING";
    connection.prepare_cached(sql)?.execute((
        number,
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
    let sql = "SELECT r.receipt FROM orders o JOIN returns r ON r.order_number = o.number \
               WHERE o.merchant = ?1 AND o.id = ?2 ORDER BY r.number";
    json_text::read_all(connection, RETURN, sql, (merchant.as_str(), id.as_str()))
}
