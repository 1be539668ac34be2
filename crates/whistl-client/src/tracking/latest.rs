//! The latest event of each of several parcels.

use connector_http::{Error, Idempotency, Operation};

use super::client::Tracking;
use super::event::TrackingEvent;
use crate::shipping::UnknownElements;
use crate::xml::Element;

const LATEST: Operation = Operation::new(
    "tracking.latest",
    Idempotency::ReadOnly,
    "/getlatesttrackingevent",
);

/// What the carrier says of one number that was asked for.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum TrackingResult {
    /// It is known; the event is missing where nothing has happened yet.
    Known(Box<LatestEvent>),
    /// It is not known, with the carrier's words.
    NotFound(Option<String>),
}

/// The latest event of a parcel.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LatestEvent {
    /// The carrier's key of the shipment.
    pub shipment_key: Option<String>,
    /// Who carries it.
    pub courier: Option<String>,
    /// The event.
    pub event: Option<TrackingEvent>,
    /// Elements without a name here.
    pub unknown: UnknownElements,
}

impl Tracking {
    /// The latest event of each of these numbers, in the carrier's order; a number it leaves out is not in the answer.
    ///
    /// # Errors
    ///
    /// As [`history`](Self::history); a number that is not known is a [`TrackingResult::NotFound`], not an error.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn latest(
        &self,
        tracking_numbers: &[&str],
    ) -> Result<Vec<(String, TrackingResult)>, Error> {
        let names = (
            "getlatesttrackingevent",
            "GetLatestTrackingEventRequest",
            "GetLatestTrackingEventResponse",
        );
        let mut numbers = Element::new("TrackingNumbers");
        let each = tracking_numbers.iter();
        numbers.children = each
            .map(|number| Element::of_text("TrackingNumber", *number))
            .collect();
        let mut root = self.ask(&LATEST, names, vec![numbers]).await?.root;
        let results = root.take("TrackingResult").map(|list| list.children);
        let results = results.unwrap_or_default().into_iter();
        Ok(results
            .filter(|result| result.name == "SearchResult")
            .map(|result| self.result(result))
            .collect())
    }

    fn result(&self, mut result: Element) -> (String, TrackingResult) {
        let mut text = |name: &str| {
            let taken = result.take(name)?;
            taken.value().map(|text| text.trim().to_owned())
        };
        let number = text("TrackingNumber").unwrap_or_default();
        let failed = text("Successful").is_some_and(|text| text.eq_ignore_ascii_case("false"));
        let message = text("SearchErrorMessage").filter(|text| !text.is_empty());
        let (shipment_key, courier) = (text("ShipmentKey"), text("CourierName"));
        if failed {
            return (number, TrackingResult::NotFound(message));
        }
        // The package's event says more than the shipment's, which was seen with a time and a place only.
        let event = ["PackageTrackingEvent", "ShipmentTracking"]
            .into_iter()
            .filter_map(|name| result.take(name))
            .map(|event| TrackingEvent::read(event, self.profile()))
            .find(TrackingEvent::is_there);
        let latest = LatestEvent {
            shipment_key,
            courier,
            event,
            unknown: UnknownElements::of(result),
        };
        (number, TrackingResult::Known(Box::new(latest)))
    }
}
