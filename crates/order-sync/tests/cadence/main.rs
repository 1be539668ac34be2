//! How often the engine calls: circuits before the ports, and the runner under paused time.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::clone_on_ref_ptr,
    reason = "a test that cannot go on has failed; ports are handed over as trait objects"
)]

mod circuits;
mod one_connection;
mod runner;
mod shop;
mod site;
mod warehouse;
