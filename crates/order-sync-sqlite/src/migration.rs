//! From an earlier version of the schema to this one: forwards only, in one transaction, after a copy was made beside the file.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use order_sync::{StoreError, StoreErrorKind};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::schema::VERSION;
use crate::store_file::{beside, failed, io_failed, sync_directory_of};
use crate::{soundness, tables, version_1, version_2};

/// Brings a store to this version. One that is of this version is left as it is.
pub(crate) fn run(
    path: &Path,
    connection: &mut Connection,
    found: u32,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    if found == VERSION {
        return Ok(());
    }
    let backup = copy(path, connection, found)?;
    tracing::info!(
        store = %path.display(), backup = %backup.display(),
        "upgrading the store from schema version {found} to {VERSION}"
    );
    match upgrade(connection, found, now) {
        Ok(()) => Ok(()),
        Err(failure) => {
            // The file is as it was, so its copy says nothing that it does not say itself.
            if let Err(error) = std::fs::remove_file(&backup) {
                tracing::warn!(backup = %backup.display(), %error, "a needless copy could not be removed");
            }
            Err(refused(path, found, &failure))
        }
    }
}

fn refused(path: &Path, found: u32, failure: &Failure) -> StoreError {
    let remedy = match failure.kind() {
        StoreErrorKind::Busy => "close the program that has the file open, then start again",
        StoreErrorKind::NoSpace => {
            "make room for three times the file or make it writable, then start again"
        }
        StoreErrorKind::Damaged => "restore a backup with the program of before, then start again",
        _ => "go on with the program of before, and report this",
    };
    StoreError::new(
        failure.kind(),
        format!(
            "{}: the store could not be upgraded from schema version {found} to {VERSION} ({}); it is as it was; {remedy}",
            path.display(),
            failure.line()
        ),
    )
}

/// The first name that is free: a copy never replaces another one.
fn free_name(path: &Path, version: u32) -> PathBuf {
    let first = beside(path, &format!(".v{version}.bak"));
    let further = (2_u32..).map(|number| beside(&first, &format!(".{number}")));
    std::iter::once(first.clone())
        .chain(further)
        .find(|name| std::fs::symlink_metadata(name).is_err())
        .unwrap_or(first)
}

/// A durable copy beside the file, whole or not there.
fn copy(path: &Path, connection: &Connection, version: u32) -> Result<PathBuf, StoreError> {
    let target = free_name(path, version);
    let draft = beside(&target, ".new");
    let keep = || -> io::Result<()> {
        File::options().write(true).open(&draft)?.sync_all()?;
        // Not a rename, which would replace what somebody has put there meanwhile.
        std::fs::hard_link(&draft, &target).or_else(|_| {
            if target.exists() {
                return Err(io::ErrorKind::AlreadyExists.into());
            }
            std::fs::rename(&draft, &target)
        })
    };
    let made = remove(&draft).and_then(|()| {
        let name = draft.to_str().ok_or_else(|| {
            let message = format!(
                "{}: the name is not valid UTF-8; choose another",
                path.display()
            );
            StoreError::new(StoreErrorKind::Other, message)
        })?;
        connection
            .execute("VACUUM INTO ?1", [name])
            .map_err(|error| failed(path, Failure::Sqlite(error)))?;
        keep().map_err(|error| io_failed(&target, "keeping a copy before the upgrade", error))
    });
    let cleared = remove(&draft);
    made.and(cleared)?;
    sync_directory_of(&target);
    Ok(target)
}

fn remove(draft: &Path) -> Result<(), StoreError> {
    match std::fs::remove_file(draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_failed(draft, "removing an unfinished copy", error))
        }
        _ => Ok(()),
    }
}

/// All steps and the new version in one transaction.
fn upgrade(connection: &mut Connection, found: u32, now: DateTime<Utc>) -> Result<(), Failure> {
    soundness::structure(connection)?;
    // Tables are made anew under their old names, and what points to them keeps pointing to the name. Neither setting can be
    // changed within a transaction.
    connection.pragma_update(None, "foreign_keys", "OFF")?;
    connection.pragma_update(None, "legacy_alter_table", "ON")?;
    let transaction = connection.transaction()?;
    match found {
        1 => version_1::upgrade(&transaction, now)?,
        2 => version_2::upgrade(&transaction)?,
        _ => {}
    }
    // No version before this one has them.
    transaction.execute_batch(tables::SEALING)?;
    soundness::structure(&transaction)?;
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    connection.pragma_update(None, "legacy_alter_table", "OFF")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disk_that_fills_up_leaves_the_old_version() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.db");
        let mut connection = Connection::open(&path).unwrap();
        let old = include_str!("../tests/sqlite/version_1.sql");
        connection.execute_batch(old).unwrap();
        let pages: i64 = connection
            .query_row("PRAGMA page_count", [], |row| row.get(0))
            .unwrap();
        connection
            .pragma_update(None, "max_page_count", pages)
            .unwrap();
        let now = DateTime::UNIX_EPOCH;
        let error = run(&path, &mut connection, 1, now).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NoSpace, "{error}");
        let text = error.to_string();
        assert!(text.contains("it is as it was; make room"), "{text}");
        drop(connection);

        let mut connection = Connection::open(&path).unwrap();
        let version = |connection: &Connection| -> u32 {
            connection
                .pragma_query_value(None, "user_version", |row| row.get(0))
                .unwrap()
        };
        assert_eq!(version(&connection), 1);
        assert!(
            !beside(&path, ".v1.bak").exists(),
            "the copy went with the attempt"
        );
        run(&path, &mut connection, 1, now).unwrap();
        assert_eq!(version(&connection), VERSION);
        assert!(beside(&path, ".v1.bak").exists());
    }
}
