//! A list of any length is read in the same memory. `cargo run --release --example long_list` measures a million rows.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

#[path = "support/long_shop.rs"]
mod long_shop;

use long_shop::stream;

#[test]
fn a_long_list_takes_no_more_memory_than_a_short_one() {
    let (rows, short) = stream(10_000);
    assert_eq!(rows, 10_000);
    let (rows, long) = stream(40_000);
    assert_eq!(rows, 40_000);
    assert!(short.bytes_max > 100_000, "nothing is counted");
    assert!(
        long.bytes_max <= short.bytes_max + short.bytes_max / 20,
        "{} bytes for 40,000 rows, {} for 10,000",
        long.bytes_max,
        short.bytes_max
    );
}
