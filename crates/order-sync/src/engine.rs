//! The engine: ports, store and settings put together, and the run of a flow.

use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::{
    ClientOrderRef, Mapper, Profile, ReleaseFacts, SalesOrder, SkuOverrides, SkuRegistry,
    SourceOrderId,
};
use tokio_util::sync::CancellationToken;

use crate::flows::{self, DespatchesFrom};
use crate::guard::Guard;
use crate::run::{Run, Task};
use crate::settings::to_chrono;
use crate::{
    AlertSink, Approval, CatalogueSource, ChangeWindow, Clock, DespatchSink, Flow, FlowReport,
    MerchantId, NoFurtherFacts, Observer, OpenCircuit, OrderRecord, OrderSource, PortError,
    ReleaseFactsSource, Settings, SilentObserver, StockSink, StockSource, Store, StoreError,
    SystemClock, TrackingSource, Warehouse,
};

/// The engine of one merchant.
///
/// It owns no loop and spawns nothing: [`Engine::run_once`] runs one flow to its end and returns, and any scheduler may call it.
/// Cloning is cheap and shares everything.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) parts: Arc<Parts>,
}

#[derive(Debug)]
pub(crate) struct Parts {
    pub(crate) merchant: MerchantId,
    pub(crate) reference_key: ReferenceKey,
    pub(crate) settings: Settings,
    pub(crate) mapper: Mapper,
    pub(crate) overrides: SkuOverrides,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) observer: Arc<dyn Observer>,
    pub(crate) alerts: Vec<Arc<dyn AlertSink>>,
    pub(crate) orders: Arc<dyn OrderSource>,
    pub(crate) catalogue: Arc<dyn CatalogueSource>,
    pub(crate) facts: Arc<dyn ReleaseFactsSource>,
    pub(crate) warehouse: Arc<dyn Warehouse>,
    pub(crate) despatch_sink: Arc<dyn DespatchSink>,
    pub(crate) stock_source: Arc<dyn StockSource>,
    pub(crate) stock_sink: Arc<dyn StockSink>,
    pub(crate) tracking: Option<Arc<dyn TrackingSource>>,
    pub(crate) approval: Option<Approval>,
    /// The profile in use is on record.
    pub(crate) profile_recorded: AtomicBool,
    /// Held while the catalogue is read.
    pub(crate) registry_reading: tokio::sync::Mutex<()>,
    /// The registry that was built last, and when, by the clock that never jumps.
    pub(crate) registry: Mutex<Option<(Arc<SkuRegistry>, Duration)>>,
    pub(crate) guard: Guard,
    /// Why the last run could not be put on record; such a run leaves no exception either.
    pub(crate) unrecorded: Mutex<Option<String>>,
}

impl Parts {
    pub(crate) fn unrecorded(&self) -> MutexGuard<'_, Option<String>> {
        self.unrecorded
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// The client reference of an order of the shop, for a generation of it.
    pub(crate) fn reference_of(&self, id: &SourceOrderId, generation: u32) -> ClientOrderRef {
        let key = self.reference_key.as_bytes();
        ClientOrderRef::derive(key, self.merchant.as_str(), id, 0, generation)
    }

    /// The facts about an order's release, as of now where the source names no moment.
    pub(crate) async fn facts_about(&self, order: &SalesOrder) -> Result<ReleaseFacts, PortError> {
        let mut facts = self.facts.facts(order).await?;
        facts.now.get_or_insert_with(|| self.clock.now());
        Ok(facts)
    }
}

/// The deployment's key of client references. `Debug` does not show it.
#[derive(Clone)]
pub struct ReferenceKey(Vec<u8>);

impl ReferenceKey {
    /// Takes the key. It must stay the same for the life of the store: another key gives every order another reference.
    pub fn new(key: impl Into<Vec<u8>>) -> Self {
        Self(key.into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl std::fmt::Debug for ReferenceKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ReferenceKey(***)")
    }
}

/// Why an order could not be taken further: the store or a port failed. What was done is recorded.
#[derive(Debug, thiserror::Error)]
#[error("the order could not be taken further")]
pub struct AdvanceError(#[source] Box<dyn std::error::Error + Send + Sync>);

/// Everything an engine has to be given; see the fields. Optional parts have `with_` methods on [`EngineBuilder`].
#[derive(Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "a list of what is required: a new required port has to break the build"
)]
pub struct Ports {
    /// Where orders come from.
    pub orders: Arc<dyn OrderSource>,
    /// Where articles come from.
    pub catalogue: Arc<dyn CatalogueSource>,
    /// Who fulfils.
    pub warehouse: Arc<dyn Warehouse>,
    /// Where tracking goes.
    pub despatch_sink: Arc<dyn DespatchSink>,
    /// Where stock figures come from.
    pub stock_source: Arc<dyn StockSource>,
    /// Where stock levels go.
    pub stock_sink: Arc<dyn StockSink>,
}

