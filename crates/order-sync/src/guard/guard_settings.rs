//! When the guard of the ports closes one, and for how long.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::settings::millis;

/// When calls to a failing port are not made any more. The defaults suit live use; each number has its reason beside it.
///
/// Durations are whole milliseconds in configuration files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GuardSettings {
    /// Calls of one operation before its failures are judged. Default 20: fewer say little about a share.
    pub min_calls: u32,
    /// Share of failed calls, in percent, at which the circuit opens. Default 50.
    pub failure_percent: u32,
    /// Time over which calls are counted. Default 30 s. As many failures as `min_calls` with no answer of the port at all in
    /// between open the circuit too, however slowly they come (none more than ten windows after the one before): a vendor at
    /// which every call runs into its time-out fails too slowly for a short window.
    #[serde(with = "millis")]
    pub window: Duration,
    /// How long an open circuit rests before one call tries it. Default 10 s; doubles each time that call fails.
    #[serde(with = "millis")]
    pub pause: Duration,
    /// Longest rest. Default 5 minutes, which is how late at worst the end of an outage is noticed.
    #[serde(with = "millis")]
    pub pause_cap: Duration,
    /// Repeated attempts that a port may be asked for before successes have to earn more, ten for one. Default 100.
    pub retry_budget: u32,
}

impl Default for GuardSettings {
    fn default() -> Self {
        Self {
            min_calls: 20,
            failure_percent: 50,
            window: Duration::from_secs(30),
            pause: Duration::from_secs(10),
            pause_cap: Duration::from_secs(300),
            retry_budget: 100,
        }
    }
}

impl GuardSettings {
    /// What is contradictory or out of range, one line each with the remedy; empty when all is well.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        const LONGEST: Duration = Duration::from_secs(24 * 3600);
        let mut faults = Vec::new();
        let mut fault = |wrong: bool, text: &str| {
            if wrong {
                faults.push(text.to_owned());
            }
        };
        fault(
            self.min_calls == 0,
            "`guard.min_calls` is 0: the first failure would open a circuit; set at least 1",
        );
        fault(
            self.failure_percent == 0 || self.failure_percent > 100,
            "`guard.failure_percent` is no share: set 1 to 100",
        );
        fault(
            self.window.is_zero(),
            "`guard.window` is 0: no failure would ever count; set seconds (in ms)",
        );
        fault(
            self.pause.is_zero(),
            "`guard.pause` is 0: an open circuit would be tried without end; set seconds (in ms)",
        );
        fault(
            self.pause > self.pause_cap,
            "`guard.pause` is longer than `guard.pause_cap`; lower the one or raise the other",
        );
        fault(
            self.retry_budget == 0,
            "`guard.retry_budget` is 0: nothing that failed would be tried again; set at least 1",
        );
        fault(
            self.pause_cap > LONGEST || self.window > LONGEST,
            "`guard.window` and `guard.pause_cap` must not be longer than a day; they count milliseconds",
        );
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_sound_and_every_contradiction_is_told_at_once() {
        assert_eq!(GuardSettings::default().check(), Vec::<String>::new());
        let wrong = GuardSettings {
            min_calls: 0,
            failure_percent: 101,
            window: Duration::ZERO,
            pause: Duration::ZERO,
            pause_cap: Duration::MAX,
            retry_budget: 0,
        };
        assert_eq!(wrong.check().len(), 6);
    }
}
