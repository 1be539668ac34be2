//! How much is to be done.

use std::time::{Duration, Instant};

use crate::task::Canary;

/// Cycles, a time, and the number that everything random follows from.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    /// Cycles at most.
    pub(crate) cycles: u64,
    /// No cycle begins after this moment.
    pub(crate) until: Option<Instant>,
    /// Seed of the run: what is placed, and which moments are chosen. What the processes make of it is up to the machine.
    pub(crate) seed: u64,
    /// A fail point that is never reached fails the run.
    pub(crate) full: bool,
    /// What the victims do wrong on purpose, where the counts themselves are tried.
    pub(crate) canary: Option<Canary>,
}

impl Budget {
    /// A budget that ends after so many cycles or so many minutes, whichever comes first.
    pub(crate) fn new(cycles: u64, minutes: Option<f64>, seed: u64, full: bool) -> Self {
        let until = minutes
            .and_then(|minutes| Duration::try_from_secs_f64(minutes * 60.0).ok())
            .and_then(|time| Instant::now().checked_add(time));
        Self {
            cycles,
            until,
            seed,
            full,
            canary: None,
        }
    }

    /// Whether the time is up.
    pub(crate) fn is_over(&self) -> bool {
        self.until.is_some_and(|until| Instant::now() >= until)
    }
}
