//! The store over a real server: the contract of every store, and what only this one promises.
//!
//! `cargo xtask test` starts a server for these tests and names it in `DATABASE_URL`. Without that variable they say that they were
//! not run, and under `CI=true` they fail.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod claim_plan;
mod connections;
mod contract;
mod encryption;
mod fixtures;
mod groups;
mod hostile_keys;
mod isolation;
mod leases;
mod migrations;
mod pooler;
mod sealing;
mod server;
mod shelves;
mod standing;
