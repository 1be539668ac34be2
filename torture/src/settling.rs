//! The end of a round: nothing goes wrong any more, and everything comes to rest.

use std::time::{Duration, Instant};

use crate::tally::Tally;
use crate::task::{Canary, StoreAt};
use crate::verdict;
use crate::worker::Worker;
use crate::world::World;

/// Longer than all leases and settle windows of the dead, one after the other.
pub(crate) const LONGEST: Duration = Duration::from_secs(240);
/// A victim that does wrong on purpose may never come to rest.
const LONGEST_WRONG: Duration = Duration::from_secs(15);
const TICK: Duration = Duration::from_millis(150);

/// Starts a last victim, lets it work until everything is at rest, and judges the round.
pub(crate) async fn settle(
    world: &mut World,
    store: &StoreAt,
    canary: Option<Canary>,
    about: &str,
) -> Result<Tally, String> {
    world.last_day()?;
    let mut last = Worker::start(world, &world.task(store.clone(), canary))?;
    let longest = canary.map_or(LONGEST, |_| LONGEST_WRONG);
    wait(world, &mut [&mut last], longest).await;
    finish(world, store, &mut [last], about).await
}

/// Lets the warehouse work until the victims have ended, or have had long enough.
pub(crate) async fn wait(world: &World, workers: &mut [&mut Worker], longest: Duration) {
    let begun = Instant::now();
    while begun.elapsed() < longest && workers.iter_mut().any(|worker| worker.ended().is_none()) {
        world.tick();
        tokio::time::sleep(TICK).await;
    }
}

/// Judges a round whose victims have come to rest; one that has not is a report.
pub(crate) async fn finish(
    world: &World,
    store: &StoreAt,
    workers: &mut [Worker],
    about: &str,
) -> Result<Tally, String> {
    let mut unrest = Vec::new();
    for worker in workers {
        if !worker.ended().is_some_and(|status| status.success()) {
            let last = worker.last_lines();
            unrest.push(format!("{about}: a victim did not come to rest: {last}"));
        }
        worker.kill().await;
    }
    let mut tally = verdict::judge(world, store, about).await?;
    tally.reports.extend(unrest);
    Ok(tally)
}
