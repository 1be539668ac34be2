//! How often each flow runs.

mod pace;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Flow;
use crate::settings::millis;

pub use pace::{Pace, RunFacts, Wait};

/// How often one flow runs.
///
/// Durations are whole milliseconds in configuration files; what is left out there keeps the default of that flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlowCadence {
    /// The runner runs it at all.
    pub enabled: bool,
    /// From the beginning of one run to the beginning of the next, while nothing speaks against it.
    #[serde(with = "millis")]
    pub every: Duration,
    /// Shortest time from beginning to beginning, even when it is asked to hurry ([`crate::Hint`]).
    #[serde(with = "millis")]
    pub not_more_often_than: Duration,
    /// Each wait is longer by a random part of itself, up to so many percent, so that the merchants of one process, and the
    /// processes of one vendor's customers, do not all call on the full minute.
    pub jitter_percent: u32,
    /// Share of its time that a flow may spend running, in percent: the measured cost of a run decides how soon the next may
    /// begin. After a run of 10 s at 50 % it rests for at least 10 s.
    pub busy_percent: u32,
}

/// Longer than any sensible interval, and short enough for every calendar.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);

impl FlowCadence {
    /// A flow that runs that often, and at least a tenth of it apart.
    #[must_use]
    pub fn every(every: Duration) -> Self {
        Self {
            enabled: true,
            every,
            not_more_often_than: every / 10,
            jitter_percent: 10,
            busy_percent: 50,
        }
    }

    fn not_more_often_than(mut self, shortest: Duration) -> Self {
        self.not_more_often_than = shortest;
        self
    }

    fn check(&self, flow: Flow, faults: &mut Vec<String>) {
        let mut fault = |wrong: bool, text: &str| {
            if wrong {
                faults.push(format!("cadence of `{flow}`: {text}"));
            }
        };
        fault(
            self.not_more_often_than.is_zero(),
            "`not_more_often_than` is 0: the vendor would be called without end; set seconds (in ms)",
        );
        fault(
            self.every < self.not_more_often_than,
            "`every` is shorter than `not_more_often_than`; lower the one or raise the other",
        );
        fault(
            self.every > LONGEST,
            "`every` is longer than a year; it counts milliseconds",
        );
        fault(
            self.jitter_percent > 100,
            "`jitter_percent` is over 100: no share of a wait",
        );
        fault(
            self.busy_percent == 0 || self.busy_percent > 100,
            "`busy_percent` is no share: set 1 to 100",
        );
    }
}

/// How often every flow runs, for a [`crate::Runner`]. The defaults suit live use; each has its reason beside it.
///
/// Neither vendor publishes how many calls it permits. So the defaults are modest, and the [`Pace`] learns the rest from
/// throttled calls and from what a run costs.
///
/// Durations are whole milliseconds in configuration files, where a section may name only what differs:
///
/// ```
/// # use order_sync::Cadence;
/// # use std::time::Duration;
/// let cadence: Cadence = serde_json::from_str(r#"{ "stock": { "every": 120000 }, "audit": { "enabled": false } }"#)?;
/// assert_eq!(cadence.stock.every, Duration::from_secs(120));
/// assert_eq!(cadence.orders, Cadence::default().orders);
/// assert!(cadence.check().is_empty());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "CadenceText")]
#[non_exhaustive]
pub struct Cadence {
    /// Default every 10 minutes, a minute apart at least: more often than the other flows let the articles they work with grow old
    /// ([`crate::Settings::catalogue_max_age`]), so that none of them has to read the catalogue itself.
    pub catalogue: FlowCadence,
    /// Default every minute, 10 s apart at least: a warehouse picks in waves, and a minute is nothing to them; the shop is asked
    /// for what changed, which is one page most of the time.
    pub orders: FlowCadence,
    /// Default every 2 minutes, 15 s apart at least: a buyer who sees the tracking two minutes later has lost nothing.
    pub despatches: FlowCadence,
    /// Default every 30 s, 15 s apart at least: every second that a sold article stays on offer may sell it twice. It runs beside
    /// the orders flow and never waits for it.
    pub stock: FlowCadence,
    /// Default every hour, 10 minutes apart at least: it reads both sides whole.
    pub audit: FlowCadence,
    /// Default daily, an hour apart at least: what is erased for its age is counted in days.
    pub housekeeping: FlowCadence,
    /// How often the stock flow reads the whole feed and compares it with what the shop really shows
    /// ([`crate::Engine::run_stock_corrective`]) instead of what changed. Default daily. Counted from the last one on record, so
    /// that a restart neither skips nor repeats it.
    #[serde(with = "millis")]
    pub stock_corrective: Duration,
    /// How long runs that are under way may take to finish after the runner is asked to stop. Default 25 s: longer than a create
    /// call may take, and shorter than the 30 s after which most process managers kill.
    #[serde(with = "millis")]
    pub shutdown_grace: Duration,
}

