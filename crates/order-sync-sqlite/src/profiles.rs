//! Which versions of the profile were in use.

use order_sync::{MerchantId, ProfileVersion};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::json_text;

const PROFILE: &str = "a version of the profile";

/// Records a version; one that is on record only gets an approval where it has none.
pub(crate) fn record(
    connection: &Connection,
    merchant: &MerchantId,
    version: &ProfileVersion,
) -> Result<(), Failure> {
    let sql = "SELECT version FROM profile_versions WHERE merchant = ?1 AND hash = ?2";
    let params = (merchant.as_str(), version.hash.as_str());
    let known: Option<ProfileVersion> = json_text::read_one(connection, PROFILE, sql, params)?;
    let version = match known {
        Some(known) if known.approval.is_none() && version.approval.is_some() => {
            let mut known = known;
            known.approval.clone_from(&version.approval);
            known
        }
        Some(_) => return Ok(()),
        None => version.clone(),
    };
    let sql = "INSERT INTO profile_versions (merchant, hash, version) VALUES (?1, ?2, ?3) \
               ON CONFLICT (merchant, hash) DO UPDATE SET version = excluded.version";
    connection.prepare_cached(sql)?.execute((
        merchant.as_str(),
        &version.hash,
        json_text::write(PROFILE, &version)?,
    ))?;
    Ok(())
}

/// Every version, in the order they came.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
) -> Result<Vec<ProfileVersion>, Failure> {
    let sql = "SELECT version FROM profile_versions WHERE merchant = ?1 ORDER BY number";
    json_text::read_all(connection, PROFILE, sql, [merchant.as_str()])
}
