//! What the engine counted since the start, and who is to help whom.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use order_sync::{Flow, FlowOutcome, FlowReport, Observer, Progress, Tally};
use tokio::sync::Notify;

/// The counters of one merchant.
#[derive(Debug)]
pub(crate) struct Counters {
    merchant: String,
    sums: Mutex<Sums>,
    /// Rung when a flow was found to be run by another worker.
    busy_elsewhere: Notify,
}

#[derive(Debug, Default)]
struct Sums {
    runs: BTreeMap<(Flow, &'static str), u64>,
    tallies: BTreeMap<(Flow, Tally), u64>,
    calls: BTreeMap<Flow, u64>,
    seconds: BTreeMap<Flow, f64>,
    helped: BTreeMap<Tally, u64>,
    /// Flows that another worker ran when this one looked last.
    elsewhere: Vec<Flow>,
}

impl Counters {
    pub(crate) fn new(merchant: &str) -> Self {
        Self {
            merchant: merchant.to_owned(),
            sums: Mutex::default(),
            busy_elsewhere: Notify::new(),
        }
    }

    /// The flows that another worker is running, once there are some.
    pub(crate) async fn elsewhere(&self) -> Vec<Flow> {
        loop {
            let flows = std::mem::take(&mut self.sums().elsewhere);
            if !flows.is_empty() {
                return flows;
            }
            self.busy_elsewhere.notified().await;
        }
    }

    /// As Prometheus reads them, but for the heads of the families, which stand once for all merchants.
    fn samples(&self, family: Family) -> String {
        let sums = self.sums();
        let merchant = escaped(&self.merchant);
        let mut text = String::new();
        let mut row = |labels: String, value: String| {
            // Writing into a text cannot fail.
            let _ = writeln!(
                text,
                "{}{{merchant=\"{merchant}\",{labels}}} {value}",
                family.name()
            );
        };
        match family {
            Family::Runs => {
                for ((flow, outcome), count) in &sums.runs {
                    row(
                        format!("flow=\"{flow}\",outcome=\"{outcome}\""),
                        count.to_string(),
                    );
                }
            }
            Family::Tallies => {
                for ((flow, tally), count) in &sums.tallies {
                    row(
                        format!("flow=\"{flow}\",tally=\"{}\"", tally.as_str()),
                        count.to_string(),
                    );
                }
            }
            Family::Calls => {
                for (flow, count) in &sums.calls {
                    row(format!("flow=\"{flow}\""), count.to_string());
                }
            }
            Family::Seconds => {
                for (flow, seconds) in &sums.seconds {
                    row(format!("flow=\"{flow}\""), seconds.to_string());
                }
            }
            Family::Helped => {
                for (tally, count) in &sums.helped {
                    row(format!("tally=\"{}\"", tally.as_str()), count.to_string());
                }
            }
        }
        text
    }

    fn sums(&self) -> MutexGuard<'_, Sums> {
        // A panic elsewhere does not make a sum wrong.
        self.sums.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Debug, Clone, Copy)]
enum Family {
    Runs,
    Tallies,
    Calls,
    Seconds,
    Helped,
}

impl Family {
    const ALL: [Self; 5] = [
        Self::Runs,
        Self::Tallies,
        Self::Calls,
        Self::Seconds,
        Self::Helped,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Runs => "order_sync_runs_total",
            Self::Tallies => "order_sync_tally_total",
            Self::Calls => "order_sync_port_calls_total",
            Self::Seconds => "order_sync_run_seconds_total",
            Self::Helped => "order_sync_helped_total",
        }
    }

    const fn help(self) -> &'static str {
        match self {
            Self::Runs => "Runs of flows, by how they ended.",
            Self::Tallies => "What the runs counted.",
            Self::Calls => "Calls of the runs to shop and warehouse.",
            Self::Seconds => "Time that the runs took.",
            Self::Helped => {
                "What was counted while orders were moved on beside another worker's run."
            }
        }
    }
}

/// The counters of all merchants, in the text format of Prometheus.
pub(crate) fn exposition<'a>(all: impl Iterator<Item = &'a Counters> + Clone) -> String {
    let mut text = String::new();
    for family in Family::ALL {
        let _ = writeln!(
            text,
            "# HELP {} {}\n# TYPE {0} counter",
            family.name(),
            family.help()
        );
        for counters in all.clone() {
            text.push_str(&counters.samples(family));
        }
    }
    text
}

/// A label's value.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

impl Observer for Counters {
    fn progress(&self, _progress: Progress) {}

    fn advanced(&self, tallies: &BTreeMap<Tally, u64>) {
        let mut sums = self.sums();
        for (tally, count) in tallies {
            *sums.helped.entry(*tally).or_default() += count;
        }
    }

    fn finished(&self, report: &FlowReport) {
        let outcome = match &report.outcome {
            FlowOutcome::Completed => "completed",
            FlowOutcome::Busy => "busy",
            FlowOutcome::Stopped => "stopped",
            FlowOutcome::Failed { .. } => "failed",
            _ => "other",
        };
        {
            let mut sums = self.sums();
            *sums.runs.entry((report.flow, outcome)).or_default() += 1;
            *sums.calls.entry(report.flow).or_default() += report.port_use.calls;
            *sums.seconds.entry(report.flow).or_default() +=
                std::time::Duration::from_millis(report.elapsed_ms).as_secs_f64();
            for (tally, count) in &report.tallies {
                *sums.tallies.entry((report.flow, *tally)).or_default() += count;
            }
            if report.outcome == FlowOutcome::Busy && !sums.elsewhere.contains(&report.flow) {
                sums.elsewhere.push(report.flow);
            }
        }
        let flow = report.flow.as_str();
        let (merchant, elapsed_ms, changes) = (&self.merchant, report.elapsed_ms, report.changes());
        match &report.outcome {
            FlowOutcome::Failed { reason } => {
                tracing::warn!(merchant, flow, elapsed_ms, changes, reason, "a run failed");
            }
            FlowOutcome::Busy => {
                self.busy_elsewhere.notify_one();
                tracing::debug!(merchant, flow, "another worker runs it");
            }
            _ if changes > 0 => {
                tracing::info!(
                    merchant,
                    flow,
                    outcome,
                    elapsed_ms,
                    changes,
                    "a run changed something"
                );
            }
            _ => tracing::debug!(merchant, flow, outcome, elapsed_ms, "a run changed nothing"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_leave_its_quotes() {
        let counters = Counters::new("a\"b\\c\nd");
        counters.advanced(&BTreeMap::from([(Tally::Accepted, 3)]));
        let text = exposition(std::iter::once(&counters));
        assert!(
            text.contains(
                "order_sync_helped_total{merchant=\"a\\\"b\\\\c\\nd\",tally=\"accepted\"} 3\n"
            ),
            "{text}"
        );
        assert_eq!(text.matches("# TYPE ").count(), Family::ALL.len());
    }
}
