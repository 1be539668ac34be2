//! Real processes and real faults: `torture KIND --cycles 50` runs a kind of fault, `torture --list` names them all.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

mod budget;
mod database_faults;
mod disk_full;
mod doom;
mod fail_point;
mod kill;
mod kind;
mod lanes;
mod ledger;
mod moment;
mod pause;
mod reply_cut;
mod schema;
mod settling;
mod site;
mod tally;
mod task;
mod verdict;
mod victim;
mod wal_damage;
mod worker;
mod world;

use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use self::budget::Budget;
use self::kind::KINDS;
use self::task::Canary;

/// The first argument of this program where it is a victim; the second is the file with its task.
const VICTIM: &str = "victim";

/// Runs the engine in processes of their own over its real stores, does to them what happens to processes, and counts the orders at
/// the warehouse.
#[derive(Debug, Parser)]
#[command(name = "torture")]
struct Arguments {
    /// The kind of fault; `--list` names them.
    #[arg(value_parser = clap::builder::PossibleValuesParser::new(KINDS.iter().map(|kind| kind.name)))]
    kind: Option<String>,
    /// Lists the kinds: name, cycles of the short form, whether PostgreSQL is needed, what is done.
    #[arg(long)]
    list: bool,
    /// Cycles at most; where neither these nor minutes are given those of the short form, or with `--full` of the full one.
    #[arg(long)]
    cycles: Option<u64>,
    /// Minutes after which no cycle begins any more.
    #[arg(long)]
    minutes: Option<f64>,
    /// Seed of what is placed and of the moments that are chosen; random without.
    #[arg(long)]
    seed: Option<u64>,
    /// The full form: a fail point that is never reached fails the run.
    #[arg(long)]
    full: bool,
    /// Prints the counts for machines as well, as the last line.
    #[arg(long)]
    json: bool,
    /// Victims that do wrong on purpose, so that the counts are seen to find it.
    #[arg(long, hide = true)]
    canary: Option<Canary>,
}

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().is_some_and(|word| word == VICTIM) {
        return victim::run(Path::new(&words.next().unwrap_or_default()));
    }
    let arguments = Arguments::parse();
    if arguments.list {
        for kind in KINDS {
            println!(
                "{}\t{}\t{}\t{}",
                kind.name, kind.quick, kind.postgres, kind.what
            );
        }
        return ExitCode::SUCCESS;
    }
    let Some(kind) = arguments.kind.as_deref().and_then(kind::named) else {
        eprintln!("name a kind of fault; --list lists them");
        return ExitCode::from(2);
    };
    run(kind, &arguments)
}

fn run(kind: &kind::Kind, arguments: &Arguments) -> ExitCode {
    let seed = arguments.seed.unwrap_or_else(|| fastrand::u64(..1 << 32));
    let cycles = arguments.cycles.unwrap_or(match arguments.minutes {
        Some(_) => u64::MAX,
        None if arguments.full => kind.full,
        None => kind.quick,
    });
    let mut budget = Budget::new(cycles, arguments.minutes, seed, arguments.full);
    budget.canary = arguments.canary;
    match (kind.run)(&budget) {
        Ok(tally) => {
            for line in tally.notes.iter().chain(&tally.reports) {
                println!("{line}");
            }
            println!("{tally}; seed {seed}");
            if arguments.json {
                println!("{}", serde_json::json!(tally));
            }
            if tally.is_sound() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            }
        }
        Err(failure) => {
            eprintln!("{}: {failure}; seed {seed}", kind.name);
            ExitCode::FAILURE
        }
    }
}
