//! Where orders come from.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{ReleaseFacts, SalesOrder, SourceOrderId};

use super::PortError;
use crate::SourceCopy;

/// A span of the source's own time, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChangeWindow {
    /// From, inclusive.
    pub from: DateTime<Utc>,
    /// Until, inclusive. Fixed for all pages of one reading.
    pub until: DateTime<Utc>,
}

impl ChangeWindow {
    /// A span.
    #[must_use]
    pub const fn new(from: DateTime<Utc>, until: DateTime<Utc>) -> Self {
        Self { from, until }
    }
}

/// One row of a listing: enough to know whether the order has to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceRow {
    /// The shop's id.
    pub id: SourceOrderId,
    /// The shop's version of the order; `None` when the listing does not say, and then it is always fetched.
    pub version: Option<String>,
}

impl SourceRow {
    /// A row.
    #[must_use]
    pub const fn new(id: SourceOrderId, version: Option<String>) -> Self {
        Self { id, version }
    }
}

/// One page of a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourcePage {
    /// The rows.
    pub rows: Vec<SourceRow>,
    /// How to ask for the next page; none at the end.
    pub next: Option<String>,
}

impl SourcePage {
    /// A page.
    #[must_use]
    pub const fn new(rows: Vec<SourceRow>, next: Option<String>) -> Self {
        Self { rows, next }
    }
}

/// The authority for orders: lists what changed and hands out whole orders.
///
/// # Contract
/// * `changed` lists every order whose last change lies in the window, at least once; rows may repeat, in any order. An order
///   that changes while pages are read may be missing from them: it is then inside the next window.
/// * `fetch` returns the order as it is now, which may be newer than the row.
/// * Reading changes nothing. Every method may be called again at any time and dropped at any await.
/// * Errors: [`super::FailureClass::Unreadable`] from `fetch` concerns that order alone; every other class ends the run, and the
///   next run reads the same window again.
#[async_trait]
pub trait OrderSource: Send + Sync + std::fmt::Debug {
    /// The source's own time of day.
    ///
    /// # Errors
    /// [`PortError`]
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError>;

    /// One page of the orders that changed in a window.
    ///
    /// # Errors
    /// [`PortError`]
    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError>;

    /// One order; `None` when the source does not have it (any more).
    ///
    /// # Errors
    /// [`PortError`]
    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError>;
}

/// Facts beside the order that decide about its release: a credit decision, tags and status from another system.
///
/// # Contract
/// Reading changes nothing; an error holds nothing and releases nothing, the order is judged again in the next run.
#[async_trait]
pub trait ReleaseFactsSource: Send + Sync + std::fmt::Debug {
    /// What is known of an order beyond what stands on it.
    ///
    /// # Errors
    /// [`PortError`]
    async fn facts(&self, order: &SalesOrder) -> Result<ReleaseFacts, PortError>;
}

/// The answer of a deployment in which everything that decides stands on the order itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoFurtherFacts;

#[async_trait]
impl ReleaseFactsSource for NoFurtherFacts {
    async fn facts(&self, _order: &SalesOrder) -> Result<ReleaseFacts, PortError> {
        Ok(ReleaseFacts::default())
    }
}
