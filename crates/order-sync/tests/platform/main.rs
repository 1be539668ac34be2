//! The engine over a native ecommerce platform and its own fulfilment service: other words than SparkLayer's and Whistl's, the same
//! ports.
//!
//! The platform knows draft orders that get another id when they are completed, append-only fulfilments against remaining
//! quantities, stock by location that is set only from the quantity it replaces, and a catalogue of variants. Credit is decided in a
//! system of its own. The fulfilment service is the platform's: it takes requests, answers cancellations, ships and takes back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::clone_on_ref_ptr,
    reason = "a test that cannot go on has failed; ports are handed over as trait objects"
)]

mod changes;
mod clock;
mod contracts;
mod credit;
mod despatches;
mod drafts;
mod fulfilment_service;
mod release;
mod replays;
mod returns;
mod shop;
mod stock;
mod world;
