//! What stands before the ports: circuits, and a budget for repeats.
//!
//! Every call of every flow goes through here. A vendor that is down costs a few calls and one exception instead of one of each
//! for every order; and what was not called is no fault of the order that waited for it.

mod circuit_breaker;
mod failure_window;
mod guard_settings;
mod guarded_shop;
mod guarded_tracking;
mod guarded_warehouse;
mod port_guard;
mod port_use;
mod retry_budget;

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;

use crate::engine::Parts;
use crate::run::Run;
use crate::{ExceptionSubject, Finding, PortError, StoreError, TrackingSource, codes};

pub use guard_settings::GuardSettings;
use guarded_shop::{
    GuardedCatalogue, GuardedDespatchSink, GuardedFacts, GuardedOrderSource, GuardedStockSink,
};
use guarded_tracking::GuardedTracking;
use guarded_warehouse::{GuardedStockSource, GuardedWarehouse};
use port_guard::PortGuard;
pub use port_use::PortUse;
pub(crate) use port_use::RunMeter;

/// The scope of the exceptions about open circuits.
const SCOPE: &str = "circuit";
const SUBJECT: &str = "circuit";

/// A port of the engine, and with it the credential that its adapter uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum PortName {
    /// [`crate::OrderSource`].
    Orders,
    /// [`crate::CatalogueSource`].
    Catalogue,
    /// [`crate::ReleaseFactsSource`].
    ReleaseFacts,
    /// [`crate::Warehouse`].
    Warehouse,
    /// [`crate::DespatchSink`].
    DespatchSink,
    /// [`crate::StockSource`].
    StockSource,
    /// [`crate::StockSink`].
    StockSink,
    /// [`crate::TrackingSource`].
    Tracking,
}

impl PortName {
    /// Its name in reports and exceptions.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Catalogue => "catalogue",
            Self::ReleaseFacts => "release_facts",
            Self::Warehouse => "warehouse",
            Self::DespatchSink => "despatch_sink",
            Self::StockSource => "stock_source",
            Self::StockSink => "stock_sink",
            Self::Tracking => "tracking",
        }
    }
}

impl std::fmt::Display for PortName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An operation that is not called for now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct OpenCircuit {
    /// The port.
    pub port: PortName,
    /// The operation, by the name of the port's method.
    pub operation: &'static str,
    /// Since when it fails.
    pub since: DateTime<Utc>,
    /// When the next call tries it. A write waits for a read of the same port to succeed first.
    pub until: DateTime<Utc>,
    /// The failure of the last call, in one line.
    pub last_failure: String,
}

impl OpenCircuit {
    fn finding(&self) -> Finding {
        let until = self.until.to_rfc3339_opts(SecondsFormat::Secs, true);
        let mut finding = Finding::new(
            subject(self.port, self.operation),
            &codes::CIRCUIT_OPEN,
            format!("not called until {until}: {}", self.last_failure),
        );
        finding.since = Some(self.since);
        finding
    }
}

fn subject(port: PortName, operation: &str) -> ExceptionSubject {
    ExceptionSubject::new(SUBJECT, &format!("{port}.{operation}"))
}

/// The guards of all ports of an engine.
#[derive(Debug, Default)]
pub(crate) struct Guard {
    ports: Vec<(PortName, Arc<PortGuard>)>,
    /// Two flows that compare exceptions at once would overwrite each other's view.
    settling: tokio::sync::Mutex<()>,
}

impl Guard {
    /// Puts a guard before each port of the parts.
    pub(crate) fn stand_before(parts: &mut Parts) {
        let mut ports = Vec::new();
        let mut guard = |port| {
            let settings = parts.settings.guard.clone();
            let guard = Arc::new(PortGuard::new(port, settings, Arc::clone(&parts.clock)));
            ports.push((port, Arc::clone(&guard)));
            guard
        };
        parts.orders = Arc::new(GuardedOrderSource {
            guard: guard(PortName::Orders),
            inner: Arc::clone(&parts.orders),
        });
        parts.catalogue = Arc::new(GuardedCatalogue {
            guard: guard(PortName::Catalogue),
            inner: Arc::clone(&parts.catalogue),
        });
        parts.facts = Arc::new(GuardedFacts {
            guard: guard(PortName::ReleaseFacts),
            inner: Arc::clone(&parts.facts),
        });
        parts.warehouse = Arc::new(GuardedWarehouse {
            guard: guard(PortName::Warehouse),
            inner: Arc::clone(&parts.warehouse),
            patience: parts
                .settings
                .lease
                .mul_f64(guarded_warehouse::SHARE_FOR_A_READ),
        });
        parts.despatch_sink = Arc::new(GuardedDespatchSink {
            guard: guard(PortName::DespatchSink),
            inner: Arc::clone(&parts.despatch_sink),
        });
        parts.stock_source = Arc::new(GuardedStockSource {
            guard: guard(PortName::StockSource),
            inner: Arc::clone(&parts.stock_source),
        });
        parts.stock_sink = Arc::new(GuardedStockSink {
            guard: guard(PortName::StockSink),
            inner: Arc::clone(&parts.stock_sink),
        });
        parts.tracking = parts.tracking.take().map(|inner| {
            let guard = guard(PortName::Tracking);
            Arc::new(GuardedTracking { guard, inner }) as Arc<dyn TrackingSource>
        });
        parts.guard.ports = ports;
    }

    /// The circuits that are open.
    pub(crate) fn open_circuits(&self) -> Vec<OpenCircuit> {
        let ports = self.ports.iter();
        ports.flat_map(|(_, port)| port.open_circuits()).collect()
    }

    /// Whether a failure is told by the exception of a circuit: the one of its own operation is open. Another circuit that happens to
    /// be open tells nothing of it.
    pub(crate) fn tells(&self, error: &PortError) -> bool {
        let open = self.open_circuits();
        error.place().is_some_and(|place| {
            open.iter()
                .any(|circuit| (circuit.port, circuit.operation) == place)
        })
    }

    /// Another process, or this one before it was started anew, may know of circuits that nothing here has called yet.
    fn knows(&self, finding: &Finding) -> bool {
        self.ports.iter().any(|(name, port)| {
            let answered = port.answered_operations();
            answered
                .iter()
                .any(|operation| subject(*name, operation) == finding.subject)
        })
    }

    fn take_news(&self) -> bool {
        // Every port is asked: no short cut.
        self.ports
            .iter()
            .fold(false, |news, (_, port)| port.take_news() | news)
    }

    fn put_news_back(&self) {
        for (_, port) in &self.ports {
            port.put_news_back();
        }
    }
}

/// Makes the exceptions about circuits equal to the circuits that are open; one exception for each, however many orders wait.
pub(crate) async fn settle_circuits(run: &Run<'_>) -> Result<(), StoreError> {
    let guard = &run.parts.guard;
    let _settling = guard.settling.lock().await;
    if !guard.take_news() {
        return Ok(());
    }
    let settled = write_exceptions(run, guard).await;
    if settled.is_err() {
        guard.put_news_back();
    }
    settled
}

async fn write_exceptions(run: &Run<'_>, guard: &Guard) -> Result<(), StoreError> {
    let before = run.open_findings(SCOPE).await?;
    let mut findings: Vec<Finding> = guard
        .open_circuits()
        .iter()
        .map(OpenCircuit::finding)
        .collect();
    for finding in before {
        let open = |known: &Finding| known.subject == finding.subject;
        if !findings.iter().any(open) && !guard.knows(&finding) {
            findings.push(finding);
        }
    }
    run.settle(SCOPE, findings).await
}
