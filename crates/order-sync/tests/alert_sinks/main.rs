//! Alert sinks against real receivers on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on has failed"
)]

mod alerts;
mod chat;
mod email;
mod log;
mod mail_server;
mod traced;
mod webhook;
