#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(any(feature = "sparklayer", feature = "whistl"))]
pub mod adapters;
mod clock;
pub mod codes;
pub mod dry_run;
mod engine;
mod exception;
mod flows;
mod memory_store;
mod merchant;
mod ports;
mod progress;
mod reason;
mod record;
mod report;
mod settings;
mod state;
mod stock_record;
mod store;
mod timeline;

pub use clock::{Clock, SystemClock};
pub use engine::{BuildError, Engine, EngineBuilder, Ports, ReferenceKey, ReplayError};
pub use exception::{Exception, ExceptionChanges, ExceptionSubject, Finding, compare};
pub use flows::{AuditReport, DriftRow, OverdueRow};
pub use memory_store::MemoryStore;
pub use merchant::MerchantId;
pub use ports::{
    AlertEvent, AlertSink, Capabilities, CatalogueSource, ChangeWindow, DespatchPage, DespatchSink,
    FailureClass, FixedCatalogue, Lookup, NoFurtherFacts, Observer, OrderSource, PortError,
    Progress, PublishOutcome, RelayOutcome, ReleaseFactsSource, ShopLevel, SilentObserver,
    SourcePage, SourceRow, StockBatch, StockSink, StockSource, Submission, Warehouse,
    WarehouseListing, WarehouseOrderRow,
};
pub use progress::{
    DespatchApplied, LineProgress, ParcelRecord, RelayState, apply_despatch, by_line,
};
pub use reason::Reason;
pub use record::{Commit, Fence, OrderRecord, Refusal, SourceCopy, apply};
pub use report::{Flow, FlowOutcome, FlowReport, Tally};
pub use settings::Settings;
pub use state::{OrderEvent, OrderState, next_state};
pub use stock_record::{
    Demand, FeedKind, PublishedLevel, StockChanges, StockFeed, StockRecord, compare_stock,
};
pub use store::{
    CaptureOutcome, Claim, ClaimKind, FlowLease, NewOrder, Store, StoreError, StoreErrorKind,
    lines_of,
};
pub use timeline::{TimelineEntry, first_broken_link};
pub use tokio_util::sync::CancellationToken;
