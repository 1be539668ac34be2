//! When a process is killed.

use std::time::{Duration, Instant};

use crate::worker::Worker;
use crate::world::World;

const LOOK: Duration = Duration::from_millis(3);

/// Waits for a random moment: some time after the victim has begun, or shortly after the warehouse has taken some more orders.
pub(crate) async fn random(world: &mut World, victim: &mut Worker, patience: Duration) {
    if world.random().u32(0..3) == 0 {
        let millis = world.random().u64(5..400);
        tokio::time::sleep(Duration::from_millis(millis)).await;
        return;
    }
    let more = world.random().u64(1..6);
    of_arrivals(world, victim, more, patience).await;
    let millis = world.random().u64(0..40);
    tokio::time::sleep(Duration::from_millis(millis)).await;
}

/// Waits until the warehouse has taken so many more orders.
pub(crate) async fn of_arrivals(world: &World, victim: &mut Worker, more: u64, patience: Duration) {
    let wanted = world.accepted() + more;
    let begun = Instant::now();
    while world.accepted() < wanted && begun.elapsed() < patience && victim.ended().is_none() {
        tokio::time::sleep(LOOK).await;
    }
}

/// Waits until the victim has died by itself. `false`: it has not within that time.
pub(crate) async fn of_death(victim: &mut Worker, patience: Duration) -> bool {
    let begun = Instant::now();
    while begun.elapsed() < patience {
        if victim.ended().is_some() {
            return true;
        }
        tokio::time::sleep(LOOK).await;
    }
    false
}
