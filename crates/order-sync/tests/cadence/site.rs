//! A shop, a warehouse and a store under a clock that follows Tokio's paused one.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{Profile, ServiceRule, SourceOrderId};
use order_sync::*;
use tokio::time::Instant;

use crate::shop::{Shop, start_of_time};
use crate::warehouse::Sheds;

#[derive(Debug)]
struct PausedClock(Instant);

#[async_trait]
impl Clock for PausedClock {
    fn now(&self) -> DateTime<Utc> {
        start_of_time() + self.0.elapsed()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Keeps the report of every run.
#[derive(Debug, Default)]
pub(crate) struct Reports(pub(crate) Mutex<Vec<FlowReport>>);

impl Observer for Reports {
    fn progress(&self, _progress: Progress) {}

    fn finished(&self, report: &FlowReport) {
        self.0.lock().unwrap().push(report.clone());
    }
}

/// Everything an engine and a runner need, under paused time.
pub(crate) struct Site {
    clock: Arc<PausedClock>,
    pub(crate) shop: Arc<Shop>,
    pub(crate) warehouse: Arc<Sheds>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) reports: Arc<Reports>,
    pub(crate) settings: Settings,
}

impl Site {
    pub(crate) fn new() -> Self {
        Self {
            clock: Arc::new(PausedClock(Instant::now())),
            shop: Arc::default(),
            warehouse: Arc::default(),
            // Older than every order, so that nothing has to be asked for before its first send.
            store: Arc::new(MemoryStore::new(
                start_of_time() - chrono::Duration::days(30),
            )),
            reports: Arc::default(),
            settings: Settings::default(),
        }
    }

    pub(crate) fn merchant() -> MerchantId {
        MerchantId::new("merchant")
    }

    pub(crate) fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.clock) as Arc<dyn Clock>
    }

    pub(crate) fn engine(&self) -> Engine {
        self.engine_over(self.store.clone())
    }

    fn engine_over(&self, store: Arc<dyn Store>) -> Engine {
        let mut profile = Profile::default();
        profile.services.rules = vec![ServiceRule::new("Express B2B Delivery", "WHI_EXP")];
        profile.phone.allow_fictitious = true;
        Engine::builder(
            Self::merchant(),
            ReferenceKey::new(*b"a key of the tests"),
            profile,
            store,
            Ports {
                orders: self.shop.clone(),
                catalogue: self.shop.clone(),
                warehouse: self.warehouse.clone(),
                despatch_sink: self.shop.clone(),
                stock_source: self.warehouse.clone(),
                stock_sink: self.shop.clone(),
            },
        )
        .with_settings(self.settings.clone())
        .with_clock(self.clock.clone())
        .with_observer(self.reports.clone())
        .build()
        .unwrap()
    }

    pub(crate) fn runner(&self, cadence: Cadence) -> Runner {
        Runner::new(self.engine(), cadence).unwrap()
    }

    /// A runner over a store of the test's own.
    pub(crate) fn runner_over(&self, store: Arc<dyn Store>, cadence: Cadence) -> Runner {
        Runner::new(self.engine_over(store), cadence).unwrap()
    }

    /// Runs for so long and then stops.
    pub(crate) async fn run_for(&self, runner: &Runner, duration: Duration) -> RunnerReport {
        let stop = CancellationToken::new();
        let watch = async {
            tokio::time::sleep(duration).await;
            stop.cancel();
        };
        let (report, ()) = tokio::join!(runner.run(stop.clone()), watch);
        report
    }

    /// Time since the start.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.monotonic()
    }

    /// When the runs of a flow began, in seconds since the start.
    pub(crate) fn begun(&self, flow: Flow) -> Vec<i64> {
        let reports = self.reports.0.lock().unwrap();
        let of_flow = reports.iter().filter(|report| report.flow == flow);
        of_flow
            .map(|report| (report.started_at - start_of_time()).num_seconds())
            .collect()
    }

    pub(crate) async fn state(&self, id: &str) -> OrderState {
        let id = SourceOrderId::new(id);
        let order = self.store.order(&Self::merchant(), &id).await.unwrap();
        order.expect("on record").state
    }

    /// Orders in a state.
    pub(crate) async fn count(&self, state: OrderState) -> usize {
        let merchant = Self::merchant();
        let orders = self.store.orders(&merchant, &[state], None, 10_000).await;
        orders.unwrap().len()
    }

    pub(crate) async fn open_codes(&self) -> Vec<String> {
        let open = self.store.exceptions(&Self::merchant(), true).await;
        open.unwrap()
            .into_iter()
            .map(|exception| exception.finding.code)
            .collect()
    }
}

/// Only these flows, without jitter.
pub(crate) fn only(flows: &[Flow]) -> Cadence {
    let mut cadence = Cadence::default();
    for (flow, of_flow) in [
        (Flow::Catalogue, &mut cadence.catalogue),
        (Flow::Orders, &mut cadence.orders),
        (Flow::Despatches, &mut cadence.despatches),
        (Flow::Stock, &mut cadence.stock),
        (Flow::Audit, &mut cadence.audit),
        (Flow::Housekeeping, &mut cadence.housekeeping),
    ] {
        of_flow.enabled = flows.contains(&flow);
        of_flow.jitter_percent = 0;
    }
    cadence
}
