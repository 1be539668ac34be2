//! The flows: each reads both sides and the store, and moves what is due.

mod advance;
mod amend;
mod audit;
mod capture;
mod catalogue;
mod change;
mod claims;
mod evaluate;
mod housekeeping;
mod probe;
mod receive;
mod relay;
mod returns;
mod stock;
mod tracking;
mod transmit;

pub(crate) use advance::advance;
pub(crate) use audit::audit;
pub(crate) use catalogue::refresh as catalogue;
pub(crate) use housekeeping::housekeeping;
pub(crate) use receive::From as DespatchesFrom;
pub(crate) use stock::stock;

use std::sync::Arc;

use order_mapping::SkuRegistry;

use crate::run::Run;
use crate::{ChangeWindow, PortError, StoreError};

/// Why a run could not go on. Concerns the run as a whole; a fault of one record never ends a run.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FlowError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0}")]
    Port(#[from] PortError),
    #[error("another worker has taken the flow over; what was done is recorded")]
    LeaseLost,
    /// Two stages that do not depend on each other: neither hides the other.
    #[error("{0}; and {1}")]
    Both(Box<FlowError>, Box<FlowError>),
}

/// Both results, or all that went wrong.
fn both(one: Result<(), FlowError>, other: Result<(), FlowError>) -> Result<(), FlowError> {
    match (one, other) {
        // One store, one cause.
        (Err(one), Err(other)) if one.to_string() == other.to_string() => Err(one),
        (Err(one), Err(other)) => Err(FlowError::Both(Box::new(one), Box::new(other))),
        (one, other) => one.and(other),
    }
}

/// Capture, release, map, transmit; and what the shop wants of orders that are at the warehouse.
///
/// Orders that come in their thousands are taken in chunks, each of them sent before the next is read: memory stays flat, and the
/// first ones do not wait for the last.
pub(crate) async fn orders(
    run: &Run<'_>,
    registry: Option<Arc<SkuRegistry>>,
    window: Option<ChangeWindow>,
) -> Result<(), FlowError> {
    let registry = match registry {
        Some(registry) => registry,
        None => run.registry().await?,
    };
    let mut reading = match window {
        Some(window) => capture::Reading::over(run, window).await,
        None => capture::Reading::begin(run).await,
    };
    loop {
        let read = match &mut reading {
            Ok(reading) => reading.chunk(run).await,
            Err(_) => Ok(false),
        };
        // A shop that cannot be read must not keep back the orders that are on record already.
        let moved = onward(run, &registry).await;
        if read.is_err() || moved.is_err() {
            let read = reading.and_then(|reading| {
                read?;
                reading.missed()
            });
            return both(read, moved);
        }
        if !read? || run.stopped() {
            break;
        }
    }
    reading?.finish(run).await
}

/// What is on record, as far as it goes.
async fn onward(run: &Run<'_>, registry: &SkuRegistry) -> Result<(), FlowError> {
    evaluate::evaluate(run, registry).await?;
    transmit::transmit(run).await?;
    change::change(run, registry).await
}

/// Despatches in, tracking out, proof; what came back, and where the carrier says the parcels are. `again`: from that place of the feed
/// on, whatever was read before.
pub(crate) async fn despatches(
    run: &Run<'_>,
    again: Option<receive::From>,
) -> Result<(), FlowError> {
    let received = receive::receive(run, again).await;
    let returned = returns::returns(run).await;
    let relayed = relay::relay(run).await;
    let tracked = tracking::tracking(run).await;
    both(both(received, returned), both(relayed, tracked))
}
