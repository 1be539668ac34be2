//! Counts what one call takes from the allocator, bare and through the client; prints JSON.
//!
//! Only this thread is counted: the calls and their connection run on it, the server does not.

#![allow(
    clippy::print_stdout,
    reason = "a command-line program talks to its terminal"
)]

#[path = "../benches/loopback/mod.rs"]
mod loopback;

use std::future::Future;

use loopback::{Calls, Fault};
use tokio::runtime::Runtime;

const CALLS: u64 = 1_000;

/// Allocations of one call, on a connection that is there already.
fn count<F: Future<Output = Result<(), Fault>>>(
    runtime: &Runtime,
    call: impl Fn() -> F,
) -> Result<u64, Fault> {
    let mut result = runtime.block_on(call());
    let counted = allocation_counter::measure(|| {
        for _ in 0..CALLS {
            if result.is_ok() {
                result = runtime.block_on(call());
            }
        }
    });
    result.map(|()| (counted.count_total + CALLS / 2) / CALLS)
}

fn main() -> Result<(), Fault> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let calls = Calls::new(1)?;
    let bare = count(&runtime, || calls.bare())?;
    let client = count(&runtime, || calls.ours())?;
    println!("{{\"bare_reqwest\":{bare},\"client\":{client}}}");
    Ok(())
}
