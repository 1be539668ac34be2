//! The simulated shop, asked over real HTTP without any client of this project.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of these tests fails like the tests themselves"
)]

mod access;
mod caller;
mod carts;
mod connector;
mod control;
mod customers;
mod lists;
mod pricing;
mod purchases;
mod stock;
mod trail;
