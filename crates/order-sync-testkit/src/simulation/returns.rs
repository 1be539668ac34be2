//! Goods that come back to the simulated warehouse.

use std::sync::Arc;
use std::time::Duration;

use order_mapping::{ClientOrderRef, Consignment, ReturnReceipt, ReturnedLine};
use order_sync::ReturnsPage;

use super::fault_class::FaultClass;
use super::history::{Actor, Fact};
use super::world::{Arrival, State, World};

/// Receipts on a page of the feed.
const PAGE: usize = 4;

impl State {
    /// Perhaps the first parcel of a despatch comes back some time later, whole or in part; and some of those that come back have lost
    /// the label that says whose they are.
    pub(super) fn may_come_back(
        &mut self,
        world: &Arc<World>,
        merchant: usize,
        consignment: &Consignment,
    ) {
        if !self.scenario.returns || self.rng.u32(0..4) > 0 {
            return;
        }
        let Some(parcel) = consignment.parcels.first() else {
            return;
        };
        let lines = parcel.contents.iter().map(|content| {
            let units = self.rng.u32(1..=content.quantity.max(1));
            ReturnedLine::new(content.line_id.clone(), content.sku.clone(), units)
        });
        let lines: Vec<ReturnedLine> = lines.collect();
        let labelled = self.rng.u32(0..6) > 0;
        let reference: Option<ClientOrderRef> = labelled.then(|| consignment.reference.clone());
        // Some so soon that the despatch may not have been read yet.
        let wait = Duration::from_secs(self.rng.u64(5..1800));
        self.sites[merchant].depot.coming_back += 1;
        world.after(wait, move |_, state, now| {
            let at = state.depot_time(now);
            let depot = &mut state.sites[merchant].depot;
            depot.coming_back -= 1;
            let id = format!("R{}", depot.receipts.len() + 1);
            let mut receipt = ReturnReceipt::new(&id, reference);
            receipt.received_at = Some(at);
            receipt.lines = lines;
            depot.receipts.push(receipt);
            state.note(now, merchant, Actor::World, Fact::CameBack(id));
        });
    }
}

/// A page of the feed of returns. Pages come twice and out of order as those of despatches do.
pub(super) fn page(arrival: &mut Arrival<'_>, merchant: usize, from: usize) -> ReturnsPage {
    let state = &mut *arrival.state;
    let repeats = state.strikes(FaultClass::DuplicatePage, 100);
    let disorder = state.rng.bool();
    let receipts = &state.sites[merchant].depot.receipts;
    let start = if repeats {
        from.saturating_sub(3)
    } else {
        from
    };
    let end = (from + PAGE).min(receipts.len());
    let mut page = ReturnsPage::default();
    page.receipts = receipts.get(start..end).unwrap_or_default().to_vec();
    if disorder {
        page.receipts.reverse();
    }
    page.cursor = Some(end.to_string());
    page.more = end < receipts.len();
    page
}
