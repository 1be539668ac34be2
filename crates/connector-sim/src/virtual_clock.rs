//! A clock that stands still until someone moves it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

/// The simulators' time. Clones share one time.
#[derive(Debug, Clone)]
pub(crate) struct VirtualClock(Arc<Mutex<DateTime<Utc>>>);

impl VirtualClock {
    pub(crate) fn starting_at(start: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(start)))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves forward only; stops at the end of representable time.
    pub(crate) fn advance(&self, by: Duration) {
        let mut now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *now = after(*now, by);
    }

    /// The time that will be after so long; the clock stands.
    pub(crate) fn later(&self, by: Duration) -> DateTime<Utc> {
        after(self.now(), by)
    }
}

fn after(time: DateTime<Utc>, by: Duration) -> DateTime<Utc> {
    let by = TimeDelta::from_std(by).unwrap_or(TimeDelta::MAX);
    time.checked_add_signed(by)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The moment both simulators start at unless told otherwise: 2010-12-03T18:00:00Z.
pub(crate) fn default_start() -> DateTime<Utc> {
    const EVENING_OF_3_DECEMBER_2010: i64 = 1_291_399_200;
    DateTime::from_timestamp(EVENING_OF_3_DECEMBER_2010, 0).unwrap_or_default()
}

/// RFC 3339 in UTC, with fractions only where there are any.
pub(crate) fn wire_time(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_until_moved() {
        let clock = VirtualClock::starting_at(default_start());
        assert_eq!(wire_time(clock.now()), "2010-12-03T18:00:00Z");
        clock.advance(Duration::from_secs(90));
        assert_eq!(wire_time(clock.now()), "2010-12-03T18:01:30Z");
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let clock = VirtualClock::starting_at(default_start());
        clock.advance(Duration::MAX);
        assert_eq!(clock.now(), DateTime::<Utc>::MAX_UTC);
    }
}
