//! The clock of a victim that is started later than it really is.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use order_sync::{Clock, SystemClock};

/// The system's clock, with a time of day so far ahead.
#[derive(Debug)]
pub(super) struct Later {
    clock: SystemClock,
    ahead: TimeDelta,
}

impl Later {
    pub(super) fn by(ahead: Duration) -> Self {
        Self {
            clock: SystemClock::new(),
            ahead: TimeDelta::from_std(ahead).unwrap_or_default(),
        }
    }
}

#[async_trait]
impl Clock for Later {
    fn now(&self) -> DateTime<Utc> {
        self.clock.now() + self.ahead
    }

    fn monotonic(&self) -> Duration {
        self.clock.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.sleep(duration).await;
    }
}
