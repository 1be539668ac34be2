//! Claims, and the moment after which nothing may begin under them.

use std::time::Duration;

use order_mapping::SourceOrderId;

use super::FlowError;
#[cfg(canary)]
use crate::canary::planted;
use crate::run::Run;
use crate::settings::to_chrono;
use crate::{Claim, ClaimKind};

/// The share of a lease in which a call may begin: what is left of it is time for the call itself.
const SHARE_TO_BEGIN: f64 = 0.6;

/// The moment after which no call may begin under a claim, by the clock that never jumps.
#[derive(Debug, Clone, Copy)]
pub(super) struct Deadline(Duration);

impl Deadline {
    /// Counted from before the claim is sent: counted from its answer, a worker that was stopped in between still sends.
    fn of_claim_asked_at(run: &Run<'_>, asked_at: Duration) -> Self {
        #[cfg(canary)]
        let asked_at = if planted("guard_after_claim") {
            run.parts.clock.monotonic()
        } else {
            asked_at
        };
        Self(asked_at.saturating_add(run.parts.settings.lease.mul_f64(SHARE_TO_BEGIN)))
    }

    /// Asked right before every call that changes something at the other side. Somebody else may have the order by now.
    pub(super) fn is_over(self, run: &Run<'_>) -> bool {
        #[cfg(canary)]
        if planted("no_deadline_guard") {
            return false;
        }
        run.parts.clock.monotonic() >= self.0
    }
}

/// Takes the orders that are due, a batch at most.
pub(super) async fn take(
    run: &Run<'_>,
    kind: ClaimKind,
) -> Result<(Deadline, Vec<Claim>), FlowError> {
    let parts = run.parts;
    let settings = &parts.settings;
    let (asked_at, now) = (parts.clock.monotonic(), parts.clock.now());
    let lease = to_chrono(settings.lease);
    let claims = parts
        .store
        .claim(&parts.merchant, kind, settings.batch, lease, now)
        .await?;
    Ok((Deadline::of_claim_asked_at(run, asked_at), claims))
}

/// Takes one order, if it is due for that.
pub(super) async fn take_one(
    run: &Run<'_>,
    kind: ClaimKind,
    id: &SourceOrderId,
) -> Result<Option<(Deadline, Claim)>, FlowError> {
    let parts = run.parts;
    let (asked_at, now) = (parts.clock.monotonic(), parts.clock.now());
    let lease = to_chrono(parts.settings.lease);
    let claim = parts
        .store
        .claim_order(&parts.merchant, kind, id, lease, now)
        .await?;
    let deadline = Deadline::of_claim_asked_at(run, asked_at);
    Ok(claim.map(|claim| (deadline, claim)))
}
