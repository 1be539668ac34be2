//! The least that makes an order durable: one row for it, one row for each event, `synchronous=FULL`, groups of commits.

use std::path::Path;
use std::sync::mpsc;
use std::thread::JoinHandle;

use rusqlite::Connection;
use tokio::sync::oneshot;

/// Operations of a group at most, as the engine's store has it.
const GROUP: usize = 256;

/// A database with nothing but orders and their events.
#[derive(Debug)]
pub(crate) struct BareStore {
    connection: Connection,
}

impl BareStore {
    /// Makes one in a new file.
    pub(crate) fn create(path: &Path) -> Self {
        let connection = Connection::open(path).unwrap();
        let tables = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
            CREATE TABLE orders (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, state TEXT NOT NULL, body TEXT NOT NULL) STRICT;
            CREATE TABLE events (number INTEGER PRIMARY KEY, order_id TEXT NOT NULL, event TEXT NOT NULL) STRICT;";
        connection.execute_batch(tables).unwrap();
        Self { connection }
    }

    fn run(&self, sql: &str) {
        self.connection
            .prepare_cached(sql)
            .unwrap()
            .execute([])
            .unwrap();
    }

    /// Captures a page of orders, in one commit.
    pub(crate) fn capture(&self, orders: impl IntoIterator<Item = (u32, String)>) {
        self.run("BEGIN IMMEDIATE");
        for (number, body) in orders {
            let sql = "INSERT INTO orders (id, state, body) VALUES (?1, 'captured', ?2)";
            let mut insert = self.connection.prepare_cached(sql).unwrap();
            insert.execute((id(number), body)).unwrap();
        }
        self.run("COMMIT");
    }

    /// Takes orders to a state, in one commit.
    pub(crate) fn commit(&self, numbers: impl IntoIterator<Item = (u32, &'static str)>) {
        self.run("BEGIN IMMEDIATE");
        for (number, state) in numbers {
            let id = id(number);
            let mut update = self
                .connection
                .prepare_cached("UPDATE orders SET state = ?2 WHERE id = ?1")
                .unwrap();
            assert_eq!(update.execute((&id, state)).unwrap(), 1);
            let mut insert = self
                .connection
                .prepare_cached("INSERT INTO events (order_id, event) VALUES (?1, ?2)")
                .unwrap();
            insert.execute((&id, state)).unwrap();
        }
        self.run("COMMIT");
    }
}

fn id(number: u32) -> String {
    crate::ports::id(number).to_string()
}

enum Work {
    Capture(Vec<(u32, String)>),
    Commit(u32, &'static str),
}

/// A bare store behind a thread that commits what is waiting as one group.
#[derive(Debug)]
pub(crate) struct Committer {
    queue: Option<mpsc::Sender<(Work, oneshot::Sender<()>)>>,
    thread: Option<JoinHandle<()>>,
}

impl Committer {
    pub(crate) fn start(store: BareStore) -> Self {
        let (queue, waiting) = mpsc::channel::<(Work, oneshot::Sender<()>)>();
        let thread = std::thread::spawn(move || {
            while let Ok(first) = waiting.recv() {
                let mut group = vec![first];
                while group.len() < GROUP
                    && let Ok(next) = waiting.try_recv()
                {
                    group.push(next);
                }
                let mut changes = Vec::new();
                let mut replies = Vec::new();
                for (work, reply) in group {
                    match work {
                        Work::Capture(orders) => store.capture(orders),
                        Work::Commit(number, state) => changes.push((number, state)),
                    }
                    replies.push(reply);
                }
                if !changes.is_empty() {
                    store.commit(changes);
                }
                for reply in replies {
                    reply.send(()).unwrap();
                }
            }
        });
        Self {
            queue: Some(queue),
            thread: Some(thread),
        }
    }

    async fn call(&self, work: Work) {
        let (reply, answer) = oneshot::channel();
        self.queue.as_ref().unwrap().send((work, reply)).unwrap();
        answer.await.unwrap();
    }

    pub(crate) async fn capture(&self, orders: Vec<(u32, String)>) {
        self.call(Work::Capture(orders)).await;
    }

    pub(crate) async fn commit(&self, number: u32, state: &'static str) {
        self.call(Work::Commit(number, state)).await;
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        drop(self.queue.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }
}
