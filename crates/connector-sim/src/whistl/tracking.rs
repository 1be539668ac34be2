//! The carrier's tracking interface: XML over HTTP under `/v1/trackingservice/`, authenticated in the body.

mod desk;
mod routes;

pub use desk::TrackingSwitches;
pub(crate) use desk::{TrackingDesk, trackable};
pub(crate) use routes::router;

/// Where the tracking interface is below the warehouse's address.
pub const TRACKING_PATH: &str = "/v1/trackingservice";
/// Access code of the demo account of the tracking interface.
pub const DEMO_TRACKING_CODE: &str = "demo-tracking-code";
