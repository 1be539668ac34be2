//! Waiting: the third of the three pieces of the retry loop.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use crate::clock::Clock;
use crate::gate::Gate;

/// Runs a future for at most `limit`; `None` when the time is over. The future goes first when both are ready, and one
/// that is ready at once costs no timer.
pub(crate) async fn within<F: Future>(
    clock: &dyn Clock,
    limit: Duration,
    future: F,
) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut timer = None;
    poll_fn(|context| {
        if let Poll::Ready(output) = future.as_mut().poll(context) {
            return Poll::Ready(Some(output));
        }
        timer
            .get_or_insert_with(|| clock.sleep(limit))
            .as_mut()
            .poll(context)
            .map(|()| None)
    })
    .await
}

/// Why a call may not go ahead.
#[derive(Debug)]
pub(crate) enum NoPlace {
    /// The gate stays closed for this long, and the call's time is over before.
    Closed(Duration),
    /// All places were taken until the call's time was over.
    TimedOut,
}

/// Waits for a place among the requests under way, and for the gate to open; until `deadline` at most.
pub(crate) async fn enter<'a>(
    clock: &dyn Clock,
    gate: &Gate,
    places: &'a Semaphore,
    deadline: Duration,
) -> Result<SemaphorePermit<'a>, NoPlace> {
    loop {
        let now = clock.monotonic();
        let remaining = deadline.saturating_sub(now);
        if let Some(wait) = gate.closed_for(now) {
            if wait >= remaining {
                return Err(NoPlace::Closed(wait));
            }
            clock.sleep(wait).await;
            continue;
        }
        match within(clock, remaining, places.acquire()).await {
            Some(Ok(place)) if gate.closed_for(clock.monotonic()).is_none() => return Ok(place),
            // The gate closed while this call waited for its place: give the place back.
            Some(Ok(_)) => {}
            // The places of a client are never taken away.
            Some(Err(_)) | None => return Err(NoPlace::TimedOut),
        }
    }
}
