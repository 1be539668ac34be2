//! A shared "not before", so that ten tasks do not each earn their own 429.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest time for which one answer can close the gate. A header that asks for more is still reported to its
/// caller, but a mistaken one must not silence the client for a day.
const LONGEST: Duration = Duration::from_secs(15 * 60);

#[derive(Clone, Debug, Default)]
pub(crate) struct Gate {
    opens_at: Arc<Mutex<Duration>>,
}

impl Gate {
    /// Closes the gate for a while, counted from `now`. Never shortens an earlier closure.
    pub(crate) fn close(&self, now: Duration, wait: Duration) {
        let until = now.saturating_add(wait.min(LONGEST));
        let mut opens_at = self.opens_at.lock().unwrap_or_else(PoisonError::into_inner);
        *opens_at = until.max(*opens_at);
    }

    /// How long it is still closed; `None` if it is open.
    pub(crate) fn closed_for(&self, now: Duration) -> Option<Duration> {
        let opens_at = *self.opens_at.lock().unwrap_or_else(PoisonError::into_inner);
        opens_at.checked_sub(now).filter(|wait| !wait.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closes_for_the_longest_asked_time_within_reason() {
        let gate = Gate::default();
        let second = Duration::from_secs(1);
        assert_eq!(gate.closed_for(second), None);
        gate.close(second, second * 9);
        gate.close(second, second * 2);
        assert_eq!(gate.closed_for(second * 4), Some(second * 6));
        assert_eq!(gate.closed_for(second * 10), None);
        gate.close(second, second * 1_000_000);
        assert_eq!(gate.closed_for(second), Some(LONGEST));
    }
}
