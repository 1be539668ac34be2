//! Whole histories of the engine on virtual time, from one integer.
//!
//! A seed draws a [`Scenario`]: workers, merchants, orders, skewed clocks, crashes, pauses and which of the 24 [`FaultClass`]es may
//! happen. [`simulate`] runs the unmodified engine through it, over a store of yours and a shop and a warehouse that keep a truth of
//! their own; then all faults stop, and within two virtual hours everything has to come to rest. An independent checker looks at the
//! recorded [`History`] and at how everything ended.
//!
//! ```
//! use std::sync::Arc;
//! use order_sync::{MemoryStore, Store, StoreError};
//! use order_sync_testkit::simulation::{Scenario, Size, simulate};
//!
//! let open = |at| Ok::<_, StoreError>(Arc::new(MemoryStore::new(at)) as Arc<dyn Store>);
//! let scenario = Scenario::of(7, Size::Small);
//! let outcome = simulate(&scenario, &open);
//! assert!(outcome.violations.is_empty(), "{:?}", outcome.violations);
//! assert_eq!(outcome.trace_hash, simulate(&scenario, &open).trace_hash);
//! ```
//!
//! A failing scenario is made smaller by [`shrink()`], and told by [`story`].

#![allow(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::field_reassign_with_default,
    reason = "a world of its own making: a wrong place in it is a bug of the simulation, and fails its run"
)]

mod calls;
mod carrier;
mod check;
mod executor;
mod fault_class;
mod history;
mod log;
mod pager;
mod process;
mod returns;
mod run;
mod scenario;
mod secrets;
mod shop;
mod shrink;
mod story;
mod warehouse;
mod warehouse_port;
mod watch;
mod workload;
mod world;

pub use check::Violation;
pub use fault_class::FaultClass;
pub use history::{Actor, Entry, Fact, History};
pub use run::{OpenStore, Outcome, simulate};
pub use scenario::{Scenario, Size};
pub use shrink::shrink;
pub use story::story;
