//! Everything that happened to a parcel.

use connector_http::{Error, Idempotency, Operation};

use super::client::{LIMITS, Tracking};
use super::event::{TrackingEvent, in_order};
use super::profile::TrackingProfile;
use crate::UnreadableReply;
use crate::shipping::UnknownElements;
use crate::xml::{Element, IllegalCharacters, read};

const HISTORY: Operation = Operation::new(
    "tracking.history",
    Idempotency::ReadOnly,
    "/gettrackinghistory",
);

/// What happened to a shipment and its packages.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrackingHistory {
    /// The carrier's key of the shipment.
    pub shipment_key: Option<String>,
    /// Who carries it.
    pub courier: Option<String>,
    /// The number it was found by.
    pub tracking_number: Option<String>,
    /// Events of the shipment as a whole, by time.
    pub shipment_events: Vec<TrackingEvent>,
    /// Its packages.
    pub packages: Vec<TrackedPackage>,
    /// Elements without a name here.
    pub unknown: UnknownElements,
}

/// A package and its events.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrackedPackage {
    /// Its tracking number.
    pub tracking_number: Option<String>,
    /// Its events, by time, each once.
    pub events: Vec<TrackingEvent>,
    /// Elements without a name here.
    pub unknown: UnknownElements,
}

impl TrackingHistory {
    /// All events of the shipment and its packages, by time.
    #[must_use]
    pub fn events(&self) -> Vec<&TrackingEvent> {
        let packages = self.packages.iter().flat_map(|package| &package.events);
        let mut events: Vec<&TrackingEvent> = self.shipment_events.iter().chain(packages).collect();
        events.sort_by_key(|event| event.at);
        events
    }
}

impl TrackingHistory {
    /// Reads a reply, such as one that was kept.
    ///
    /// # Errors
    ///
    /// An [`UnreadableReply`] if it is no such reply.
    pub fn from_xml(bytes: &[u8], profile: &TrackingProfile) -> Result<Self, UnreadableReply> {
        let root = read(bytes, LIMITS, IllegalCharacters::Replace)?;
        let name = "GetTrackingHistoryResponse";
        if root.name != name {
            return Err(UnreadableReply(format!("the document is no {name}")));
        }
        Ok(Self::of(root, profile))
    }

    fn of(mut root: Element, profile: &TrackingProfile) -> Self {
        let mut text = |name: &str| {
            let taken = root.take(name)?;
            taken.value().map(|text| text.trim().to_owned())
        };
        let (shipment_key, courier) = (text("ShipmentKey"), text("CourierName"));
        let tracking_number = text("TrackingNumber");
        let shipment_events = events_of(root.take("ShipmentTrackingEvents"), profile);
        let packages = root.take("Packages").map(|list| list.children);
        Self {
            shipment_key,
            courier,
            tracking_number,
            shipment_events,
            packages: packages
                .unwrap_or_default()
                .into_iter()
                .filter(|package| package.name == "Package")
                .map(|mut package| {
                    let number = package.take("TrackingNumber");
                    TrackedPackage {
                        tracking_number: number
                            .and_then(|number| number.value().map(|text| text.trim().to_owned())),
                        events: events_of(package.take("PackageTrackingEvents"), profile),
                        unknown: UnknownElements::of(package),
                    }
                })
                .collect(),
            unknown: UnknownElements::of(root),
        }
    }
}

fn events_of(list: Option<Element>, profile: &TrackingProfile) -> Vec<TrackingEvent> {
    let events = list.into_iter().flat_map(|list| list.children);
    in_order(
        events
            .filter(|event| !event.children.is_empty())
            .map(|event| TrackingEvent::read(event, profile))
            .collect(),
    )
}

impl Tracking {
    /// Everything that happened to the parcel with this tracking number.
    ///
    /// # Errors
    ///
    /// - `InvalidRequest`: the carrier says no, with its code and words in [`Error::vendor_errors`]; also for a number it does not know
    ///   (assumed). `Auth` where the profile knows the code for one about credentials.
    /// - `Build`: the number has characters that XML cannot carry.
    /// - `Decode`: the answer is not the carrier's XML, has no `ServiceResult`, or is to another request.
    /// - Otherwise as any read: `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn history(&self, tracking_number: &str) -> Result<TrackingHistory, Error> {
        let names = (
            "gettrackinghistory",
            "GetTrackingHistoryRequest",
            "GetTrackingHistoryResponse",
        );
        let fields = vec![
            Element::of_text("SearchType", "ByTrackingNumber"),
            Element::of_text("SearchTerm", tracking_number),
        ];
        let answer = self.ask(&HISTORY, names, fields).await?;
        Ok(TrackingHistory::of(answer.root, self.profile()))
    }
}
