//! Ranges of seeds over all processors.

use std::cell::Cell;
use std::ops::Range;
use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_sync::{Store, StoreError};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use order_sync_testkit::simulation::{Fact, Outcome, Scenario, Size, simulate};

/// A range of seeds, the end left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seeds(pub(crate) Range<u64>);

impl FromStr for Seeds {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| {
            let text = text.replace('_', "");
            text.parse::<u64>()
                .map_err(|error| format!("{text:?}: {error}"))
        };
        let (from, to) = text.split_once("..").ok_or("a range is written FROM..TO")?;
        let range = number(from)?..number(to)?;
        if range.is_empty() {
            return Err(format!("{text} holds no seed"));
        }
        Ok(Self(range))
    }
}

/// A new store in memory, with the statements of the durable one.
pub(crate) fn sqlite(at: DateTime<Utc>) -> Result<Arc<dyn Store>, StoreError> {
    Ok(Arc::new(SqliteStore::in_memory(OpenOptions::new(at))?))
}

/// Seeds that share a store, one after the other: to make one and to prepare its statements costs more than many a history.
const SHARED_BY: u32 = 64;

/// A store for one seed after another; a new one now and then.
#[derive(Default)]
pub(crate) struct Shared(Cell<Option<(Arc<dyn Store>, u32)>>);

impl Shared {
    pub(crate) fn open(&self, at: DateTime<Utc>) -> Result<Arc<dyn Store>, StoreError> {
        let (store, used) = match self.0.take() {
            Some((store, used)) if used < SHARED_BY => (store, used),
            _ => (sqlite(at)?, 0),
        };
        self.0.set(Some((Arc::clone(&store), used + 1)));
        Ok(store)
    }
}

/// What a range of seeds came to.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    seeds: u64,
    orders: u64,
    creates: u64,
    faults: u64,
    kills: u64,
    pauses: u64,
    rerun: u64,
    log_lines: u64,
    virtual_time: Duration,
    /// Seeds that broke something, with what; the lowest first.
    pub(crate) failures: Vec<(u64, String)>,
}

impl Sum {
    fn add(&mut self, outcome: &Outcome) {
        self.seeds += 1;
        self.orders += outcome.scenario.orders as u64;
        self.virtual_time += outcome.lasted;
        self.log_lines += outcome.log_lines;
        for entry in outcome.history.entries() {
            match entry.fact {
                Fact::PostApplied {
                    by_vendor: false, ..
                } => self.creates += 1,
                Fact::Fault { .. } => self.faults += 1,
                Fact::Killed => self.kills += 1,
                Fact::Paused(_) => self.pauses += 1,
                _ => {}
            }
        }
        let seed = outcome.scenario.seed;
        let violations = outcome.violations.iter();
        self.failures
            .extend(violations.map(|violation| (seed, violation.to_string())));
    }

    fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.orders += other.orders;
        self.creates += other.creates;
        self.faults += other.faults;
        self.kills += other.kills;
        self.pauses += other.pauses;
        self.rerun += other.rerun;
        self.log_lines += other.log_lines;
        self.virtual_time += other.virtual_time;
        self.failures.extend(other.failures);
        self.failures.sort();
    }
}

impl std::fmt::Display for Sum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut failed: Vec<u64> = self.failures.iter().map(|(seed, _)| *seed).collect();
        failed.dedup();
        write!(
            f,
            "{} seeds, {} failed; {} orders, {} creates at the warehouse, {} faults, {} kills, {} pauses, {} virtual hours, {} log lines; {} seeds run twice",
            self.seeds,
            failed.len(),
            self.orders,
            self.creates,
            self.faults,
            self.kills,
            self.pauses,
            self.virtual_time.as_secs() / 3600,
            self.log_lines,
            self.rerun,
        )
    }
}

/// Runs a range, and every so many seeds one of them twice.
pub(crate) fn run(seeds: &Seeds, size: Size, threads: usize, rerun_every: u64) -> Sum {
    let next = AtomicU64::new(seeds.0.start);
    let sum = Mutex::new(Sum::default());
    std::thread::scope(|scope| {
        for _ in 0..threads.max(1) {
            scope.spawn(|| {
                let mut own = Sum::default();
                let shared = Shared::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if !seeds.0.contains(&seed) {
                        break;
                    }
                    let scenario = Scenario::of(seed, size);
                    let outcome = simulate(&scenario, &|at| shared.open(at));
                    own.add(&outcome);
                    if rerun_every > 0 && seed.is_multiple_of(rerun_every) {
                        own.rerun += 1;
                        let again = simulate(&scenario, &sqlite);
                        if again.trace_hash != outcome.trace_hash {
                            let what = "I15: two runs of it differ".to_owned();
                            own.failures.push((seed, what));
                        }
                    }
                }
                sum.lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .merge(own);
            });
        }
    });
    sum.into_inner().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_read_and_an_empty_one_refused() {
        assert_eq!("0..20_000".parse(), Ok(Seeds(0..20_000)));
        assert!("5..5".parse::<Seeds>().is_err());
        assert!("five".parse::<Seeds>().is_err());
    }

    #[test]
    fn the_first_seeds_break_nothing_and_run_the_same_twice() {
        let sum = run(&Seeds(0..20), Size::Small, 2, 1);
        assert_eq!(sum.failures, []);
        assert_eq!((sum.seeds, sum.rerun), (20, 20));
    }
}
