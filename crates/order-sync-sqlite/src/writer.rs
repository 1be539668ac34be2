//! The threaded driver: one thread owns the connection and commits what is waiting as one group.

use std::fs::File;
use std::path::PathBuf;
use std::thread::JoinHandle;

use order_sync::{StoreError, StoreErrorKind};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use crate::epoch::{self, Mark};
use crate::failure::Failure;
use crate::opening::Opened;
use crate::schema;

/// Operations that may wait; more of them wait at the callers.
const QUEUE: usize = 1024;
/// Operations that share a commit at most.
const GROUP: usize = 256;
/// Commits between two writes of the mark beside the file.
const MARK_EVERY: i64 = 256;

/// Why a whole group was not written.
#[derive(Debug)]
struct GroupFailure {
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

/// An operation on its way through the thread.
trait Job: Send {
    /// Somebody still waits for the answer.
    fn is_wanted(&self) -> bool;
    /// Does the work and keeps the result; an error asks for its savepoint to be rolled back.
    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure>;
    /// Answers, once the group is committed or lost.
    fn answer(self: Box<Self>, lost: Option<&GroupFailure>);
}

struct Task<T, F> {
    work: Option<F>,
    result: Option<Result<T, Failure>>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Job for Task<T, F>
where
    T: Send,
    F: FnOnce(&Connection) -> Result<T, Failure> + Send,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure> {
        let Some(work) = self.work.take() else {
            return Ok(());
        };
        let result = work(connection);
        let outcome = result.as_ref().map(|_| ()).map_err(GroupFailure::from);
        self.result = Some(result);
        outcome
    }

    fn answer(self: Box<Self>, lost: Option<&GroupFailure>) {
        let answer = match (self.result, lost) {
            (Some(Err(failure)), _) => Err(failure.into()),
            (_, Some(lost)) => Err(StoreError::new(
                lost.kind,
                format!("nothing of a group of changes was written: {}", lost.line),
            )),
            (Some(Ok(value)), None) => Ok(value),
            // Nobody wanted it any more when its turn came.
            (None, None) => return,
        };
        // Whoever asked may have gone; the change is on record all the same.
        drop(self.reply.send(answer));
    }
}

/// The thread's handle. Dropping it lets the thread finish what is queued, close the database and give up the lock, and waits
/// for that.
#[derive(Debug)]
pub(crate) struct Writer {
    queue: Option<mpsc::Sender<Box<dyn Job>>>,
    thread: Option<JoinHandle<()>>,
}

impl Writer {
    /// Starts the thread on an open database.
    pub(crate) fn start(opened: Opened) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let database = Database {
            connection: opened.connection,
            path: opened.path,
            mark: opened.mark,
            marked: opened.mark.commits,
            lock: opened.lock,
        };
        let thread = std::thread::Builder::new()
            .name("order-sync-sqlite".to_owned())
            .spawn(move || database.serve(jobs))
            .map_err(|error| {
                StoreError::new(
                    StoreErrorKind::Other,
                    "the store's thread could not be started",
                )
                .with_source(error)
            })?;
        Ok(Self {
            queue: Some(queue),
            thread: Some(thread),
        })
    }

    /// Runs an operation in a transaction and answers when it is durable.
    pub(crate) async fn call<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let stopped = || {
            StoreError::new(
                StoreErrorKind::Other,
                "the store has stopped; open it again",
            )
        };
        let (reply, answer) = oneshot::channel();
        let task = Task {
            work: Some(work),
            result: None,
            reply,
        };
        let queue = self.queue.as_ref().ok_or_else(stopped)?;
        queue.send(Box::new(task)).await.map_err(|_| stopped())?;
        answer.await.map_err(|_| stopped())?
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the store's thread ended in a panic; what was committed is on record");
        }
    }
}

/// What the thread owns.
struct Database {
    connection: Connection,
    path: PathBuf,
    mark: Mark,
    /// The count of commits in the mark beside the file.
    marked: i64,
    lock: File,
}

impl Database {
    fn serve(mut self, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
        let mut group = Vec::new();
        while let Some(first) = jobs.blocking_recv() {
            group.push(first);
            while group.len() < GROUP {
                match jobs.try_recv() {
                    Ok(job) => group.push(job),
                    Err(_) => break,
                }
            }
            let lost = self.commit_group(&mut group).err();
            for job in group.drain(..) {
                job.answer(lost.as_ref());
            }
            if self.mark.commits.saturating_sub(self.marked) >= MARK_EVERY {
                self.write_mark();
            }
        }
        self.close();
    }

    /// Runs a group in one transaction, each operation in a savepoint of its own.
    fn commit_group(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), GroupFailure> {
        let outcome = self.run_group(group);
        if outcome.is_err()
            && !self.connection.is_autocommit()
            && let Err(error) = self.connection.execute_batch("ROLLBACK")
        {
            tracing::error!(error = %error, "a lost group could not be rolled back");
        }
        outcome
    }

