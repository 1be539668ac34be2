//! A full disk in the middle of a run: files must not grow any more, which is an error of the write itself, or the store has come to the
//! size it was given. Then there is room again.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::budget::Budget;
use crate::lanes::{self, Purse};
use crate::moment;
use crate::settling;
use crate::tally::Tally;
use crate::task::{Canary, StoreAt};
use crate::worker::Worker;
use crate::world::World;

/// Sound orders that are placed before each fault, beside the others.
const ORDERS: u32 = 8;
/// Faults of a round.
const FAULTS: u64 = 4;
/// How long a victim may take until it meets the end of the disk.
const PATIENCE: Duration = Duration::from_secs(9);
const LOOK: Duration = Duration::from_millis(5);
/// Nothing that a victim writes beside its store is as long.
const LEAST: u64 = 256 * 1024;

/// What a victim says of a flow that met the end of the disk.
const FULL: &str = "the disk is full";

/// How it comes about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fullness {
    /// No file of the process may grow beyond a length: the write fails.
    Files,
    /// The store has come to the size that it was opened with.
    Store,
}

/// Rounds side by side, over SQLite.
pub(crate) fn run(budget: &Budget) -> Result<Tally, String> {
    let purse = Purse::new(budget);
    let met = AtomicU64::new(0);
    let mut tally = lanes::run("disk-full", 3, &purse, |lane, seed| {
        round(&purse, &met, lane, seed, budget)
    })?;
    let met = met.into_inner();
    let line = format!(
        "disk-full: {met} of {} victims met the end of the disk",
        tally.cycles
    );
    // A few come to rest before; a fault that hardly anybody meets is none.
    if met * 2 < tally.cycles {
        tally.reports.push(line);
    } else {
        tally.notes.push(line);
    }
    Ok(tally)
}

async fn round(
    purse: &Purse,
    met: &AtomicU64,
    lane: usize,
    seed: u64,
    budget: &Budget,
) -> Result<Tally, String> {
    let mut world = World::start(seed).await?;
    let store = world.folder().join("engine.db");
    let mut faults = 0;
    while faults < FAULTS && purse.take() {
        faults += 1;
        let fullness = if (lane as u64 + faults).is_multiple_of(2) {
            Fullness::Files
        } else {
            Fullness::Store
        };
        let sends = world.random().bool();
        world.day(ORDERS, sends).await?;
        world.disturb(ORDERS);
        if fill(fullness, &mut world, &store, budget.canary).await? {
            met.fetch_add(1, Ordering::AcqRel);
        }
        world.calm();
    }
    if faults == 0 {
        return Ok(Tally::default());
    }
    let about = format!("disk-full, round of seed {seed}");
    let place = StoreAt::Sqlite(store);
    let mut tally = settling::settle(&mut world, &place, budget.canary, &about).await?;
    tally.cycles = faults;
    Ok(tally)
}

/// Lets a victim work until the disk is full, and some time longer. Whether it met the end of the disk.
async fn fill(
    fullness: Fullness,
    world: &mut World,
    store: &Path,
    canary: Option<Canary>,
) -> Result<bool, String> {
    let mut task = world.task(StoreAt::Sqlite(store.to_owned()), canary);
    let room = world.folder().join("room");
    match fullness {
        Fullness::Store => {
            // A page or a few beyond what there is.
            let more = world.random().u64(0..60_000);
            task.max_bytes = Some(length(store).max(LEAST) + more);
            let mut victim = Worker::start(world, &task)?;
            let met = is_met(&mut victim).await;
            victim.kill().await;
            return Ok(met);
        }
        Fullness::Files => task.room = Some(room.clone()),
    }
    let mut victim = Worker::start_with_limits(world, &task)?;
    let more = world.random().u64(1..6);
    moment::of_arrivals(world, &mut victim, more, PATIENCE).await;
    let log = length(&beside(store, "-wal"));
    let limit = LEAST.max(log / 100 * world.random().u64(50..100));
    say(&room, &limit.to_string())?;
    let met = is_met(&mut victim).await;
    let millis = world.random().u64(0..800);
    tokio::time::sleep(Duration::from_millis(millis)).await;
    // Every other victim dies of it; the others find room again.
    if world.random().bool() {
        victim.kill().await;
        say(&room, "")?;
        return Ok(met);
    }
    say(&room, "")?;
    let more = world.random().u64(1..4);
    moment::of_arrivals(world, &mut victim, more, Duration::from_secs(2)).await;
    if let Some(ended) = victim.ended() {
        return Err(format!(
            "a full disk has ended a victim ({ended}): {}",
            victim.last_lines()
        ));
    }
    victim.kill().await;
    Ok(met)
}

/// Waits until the victim says that the disk is full.
async fn is_met(victim: &mut Worker) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < PATIENCE && victim.ended().is_none() {
        if victim.log().contains(FULL) {
            return true;
        }
        tokio::time::sleep(LOOK).await;
    }
    victim.log().contains(FULL)
}

/// Moved to its place: nobody reads half of it.
fn say(file: &Path, what: &str) -> Result<(), String> {
    let draft = beside(file, ".new");
    std::fs::write(&draft, what)
        .and_then(|()| std::fs::rename(&draft, file))
        .map_err(|error| format!("{}: {error}", file.display()))
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    PathBuf::from(format!("{}{suffix}", path.display()))
}

fn length(file: &Path) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}
