//! Streams a long list of purchases from a shop in memory and says what it took; fails beyond a bound.
//!
//! `cargo run --release --package sparklayer-client --example long_list -- 1000000`
#![allow(clippy::print_stdout, reason = "a program for people")]

#[path = "../tests/support/long_shop.rs"]
mod long_shop;

use std::process::ExitCode;
use std::time::Instant;

/// The most bytes at one time, whatever the number of rows: two pages as text and one in parsed form, and the ids of the
/// last rows.
const BOUND: u64 = 8 * 1024 * 1024;

fn main() -> ExitCode {
    let rows = std::env::args().nth(1);
    let rows: u64 = rows.and_then(|rows| rows.parse().ok()).unwrap_or(1_000_000);
    let started = Instant::now();
    let (seen, info) = long_shop::stream(rows);
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{seen} purchases in {seconds:.1} s; at most {} KiB at one time, bound {} KiB",
        info.bytes_max / 1024,
        BOUND / 1024
    );
    if seen == rows && info.bytes_max <= BOUND {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