impl Default for Cadence {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        let every = |every, shortest| {
            FlowCadence::every(seconds(every)).not_more_often_than(seconds(shortest))
        };
        Self {
            catalogue: every(600, 60),
            orders: every(60, 10),
            despatches: every(120, 15),
            stock: every(30, 15),
            audit: every(3600, 600),
            housekeeping: every(24 * 3600, 3600),
            stock_corrective: seconds(24 * 3600),
            shutdown_grace: seconds(25),
        }
    }
}

impl Cadence {
    /// How often a flow runs.
    #[must_use]
    pub const fn of(&self, flow: Flow) -> &FlowCadence {
        match flow {
            Flow::Catalogue => &self.catalogue,
            Flow::Orders => &self.orders,
            Flow::Despatches => &self.despatches,
            Flow::Stock => &self.stock,
            Flow::Audit => &self.audit,
            Flow::Housekeeping => &self.housekeeping,
        }
    }

    /// What is contradictory or out of range, one line each with the remedy; empty when all is well.
    #[must_use]
    pub fn check(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for flow in Flow::ALL {
            self.of(flow).check(flow, &mut faults);
        }
        if Flow::ALL.iter().all(|flow| !self.of(*flow).enabled) {
            faults.push("every flow is disabled: nothing would ever run; enable one".to_owned());
        }
        for (name, duration) in [
            ("stock_corrective", self.stock_corrective),
            ("shutdown_grace", self.shutdown_grace),
        ] {
            if duration > LONGEST {
                faults.push(format!(
                    "`{name}` is longer than a year; it counts milliseconds"
                ));
            }
        }
        if self.stock_corrective < self.stock.every {
            faults.push(
                "`stock_corrective` is shorter than the stock flow's `every`: every run would read everything; set hours (in ms)"
                    .to_owned(),
            );
        }
        faults
    }
}

/// A section of a configuration file: what is left out keeps the default of its flow, not of flows in general.
#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct FlowText {
    enabled: Option<bool>,
    every: Option<u64>,
    not_more_often_than: Option<u64>,
    jitter_percent: Option<u32>,
    busy_percent: Option<u32>,
}

impl FlowText {
    fn over(self, default: FlowCadence) -> FlowCadence {
        let millis = |given: Option<u64>, default| given.map_or(default, Duration::from_millis);
        FlowCadence {
            enabled: self.enabled.unwrap_or(default.enabled),
            every: millis(self.every, default.every),
            not_more_often_than: millis(self.not_more_often_than, default.not_more_often_than),
            jitter_percent: self.jitter_percent.unwrap_or(default.jitter_percent),
            busy_percent: self.busy_percent.unwrap_or(default.busy_percent),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
struct CadenceText {
    catalogue: FlowText,
    orders: FlowText,
    despatches: FlowText,
    stock: FlowText,
    audit: FlowText,
    housekeeping: FlowText,
    stock_corrective: Option<u64>,
    shutdown_grace: Option<u64>,
}

impl From<CadenceText> for Cadence {
    fn from(text: CadenceText) -> Self {
        let default = Self::default();
        let millis = |given: Option<u64>, default| given.map_or(default, Duration::from_millis);
        Self {
            catalogue: text.catalogue.over(default.catalogue),
            orders: text.orders.over(default.orders),
            despatches: text.despatches.over(default.despatches),
            stock: text.stock.over(default.stock),
            audit: text.audit.over(default.audit),
            housekeeping: text.housekeeping.over(default.housekeeping),
            stock_corrective: millis(text.stock_corrective, default.stock_corrective),
            shutdown_grace: millis(text.shutdown_grace, default.shutdown_grace),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_only_what_differs_and_round_trips() {
        let text = r#"{"audit": {"jitter_percent": 0}, "shutdown_grace": 5000}"#;
        let read: Cadence = serde_json::from_str(text).unwrap();
        assert_eq!(read.audit.every, Duration::from_secs(3600));
        assert_eq!(read.audit.jitter_percent, 0);
        assert_eq!(read.shutdown_grace, Duration::from_secs(5));
        let written = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Cadence>(&written).unwrap(), read);
        assert!(serde_json::from_str::<Cadence>(r#"{"orders": {"evry": 1}}"#).is_err());
    }

    #[test]
    fn the_defaults_are_sound_and_every_contradiction_is_told_at_once() {
        assert_eq!(Cadence::default().check(), Vec::<String>::new());
        let mut wrong = Cadence::default();
        wrong.orders.not_more_often_than = Duration::ZERO;
        wrong.despatches.every = Duration::from_secs(1);
        wrong.stock.jitter_percent = 101;
        wrong.audit.busy_percent = 0;
        wrong.stock_corrective = Duration::ZERO;
        for flow in [
            &mut wrong.catalogue,
            &mut wrong.orders,
            &mut wrong.despatches,
            &mut wrong.stock,
            &mut wrong.audit,
            &mut wrong.housekeeping,
        ] {
            flow.enabled = false;
        }
        assert_eq!(wrong.check().len(), 6, "{:?}", wrong.check());
    }
}
