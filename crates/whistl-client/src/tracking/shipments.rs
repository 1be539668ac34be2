//! Shipments of a time, and shipments that match a term.

use chrono::NaiveDateTime;
use connector_http::{Error, Idempotency, Operation};

use super::client::Tracking;
use super::event::TrackingEvent;
use crate::shipping::UnknownElements;
use crate::xml::Element;

const LIST: Operation = Operation::new("tracking.list", Idempotency::ReadOnly, "/listshipments");
const SEARCH: Operation =
    Operation::new("tracking.search", Idempotency::ReadOnly, "/searchshipments");

/// A shipment as the tracking interface lists it.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrackedShipment {
    /// The carrier's key.
    pub shipment_key: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// Who carries it.
    pub courier: Option<String>,
    /// The final carrier's tracking number.
    pub courier_tracking_number: Option<String>,
    /// Your reference: the order's. Searches say it, lists do not.
    pub reference1: Option<String>,
    /// Your second reference.
    pub reference2: Option<String>,
    /// Whether it was deleted.
    pub deleted: Option<bool>,
    /// Its last event, if anything has happened.
    pub last_event: Option<TrackingEvent>,
    /// Elements without a name here; a search says the postcode in them.
    pub unknown: UnknownElements,
}

impl Tracking {
    /// Lists the account's shipments of a time, by the carrier's local clock.
    ///
    /// # Errors
    ///
    /// As [`history`](Self::history).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn list(
        &self,
        from: NaiveDateTime,
        to: NaiveDateTime,
    ) -> Result<Vec<TrackedShipment>, Error> {
        let names = (
            "listshipments",
            "ListShipmentsRequest",
            "ListShipmentsResponse",
        );
        let format = self.profile().date_format.clone();
        let day = |name: &str, day: NaiveDateTime| {
            Element::of_text(name, day.format(&format).to_string())
        };
        let fields = vec![day("FromDate", from), day("ToDate", to)];
        let root = self.ask(&LIST, names, fields).await?.root;
        Ok(self.shipments(root))
    }

    /// Searches shipments by a term: a reference, a tracking number. What else the carrier searches is not published.
    ///
    /// A lost answer to a create can be looked for here by its first reference: see
    /// [`TrackedShipment::reference1`].
    ///
    /// # Errors
    ///
    /// As [`history`](Self::history).
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn search(&self, term: &str) -> Result<Vec<TrackedShipment>, Error> {
        let names = (
            "searchshipments",
            "SearchShipmentsRequest",
            "SearchShipmentsResponse",
        );
        let fields = vec![Element::of_text("SearchTerm", term)];
        let root = self.ask(&SEARCH, names, fields).await?.root;
        Ok(self.shipments(root))
    }

    fn shipments(&self, mut root: Element) -> Vec<TrackedShipment> {
        let list = root.take("Shipments").map(|list| list.children);
        let list = list.unwrap_or_default().into_iter();
        list.filter(|element| element.name == "Shipment")
            .map(|mut shipment| {
                let event = TrackingEvent::take(&mut shipment, self.profile());
                let mut text = |name: &str| {
                    let taken = shipment.take(name)?;
                    taken.value().map(|text| text.trim().to_owned())
                };
                TrackedShipment {
                    shipment_key: text("ShipmentKey"),
                    account: text("AccountID"),
                    courier: text("CourierName"),
                    courier_tracking_number: text("CourierTrackingNumber"),
                    reference1: text("Reference1"),
                    reference2: text("Reference2"),
                    deleted: text("Deleted").and_then(|text| text.parse().ok()),
                    last_event: event.is_there().then_some(event),
                    unknown: UnknownElements::of(shipment),
                }
            })
            .collect()
    }
}
