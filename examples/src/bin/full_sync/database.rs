//! The engine's database: a fresh one that is removed at the end, a given one, or a copy of it for a dry run.

use std::path::{Path, PathBuf};

use order_sync::{
    Clock as _, MerchantId, OrderState, Store as _, StoreError, StoreErrorKind, SystemClock,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use tempfile::TempDir;

use crate::bad_input::{BadInput, Failure, InputFault};

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    pub(crate) store: SqliteStore,
    /// Removed when this is dropped, which has to come after the store.
    _folder: Option<TempDir>,
}

impl Database {
    /// Opens what the command line asks for.
    pub(crate) fn open(given: Option<&Path>, copy: bool) -> Result<Self, Failure> {
        let (path, folder) = match given {
            Some(path) if !copy => (path.to_owned(), None),
            _ => {
                let folder = tempfile::tempdir().map_err(Failure::broken)?;
                let path = folder.path().join("full_sync.db");
                if let Some(given) = given {
                    SqliteStore::copy_to(given, &path).map_err(|error| refused(given, &error))?;
                }
                (path, Some(folder))
            }
        };
        let options = OpenOptions::new(SystemClock::new().now());
        let store = SqliteStore::open(&path, options).map_err(|error| refused(&path, &error))?;
        Ok(Self {
            store,
            _folder: folder,
        })
    }

    /// Refuses a database that has orders: simulators that live in this process start empty, and everything on record would look lost.
    pub(crate) async fn expect_no_orders(
        &self,
        merchant: &MerchantId,
        given: Option<&PathBuf>,
    ) -> Result<(), Failure> {
        let counts = self.store.counts(merchant, &OrderState::ALL).await?;
        let orders: u64 = counts.values().map(|count| count.orders).sum();
        let Some(path) = given.filter(|_| orders > 0) else {
            return Ok(());
        };
        let what = format!(
            "the database has {orders} orders already, and the simulators of this process start empty"
        );
        let remedy = "take another file, or start `connector-sim` by itself and name it in a file for --config";
        Err(InputFault::new(what, remedy).in_file(path).into())
    }
}

fn refused(path: &Path, error: &StoreError) -> Failure {
    let remedy = match error.kind() {
        StoreErrorKind::Busy => "end the other process, or name another file",
        StoreErrorKind::Damaged => {
            "restore a backup if it is a database of this program, else name a file that does not exist yet"
        }
        StoreErrorKind::NoSpace => {
            "make room on the disk and the folder writable, or name a file elsewhere"
        }
        _ => "name a file in a folder that can be written",
    };
    let text = error.to_string();
    let fault = InputFault::new(text, remedy).in_file(path);
    Failure::from(BadInput::from(fault))
}
