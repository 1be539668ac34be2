//! The simulated warehouse, asked over real HTTP without any client of this project.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of these tests fails like the tests themselves"
)]

mod access;
mod caller;
mod changes;
mod conservation;
mod contract;
mod despatch;
mod feeds;
mod holds;
mod intake;
mod inventory;
