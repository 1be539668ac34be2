//! The report of a dry run: what would be sent, without recipients.

use std::collections::BTreeMap;

use order_sync::dry_run::PlannedWrites;
use order_sync::{Engine, FlowReport, OrderState};
use serde::Serialize;

use crate::demo_world::Sent;
use connector_examples::deployment::Failure;

/// What would be sent.
#[derive(Debug, Serialize)]
pub(crate) struct PlanReport {
    pub(crate) dry_run: bool,
    pub(crate) source: String,
    pub(crate) orders: Vec<PlanRow>,
    /// Orders whose parcels would be written to the shop.
    pub(crate) relays: u64,
    /// Stock levels that would be written to the shop.
    pub(crate) levels: u64,
    pub(crate) orders_by_state: BTreeMap<&'static str, u64>,
    /// Only for the simulators: what reached them, which is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sent: Option<Sent>,
    pub(crate) flows: Vec<FlowReport>,
    /// Flows that did not run to their end.
    pub(crate) faults: Vec<String>,
}

/// An order that would be sent.
#[derive(Debug, Serialize)]
pub(crate) struct PlanRow {
    pub(crate) number: Option<String>,
    pub(crate) reference: String,
    pub(crate) service: String,
    pub(crate) lines: u64,
    pub(crate) units: u64,
    pub(crate) purchase_order: Option<String>,
    /// The rule that released it.
    pub(crate) released_by: String,
}

impl PlanReport {
    /// Puts the report together.
    pub(crate) async fn new(
        source: String,
        engine: &Engine,
        writes: PlannedWrites,
        flows: Vec<FlowReport>,
        sent: Option<Sent>,
    ) -> Result<Self, Failure> {
        let mut orders: Vec<PlanRow> = writes
            .orders
            .into_iter()
            .map(|planned| PlanRow {
                number: planned.order.number.as_ref().map(ToString::to_string),
                reference: planned.reference.to_string(),
                service: planned.order.service.to_string(),
                lines: planned.order.lines.len() as u64,
                units: planned
                    .order
                    .lines
                    .iter()
                    .map(|line| u64::from(line.quantity))
                    .sum(),
                purchase_order: planned
                    .order
                    .purchase_order
                    .as_ref()
                    .map(ToString::to_string),
                released_by: planned.order.release_rule.into_string(),
            })
            .collect();
        orders.sort_by(|a, b| (&a.number, &a.reference).cmp(&(&b.number, &b.reference)));
        let counts = engine
            .store()
            .counts(engine.merchant(), &OrderState::ALL)
            .await?;
        Ok(Self {
            dry_run: true,
            source,
            orders,
            relays: writes.relays.len() as u64,
            levels: writes.levels.len() as u64,
            orders_by_state: counts
                .into_iter()
                .map(|(state, count)| (state.as_str(), count.orders))
                .collect(),
            sent,
            faults: flows
                .iter()
                .filter(|report| !report.completed())
                .map(|report| {
                    format!(
                        "flow {} did not run to its end: {:?}",
                        report.flow, report.outcome
                    )
                })
                .collect(),
            flows,
        })
    }
}
