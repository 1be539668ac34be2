//! The carrier behind a Whistl warehouse, as the place that knows where parcels are.

use async_trait::async_trait;
use connector_http::{Error, ErrorKind};
use whistl_client::tracking::{
    TrackedPackage, Tracking, TrackingEvent, TrackingHistory, TrackingResult,
};

use super::client_error;
use crate::{CarrierScan, FailureClass, PortError, TrackedNumber, TrackingAnswer, TrackingSource};

/// Tracking by the carrier's interface (Parcelhub; paths and fields documented, meanings of events assumed).
///
/// A scan's status is the number of its event category, or the category's text where it has no number: these are the texts of the
/// profile's status table ([`order_mapping::StatusTable`]), whose default rows are for them. What the client's own
/// [`TrackingProfile::categories`](whistl_client::tracking::TrackingProfile::categories) says is not looked at: there is one table of
/// meanings, and it is the merchant's.
#[derive(Debug, Clone)]
pub struct WhistlTracking {
    client: Tracking,
}

impl WhistlTracking {
    /// Puts a client behind the port.
    #[must_use]
    pub const fn new(client: Tracking) -> Self {
        Self { client }
    }

    /// What a refused question means. The interface refuses a number that it does not know with a code that is not published (assumed:
    /// that it does so at all); asked for the latest event it says for each number whether it knows it. Refused there as well, no
    /// number is to blame but the account (assumed).
    async fn after_refusal(
        &self,
        number: &str,
        refused: Error,
    ) -> Result<TrackingAnswer, PortError> {
        match self.client.latest(&[number]).await {
            Ok(results) => {
                let is_unknown = results.iter().any(|(asked, result)| {
                    asked == number && matches!(result, TrackingResult::NotFound(_))
                });
                if is_unknown {
                    Ok(TrackingAnswer::unknown())
                } else {
                    Err(client_error::port_error(FailureClass::Rejected, refused))
                }
            }
            Err(error) if error.kind() == ErrorKind::InvalidRequest => {
                Err(client_error::port_error(FailureClass::Unauthorised, error))
            }
            Err(error) => Err(client_error::of_read(error)),
        }
    }
}

#[async_trait]
impl TrackingSource for WhistlTracking {
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        match self.client.history(&parcel.number).await {
            Ok(history) => Ok(answer(&history, &parcel.number)),
            Err(error) if error.kind() == ErrorKind::InvalidRequest => {
                self.after_refusal(&parcel.number, error).await
            }
            // A number that no request can carry concerns that parcel alone.
            Err(error) if error.kind() == ErrorKind::Build => {
                Err(client_error::port_error(FailureClass::Rejected, error))
            }
            Err(error) => Err(client_error::of_read(error)),
        }
    }
}

/// What happened to the package of this number and to the shipment as a whole: its other packages are other parcels. A package that is
/// alone is the one that was asked after, also where it has the final carrier's number.
fn answer(history: &TrackingHistory, number: &str) -> TrackingAnswer {
    let packages = &history.packages;
    let is_ours = |package: &&TrackedPackage| {
        let theirs = package.tracking_number.as_deref();
        packages.len() == 1 || theirs.is_some_and(|theirs| theirs.eq_ignore_ascii_case(number))
    };
    let ours: Vec<&TrackedPackage> = packages.iter().filter(is_ours).collect();
    let mut answer = TrackingAnswer::known([]);
    if ours.is_empty() && !packages.is_empty() {
        let fault = format!("none of {} packages has this number", packages.len());
        answer.unreadable.push(fault);
    }
    let events = history
        .shipment_events
        .iter()
        .chain(ours.into_iter().flat_map(|package| &package.events));
    for event in events {
        match scan(event) {
            Ok(scan) => answer.scans.push(scan),
            Err(fault) => answer.unreadable.push(fault),
        }
    }
    answer
}

/// Description, place and signatory can name a person, and stay here.
fn scan(event: &TrackingEvent) -> Result<CarrierScan, String> {
    let number = event.category.map(|category| category.to_string());
    let Some(status) = number.or_else(|| event.category_text.clone()) else {
        return Err("an event without a category".to_owned());
    };
    match event.at {
        Some(at) => Ok(CarrierScan::new(at, status)),
        None => Err(format!("an event of category {status} without a time")),
    }
}

#[cfg(test)]
mod tests {
    use whistl_client::tracking::TrackingProfile;

    use super::*;

    fn event(category: &str, time: &str) -> String {
        format!(
            "<TrackingEvent><EventCategoryID>{category}</EventCategoryID><EventSignatory>J SMITH</EventSignatory>\
             <EventTimestamp>{time}</EventTimestamp></TrackingEvent>"
        )
    }

    #[test]
    fn scans_are_those_of_the_parcel_and_of_the_shipment() {
        let package = |number: &str, events: &[String]| {
            format!(
                "<Package><TrackingNumber>{number}</TrackingNumber><PackageTrackingEvents>{}</PackageTrackingEvents></Package>",
                events.concat()
            )
        };
        let document = format!(
            "<GetTrackingHistoryResponse><ShipmentTrackingEvents>{}</ShipmentTrackingEvents><Packages>{}{}</Packages>\
             </GetTrackingHistoryResponse>",
            event("7", "2026-01-12T10:00:00"),
            package(
                "WHL1",
                &[
                    event("2", "2026-01-13T10:00:00"),
                    event("1", "soon"),
                    event("", "2026-01-13T11:00:00")
                ]
            ),
            package("WHL2", &[event("1", "2026-01-14T10:00:00")]),
        );
        let profile = TrackingProfile::default();
        let history = TrackingHistory::from_xml(document.as_bytes(), &profile).unwrap();
        let answer = answer(&history, "whl1");
        assert!(answer.known);
        let statuses: Vec<&str> = answer
            .scans
            .iter()
            .map(|scan| scan.status.as_str())
            .collect();
        assert_eq!(statuses, ["7", "2"]);
        assert_eq!(
            answer.unreadable,
            [
                "an event of category 1 without a time",
                "an event without a category"
            ]
        );
        assert!(!format!("{answer:?}").contains("SMITH"));
        let shipment = super::answer(&history, "WHL0");
        assert_eq!(shipment.scans.len(), 1, "those of the shipment only");
        assert_eq!(shipment.unreadable, ["none of 2 packages has this number"]);
    }
}
