//! What the engine costs, beside what the same machine does at best in the same run. Prints JSON for `cargo xtask bench order-sync`
//! and `cargo xtask bench order-sync-postgres`.
//!
//! `cargo bench -p end-to-end --bench order_sync -- [--quick] [SUBJECT ...]` runs it alone; subjects are `orders`, `cpu`, `idle`,
//! `restart`, `stock` and `memory`. `--quick` takes a tenth of the orders in `idle` and `memory`.
//!
//! With `--shared` it measures the PostgreSQL store on the server in `DATABASE_URL`; see [`shared`] for its subjects.
//!
//! What is held to a floor is measured in rounds, in turns with it, and the median round counts; what is held to a limit counts with
//! its best round.
//! What is about memory, or about a start, runs in a process of its own.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::cast_possible_truncation,
    reason = "a program that measures fails by panicking and prints what it measured"
)]

mod bare_http;
mod bare_store;
mod child;
mod cpu;
mod engines;
mod idle;
mod many_closed;
mod measured;
mod memory;
mod orders;
mod ports;
mod restart;
mod shared;
mod stock;

use std::time::Instant;

use measured::{Measured, Neighbours};
use tempfile::TempDir;

/// What is measured, by its name.
type Subject<'a> = (&'static str, &'a dyn Fn() -> Measured);

fn main() {
    // Cargo adds `--bench`.
    let arguments: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench")
        .collect();
    if arguments.first().is_some_and(|first| first == child::FLAG) {
        child::answer(&arguments[1..]);
        return;
    }
    let (flags, named): (Vec<&str>, Vec<&str>) = arguments
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with("--"));
    assert!(
        flags
            .iter()
            .all(|flag| ["--quick", "--shared"].contains(flag)),
        "the options are --quick and --shared: {flags:?}"
    );
    let many = if flags.contains(&"--quick") {
        100_000
    } else {
        1_000_000
    };
    // On the disk that cargo builds on: a folder for temporary files may lie in memory.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    let of_engine: &[Subject<'_>] = &[
        ("orders", &|| orders::measure(folder)),
        ("cpu", &cpu::measure),
        ("restart", &|| restart::measure(folder)),
        ("stock", &|| stock::measure(folder)),
        ("idle", &|| idle::measure(folder, many)),
        ("memory", &|| memory::measure(folder, many)),
    ];
    let of_shared_store: &[Subject<'_>] = &[
        ("orders", &|| shared::orders::measure(folder)),
        ("workers", &shared::workers::measure),
        ("scaling", &shared::scaling::measure),
        ("failover", &shared::failover::measure),
        ("merchants", &shared::merchants::measure),
        ("claims", &|| shared::claims::measure(i64::from(many))),
    ];
    let subjects = if flags.contains(&"--shared") {
        shared::refuse_a_server_without_syncs();
        of_shared_store
    } else {
        of_engine
    };
    for name in &named {
        assert!(
            subjects.iter().any(|(subject, _)| subject == name),
            "nothing is called {name}"
        );
    }
    let mut measured = Measured::default();
    for (name, measure) in subjects {
        if named.is_empty() || named.contains(name) {
            let (begun, neighbours) = (Instant::now(), Neighbours::watch());
            measured.merge(measure());
            eprintln!(
                "{name}: {:.0?}, others kept {:.2} processors busy",
                begun.elapsed(),
                neighbours.processors()
            );
        }
    }
    println!("{}", serde_json::to_string(&measured).unwrap());
}
