//! The inline driver: no thread, one operation after another, each in a transaction of its own.

use std::sync::{Mutex, PoisonError};

use order_sync::StoreError;
use rusqlite::Connection;

use super::stopped;
use crate::database::{Database, Operation, Task};
use crate::failure::Failure;

/// The database under a mutex. It is never held across an `await`, and nothing waits for it longer than one operation takes.
#[derive(Debug)]
pub(crate) struct Inline(Mutex<Option<Database>>);

impl Inline {
    pub(crate) const fn new(database: Database) -> Self {
        Self(Mutex::new(Some(database)))
    }

    /// Runs an operation and commits it.
    pub(crate) fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        F: FnMut(&Connection) -> Result<T, Failure>,
    {
        // A panic in an operation leaves the transaction open; the next one finds it, takes it back and fails.
        let mut database = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let database = database.as_mut().ok_or_else(stopped)?;
        let mut task = Task::new(work);
        let lost = database
            .commit(&mut [&mut task as &mut dyn Operation])
            .err();
        database.rest();
        task.answer(lost.as_ref()).unwrap_or_else(|| Err(stopped()))
    }
}

impl Drop for Inline {
    fn drop(&mut self) {
        let database = self.0.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(database) = database.take() {
            database.close();
        }
    }
}
