//! The store: how it is opened, and what it says about itself. Its operations are in `port`.

#[cfg(test)]
mod faults;
mod port;

use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use order_sync::{Sealing, StoreError};

use crate::database::Database;
use crate::driver::Driver;
use crate::opening::{self, OpenOptions, Opened};

/// A durable store in one SQLite file, for one process on one machine.
///
/// [`SqliteStore::open`] gives it a thread of its own, which commits what many callers want at the same time as one group.
/// [`SqliteStore::open_inline`] and [`SqliteStore::in_memory`] have no thread: every operation runs on the caller's task, so that a
/// run is the same again from the same calls, also on virtual time. Otherwise they are alike.
///
/// A clone is another handle on the same store. When the last handle is dropped, what is queued is finished and the database is
/// closed; that drop waits for it.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    driver: Arc<Driver>,
    blind_before: DateTime<Utc>,
    went_back_in_time: bool,
    sealing: Sealing,
}

impl SqliteStore {
    /// Opens the store in a file, or makes it where there is no file or an empty one. Blocks for the time that a check of the
    /// whole file takes; in an async program do it before anything else runs.
    ///
    /// Beside the file lie `<path>.lock` (held while the store is open), `<path>.epoch` (see
    /// [`SqliteStore::went_back_in_time`]) and, while it is open, SQLite's `-wal` and `-shm`. Leases that a dead predecessor left
    /// behind are ended: the lock proves that it is dead.
    ///
    /// A store of an earlier schema version is upgraded, in one transaction, after it was copied to `<path>.v1.bak` (its version in
    /// the name; an existing copy is never replaced). If that fails, the store is as it was and the message says what to do. There
    /// is no way back but the copy.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use order_sync::Store as _;
    /// use order_sync_sqlite::{OpenOptions, SqliteStore};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let folder = tempfile::tempdir()?;
    /// let now = DateTime::UNIX_EPOCH;
    /// let store = SqliteStore::open(folder.path().join("orders.db"), OpenOptions::new(now))?;
    /// assert_eq!(store.blind_before().await?, now);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// * [`Busy`](order_sync::StoreErrorKind::Busy): the store is open already, here or in another process.
    /// * [`Damaged`](order_sync::StoreErrorKind::Damaged): the file is no SQLite database, belongs to another application, has a
    ///   schema of a later version (in these cases it is left as it is), or its pages do not hold together.
    /// * [`NoSpace`](order_sync::StoreErrorKind::NoSpace): the disk is full, or the place cannot be written.
    /// * [`Other`](order_sync::StoreErrorKind::Other): the file system failed, for example because the folder does not exist; or the
    ///   keys of personal data are not those of the store ([`OpenOptions::keys`]).
    pub fn open(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self, StoreError> {
        Self::driven(opening::open(path.as_ref(), options)?, Driver::thread)
    }

    /// Opens the store in a file like [`SqliteStore::open`], without a thread: every operation runs on the caller's task and blocks
    /// it, up to the sync of the disk, with a commit for each. For simulation and for programs that do one thing at a time; with
    /// many callers at once the thread is faster and blocks nobody.
    ///
    /// # Errors
    /// As [`SqliteStore::open`].
    pub fn open_inline(path: impl AsRef<Path>, options: OpenOptions) -> Result<Self, StoreError> {
        let opened = opening::open(path.as_ref(), options)?;
        Self::driven(opened, |database| Ok(Driver::inline(database)))
    }

    /// Makes a store in memory, without a thread and without a file: gone when the last handle is dropped. For simulations that are
    /// to run the very statements of the durable one.
    ///
    /// ```
    /// use chrono::DateTime;
    /// use order_sync::Store as _;
    /// use order_sync_sqlite::{OpenOptions, SqliteStore};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), order_sync::StoreError> {
    /// let store = SqliteStore::in_memory(OpenOptions::new(DateTime::UNIX_EPOCH))?;
    /// assert_eq!(store.blind_before().await?, DateTime::UNIX_EPOCH);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Other`](order_sync::StoreErrorKind::Other): there is no memory for it.
    pub fn in_memory(options: OpenOptions) -> Result<Self, StoreError> {
        let opened = opening::in_memory(options)?;
        Self::driven(opened, |database| Ok(Driver::inline(database)))
    }

    fn driven(
        opened: Opened,
        drive: impl FnOnce(Database) -> Result<Driver, StoreError>,
    ) -> Result<Self, StoreError> {
        Ok(Self {
            blind_before: opened.blind_before,
            went_back_in_time: opened.went_back_in_time,
            sealing: opened.sealing,
            driver: Arc::new(drive(opened.database)?),
        })
    }

    /// Copies a store to a file that does not exist yet, for a dry run; `false` where there is no store to copy, so that opening
    /// the target makes a new one. The source may be in use and is not written; SQLite may leave an empty `-wal` and a `-shm`
    /// beside it. The copy is consistent but not forced to the disk: it is no backup.
    ///
    /// # Errors
    /// * [`Damaged`](order_sync::StoreErrorKind::Damaged): the source is no store of ours, or of a later version.
    /// * [`NoSpace`](order_sync::StoreErrorKind::NoSpace): there is no room for the target.
    /// * [`Other`](order_sync::StoreErrorKind::Other): the target exists, or the file system failed.
    pub fn copy_to(source: impl AsRef<Path>, target: impl AsRef<Path>) -> Result<bool, StoreError> {
        opening::copy(source.as_ref(), target.as_ref())
    }

    /// Whether the store found at its opening that it is older than it once was: a backup was restored, the end of its log was
    /// lost, or the file was deleted. [`Store::blind_before`](order_sync::Store::blind_before) is then the moment of the opening.
    ///
    /// It is told by the file `<path>.epoch`, which does not belong into backups: restore the database alone. A database that
    /// comes without that file counts as restored.
    #[must_use]
    pub const fn went_back_in_time(&self) -> bool {
        self.went_back_in_time
    }
}
