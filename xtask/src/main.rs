//! Runs the project's checks: `cargo xtask test` runs all tests, `cargo xtask ci` everything that continuous integration runs,
//! `cargo xtask generate` writes the files that come from the types, `cargo xtask fuzz`, `cargo xtask simulate`, `cargo xtask
//! canaries`, `cargo xtask torture` and `cargo xtask bench` do what takes longer.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line program talks to its terminal"
)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use self::postgres_server::{Durability, Server};

mod bench;
mod deny;
mod full_sync_report;
mod fuzz;
mod generate;
mod postgres_server;
mod simulation;
mod torture;

const USAGE: &str = "\
usage: cargo xtask <command>

commands:
  test [--install]
          all tests: unit, integration, end to end, the examples in the documentation, and the kept corpus of the fuzz targets. Those of
          the PostgreSQL store run on the server in DATABASE_URL, or on a private one; with --install (and under CI=true) the system's
          package is installed where there is none
  ci      what continuous integration runs: formatting, generated files, lints, tests, documentation, a full run of the demonstration,
          and a short form of the simulation with five canaries
  deny [--install] [--advisories]
          licences, sources and bans of everything that is linked, by cargo-deny; with --install it is built into the target folder where
          there is none; with --advisories the local copy of the advisory database is asked too, never fetched
  generate [--check]
          writes the files that come from the types (JSON Schema of the profile, page of failure codes); with --check only compares them
  fuzz    looks for inputs that break a law of order-mapping or of the readers of Whistl files and replies, under libFuzzer (nightly compiler and cargo-fuzz):
          [TARGET] [--seconds N]; with --stable by plain mutation of the corpus: [TARGET] [--seconds N] [--seed N] [--keep]
  simulate  simulated histories of the engine over SQLite in memory: [--seeds FROM..TO] [--large] [--no-story]; one of them, told and made
          smaller where it fails: --seed N
  canaries  plants every bug of the list, one at a time, and wants each caught: [--quick] five of them; with --write the table goes into
          docs/reliability.md
  torture real processes that are killed, stopped, robbed of their database, given a damaged one or a full disk: [--minutes N] [--kinds a,b], --quick for the short form
          of continuous integration; with --write a row for each kind goes into docs/reliability.md
  bench   the benchmarks of each crate that has some, or of one: [CRATE], each held to a ratio to its floor of the same run or to a
          limit; with --write the table goes into the README of the crate; with --quick the largest cases take a tenth
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .as_slice()
    {
        ["test"] => test(false),
        ["test", "--install"] => test(true),
        ["ci"] => ci(),
        ["deny", ..] => deny::run(arguments.get(1..).unwrap_or_default()),
        ["generate"] => generate::write(&workspace()),
        ["generate", "--check"] => generate::check(&workspace()),
        ["fuzz", ..] => fuzz::run(arguments.get(1..).unwrap_or_default()),
        ["simulate", ..] => simulation::run(arguments.get(1..).unwrap_or_default()),
        ["canaries", ..] => simulation::canaries(arguments.get(1..).unwrap_or_default()),
        ["torture", ..] => torture::run(arguments.get(1..).unwrap_or_default()),
        ["bench", ..] => bench::run(arguments.get(1..).unwrap_or_default()),
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("\nfailed: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn test(install: bool) -> Result<(), String> {
    let server = Server::find(Durability::Spared, install)?;
    let mut tests = cargo_command(&["test", "--workspace", "--all-features"]);
    server.name_to(&mut tests);
    step("tests", &mut tests)?;
    drop(server);
    fuzz::replay()
}

fn ci() -> Result<(), String> {
    let begun = Instant::now();
    cargo("formatting", &["fmt", "--all", "--check"])?;
    heading("generated files");
    generate::check(&workspace())?;
    cargo(
        "lints",
        &[
            "clippy",
            "--workspace",
            "--all-targets",
            "--all-features",
            "--",
            "-D",
            "warnings",
        ],
    )?;
    fuzz::lint()?;
    deny::in_ci()?;
    test(false)?;
    step(
        "documentation",
        cargo_command(&["doc", "--workspace", "--no-deps", "--all-features"])
            .env("RUSTDOCFLAGS", "-D warnings"),
    )?;
    demonstration()?;
    simulation::quick()?;
    println!("\nall checks passed in {:.0?}", begun.elapsed());
    Ok(())
}

/// The first command of the README, and a look at the report it prints for machines.
fn demonstration() -> Result<(), String> {
    heading("demonstration");
    let output = cargo_command(&["run", "--release", "--bin", "full_sync", "--", "--json"])
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("full_sync ended with {}", output.status));
    }
    let facts = full_sync_report::check(&output.stdout)?;
    println!("{facts}");
    Ok(())
}

fn cargo(name: &str, arguments: &[&str]) -> Result<(), String> {
    step(name, &mut cargo_command(arguments))
}

fn cargo_command(arguments: &[&str]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace());
    command
}

fn step(name: &str, command: &mut Command) -> Result<(), String> {
    heading(name);
    let begun = Instant::now();
    let status = command
        .status()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if status.success() {
        println!("{name}: passed in {:.0?}", begun.elapsed());
        Ok(())
    } else {
        Err(format!("{name} ended with {status}"))
    }
}

fn heading(name: &str) {
    println!("\n== {name} ==");
}

/// The folder of the workspace: one above this package.
fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Where cargo puts what it builds, for the fuzz targets too: what they share with the workspace is compiled once.
fn target_folder() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(folder) => workspace().join(folder),
        None => workspace().join("target"),
    }
}
