//! Where a shipment is: tracking events in, in any order and as often as they like, one progress out that never goes back.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{Code, Diagnostic, ShipmentStatus, Subject};

/// One report of a carrier about a shipment.
///
/// Only the facts: who signed, what the driver wrote and where it was left are personal data and stay with the client that read
/// them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct TrackingEvent {
    /// When it happened, by the carrier's clock.
    pub at: DateTime<Utc>,
    /// What it means.
    pub status: ShipmentStatus,
    /// The text of the feed, as it came.
    pub raw: String,
}

impl TrackingEvent {
    /// An event whose meaning is known; see [`crate::StatusTable::event`] for one whose text has to be looked up.
    pub fn new(at: DateTime<Utc>, raw: impl Into<String>, status: ShipmentStatus) -> Self {
        Self {
            at,
            status,
            raw: raw.into(),
        }
    }
}

/// A status that was reported, with the times of its reports.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Milestone {
    /// The status; always a milestone.
    pub status: ShipmentStatus,
    /// Earliest time it was reported for.
    pub first_at: DateTime<Utc>,
    /// Latest time it was reported for.
    pub last_at: DateTime<Utc>,
}

/// Most unknown texts that one shipment keeps.
const UNKNOWN_MAX: usize = 16;

/// Most characters of an unknown text that are kept.
const UNKNOWN_TEXT_MAX: usize = 200;

/// What is known of one shipment, from all events so far.
///
/// The same events give the same progress, in whatever order they come and however often each of them is repeated, and one more
/// event never moves [`ShipmentProgress::status`] back. (It is the least upper bound of its events.) So events can be applied as
/// they arrive, feeds can be read again from any point, and two halves can be joined with [`ShipmentProgress::merge`].
///
/// ```
/// # fn main() -> Result<(), chrono::ParseError> {
/// use order_mapping::{ShipmentProgress, ShipmentStatus, StatusTable};
/// let table = StatusTable::default();
/// let mut progress = ShipmentProgress::default();
/// progress.apply(&table.event("2026-01-13T11:20:00Z".parse()?, "1"));
/// // A scan of the night before comes late: nothing moves.
/// progress.apply(&table.event("2026-01-12T23:05:00Z".parse()?, "2"));
/// assert_eq!(progress.status(), Some(&ShipmentStatus::Delivered));
/// assert!(progress.findings().is_empty());
/// // A text that nobody knows is kept and reported.
/// progress.apply(&table.event("2026-01-13T12:00:00Z".parse()?, "6"));
/// assert_eq!(progress.status(), Some(&ShipmentStatus::Delivered));
/// assert_eq!(progress.findings()[0].code.id(), "STATUS_UNKNOWN");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct ShipmentProgress {
    /// Each status once, in order.
    milestones: Vec<Milestone>,
    latest: Option<TrackingEvent>,
    /// The first few in the order of their text, so that it does not matter which came first.
    unknown: BTreeSet<String>,
    more_unknown: bool,
}

impl ShipmentProgress {
    /// Takes an event in. Returns whether it said anything new.
    pub fn apply(&mut self, event: &TrackingEvent) -> bool {
        let mut news = match &event.status {
            ShipmentStatus::Other(text) => self.add_unknown(text),
            status if status.is_milestone() => self.add_milestone(&Milestone {
                status: status.clone(),
                first_at: event.at,
                last_at: event.at,
            }),
            _ => false,
        };
        if self.latest.as_ref() < Some(event) {
            self.latest = Some(event.clone());
            news = true;
        }
        news
    }

    /// Takes in everything that another progress of the same shipment knows. Returns whether there was anything new.
    pub fn merge(&mut self, other: &Self) -> bool {
        let mut news = false;
        for milestone in &other.milestones {
            news |= self.add_milestone(milestone);
        }
        for text in &other.unknown {
            news |= self.add_unknown(text);
        }
        if other.more_unknown && !self.more_unknown {
            self.more_unknown = true;
            news = true;
        }
        if self.latest < other.latest {
            self.latest.clone_from(&other.latest);
            news = true;
        }
        news
    }

    /// The furthest status, or none before the first milestone.
    #[must_use]
    pub fn status(&self) -> Option<&ShipmentStatus> {
        self.milestones.last().map(|milestone| &milestone.status)
    }

    /// Every milestone that was reported, in the order of the way.
    ///
    /// Reports that contradict each other show here, such as a delivery beside a loss.
    #[must_use]
    pub fn milestones(&self) -> &[Milestone] {
        &self.milestones
    }

    /// When a milestone was reported, if it was.
    #[must_use]
    pub fn milestone(&self, status: &ShipmentStatus) -> Option<&Milestone> {
        self.milestones
            .iter()
            .find(|milestone| milestone.status == *status)
    }

    /// The event with the latest time, be it a milestone or a condition: what the carrier said last. Of several with the same
    /// time it is the furthest.
    #[must_use]
    pub fn latest(&self) -> Option<&TrackingEvent> {
        self.latest.as_ref()
    }

