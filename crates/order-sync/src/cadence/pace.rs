//! When a flow may run again: as often as it should, as rarely as the vendor asks.

use std::time::Duration;

use super::FlowCadence;
use crate::{FlowOutcome, FlowReport};

/// What the pace learns from a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RunFacts {
    /// How long it took.
    pub elapsed: Duration,
    /// A vendor turned calls away because it was too busy.
    pub throttled: bool,
    /// For how long it asked to be left alone.
    pub retry_after: Option<Duration>,
    /// The run could not go on, and no open circuit is the reason: an open circuit spares the vendor by itself, and whatever else
    /// the flow does (recording new orders) must go on meanwhile.
    pub failed: bool,
}

impl RunFacts {
    /// A run without trouble that took so long.
    #[must_use]
    pub fn took(elapsed: Duration) -> Self {
        Self {
            elapsed,
            ..Self::default()
        }
    }
}

impl From<&FlowReport> for RunFacts {
    fn from(report: &FlowReport) -> Self {
        let port_use = report.port_use;
        Self {
            elapsed: Duration::from_millis(report.elapsed_ms),
            throttled: port_use.throttled > 0,
            retry_after: port_use.retry_after(),
            failed: matches!(report.outcome, FlowOutcome::Failed { .. })
                && port_use.circuit_open == 0,
        }
    }
}

/// How long to wait after the end of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Wait {
    /// Until the next run, when nothing asks for an earlier one.
    pub regular: Duration,
    /// Until the next run may begin at the earliest, whatever asks for it.
    pub earliest: Duration,
}

/// The pace of one flow: a plain value that is told how each run went and says how long to wait.
///
/// * The next run begins [`FlowCadence::every`] after the last one began, plus jitter.
/// * When the vendor throttles, or a run fails, the distance doubles (or is as long as the vendor asked for, if that is longer). With
///   every run that goes well it comes back by a quarter of what is left.
/// * A run that took long is followed by a rest in proportion ([`FlowCadence::busy_percent`]).
///
/// Neither makes a flow slower than once in 15 minutes, or than `every` where that is longer; a vendor's word counts for at most an
/// hour, since a mistaken header must not silence a flow for a day. The same seed gives the same jitter.
#[derive(Debug, Clone)]
pub struct Pace {
    cadence: FlowCadence,
    /// Distance from beginning to beginning that the vendor seems to permit.
    permitted: Duration,
    random: fastrand::Rng,
}

const SLOWEST: Duration = Duration::from_secs(15 * 60);
const LONGEST_TOLD: Duration = Duration::from_secs(3600);

