//! `SIGSTOP` past the lease: two workers over one PostgreSQL store, of which one stands still in the middle of its work, does not know
//! that time passes, and goes on once the other has taken over.

use std::time::{Duration, Instant};

use private_postgres::{PrivateServer, Size};

use crate::budget::Budget;
use crate::lanes::{self, Purse};
use crate::schema;
use crate::settling;
use crate::site::{FLOW_LEASE, LEASE};
use crate::tally::Tally;
use crate::worker::Worker;
use crate::world::World;

/// More orders than are handed over at once: those that wait for their turn were claimed before the worker was stopped.
const ORDERS: u32 = 24;
const IN_FLIGHT: usize = 2;

/// Pauses of a round.
const PAUSES: u64 = 3;

/// How much longer than a lease a worker stands still.
const FACTOR: f64 = 1.6;

/// Two workers, one of them stopped again and again: in turns longer than the lease of an order, and longer than that of a flow, after
/// which the other takes over all that the stopped one had claimed.
pub(crate) fn run(budget: &Budget) -> Result<Tally, String> {
    let programs = private_postgres::programs().ok_or("there is no PostgreSQL here")?;
    let size = Size {
        connections: 250,
        buffers_mb: 64,
    };
    let server = PrivateServer::start(&programs, size)?;
    let purse = Purse::new(budget);
    lanes::run("pause", 4, &purse, |lane, seed| {
        round(server.url(), &purse, lane, seed, budget)
    })
}

async fn round(
    url: &str,
    purse: &Purse,
    lane: usize,
    seed: u64,
    budget: &Budget,
) -> Result<Tally, String> {
    let mut world = World::start(seed).await?;
    let store = schema::named(url, seed);
    let mut task = world.task(store.clone(), budget.canary);
    (task.in_flight, task.batch) = (IN_FLIGHT, 64);
    let mut workers = [Worker::start(&world, &task)?, Worker::start(&world, &task)?];
    let mut pauses = 0;
    while pauses < PAUSES && purse.take() {
        pauses += 1;
        let sends = world.random().bool();
        world.day(ORDERS, sends).await?;
        world.disturb(ORDERS);
        at_work(&mut world).await;
        let lease = if (lane as u64 + pauses).is_multiple_of(2) {
            LEASE
        } else {
            FLOW_LEASE
        };
        let Some(worker) = chosen(&workers, world.random()) else {
            continue;
        };
        worker.pause()?;
        tokio::time::sleep(lease.mul_f64(FACTOR)).await;
        worker.resume()?;
    }
    world.last_day()?;
    let mut both: Vec<&mut Worker> = workers.iter_mut().collect();
    settling::wait(&world, &mut both, settling::LONGEST).await;
    let about = format!("pause, round of seed {seed}");
    let mut tally = settling::finish(&world, &store, &mut workers, &about).await?;
    tally.cycles = pauses;
    if tally.is_sound() {
        schema::drop(&store).await?;
    }
    Ok(tally)
}

/// The worker that is sending; whichever, where none or both seem to.
fn chosen<'a>(workers: &'a [Worker], random: &mut fastrand::Rng) -> Option<&'a Worker> {
    let sending: Vec<&Worker> = workers.iter().filter(|one| one.is_sending()).collect();
    match sending.as_slice() {
        [one] => Some(one),
        _ => workers.get(random.usize(0..workers.len())),
    }
}

/// Waits until the orders of the day are under way: the warehouse has taken some of them, and not all.
async fn at_work(world: &mut World) {
    let wanted = world.accepted() + world.random().u64(1..u64::from(ORDERS) / 2);
    let begun = Instant::now();
    while world.accepted() < wanted && begun.elapsed() < FLOW_LEASE * 2 {
        tokio::time::sleep(Duration::from_millis(3)).await;
    }
}
