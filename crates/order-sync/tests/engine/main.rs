//! The engine over a shop and a warehouse in memory: what each answer of either makes it do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::clone_on_ref_ptr,
    reason = "a test that cannot go on has failed; ports are handed over as trait objects"
)]

mod changes;
mod desk;
mod despatches;
mod erasure;
mod fakes;
mod faults;
mod identity;
mod kits_and_packs;
mod orders;
mod outlook;
mod stock_and_audit;
mod tracking;
mod transmit;
