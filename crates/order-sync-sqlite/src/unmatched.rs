//! Despatches that belong to no order on record.

use chrono::{DateTime, Utc};
use order_mapping::Consignment;
use order_sync::MerchantId;
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, micros};

const DESPATCH: &str = "an unmatched despatch";

/// Keeps a despatch; again is no change.
pub(crate) fn keep(
    connection: &Connection,
    merchant: &MerchantId,
    consignment: &Consignment,
    at: DateTime<Utc>,
) -> Result<(), Failure> {
    let sql = "INSERT INTO unmatched_despatches (merchant, id, reference, read_at, consignment) \
               VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (merchant, id, reference) DO NOTHING";
    connection.prepare_cached(sql)?.execute((
        merchant.as_str(),
        &consignment.id,
        consignment.reference.as_str(),
        micros::of(at),
        json_text::write(DESPATCH, consignment)?,
    ))?;
    Ok(())
}

/// The despatches kept, in the order they were read.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
) -> Result<Vec<(Consignment, DateTime<Utc>)>, Failure> {
    let sql =
        "SELECT consignment, read_at FROM unmatched_despatches WHERE merchant = ?1 ORDER BY number";
    let mut statement = connection.prepare_cached(sql)?;
    let mut rows = statement.query([merchant.as_str()])?;
    let mut kept = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        kept.push((
            json_text::read(DESPATCH, &text)?,
            micros::to_moment(row.get(1)?)?,
        ));
    }
    Ok(kept)
}

/// Forgets one.
pub(crate) fn forget(
    connection: &Connection,
    merchant: &MerchantId,
    consignment: &Consignment,
) -> Result<(), Failure> {
    let sql = "DELETE FROM unmatched_despatches WHERE merchant = ?1 AND id = ?2 AND reference = ?3";
    connection.prepare_cached(sql)?.execute((
        merchant.as_str(),
        &consignment.id,
        consignment.reference.as_str(),
    ))?;
    Ok(())
}
