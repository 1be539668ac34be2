//! Time as something that is handed in.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

/// The only source of time in the clients.
///
/// # Contract
///
/// `monotonic` never goes back and counts from an arbitrary, fixed origin; `sleep(d)` completes when `monotonic` has
/// advanced by at least `d`. `now` may jump, and nothing but calendar arithmetic rests on it.
#[async_trait]
pub trait Clock: fmt::Debug + Send + Sync {
    /// Wall-clock time.
    fn now(&self) -> DateTime<Utc>;

    /// Time since an arbitrary fixed origin, for deadlines and lifetimes.
    fn monotonic(&self) -> Duration;

    /// Waits.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future ends the wait, and nothing else.
    async fn sleep(&self, duration: Duration);
}

/// The machine's clock, with sleeping by tokio's timer.
///
/// Sleeping needs a tokio runtime with its time driver; constructing the clock does not.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    origin: tokio::time::Instant,
}

impl SystemClock {
    /// A clock whose monotonic origin is this moment.
    #[must_use]
    pub fn new() -> Self {
        Self {
            origin: tokio::time::Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for SystemClock {
    #[allow(
        clippy::disallowed_methods,
        reason = "this is the Clock implementation that asks the system"
    )]
    fn now(&self) -> DateTime<Utc> {
        DateTime::<Utc>::from(std::time::SystemTime::now())
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
