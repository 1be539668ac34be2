//! The database file and the files beside it: whose it is, and the lock that says who is at work.

use std::ffi::OsString;
use std::fs::{File, TryLockError};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use order_sync::{StoreError, StoreErrorKind};
use rusqlite::{Connection, OpenFlags};

use crate::failure::Failure;
use crate::schema::{APPLICATION_ID, VERSION};

/// What lies at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// No file, or one without a byte.
    Nothing,
    /// A store of ours, of this version of the schema or an earlier one.
    Store(u32),
}

/// The path with a suffix.
pub(crate) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// A failure of the file system at a path.
pub(crate) fn io_failed(path: &Path, doing: &str, error: io::Error) -> StoreError {
    let kind = match error.kind() {
        io::ErrorKind::StorageFull
        | io::ErrorKind::QuotaExceeded
        | io::ErrorKind::PermissionDenied
        | io::ErrorKind::ReadOnlyFilesystem => StoreErrorKind::NoSpace,
        _ => StoreErrorKind::Other,
    };
    let message = format!("{}: {doing} failed ({})", path.display(), error.kind());
    StoreError::new(kind, message).with_source(error)
}

/// A failure of the database at a path.
pub(crate) fn failed(path: &Path, failure: Failure) -> StoreError {
    let error = StoreError::new(
        failure.kind(),
        format!("{}: {}", path.display(), failure.line()),
    );
    match failure {
        Failure::Sqlite(source) => error.with_source(source),
        _ => error,
    }
}

/// A failure while a store of ours is opened: what does not read back there is damage, and a statement of ours that SQLite does not
/// take meets tables that are not ours.
pub(crate) fn opening_failed(path: &Path, failure: Failure) -> StoreError {
    let finding = match &failure {
        Failure::Broken(finding) | Failure::Unreadable(finding) => finding.clone(),
        Failure::Sqlite(rusqlite::Error::SqliteFailure(code, _))
            if code.extended_code == rusqlite::ffi::SQLITE_ERROR =>
        {
            "its tables are not those of a store".to_owned()
        }
        Failure::Sqlite(rusqlite::Error::QueryReturnedNoRows) => {
            "a figure of its own is gone".to_owned()
        }
        other if other.kind() == StoreErrorKind::Unreadable => other.to_string(),
        _ => return failed(path, failure),
    };
    broken(path, &finding)
}

/// A store of ours that cannot be opened as it is.
fn broken(path: &Path, finding: &str) -> StoreError {
    let what = format!(
        "the database is damaged ({finding}); move it away with its log (-wal), and restore a backup"
    );
    damaged(path, &what)
}

fn damaged(path: &Path, what: &str) -> StoreError {
    StoreError::new(
        StoreErrorKind::Damaged,
        format!("{}: {what}", path.display()),
    )
}

/// Takes the lock beside the file. It is held as long as the returned handle lives, and goes with the process.
pub(crate) fn lock(path: &Path) -> Result<File, StoreError> {
    let lock_path = beside(path, ".lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&lock_path)
        .map_err(|error| io_failed(&lock_path, "opening the lock file", error))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(StoreError::new(
            StoreErrorKind::Busy,
            format!(
                "{}: another process, or another handle in this one, has the store open; stop it first (the lock goes with it, do not delete the file)",
                lock_path.display()
            ),
        )),
        Err(TryLockError::Error(error)) => Err(io_failed(&lock_path, "locking", error)),
    }
}

/// Whether there is a write-ahead log that was not moved into the database.
pub(crate) fn has_log(path: &Path) -> bool {
    let log = beside(path, "-wal");
    log.metadata().is_ok_and(|metadata| metadata.len() > 0)
}

/// Looks at a file without opening it as a database, so that a foreign one stays as it is.
pub(crate) fn inspect(path: &Path) -> Result<Found, StoreError> {
    let header = match header(path) {
        Ok(header) => header,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(io_failed(path, "reading the file", error)),
    };
    let waiting = has_log(path);
    if header.is_empty() {
        if waiting {
            return Err(damaged(
                path,
                "there is no database, but its write-ahead log (-wal) is still there; restore both from a backup, or move the log away to begin anew",
            ));
        }
        return Ok(Found::Nothing);
    }
    if !header.starts_with(b"SQLite format 3\0") {
        return Err(damaged(
            path,
            "this is no SQLite database; name another file, or move this one away",
        ));
    }
    // Offsets of the database header as documented in SQLite's file format.
    let number = |offset: usize| {
        header
            .get(offset..offset + 4)
            .and_then(|bytes| bytes.try_into().ok())
            .map_or(0, u32::from_be_bytes)
    };
    // Versions of the format for writing and reading. SQLite opens a file with a later one for reading only, without a word.
    if header
        .get(18..20)
        .is_none_or(|versions| versions.iter().any(|version| !(1..=2).contains(version)))
    {
        return Err(broken(path, "its header names another format"));
    }
    let mut version = judge(path, number(68), number(60))?;
    if waiting {
        // The newest header may still be in the log. A read-only look writes nothing into the database.
        let (application, newest) =
            look(path).map_err(|error| opening_failed(path, Failure::Sqlite(error)))?;
        version = judge(path, application, newest)?;
    }
    Ok(Found::Store(version))
}

/// The version of the schema, where this program knows it.
fn judge(path: &Path, application: u32, version: u32) -> Result<u32, StoreError> {
    if application != APPLICATION_ID {
        return Err(damaged(
            path,
            "this is the SQLite database of another application; name another file, or move this one away",
        ));
    }
    if version > VERSION {
        return Err(damaged(
            path,
            &format!(
                "the store has schema version {version}, this program knows versions up to {VERSION}; use the newer program, or restore a backup made before the upgrade"
            ),
        ));
    }
    if version == 0 {
        return Err(damaged(
            path,
            "the store has no schema version; restore a backup",
        ));
    }
    Ok(version)
}

fn header(path: &Path) -> io::Result<Vec<u8>> {
    let mut header = Vec::new();
    File::open(path)?.take(100).read_to_end(&mut header)?;
    Ok(header)
}

fn look(path: &Path) -> rusqlite::Result<(u32, u32)> {
    let connection = open_existing(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, u32>(0));
    Ok((pragma("application_id")?, pragma("user_version")?))
}

/// Opens a database that exists.
pub(crate) fn open_existing(path: &Path, access: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    Ok(connection)
}

/// Makes a renamed file durable under its new name, where the platform lets a directory be synced.
pub(crate) fn sync_directory_of(path: &Path) {
    if let Some(parent) = path.parent()
        && let Ok(directory) = File::open(parent)
        && let Err(error) = directory.sync_all()
    {
        tracing::debug!(error = %error, "the directory of the store cannot be synced here");
    }
}
