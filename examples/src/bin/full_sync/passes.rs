//! The run itself: every flow once until nothing is due, then every flow once more.

use std::time::Duration;

use order_sync::{
    AuditReport, CancellationToken, Clock, DriftRow, Engine, Flow, FlowReport, Tally,
};

use crate::demo_world::DemoWorld;
use crate::progress::ProgressView;
use connector_examples::deployment::Failure;

/// Waiting ends after so many rounds; what is due later is the next run's.
const ROUNDS: usize = 12;

/// What the two passes brought.
#[derive(Debug, Default)]
pub(crate) struct PassResults {
    /// Every run of every flow of the first pass.
    pub(crate) first: Vec<FlowReport>,
    /// One run of each flow, after nothing was left to do.
    pub(crate) second: Vec<FlowReport>,
    /// Wrong stock levels that the first audit listed.
    pub(crate) drift: Vec<DriftRow>,
    /// Wrong stock levels that were left after the corrective run.
    pub(crate) drift_left: u64,
    /// The last audit of the first pass.
    pub(crate) audit: Option<AuditReport>,
}

/// What a run needs.
pub(crate) struct Passes<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) flows: &'a [Flow],
    pub(crate) stop: &'a CancellationToken,
    pub(crate) view: &'a ProgressView,
    /// The engine's clock.
    pub(crate) clock: &'a dyn Clock,
    /// How far ahead an order may be due for the run to wait for it: a proof, a probe, a second try.
    pub(crate) horizon: Duration,
    /// How much longer it waits, so that what falls due in short order is done in one round.
    pub(crate) slack: Duration,
    /// The simulators, which have to be told to work; none for real endpoints.
    pub(crate) world: Option<&'a DemoWorld>,
}

impl Passes<'_> {
    /// Both passes.
    pub(crate) async fn run(&self) -> Result<PassResults, Failure> {
        let mut results = PassResults::default();
        if self.has(Flow::Catalogue) {
            self.run_flow(Flow::Catalogue, &mut results).await;
        }
        self.orders_and_despatches(&mut results).await?;
        self.stock_and_audit(&mut results).await?;
        if self.has(Flow::Housekeeping) {
            self.run_flow(Flow::Housekeeping, &mut results).await;
        }
        self.view
            .say("second pass: every flow once more, nothing should change");
        for flow in self.flows {
            let report = self.engine.run_once(*flow, self.stop).await;
            results.second.push(report);
        }
        Ok(results)
    }

    async fn orders_and_despatches(&self, results: &mut PassResults) -> Result<(), Failure> {
        if self.has(Flow::Orders) {
            if let Some(world) = self.world {
                world.arm_faults();
            }
            self.run_flow(Flow::Orders, results).await;
            if self.world.is_some() || !self.has(Flow::Despatches) {
                self.settle(&[Flow::Orders], results).await?;
            }
        }
        if !self.has(Flow::Despatches) {
            return Ok(());
        }
        if let Some(world) = self.world {
            world.work();
        }
        self.run_flow(Flow::Despatches, results).await;
        if let Some(world) = self.world {
            self.view
                .say("the platform's connector overwrites orders in the shop");
            world.overwrite_relayed(self.engine).await?;
        }
        let both: Vec<Flow> = [Flow::Orders, Flow::Despatches]
            .into_iter()
            .filter(|flow| self.has(*flow))
            .collect();
        if let Some(world) = self.world {
            // A draft was completed in the shop: it is captured again, sent, picked and despatched like any other order.
            if self.has(Flow::Orders) {
                self.run_flow(Flow::Orders, results).await;
            }
            world.work();
            self.run_flow(Flow::Despatches, results).await;
        }
        self.settle(&both, results).await
    }

    async fn stock_and_audit(&self, results: &mut PassResults) -> Result<(), Failure> {
        if self.has(Flow::Stock) {
            self.run_flow(Flow::Stock, results).await;
        }
        if !self.has(Flow::Audit) {
            return Ok(());
        }
        if self.has(Flow::Stock)
            && let Some(world) = self.world
        {
            self.view
                .say("somebody changes stock levels in the shop by hand");
            world.inject_drift(self.engine).await?;
        }
        self.audit(results).await;
        if let Some(audit) = &results.audit {
            results.drift.clone_from(&audit.drift);
            results.drift_left = audit.drift.len() as u64;
        }
        if self.has(Flow::Stock) && !results.drift.is_empty() && !self.stop.is_cancelled() {
            self.view.say("stock: corrective snapshot");
            let report = self.engine.run_stock_corrective(self.stop).await;
            results.first.push(report);
            self.audit(results).await;
            results.drift_left = results
                .audit
                .as_ref()
                .map_or(0, |audit| audit.drift.len() as u64);
        }
        Ok(())
    }

    async fn audit(&self, results: &mut PassResults) {
        let report = self.run_flow(Flow::Audit, results).await;
        if report.audit.is_some() {
            results.audit = report.audit;
        }
    }

    /// Runs flows again for as long as an order is due soon.
    async fn settle(&self, flows: &[Flow], results: &mut PassResults) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            if self.stop.is_cancelled() {
                return Ok(());
            }
            let Some(due) = self.engine.next_due(self.horizon).await? else {
                return Ok(());
            };
            let wait = (due - self.clock.now()).to_std().unwrap_or_default() + self.slack;
            self.clock.sleep(wait).await;
            let mut moved = false;
            for flow in flows {
                if *flow == Flow::Despatches
                    && let Some(world) = self.world
                {
                    world.work();
                }
                let report = self.run_flow(*flow, results).await;
                let tried = [Tally::Deferred, Tally::Probed, Tally::RelayFailures];
                moved |= report.changes() > 0 || tried.iter().any(|tally| report.count(*tally) > 0);
            }
            // What is due belongs to a flow that was not chosen.
            if !moved {
                return Ok(());
            }
        }
        Ok(())
    }

    async fn run_flow(&self, flow: Flow, results: &mut PassResults) -> FlowReport {
        self.view.say(&format!("{flow}: begins"));
        let report = self.engine.run_once(flow, self.stop).await;
        results.first.push(report.clone());
        report
    }

    fn has(&self, flow: Flow) -> bool {
        self.flows.contains(&flow)
    }
}
