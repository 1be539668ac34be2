//! What was measured, and the figures that the system has of a process.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

/// Figures by id, and what is to be said beside them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) nanoseconds: BTreeMap<String, f64>,
    pub(crate) bytes: BTreeMap<String, f64>,
    pub(crate) ratios: BTreeMap<String, f64>,
    /// Sentences.
    pub(crate) facts: Vec<String>,
}

impl Measured {
    pub(crate) fn time(&mut self, id: &str, nanoseconds: f64) {
        self.nanoseconds.insert(id.to_owned(), nanoseconds);
    }

    pub(crate) fn memory(&mut self, id: &str, bytes: f64) {
        self.bytes.insert(id.to_owned(), bytes);
    }

    pub(crate) fn ratio(&mut self, id: &str, ratio: f64) {
        self.ratios.insert(id.to_owned(), ratio);
    }

    pub(crate) fn fact(&mut self, sentence: impl Into<String>) {
        self.facts.push(sentence.into());
    }

    pub(crate) fn merge(&mut self, other: Self) {
        self.nanoseconds.extend(other.nanoseconds);
        self.bytes.extend(other.bytes);
        self.ratios.extend(other.ratios);
        self.facts.extend(other.facts);
    }
}

/// Several rounds of one thing, in nanoseconds.
#[derive(Debug, Default)]
pub(crate) struct Rounds(Vec<f64>);

impl Rounds {
    /// Adds a round that took this long for `pieces` pieces.
    pub(crate) fn add(&mut self, took: Duration, pieces: u32) {
        self.0.push(took.as_secs_f64() * 1e9 / f64::from(pieces));
    }

    /// The shortest round. What is held to a limit and not to a floor of the same run is held with it: whatever makes the other rounds
    /// longer is not the engine.
    pub(crate) fn best(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The longest round: for a promise about the worst case.
    pub(crate) fn worst(&self) -> f64 {
        self.0.iter().copied().fold(0.0, f64::max)
    }

    /// The round that one in a hundred is longer than.
    pub(crate) fn p99(&self) -> f64 {
        let mut rounds = self.0.clone();
        rounds.sort_by(f64::total_cmp);
        let place = (rounds.len() * 99).div_ceil(100).saturating_sub(1);
        rounds.get(place).copied().unwrap_or(f64::NAN)
    }

    /// The median: one round with a busy neighbour says nothing.
    pub(crate) fn median(&self) -> f64 {
        let mut rounds = self.0.clone();
        rounds.sort_by(f64::total_cmp);
        rounds.get(rounds.len() / 2).copied().unwrap_or(f64::NAN)
    }
}

/// CPU time that this process has used, in all its threads.
pub(crate) fn cpu_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(
        u64::try_from(time.tv_sec).unwrap_or(0),
        u32::try_from(time.tv_nsec).unwrap_or(0),
    )
}

/// The most memory this process has had, in bytes.
///
/// # Panics
/// Where the system does not tell (it is Linux that does).
pub(crate) fn peak_memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux tells");
    let kib = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .and_then(|line| line.split_whitespace().next())
        .and_then(|figure| figure.parse::<f64>().ok());
    kib.expect("Linux tells") * 1024.0
}

/// Has the system forget the most memory this process has had so far: from here on it counts anew.
///
/// # Panics
/// Where the system does not let it (it is Linux that does).
pub(crate) fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux forgets");
}

/// How much of the machine others had while something was measured.
#[derive(Debug)]
pub(crate) struct Neighbours {
    begun: Instant,
    busy: f64,
    own: Duration,
}

impl Neighbours {
    pub(crate) fn watch() -> Self {
        Self {
            begun: Instant::now(),
            busy: busy_seconds(),
            own: cpu_time(),
        }
    }

    /// Processors that others kept busy, on average; processes that this one started count as others.
    pub(crate) fn processors(&self) -> f64 {
        let own = cpu_time().saturating_sub(self.own).as_secs_f64();
        (busy_seconds() - self.busy - own).max(0.0) / self.begun.elapsed().as_secs_f64()
    }
}

/// Seconds that all processors together have been busy since the machine started.
fn busy_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let figures: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|figure| figure.parse().ok())
        .collect();
    // User, nice, system, (idle, waiting,) interrupts, soft interrupts, in ticks of 10 ms.
    [0, 1, 2, 5, 6]
        .iter()
        .filter_map(|place| figures.get(*place))
        .sum::<f64>()
        / 100.0
}
