//! How many repeated attempts a port may be asked for.

use std::time::Duration;

/// Tenths of an attempt in one attempt.
const ONE: u64 = 10;

/// A token bucket that keeps repeats to about a tenth of the calls, so that a failing vendor does not get all that failed on top
/// of all that is new.
///
/// It begins full. Every repeated attempt takes one, every success gives a tenth back, and so does every second: a port that only
/// ever sees repeats must not stay closed to them for ever.
#[derive(Debug, Clone)]
pub(super) struct RetryBudget {
    tenths: u64,
    cap: u64,
    filled_at: Option<Duration>,
}

impl RetryBudget {
    /// A full budget of so many repeats.
    pub(super) fn new(cap: u32) -> Self {
        let cap = u64::from(cap).saturating_mul(ONE);
        Self {
            tenths: cap,
            cap,
            filled_at: None,
        }
    }

    /// A call succeeded, first attempt or not.
    pub(super) fn succeeded(&mut self) {
        self.tenths = self.tenths.saturating_add(1).min(self.cap);
    }

    /// Takes one repeat; `false`: none is left, and only first attempts may go. `now` is monotonic.
    pub(super) fn try_repeat(&mut self, now: Duration) -> bool {
        self.fill(now);
        match self.tenths.checked_sub(ONE) {
            Some(rest) => {
                self.tenths = rest;
                true
            }
            None => false,
        }
    }

    /// How long until time alone brings the next repeat.
    pub(super) fn next_in(&self) -> Duration {
        Duration::from_secs(ONE.saturating_sub(self.tenths))
    }

    fn fill(&mut self, now: Duration) {
        let filled_at = self.filled_at.unwrap_or(now);
        let seconds = now.saturating_sub(filled_at).as_secs();
        self.filled_at = Some(filled_at.saturating_add(Duration::from_secs(seconds)));
        self.tenths = self.tenths.saturating_add(seconds).min(self.cap);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_empty_budget_lets_no_repeat_go_until_ten_calls_succeeded() {
        let mut budget = RetryBudget::new(2);
        let now = Duration::ZERO;
        assert!(budget.try_repeat(now) && budget.try_repeat(now));
        (0..9).for_each(|_| budget.succeeded());
        assert!(!budget.try_repeat(now));
        budget.succeeded();
        assert!(budget.try_repeat(now));
        assert!(!budget.try_repeat(now));
    }

    #[test]
    fn time_alone_brings_a_repeat_back() {
        let mut budget = RetryBudget::new(1);
        assert!(budget.try_repeat(Duration::ZERO));
        assert_eq!(budget.next_in(), Duration::from_secs(10));
        assert!(!budget.try_repeat(Duration::from_millis(9_999)));
        assert_eq!(budget.next_in(), Duration::from_secs(1));
        assert!(budget.try_repeat(Duration::from_secs(10)));
    }

    proptest! {
        /// Over any history, repeats stay within the cap, a tenth of the successes, and a tenth of the seconds.
        #[test]
        fn repeats_never_outgrow_the_budget(
            cap in 1_u32..100,
            steps in prop::collection::vec((any::<bool>(), 0_u64..3_000), 0..500),
        ) {
            let mut budget = RetryBudget::new(cap);
            let (mut now, mut successes, mut repeats) = (0, 0, 0);
            budget.try_repeat(Duration::ZERO).then(|| repeats += 1);
            for (succeeds, millis) in steps {
                now += millis;
                if succeeds {
                    budget.succeeded();
                    successes += 1;
                } else if budget.try_repeat(Duration::from_millis(now)) {
                    repeats += 1;
                }
            }
            let allowed = u64::from(cap) * 10 + successes + now / 1000;
            prop_assert!(repeats * 10 <= allowed, "{repeats} of {allowed} tenths");
        }

        /// And a budget that is left alone for long enough always lets one go.
        #[test]
        fn it_never_stays_empty_for_ever(cap in 1_u32..100, spent in 0_u64..300) {
            let mut budget = RetryBudget::new(cap);
            for _ in 0..spent {
                budget.try_repeat(Duration::ZERO);
            }
            prop_assert!(budget.try_repeat(Duration::from_secs(10)));
        }
    }
}
