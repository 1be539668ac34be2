//! What a runner did until it was stopped.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{Flow, FlowOutcome, FlowReport};

/// How the runs of one flow ended, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FlowRuns {
    /// Runs to the end.
    pub completed: u64,
    /// Runs that could not go on.
    pub failed: u64,
    /// Runs that another worker was busy with.
    pub busy: u64,
    /// Runs that ended early because the runner was asked to stop.
    pub stopped: u64,
    /// The last one.
    pub last: Option<FlowReport>,
}

/// What a runner did until it was stopped.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RunnerReport {
    /// The runs of each flow that ran.
    pub flows: BTreeMap<Flow, FlowRuns>,
    /// Flows whose run did not end within the grace and was dropped; empty after a graceful end.
    pub dropped: BTreeSet<Flow>,
    #[serde(skip)]
    pub(super) under_way: BTreeSet<Flow>,
}

impl RunnerReport {
    /// Every run that was under way had time to finish.
    #[must_use]
    pub fn graceful(&self) -> bool {
        self.dropped.is_empty()
    }

    pub(super) fn count(&mut self, report: &FlowReport) {
        let runs = self.flows.entry(report.flow).or_default();
        let count = match report.outcome {
            FlowOutcome::Completed => &mut runs.completed,
            FlowOutcome::Failed { .. } => &mut runs.failed,
            FlowOutcome::Busy => &mut runs.busy,
            FlowOutcome::Stopped => &mut runs.stopped,
        };
        *count = count.saturating_add(1);
        runs.last = Some(report.clone());
    }
}
