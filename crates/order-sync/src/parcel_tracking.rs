//! What is on record of a parcel on its way: what the carrier said so far, and when it is asked next.

use chrono::{DateTime, Utc};
use order_mapping::{ShipmentProgress, SourceOrderId};
use serde::{Deserialize, Serialize};

use crate::{ExceptionSubject, ParcelRecord, TrackedNumber};

/// A parcel that is watched, or was, on its way to the receiver. Holds no personal data.
///
/// It begins with the despatch that brings the parcel's tracking number, and ends with the delivery, with the return to the sender,
/// or for age ([`crate::Settings::tracking_for`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ParcelTracking {
    /// The order, by the id it was captured with.
    pub order: SourceOrderId,
    /// The parcel, by the warehouse's id.
    pub parcel_id: String,
    /// The tracking number it is asked after by.
    pub number: String,
    /// The carrier, as the despatch names it.
    pub carrier: Option<String>,
    /// When it left the warehouse.
    pub since: DateTime<Utc>,
    /// When the carrier is to be asked next; none: it is watched no more.
    pub due_at: Option<DateTime<Utc>>,
    /// When the carrier answered last.
    pub answered_at: Option<DateTime<Utc>>,
    /// The carrier knew the number when it answered last.
    pub known: bool,
    /// Everything it said so far.
    pub progress: ShipmentProgress,
    /// Questions in a row that failed.
    pub failures: u32,
    /// What was wrong with the last answer, in one line.
    pub fault: Option<String>,
}

impl ParcelTracking {
    /// A parcel that has just left, due at once; none where it has no tracking number.
    #[must_use]
    pub fn begin(order: &SourceOrderId, parcel: &ParcelRecord) -> Option<Self> {
        let number = parcel.parcel.tracking.as_ref()?;
        let received = parcel.received_at;
        Some(Self {
            order: order.clone(),
            parcel_id: parcel.parcel.id.clone(),
            number: number.as_str().to_owned(),
            carrier: parcel.parcel.carrier.clone(),
            // A warehouse whose clock is fast must not keep it watched for longer.
            since: parcel
                .despatched_at
                .map_or(received, |left| left.min(received)),
            due_at: Some(received),
            answered_at: None,
            known: false,
            progress: ShipmentProgress::default(),
            failures: 0,
            fault: None,
        })
    }

    /// What a store keeps when it has `known` of the same parcel: everything that either of them heard of its number, so that of
    /// two that were made side by side neither takes anything away; the rest is that of the new one.
    #[must_use]
    pub fn onto(mut self, known: Option<&Self>) -> Self {
        #[cfg(canary)]
        let known = known.filter(|_| !crate::canary::planted("tracking_goes_back"));
        if let Some(known) = known.filter(|known| known.number == self.number) {
            self.progress.merge(&known.progress);
        }
        self
    }

    /// The carrier is still asked after it.
    #[must_use]
    pub const fn is_watched(&self) -> bool {
        self.due_at.is_some()
    }

    /// What exceptions about it are about.
    #[must_use]
    pub fn subject(&self) -> ExceptionSubject {
        ExceptionSubject::parcel(&self.order, &self.parcel_id)
    }

    pub(crate) fn tracked_number(&self) -> TrackedNumber {
        TrackedNumber::new(&self.number).of_carrier(self.carrier.clone())
    }
}

#[cfg(test)]
mod tests {
    use order_mapping::{Parcel, ShipmentStatus, StatusTable};

    use super::*;
    use crate::RelayState;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + chrono::Duration::minutes(minute)
    }

    fn begun(number: &str) -> ParcelTracking {
        let mut parcel = Parcel::new("P-1");
        parcel.tracking = Some(number.into());
        let record = ParcelRecord {
            parcel,
            consignment_id: "D-1".to_owned(),
            despatched_at: Some(at(60)),
            received_at: at(10),
            relay: RelayState::Pending,
        };
        ParcelTracking::begin(&SourceOrderId::new("1"), &record).unwrap()
    }

    #[test]
    fn a_parcel_without_a_number_is_not_watched() {
        let record = ParcelRecord {
            parcel: Parcel::new("P-1"),
            consignment_id: "D-1".to_owned(),
            despatched_at: None,
            received_at: at(10),
            relay: RelayState::Pending,
        };
        assert_eq!(
            ParcelTracking::begin(&SourceOrderId::new("1"), &record),
            None
        );
        assert_eq!(
            begun("WHL1").since,
            at(10),
            "it did not leave in the future"
        );
    }

    #[test]
    fn two_that_were_made_side_by_side_lose_nothing_of_either() {
        let table = StatusTable::default();
        let (mut one, mut other) = (begun("WHL1"), begun("WHL1"));
        one.progress.apply(&table.event(at(20), "2"));
        other.progress.apply(&table.event(at(30), "1"));
        let kept = one.clone().onto(Some(&other)).progress;
        assert_eq!(kept, other.clone().onto(Some(&one)).progress);
        assert_eq!(kept.status(), Some(&ShipmentStatus::Delivered));
        assert_eq!(kept.milestones().len(), 2);
        // Another number is another way.
        let anew = begun("WHL2").onto(Some(&one));
        assert_eq!(anew.progress.status(), None);
    }
}
