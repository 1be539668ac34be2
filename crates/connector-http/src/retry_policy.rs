//! How often and at what distance calls are tried.

use std::time::Duration;

use crate::error::BuildError;

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

#[cfg(test)]
mod tests {
    use super::*;

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
        let second = Duration::from_secs(1);
        let policy = RetryPolicy::new();
        assert_eq!(policy.check(), Ok(()));
        for (bad, says) in [
            (policy.with_tries(0), "one try"),
            (policy.with_backoff(second * 2, second), "cap"),
            (policy.with_backoff(Duration::ZERO, second), "above zero"),
        ] {
            let fault = bad.check().unwrap_err().to_string();
            assert!(fault.contains(says), "{fault}");
        }
    }
}
