//! The open database that a driver owns, and the transactions it runs on it.

use std::fs::File;
use std::path::PathBuf;

use order_sync::{StoreError, StoreErrorKind};
use rusqlite::Connection;

use crate::epoch::{Mark, SideFile};
use crate::failure::Failure;
use crate::schema;

/// Commits after which the mark beside the file is synced.
const MARK_EVERY: i64 = 256;

/// Why a whole group was not written.
#[derive(Debug)]
pub(crate) struct GroupFailure {
    kind: StoreErrorKind,
    line: String,
}

impl From<&Failure> for GroupFailure {
    fn from(failure: &Failure) -> Self {
        Self {
            kind: failure.kind(),
            line: failure.line(),
        }
    }
}

impl From<rusqlite::Error> for GroupFailure {
    fn from(error: rusqlite::Error) -> Self {
        Self::from(&Failure::from(error))
    }
}

/// An operation of a group.
pub(crate) trait Operation {
    /// Somebody still waits for the answer.
    fn is_wanted(&self) -> bool;
    /// Does the work and keeps the result, in place of one from an attempt that was rolled back. An error asks for nothing of it to
    /// be written.
    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure>;
}

/// Work with its result, once it was done.
pub(crate) struct Task<T, F> {
    work: F,
    result: Option<Result<T, Failure>>,
}

impl<T, F> Task<T, F>
where
    F: FnMut(&Connection) -> Result<T, Failure>,
{
    pub(crate) const fn new(work: F) -> Self {
        Self { work, result: None }
    }

    /// The answer, once its group was committed or lost; `None` where it was not begun.
    pub(crate) fn answer(self, lost: Option<&GroupFailure>) -> Option<Result<T, StoreError>> {
        match (self.result, lost) {
            (Some(Err(failure)), _) => Some(Err(failure.into())),
            (_, Some(lost)) => Some(Err(StoreError::new(
                lost.kind,
                format!("nothing of a group of changes was written: {}", lost.line),
            ))),
            (Some(Ok(value)), None) => Some(Ok(value)),
            (None, None) => None,
        }
    }
}

impl<T, F> Operation for Task<T, F>
where
    F: FnMut(&Connection) -> Result<T, Failure>,
{
    fn is_wanted(&self) -> bool {
        true
    }

    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure> {
        let result = (self.work)(connection);
        let outcome = result.as_ref().map(|_| ()).map_err(GroupFailure::from);
        self.result = Some(result);
        outcome
    }
}

/// How a run over a group ended.
#[derive(Debug, PartialEq, Eq)]
enum Attempt {
    /// Everything in the transaction may be committed.
    Clean,
    /// There are changes in it of an operation that failed.
    Tainted,
}

/// Where a database lies; a database in memory lies nowhere.
#[derive(Debug)]
pub(crate) struct Home {
    pub(crate) path: PathBuf,
    pub(crate) side: SideFile,
    /// Held as long as the database is open: given up last.
    pub(crate) lock: File,
}

/// An open database.
#[derive(Debug)]
pub(crate) struct Database {
    connection: Connection,
    home: Option<Home>,
    mark: Mark,
    /// The count of commits in the mark that was synced last.
    synced: i64,
}

impl Database {
    pub(crate) const fn new(connection: Connection, home: Option<Home>, mark: Mark) -> Self {
        Self {
            connection,
            home,
            mark,
            synced: mark.commits,
        }
    }

    /// Runs a group in one transaction. An operation that fails keeps the others from nothing. `Err`: nothing of the group was written.
    pub(crate) fn commit(&mut self, group: &mut [&mut dyn Operation]) -> Result<(), GroupFailure> {
        let outcome = self.run(group);
        if outcome.is_err()
            && !self.connection.is_autocommit()
            && let Err(error) = self.execute("ROLLBACK")
        {
            tracing::error!(error = %error.line, "a lost group could not be rolled back");
        }
        outcome
    }

    fn execute(&self, sql: &str) -> Result<(), GroupFailure> {
        self.connection.prepare_cached(sql)?.execute([])?;
        Ok(())
    }

    fn run(&mut self, group: &mut [&mut dyn Operation]) -> Result<(), GroupFailure> {
        self.execute("BEGIN IMMEDIATE")?;
        let begun = self.connection.total_changes();
        // A savepoint for each operation would have SQLite copy nearly every page that the group touches, for the sake of a failure
        // that hardly ever comes. Where one comes after it has written, the group begins anew without that operation.
        let mut failed = vec![false; group.len()];
        while self.attempt(group, &mut failed)? == Attempt::Tainted {
            self.execute("ROLLBACK")?;
            self.execute("BEGIN IMMEDIATE")?;
        }
        if self.connection.total_changes() == begun {
            return self.execute("COMMIT");
        }
        let commits = self.mark.commits.saturating_add(1);
        schema::set_figure(&self.connection, schema::COMMITS, commits)
            .map_err(|failure| GroupFailure::from(&failure))?;
        self.execute("COMMIT")?;
        self.mark.commits = commits;
        self.note_mark();
        Ok(())
    }

    /// Runs what has not failed yet and is still wanted, up to the first operation that fails with something written.
    fn attempt(
        &self,
        group: &mut [&mut dyn Operation],
        failed: &mut [bool],
    ) -> Result<Attempt, GroupFailure> {
        let connection = &self.connection;
        for (operation, failed) in group.iter_mut().zip(failed) {
            if *failed || !operation.is_wanted() {
                continue;
            }
            let changes = connection.total_changes();
            let outcome = operation.run(connection);
            if connection.is_autocommit() {
                // SQLite gives the whole transaction up after a full disk or a failed write: nothing of the group is left, and
                // nothing more may run outside a transaction.
                return Err(outcome.err().unwrap_or_else(|| GroupFailure {
                    kind: StoreErrorKind::Other,
                    line: "the database gave the transaction up".to_owned(),
                }));
            }
            if outcome.is_err() {
                *failed = true;
                if connection.total_changes() != changes {
                    return Ok(Attempt::Tainted);
                }
            }
        }
        Ok(Attempt::Clean)
    }

    /// Counts a commit beside the file, before anybody is told of it and acts upon it.
    fn note_mark(&mut self) {
        let mark = self.mark;
        if let Some(home) = &mut self.home
            && let Err(error) = home.side.note(mark)
        {
            told(home, &error);
        }
    }

    /// Syncs the mark beside the file, where it is due. Called when the callers have their answers.
    pub(crate) fn rest(&mut self) {
        if self.mark.commits.saturating_sub(self.synced) >= MARK_EVERY {
            self.sync_mark();
        }
    }

    fn sync_mark(&mut self) {
        // Tried once per interval.
        self.synced = self.mark.commits;
        if let Some(home) = &self.home
            && let Err(error) = home.side.sync()
        {
            told(home, &error);
        }
    }

    /// Closes the database and then gives up its lock.
    pub(crate) fn close(mut self) {
        self.note_mark();
        self.sync_mark();
        // Closing the last connection moves the log into the database and removes it.
        if let Err((connection, error)) = self.connection.close() {
            tracing::warn!(error = %error, "the store could not be closed cleanly; its log is read at the next opening");
            drop(connection);
        }
        if let Some(home) = self.home {
            drop(home.lock);
        }
    }
}

/// A mark that is behind only makes a restored backup harder to notice.
fn told(home: &Home, error: &std::io::Error) {
    tracing::warn!(store = %home.path.display(), %error, "the mark beside the store could not be written");
}
