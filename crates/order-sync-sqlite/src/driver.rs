//! Who runs the operations: a thread that commits groups, or the caller itself.

mod inline;
mod thread;

use order_sync::{StoreError, StoreErrorKind};
use rusqlite::Connection;

use self::inline::Inline;
use self::thread::Writer;
use crate::database::Database;
use crate::failure::Failure;

/// A driver. Dropping it finishes what is queued and closes the database.
#[derive(Debug)]
pub(crate) enum Driver {
    /// One thread owns the connection and commits what is waiting as one group.
    Thread(Writer),
    /// Every operation runs on the caller's task.
    Inline(Inline),
}

impl Driver {
    pub(crate) fn thread(database: Database) -> Result<Self, StoreError> {
        Writer::start(database).map(Self::Thread)
    }

    pub(crate) const fn inline(database: Database) -> Self {
        Self::Inline(Inline::new(database))
    }

    /// Runs an operation in a transaction and answers when it is durable. It may run more than once: what was done before is then
    /// rolled back.
    pub(crate) async fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnMut(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        match self {
            Self::Thread(writer) => writer.call(work).await,
            Self::Inline(inline) => inline.call(work),
        }
    }
}

fn stopped() -> StoreError {
    StoreError::new(
        StoreErrorKind::Other,
        "the store has stopped; open it again",
    )
}
