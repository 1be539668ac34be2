//! Licences, sources and bans of everything that the workspace links, by `cargo deny`; advisories where a copy of their database is
//! given.

use std::path::PathBuf;
use std::process::Command;

use crate::{cargo_command, heading, step, target_folder};

/// The version that is installed where there is none.
const VERSION: &str = "0.20.2";

/// Checks, with the program on the path or with one of our own; `--advisories` also asks the local copy of the advisory database.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let mut install = false;
    let mut advisories = false;
    for argument in arguments {
        match argument.as_str() {
            "--install" => install = true,
            "--advisories" => advisories = true,
            other => return Err(format!("deny: there is no option `{other}`")),
        }
    }
    match program(install)? {
        Some(program) => check(&program, advisories),
        None => Err(format!(
            "there is no cargo-deny; `cargo xtask deny --install` builds version {VERSION} into the target folder"
        )),
    }
}

/// The check as a part of the whole: not running is failing under `CI=true`, and is said plainly elsewhere.
pub(crate) fn in_ci() -> Result<(), String> {
    let compulsory = std::env::var_os("CI").is_some_and(|value| value == "true");
    match program(compulsory)? {
        Some(program) => check(&program, false),
        None => {
            heading("licences and sources");
            println!(
                "NOT RUN: there is no cargo-deny here; `cargo xtask deny --install` brings it"
            );
            Ok(())
        }
    }
}

fn check(program: &PathBuf, advisories: bool) -> Result<(), String> {
    let mut command = Command::new(program);
    command.current_dir(crate::workspace()).arg("--locked");
    if advisories {
        // Never fetched from here: whoever asks has put a copy where cargo-deny looks for it.
        command.args(["check", "--disable-fetch", "advisories"]);
        step("advisories", &mut command)?;
        command = Command::new(program);
        command.current_dir(crate::workspace()).arg("--locked");
    }
    command.args([
        "check",
        "--hide-inclusion-graph",
        "licenses",
        "bans",
        "sources",
    ]);
    step("licences and sources", &mut command)
}

/// Where the program is: on the path, or where an earlier run put it; built there if it has to be.
fn program(install: bool) -> Result<Option<PathBuf>, String> {
    let on_path = PathBuf::from("cargo-deny");
    let answers = |program: &PathBuf| {
        Command::new(program)
            .arg("--version")
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if answers(&on_path) {
        return Ok(Some(on_path));
    }
    let tools = target_folder().join("tools");
    let own = tools.join("bin").join("cargo-deny");
    if answers(&own) {
        return Ok(Some(own));
    }
    if !install {
        return Ok(None);
    }
    let mut command = cargo_command(&["install", "--quiet", "--locked", "--version", VERSION]);
    command
        .args(["--no-default-features", "--root"])
        .arg(&tools)
        .arg("cargo-deny");
    step("cargo-deny", &mut command)?;
    Ok(Some(own))
}
