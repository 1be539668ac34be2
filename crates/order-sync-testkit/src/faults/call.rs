//! The calls that can go wrong.

/// A method of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Call {
    /// [`order_sync::OrderSource::server_time`]
    ServerTime,
    /// [`order_sync::OrderSource::changed`]
    Changed,
    /// [`order_sync::OrderSource::fetch`]
    Fetch,
    /// [`order_sync::CatalogueSource::catalogue`]
    Catalogue,
    /// [`order_sync::Warehouse::submit`]
    Submit,
    /// [`order_sync::Warehouse::lookup`]
    Lookup,
    /// [`order_sync::Warehouse::despatches`]
    Despatches,
    /// [`order_sync::Warehouse::list`]
    List,
    /// [`order_sync::Warehouse::cancel`]
    Cancel,
    /// [`order_sync::Warehouse::amend`]
    Amend,
    /// [`order_sync::Warehouse::returns`]
    Returns,
    /// [`order_sync::DespatchSink::relay`]
    Relay,
    /// [`order_sync::DespatchSink::visible`]
    Visible,
    /// [`order_sync::StockSource::stock`]
    Stock,
    /// [`order_sync::StockSink::publish`]
    Publish,
    /// [`order_sync::StockSink::levels`]
    Levels,
    /// [`order_sync::TrackingSource::scans`]
    Scans,
    /// [`order_sync::ReleaseFactsSource::facts`]
    Facts,
}
