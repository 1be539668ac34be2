//! Who is told: progress for people watching, alerts for people on duty.

use std::collections::BTreeMap;

use async_trait::async_trait;

use super::PortError;
use crate::{Alert, Flow, FlowReport, Tally};

/// How far a flow has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The flow.
    pub flow: Flow,
    /// What it is doing, in one word or two.
    pub stage: &'static str,
    /// Records done in this stage.
    pub done: u64,
    /// Records to do, where known.
    pub total: Option<u64>,
}

impl Progress {
    /// A report of progress.
    #[must_use]
    pub const fn new(flow: Flow, stage: &'static str, done: u64, total: Option<u64>) -> Self {
        Self {
            flow,
            stage,
            done,
            total,
        }
    }
}

/// Is told of progress and of what was counted. Called often and in line: return at once.
///
/// The counts of a run are its report's ([`FlowReport::tallies`]); added up over runs, and with those of
/// [`Observer::advanced`], they are the engine's counters, in whatever metrics the embedder keeps.
pub trait Observer: Send + Sync + std::fmt::Debug {
    /// A flow has come this far.
    fn progress(&self, progress: Progress);

    /// A run has ended; its report has everything that it counted.
    fn finished(&self, report: &FlowReport) {
        let _ = report;
    }

    /// An order was taken on by itself ([`crate::Engine::advance`]), which counted this; never empty. No report of a run has it.
    fn advanced(&self, tallies: &BTreeMap<Tally, u64>) {
        let _ = tallies;
    }
}

/// An observer that does not listen.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentObserver;

impl Observer for SilentObserver {
    fn progress(&self, _progress: Progress) {}
}

/// Where alerts go.
///
/// # Contract
/// * A sink is told of what is alike at once: one [`Alert`] for a code, with a count. What it could not take is kept, added to and
///   told again after a pause; a failing sink never stops a flow, and the exceptions are on record in any case.
/// * After a crash between the telling and its record the same alert comes again.
/// * Called in line at the end of a run: give up after seconds, not minutes.
#[async_trait]
pub trait AlertSink: Send + Sync + std::fmt::Debug {
    /// A name that stays the same over restarts: what was told is remembered under it. Two sinks of an engine have two names.
    fn name(&self) -> &str;

    /// Passes an alert on.
    ///
    /// # Errors
    /// [`PortError`] of any class: it was not passed on.
    async fn alert(&self, alert: &Alert) -> Result<(), PortError>;
}
