//! `kill -9`: at random moments, and before and after every call that writes.

use std::time::Duration;

use order_sync_testkit::faults::{Call, StoreCall};
use private_postgres::{PrivateServer, Size};

use crate::budget::Budget;
use crate::fail_point::{FailPoint, Operation};
use crate::lanes::{self, Purse};
use crate::ledger::Ledger;
use crate::moment;
use crate::schema;
use crate::settling;
use crate::tally::Tally;
use crate::task::{Canary, StoreAt, Task};
use crate::worker::Worker;
use crate::world::World;

/// Sound orders that are placed before each kill, beside the others.
const ORDERS: u32 = 5;

/// How a store is tortured.
struct Setting {
    /// Rounds side by side.
    lanes: usize,
    /// Kills of a round.
    kills: u64,
    /// How long a victim may take to come to its fail point.
    patience: Duration,
    server: Option<PrivateServer>,
}

/// Over SQLite, one process after the other.
pub(crate) fn sqlite(budget: &Budget) -> Result<Tally, String> {
    let setting = Setting {
        lanes: 3,
        kills: 12,
        patience: Duration::from_secs(9),
        server: None,
    };
    run("kill-sqlite", budget, &setting)
}

/// Over PostgreSQL, where the next process waits until the leases of the dead one have run out.
pub(crate) fn postgres(budget: &Budget) -> Result<Tally, String> {
    let programs = private_postgres::programs().ok_or("there is no PostgreSQL here")?;
    let size = Size {
        connections: 250,
        buffers_mb: 64,
    };
    let setting = Setting {
        lanes: 8,
        kills: 5,
        patience: Duration::from_secs(24),
        server: Some(PrivateServer::start(&programs, size)?),
    };
    run("kill-postgres", budget, &setting)
}

fn run(kind: &str, budget: &Budget, setting: &Setting) -> Result<Tally, String> {
    let purse = Purse::new(budget);
    let ledger = Ledger::new(budget.seed);
    let mut tally = lanes::run(kind, setting.lanes, &purse, |_, seed| {
        round(kind, setting, &purse, &ledger, seed, budget.canary)
    })?;
    let (points, deaths, missing) = ledger.sum();
    tally.notes.push(format!(
        "{kind}: {deaths} of {} kills at fail points, {points} of {} points met",
        tally.cycles,
        FailPoint::all().len()
    ));
    if !missing.is_empty() {
        let names: Vec<String> = missing.iter().map(ToString::to_string).collect();
        let line = format!("{kind}: never reached: {}", names.join(", "));
        if budget.full {
            tally.reports.push(line);
        } else {
            tally.notes.push(line);
        }
    }
    Ok(tally)
}

/// A world, so many kills, and what became of its orders.
async fn round(
    kind: &str,
    setting: &Setting,
    purse: &Purse,
    ledger: &Ledger,
    seed: u64,
    canary: Option<Canary>,
) -> Result<Tally, String> {
    let mut world = World::start(seed).await?;
    let store = match &setting.server {
        Some(server) => schema::named(server.url(), seed),
        None => StoreAt::Sqlite(world.folder().join("engine.db")),
    };
    let mut kills = 0;
    let mut notes = Vec::new();
    while kills < setting.kills && purse.take() {
        kills += 1;
        if kills % 2 == 0 {
            let sends = world.random().bool();
            world.day(ORDERS, sends).await?;
            world.disturb(ORDERS);
            let mut victim = Worker::start(&world, &world.task(store.clone(), canary))?;
            moment::random(&mut world, &mut victim, setting.patience).await;
            victim.kill().await;
            continue;
        }
        let (point, death) = ledger.next();
        let mut task = prepare(point, &mut world, setting, &store, canary).await?;
        task.death = Some(death);
        let mut victim = Worker::start(&world, &task)?;
        if moment::of_death(&mut victim, setting.patience).await {
            if victim.died_at().as_deref() == Some(point.to_string().as_str()) {
                ledger.met(point);
            } else {
                notes.push(format!("a victim ended by itself: {}", victim.last_lines()));
            }
        }
        victim.kill().await;
        world.calm();
    }
    if kills == 0 {
        return Ok(Tally::default());
    }
    let about = format!("{kind}, round of seed {seed}");
    let mut tally = settling::settle(&mut world, &store, canary, &about).await?;
    tally.cycles = kills;
    tally.notes.extend(notes);
    if let (StoreAt::Postgres { .. }, true) = (&store, tally.is_sound()) {
        schema::drop(&store).await?;
    }
    Ok(tally)
}

/// Brings the world to where a victim comes to that point, and says what it is told.
async fn prepare(
    point: FailPoint,
    world: &mut World,
    setting: &Setting,
    store: &StoreAt,
    canary: Option<Canary>,
) -> Result<Task, String> {
    match point.operation {
        // A lease is renewed once half of it is over: the run has to take that long.
        Operation::Store(StoreCall::RenewFlow) => {
            world.slow_creates(Duration::from_millis(250));
            world.day(30, true).await?;
            let mut task = world.task(store.clone(), canary);
            (task.in_flight, task.batch) = (1, 1);
            Ok(task)
        }
        // Changed is what the warehouse has and has not sent.
        Operation::Port(Call::Cancel | Call::Amend) => {
            world.day(ORDERS, false).await?;
            let mut sender = Worker::start(world, &world.task(store.clone(), canary))?;
            moment::of_arrivals(world, &mut sender, 3, setting.patience).await;
            sender.kill().await;
            world.day(ORDERS, false).await?;
            Ok(world.task(store.clone(), canary))
        }
        _ => {
            world.day(ORDERS, true).await?;
            world.disturb(ORDERS);
            Ok(world.task(store.clone(), canary))
        }
    }
}
