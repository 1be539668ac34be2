//! The engine: ports, store and settings put together, and the run of a flow.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::{Mapper, Profile, SkuOverrides, SkuRegistry, SourceOrderId};
use tokio_util::sync::CancellationToken;

use crate::alerting;
use crate::flows::{self, FlowError};
use crate::report::Counters;
use crate::settings::to_chrono;
use crate::{
    AlertSink, Approval, AuditReport, CatalogueSource, Clock, Commit, DespatchSink,
    ExceptionChanges, ExceptionSubject, Fence, Finding, Flow, FlowLease, FlowOutcome, FlowReport,
    MerchantId, NoFurtherFacts, Observer, OrderEvent, OrderRecord, OrderSource, OrderState,
    ProfileVersion, Progress, Reason, Refusal, ReleaseFactsSource, Settings, SilentObserver,
    StockSink, StockSource, Store, StoreError, SystemClock, Tally, Warehouse, codes,
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
    pub(crate) approval: Option<Approval>,
    /// The profile in use is on record.
    profile_recorded: AtomicBool,
    /// The registry that was built last, and when, by the clock that never jumps.
    registry: Mutex<Option<(Arc<SkuRegistry>, Duration)>>,
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

/// Why an order was not replayed. Nothing was written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReplayError {
    /// No order of that id is on record.
    #[error("no order of that id is on record")]
    Unknown,
    /// It is in a state from which nothing is sent again, or under way right now.
    #[error("the order cannot be replayed: {0}")]
    Refused(#[from] Refusal),
    /// The store could not do it.
    #[error("the order could not be replayed")]
    Store(#[from] StoreError),
}

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
    pub fn build(self) -> Result<Engine, BuildError> {
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
                approval: None,
                profile_recorded: AtomicBool::new(false),
                registry: Mutex::new(None),
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
    /// [`FlowOutcome::Stopped`]. Dropping the future is safe too, at the price of leases that have to run out and of unknown
    /// outcomes for the calls that were under way.
    pub async fn run_once(&self, flow: Flow, stop: &CancellationToken) -> FlowReport {
        self.run(flow, false, stop).await
    }

    /// Runs the stock flow as the corrective: a full snapshot, compared with what the shop really shows.
    ///
    /// # Cancel safety
    /// As [`Engine::run_once`].
    pub async fn run_stock_corrective(&self, stop: &CancellationToken) -> FlowReport {
        self.run(Flow::Stock, true, stop).await
    }

    async fn run(&self, flow: Flow, corrective: bool, stop: &CancellationToken) -> FlowReport {
        let parts = &*self.parts;
        let run = Run {
            parts,
            flow,
            counters: Counters::default(),
            stop: stop.clone(),
            lease: tokio::sync::Mutex::new(None),
        };
        let started_at = parts.clock.now();
        let started = parts.clock.monotonic();
        let result = run.leased(corrective).await;
        let (outcome, audit) = match result {
            Ok(Some(audit)) => (run.ending(), audit),
            Ok(None) => (FlowOutcome::Busy, None),
            Err(error) => (
                FlowOutcome::Failed {
                    reason: error.to_string(),
                },
                None,
            ),
        };
        if let Err(error) = run.settle_outcome(&outcome).await {
            tracing::error!(flow = flow.as_str(), error = %error, "the outcome of the run could not be recorded");
        }
        if let Err(error) = alerting::alert(&run).await {
            tracing::error!(flow = flow.as_str(), error = %error, "alerts could not be passed on; the next run does");
        }
        let elapsed = parts.clock.monotonic().saturating_sub(started);
        FlowReport {
            flow,
            outcome,
            started_at,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            tallies: run.counters.take(),
            audit,
        }
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
        Ok(earliest)
    }

    /// Sends an order that is parked, held, ignored or cancelled through the rules again, by the next run of the orders flow. `why`
    /// goes into its timeline. An order that may be at the warehouse is asked for before it is sent, so replaying is harmless.
    ///
    /// On the file route an order that the importer refused is refused again as long as its error file lies there: move that aside
    /// first.
    ///
    /// # Errors
    /// [`ReplayError`]
    ///
    /// # Cancel safety
    /// Dropping the future leaves it done or not; calling it again is harmless.
    pub async fn replay(&self, id: &SourceOrderId, why: &str) -> Result<OrderRecord, ReplayError> {
        let parts = &*self.parts;
        let record = parts
            .store
            .order(&parts.merchant, id)
            .await?
            .ok_or(ReplayError::Unknown)?;
        let now = parts.clock.now();
        let fence = Fence::Unclaimed(record.state, record.token);
        let commit = Commit::new(&record, fence, OrderEvent::Replayed, now, why).due(now);
        Ok(parts.store.commit(commit).await??)
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

/// One run of one flow: what its stages share.
pub(crate) struct Run<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) flow: Flow,
    pub(crate) counters: Counters,
    pub(crate) stop: CancellationToken,
    /// The right to run the flow, once it is taken.
    lease: tokio::sync::Mutex<Option<FlowLease>>,
}

impl Run<'_> {
    /// `Ok(None)`: somebody else holds the flow.
    async fn leased(&self, corrective: bool) -> Result<Option<Option<AuditReport>>, FlowError> {
        let parts = self.parts;
        let now = parts.clock.now();
        let taken = parts
            .store
            .take_flow(
                &parts.merchant,
                self.flow.as_str(),
                self.lease_length(),
                now,
            )
            .await?;
        let Some(lease) = taken else {
            return Ok(None);
        };
        *self.lease.lock().await = Some(lease);
        let result = self.flow_itself(corrective).await;
        if let Some(lease) = self.lease.lock().await.take() {
            parts.store.release_flow(lease).await?;
        }
        result.map(Some)
    }

    async fn flow_itself(&self, corrective: bool) -> Result<Option<AuditReport>, FlowError> {
        self.record_profile().await?;
        match self.flow {
            Flow::Catalogue => flows::catalogue(self).await.map(|_| None),
            Flow::Orders => flows::orders(self).await.map(|()| None),
            Flow::Despatches => flows::despatches(self).await.map(|()| None),
            Flow::Stock => flows::stock(self, corrective).await.map(|()| None),
            Flow::Audit => flows::audit(self).await.map(Some),
            Flow::Housekeeping => flows::housekeeping(self).await.map(|()| None),
        }
    }

    /// A flow reads pages and waits for vendors, so its lease is longer than a claim's, and renewed as long as it gets on; whoever
    /// takes over an expired one does the same idempotent reads, and orders are fenced one by one.
    fn lease_length(&self) -> chrono::Duration {
        to_chrono(self.parts.settings.lease) * 10
    }

    /// Whether the run goes on: it was not asked to stop, and the flow is still its own.
    pub(crate) async fn goes_on(&self) -> Result<bool, FlowError> {
        if self.stopped() {
            return Ok(false);
        }
        let now = self.parts.clock.now();
        let mut held = self.lease.lock().await;
        if let Some(lease) = held.as_ref()
            && lease.until - now < self.lease_length() / 2
        {
            let until = now + self.lease_length();
            match self.parts.store.renew_flow(lease, until).await? {
                Some(renewed) => *held = Some(renewed),
                None => {
                    *held = None;
                    return Err(FlowError::LeaseLost);
                }
            }
        }
        Ok(true)
    }

    /// Puts the profile in use on record, once for each engine.
    async fn record_profile(&self) -> Result<(), StoreError> {
        let parts = self.parts;
        if parts.profile_recorded.load(Ordering::Acquire) {
            return Ok(());
        }
        let hash = parts.mapper.profile().content_hash();
        let now = parts.clock.now();
        let version = ProfileVersion::new(hash.as_str(), now, parts.approval.clone());
        parts.store.record_profile(&parts.merchant, version).await?;
        let mut findings = Vec::new();
        if parts.settings.approval_required {
            let known = parts.store.profiles(&parts.merchant).await?;
            let approved = known
                .iter()
                .any(|version| version.hash == hash && version.approval.is_some());
            if !approved {
                let subject = ExceptionSubject::new("profile", &hash);
                let detail = format!("profile {hash} is in use and nobody has approved it");
                findings.push(Finding::new(subject, &codes::PROFILE_UNAPPROVED, detail));
            }
        }
        self.settle("profile", findings).await?;
        parts.profile_recorded.store(true, Ordering::Release);
        Ok(())
    }

    /// The registry that the other flows work with: the one in memory as long as it is young enough.
    ///
    /// A catalogue that cannot be read keeps nobody from working with the last one.
    pub(crate) async fn registry(&self) -> Result<Arc<SkuRegistry>, FlowError> {
        let kept = self.kept_registry();
        let age = |read_at: Duration| self.parts.clock.monotonic().saturating_sub(read_at);
        if let Some((registry, read_at)) = &kept
            && age(*read_at) < self.parts.settings.catalogue_max_age
        {
            return Ok(Arc::clone(registry));
        }
        match (flows::catalogue(self).await, kept) {
            (Ok(registry), _) => Ok(registry),
            (Err(FlowError::Port(error)), Some((registry, _))) => {
                tracing::warn!(error = %error, "the catalogue could not be read; the last one is used");
                Ok(registry)
            }
            (Err(error), _) => Err(error),
        }
    }

    fn kept_registry(&self) -> Option<(Arc<SkuRegistry>, Duration)> {
        match self.parts.registry.lock() {
            Ok(kept) => kept.clone(),
            // A panic elsewhere does not make a registry wrong.
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }

    pub(crate) fn keep_registry(&self, registry: SkuRegistry) -> Arc<SkuRegistry> {
        let registry = Arc::new(registry);
        let kept = Some((Arc::clone(&registry), self.parts.clock.monotonic()));
        match self.parts.registry.lock() {
            Ok(mut place) => *place = kept,
            Err(poisoned) => *poisoned.into_inner() = kept,
        }
        registry
    }

    fn ending(&self) -> FlowOutcome {
        if self.stop.is_cancelled() {
            FlowOutcome::Stopped
        } else {
            FlowOutcome::Completed
        }
    }

    pub(crate) fn stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// How many orders are in some states, for a report of progress.
    pub(crate) async fn count_of(&self, states: &[OrderState]) -> Result<u64, StoreError> {
        let counts = self
            .parts
            .store
            .counts(&self.parts.merchant, states)
            .await?;
        Ok(counts.values().map(|count| count.orders).sum())
    }

    pub(crate) fn progress(&self, stage: &'static str, done: u64, total: Option<u64>) {
        self.parts
            .observer
            .progress(Progress::new(self.flow, stage, done, total));
    }

    /// A failed run is an exception of its own; a run to the end closes it.
    async fn settle_outcome(&self, outcome: &FlowOutcome) -> Result<(), StoreError> {
        let findings = match outcome {
            FlowOutcome::Failed { reason } => vec![Finding::new(
                ExceptionSubject::new("flow", self.flow.as_str()),
                &codes::FLOW_FAILED,
                reason,
            )],
            FlowOutcome::Completed => Vec::new(),
            _ => return Ok(()),
        };
        self.settle(&format!("flow.{}", self.flow), findings).await
    }

    /// Makes the open exceptions of a scope equal to the findings, and passes on what that opened and closed.
    pub(crate) async fn settle(
        &self,
        scope: &str,
        findings: Vec<Finding>,
    ) -> Result<(), StoreError> {
        let parts = self.parts;
        let changes: ExceptionChanges = parts
            .store
            .settle_exceptions(&parts.merchant, scope, findings, parts.clock.now())
            .await?;
        self.counters
            .add(Tally::ExceptionsOpened, changes.opened.len() as u64);
        self.counters
            .add(Tally::ExceptionsClosed, changes.closed.len() as u64);
        Ok(())
    }

    /// What is open in a scope, for a flow that has not seen all of it this time and so may not close it.
    pub(crate) async fn open_findings(&self, scope: &str) -> Result<Vec<Finding>, StoreError> {
        let open = self
            .parts
            .store
            .exceptions(&self.parts.merchant, true)
            .await?;
        Ok(open
            .into_iter()
            // What a person closed is not kept alive by a flow that did not look.
            .filter(|exception| exception.scope == scope && exception.is_open())
            .map(|exception| exception.finding)
            .collect())
    }
}

/// The exception that a reason calls for: about its own subject, or about the order that carries it.
pub(crate) fn finding_of(reason: &Reason, order: Option<&OrderRecord>) -> Finding {
    let subject = reason.subject.clone().unwrap_or_else(|| {
        order.map_or_else(
            || ExceptionSubject::new("catalogue", &reason.path),
            |record| ExceptionSubject::order(&record.id),
        )
    });
    Finding {
        subject,
        code: reason.code.clone(),
        severity: reason.severity,
        detail: reason.message.clone(),
        count: 1,
        examples: order.map(OrderRecord::label).into_iter().collect(),
        since: order.and_then(|record| record.placed_at),
        stake: order.map(|record| record.stake.clone()).unwrap_or_default(),
    }
}
