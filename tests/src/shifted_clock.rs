//! The system's time plus what a test has added to it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_sync::{Clock, SystemClock};

/// A clock that runs like the system's and can be moved forward. Clones share the shift.
#[derive(Debug, Clone, Default)]
pub struct ShiftedClock {
    system: SystemClock,
    ahead: Arc<Mutex<Duration>>,
}

impl ShiftedClock {
    /// Moves it forward.
    pub fn advance(&self, by: Duration) {
        *self.ahead.lock().unwrap() += by;
    }

    fn ahead(&self) -> Duration {
        *self.ahead.lock().unwrap()
    }
}

#[async_trait]
impl Clock for ShiftedClock {
    fn now(&self) -> DateTime<Utc> {
        self.system.now() + self.ahead()
    }

    fn monotonic(&self) -> Duration {
        self.system.monotonic() + self.ahead()
    }

    async fn sleep(&self, duration: Duration) {
        self.system.sleep(duration).await;
    }
}
