//! `cargo xtask bench`: runs the benchmarks of `order-mapping` and holds each to a ratio to its floor of the same run.

use std::process::Stdio;

use crate::{cargo_command, heading, step, target_folder, workspace};

mod estimates;
mod gates;
mod report;

use gates::{GATES, Row};
use report::Machine;

const PACKAGE: &str = "order-mapping";
const README: &str = "crates/order-mapping/README.md";

pub(crate) fn run(given: &[String]) -> Result<(), String> {
    let write = match given {
        [] => false,
        [one] if one == "--write" => true,
        _ => return Err("bench takes no argument but --write".to_owned()),
    };
    // A folder of its own, emptied first: a benchmark that did not run now has no estimate.
    let home = target_folder().join("criterion-gate");
    if home.exists() {
        std::fs::remove_dir_all(&home).map_err(|error| format!("{}: {error}", home.display()))?;
    }
    let mut cargo = cargo_command(&["bench", "--package", PACKAGE]);
    for bench in benches()? {
        cargo.args(["--bench", &bench]);
    }
    step("benchmarks", cargo.env("CRITERION_HOME", &home))?;
    let measured = estimates::read(&home)?;
    let rows: Vec<Row> = GATES.iter().map(|gate| gate.judge(&measured)).collect();
    let memory = memory()?;
    let machine = Machine::ask();

    heading("gates");
    println!("{}\n", machine.whole());
    println!("{}", report::table(&rows));
    println!("{memory}");
    if write {
        let text = report::section(&machine, &rows, &memory);
        let path = workspace().join(README);
        let readme =
            std::fs::read_to_string(&path).map_err(|error| format!("{README}: {error}"))?;
        let new = report::between_markers(&readme, &text)
            .map_err(|fault| format!("{README}: {fault}"))?;
        std::fs::write(&path, new).map_err(|error| format!("{README}: {error}"))?;
        println!("\nwritten into {README}");
    }
    let faults: Vec<String> = rows.iter().filter_map(Row::fault).collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(format!("\n  {}", faults.join("\n  ")))
    }
}

/// Every benchmark program of the package. They are named one by one, since the tests' harness takes no arguments of a benchmark.
fn benches() -> Result<Vec<String>, String> {
    let folder = workspace().join("crates").join(PACKAGE).join("benches");
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

/// What a registry of a million articles takes, in words; measured in a process of its own.
fn memory() -> Result<String, String> {
    heading("memory");
    let arguments = [
        "run",
        "--quiet",
        "--release",
        "--package",
        PACKAGE,
        "--example",
        "registry_memory",
    ];
    let output = cargo_command(&arguments)
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("cargo could not be started: {error}"))?;
    if !output.status.success() {
        return Err(format!("registry_memory ended with {}", output.status));
    }
    report::memory(&output.stdout)
}
