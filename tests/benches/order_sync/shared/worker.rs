//! A worker in a process of its own: it is given merchants, begins when it is told to, and says when it has done all their orders.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use order_sync::{Flow, MerchantId, Settings, Tally};
use serde::{Deserialize, Serialize};

use super::database;
use crate::child;
use crate::engines::{self, Assembled};
use crate::ports::{Intake, Shop};

/// What the process is told first.
pub(crate) const NAME: &str = "worker";

const READY: &str = "ready";
const BEGIN: &str = "begin";
/// Every call that may be under way is.
pub(crate) const BUSY: &str = "busy";
const DONE: &str = "done";

/// What a worker is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) url: String,
    pub(crate) schema: String,
    /// Whose orders; one merchant after the other.
    pub(crate) merchants: Vec<String>,
    /// Orders of each.
    pub(crate) orders: u32,
    pub(crate) settings: Settings,
    /// How long the warehouse takes to answer.
    pub(crate) latency: Duration,
}

/// The process, as seen by the one that started it.
#[derive(Debug)]
pub(crate) struct Worker {
    child: Child,
    told: ChildStdin,
    says: BufReader<ChildStdout>,
}

impl Worker {
    /// Starts a process; it connects, and waits.
    pub(crate) fn start(task: &Task) -> Self {
        let mut child = child::command(NAME)
            .arg(serde_json::to_string(task).unwrap())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .spawn()
            .unwrap();
        let (told, says) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut worker = Self {
            child,
            told,
            says: BufReader::new(says),
        };
        worker.wait_for(READY);
        worker
    }

    pub(crate) fn begin(&mut self) {
        writeln!(self.told, "{BEGIN}").unwrap();
    }

    pub(crate) fn wait_for(&mut self, word: &str) {
        let mut line = String::new();
        while line.trim() != word {
            line.clear();
            let read = self.says.read_line(&mut line).unwrap();
            assert!(read > 0, "a worker ended before it said `{word}`");
        }
    }

    /// Kills the process, as a machine that loses its power does.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// How long these workers take together, each in a process of its own, from the moment at which all are ready.
pub(crate) fn together(tasks: &[Task]) -> Duration {
    let mut workers: Vec<Worker> = tasks.iter().map(Worker::start).collect();
    let begun = Instant::now();
    for worker in &mut workers {
        worker.begin();
    }
    for worker in &mut workers {
        worker.wait_for(DONE);
    }
    let took = begun.elapsed();
    for mut worker in workers {
        drop(worker.told);
        assert!(worker.child.wait().unwrap().success());
    }
    took
}

/// Deals merchants out to so many workers.
pub(crate) fn deal(task: &Task, workers: usize) -> Vec<Task> {
    let mut tasks = vec![task.clone(); workers];
    for task in &mut tasks {
        task.merchants.clear();
    }
    for (merchant, worker) in task.merchants.iter().zip((0..workers).cycle()) {
        tasks[worker].merchants.push(merchant.clone());
    }
    tasks
}

fn say(word: &str) {
    println!("{word}");
    std::io::stdout().flush().unwrap();
}

/// In the process of its own.
pub(crate) fn work(task: &str) {
    let task: Task = serde_json::from_str(task).unwrap();
    engines::runtime().block_on(async {
        let connections = order_sync_postgres::PostgresOptions::new().max_connections;
        let store = database::open(&task.url, &task.schema, connections).await;
        let engines: Vec<Assembled> = task
            .merchants
            .iter()
            .map(|merchant| {
                Assembled::of(
                    MerchantId::new(merchant),
                    task.settings.clone(),
                    Arc::clone(&store),
                    Shop::with(task.orders),
                    Intake::after(task.latency),
                )
            })
            .collect();
        say(READY);
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).unwrap();
        assert_eq!(line.trim(), BEGIN);
        for assembled in &engines {
            let all_under_way = async {
                while (assembled.intake.begun() as usize) < task.settings.in_flight {
                    tokio::time::sleep(Duration::from_millis(1)).await;
                }
                say(BUSY);
                std::future::pending::<()>().await;
            };
            let report = tokio::select! {
                report = assembled.run(Flow::Orders) => report,
                () = all_under_way => unreachable!("it waits for ever"),
            };
            assert_eq!(report.count(Tally::Accepted), u64::from(task.orders));
        }
        say(DONE);
    });
}
