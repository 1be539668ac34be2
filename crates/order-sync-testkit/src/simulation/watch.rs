//! What stands before a worker's store: faults, and the record of what went on it.

use async_trait::async_trait;
use order_sync::{CaptureOutcome, Commit, MerchantId, StoreErrorKind};

use super::fault_class::FaultClass;
use super::history::Fact;
use super::world::Caller;
use crate::faults::{StoreCall, StoreEffect, StoreFault, StoreWatch};

/// The name of a merchant of a seed, by its number. Histories of several seeds may share a store.
pub(super) fn merchant_id(seed: u64, number: usize) -> MerchantId {
    MerchantId::new(format!("seed-{seed}-{number}"))
}

/// Watches the store of a worker's engine.
#[derive(Debug)]
pub(super) struct Watch {
    pub(super) caller: Caller,
    /// When the last claim was asked for.
    asked: std::sync::Mutex<std::time::Duration>,
}

impl Watch {
    pub(super) fn new(caller: Caller) -> Self {
        Self {
            caller,
            asked: std::sync::Mutex::default(),
        }
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, std::time::Duration> {
        self.asked
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Calls that write orders; the process may die or stand still at any of them, and at reads now and then.
const fn is_a_step(call: StoreCall) -> bool {
    matches!(
        call,
        StoreCall::Capture
            | StoreCall::Commit
            | StoreCall::CommitAll
            | StoreCall::Claim
            | StoreCall::ClaimOrder
            | StoreCall::MoveCursor
            | StoreCall::SaveStock
            | StoreCall::SavePublished
            | StoreCall::ForgetPublished
            | StoreCall::SettleExceptions
            | StoreCall::TakeFlow
            | StoreCall::RenewFlow
            | StoreCall::ReleaseFlow
            | StoreCall::ExpireLeases
            | StoreCall::KeepUnmatched
            | StoreCall::ForgetUnmatched
    )
}

#[async_trait]
impl StoreWatch for Watch {
    async fn before(&self, call: StoreCall) -> StoreFault {
        if matches!(call, StoreCall::Claim | StoreCall::ClaimOrder) {
            *self.asked() = self.caller.world.time.now();
        }
        if is_a_step(call) {
            self.caller.step().await;
        }
        let takes = self.caller.world.state().scenario.store_takes;
        if !takes.is_zero() {
            self.caller.world.time.sleep(takes).await;
        }
        let mut state = self.caller.world.state();
        if !state.strikes(FaultClass::StoreError, 20) {
            return StoreFault::None;
        }
        let (fault, what) = match state.rng.u32(0..3) {
            0 => (
                StoreFault::Refuse(StoreErrorKind::Busy),
                "the store is busy",
            ),
            1 => (
                StoreFault::Refuse(StoreErrorKind::NoSpace),
                "the disk is full",
            ),
            _ => (
                StoreFault::FailAfterWrite(StoreErrorKind::Other),
                "the store's connection is lost after the commit",
            ),
        };
        drop(state);
        self.caller.note(Fact::Fault {
            call: "store",
            what,
        });
        fault
    }

    async fn after(&self, effect: StoreEffect<'_>) {
        let facts = match effect {
            StoreEffect::Captured(batch, outcomes) => {
                let recorded = batch.iter().zip(outcomes);
                let recorded =
                    recorded.filter(|(_, outcome)| **outcome == CaptureOutcome::Recorded);
                let ids = recorded
                    .map(|(new, _)| (new.record.id.clone(), new.record.source_version.clone()));
                vec![Fact::Captured(ids.collect())]
            }
            StoreEffect::Committed(commit, result) => {
                let committed = Fact::Committed {
                    id: commit.id.clone(),
                    event: commit.event,
                    token: token_of(commit.fence),
                    after: result
                        .as_ref()
                        .ok()
                        .map(|record| (record.state, record.token)),
                    version: commit.source.as_ref().and_then(|copy| copy.version.clone()),
                };
                let with_it = result.is_ok().then(|| came_with(commit));
                std::iter::once(committed)
                    .chain(with_it.into_iter().flatten())
                    .collect()
            }
            StoreEffect::Claimed(kind, claims) => {
                let asked = *self.asked();
                let claimed = |claim: &order_sync::Claim| Fact::Claimed {
                    kind,
                    id: claim.record.id.clone(),
                    reference: claim.record.reference.clone(),
                    token: claim.record.token,
                    payload: claim.record.payload_digest.clone(),
                    asked,
                };
                claims.iter().map(claimed).collect()
            }
            StoreEffect::CursorMoved {
                name,
                to,
                moved: true,
                ..
            } => {
                vec![Fact::CursorMoved(name.to_owned(), to.to_owned())]
            }
            StoreEffect::StockSaved(_, feed, changes) => {
                let rows = changes.write.len() + changes.gone.len();
                vec![Fact::StockSaved(feed.sequence, rows)]
            }
            _ => return,
        };
        for fact in facts {
            self.caller.note(fact);
        }
        // Written, and not yet answered.
        self.caller.step().await;
    }
}

/// What else went on record with a change of an order.
fn came_with(commit: &Commit) -> impl Iterator<Item = Fact> {
    let id = &commit.id;
    let returned = commit.returned.iter();
    let returned = returned.map(|receipt| Fact::ReturnRecorded(id.clone(), receipt.id.clone()));
    let tracked = commit.tracking.iter().map(|tracking| {
        let milestones = tracking.progress.milestones().iter();
        Fact::TrackingRecorded {
            order: id.clone(),
            parcel: tracking.parcel_id.clone(),
            milestones: milestones.map(|one| one.status.clone()).collect(),
        }
    });
    returned.chain(tracked)
}

/// The token that a fence asks for.
fn token_of(fence: order_sync::Fence) -> u64 {
    match fence {
        order_sync::Fence::Token(token) | order_sync::Fence::Unclaimed(_, token) => token,
        // A kind of fence that is not known here matches no token.
        _ => u64::MAX,
    }
}
