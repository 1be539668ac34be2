//! Where stock figures come from.

use async_trait::async_trait;

use super::PortError;
use crate::StockFeed;

/// What a reading of the stock feed brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockBatch {
    /// The rows; none when nothing changed.
    pub feed: Option<StockFeed>,
    /// Where to go on.
    pub cursor: Option<String>,
    /// Rows that could not be read, one line each; they are reported, not lost.
    pub unreadable: Vec<String>,
    /// Changes were missing in the feed; what, in one line. The implementation has asked for a snapshot in their place.
    pub gap: Option<String>,
}

/// The authority for stock.
///
/// # Contract
/// * With a cursor: what changed since; the implementation answers with a snapshot where it cannot tell. Without: a snapshot; a feed
///   that has changes only (a folder of delta files) tells every change that it still has, and calls it that.
/// * Figures are absolute. Sequences grow; a repeat is harmless.
/// * A cursor that is none of its own is an error, or is answered as if there were none: never with nothing new.
#[async_trait]
pub trait StockSource: Send + Sync + std::fmt::Debug {
    /// Reads the feed.
    ///
    /// # Errors
    /// [`PortError`]
    async fn stock(&self, cursor: Option<&str>) -> Result<StockBatch, PortError>;
}
