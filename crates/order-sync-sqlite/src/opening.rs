//! Opening a store: whose file it is, whether it is whole, and what the time since it was closed means.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use order_sync::{KeyRing, Sealing, StoreError, StoreErrorKind};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::database::{Database, Home};
use crate::epoch::{self, Mark, SideFile};
use crate::failure::Failure;
use crate::store_file::{self, Found, beside, failed, io_failed};
use crate::{claims, micros, migration, schema, sealing, soundness};

/// How a store is opened.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct OpenOptions {
    /// The time of day, by the caller's clock: the store has none of its own.
    pub now: DateTime<Utc>,
    /// The size, in bytes, that the database may grow to; beyond it the store is full, just as if the disk were. A file that is
    /// larger already may only use the space inside it. Its write-ahead log comes on top. None: as large as the disk permits.
    pub max_bytes: Option<u64>,
    /// Keys with which personal data is kept sealed; none: in clear. A store that was ever opened with a key is not opened without.
    pub keys: Option<Arc<KeyRing>>,
}

impl OpenOptions {
    /// Opens at that time of day.
    #[must_use]
    pub const fn new(now: DateTime<Utc>) -> Self {
        Self {
            now,
            max_bytes: None,
            keys: None,
        }
    }

    /// Limits the size of the database, so that the other programs on the disk keep theirs.
    #[must_use]
    pub const fn with_max_bytes(mut self, max_bytes: u64) -> Self {
        self.max_bytes = Some(max_bytes);
        self
    }

    /// Seals personal data with these keys. What is there in clear is sealed by the housekeeping flow.
    #[must_use]
    pub fn with_personal_data_keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(Arc::new(keys));
        self
    }
}

/// An open database, before a driver takes it over.
#[derive(Debug)]
pub(crate) struct Opened {
    pub(crate) database: Database,
    pub(crate) blind_before: DateTime<Utc>,
    pub(crate) went_back_in_time: bool,
    pub(crate) sealing: Sealing,
}

/// The file itself: links followed, and a name that SQLite never takes for a URI. Anything that is there and is no file is refused,
/// since a new store is moved to its place.
fn file_at(path: &Path) -> Result<PathBuf, StoreError> {
    let path =
        std::path::absolute(path).map_err(|error| io_failed(path, "finding the file", error))?;
    let error = |kind, what: &str| StoreError::new(kind, format!("{}: {what}", path.display()));
    let refused = |what: &str| Err(error(StoreErrorKind::Damaged, what));
    match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => Ok(path),
        Ok(metadata) if metadata.is_symlink() => match std::fs::canonicalize(&path) {
            Ok(target) if target.is_file() => Ok(target),
            Ok(_) => refused("this is a link to something that is no file; name a file"),
            Err(_) => refused("this is a link that leads nowhere; name the file itself"),
        },
        Ok(_) => refused("this is no file but a folder or a device; name a file"),
        Err(_) if !path.parent().is_some_and(Path::is_dir) => Err(error(
            StoreErrorKind::Other,
            "the folder does not exist; make it first, or name another one",
        )),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(path),
        Err(error) => Err(io_failed(&path, "finding the file", error)),
    }
}

