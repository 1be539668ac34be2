//! `cargo xtask bench`: runs the benchmarks of each crate that has some, and holds each to a ratio to its floor of the same run.

use std::process::Stdio;

use crate::{cargo_command, heading, step, target_folder, workspace};

mod estimates;
mod gates;
mod report;

use estimates::Measured;
use gates::{CLIENT_GATES, GATES, Gate, Row};
use report::Machine;

/// The benchmarks of one crate.
struct Suite {
    package: &'static str,
    gates: &'static [Gate],
    /// Runs them, and says in words what stands below the table.
    measure: fn() -> Result<(Measured, String), String>,
}

const SUITES: [Suite; 2] = [
    Suite {
        package: "order-mapping",
        gates: GATES,
        measure: mapping,
    },
    Suite {
        package: "connector-http",
        gates: CLIENT_GATES,
        measure: call,
    },
];

pub(crate) fn run(given: &[String]) -> Result<(), String> {
    let (flags, named): (Vec<&str>, Vec<&str>) = given
        .iter()
        .map(String::as_str)
        .partition(|argument| argument.starts_with("--"));
    let write = match flags.as_slice() {
        [] => false,
        ["--write"] => true,
        _ => return Err("bench takes no option but --write".to_owned()),
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
            faults.extend(judge(suite, &machine, write)?);
        }
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("\n  {}", faults.join("\n  ")))
    }
}

/// Runs one crate's benchmarks, prints the table, and returns what does not pass.
fn judge(suite: &Suite, machine: &Machine, write: bool) -> Result<Vec<String>, String> {
    let (measured, fact) = (suite.measure)()?;
    let rows: Vec<Row> = suite
        .gates
        .iter()
        .map(|gate| gate.judge(&measured))
        .collect();

    heading("gates");
    println!("{}\n", machine.whole());
    println!("{}", report::table(&rows));
    println!("{fact}");
    if write {
        let text = report::section(machine, &rows, &fact);
        let name = readme(suite.package);
        let path = workspace().join(&name);
        let old = std::fs::read_to_string(&path).map_err(|error| format!("{name}: {error}"))?;
        let new =
            report::between_markers(&old, &text).map_err(|fault| format!("{name}: {fault}"))?;
        std::fs::write(&path, new).map_err(|error| format!("{name}: {error}"))?;
        println!("\nwritten into {name}");
    }
    Ok(rows.iter().filter_map(Row::fault).collect())
}

/// The README that shows a crate's table.
fn readme(package: &str) -> String {
    format!("crates/{package}/README.md")
}

/// How often the benchmarks run. A machine's clock changes within minutes, and a benchmark should meet its floor at the same speed once.
const TURNS: u32 = 2;

/// The benchmarks of the pure crate, and what a registry of a million articles takes.
fn mapping() -> Result<(Measured, String), String> {
    const PACKAGE: &str = "order-mapping";
    // A folder of its own, emptied first: a benchmark that did not run now has no estimate.
    let home = target_folder().join("criterion-gate");
    if home.exists() {
        std::fs::remove_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    }
    for turn in 1..=TURNS {
        let mut cargo = cargo_command(&["bench", "--package", PACKAGE]);
        for bench in benches(PACKAGE)? {
            cargo.args(["--bench", &bench]);
        }
        let home = home.join(format!("turn-{turn}"));
        step("benchmarks", cargo.env("CRITERION_HOME", &home))?;
    }
    let measured = estimates::read(&home)?;
    let memory = report::memory(&printed_by(PACKAGE, "registry_memory")?)?;
    Ok((measured, memory))
}

/// What a call costs. Two ways that both wait for the system are compared in turns, which no harness does.
fn call() -> Result<(Measured, String), String> {
    report::call(&printed_by("connector-http", "call_cost")?)
}

/// Every benchmark program of the package. They are named one by one, since the tests' harness takes no arguments of a benchmark.
fn benches(package: &str) -> Result<Vec<String>, String> {
    let folder = workspace().join("crates").join(package).join("benches");
    let entries =
        std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut names: Vec<String> = entries
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    names.sort();
    Ok(names)
}

/// What an example prints, in a process of its own.
fn printed_by(package: &str, example: &str) -> Result<Vec<u8>, String> {
    heading(example);
    let mut arguments = vec!["run", "--quiet", "--release"];
    arguments.extend(["--package", package, "--example", example]);
    let output = cargo_command(&arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!("{example} ended with {}", output.status))
    }
}
