//! One event of a parcel.

use chrono::{DateTime, NaiveDateTime, Utc};
use chrono_tz::Europe::London;
use connector_http::Personal;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::profile::TrackingProfile;
use crate::shipping::UnknownElements;
use crate::xml::Element;

/// What an event means for the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ParcelStage {
    /// Announced; not yet with the carrier.
    PreAdvice,
    /// On its way.
    InTransit,
    /// With the driver.
    OutForDelivery,
    /// Kept somewhere.
    Held,
    /// Something went wrong.
    Exception,
    /// Delivered.
    Delivered,
    /// On its way back.
    Returning,
    /// The profile does not say.
    Unknown,
}

/// An event of a parcel.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct TrackingEvent {
    /// What it means, by the profile.
    pub stage: ParcelStage,
    /// `EventCategoryID`, as it came.
    pub category: Option<u32>,
    /// `EventCategoryDescription`.
    pub category_text: Option<String>,
    /// `EventSubCategoryID`, as it came.
    pub sub_category: Option<i64>,
    /// `EventSubCategoryDescription`.
    pub sub_category_text: Option<String>,
    /// Where; it can be a neighbour's.
    pub location: Option<Personal<String>>,
    /// What, in the carrier's words, which can name a person.
    pub description: Option<Personal<String>>,
    /// Who signed.
    pub signatory: Option<Personal<String>>,
    /// When, in UTC; none where the text is no time, or one that the clocks skipped.
    pub at: Option<DateTime<Utc>>,
    /// When, as it came: UK local time without a zone.
    pub timestamp: Option<String>,
    /// Degrees east.
    pub longitude: Option<Decimal>,
    /// Degrees north.
    pub latitude: Option<Decimal>,
    /// The final carrier's own code.
    pub courier_code: Option<String>,
    /// Elements without a name here.
    pub unknown: UnknownElements,
}

impl TrackingEvent {
    /// The event whose elements stand in `element`; they are taken out of it.
    pub(super) fn take(element: &mut Element, profile: &TrackingProfile) -> Self {
        let mut text = |name: &str| {
            let taken = element.take(name)?;
            taken.value().map(|text| text.trim().to_owned())
        };
        let category = text("EventCategoryID").and_then(|id| id.parse().ok());
        let timestamp = text("EventTimestamp");
        let number = |text: Option<String>| text.and_then(|text| text.parse().ok());
        Self {
            stage: profile.stage(category),
            category,
            category_text: text("EventCategoryDescription"),
            sub_category: text("EventSubCategoryID").and_then(|id| id.parse().ok()),
            sub_category_text: text("EventSubCategoryDescription"),
            location: text("EventLocation").map(Personal::new),
            description: text("EventDescription").map(Personal::new),
            signatory: text("EventSignatory").map(Personal::new),
            at: timestamp.as_deref().and_then(moment),
            timestamp,
            longitude: number(text("Longitude")),
            latitude: number(text("Latitude")),
            courier_code: text("CourierTrackingEventCode"),
            unknown: UnknownElements::default(),
        }
    }

    /// A whole element that is an event.
    pub(super) fn read(mut element: Element, profile: &TrackingProfile) -> Self {
        let event = Self::take(&mut element, profile);
        Self {
            unknown: UnknownElements::of(element),
            ..event
        }
    }

    /// Whether there is anything of an event.
    pub(super) const fn is_there(&self) -> bool {
        self.category.is_some() || self.timestamp.is_some() || self.description.is_some()
    }
}

/// UK local time as a moment.
fn moment(text: &str) -> Option<DateTime<Utc>> {
    if let Ok(with_offset) = DateTime::parse_from_rfc3339(text) {
        return Some(with_offset.with_timezone(&Utc));
    }
    let local: NaiveDateTime = text.parse().ok()?;
    let local = local.and_local_timezone(London).earliest()?;
    Some(local.with_timezone(&Utc))
}

/// How many events of one second a twin is looked for among.
const NEIGHBOURS_MAX: usize = 256;

/// Events by time, each once. Replies have been seen in any order; one without a time keeps its place behind those before it.
pub(super) fn in_order(mut events: Vec<TrackingEvent>) -> Vec<TrackingEvent> {
    let mut last = None;
    let mut keyed: Vec<(Option<DateTime<Utc>>, TrackingEvent)> = events
        .drain(..)
        .map(|event| {
            last = event.at.or(last);
            (last, event)
        })
        .collect();
    keyed.sort_by_key(|(at, _)| *at);
    let mut sorted: Vec<(Option<DateTime<Utc>>, TrackingEvent)> = Vec::with_capacity(keyed.len());
    for (at, event) in keyed {
        // The same event told twice stands near its twin after sorting: among those of the same second.
        // Of those only so many are looked at: an answer of one second must not cost the square of its length.
        let neighbours = sorted.iter().rev().take_while(|(other, _)| *other == at);
        let mut neighbours = neighbours.take(NEIGHBOURS_MAX);
        if !neighbours.any(|(_, other)| *other == event) {
            sorted.push((at, event));
        }
    }
    sorted.into_iter().map(|(_, event)| event).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(category: &str, timestamp: &str) -> TrackingEvent {
        let element = Element::new("TrackingEvent")
            .with_child(Element::of_text("EventCategoryID", category))
            .with_child(Element::of_text("EventTimestamp", timestamp));
        TrackingEvent::read(element, &TrackingProfile::default())
    }

    #[test]
    fn local_times_become_moments() {
        for (text, utc) in [
            ("2025-01-15T06:10:00", Some("2025-01-15T06:10:00Z")),
            ("2025-07-15T06:10:00", Some("2025-07-15T05:10:00Z")),
            // The clocks go back at two: the first of the two half past one.
            ("2025-10-26T01:30:00", Some("2025-10-26T00:30:00Z")),
            // The clocks go forward at one: there is no half past one.
            ("2025-03-30T01:30:00", None),
            ("2025-07-15T06:10:00+01:00", Some("2025-07-15T05:10:00Z")),
            ("yesterday", None),
        ] {
            let read = event("2", text);
            assert_eq!(read.at, utc.and_then(|utc| utc.parse().ok()), "{text}");
            assert_eq!(read.timestamp.as_deref(), Some(text), "the text is kept");
        }
    }

    #[test]
    fn events_stand_in_the_order_they_happened_and_once() {
        let events = vec![
            event("1", "2025-05-16T10:00:00"),
            event("2", "2025-05-15T06:10:00"),
            event("4", "no time"),
            event("2", "2025-05-15T06:10:00"),
            event("9", "2025-05-15T06:10:00"),
        ];
        let order: Vec<Option<u32>> = in_order(events)
            .iter()
            .map(|event| event.category)
            .collect();
        assert_eq!(order, [Some(2), Some(4), Some(9), Some(1)]);
    }

    #[test]
    fn what_the_profile_does_not_know_is_kept() {
        let read = event("6", "2025-05-15T06:10:00");
        assert_eq!((read.stage, read.category), (ParcelStage::Unknown, Some(6)));
        let read = event("six", "2025-05-15T06:10:00");
        assert_eq!((read.stage, read.category), (ParcelStage::Unknown, None));
    }
}
