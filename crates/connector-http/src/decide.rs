//! Whether and when to try again: the second of the three pieces of the retry loop.

use std::time::Duration;

use crate::classify::{Failure, Repeat};
use crate::operation::Idempotency;

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

/// Decides without waiting and without randomness: `backoff` is the jittered wait, and `spend` takes a retry from the
/// budget, which is asked last.
pub(crate) fn decide(
    failure: &Failure,
    idempotency: Idempotency,
    tries_left: u32,
    remaining: Duration,
    backoff: Duration,
    spend: impl FnOnce() -> bool,
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
    if tries_left == 0 || delay >= remaining || !spend() {
        return Decision::Exhausted;
    }
    Decision::Retry(delay)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::classify::of_transport;
    use crate::transport::TransportErrorKind;

    const SECOND: Duration = Duration::from_secs(1);
    const MINUTE: Duration = Duration::from_secs(60);

    fn judge(
        failure: &Failure,
        idempotency: Idempotency,
        left: u32,
        remaining: Duration,
    ) -> Decision {
        decide(failure, idempotency, left, remaining, SECOND, || true)
    }

    #[test]
    fn who_may_repeat_what() {
        use Idempotency::{Idempotent, NonIdempotent, ReadOnly};
        let mut failure = of_transport(TransportErrorKind::Connect);
        for (repeat, idempotency, decision) in [
            (Repeat::Always, NonIdempotent, Decision::Retry(SECOND)),
            (Repeat::Always, ReadOnly, Decision::Retry(SECOND)),
            (Repeat::IfIdempotent, ReadOnly, Decision::Retry(SECOND)),
            (Repeat::IfIdempotent, Idempotent, Decision::Retry(SECOND)),
            (Repeat::IfIdempotent, NonIdempotent, Decision::Stop),
            (Repeat::Never, ReadOnly, Decision::Stop),
        ] {
            failure.repeat = repeat;
            assert_eq!(
                judge(&failure, idempotency, 1, MINUTE),
                decision,
                "{repeat:?} {idempotency:?}"
            );
        }
    }

    #[test]
    fn a_wait_that_does_not_fit_is_not_begun() {
        let mut failure = of_transport(TransportErrorKind::Connect);
        let judge = |failure: &Failure, left, remaining| {
            judge(failure, Idempotency::NonIdempotent, left, remaining)
        };
        assert_eq!(judge(&failure, 1, MINUTE), Decision::Retry(SECOND));
        assert_eq!(judge(&failure, 0, MINUTE), Decision::Exhausted);
        assert_eq!(judge(&failure, 1, SECOND), Decision::Exhausted);
        failure.retry_after = Some(SECOND * 30);
        assert_eq!(judge(&failure, 1, MINUTE), Decision::Retry(SECOND * 30));
        failure.retry_after = Some(Duration::ZERO);
        assert_eq!(judge(&failure, 1, MINUTE), Decision::Retry(SECOND));
        failure.retry_after = Some(Duration::MAX);
        assert_eq!(judge(&failure, 1, MINUTE), Decision::Exhausted);
    }

    #[test]
    fn the_budget_is_asked_last_and_has_the_last_word() {
        let failure = of_transport(TransportErrorKind::Connect);
        let decide = |left, spend: &dyn Fn() -> bool| {
            decide(&failure, Idempotency::ReadOnly, left, MINUTE, SECOND, spend)
        };
        assert_eq!(decide(1, &|| false), Decision::Exhausted);
        let untouched = || panic!("a retry that is not made costs nothing");
        assert_eq!(decide(0, &untouched), Decision::Exhausted);
    }
}
