//! The threaded driver: one thread owns the connection and commits what is waiting as one group.

use std::thread::JoinHandle;

use order_sync::{StoreError, StoreErrorKind};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::stopped;
use crate::database::{Database, GroupFailure, Operation, Task};
use crate::failure::Failure;

/// Operations that may wait; more of them wait at the callers.
const QUEUE: usize = 1024;
/// Operations that share a commit at most.
const GROUP: usize = 256;

/// An operation on its way through the thread.
trait Job: Operation + Send {
    /// Answers, once the group is committed or lost.
    fn answer(self: Box<Self>, lost: Option<&GroupFailure>);
}

struct Queued<T, F> {
    task: Task<T, F>,
    reply: oneshot::Sender<Result<T, StoreError>>,
}

impl<T, F> Operation for Queued<T, F>
where
    F: FnMut(&Connection) -> Result<T, Failure>,
{
    fn is_wanted(&self) -> bool {
        !self.reply.is_closed()
    }

    fn run(&mut self, connection: &Connection) -> Result<(), GroupFailure> {
        self.task.run(connection)
    }
}

impl<T, F> Job for Queued<T, F>
where
    T: Send,
    F: FnMut(&Connection) -> Result<T, Failure> + Send,
{
    fn answer(self: Box<Self>, lost: Option<&GroupFailure>) {
        if let Some(answer) = self.task.answer(lost) {
            // Whoever asked may have gone; the change is on record all the same.
            drop(self.reply.send(answer));
        }
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
    pub(crate) fn start(database: Database) -> Result<Self, StoreError> {
        let (queue, jobs) = mpsc::channel(QUEUE);
        let thread = std::thread::Builder::new()
            .name("order-sync-sqlite".to_owned())
            .spawn(move || serve(database, jobs))
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
        F: FnMut(&Connection) -> Result<T, Failure> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let task = Queued {
            task: Task::new(work),
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

/// Commits what is waiting, group by group, until there is no handle any more.
fn serve(mut database: Database, mut jobs: mpsc::Receiver<Box<dyn Job>>) {
    let mut group: Vec<Box<dyn Job>> = Vec::new();
    while let Some(first) = jobs.blocking_recv() {
        group.push(first);
        while group.len() < GROUP {
            match jobs.try_recv() {
                Ok(job) => group.push(job),
                Err(_) => break,
            }
        }
        let mut operations: Vec<&mut dyn Operation> = group
            .iter_mut()
            .map(|job| job.as_mut() as &mut dyn Operation)
            .collect();
        let lost = database.commit(&mut operations).err();
        for job in group.drain(..) {
            job.answer(lost.as_ref());
        }
        database.rest();
    }
    database.close();
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc as channel;

    use chrono::DateTime;

    use super::*;
    use crate::opening::{self, OpenOptions};
    use crate::schema;

    fn put(name: &'static str) -> impl FnMut(&Connection) -> Result<(), Failure> + Send {
        move |connection| {
            let sql = "INSERT INTO cursors (merchant, name, value) VALUES ('m', ?1, '1')";
            connection.execute(sql, [name])?;
            Ok(())
        }
    }

    fn cursors(connection: &Connection) -> Result<i64, Failure> {
        Ok(connection.query_row("SELECT count(*) FROM cursors", [], |row| row.get(0))?)
    }

    /// Holds the thread until the sender is used, so that what follows is surely one group. Once: the group may be run again.
    fn hold(held: channel::Receiver<()>) -> impl FnMut(&Connection) -> Result<i64, Failure> + Send {
        let mut held = Some(held);
        move |connection| {
            if let Some(held) = held.take() {
                let _ = held.recv();
            }
            schema::figure(connection, schema::COMMITS)
        }
    }

    fn start(folder: &tempfile::TempDir) -> Writer {
        let path = folder.path().join("store.db");
        let options = OpenOptions::new(DateTime::UNIX_EPOCH);
        Writer::start(opening::open(&path, options).unwrap().database).unwrap()
    }

    #[tokio::test]
    async fn a_failing_operation_loses_only_itself() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(&folder);
        let (go, held) = channel::channel();
        let (before, first, failing, again, ()) = tokio::join!(
            biased;
            writer.call(hold(held)),
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
    async fn what_fails_without_a_change_costs_the_others_no_second_run() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(&folder);
        let (go, held) = channel::channel();
        let mut runs = 0;
        let count = move |connection: &Connection| {
            runs += 1;
            put("counted")(connection)?;
            Ok(runs)
        };
        let (_, counted, failing, ()) = tokio::join!(
            biased;
            writer.call(hold(held)),
            writer.call(count),
            writer.call(|_| Err::<(), _>(Failure::Unreadable("nothing there".to_owned()))),
            async { go.send(()).unwrap() },
        );
        assert_eq!(counted.unwrap(), 1);
        assert_eq!(failing.unwrap_err().kind(), StoreErrorKind::Unreadable);
    }

    #[tokio::test]
    async fn a_transaction_that_is_given_up_fails_its_whole_group() {
        let folder = tempfile::tempdir().unwrap();
        let writer = start(&folder);
        let (go, held) = channel::channel();
        let (_, first, culprit, later, ()) = tokio::join!(
            biased;
            writer.call(hold(held)),
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
            writer.call(hold(held)),
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
