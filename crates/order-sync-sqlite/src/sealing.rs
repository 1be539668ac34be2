//! Whether a store may be opened with the keys of personal data that were given.

use order_sync::Sealing;
use rusqlite::Connection;

use crate::failure::Failure;

/// Compares the keys with those that the store was opened with before, and notes a new one.
pub(crate) fn admit(connection: &Connection, sealing: &Sealing) -> Result<(), Failure> {
    let sql = "SELECT id, proof FROM sealing_keys ORDER BY number";
    let mut known: Vec<(String, String)> = Vec::new();
    let mut statement = connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        known.push((row.get(0)?, row.get(1)?));
    }
    if let Some(added) = sealing.admit(&known)? {
        let sql = "INSERT INTO sealing_keys (id, proof) VALUES (?1, ?2)";
        connection.execute(sql, added)?;
    }
    Ok(())
}
