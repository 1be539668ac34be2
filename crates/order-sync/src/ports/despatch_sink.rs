//! Where tracking goes, so that the buyer sees it.

use async_trait::async_trait;
use order_mapping::{Parcel, SourceOrderId};

use super::PortError;

/// What a relay left behind.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RelayOutcome {
    /// Something had to be written.
    pub written: bool,
    /// Ids of the parcels that a read after the write showed.
    pub visible: Vec<String>,
    /// What the record held before and lacked afterwards, one line each; empty when nothing was lost.
    pub lost: Vec<String>,
    /// Parcels that the shop would not take, one line each with its reason and without personal data: a platform that takes no
    /// fulfilment for a cancelled order, or for units that somebody fulfilled by hand. They are not under
    /// [`RelayOutcome::visible`].
    pub refused: Vec<String>,
}

/// Writes parcels to the order's record in the shop.
///
/// # Contract
/// * `relay` adds what is missing and touches nothing else on the record: foreign packages, shipments and unknown members survive.
///   It reads, merges, writes and reads back; with nothing missing it writes nothing. It may be called again at any time.
/// * `visible` is a fresh read, never an answer from memory.
/// * Contents name the shop's own lines, in its units: a kit counts in the parcel that completes it, and what makes up no whole unit
///   yet is under [`Parcel::partial`].
/// * A parcel without a tracking number counts as visible where the shop shows nothing but tracking numbers. Where it counts
///   units, the parcel is visible once its units are counted.
/// * Cancel safety: a dropped `relay` may have written; the next call finds out by reading.
#[async_trait]
pub trait DespatchSink: Send + Sync + std::fmt::Debug {
    /// Adds parcels to the order's record.
    ///
    /// # Errors
    /// [`PortError`]
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError>;

    /// Which of these parcels the buyer can see, by a fresh read.
    ///
    /// # Errors
    /// [`PortError`]
    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError>;
}
