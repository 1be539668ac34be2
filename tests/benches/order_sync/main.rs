//! What the engine costs, beside what the same machine does at best in the same run. Prints JSON for `cargo xtask bench order-sync`.
//!
//! `cargo bench -p end-to-end --bench order_sync -- [--quick] [SUBJECT ...]` runs it alone; subjects are `orders`, `cpu`, `idle`,
//! `restart`, `stock` and `memory`. `--quick` takes a tenth of the orders in `idle` and `memory`.
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
mod stock;

use std::time::Instant;

use measured::{Measured, Neighbours};
use tempfile::TempDir;

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
    let many = match flags.as_slice() {
        [] => 1_000_000,
        ["--quick"] => 100_000,
        _ => panic!("the only option is --quick: {flags:?}"),
    };
    // On the disk that cargo builds on: a folder for temporary files may lie in memory.
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let folder = folder.path();
    let subjects: [(&str, &dyn Fn() -> Measured); 6] = [
        ("orders", &|| orders::measure(folder)),
        ("cpu", &cpu::measure),
        ("restart", &|| restart::measure(folder)),
        ("stock", &|| stock::measure(folder)),
        ("idle", &|| idle::measure(folder, many)),
        ("memory", &|| memory::measure(folder, many)),
    ];
    for name in &named {
        assert!(
            subjects.iter().any(|(subject, _)| subject == name),
            "nothing is called {name}"
        );
    }
    let mut measured = Measured::default();
    for (name, measure) in subjects {
        if named.is_empty() || named.contains(&name) {
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