/// Puts an engine together.
#[derive(Debug)]
pub struct EngineBuilder {
    parts: Parts,
}

/// An engine that cannot be built: every contradiction in its settings and profile, one line each.
#[derive(Debug, thiserror::Error)]
#[error("{}", faults.join("; "))]
pub struct BuildError {
    faults: Vec<String>,
}

impl BuildError {
    /// The contradictions, one line each with the remedy.
    #[must_use]
    pub fn faults(&self) -> &[String] {
        &self.faults
    }
}

impl EngineBuilder {
    /// Sets times, limits and sizes.
    #[must_use]
    pub fn with_settings(mut self, settings: Settings) -> Self {
        self.parts.settings = settings;
        self
    }

    /// Sets the declared aliases and manual pairs of the SKU registry.
    #[must_use]
    pub fn with_sku_overrides(mut self, overrides: SkuOverrides) -> Self {
        self.parts.overrides = overrides;
        self
    }

    /// Sets where facts about release come from, beside the order itself.
    #[must_use]
    pub fn with_release_facts(mut self, facts: Arc<dyn ReleaseFactsSource>) -> Self {
        self.parts.facts = facts;
        self
    }

    /// Sets who knows where parcels are. The despatches flow then asks after every parcel with a tracking number that it reads of
    /// from now on, until the parcel has arrived or is too old ([`Settings::tracking_for`]), and says what needs a person. Without
    /// one, no parcel is watched.
    #[must_use]
    pub fn with_tracking(mut self, source: Arc<dyn TrackingSource>) -> Self {
        self.parts.tracking = Some(source);
        self
    }

    /// Sets who is told of progress.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.parts.observer = observer;
        self
    }

    /// Adds a place where alerts go.
    #[must_use]
    pub fn with_alert_sink(mut self, sink: Arc<dyn AlertSink>) -> Self {
        self.parts.alerts.push(sink);
        self
    }

    /// Says who approved the profile, and when: recorded with its hash when an engine first runs with it.
    #[must_use]
    pub fn with_approval(mut self, approval: Approval) -> Self {
        self.parts.approval = Some(approval);
        self
    }

    /// Sets the clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.parts.clock = clock;
        self
    }

    /// Checks everything and builds the engine.
    ///
    /// # Errors
    /// [`BuildError`] with every contradiction in settings and profile.
    pub fn build(mut self) -> Result<Engine, BuildError> {
        let mut faults = self.parts.settings.check();
        faults.extend(
            self.parts
                .mapper
                .profile()
                .check()
                .into_iter()
                .filter(|diagnostic| diagnostic.severity >= order_mapping::Severity::Error)
                .map(|diagnostic| format!("{}: {}", diagnostic.code.id(), diagnostic.message)),
        );
        if self.parts.reference_key.as_bytes().len() < 16 {
            faults.push(
                "the reference key has under 16 bytes: give it at least 16 random ones".to_owned(),
            );
        }
        if faults.is_empty() {
            Guard::stand_before(&mut self.parts);
            Ok(Engine {
                parts: Arc::new(self.parts),
            })
        } else {
            Err(BuildError { faults })
        }
    }
}

impl Engine {
    /// Begins to put an engine together.
    #[must_use]
    pub fn builder(
        merchant: MerchantId,
        reference_key: ReferenceKey,
        profile: Profile,
        store: Arc<dyn Store>,
        ports: Ports,
    ) -> EngineBuilder {
        EngineBuilder {
            parts: Parts {
                merchant,
                reference_key,
                settings: Settings::default(),
                mapper: Mapper::new(profile),
                overrides: SkuOverrides::default(),
                store,
                clock: Arc::new(SystemClock::new()),
                observer: Arc::new(SilentObserver),
                alerts: Vec::new(),
                orders: ports.orders,
                catalogue: ports.catalogue,
                facts: Arc::new(NoFurtherFacts),
                warehouse: ports.warehouse,
                despatch_sink: ports.despatch_sink,
                stock_source: ports.stock_source,
                stock_sink: ports.stock_sink,
                tracking: None,
                approval: None,
                profile_recorded: AtomicBool::new(false),
                registry_reading: tokio::sync::Mutex::new(()),
                registry: Mutex::new(None),
                guard: Guard::default(),
                unrecorded: Mutex::new(None),
            },
        }
    }

    /// Runs one flow to its end.
    ///
    /// Never fails as a whole: what went wrong is in the report, what was done is recorded, and the next run goes on from there.
    /// Running a flow again from any earlier point changes nothing that is right already.
    ///
    /// # Cancel safety
    /// Cancel through the token: calls under way are finished and recorded, and the run ends as
    /// [`crate::FlowOutcome::Stopped`]. Dropping the future is safe too, at the price of leases that have to run out and of unknown
    /// outcomes for the calls that were under way.
    pub async fn run_once(&self, flow: Flow, stop: &CancellationToken) -> FlowReport {
        self.run(Task::Due(flow), stop).await
    }

