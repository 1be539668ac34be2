//! One run of one flow: its lease, its counters, and what all stages ask of the store.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::SkuRegistry;
use tokio_util::sync::CancellationToken;

use crate::alerting;
use crate::engine::Parts;
use crate::flows::{self, FlowError};
use crate::guard::{RunMeter, settle_circuits};
use crate::health;
use crate::report::Counters;
use crate::settings::to_chrono;
use crate::{
    AuditReport, ChangeWindow, ExceptionChanges, ExceptionSubject, Finding, Flow, FlowLease,
    FlowOutcome, FlowReport, OrderRecord, OrderState, ProfileVersion, Progress, Reason, StoreError,
    Tally, codes,
};

/// What a run is for.
#[derive(Debug, Clone)]
pub(crate) enum Task {
    /// What is due in a flow.
    Due(Flow),
    /// The whole picture of stock, against what the shop really shows.
    Corrective,
    /// The orders of a window, again.
    Orders(ChangeWindow),
    /// The despatches from a place of the feed on, again.
    Despatches(flows::DespatchesFrom),
}

impl Task {
    pub(crate) const fn flow(&self) -> Flow {
        match self {
            Self::Due(flow) => *flow,
            Self::Corrective => Flow::Stock,
            Self::Orders(_) => Flow::Orders,
            Self::Despatches(_) => Flow::Despatches,
        }
    }
}

/// One run of one flow: what its stages share.
pub(crate) struct Run<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) flow: Flow,
    pub(crate) counters: Counters,
    pub(crate) stop: CancellationToken,
    pub(crate) meter: Arc<RunMeter>,
    right: tokio::sync::Mutex<Right>,
}

/// The right to run the flow.
#[derive(Debug)]
enum Right {
    /// None was taken: one order is worked on by itself, or the flow is not begun or over.
    NotTaken,
    Held(FlowLease),
    /// It ran out and somebody else has it.
    Lost,
}

impl<'a> Run<'a> {
    pub(crate) fn of(parts: &'a Parts, flow: Flow, stop: &CancellationToken) -> Self {
        Self {
            parts,
            flow,
            counters: Counters::default(),
            stop: stop.clone(),
            meter: Arc::default(),
            right: tokio::sync::Mutex::new(Right::NotTaken),
        }
    }

    /// `Ok(None)`: somebody else holds the flow.
    pub(crate) async fn leased(
        &self,
        task: Task,
    ) -> Result<Option<Option<AuditReport>>, FlowError> {
        let registry = if self.flow == Flow::Orders {
            match self.registry_beforehand().await? {
                Some(registry) => Some(registry),
                None => return Ok(None),
            }
        } else {
            None
        };
        let Some(lease) = self.take(self.lease_length()).await? else {
            return Ok(None);
        };
        *self.right.lock().await = Right::Held(lease);
        let result = self.flow_itself(task, registry).await;
        let right = std::mem::replace(&mut *self.right.lock().await, Right::NotTaken);
        if let Right::Held(lease) = right {
            self.parts.store.release_flow(lease).await?;
        }
        result.map(Some)
    }

    async fn take(&self, length: chrono::Duration) -> Result<Option<FlowLease>, StoreError> {
        let parts = self.parts;
        let now = parts.clock.now();
        parts
            .store
            .take_flow(&parts.merchant, self.flow.as_str(), length, now)
            .await
    }

    /// The articles that orders are judged by. Where they are to be read, that may take longer than the lease of the flow, which is
    /// short: they are read under a long one, which is given back before the flow begins. `None`: somebody else holds the flow.
    async fn registry_beforehand(&self) -> Result<Option<Arc<SkuRegistry>>, FlowError> {
        if let Some(registry) = self.young_registry() {
            return Ok(Some(registry));
        }
        let Some(lease) = self.take(self.long_lease()).await? else {
            return Ok(None);
        };
        let registry = self.registry().await;
        self.parts.store.release_flow(lease).await?;
        registry.map(Some)
    }

