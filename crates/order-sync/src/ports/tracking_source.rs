//! Where parcels are, by the carrier's own word.

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::PortError;

/// A parcel that is asked after.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackedNumber {
    /// Its tracking number.
    pub number: String,
    /// The carrier, as the despatch names it.
    pub carrier: Option<String>,
}

impl TrackedNumber {
    /// A number of a carrier that is not named.
    pub fn new(number: impl Into<String>) -> Self {
        Self {
            number: number.into(),
            carrier: None,
        }
    }

    /// Names the carrier.
    #[must_use]
    pub fn of_carrier(mut self, carrier: Option<String>) -> Self {
        self.carrier = carrier;
        self
    }
}

/// One scan of a parcel, in the carrier's words.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarrierScan {
    /// When it happened, by the carrier's clock.
    pub at: DateTime<Utc>,
    /// The status text or number of the feed. The profile's status table says what it means
    /// ([`order_mapping::StatusTable`]); a text without a row is kept and reported.
    pub status: String,
}

impl CarrierScan {
    /// A scan.
    pub fn new(at: DateTime<Utc>, status: impl Into<String>) -> Self {
        Self {
            at,
            status: status.into(),
        }
    }
}

/// What the carrier says of one parcel.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TrackingAnswer {
    /// The carrier knows the number. Many do so only some hours after the label was printed.
    pub known: bool,
    /// What happened to it, in any order.
    pub scans: Vec<CarrierScan>,
    /// Scans that could not be read, one line each and without personal data; they are reported, not lost.
    pub unreadable: Vec<String>,
}

impl TrackingAnswer {
    /// A number that the carrier does not know, or not yet.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }

    /// A number that it knows, with what happened.
    pub fn known(scans: impl IntoIterator<Item = CarrierScan>) -> Self {
        Self {
            known: true,
            scans: scans.into_iter().collect(),
            unreadable: Vec::new(),
        }
    }
}

/// What the carrier knows of a parcel on its way.
///
/// Optional: see [`crate::EngineBuilder::with_tracking`].
///
/// # Contract
/// * `scans` tells what happened to one parcel so far, in any order; scans may repeat, come late, and be missing from one answer
///   and not from the next. The engine takes their union and never goes back. An implementation that can tell all of them does:
///   a scan between two questions (an attempted delivery) is else not seen.
/// * A number that the carrier does not know is an answer ([`TrackingAnswer::known`] is `false`), not an error.
/// * Names of signatories, places and drivers' remarks are personal data and stay in the implementation.
/// * Reading changes nothing: it may be called again at any time, for several parcels side by side, and dropped at any await.
/// * Errors: [`super::FailureClass::Throttled`], [`super::FailureClass::Unauthorised`] and [`super::FailureClass::Unsupported`]
///   concern every parcel: they end the reading of tracking for this run, and what was not asked after stays due. Every other
///   class concerns this parcel: it is asked after again later, and its neighbours go on.
///   [`super::FailureClass::Rejected`] and [`super::FailureClass::Unreadable`] are reported at once, the others once they repeat.
///   No error ever changes an order.
#[async_trait]
pub trait TrackingSource: Send + Sync + std::fmt::Debug {
    /// What the carrier says of a parcel.
    ///
    /// # Errors
    /// [`PortError`]
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError>;
}
