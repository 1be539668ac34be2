//! The version of the tables, what marks a file as ours, and the store's own figures.

use chrono::{DateTime, Utc};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{micros, tables};

/// Marks the file in its header ("ordS" in ASCII).
pub(crate) const APPLICATION_ID: u32 = 0x6f72_6453;

/// Version of the tables.
pub(crate) const VERSION: u32 = 4;

/// Makes the tables of a new database, in one transaction.
pub(crate) fn create(connection: &mut Connection, now: DateTime<Utc>) -> Result<(), Failure> {
    let transaction = connection.transaction()?;
    transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    for group in tables::ALL {
        transaction.execute_batch(group)?;
    }
    for (name, value) in [
        (CREATED_AT, micros::of(now)),
        (EPOCH, 0),
        (COMMITS, 0),
        (BLIND_BEFORE, micros::of(now)),
    ] {
        transaction.execute(
            "INSERT INTO meta (name, value) VALUES (?1, ?2)",
            (name, value),
        )?;
    }
    transaction.commit()?;
    Ok(())
}

/// When the database was made.
pub(crate) const CREATED_AT: &str = "created_at";
/// How many times the store was opened.
pub(crate) const EPOCH: &str = "epoch";
/// How many groups were committed.
pub(crate) const COMMITS: &str = "commits";
/// Before this moment the store knows nothing of its own.
pub(crate) const BLIND_BEFORE: &str = "blind_before";

/// One of the store's own figures.
pub(crate) fn figure(connection: &Connection, name: &str) -> Result<i64, Failure> {
    let mut statement = connection.prepare_cached("SELECT value FROM meta WHERE name = ?1")?;
    Ok(statement.query_row([name], |row| row.get(0))?)
}

/// Replaces one of the store's own figures.
pub(crate) fn set_figure(connection: &Connection, name: &str, value: i64) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached("UPDATE meta SET value = ?2 WHERE name = ?1")?;
    statement.execute((name, value))?;
    Ok(())
}
