#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "sparklayer", feature = "whistl"))]
pub mod adapters;
mod alert;
mod alert_outbox;
pub mod alert_sinks;
mod alerting;
mod audit_report;
mod cadence;
mod clock;
pub mod codes;
mod commit;
mod desk;
pub mod dry_run;
mod engine;
mod erasure;
mod exception;
mod exception_desk;
mod explain;
mod flows;
mod guard;
mod health;
mod memory_store;
mod merchant;
mod parcel_tracking;
mod ports;
mod profile_version;
mod progress;
mod reason;
mod record;
mod report;
mod request;
mod run;
mod runner;
mod sealing;
mod service_level;
mod settings;
mod shadow_run;
mod stake;
mod state;
mod stock_record;
mod store;
mod timeline;

#[cfg(canary)]
pub use order_mapping::canary;

pub use alert::{Alert, AlertKind};
pub use audit_report::{AuditClass, AuditReport, DifferingRow, DriftParts, DriftRow, OverdueRow};
pub use cadence::{Cadence, FlowCadence, Pace, RunFacts, Wait};
pub use clock::{Clock, SystemClock};
pub use commit::{Commit, Fence, Refusal};
pub use desk::{DeskError, ReplayError, ResendError};
pub use engine::{AdvanceError, BuildError, Engine, EngineBuilder, Ports, ReferenceKey};
pub use erasure::{ErasureReport, Person, WaitingErasure};
pub use exception::{Exception, ExceptionChanges, ExceptionSubject, Finding, compare, rank};
pub use exception_desk::{
    DeskAction, DeskCommand, DeskRefusal, ExceptionEntry, ExceptionEvent, act, entries_of,
};

pub use explain::{Explanation, Todo};
pub use guard::{GuardSettings, OpenCircuit, PortName, PortUse};
pub use health::{FlowHealth, HealthLimits, HealthReason, HealthReport, Light};
pub use memory_store::MemoryStore;
pub use merchant::MerchantId;
pub use parcel_tracking::ParcelTracking;
pub use ports::{
    AlertSink, AmendRequest, Capabilities, CarrierScan, CatalogueSource, ChangeAnswer,
    ChangeWindow, DespatchPage, DespatchSink, FailureClass, FixedCatalogue, HeldBack, Lookup,
    NoFurtherFacts, Observer, OrderSource, PortError, Progress, PublishOutcome, RelayOutcome,
    ReleaseFactsSource, ReturnsPage, ShopLevel, SilentObserver, SourcePage, SourceRow, StockBatch,
    StockSink, StockSource, StoredContents, Submission, TrackedNumber, TrackingAnswer,
    TrackingSource, Warehouse, WarehouseListing, WarehouseOrderRow,
};
pub use profile_version::{Approval, ProfileVersion};
pub use progress::{
    DespatchApplied, LineProgress, ParcelRecord, RelayState, apply_despatch, by_line,
};
pub use reason::Reason;
pub use record::{OrderRecord, SourceCopy, apply};
pub use report::{Flow, FlowOutcome, FlowReport, Tally};
pub use request::{ChangeRequest, RequestKind, RequestState, RequestStep, next_request};
pub use runner::{CadenceError, FlowRuns, Hint, Runner, RunnerReport};
pub use sealing::{
    KeyRing, PersonalDataKey, PersonalKind, PersonalPlace, Renewal, SealError, Sealed, Sealing,
};
pub use service_level::ServiceLevels;
pub use settings::{CutOff, Settings};
pub use shadow_run::{Ruling, ShadowError, ShadowReport, ShadowRow};
pub use stake::Stake;
pub use state::{OrderEvent, OrderState, next_state};
pub use stock_record::{
    Demand, FeedKind, PublishedLevel, StockChanges, StockFeed, StockMark, StockRecord,
    compare_stock,
};
pub use store::{
    CaptureOutcome, Claim, ClaimKind, Dossier, FlowLease, NewOrder, OrderQuery, Resealed,
    StateCount, Store, StoreError, StoreErrorKind, lines_of,
};
pub use timeline::{TimelineEntry, first_broken_link};
pub use tokio_util::sync::CancellationToken;
