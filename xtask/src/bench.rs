//! `cargo xtask bench`: runs the benchmarks of each crate that has some, and holds each to a ratio to its floor of the same run.

use std::process::Stdio;

use crate::{cargo_command, heading, workspace};

mod gates;
mod limits;
mod report;

use gates::{CLIENT_GATES, ENGINE_GATES, FILE_GATES, GATES, Gate, Row, SHARED_STORE_GATES};
use limits::{ENGINE_LIMITS, Limit, LimitRow, SHARED_STORE_LIMITS};
use report::{Machine, Measured};

use crate::postgres_server::{Durability, Server};

/// The benchmarks of one crate.
struct Suite {
    package: &'static str,
    gates: &'static [Gate],
    limits: &'static [Limit],
    /// Runs them, and says in words what stands below the table.
    measure: fn(Size) -> Result<(Measured, String), String>,
}

/// How large the cases are that take minutes.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    /// As the limits mean them.
    Full,
    /// A tenth, to see quickly where things stand.
    Quick,
}

const SUITES: [Suite; 5] = [
    Suite {
        package: "order-mapping",
        gates: GATES,
        limits: &[],
        measure: mapping,
    },
    Suite {
        package: "connector-http",
        gates: CLIENT_GATES,
        limits: &[],
        measure: call,
    },
    Suite {
        package: "whistl-client",
        gates: FILE_GATES,
        limits: &[],
        measure: files,
    },
    Suite {
        package: "order-sync",
        gates: ENGINE_GATES,
        limits: ENGINE_LIMITS,
        measure: engine,
    },
    Suite {
        package: "order-sync-postgres",
        gates: SHARED_STORE_GATES,
        limits: SHARED_STORE_LIMITS,
        measure: shared_store,
    },
];

pub(crate) fn run(given: &[String]) -> Result<(), String> {
    let (flags, named): (Vec<&str>, Vec<&str>) = given
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with("--"));
    let (write, size) = match flags.as_slice() {
        [] => (false, Size::Full),
        ["--write"] => (true, Size::Full),
        ["--quick"] => (false, Size::Quick),
        _ => return Err("bench takes one option: --write or --quick".to_owned()),
    };
    if let Some(unknown) = named
        .iter()
        .find(|name| SUITES.iter().all(|suite| suite.package != **name))
    {
        return Err(format!("{unknown} is no crate with benchmarks"));
    }
    let machine = Machine::ask();
    let mut faults = Vec::new();
    for suite in &SUITES {
        if named.is_empty() || named.contains(&suite.package) {
            faults.extend(judge(suite, &machine, size, write)?);
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("\n  {}", faults.join("\n  ")))
    }
}

/// Runs one crate's benchmarks, prints the table, and returns what does not pass.
fn judge(suite: &Suite, machine: &Machine, size: Size, write: bool) -> Result<Vec<String>, String> {
    let (measured, fact) = (suite.measure)(size)?;
    let rows: Vec<Row> = suite
        .gates
        .iter()
        .map(|gate| gate.judge(&measured))
        .collect();
    let limits: Vec<LimitRow> = suite
        .limits
        .iter()
        .map(|limit| limit.judge(&measured))
        .collect();
    let tables = report::tables(&rows, &limits, &fact);

    heading("gates");
    println!("{}\n", machine.whole());
    print!("{tables}");
    if write {
        let text = report::section(machine, &tables);
        let name = readme(suite.package);
        let path = workspace().join(&name);
        let old = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        let new =
            report::between_markers(&old, &text).map_err(|fault| format!("{name}: {fault}"))?;
        std::fs::write(&path, new).map_err(|error| format!("{name}: {error}"))?;
        println!("\nwritten into {name}");
    }
    let faults = rows.iter().filter_map(Row::fault);
    Ok(faults
        .chain(limits.iter().filter_map(LimitRow::fault))
        .collect())
}

/// The README that shows a crate's table.
fn readme(package: &str) -> String {
    format!("crates/{package}/README.md")
}

/// The benchmarks of the pure crate, and what a registry of a million articles takes.
fn mapping(_: Size) -> Result<(Measured, String), String> {
    const PACKAGE: &str = "order-mapping";
    let times = printed_by(&["bench", "--package", PACKAGE, "--bench", "turns"])?;
    let memory = printed_by(&example(PACKAGE, "registry_memory"))?;
    Ok((report::times(&times)?, report::memory(&memory)?))
}

/// What a call costs. Two ways that both wait for the system are compared in turns, which no harness does.
fn call(_: Size) -> Result<(Measured, String), String> {
    report::call(&printed_by(&example("connector-http", "call_cost"))?)
}

/// Order files and stock files, written and read.
fn files(_: Size) -> Result<(Measured, String), String> {
    let times = printed_by(&["bench", "--package", "whistl-client", "--bench", "turns"])?;
    let fact = "An order has 10 lines. That a stock file takes no more memory the longer it is, a test counts (`tests/stock_memory.rs`).";
    Ok((report::times(&times)?, fact.to_owned()))
}

/// The engine between two simulators, and by itself.
fn engine(size: Size) -> Result<(Measured, String), String> {
    let mut arguments = vec!["bench", "--package", "end-to-end", "--bench", "order_sync"];
    if size == Size::Quick {
        arguments.extend(["--", "--quick"]);
    }
    report::engine(&printed_by(&arguments)?)
}

/// The PostgreSQL store, on the server that is named or on a private one with the settings of production.
fn shared_store(size: Size) -> Result<(Measured, String), String> {
    let server = Server::find(Durability::Kept, false)?;
    if matches!(server, Server::Missing) {
        return Err("the PostgreSQL store is measured on a server, and there is none".to_owned());
    }
    let mut arguments = vec![
        "bench",
        "--package",
        "end-to-end",
        "--bench",
        "order_sync",
        "--",
        "--shared",
    ];
    if size == Size::Quick {
        arguments.push("--quick");
    }
    report::engine(&printed_by_one_of(&server, &arguments)?)
}

/// How an example is run.
fn example<'a>(package: &'a str, name: &'a str) -> [&'a str; 6] {
    ["run", "--release", "--package", package, "--example", name]
}

/// What a program prints, in a process of its own.
fn printed_by(arguments: &[&str]) -> Result<Vec<u8>, String> {
    printed_by_one_of(&Server::Missing, arguments)
}

/// The same with a database server that is named to it.
fn printed_by_one_of(server: &Server, arguments: &[&str]) -> Result<Vec<u8>, String> {
    heading(&arguments.join(" "));
    let mut command = cargo_command(&[]);
    let (subcommand, rest) = arguments.split_first().ok_or("nothing is to be run")?;
    command.args([subcommand, "--quiet"]).args(rest);
    server.name_to(&mut command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!(
            "cargo {} ended with {}",
            arguments.join(" "),
            output.status
        ))
    }
}
