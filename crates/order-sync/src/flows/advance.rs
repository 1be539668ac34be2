//! One order, as far as it goes now: for schedulers that work by order.

use order_mapping::SourceOrderId;

use super::claims::{self, Deadline};
use super::{FlowError, change, evaluate, relay, transmit};
use crate::run::Run;
use crate::{Claim, ClaimKind, OrderRecord, OrderState};

/// Steps that one call takes at most: more than any order has between two waits.
const STEPS_MAX: usize = 12;

/// Takes an order through every step that is due, and returns it as it is then; `None`: it is not on record.
pub(crate) async fn advance(
    run: &Run<'_>,
    id: &SourceOrderId,
) -> Result<Option<OrderRecord>, FlowError> {
    let parts = run.parts;
    for _ in 0..STEPS_MAX {
        let Some(record) = parts.store.order(&parts.merchant, id).await? else {
            return Ok(None);
        };
        if run.stopped() || !step(run, &record).await? {
            return Ok(Some(record));
        }
    }
    Ok(parts.store.order(&parts.merchant, id).await?)
}

/// `false`: nothing is due.
async fn step(run: &Run<'_>, record: &OrderRecord) -> Result<bool, FlowError> {
    use OrderState as S;
    match record.state {
        S::Captured | S::Held => {
            let registry = run.registry().await?;
            evaluate::evaluate_one(run, &registry, record).await
        }
        S::Ready => match claim(run, record, ClaimKind::Send).await? {
            Some((deadline, claim)) => transmit::send_one(run, claim, deadline)
                .await
                .map(|()| true),
            None => Ok(false),
        },
        S::OutcomeUnknown | S::Queued => match claim(run, record, ClaimKind::Probe).await? {
            Some((_, claim)) => super::probe::probe(run, claim).await.map(|()| true),
            None => Ok(false),
        },
        S::Accepted | S::PartDespatched | S::Despatched | S::Relayed | S::Closed | S::Withdrawn => {
            if record.request_due_at().is_some()
                && let Some((deadline, claim)) = claim(run, record, ClaimKind::Change).await?
            {
                let registry = run.registry().await?;
                return change::one(run, &registry, claim, deadline)
                    .await
                    .map(|()| true);
            }
            match claim(run, record, ClaimKind::Relay).await? {
                Some((deadline, claim)) => relay::one(run, claim, deadline).await.map(|()| true),
                None => Ok(false),
            }
        }
        S::Sending | S::Ignored | S::Cancelled | S::Parked => Ok(false),
    }
}

async fn claim(
    run: &Run<'_>,
    record: &OrderRecord,
    kind: ClaimKind,
) -> Result<Option<(Deadline, Claim)>, FlowError> {
    if !kind.states().contains(&record.state) {
        return Ok(None);
    }
    claims::take_one(run, kind, &record.id).await
}
