//! Who is told: progress for people watching, alerts for people on duty.

use async_trait::async_trait;

use super::PortError;
use crate::{Exception, Flow};

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

/// Is told of progress. Called often and in line: return at once.
pub trait Observer: Send + Sync + std::fmt::Debug {
    /// A flow has come this far.
    fn progress(&self, progress: Progress);
}

/// An observer that does not listen.
#[derive(Debug, Clone, Copy, Default)]
pub struct SilentObserver;

impl Observer for SilentObserver {
    fn progress(&self, _progress: Progress) {}
}

/// Something a person on duty should know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AlertEvent {
    /// An exception was opened: once per subject and code, however many orders it concerns.
    Opened(Exception),
    /// An exception closed by itself.
    Closed(Exception),
}

/// Where alerts go. A failing sink is logged and never stops a flow; the exception itself is on record in any case.
#[async_trait]
pub trait AlertSink: Send + Sync + std::fmt::Debug {
    /// Passes an alert on.
    ///
    /// # Errors
    /// [`PortError`]
    async fn alert(&self, event: &AlertEvent) -> Result<(), PortError>;
}
