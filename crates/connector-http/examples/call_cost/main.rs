//! What a call costs beside the same call made with reqwest alone: time with 16 in flight, and allocations. Prints JSON.
//!
//! The two ways take turns in short rounds, so that a busy neighbour on the machine hits both; the median round stands for
//! each.

#![allow(
    clippy::print_stdout,
    reason = "a command-line program talks to its terminal"
)]

mod loopback;

use std::future::Future;
use std::time::Instant;

use loopback::{Calls, Fault};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

const IN_FLIGHT: usize = 16;
const ROUNDS: u32 = 501;
const CALLS_OF_A_ROUND: u32 = 160;

/// Nanoseconds of one call in a round of many, of which `IN_FLIGHT` are under way at once.
async fn round<F>(call: impl Fn() -> F) -> Result<f64, Fault>
where
    F: Future<Output = Result<(), Fault>> + Send + 'static,
{
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for _ in 0..CALLS_OF_A_ROUND {
        if tasks.len() == IN_FLIGHT
            && let Some(done) = tasks.join_next().await
        {
            done??;
        }
        tasks.spawn(call());
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(begun.elapsed().as_secs_f64() * 1e9 / f64::from(CALLS_OF_A_ROUND))
}

fn median(mut rounds: Vec<f64>) -> f64 {
    rounds.sort_by(f64::total_cmp);
    rounds.get(rounds.len() / 2).copied().unwrap_or(f64::NAN)
}

/// Medians, bare and through the client.
async fn times(calls: &Calls) -> Result<(f64, f64), Fault> {
    let bare = || {
        let calls = calls.clone();
        async move { calls.bare().await }
    };
    let client = || {
        let calls = calls.clone();
        async move { calls.client().await }
    };
    let (mut bare_rounds, mut client_rounds) = (Vec::new(), Vec::new());
    for number in 0..ROUNDS {
        // Neither way always comes second.
        if number % 2 == 0 {
            bare_rounds.push(round(bare).await?);
            client_rounds.push(round(client).await?);
        } else {
            client_rounds.push(round(client).await?);
            bare_rounds.push(round(bare).await?);
        }
    }
    Ok((median(bare_rounds), median(client_rounds)))
}

/// Allocations of one call, on a connection that is there already. Only this thread is counted: the calls and their
/// connections run on it, the server does not.
fn allocations<F>(runtime: &Runtime, call: impl Fn() -> F) -> Result<u64, Fault>
where
    F: Future<Output = Result<(), Fault>>,
{
    const CALLS: u64 = 1_000;
    let mut result = Ok(());
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
    let calls = Calls::new(IN_FLIGHT)?;
    let (bare_time, client_time) = runtime.block_on(times(&calls))?;
    let bare_allocations = allocations(&runtime, || calls.bare())?;
    let client_allocations = allocations(&runtime, || calls.client())?;
    let facts = serde_json::json!({
        "bare_reqwest": { "nanoseconds": bare_time, "allocations": bare_allocations },
        "client": { "nanoseconds": client_time, "allocations": client_allocations },
    });
    println!("{facts}");
    Ok(())
}