impl Pace {
    /// The pace of a flow that has not run yet.
    #[must_use]
    pub fn new(cadence: FlowCadence, seed: u64) -> Self {
        Self {
            permitted: cadence.not_more_often_than,
            cadence,
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// How long to wait before the first run: only the jitter of the shortest distance, so that many engines that start together
    /// do not call together.
    pub fn first(&mut self) -> Duration {
        self.jitter(self.cadence.not_more_often_than)
    }

    /// How long to wait after that run.
    pub fn after_run(&mut self, facts: &RunFacts) -> Wait {
        let floor = self.cadence.not_more_often_than;
        if facts.throttled || facts.failed {
            let slowest = SLOWEST.max(self.cadence.every);
            let doubled = self.permitted.max(self.cadence.every).saturating_mul(2);
            self.permitted = doubled.min(slowest);
        } else {
            let back = (self.permitted.saturating_sub(floor) / 4).max(floor / 4);
            self.permitted = self.permitted.saturating_sub(back).max(floor);
        }
        let told = facts.retry_after.unwrap_or_default().min(LONGEST_TOLD);
        let earliest = self
            .permitted
            .saturating_sub(facts.elapsed)
            .max(told)
            .max(self.rest_after(facts.elapsed));
        let regular = self
            .cadence
            .every
            .saturating_sub(facts.elapsed)
            .max(earliest);
        Wait {
            regular: regular.saturating_add(self.jitter(regular)),
            earliest,
        }
    }

    /// The rest that keeps the flow within its share of time.
    fn rest_after(&self, elapsed: Duration) -> Duration {
        let busy = self.cadence.busy_percent.clamp(1, 100);
        elapsed
            .saturating_mul(100_u32.saturating_sub(busy))
            .checked_div(busy)
            .unwrap_or_default()
            .min(SLOWEST.max(self.cadence.every))
    }

    fn jitter(&mut self, wait: Duration) -> Duration {
        let most = wait.saturating_mul(self.cadence.jitter_percent.min(100)) / 100;
        let most = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.random.u64(0..=most))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn minutely() -> FlowCadence {
        let mut cadence = FlowCadence::every(seconds(60));
        cadence.not_more_often_than = seconds(10);
        cadence.jitter_percent = 0;
        cadence
    }

    fn throttled(retry_after: Option<Duration>) -> RunFacts {
        RunFacts {
            throttled: true,
            retry_after,
            ..RunFacts::default()
        }
    }

    #[test]
    fn a_run_begins_every_minute_however_long_the_last_one_took() {
        let mut pace = Pace::new(minutely(), 1);
        assert_eq!(pace.first(), Duration::ZERO);
        let wait = pace.after_run(&RunFacts::took(seconds(20)));
        assert_eq!(wait.regular, seconds(40));
        assert_eq!(wait.earliest, seconds(20), "half of its time at most");
        let wait = pace.after_run(&RunFacts::took(seconds(90)));
        assert_eq!(wait.regular, seconds(90));
        let wait = pace.after_run(&RunFacts::took(seconds(1)));
        assert_eq!((wait.regular, wait.earliest), (seconds(59), seconds(9)));
    }

    #[test]
    fn throttling_doubles_the_distance_and_good_runs_bring_it_back_step_by_step() {
        let mut pace = Pace::new(minutely(), 1);
        let slower: Vec<u64> = (0..6)
            .map(|_| pace.after_run(&throttled(None)).regular.as_secs())
            .collect();
        assert_eq!(slower, [120, 240, 480, 900, 900, 900]);
        let mut faster = Vec::new();
        while faster.last() != Some(&60) {
            faster.push(pace.after_run(&RunFacts::default()).regular.as_secs());
        }
        assert_eq!(faster[..4], [677, 510, 385, 291]);
        assert!(faster.windows(2).all(|pair| pair[1] < pair[0]));
        assert!(faster.len() <= 12, "{faster:?}");
    }

    #[test]
    fn a_vendor_that_says_for_how_long_is_believed_for_up_to_an_hour() {
        let mut pace = Pace::new(minutely(), 1);
        let wait = pace.after_run(&throttled(Some(seconds(200))));
        assert_eq!((wait.regular, wait.earliest), (seconds(200), seconds(200)));
        let wait = pace.after_run(&throttled(Some(seconds(90_000))));
        assert_eq!(wait.regular, seconds(3600));
        let wait = pace.after_run(&throttled(Some(seconds(1))));
        assert_eq!(
            wait.regular,
            seconds(480),
            "no shorter than the doubled distance"
        );
    }

    #[test]
    fn a_failed_run_backs_off_too() {
        let mut pace = Pace::new(minutely(), 1);
        let failed = RunFacts {
            failed: true,
            ..RunFacts::default()
        };
        assert_eq!(pace.after_run(&failed).earliest, seconds(120));
        assert_eq!(pace.after_run(&failed).earliest, seconds(240));
    }

    #[test]
    fn a_seed_reproduces_the_jitter_and_another_one_does_not() {
        let waits = |seed| -> Vec<Duration> {
            let mut cadence = minutely();
            cadence.jitter_percent = 20;
            let mut pace = Pace::new(cadence, seed);
            let first = pace.first();
            let next = (0..20).map(|_| pace.after_run(&RunFacts::default()).regular);
            std::iter::once(first).chain(next).collect()
        };
        assert_eq!(waits(7), waits(7));
        assert_ne!(waits(7), waits(8));
        assert!(
            waits(7)[1..]
                .iter()
                .all(|wait| (60..=72).contains(&wait.as_secs()))
        );
    }

    proptest! {
        #[test]
        fn whatever_happens_the_floor_the_share_and_the_vendors_word_are_kept(
            every in 1_u64..7200,
            shortest in 1_u64..600,
            jitter in 0_u32..=100,
            busy in 1_u32..=100,
            seed: u64,
            runs in prop::collection::vec(
                (0_u64..600, any::<bool>(), any::<bool>(), prop::option::of(0_u64..3600)),
                1..60,
            ),
        ) {
            let mut cadence = FlowCadence::every(seconds(every.max(shortest)));
            cadence.not_more_often_than = seconds(shortest);
            cadence.jitter_percent = jitter;
            cadence.busy_percent = busy;
            let slowest = SLOWEST.max(cadence.every);
            let mut pace = Pace::new(cadence.clone(), seed);
            prop_assert!(pace.first() <= cadence.not_more_often_than);
            for (elapsed, throttled, failed, told) in runs {
                let facts = RunFacts {
                    elapsed: seconds(elapsed),
                    throttled,
                    failed,
                    retry_after: told.filter(|_| throttled).map(seconds),
                };
                let wait = pace.after_run(&facts);
                let distance = facts.elapsed + wait.earliest;
                prop_assert!(distance >= cadence.not_more_often_than);
                prop_assert!(wait.earliest >= facts.retry_after.unwrap_or_default());
                prop_assert!(wait.regular >= wait.earliest);
                prop_assert!(facts.elapsed + wait.regular >= cadence.every);
                let rest = facts.elapsed * (100 - busy) / busy;
                prop_assert!(wait.earliest >= rest.min(slowest));
                let longest = slowest.max(facts.retry_after.unwrap_or_default());
                prop_assert!(wait.regular <= longest * 2);
            }
            // And good runs bring every flow back to its interval.
            for _ in 0..200 {
                pace.after_run(&RunFacts::default());
            }
            prop_assert_eq!(pace.after_run(&RunFacts::default()).earliest, cadence.not_more_often_than);
        }
    }
}
