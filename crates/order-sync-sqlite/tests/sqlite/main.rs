//! What the SQLite store does beyond the contract of the port: files, durability, privacy, many callers at once.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod back_in_time;
mod callers;
mod copying;
mod damage;
mod fixtures;
mod inline;
mod migration;
mod opening;
mod privacy;
mod sealing;
