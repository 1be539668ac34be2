//! Time for a run against simulators: nobody waits for what only time has to bring.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use order_sync::{Clock, SystemClock};

/// The system's clock, except that waiting moves it forward instead of taking time.
///
/// The simulators move by steps and never by themselves, so a proof that is due in a minute may as well be due now; and on a slow
/// machine nothing falls due in the middle of a flow that the demonstration means to happen after it.
#[derive(Debug, Default)]
pub(crate) struct DemoClock {
    system: SystemClock,
    ahead: Mutex<TimeDelta>,
}

#[async_trait]
impl Clock for DemoClock {
    fn now(&self) -> DateTime<Utc> {
        let ahead = *self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        let now = self.system.now();
        now.checked_add_signed(ahead).unwrap_or(now)
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic()
    }

    async fn sleep(&self, duration: Duration) {
        let by = TimeDelta::from_std(duration).unwrap_or_default();
        let mut ahead = self.ahead.lock().unwrap_or_else(PoisonError::into_inner);
        *ahead = ahead.checked_add(&by).unwrap_or(*ahead);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn waiting_takes_no_time_and_moves_the_clock() {
        let clock = DemoClock::default();
        let before = clock.now();
        clock.sleep(Duration::from_secs(3600)).await;
        assert!(clock.now() - before >= TimeDelta::hours(1));
        assert!(clock.monotonic() < Duration::from_secs(60));
    }
}
