//! Randomness as something that is handed in.

use std::fmt;
use std::time::Duration;

/// Spreads retries of many callers over time.
pub trait Jitter: fmt::Debug + Send + Sync {
    /// A duration between zero and `ceiling`, both included, chosen anew for each call.
    fn up_to(&self, ceiling: Duration) -> Duration;
}

/// Uniform jitter from the thread's generator.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct SystemJitter;

impl SystemJitter {
    /// The system jitter.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Jitter for SystemJitter {
    fn up_to(&self, ceiling: Duration) -> Duration {
        let nanos = u64::try_from(ceiling.as_nanos()).unwrap_or(u64::MAX);
        Duration::from_nanos(fastrand::u64(0..=nanos))
    }
}
