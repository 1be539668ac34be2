//! The carrier's shipping and tracking interfaces over HTTP.
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

mod caller;
mod shipping;
mod tracking;
