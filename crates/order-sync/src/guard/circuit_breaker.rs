//! Whether a call is worth making: a circuit breaker as a plain value, which is told the time.

use std::time::Duration;

use super::GuardSettings;
use super::failure_window::FailureWindow;

/// How a call ended, as far as the breaker is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The other side answered, even if with a refusal of this record.
    Answered,
    /// It did not answer, or said that it cannot.
    Failed,
    /// It refused the credentials.
    Unauthorised,
}

/// May a call be made?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admission {
    /// Yes.
    Pass,
    /// Yes, as the one call that tries whether the other side is back. Its verdict is recorded as a trial, or the trial abandoned.
    Trial,
    /// No. The time is how long it is not worth asking again.
    Refuse(Duration),
}

/// What a verdict did to the circuit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Opened,
    Closed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Closed,
    Open {
        since: Duration,
        until: Duration,
        pause: Duration,
    },
    HalfOpen {
        since: Duration,
        pause: Duration,
    },
}

/// The breaker of one operation of one port.
#[derive(Debug, Clone)]
pub(super) struct CircuitBreaker {
    settings: GuardSettings,
    state: State,
    window: FailureWindow,
    /// Failures since the port last answered anything.
    unanswered: u32,
    failed_at: Duration,
}

impl CircuitBreaker {
    pub(super) fn new(settings: GuardSettings) -> Self {
        Self {
            state: State::Closed,
            window: FailureWindow::new(settings.window),
            unanswered: 0,
            failed_at: Duration::ZERO,
            settings,
        }
    }

    /// May a call be made now?
    pub(super) fn admit(&mut self, now: Duration) -> Admission {
        match self.state {
            State::Closed => Admission::Pass,
            State::Open { until, .. } if now < until => Admission::Refuse(until - now),
            State::Open { since, pause, .. } => {
                self.state = State::HalfOpen { since, pause };
                Admission::Trial
            }
            State::HalfOpen { .. } => Admission::Refuse(self.settings.pause),
        }
    }

