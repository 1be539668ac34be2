//! The simulated shop, asked over real HTTP without any client of this project.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of these tests fails like the tests themselves"
)]

mod access;
mod caller;
mod connector;
mod lists;
mod purchases;
mod stock;