/// Opens or makes a store.
pub(crate) fn open(path: &Path, options: OpenOptions) -> Result<Opened, StoreError> {
    let path = file_at(path)?;
    // A foreign file is refused before anything is laid beside it, and again under the lock.
    store_file::inspect(&path)?;
    let lock = store_file::lock(&path)?;
    let found = store_file::inspect(&path)?;
    // A store that was closed has no log.
    let unclosed = store_file::has_log(&path);
    if found == Found::Nothing {
        create(&path, options.now)?;
    }
    let side = epoch::read(&path)?;
    let at = |failure: Failure| store_file::opening_failed(&path, failure);
    let mut connection = store_file::open_existing(&path, OpenFlags::SQLITE_OPEN_READ_WRITE)
        .map_err(|error| at(error.into()))?;
    soundness::pages(&connection).map_err(at)?;
    prepare(&connection).map_err(at)?;
    if let Found::Store(version) = found {
        migration::run(&path, &mut connection, version, options.now)?;
    }
    let went_back_in_time = went_back(&connection, found, side).map_err(at)?;
    if found != Found::Nothing && (unclosed || went_back_in_time) {
        soundness::contents(&connection).map_err(at)?;
    }
    if unclosed && went_back_in_time {
        soundness::log_reaches(&path, &connection).map_err(at)?;
    }
    let sealing = Sealing::of(options.keys);
    sealing::admit(&connection, &sealing).map_err(at)?;
    limit(&connection, options.max_bytes).map_err(at)?;
    let (mark, blind_before) =
        begin(&mut connection, side, went_back_in_time, options.now).map_err(at)?;
    let side = SideFile::begin(&path, mark)?;
    if went_back_in_time {
        tracing::warn!(
            store = %path.display(),
            "the store went back in time; orders placed before now are asked for before their first send"
        );
    }
    Ok(Opened {
        database: Database::new(connection, Some(Home { path, side, lock }), mark),
        blind_before,
        went_back_in_time,
        sealing,
    })
}

/// Makes a store in memory, which is gone when it is closed.
pub(crate) fn in_memory(options: OpenOptions) -> Result<Opened, StoreError> {
    let make = || -> Result<Opened, Failure> {
        let mut connection = Connection::open_in_memory()?;
        schema::create(&mut connection, options.now)?;
        settings(&connection)?;
        limit(&connection, options.max_bytes)?;
        let sealing = Sealing::of(options.keys);
        sealing::admit(&connection, &sealing)?;
        let mark = mark_of(&connection)?;
        let blind_before = micros::to_moment(schema::figure(&connection, schema::BLIND_BEFORE)?)?;
        Ok(Opened {
            database: Database::new(connection, None, mark),
            blind_before,
            went_back_in_time: false,
            sealing,
        })
    };
    Ok(make()?)
}

/// Makes a store beside its name and moves it there whole, so that no half-made one is ever found.
fn create(path: &Path, now: DateTime<Utc>) -> Result<(), StoreError> {
    let draft = beside(path, ".new");
    for leftover in [draft.clone(), beside(&draft, "-journal")] {
        match std::fs::remove_file(&leftover) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(io_failed(&leftover, "removing an unfinished store", error));
            }
            _ => {}
        }
    }
    let make = || -> Result<(), Failure> {
        let mut connection = Connection::open(&draft)?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        schema::create(&mut connection, now)?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(())
    };
    make().map_err(|failure| failed(path, failure))?;
    std::fs::rename(&draft, path).map_err(|error| io_failed(path, "making the store", error))?;
    store_file::sync_directory_of(path);
    Ok(())
}

/// Settings of the connection: every commit is on the disk before it is answered.
fn prepare(connection: &Connection) -> Result<(), Failure> {
    let mode: String = connection.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        tracing::warn!(
            mode,
            "the file system does not allow a write-ahead log; commits are slower"
        );
    }
    connection.pragma_update(None, "synchronous", "FULL")?;
    settings(connection)
}

/// Settings of every connection, also of one to memory.
fn settings(connection: &Connection) -> Result<(), Failure> {
    connection.pragma_update(None, "foreign_keys", "ON")?;
    // What is replaced or deleted is overwritten in the pages that are written anyway.
    connection.pragma_update(None, "secure_delete", "FAST")?;
    // Without it SQLite plans a statement anew whenever other values are bound to it, in case a partial index suits them better. No
    // statement here needs that: the indexes they use are chosen by their text alone.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    // More than there are statements.
    connection.set_prepared_statement_cache_capacity(200);
    Ok(())
}

