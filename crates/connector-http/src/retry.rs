//! Whether and when to try again: the second of the three pieces of the retry loop.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::classify::{Failure, Repeat};
use crate::error::BuildError;
use crate::operation::Idempotency;

/// How often and at what distance a call is tried.
///
/// Defaults: 4 tries, full jitter from 200 ms doubling to 20 s.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    tries: u32,
    base: Duration,
    cap: Duration,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::new()
    }
}

impl RetryPolicy {
    /// The defaults.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            tries: 4,
            base: Duration::from_millis(200),
            cap: Duration::from_secs(20),
        }
    }

    /// The number of tries, the first one included.
    #[must_use]
    pub const fn with_tries(mut self, tries: u32) -> Self {
        self.tries = tries;
        self
    }

    /// The ceiling of the first wait, and of all.
    #[must_use]
    pub const fn with_backoff(mut self, base: Duration, cap: Duration) -> Self {
        self.base = base;
        self.cap = cap;
        self
    }

    pub(crate) fn check(&self) -> Result<(), BuildError> {
        if self.tries == 0 {
            return Err(BuildError::new("retry policy: at least one try is needed"));
        }
        if self.base.is_zero() || self.base > self.cap {
            return Err(BuildError::new(
                "retry policy: the first wait must be above zero and not above the cap",
            ));
        }
        Ok(())
    }

    pub(crate) const fn tries(&self) -> u32 {
        self.tries
    }

    /// The ceiling of the wait after `failed` failed tries.
    pub(crate) fn ceiling(&self, failed: u32) -> Duration {
        let factor = 2u32.saturating_pow(failed.saturating_sub(1));
        self.base.saturating_mul(factor).min(self.cap)
    }
}

/// A token bucket that keeps retries to a tenth of the calls, so that a failing vendor is not hit four times as hard.
///
/// It starts with ten retries, every success adds a tenth, and it holds a hundred at most. Clones share it; give
/// one budget to all clients of the same credentials.
#[derive(Clone, Debug)]
pub struct RetryBudget {
    tenths: Arc<Mutex<u32>>,
    cap: u32,
}

impl Default for RetryBudget {
    fn default() -> Self {
        Self::new(10, 100)
    }
}

impl RetryBudget {
    /// A budget with `initial` retries that holds `cap` at most.
    #[must_use]
    pub fn new(initial: u32, cap: u32) -> Self {
        let cap = cap.saturating_mul(10);
        Self {
            tenths: Arc::new(Mutex::new(initial.saturating_mul(10).min(cap))),
            cap,
        }
    }

    pub(crate) fn earn(&self) {
        let mut tenths = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        *tenths = tenths.saturating_add(1).min(self.cap);
    }

    pub(crate) fn spend(&self) -> bool {
        let mut tenths = self.tenths.lock().unwrap_or_else(PoisonError::into_inner);
        match tenths.checked_sub(10) {
            Some(rest) => {
                *tenths = rest;
                true
            }
            None => false,
        }
    }
}

/// What to do after a failed try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Decision {
    /// Try again after this time.
    Retry(Duration),
    /// Give up, because repeating is no use or not allowed.
    Stop,
    /// Give up, though another try might have helped.
    Exhausted,
}

/// Decides without waiting and without randomness: `backoff` is the jittered wait, `budget` is asked last.
pub(crate) fn decide(
    failure: &Failure,
    idempotency: Idempotency,
    tries_left: u32,
    remaining: Duration,
    backoff: Duration,
    budget: &RetryBudget,
) -> Decision {
    let allowed = match failure.repeat {
        Repeat::Always => true,
        Repeat::IfIdempotent => idempotency.is_repeatable(),
        Repeat::Never => false,
    };
    if !allowed {
        return Decision::Stop;
    }
    let delay = failure
        .retry_after
        .map_or(backoff, |asked| asked.max(backoff));
    if tries_left == 0 || delay >= remaining || !budget.spend() {
        return Decision::Exhausted;
    }
    Decision::Retry(delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::of_transport;
    use crate::transport::TransportErrorKind;

    #[test]
    fn the_ceiling_doubles_to_the_cap() {
        let policy = RetryPolicy::new();
        let ceilings: Vec<u128> = [1, 2, 3, 8, 40]
            .iter()
            .map(|n| policy.ceiling(*n).as_millis())
            .collect();
        assert_eq!(ceilings, [200, 400, 800, 20_000, 20_000]);
    }

    #[test]
    fn contradictions_are_refused() {
        assert!(RetryPolicy::new().check().is_ok());
        assert!(RetryPolicy::new().with_tries(0).check().is_err());
        assert!(
            RetryPolicy::new()
                .with_backoff(Duration::from_secs(2), Duration::from_secs(1))
                .check()
                .is_err()
        );
        assert!(
            RetryPolicy::new()
                .with_backoff(Duration::ZERO, Duration::from_secs(1))
                .check()
                .is_err()
        );
    }

    #[test]
    fn the_budget_lets_a_tenth_through() {
        let budget = RetryBudget::new(1, 2);
        assert!(budget.spend());
        assert!(!budget.spend());
        (0..9).for_each(|_| budget.earn());
        assert!(!budget.spend());
        budget.earn();
        assert!(budget.spend());
        (0..1000).for_each(|_| budget.earn());
        assert_eq!(
            (budget.spend(), budget.spend(), budget.spend()),
            (true, true, false)
        );
    }

    #[test]
    fn a_wait_that_does_not_fit_is_not_begun() {
        let budget = RetryBudget::default();
        let mut failure = of_transport(TransportErrorKind::Connect);
        let (second, minute) = (Duration::from_secs(1), Duration::from_secs(60));
        let judge = |failure: &Failure, left, remaining| {
            decide(
                failure,
                Idempotency::NonIdempotent,
                left,
                remaining,
                second,
                &budget,
            )
        };
        assert_eq!(judge(&failure, 1, minute), Decision::Retry(second));
        assert_eq!(judge(&failure, 0, minute), Decision::Exhausted);
        assert_eq!(judge(&failure, 1, second), Decision::Exhausted);
        failure.retry_after = Some(Duration::from_secs(30));
        assert_eq!(
            judge(&failure, 1, minute),
            Decision::Retry(Duration::from_secs(30))
        );
        failure.repeat = Repeat::IfIdempotent;
        assert_eq!(judge(&failure, 1, minute), Decision::Stop);
    }
}