    async fn flow_itself(
        &self,
        task: Task,
        registry: Option<Arc<SkuRegistry>>,
    ) -> Result<Option<AuditReport>, FlowError> {
        self.record_profile().await?;
        match task {
            Task::Due(Flow::Catalogue) => {
                let _one_at_a_time = self.parts.registry_reading.lock().await;
                flows::catalogue(self).await?;
            }
            Task::Due(Flow::Orders) => flows::orders(self, registry, None).await?,
            Task::Orders(window) => flows::orders(self, registry, Some(window)).await?,
            Task::Due(Flow::Despatches) => flows::despatches(self, None).await?,
            Task::Despatches(from) => flows::despatches(self, Some(from)).await?,
            Task::Due(Flow::Stock) => flows::stock(self, false).await?,
            Task::Corrective => flows::stock(self, true).await?,
            Task::Due(Flow::Audit) => return flows::audit(self).await.map(Some),
            Task::Due(Flow::Housekeeping) => flows::housekeeping(self).await?,
        }
        Ok(None)
    }

    /// How long the flow is held at a time. Whoever takes over an expired lease does the same idempotent reads, and orders are fenced
    /// one by one.
    ///
    /// Where orders are claimed, no longer than a claim: when a worker dies, what it had and what it would have taken next come
    /// free together. These flows consist of many short calls, and hold the right longer after each of them. The others make a few
    /// calls that may take minutes, such as reading a catalogue.
    fn lease_length(&self) -> chrono::Duration {
        match self.flow {
            Flow::Orders | Flow::Despatches => to_chrono(self.parts.settings.lease),
            _ => self.long_lease(),
        }
    }

    fn long_lease(&self) -> chrono::Duration {
        to_chrono(self.parts.settings.lease) * 10
    }

    /// Whether the run goes on: it was not asked to stop, and the flow is still its own.
    pub(crate) async fn goes_on(&self) -> Result<bool, FlowError> {
        if self.stopped() {
            return Ok(false);
        }
        self.keep(self.right.lock().await).await?;
        match *self.right.lock().await {
            Right::Lost => Err(FlowError::LeaseLost),
            Right::NotTaken | Right::Held(_) => Ok(true),
        }
    }

    /// Holds the flow longer, once a third of its time is over. Called between the calls of a long stage, which is not broken off when
    /// the flow is lost or the store fails for a moment: what is claimed is finished, and [`Run::goes_on`] says it before the next.
    ///
    /// Not for the body of a loop over calls that are under way side by side and use the store themselves: they stand still while the
    /// body waits, and one of them may have what it waits for. [`Run::staying`] is for those.
    pub(crate) async fn stays(&self) {
        // Whoever has the right in hand holds the flow longer already.
        let Ok(right) = self.right.try_lock() else {
            return;
        };
        if let Err(error) = self.keep(right).await {
            tracing::warn!(flow = self.flow.as_str(), %error, "the flow could not be held longer; tried again");
        }
    }

    /// Work that is under way beside other work, and holds the flow longer when it is done.
    pub(crate) async fn staying<T>(&self, work: impl Future<Output = T>) -> T {
        let done = work.await;
        self.stays().await;
        done
    }

    async fn keep(&self, mut right: tokio::sync::MutexGuard<'_, Right>) -> Result<(), StoreError> {
        let Right::Held(lease) = &*right else {
            return Ok(());
        };
        let now = self.parts.clock.now();
        if lease.until - now >= self.lease_length() / 3 * 2 {
            return Ok(());
        }
        let until = now + self.lease_length();
        *right = match self.parts.store.renew_flow(lease, until).await? {
            Some(renewed) => Right::Held(renewed),
            None => Right::Lost,
        };
        Ok(())
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
        if let Some(registry) = self.young_registry() {
            return Ok(registry);
        }
        // Flows that run side by side wait for one reading, and do not each build a registry on the same history.
        let _one_at_a_time = self.parts.registry_reading.lock().await;
        if let Some(registry) = self.young_registry() {
            return Ok(registry);
        }
        let kept = self.kept_registry();
        match (flows::catalogue(self).await, kept) {
            (Ok(registry), _) => Ok(registry),
            (Err(FlowError::Port(error)), Some((registry, _))) => {
                tracing::warn!(error = %error, "the catalogue could not be read; the last one is used");
                Ok(registry)
            }
            (Err(error), _) => Err(error),
        }
    }