    /// Since when it has not let calls pass: since it opened, or since its last trial failed.
    pub(super) const fn open_since(&self) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open { since, .. } | State::HalfOpen { since, .. } => Some(since),
        }
    }

    /// How long a trial has been due; none while it is closed, rests, or is being tried.
    pub(super) fn trial_due_for(&self, now: Duration) -> Option<Duration> {
        match self.state {
            State::Open { until, .. } => now.checked_sub(until),
            _ => None,
        }
    }

    /// How long it still rests.
    pub(super) fn rest(&self, now: Duration) -> Duration {
        match self.state {
            State::Open { until, .. } => until.saturating_sub(now),
            _ => Duration::ZERO,
        }
    }

    /// Records how a call ended. What began before the circuit opened and ends afterwards changes nothing any more.
    pub(super) fn record(
        &mut self,
        now: Duration,
        verdict: Verdict,
        trial: bool,
    ) -> Option<Change> {
        match self.state {
            State::HalfOpen { pause, .. } if trial => {
                if verdict == Verdict::Answered {
                    self.state = State::Closed;
                    self.window.clear();
                    self.unanswered = 0;
                    return Some(Change::Closed);
                }
                let doubled = pause.saturating_mul(2).min(self.settings.pause_cap);
                Some(self.open(now, doubled))
            }
            State::Closed => {
                self.window.add(now, verdict != Verdict::Answered);
                match verdict {
                    Verdict::Answered => return None,
                    Verdict::Unauthorised => {}
                    Verdict::Failed => {
                        let gap = now.saturating_sub(self.failed_at);
                        if gap > self.settings.window.saturating_mul(10) {
                            self.unanswered = 0;
                        }
                        self.unanswered = self.unanswered.saturating_add(1);
                        self.failed_at = now;
                        if !self.is_failing(now) {
                            return None;
                        }
                    }
                }
                Some(self.open(now, self.settings.pause))
            }
            _ => None,
        }
    }

    /// The port answered something, this operation or another.
    pub(super) const fn port_answered(&mut self) {
        self.unanswered = 0;
    }

    /// The trial was dropped, or could not be made: the next call may be it.
    pub(super) fn abandon_trial(&mut self, now: Duration) {
        if let State::HalfOpen { since, pause } = self.state {
            self.state = State::Open {
                since,
                until: now,
                pause,
            };
        }
    }

    fn is_failing(&mut self, now: Duration) -> bool {
        let (calls, failures) = self.window.sums(now);
        let share = u64::from(failures).saturating_mul(100);
        let limit = u64::from(calls).saturating_mul(u64::from(self.settings.failure_percent));
        (calls >= self.settings.min_calls && share >= limit)
            || self.unanswered >= self.settings.min_calls
    }

    fn open(&mut self, now: Duration, pause: Duration) -> Change {
        self.state = State::Open {
            since: now,
            until: now.saturating_add(pause),
            pause,
        };
        Change::Opened
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn breaker() -> CircuitBreaker {
        CircuitBreaker::new(GuardSettings::default())
    }

    fn failing(breaker: &mut CircuitBreaker, now: Duration, times: u32) -> Option<Change> {
        (0..times)
            .map(|_| breaker.record(now, Verdict::Failed, false))
            .last()
            .flatten()
    }

    #[test]
    fn it_opens_at_twenty_calls_of_which_half_failed() {
        let mut breaker = breaker();
        for _ in 0..10 {
            assert_eq!(breaker.record(at(1), Verdict::Answered, false), None);
        }
        assert_eq!(failing(&mut breaker, at(2), 9), None);
        assert_eq!(breaker.admit(at(2)), Admission::Pass);
        assert_eq!(failing(&mut breaker, at(2), 1), Some(Change::Opened));
        assert_eq!(breaker.admit(at(3)), Admission::Refuse(at(9)));
    }

    #[test]
    fn fewer_than_half_never_open_it_and_old_failures_do_not_count() {
        let mut breaker = breaker();
        for second in 0..1000 {
            breaker.record(at(second), Verdict::Failed, false);
            breaker.record(at(second), Verdict::Answered, false);
            breaker.record(at(second), Verdict::Answered, false);
            breaker.port_answered();
            assert_eq!(breaker.admit(at(second)), Admission::Pass);
        }
        let mut breaker = self::breaker();
        assert_eq!(failing(&mut breaker, at(1), 19), None);
        breaker.port_answered();
        assert_eq!(failing(&mut breaker, at(60), 19), None);
    }

    #[test]
    fn failures_that_come_slowly_open_it_only_if_the_port_answers_nothing_at_all() {
        // Eight calls at once, each into a time-out of 15 s: never twenty within 30 s.
        let mut slow = breaker();
        let opened: Vec<u32> = (1_u32..=40)
            .filter(|call| {
                let now = at(u64::from(call.div_ceil(8)) * 15);
                slow.record(now, Verdict::Failed, false) == Some(Change::Opened)
            })
            .collect();
        assert_eq!(opened, [20]);

        // One record that fails for ever, every five minutes and between answers to others.
        let mut poison = breaker();
        for round in 1..100 {
            assert_eq!(poison.record(at(round * 300), Verdict::Failed, false), None);
            poison.port_answered();
        }
        // And one alone on its port, further apart.
        let mut lonely = breaker();
        for round in 1..100 {
            assert_eq!(lonely.record(at(round * 301), Verdict::Failed, false), None);
        }
    }

    #[test]
    fn refused_credentials_open_it_at_once() {
        let mut breaker = breaker();
        assert_eq!(
            breaker.record(at(1), Verdict::Unauthorised, false),
            Some(Change::Opened)
        );
        assert!(matches!(breaker.admit(at(1)), Admission::Refuse(_)));
    }

    #[test]
    fn one_trial_closes_it_or_doubles_the_pause_up_to_the_cap() {
        let mut breaker = breaker();
        breaker.record(at(0), Verdict::Unauthorised, false);
        let mut now = at(0);
        for pause in [10, 20, 40, 80, 160, 300, 300] {
            let last = now + at(pause) - Duration::from_millis(1);
            assert!(matches!(breaker.admit(last), Admission::Refuse(_)));
            now += at(pause);
            assert_eq!(breaker.admit(now), Admission::Trial);
            assert!(
                matches!(breaker.admit(now), Admission::Refuse(_)),
                "one trial at a time"
            );
            assert_eq!(
                breaker.record(now, Verdict::Failed, true),
                Some(Change::Opened)
            );
        }
        now += at(300);
        assert_eq!(breaker.admit(now), Admission::Trial);
        breaker.abandon_trial(now);
        assert_eq!(
            breaker.admit(now),
            Admission::Trial,
            "the next one may be it"
        );
        assert_eq!(
            breaker.record(now, Verdict::Answered, true),
            Some(Change::Closed)
        );
        assert_eq!(breaker.admit(now), Admission::Pass);
        assert_eq!(failing(&mut breaker, now, 19), None, "it starts afresh");
    }

    #[test]
    fn what_ends_late_changes_nothing() {
        let mut breaker = breaker();
        breaker.record(at(0), Verdict::Unauthorised, false);
        assert_eq!(breaker.record(at(5), Verdict::Failed, false), None);
        assert_eq!(breaker.record(at(5), Verdict::Answered, false), None);
        assert_eq!(breaker.admit(at(5)), Admission::Refuse(at(5)));
        assert_eq!(breaker.admit(at(10)), Admission::Trial);
        assert_eq!(breaker.record(at(11), Verdict::Answered, false), None);
        assert!(matches!(breaker.admit(at(11)), Admission::Refuse(_)));
    }

    proptest! {
        /// Whatever happens: never two trials at once, and never closed for longer than the cap after a dead trial.
        #[test]
        fn a_dead_vendor_gets_few_calls_and_a_trial_within_the_cap(
            steps in prop::collection::vec((0_u64..120, 0_u8..4), 1..300),
        ) {
            let settings = GuardSettings::default();
            let mut breaker = CircuitBreaker::new(settings.clone());
            let (mut now, mut under_way, mut refused_since) = (Duration::ZERO, false, None);
            for (seconds, what) in steps {
                now += at(seconds);
                if what == 3 && under_way {
                    breaker.abandon_trial(now);
                    under_way = false;
                    continue;
                }
                match breaker.admit(now) {
                    Admission::Trial => {
                        prop_assert!(!under_way);
                        under_way = true;
                        refused_since = None;
                    }
                    Admission::Pass => {
                        prop_assert!(!under_way);
                        let verdict = if what == 0 { Verdict::Answered } else { Verdict::Failed };
                        breaker.record(now, verdict, false);
                        refused_since = None;
                    }
                    Admission::Refuse(wait) => {
                        prop_assert!(wait <= settings.pause_cap && !wait.is_zero());
                        if under_way {
                            let verdict = if what == 0 { Verdict::Answered } else { Verdict::Failed };
                            breaker.record(now, verdict, true);
                            under_way = false;
                        }
                        let since = *refused_since.get_or_insert(now);
                        prop_assert!(now - since <= settings.pause_cap + at(120));
                    }
                }
            }
        }
    }
}
