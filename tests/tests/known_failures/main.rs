//! The eight known failures of the trade between a B2B shop and its warehouse, a module for each.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod addresses;
mod article_codes;
mod orphans;
mod pay_on_account;
mod phone_numbers;
mod purchase_orders;
mod service_codes;
mod stock_levels;
