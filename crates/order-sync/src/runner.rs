//! Runs the flows, each in its own time, until it is asked to stop.

mod corrective;
mod hint;
mod runner_report;

use std::sync::{Mutex, PoisonError};

use futures_util::FutureExt as _;
use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio_util::sync::CancellationToken;

use crate::cadence::{Cadence, Pace, RunFacts};
use crate::{Clock, Engine, Flow, FlowReport};
use corrective::Corrective;
use hint::Bells;

pub use hint::Hint;
pub use runner_report::{FlowRuns, RunnerReport};

/// A cadence that makes no sense: every contradiction in it, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", faults.join("; "))]
pub struct CadenceError {
    faults: Vec<String>,
}

impl CadenceError {
    /// The contradictions, one line each with the remedy.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

/// Runs the flows of an engine in one future, each at its own cadence and beside the others.
///
/// Nothing is spawned: whoever embeds it decides on which task [`Runner::run`] is polled, and may use any other scheduler with
/// [`Engine::run_once`] and a [`Pace`] of its own. Time comes from the engine's clock only.
///
/// Each flow has a loop of its own, so the stock flow never waits for bulk work of the orders flow. Several runners (one on each of
/// several machines) may run at once: the store's leases let one of them run a flow at a time. Every run is told to
/// [`crate::Observer::finished`].
#[derive(Debug)]
pub struct Runner {
    engine: Engine,
    cadence: Cadence,
    seed: u64,
    bells: Bells,
}

impl Runner {
    /// A runner of that engine.
    ///
    /// # Errors
    /// [`CadenceError`] with every contradiction in the cadence.
    pub fn new(engine: Engine, cadence: Cadence) -> Result<Self, CadenceError> {
        let faults = cadence.check();
        if !faults.is_empty() {
            return Err(CadenceError { faults });
        }
        Ok(Self {
            seed: seed_of(engine.merchant().as_str()),
            engine,
            cadence,
            bells: Bells::default(),
        })
    }

    /// Sets the seed of the jitter. Without one it follows from the merchant's name: engines of several merchants differ, and a
    /// run can be repeated. Give each of several processes of one merchant its own.
    #[must_use]
    pub const fn with_seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// A handle that lets a flow run earlier than it would by itself, for example when a webhook says that there is news.
    #[must_use]
    pub fn hint(&self, flow: Flow) -> Hint {
        self.bells.hint(flow)
    }

    /// Runs every enabled flow at its cadence until the token is cancelled. What needs the catalogue begins once that
    /// was read for the first time; from then on they run side by side.
    ///
    /// Then no run begins any more; runs under way finish their calls, record them and end. What has not ended within
    /// [`Cadence::shutdown_grace`] is dropped, and the report says so: its leases run out by themselves, and orders whose call was
    /// under way are asked for at the warehouse, never sent again blindly.
    ///
    /// A run that failed is in the report and an exception; the runner goes on.
    ///
    /// # Cancel safety
    /// Cancel through the token. Dropping the future is safe too, at the same price as a run that was dropped.
    pub async fn run(&self, stop: CancellationToken) -> RunnerReport {
        let clock = self.clock();
        let report = Mutex::new(RunnerReport::default());
        // Three flows work with the articles that the catalogue flow reads; begun together, each would read them itself.
        let ready = CancellationToken::new();
        if !self.cadence.of(Flow::Catalogue).enabled {
            ready.cancel();
        }
        let mut loops: FuturesUnordered<_> = Flow::ALL
            .into_iter()
            .filter(|flow| self.cadence.of(*flow).enabled)
            .map(|flow| self.keep_running(flow, &stop, &ready, &report).boxed())
            .collect();
        let mut grace = async {
            stop.cancelled().await;
            clock.sleep(self.cadence.shutdown_grace).await;
        }
        .boxed();
        while let Either::Left((Some(_ended), _)) = select(loops.next(), &mut grace).await {}
        drop(loops);
        let mut report = report.into_inner().unwrap_or_else(PoisonError::into_inner);
        report.dropped = std::mem::take(&mut report.under_way);
        for flow in &report.dropped {
            tracing::warn!(
                flow = flow.as_str(),
                "a run did not end in time and was dropped"
            );
        }
        report
    }

    /// The loop of one flow.
    async fn keep_running(
        &self,
        flow: Flow,
        stop: &CancellationToken,
        ready: &CancellationToken,
        report: &Mutex<RunnerReport>,
    ) {
        let with_report = |change: &dyn Fn(&mut RunnerReport)| {
            change(&mut report.lock().unwrap_or_else(PoisonError::into_inner));
        };
        let seed = self.seed ^ seed_of(flow.as_str());
        let mut pace = Pace::new(self.cadence.of(flow).clone(), seed);
        let mut corrective = Corrective::new(self.cadence.stock_corrective);
        let clock = self.clock();
        if matches!(flow, Flow::Orders | Flow::Stock | Flow::Audit) {
            select(ready.cancelled().boxed(), stop.cancelled().boxed()).await;
        }
        self.pause(pace.first(), stop).await;
        while !stop.is_cancelled() {
            with_report(&|report| {
                report.under_way.insert(flow);
            });
            let ran = self.run_flow(flow, &mut corrective, stop).await;
            with_report(&|report| {
                report.under_way.remove(&flow);
                report.count(&ran);
            });
            if flow == Flow::Catalogue {
                // However it ended: who needs the articles reads them himself then.
                ready.cancel();
            }
            let wait = pace.after_run(&RunFacts::from(&ran));
            let ended = clock.monotonic();
            self.pause(wait.earliest, stop).await;
            let gone = clock.monotonic().saturating_sub(ended);
            let rest = self.pause(wait.regular.saturating_sub(gone), stop).boxed();
            // A hint that came meanwhile is remembered.
            select(rest, self.bells.rung(flow).boxed()).await;
        }
    }

    async fn run_flow(
        &self,
        flow: Flow,
        corrective: &mut Corrective,
        stop: &CancellationToken,
    ) -> FlowReport {
        if flow == Flow::Stock && corrective.is_due(&self.engine).await {
            let ran = self.engine.run_stock_corrective(stop).await;
            corrective.ran(&self.engine, &ran).await;
            return ran;
        }
        self.engine.run_once(flow, stop).await
    }

    /// Waits, or until the runner is asked to stop.
    async fn pause(&self, wait: std::time::Duration, stop: &CancellationToken) {
        if wait.is_zero() || stop.is_cancelled() {
            return;
        }
        select(self.clock().sleep(wait), stop.cancelled().boxed()).await;
    }

    fn clock(&self) -> &dyn Clock {
        &*self.engine.parts.clock
    }
}

/// A number that follows from a name (FNV-1a), the same in every process.
fn seed_of(name: &str) -> u64 {
    name.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
