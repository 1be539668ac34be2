//! What the end-to-end tests share: a whole world in one process.
//!
//! [`World`] is a SparkLayer shop and a Whistl warehouse, both real HTTP servers on loopback, and an engine between them through
//! the real clients, adapters and SQLite store. [`PurchaseDraft`] writes the shop's orders, one line per defect.
//!
//! Time is moved, not waited for: [`World::pass`] moves the engine's clock and both simulators' clocks at once, so the tests run
//! with the times of a live deployment. Only what happens inside an HTTP call takes real time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a test fails by panicking"
)]

mod alert_log;
mod drop_share;
mod program;
mod purchase_draft;
mod setup;
mod shifted_clock;
mod world;

pub use alert_log::AlertLog;
pub use drop_share::DropShare;
pub use program::{full_sync, program};
pub use purchase_draft::{PurchaseDraft, phone};
pub use setup::{LOCATION, Setup};
pub use shifted_clock::ShiftedClock;
pub use world::{Side, World};
