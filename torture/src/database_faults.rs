//! What happens to a database: a backend is killed, the postmaster is killed and comes back, a connection is cut after the commit was
//! sent, there are no connections left.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use private_postgres::{PrivateServer, Size};
use rustix::process::{Pid, Signal, kill_process};

use crate::budget::Budget;
use crate::lanes::{self, Purse};
use crate::reply_cut::ReplyCut;
use crate::schema;
use crate::settling;
use crate::site::FLOW_LEASE;
use crate::tally::Tally;
use crate::worker::Worker;
use crate::world::World;

/// Orders that are placed before each fault.
const ORDERS: u32 = 8;

/// Faults of a round: each kind once.
const FAULTS: [DatabaseFault; 4] = [
    DatabaseFault::BackendKilled,
    DatabaseFault::CutAfterCommit,
    DatabaseFault::Exhausted,
    DatabaseFault::PostmasterKilled,
];

/// What the server admits; few, so that they are soon used up.
const SIZE: Size = Size {
    connections: 30,
    buffers_mb: 32,
};

/// How long somebody holds all connections.
const HELD: Duration = Duration::from_millis(1500);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DatabaseFault {
    BackendKilled,
    CutAfterCommit,
    Exhausted,
    PostmasterKilled,
}

/// Rounds over clusters of their own, since the fault of one would meet all.
pub(crate) fn run(budget: &Budget) -> Result<Tally, String> {
    let programs = private_postgres::programs().ok_or("there is no PostgreSQL here")?;
    let purse = Purse::new(budget);
    lanes::run("postgres-faults", 4, &purse, |lane, seed| {
        round(&programs, &purse, lane, seed, budget)
    })
}

async fn round(
    programs: &Path,
    purse: &Purse,
    lane: usize,
    seed: u64,
    budget: &Budget,
) -> Result<Tally, String> {
    let programs = programs.to_owned();
    // Apart from the rounds beside this one, which go on meanwhile.
    let server = Arc::new(apart(move || PrivateServer::start(&programs, SIZE)).await??);
    let cut = ReplyCut::before(server.port())
        .await
        .map_err(|error| error.to_string())?;
    let mut world = World::start(seed).await?;
    let store = schema::named(server.url(), seed);
    let mut task = world.task(
        schema::named(&cut.url(server.url(), server.port()), seed),
        budget.canary,
    );
    // A pool of one under many tasks in every other lane.
    task.connections = if lane.is_multiple_of(2) { 1 } else { 8 };
    let mut worker = Worker::start(&world, &task)?;
    let mut faults = 0;
    let mut notes = Vec::new();
    // Lanes begin with another fault each, so that a short run has them all.
    for fault in FAULTS.iter().cycle().skip(lane).take(FAULTS.len()) {
        if !purse.take() {
            break;
        }
        faults += 1;
        let sends = world.random().bool();
        world.day(ORDERS, sends).await?;
        world.disturb(ORDERS);
        at_work(&mut world).await;
        if let Some(note) = strike(*fault, &server, &cut, &mut world).await? {
            notes.push(note);
        }
        if worker.ended().is_some() {
            notes.push(format!("a victim ended: {}", worker.last_lines()));
            worker = Worker::start(&world, &task)?;
        }
    }
    world.last_day()?;
    settling::wait(&world, &mut [&mut worker], settling::LONGEST).await;
    let about = format!("postgres-faults, round of seed {seed}");
    let mut tally = settling::finish(&world, &store, &mut [worker], &about).await?;
    tally.cycles = faults;
    tally.notes.extend(notes);
    apart(move || drop(server)).await?;
    Ok(tally)
}

/// Does what blocks on a thread of its own.
async fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, String> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| error.to_string())
}

/// Brings a fault about. Says so where it met nobody.
async fn strike(
    fault: DatabaseFault,
    server: &Arc<PrivateServer>,
    cut: &ReplyCut,
    world: &mut World,
) -> Result<Option<String>, String> {
    match fault {
        DatabaseFault::BackendKilled => {
            let killed = terminate(server.url(), world.random().u32(1..4)).await?;
            Ok((killed == 0).then(|| "no backend was there to be killed".to_owned()))
        }
        DatabaseFault::CutAfterCommit => {
            let before = cut.cut();
            cut.arm(world.random().u32(1..12));
            let begun = Instant::now();
            while cut.cut() == before && begun.elapsed() < FLOW_LEASE {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            Ok((cut.cut() == before).then(|| "no commit came to be cut".to_owned()))
        }
        DatabaseFault::Exhausted => exhaust(server.url()).await,
        DatabaseFault::PostmasterKilled => kill_postmaster(server).await.map(|()| None),
    }
}

/// Kills so many of the backends that belong to others.
async fn terminate(url: &str, at_most: u32) -> Result<u64, String> {
    let sql = "SELECT pg_terminate_backend(pid) FROM (SELECT pid FROM pg_stat_activity \
               WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' ORDER BY random() LIMIT $1) AS one";
    let client = schema::connect(url).await?;
    let killed = client
        .query(sql, &[&i64::from(at_most)])
        .await
        .map_err(|error| error.to_string())?;
    Ok(killed.len() as u64)
}

/// Takes every connection that is left, kills those of the worker, which gets no other, and gives them back after a while.
async fn exhaust(url: &str) -> Result<Option<String>, String> {
    let killer = schema::connect(url).await?;
    let mut held = Vec::new();
    for _ in 0..=SIZE.connections {
        match schema::connect(url).await {
            Ok(client) => held.push(client),
            Err(_) => break,
        }
    }
    let full = held.len() < SIZE.connections as usize;
    // Those that are held here have never asked for anything.
    let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
               WHERE pid <> pg_backend_pid() AND backend_type = 'client backend' AND query <> ''";
    let killed = killer
        .query(sql, &[])
        .await
        .map_err(|error| error.to_string())?
        .len();
    // The places of those killed are taken as well.
    for _ in 0..killed {
        if let Ok(client) = schema::connect(url).await {
            held.push(client);
        }
    }
    tokio::time::sleep(HELD).await;
    Ok((!full).then(|| "the connections were not used up".to_owned()))
}

/// Kills the postmaster with all its children left to themselves, and starts the server again a moment later.
async fn kill_postmaster(server: &Arc<PrivateServer>) -> Result<(), String> {
    let pid = server
        .postmaster()
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(Pid::from_raw)
        .ok_or("the postmaster is not on record")?;
    kill_process(pid, Signal::KILL).map_err(|error| error.to_string())?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let server = Arc::clone(server);
    apart(move || server.restart()).await?
}

/// Waits until some of the orders of the day have reached the warehouse; not for ever, since the worker may wait for a lease of its own.
async fn at_work(world: &mut World) {
    let wanted = world.accepted() + world.random().u64(1..u64::from(ORDERS));
    let begun = Instant::now();
    while world.accepted() < wanted && begun.elapsed() < FLOW_LEASE + Duration::from_secs(3) {
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}
