//! What has happened to every parcel: scripts of event categories, one event a tick.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::Europe::London;
use serde::{Deserialize, Serialize};

use crate::whistl::shipping::ShippingBook;
use crate::xml_tree::Element;

/// In transit, out for delivery, delivered (assumed meanings).
const DEFAULT_SCRIPT: [u32; 3] = [2, 3, 1];

/// What can be chosen about tracking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct TrackingSwitches {
    /// Puts the illegal character reference `&#x10;` into event texts (seen in use).
    pub illegal_reference: bool,
    /// Lists the newest event first.
    pub newest_first: bool,
    /// Lists every event twice.
    pub duplicate_events: bool,
}

/// One event of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TrackingEvent {
    category: u32,
    at: DateTime<Utc>,
}

/// A parcel that can be tracked.
#[derive(Debug, Clone)]
pub(crate) struct Parcel {
    pub(crate) key: u64,
    pub(crate) number: String,
    pub(crate) account: String,
    pub(crate) reference: String,
    pub(crate) second_reference: String,
    pub(crate) postcode: String,
    pub(crate) created: DateTime<Utc>,
    pub(crate) deleted: bool,
}

/// Every parcel of the consignments that are no drafts.
pub(crate) fn trackable(book: &ShippingBook) -> Vec<Parcel> {
    let real = book
        .consignments
        .iter()
        .filter(|one| !one.draft && !one.tracking.is_empty());
    real.map(|one| {
        let text = |path: &str| one.document.at(path).unwrap_or_default().to_owned();
        Parcel {
            key: one.id,
            number: one.tracking.clone(),
            account: one.account.clone(),
            reference: one.reference.clone(),
            second_reference: text("Reference2"),
            postcode: text("DeliveryAddress/Postcode"),
            created: one.created,
            deleted: one.deleted,
        }
    })
    .collect()
}

#[derive(Debug, Default)]
pub(crate) struct TrackingDesk {
    pub(crate) switches: TrackingSwitches,
    scripts: HashMap<String, Vec<u32>>,
    events: HashMap<String, Vec<TrackingEvent>>,
}

impl TrackingDesk {
    /// Sets what will happen to a parcel, one category a tick; what has happened stays.
    pub(crate) fn script(&mut self, number: &str, categories: &[u32]) {
        let done = self.events.get(number).map_or(0, Vec::len);
        let script = self
            .scripts
            .entry(number.to_owned())
            .or_insert_with(|| DEFAULT_SCRIPT.to_vec());
        script.truncate(done);
        script.extend_from_slice(categories);
    }

    /// The next event of every parcel that has one; says how many had.
    pub(crate) fn advance(&mut self, parcels: &[Parcel], now: DateTime<Utc>) -> usize {
        let mut moved = 0;
        for parcel in parcels.iter().filter(|parcel| !parcel.deleted) {
            let events = self.events.entry(parcel.number.clone()).or_default();
            let script = self
                .scripts
                .get(&parcel.number)
                .map_or(&DEFAULT_SCRIPT[..], Vec::as_slice);
            if let Some(category) = script.get(events.len()) {
                // A second apart even where the clock stands, so that the order in time is one.
                let after_last = events
                    .last()
                    .and_then(|last| last.at.checked_add_signed(TimeDelta::seconds(1)));
                let at = after_last.map_or(now, |after| now.max(after));
                events.push(TrackingEvent {
                    category: *category,
                    at,
                });
                moved += 1;
            }
        }
        moved
    }

    /// The events of a parcel in the order they are listed.
    pub(crate) fn events(&self, number: &str) -> Vec<TrackingEvent> {
        let mut events = self.events.get(number).cloned().unwrap_or_default();
        if self.switches.duplicate_events {
            events = events
                .iter()
                .flat_map(|event| [event.clone(), event.clone()])
                .collect();
        }
        if self.switches.newest_first {
            events.reverse();
        }
        events
    }

    pub(crate) fn latest(&self, number: &str) -> Option<&TrackingEvent> {
        self.events.get(number)?.last()
    }
}

/// Local time without a zone.
pub(crate) fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&London)
        .format("%Y-%m-%dT%H:%M:%S")
        .to_string()
}

impl TrackingEvent {
    /// The members of the event.
    pub(crate) fn members(&self) -> Vec<Element> {
        // Assumed: the texts, and the meanings of the categories.
        let text = match self.category {
            1 => "Delivered",
            2 => "In transit",
            3 => "Out for delivery",
            4 => "Incident",
            5 | 8 => "Held",
            7 => "Data received",
            _ => "Unknown",
        };
        let signatory = if self.category == 1 { "RECIPIENT" } else { "" };
        let own = [
            ("EventCategoryID", self.category.to_string()),
            ("EventCategoryDescription", text.to_owned()),
            ("EventSubCategoryID", "0".to_owned()),
            ("EventSubCategoryDescription", String::new()),
            ("EventLocation", "Depot".to_owned()),
            ("EventDescription", text.to_owned()),
            ("EventSignatory", signatory.to_owned()),
            ("EventTimestamp", local(self.at)),
            ("Longitude", "0".to_owned()),
            ("Latitude", "0".to_owned()),
            ("CourierTrackingEventCode", format!("X{}", self.category)),
        ];
        own.into_iter()
            .map(|(name, text)| Element::with_text(name, text))
            .collect()
    }
}
