//! Simulated histories of the engine, by the thousand: `simulate --seeds 0..20000` runs them, `simulate --seed 17` tells one.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

#[cfg(canary)]
mod canary;
mod seeds;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use order_sync_testkit::simulation::{Scenario, Size, shrink, simulate, story};

use seeds::{Seeds, sqlite};

/// Runs the engine through simulated histories and checks its promises.
#[derive(Debug, Parser)]
#[command(name = "simulate")]
struct Arguments {
    /// Seeds to run, the end left out.
    #[arg(long, default_value = "0..1000", value_name = "FROM..TO")]
    seeds: Seeds,
    /// Large histories: up to 200 orders, 5 merchants, 4 workers and 72 hours.
    #[arg(long)]
    large: bool,
    /// One seed: its story, shrunk where it fails.
    #[arg(long)]
    seed: Option<u64>,
    /// Lines of a story at most, the last ones.
    #[arg(long, default_value_t = 400)]
    lines: usize,
    /// Counts only: no story of the first seed that fails.
    #[arg(long)]
    no_story: bool,
    /// Plants this bug, and stops at the first seed that catches it (only in a build under `cfg(canary)`).
    #[cfg(canary)]
    #[arg(long)]
    canary: Option<String>,
    /// Lists the bugs that can be planted.
    #[cfg(canary)]
    #[arg(long)]
    canaries: bool,
    /// Threads; one for each processor without it.
    #[arg(long)]
    threads: Option<usize>,
    /// Every so many seeds one is run twice, and has to give the same trace hash.
    #[arg(long, default_value_t = 100)]
    rerun_every: u64,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let size = if arguments.large {
        Size::Large
    } else {
        Size::Small
    };
    #[cfg(canary)]
    {
        if arguments.canaries {
            for (name, what) in order_sync::canary::ALL {
                println!("{name}\t{what}");
            }
            return ExitCode::SUCCESS;
        }
        if let Some(name) = &arguments.canary {
            return canary::catch(name, &arguments.seeds, size);
        }
    }
    match arguments.seed {
        Some(seed) => tell(seed, size, arguments.lines),
        None => run(&arguments, size),
    }
}

/// One seed, told; the smallest form of it where it fails.
fn tell(seed: u64, size: Size, lines: usize) -> ExitCode {
    let scenario = Scenario::of(seed, size);
    let outcome = simulate(&scenario, &sqlite);
    if outcome.violations.is_empty() {
        println!("{}trace {}", story(&outcome, lines), outcome.trace_hash);
        return ExitCode::SUCCESS;
    }
    let outcome = simulate(&shrink(&scenario, &sqlite), &sqlite);
    println!("{}trace {}", story(&outcome, lines), outcome.trace_hash);
    ExitCode::FAILURE
}

fn run(arguments: &Arguments, size: Size) -> ExitCode {
    let begun = Instant::now();
    let threads = arguments
        .threads
        .unwrap_or_else(|| std::thread::available_parallelism().map_or(1, std::num::NonZero::get));
    let sum = seeds::run(&arguments.seeds, size, threads, arguments.rerun_every);
    for (seed, violation) in sum.failures.iter().take(20) {
        println!("seed {seed} broke {violation}");
    }
    println!("{sum}, in {:.1?}", begun.elapsed());
    match sum.failures.first() {
        None => ExitCode::SUCCESS,
        Some(_) if arguments.no_story => ExitCode::FAILURE,
        Some((seed, _)) => {
            println!();
            tell(*seed, size, arguments.lines)
        }
    }
}
