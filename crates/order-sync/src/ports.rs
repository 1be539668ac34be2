//! The ports: what the engine needs from a shop and a warehouse, named by the fact they carry.

mod catalogue_source;
mod despatch_sink;
mod observer;
mod order_source;
mod port_error;
mod stock_sink;
mod stock_source;
mod tracking_source;
mod warehouse;

pub use catalogue_source::{CatalogueSource, FixedCatalogue};
pub use despatch_sink::{DespatchSink, RelayOutcome};
pub use observer::{AlertSink, Observer, Progress, SilentObserver};
pub use order_source::{
    ChangeWindow, NoFurtherFacts, OrderSource, ReleaseFactsSource, SourcePage, SourceRow,
};
pub use port_error::{FailureClass, HeldBack, PortError};
pub use stock_sink::{PublishOutcome, ShopLevel, StockSink};
pub use stock_source::{StockBatch, StockSource};
pub use tracking_source::{CarrierScan, TrackedNumber, TrackingAnswer, TrackingSource};
pub use warehouse::{
    AmendRequest, Capabilities, ChangeAnswer, DespatchPage, Lookup, ReturnsPage, StoredContents,
    Submission, Warehouse, WarehouseListing, WarehouseOrderRow,
};