/// Limits the pages that this connection may use; SQLite never sets the limit below what is in use.
fn limit(connection: &Connection, max_bytes: Option<u64>) -> Result<(), Failure> {
    if let Some(max_bytes) = max_bytes {
        let page_size: u32 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
        // Zero pages would leave the limit as it is.
        let pages = (max_bytes / u64::from(page_size.max(1))).max(1);
        let pages = u32::try_from(pages).unwrap_or(u32::MAX - 1);
        connection.pragma_update(None, "max_page_count", pages)?;
    }
    Ok(())
}

/// What a database says of itself.
fn mark_of(connection: &Connection) -> Result<Mark, Failure> {
    Ok(Mark {
        epoch: schema::figure(connection, schema::EPOCH)?,
        commits: schema::figure(connection, schema::COMMITS)?,
    })
}

/// Whether the database is behind the file beside it.
fn went_back(connection: &Connection, found: Found, side: Option<Mark>) -> Result<bool, Failure> {
    let stored = mark_of(connection)?;
    Ok(match found {
        Found::Nothing => side.is_some(),
        Found::Store(_) => side.is_none_or(|side| stored < side),
    })
}

/// Starts a new epoch, and ends the leases that the last one left behind.
fn begin(
    connection: &mut Connection,
    side: Option<Mark>,
    went_back: bool,
    now: DateTime<Utc>,
) -> Result<(Mark, DateTime<Utc>), Failure> {
    let transaction = connection.transaction()?;
    let stored = mark_of(&transaction)?;
    let epoch = side
        .map_or(stored.epoch, |side| side.epoch.max(stored.epoch))
        .saturating_add(1);
    let mark = Mark {
        epoch,
        commits: stored.commits.saturating_add(1),
    };
    schema::set_figure(&transaction, schema::EPOCH, mark.epoch)?;
    schema::set_figure(&transaction, schema::COMMITS, mark.commits)?;
    if went_back {
        schema::set_figure(&transaction, schema::BLIND_BEFORE, micros::of(now))?;
    }
    let blind_before = micros::to_moment(schema::figure(&transaction, schema::BLIND_BEFORE)?)?;
    claims::end_all(&transaction, now)?;
    transaction.commit()?;
    Ok((mark, blind_before))
}

/// Copies a store that may be in use; `false` where there is nothing to copy.
pub(crate) fn copy(source: &Path, target: &Path) -> Result<bool, StoreError> {
    let source = file_at(source)?;
    let target = file_at(target)?;
    if target.metadata().is_ok_and(|metadata| metadata.len() > 0) {
        let message = format!(
            "{}: the file exists; a copy never replaces one",
            target.display()
        );
        return Err(StoreError::new(StoreErrorKind::Other, message));
    }
    if store_file::inspect(&source)? == Found::Nothing {
        return Ok(false);
    }
    // Read first: it is never ahead of the database, and the copy must not look as if it had gone back in time.
    let side = epoch::read(&source)?;
    let name = target.to_str().ok_or_else(|| {
        StoreError::new(
            StoreErrorKind::Other,
            format!(
                "{}: the name is not valid UTF-8; choose another",
                target.display()
            ),
        )
    })?;
    store_file::open_existing(&source, OpenFlags::SQLITE_OPEN_READ_ONLY)
        .and_then(|connection| connection.execute("VACUUM INTO ?1", [name]))
        .map_err(|error| failed(&source, error.into()))?;
    if let Some(side) = side {
        epoch::write(&target, side)?;
    }
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// SQLite opens a file that it may not write for reading, without a word.
    #[test]
    fn a_file_that_cannot_be_written_is_refused_at_the_first_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("orders.db");
        let now = DateTime::UNIX_EPOCH;
        open(&path, OpenOptions::new(now)).unwrap().database.close();
        let mut connection =
            store_file::open_existing(&path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let failure = begin(&mut connection, None, false, now).unwrap_err();
        let error = failed(&path, failure);
        assert_eq!(error.kind(), StoreErrorKind::NoSpace, "{error}");
        assert!(error.to_string().contains("read-only"), "{error}");
    }
}
