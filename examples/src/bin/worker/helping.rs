//! Help for a worker that runs a flow: one worker at a time reads shop and warehouse for a merchant, and what it found is sent by all.
//!
//! A flow has one runner, because readings and cursors need a single writer; orders are claimed one by one, and any number of workers may
//! do that. So a worker that finds a flow taken moves orders on that are due in it, until there are none.

use std::sync::Arc;

use futures_util::StreamExt as _;
use order_sync::{
    CancellationToken, Clock as _, Flow, OrderRecord, OrderState, StoreError, SystemClock,
};

use crate::assembly::Merchant;

/// Orders that are looked at in one go.
const PAGE: usize = 200;

/// Helps whenever there is something to help with, until it is asked to stop; calls under way are finished and recorded.
pub(crate) async fn help(merchant: Arc<Merchant>, stop: CancellationToken) {
    loop {
        let flows = tokio::select! {
            flows = merchant.counters.elsewhere() => flows,
            () = stop.cancelled() => return,
        };
        for flow in flows {
            if let Err(error) = help_with(&merchant, flow, &stop).await {
                // The one who runs the flow meets the same, and makes it an exception.
                tracing::warn!(
                    merchant = merchant.name(), flow = flow.as_str(), error = %error,
                    "could not help with a flow"
                );
            }
        }
    }
}

/// States from which an order moves on by calls to a vendor, by the flow that makes them.
const fn states(flow: Flow) -> &'static [OrderState] {
    match flow {
        Flow::Orders => &[OrderState::Ready],
        Flow::Despatches => &[
            OrderState::PartDespatched,
            OrderState::Despatched,
            OrderState::Relayed,
        ],
        _ => &[],
    }
}

/// Moves orders on until a look finds none that moves.
async fn help_with(
    merchant: &Merchant,
    flow: Flow,
    stop: &CancellationToken,
) -> Result<(), StoreError> {
    let states = states(flow);
    if states.is_empty() {
        return Ok(());
    }
    let engine = &merchant.engine;
    while !stop.is_cancelled() {
        let store = engine.store();
        let mut orders = store.orders(engine.merchant(), states, None, PAGE).await?;
        let now = SystemClock::new().now();
        orders.retain(|order| order.due_at.is_some_and(|due| due <= now));
        // Several helpers begin at different ends, and rarely ask for the same order.
        fastrand::shuffle(&mut orders);
        let moved: u64 = futures_util::stream::iter(orders)
            .map(|order| Box::pin(move_on(merchant, order, stop)))
            .buffer_unordered(merchant.in_flight)
            .fold(0, async |sum, moved| sum + u64::from(moved))
            .await;
        if moved == 0 {
            return Ok(());
        }
        tracing::info!(
            merchant = merchant.name(),
            flow = flow.as_str(),
            orders = moved,
            "helped another worker"
        );
    }
    Ok(())
}

/// Whether it has left its state.
async fn move_on(merchant: &Merchant, order: OrderRecord, stop: &CancellationToken) -> bool {
    if stop.is_cancelled() {
        return false;
    }
    match merchant.engine.advance(&order.id, stop).await {
        // Perhaps by another worker meanwhile, which is as good a reason to look again.
        Ok(after) => after.is_some_and(|after| after.state != order.state),
        Err(error) => {
            // Recorded at the order where it has to be, and met again by the run of the flow.
            tracing::debug!(merchant = merchant.name(), error = %error, "an order could not be moved on");
            false
        }
    }
}