    /// Runs the stock flow as the corrective: a full snapshot, compared with what the shop really shows.
    ///
    /// # Cancel safety
    /// As [`Engine::run_once`].
    pub async fn run_stock_corrective(&self, stop: &CancellationToken) -> FlowReport {
        self.run(Task::Corrective, stop).await
    }

    /// Reads the shop's orders of a window again, whatever was read before, and takes them as far as they go: for a backfill, or to
    /// make sure. What is right already stays as it is; the watermark stays where it is.
    ///
    /// # Cancel safety
    /// As [`Engine::run_once`].
    pub async fn backfill_orders(
        &self,
        window: ChangeWindow,
        stop: &CancellationToken,
    ) -> FlowReport {
        self.run(Task::Orders(window), stop).await
    }

    /// Reads despatches again from a place of the warehouse's feed on (`None`: from its beginning), whatever was read before. Each
    /// parcel still counts once; the cursor stays where it is.
    ///
    /// # Cancel safety
    /// As [`Engine::run_once`].
    pub async fn backfill_despatches(
        &self,
        from: Option<&str>,
        stop: &CancellationToken,
    ) -> FlowReport {
        let from = DespatchesFrom(from.map(str::to_owned));
        self.run(Task::Despatches(from), stop).await
    }

    /// Takes one order through every step that is due and returns its record as it is then; `None`: it is not on record. For
    /// schedulers that work by order, such as workflow engines and message consumers.
    ///
    /// Needs no flow to itself: the order is claimed. What it waits for is told by [`OrderRecord::due_at`], when it has to be looked
    /// at again; exceptions are settled by the next run of its flow.
    ///
    /// # Errors
    /// [`AdvanceError`]; what was done is recorded.
    ///
    /// # Cancel safety
    /// As [`Engine::run_once`].
    pub async fn advance(
        &self,
        id: &SourceOrderId,
        stop: &CancellationToken,
    ) -> Result<Option<OrderRecord>, AdvanceError> {
        let run = Run::of(&self.parts, Flow::Orders, stop);
        let advanced = flows::advance(&run, id).await;
        let tallies = run.counters.take();
        if !tallies.is_empty() {
            self.parts.observer.advanced(&tallies);
        }
        advanced.map_err(|error| AdvanceError(Box::new(error)))
    }

    async fn run(&self, task: Task, stop: &CancellationToken) -> FlowReport {
        let run = Run::of(&self.parts, task.flow(), stop);
        let started = run.started();
        let result = run.meter.watch(Box::pin(run.leased(task))).await;
        run.report(started, result).await
    }

    /// The operations of vendors that are not called for now, because they kept failing or refused the credentials. Each is an
    /// exception (`CIRCUIT_OPEN`) too.
    #[must_use]
    pub fn circuits(&self) -> Vec<OpenCircuit> {
        self.parts.guard.open_circuits()
    }

    /// When the next order wants attention by itself (a probe, a proof, a retry), up to `horizon` from now; `None` when nothing
    /// is due by then. For schedulers and demonstrations that wait for it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn next_due(&self, horizon: Duration) -> Result<Option<DateTime<Utc>>, StoreError> {
        use crate::OrderState as S;
        const WAITING: &[S] = &[
            S::Ready,
            S::Sending,
            S::OutcomeUnknown,
            S::Queued,
            S::PartDespatched,
            S::Despatched,
            S::Relayed,
        ];
        let parts = &*self.parts;
        let end = parts.clock.now() + to_chrono(horizon);
        let mut earliest: Option<DateTime<Utc>> = None;
        let mut after = None;
        loop {
            let page = parts
                .store
                .orders(&parts.merchant, WAITING, after.as_ref(), 500)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            for record in &page {
                let due = if record.state == S::Sending {
                    record.lease_until
                } else {
                    record.due_at
                };
                if let Some(due) = due.filter(|due| *due <= end) {
                    earliest = Some(earliest.map_or(due, |found| found.min(due)));
                }
            }
        }
        let mut after = None;
        loop {
            let page = parts
                .store
                .orders_with_requests(&parts.merchant, after.as_ref(), 500)
                .await?;
            let Some(last) = page.last() else { break };
            after = Some(last.id.clone());
            let due = page.iter().filter_map(OrderRecord::request_due_at);
            let soonest = due.filter(|due| *due <= end).min();
            earliest = [earliest, soonest].into_iter().flatten().min();
        }
        Ok(earliest)
    }

    /// The store.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.parts.store
    }

    /// Whose engine it is.
    #[must_use]
    pub fn merchant(&self) -> &MerchantId {
        &self.parts.merchant
    }
}