    fn run_group(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), GroupFailure> {
        let connection = &self.connection;
        let run = |sql| connection.prepare_cached(sql)?.execute([]);
        run("BEGIN IMMEDIATE")?;
        let changes = connection.total_changes();
        for job in group.iter_mut().filter(|job| job.is_wanted()) {
            run("SAVEPOINT job")?;
            let outcome = job.run(connection);
            if connection.is_autocommit() {
                // SQLite gives the whole transaction up after a full disk or a failed write: nothing of the group is left, and
                // nothing more may run outside a transaction.
                return Err(outcome.err().unwrap_or_else(|| GroupFailure {
                    kind: StoreErrorKind::Other,
                    line: "the database gave the transaction up".to_owned(),
                }));
            }
            if outcome.is_err() {
                run("ROLLBACK TO job")?;
            }
            run("RELEASE job")?;
        }
        if connection.total_changes() == changes {
            run("COMMIT")?;
            return Ok(());
        }
        let commits = self.mark.commits.saturating_add(1);
        schema::set_figure(connection, schema::COMMITS, commits)
            .map_err(|failure| GroupFailure::from(&failure))?;
        run("COMMIT")?;
        self.mark.commits = commits;
        Ok(())
    }

    /// Writes the mark beside the file, after the commits it speaks of.
    fn write_mark(&mut self) {
        // Tried once per interval: a mark that is behind only makes a restored backup harder to notice.
        self.marked = self.mark.commits;
        if let Err(error) = epoch::write(&self.path, self.mark) {
            tracing::warn!(error = %error, "the mark beside the store could not be written");
        }
    }

    fn close(mut self) {
        self.write_mark();
        // Closing the last connection moves the log into the database and removes it.
        if let Err((connection, error)) = self.connection.close() {
            tracing::warn!(error = %error, "the store could not be closed cleanly; its log is read at the next opening");
            drop(connection);
        }
        drop(self.lock);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as channel;

    use chrono::DateTime;

    use super::*;
    use crate::opening::{self, OpenOptions};

    fn put(name: &'static str) -> impl FnOnce(&Connection) -> Result<(), Failure> + Send {
        move |connection| {
            let sql = "INSERT INTO cursors (merchant, name, value) VALUES ('m', ?1, '1')";
            connection.execute(sql, [name])?;
            Ok(())
        }
    }

    fn cursors(connection: &Connection) -> Result<i64, Failure> {
        Ok(connection.query_row("SELECT count(*) FROM cursors", [], |row| row.get(0))?)
    }

    /// Holds the thread until the returned sender is used, so that what follows is surely one group.
    fn hold(connection: &Connection, held: &channel::Receiver<()>) -> Result<i64, Failure> {
        let _ = held.recv();
        schema::figure(connection, schema::COMMITS)
    }

    fn start(folder: &tempfile::TempDir) -> Writer {
        let path = folder.path().join("store.db");
        let options = OpenOptions::new(DateTime::UNIX_EPOCH);
        Writer::start(opening::open(&path, options).unwrap()).unwrap()
    }

    #[tokio::test]
    async fn a_failing_operation_loses_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(&folder);
        let (go, held) = channel::channel();
        let (before, first, failing, again, ()) = tokio::join!(
            biased;
            writer.call(move |connection| hold(connection, &held)),
            writer.call(put("a")),
            writer.call(|connection| {
                put("half done")(connection)?;
                put("a")(connection)
            }),
            writer.call(put("b")),
            async { go.send(()).unwrap() },
        );
        first.unwrap();
        again.unwrap();
        assert_eq!(failing.unwrap_err().kind(), StoreErrorKind::Other);
        assert_eq!(writer.call(cursors).await.unwrap(), 2);
        let commits = writer
            .call(|connection| schema::figure(connection, schema::COMMITS))
            .await;
        assert_eq!(
            commits.unwrap(),
            before.unwrap() + 1,
            "one commit for the group"
        );
    }

    #[tokio::test]
    async fn a_transaction_that_is_given_up_fails_its_whole_group() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(&folder);
        let (go, held) = channel::channel();
        let (_, first, culprit, later, ()) = tokio::join!(
            biased;
            writer.call(move |connection| hold(connection, &held)),
            writer.call(put("a")),
            // Stands for what SQLite does by itself when the disk is full.
            writer.call(|connection| {
                connection.execute_batch("ROLLBACK")?;
                Err::<(), _>(Failure::Unreadable("given up".to_owned()))
            }),
            writer.call(put("b")),
            async { go.send(()).unwrap() },
        );
        assert!(
            first
                .unwrap_err()
                .to_string()
                .contains("nothing of a group")
        );
        assert!(culprit.is_err() && later.is_err());
        assert_eq!(writer.call(cursors).await.unwrap(), 0);
        writer.call(put("c")).await.unwrap();
        assert_eq!(writer.call(cursors).await.unwrap(), 1, "the store goes on");
    }

    #[tokio::test]
    async fn what_nobody_waits_for_any_more_is_not_begun() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(&folder);
        let (go, held) = channel::channel();
        let _ = tokio::join!(
            biased;
            writer.call(move |connection| hold(connection, &held)),
            async {
                // Polled once, so it is queued; then dropped.
                tokio::select! {
                    biased;
                    _ = writer.call(put("a")) => {}
                    () = std::future::ready(()) => {}
                }
                go.send(()).unwrap();
            },
        );
        assert_eq!(writer.call(cursors).await.unwrap(), 0);
    }
}
