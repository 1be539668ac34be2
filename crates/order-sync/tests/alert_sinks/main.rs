//! Alert sinks against real receivers on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::clone_on_ref_ptr,
    reason = "a test that cannot go on has failed; ports are handed over as trait objects"
)]

mod alerts;
mod chat;
mod contract;
mod email;
mod engine;
mod log;
mod mail_server;
mod traced;
mod webhook;
