//! How many retries all calls together may make.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What one retry costs.
const RETRY: u32 = 10;

/// A token bucket that keeps retries to a tenth of the calls, so that a failing vendor is not hit four times as hard.
///
/// It starts with ten retries and holds a hundred at most. Every success adds a tenth of one, and so does every second:
/// a client that calls once a minute is not left without retries for an hour by one bad minute. Clones share it; give
/// one budget to all clients of the same credentials.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    bucket: Arc<Mutex<Bucket>>,
    cap: u32,
}

#[derive(Debug)]
struct Bucket {
    tenths: u32,
    filled_at: Option<Duration>,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(10, 100)
    }
}

impl RetryBudget {
    /// A budget with `initial` retries that holds `cap` at most. With a cap of zero nothing is ever retried.
    #[must_use]
    pub fn new(initial: u32, cap: u32) -> Self {
        let cap = cap.saturating_mul(RETRY);
        Self {
            bucket: Arc::new(Mutex::new(Bucket {
                tenths: initial.saturating_mul(RETRY).min(cap),
                filled_at: None,
            })),
            cap,
        }
    }

    /// A call succeeded.
    pub(crate) fn earn(&self) {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        bucket.tenths = bucket.tenths.saturating_add(1).min(self.cap);
    }

    /// Takes one retry, if there is one. `now` is monotonic.
    pub(crate) fn spend(&self, now: Duration) -> bool {
        let mut bucket = self.bucket.lock().unwrap_or_else(PoisonError::into_inner);
        let filled_at = bucket.filled_at.unwrap_or(now);
        let seconds = now.saturating_sub(filled_at).as_secs();
        bucket.filled_at = Some(filled_at.saturating_add(Duration::from_secs(seconds)));
        let tenths = u32::try_from(seconds).unwrap_or(u32::MAX);
        let filled = bucket.tenths.saturating_add(tenths).min(self.cap);
        let rest = filled.checked_sub(RETRY);
        bucket.tenths = rest.unwrap_or(filled);
        rest.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenth_of_the_successes_may_be_retries() {
        let budget = RetryBudget::new(1, 2);
        let spend = || budget.spend(Duration::ZERO);
        assert!(spend());
        assert!(!spend());
        (0..9).for_each(|_| budget.earn());
        assert!(!spend());
        budget.earn();
        assert!(spend());
        (0..1000).for_each(|_| budget.earn());
        assert_eq!((spend(), spend(), spend()), (true, true, false));
    }

    #[test]
    fn time_fills_it_too_and_never_beyond_the_cap() {
        let budget = RetryBudget::new(1, 2);
        let spend = |millis| budget.spend(Duration::from_millis(millis));
        assert!(spend(500));
        assert!(!spend(10_499), "ten seconds are not over");
        assert!(spend(10_500));
        assert!(!spend(10_500));
        assert!(!spend(100), "a clock that goes back fills nothing");
        let day = 86_400_000;
        assert_eq!((spend(day), spend(day), spend(day)), (true, true, false));
        assert!(!RetryBudget::new(5, 0).spend(Duration::MAX));
    }

    #[test]
    fn clones_share_it() {
        let budget = RetryBudget::new(1, 1);
        assert!(budget.clone().spend(Duration::ZERO));
        assert!(!budget.spend(Duration::ZERO));
    }
}
