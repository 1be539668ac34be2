//! Where parcels are, over the carrier's tracking interface (Parcelhub, XML over HTTP).
//!
//! *Documented*: paths, fields, authentication inside the body, and a `ServiceResult` in every answer. *Seen in use*: times without a zone,
//! illegal character references in texts, and one integrator's mapping of event categories. *Assumed*, and therefore data in
//! [`TrackingProfile`]: what categories mean, how days are written in a request, which error codes are about credentials. That a failure
//! comes with status 200 is assumed too; either way it is an error here.
//!
//! Every operation only reads, so each is tried again where that may help. Nothing is ever dropped for being unknown: a category without a
//! meaning is [`ParcelStage::Unknown`], texts and numbers are kept as they came, and so are elements without a name.
//!
//! # Times
//!
//! The carrier writes UK local time without a zone (assumed to be Europe/London). [`TrackingEvent::at`] is the same moment in UTC; in the
//! hour that the clocks go back over it is the earlier of the two, and a time that does not exist has none. The text is kept beside it.
//!
//! # Example
//!
//! ```no_run
//! // no_run: it would need a carrier to talk to.
//! use whistl_client::tracking::{ParcelStage, Tracking};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let tracking = Tracking::builder("http://127.0.0.1:8082/v1/trackingservice/", "L000001", "access-code", "example-shop/1.0").build()?;
//! let history = tracking.history("WHL0P050000000001").await?;
//! if let Some(last) = history.events().last() {
//!     println!("{:?} at {:?}", last.stage, last.at);
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod event;
mod history;
mod latest;
mod profile;
mod service_result;
mod shipments;

pub use client::{LIVE_URL, Tracking, TrackingBuilder};
pub use event::{ParcelStage, TrackingEvent};
pub use history::{TrackedPackage, TrackingHistory};
pub use latest::{LatestEvent, TrackingResult};
pub use profile::TrackingProfile;
pub use shipments::TrackedShipment;
