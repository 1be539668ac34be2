//! Calls and failures of the last while, in constant memory.

use std::collections::VecDeque;
use std::time::Duration;

/// Parts of the window that are forgotten one at a time: a call counts for the window, and at most a tenth of it longer.
const SLOTS: u128 = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    number: u128,
    calls: u32,
    failures: u32,
}

/// Counts calls over a window that slides with the time of its caller.
#[derive(Debug, Clone)]
pub(super) struct FailureWindow {
    slot_nanos: u128,
    slots: VecDeque<Slot>,
}

impl FailureWindow {
    pub(super) fn new(window: Duration) -> Self {
        Self {
            slot_nanos: (window.as_nanos() / SLOTS).max(1),
            slots: VecDeque::new(),
        }
    }

    /// Counts a call that ended now.
    pub(super) fn add(&mut self, now: Duration, failed: bool) {
        let number = self.forget(now);
        let failures = u32::from(failed);
        match self.slots.back_mut() {
            // A clock that goes back adds to what is there.
            Some(last) if last.number >= number => {
                last.calls = last.calls.saturating_add(1);
                last.failures = last.failures.saturating_add(failures);
            }
            _ => self.slots.push_back(Slot {
                number,
                calls: 1,
                failures,
            }),
        }
    }

    /// Calls and failures within the window.
    pub(super) fn sums(&mut self, now: Duration) -> (u32, u32) {
        self.forget(now);
        self.slots.iter().fold((0, 0), |(calls, failures), slot| {
            (
                slot.calls.saturating_add(calls),
                slot.failures.saturating_add(failures),
            )
        })
    }

    pub(super) fn clear(&mut self) {
        self.slots.clear();
    }

    fn forget(&mut self, now: Duration) -> u128 {
        let number = now.as_nanos() / self.slot_nanos;
        while self
            .slots
            .front()
            .is_some_and(|slot| slot.number + SLOTS < number)
        {
            self.slots.pop_front();
        }
        number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_older_than_the_window_and_a_tenth_is_forgotten() {
        let mut window = FailureWindow::new(Duration::from_secs(30));
        window.add(Duration::from_secs(1), true);
        window.add(Duration::from_secs(20), false);
        assert_eq!(window.sums(Duration::from_secs(31)), (2, 1));
        assert_eq!(window.sums(Duration::from_secs(34)), (1, 0));
        assert_eq!(window.sums(Duration::from_secs(60)), (0, 0));
    }

    proptest! {
        #[test]
        fn it_counts_all_of_the_window_and_nothing_much_older_in_constant_memory(
            calls in prop::collection::vec((0_u64..5_000, any::<bool>()), 1..200),
        ) {
            let mut window = FailureWindow::new(Duration::from_secs(30));
            let mut now = 0;
            let mut history = Vec::new();
            for (step, failed) in calls {
                now += step;
                window.add(Duration::from_millis(now), failed);
                history.push(now);
            }
            let within = |reach: u64| history.iter().filter(|at| now - **at <= reach).count();
            let (counted, failures) = window.sums(Duration::from_millis(now));
            prop_assert!(counted as usize >= within(30_000));
            prop_assert!(counted as usize <= within(33_000));
            prop_assert!(failures <= counted);
            prop_assert!(window.slots.len() <= 11);
        }
    }
}
