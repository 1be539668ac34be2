//! What every adapter keeps to: the suites of `order-sync-testkit` over both routes to a Whistl warehouse, over a SparkLayer shop, and
//! over the example of a warehouse of one's own.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod corner;
mod sparklayer_shop;
mod whistl_files;
mod whistl_http;
mod whistl_site;