    /// The texts that the table did not know, each cut to 200 characters; at most 16 of them, the first in the order of their
    /// characters.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.unknown.iter().map(String::as_str)
    }

    /// One `STATUS_UNKNOWN` for every unknown text, and one at `/more_unknown` if there were more than are kept. Paths are JSON
    /// pointers into the progress; the subject is the text, so that one alert can stand for every shipment with it.
    #[must_use]
    pub fn findings(&self) -> Vec<Diagnostic> {
        let mut found: Vec<Diagnostic> = self
            .unknown
            .iter()
            .enumerate()
            .map(|(index, text)| {
                let message =
                    "the status table has no row for this text, so the shipment was not moved";
                Diagnostic::new(Code::StatusUnknown, format!("/unknown/{index}"), message)
                    .with_seen(text)
                    .about(Subject::TrackingStatus(text.clone()))
            })
            .collect();
        if self.more_unknown {
            let message = "there were more unknown status texts than are kept";
            found.push(Diagnostic::new(
                Code::StatusUnknown,
                "/more_unknown",
                message,
            ));
        }
        found
    }

    fn add_milestone(&mut self, news: &Milestone) -> bool {
        match self
            .milestones
            .binary_search_by(|milestone| milestone.status.cmp(&news.status))
        {
            Ok(index) => self.milestones.get_mut(index).is_some_and(|known| {
                let widened = news.first_at < known.first_at || known.last_at < news.last_at;
                known.first_at = known.first_at.min(news.first_at);
                known.last_at = known.last_at.max(news.last_at);
                widened
            }),
            Err(index) => {
                self.milestones.insert(index, news.clone());
                true
            }
        }
    }

    fn add_unknown(&mut self, text: &str) -> bool {
        let text: String = text.chars().take(UNKNOWN_TEXT_MAX).collect();
        let before = (self.unknown.contains(&text), self.more_unknown);
        self.unknown.insert(text.clone());
        if self.unknown.len() > UNKNOWN_MAX {
            self.unknown.pop_last();
            self.more_unknown = true;
        }
        before != (self.unknown.contains(&text), self.more_unknown)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatusTable;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_768_000_000 + 60 * minute, 0).unwrap()
    }

    fn event(minute: i64, status: ShipmentStatus) -> TrackingEvent {
        TrackingEvent::new(at(minute), format!("{status:?}"), status)
    }

    fn after(statuses: &[ShipmentStatus]) -> ShipmentProgress {
        let mut progress = ShipmentProgress::default();
        for (minute, status) in (0..).zip(statuses) {
            progress.apply(&event(minute, status.clone()));
        }
        progress
    }

    #[test]
    fn what_is_seen_outweighs_what_is_said() {
        use ShipmentStatus::*;
        for (statuses, furthest) in [
            (&[Booked, Cancelled] as &[_], Cancelled),
            (&[Booked, Cancelled, Collected], Collected),
            (
                &[OutForDelivery, DeliveryAttempted, OutForDelivery],
                DeliveryAttempted,
            ),
            (
                &[AwaitingCollection, ReturningToSender, AtDepot],
                ReturningToSender,
            ),
            (&[InTransit, Lost, Delivered], Delivered),
            (&[Delivered, ReturningToSender], Delivered),
            (&[Delivered, Returned], Returned),
            (&[InTransit, Held, Incident], InTransit),
        ] {
            let progress = after(statuses);
            assert_eq!(progress.status(), Some(&furthest), "{statuses:?}");
            assert_eq!(&progress.latest().unwrap().status, statuses.last().unwrap());
        }
        assert_eq!(after(&[Held]).status(), None);
    }

    #[test]
    fn times_of_a_milestone_widen_only() {
        let mut progress = ShipmentProgress::default();
        assert!(progress.apply(&event(10, ShipmentStatus::Delivered)));
        assert!(!progress.apply(&event(10, ShipmentStatus::Delivered)));
        assert!(progress.apply(&event(5, ShipmentStatus::Delivered)));
        assert!(!progress.apply(&event(7, ShipmentStatus::Delivered)));
        let delivered = progress.milestone(&ShipmentStatus::Delivered).unwrap();
        assert_eq!((delivered.first_at, delivered.last_at), (at(5), at(10)));
        assert_eq!(progress.latest().unwrap().at, at(10));
        assert_eq!(progress.milestone(&ShipmentStatus::Lost), None);
    }

    #[test]
    fn unknown_texts_are_kept_surfaced_and_bounded() {
        let table = StatusTable::default();
        let mut progress = ShipmentProgress::default();
        assert!(progress.apply(&table.event(at(0), "Abandoned\u{202E}")));
        assert!(!progress.apply(&table.event(at(0), "Abandoned\u{202E}")));
        let found = progress.findings();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].code, Code::StatusUnknown);
        assert!(found[0].to_string().contains("Abandoned\\u{202e}"));
        assert_eq!(
            found[0].subject,
            Subject::TrackingStatus("Abandoned\u{202E}".into())
        );
        let document = serde_json::to_value(&progress).unwrap();
        assert!(document.pointer("/unknown/0").is_some());

        for number in 0..100 {
            progress.apply(&table.event(at(1), format!("text {number}")));
        }
        progress.apply(&table.event(at(2), "x".repeat(1_000_000)));
        assert_eq!(progress.unknown().count(), UNKNOWN_MAX);
        assert!(
            progress
                .unknown()
                .all(|text| text.chars().count() <= UNKNOWN_TEXT_MAX)
        );
        assert_eq!(progress.findings().len(), UNKNOWN_MAX + 1);
        assert_eq!(progress.status(), None);
    }

    #[test]
    fn round_trips_through_json() {
        let mut progress = after(&[ShipmentStatus::Booked, ShipmentStatus::Delivered]);
        progress.apply(&StatusTable::default().event(at(9), "6"));
        let text = serde_json::to_string(&progress).unwrap();
        assert!(text.contains("\"delivered\""), "{text}");
        assert_eq!(
            serde_json::from_str::<ShipmentProgress>(&text).unwrap(),
            progress
        );
    }
}