    fn young_registry(&self) -> Option<Arc<SkuRegistry>> {
        let (registry, read_at) = self.kept_registry()?;
        let age = self.parts.clock.monotonic().saturating_sub(read_at);
        (age < self.parts.settings.catalogue_max_age).then_some(registry)
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

    /// When the run began, by both clocks.
    pub(crate) fn started(&self) -> (DateTime<Utc>, Duration) {
        (self.parts.clock.now(), self.parts.clock.monotonic())
    }

    /// Ends the run: its outcome on record, what is new told to the alert sinks, and everything in one report.
    pub(crate) async fn report(
        &self,
        (started_at, started): (DateTime<Utc>, Duration),
        result: Result<Option<Option<AuditReport>>, FlowError>,
    ) -> FlowReport {
        // Told once, by the circuit's own exception, and not once more by every flow that meets it.
        let told = result.as_ref().is_err_and(|error| self.told(error));
        let (outcome, audit) = match result {
            Ok(Some(audit)) => (self.ending(), audit),
            Ok(None) => (FlowOutcome::Busy, None),
            Err(error) => (
                FlowOutcome::Failed {
                    reason: error.to_string(),
                },
                None,
            ),
        };
        let mut unrecorded = None;
        if let Err(error) = self.settle_outcome(&outcome, told).await {
            tracing::error!(flow = self.flow.as_str(), error = %error, "the outcome of the run could not be recorded");
            unrecorded = Some(error);
        }
        if let Err(error) = settle_circuits(self).await {
            tracing::error!(flow = self.flow.as_str(), error = %error, "the state of the circuits could not be recorded");
            unrecorded = Some(error);
        }
        if let Err(error) = alerting::alert(self).await {
            tracing::error!(flow = self.flow.as_str(), error = %error, "alerts could not be passed on; the next run does");
            unrecorded = Some(error);
        }
        let elapsed = self.parts.clock.monotonic().saturating_sub(started);
        let report = FlowReport {
            flow: self.flow,
            outcome,
            started_at,
            elapsed_ms: u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
            tallies: self.counters.take(),
            audit,
            port_use: self.meter.counts(),
        };
        if let Err(error) = health::note(self, &report).await {
            tracing::error!(flow = self.flow.as_str(), error = %error, "the run could not be noted for the health report");
            unrecorded = Some(error);
        }
        // A run that another worker keeps busy tried nothing and wrote nothing.
        if unrecorded.is_some() || report.outcome != FlowOutcome::Busy {
            *self.parts.unrecorded() =
                unrecorded.map(|error| format!("the {} flow: {error}", self.flow));
        }
        self.parts.observer.finished(&report);
        report
    }

    /// Whether all that a run failed of is told by exceptions about circuits.
    fn told(&self, error: &FlowError) -> bool {
        match error {
            FlowError::Port(error) => self.parts.guard.tells(error),
            FlowError::Both(one, other) => self.told(one) && self.told(other),
            FlowError::Store(_) | FlowError::LeaseLost => false,
        }
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

    /// A failed run is an exception of its own, unless it is told elsewhere; a run to the end closes it.
    async fn settle_outcome(&self, outcome: &FlowOutcome, told: bool) -> Result<(), StoreError> {
        let findings = match outcome {
            FlowOutcome::Failed { .. } if told => Vec::new(),
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
        #[cfg(canary)]
        if findings.is_empty() && crate::canary::planted("exceptions_never_close") {
            return Ok(());
        }
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

    /// Of these findings the ones that were never told: no exception, open or closed, was ever about the same. For what is found
    /// again only because a feed is read again, after a run that died before it told.
    pub(crate) async fn never_told(
        &self,
        scope: &str,
        mut findings: Vec<Finding>,
    ) -> Result<Vec<Finding>, StoreError> {
        if findings.is_empty() {
            return Ok(findings);
        }
        let store = &self.parts.store;
        let ever = store.exceptions(&self.parts.merchant, false).await?;
        findings.retain(|finding| {
            !ever.iter().any(|exception| {
                exception.scope == scope
                    && exception.finding.subject == finding.subject
                    && exception.finding.code == finding.code
            })
        });
        Ok(findings)
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
