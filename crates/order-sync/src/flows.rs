//! The flows: each reads both sides and the store, and moves what is due.

mod audit;
mod capture;
mod change;
mod evaluate;
mod probe;
mod receive;
mod relay;
mod stock;
mod transmit;

pub(crate) use audit::audit;
pub use audit::{AuditReport, DriftRow, OverdueRow};
pub(crate) use stock::stock;

use crate::engine::Run;
use crate::{PortError, StoreError};

/// Why a run could not go on. Concerns the run as a whole; a fault of one record never ends a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FlowError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Port(#[from] PortError),
}

/// Capture, release, map, transmit.
pub(crate) async fn orders(run: &Run<'_>) -> Result<(), FlowError> {
    let registry = run.refresh_registry().await?;
    // A shop that cannot be read must not keep back the orders that are on record already.
    let captured = capture::capture(run).await;
    evaluate::evaluate(run, &registry).await?;
    transmit::transmit(run).await?;
    captured
}

/// Despatches in, tracking out, proof.
pub(crate) async fn despatches(run: &Run<'_>) -> Result<(), FlowError> {
    let received = receive::receive(run).await;
    relay::relay(run).await?;
    received
}
