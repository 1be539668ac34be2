//! What a run cost its vendors, and what it met at their doors.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The calls of a run to its ports. This is what a scheduler paces the next run by; see [`crate::Pace`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct PortUse {
    /// Calls that were made.
    pub calls: u64,
    /// Calls that the other side turned away because it was too busy.
    pub throttled: u64,
    /// The longest time for which it asked to be left alone, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
    /// Calls that were not made because the circuit was open.
    pub circuit_open: u64,
    /// Repeated attempts that were not made because the retry budget was used up.
    pub budget_empty: u64,
}

impl PortUse {
    /// The longest time for which a vendor asked to be left alone.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after_ms.map(Duration::from_millis)
    }
}

tokio::task_local! {
    /// The run that is being polled. Flows share the ports, and a call does not say whose it is; since nothing of a run is
    /// spawned, whatever is called while it is polled is its own.
    static METER: Arc<RunMeter>;
}

/// Counts the calls of one run.
#[derive(Debug, Default)]
pub(crate) struct RunMeter {
    counts: Mutex<PortUse>,
}

impl RunMeter {
    /// Runs something whose calls are counted here.
    pub(crate) async fn watch<F: Future>(self: &Arc<Self>, run: F) -> F::Output {
        METER.scope(Arc::clone(self), run).await
    }

    pub(crate) fn counts(&self) -> PortUse {
        *self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn count(add: impl FnOnce(&mut PortUse)) {
    // Outside a run (an embedder that uses the port by itself) nobody counts.
    let _ = METER.try_with(|meter| {
        add(&mut meter.counts.lock().unwrap_or_else(PoisonError::into_inner));
    });
}

pub(super) fn called() {
    count(|counts| counts.calls = counts.calls.saturating_add(1));
}

pub(super) fn throttled(retry_after: Option<Duration>) {
    count(|counts| {
        counts.throttled = counts.throttled.saturating_add(1);
        let millis = retry_after.map(|wait| u64::try_from(wait.as_millis()).unwrap_or(u64::MAX));
        counts.retry_after_ms = counts.retry_after_ms.max(millis);
    });
}

pub(super) fn circuit_open() {
    count(|counts| counts.circuit_open = counts.circuit_open.saturating_add(1));
}

pub(super) fn budget_empty() {
    count(|counts| counts.budget_empty = counts.budget_empty.saturating_add(1));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn runs_side_by_side_are_counted_apart() {
        let busy = Arc::new(RunMeter::default());
        let calm = Arc::new(RunMeter::default());
        let run = |times: u64, wait: Option<u64>| async move {
            for _ in 0..times {
                called();
                tokio::task::yield_now().await;
                throttled(wait.map(Duration::from_secs));
            }
        };
        futures_util::future::join(busy.watch(run(3, Some(2))), calm.watch(run(1, None))).await;
        called();
        assert_eq!((busy.counts().calls, calm.counts().calls), (3, 1));
        assert_eq!(busy.counts().throttled, 3);
        assert_eq!(busy.counts().retry_after(), Some(Duration::from_secs(2)));
        assert_eq!(calm.counts().retry_after(), None);
    }
}
