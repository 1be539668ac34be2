//! Simulated histories of the engine, and the bugs that are planted to prove that they find some.

use std::process::Command;

use crate::{cargo_command, heading, step, target_folder, workspace};

/// Seeds that continuous integration runs: what two cores do in about two minutes.
const SMALL: &str = "0..4000";
const LARGE: &str = "0..200";

/// Canaries of continuous integration.
const QUICK: [&str; 5] = [
    "settle_zero",
    "guard_after_claim",
    "token_ignored",
    "cursor_early",
    "buffer_forgotten",
];

/// Seeds in which a canary has to be caught.
const BUDGET: &str = "0..20000";

/// The page with the figures of full runs, and where the table of canaries stands in it.
const PAGE: &str = "docs/reliability.md";
const BEGIN: &str = "<!-- canaries -->";
const END: &str = "<!-- end of canaries -->";

/// `cargo xtask simulate`: hands its arguments on to the program.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let mut command = cargo_command(&[
        "run",
        "--release",
        "--quiet",
        "--package",
        "simulation",
        "--",
    ]);
    step("simulation", command.args(arguments))
}

/// The short form for continuous integration.
pub(crate) fn quick() -> Result<(), String> {
    let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
    run(&words(&format!("--seeds {SMALL}")))?;
    run(&words(&format!("--large --seeds {LARGE}")))?;
    canaries(&["--quick".to_owned()])
}

/// What the simulation says of one planted bug.
#[derive(Debug, PartialEq, Eq)]
struct Catch {
    seeds: u64,
    seed: u64,
    invariant: String,
}

/// `cargo xtask canaries`: every planted bug has to be caught; with `--write` the table goes into the page.
pub(crate) fn canaries(arguments: &[String]) -> Result<(), String> {
    let (mut quick, mut write) = (false, false);
    for argument in arguments {
        match argument.as_str() {
            "--quick" => quick = true,
            "--write" => write = true,
            other => return Err(format!("{other} is no option (--quick, --write)")),
        }
    }
    // A target folder of its own: the flag would have everything else built anew.
    let folder = target_folder().join("canary");
    step(
        "build with planted bugs",
        cargo_command(&["build", "--release", "--quiet", "--package", "simulation"])
            .env("RUSTFLAGS", "--cfg canary")
            .env("CARGO_TARGET_DIR", &folder),
    )?;
    heading("canaries");
    let program = folder.join("release/simulate");
    let listed = output(Command::new(&program).arg("--canaries"))?;
    let all: Vec<(&str, &str)> = listed
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect();
    let mut rows = Vec::new();
    let mut missed = Vec::new();
    for (name, what) in all {
        if quick && !QUICK.contains(&name) {
            continue;
        }
        let told = output(Command::new(&program).args(["--canary", name, "--seeds", BUDGET]))?;
        match caught(name, &told) {
            Some(catch) => {
                println!("{name}: {} after {} seeds", catch.invariant, catch.seeds);
                rows.push(row(name, what, &catch));
            }
            None => missed.push(name.to_owned()),
        }
    }
    if write && missed.is_empty() && !quick {
        let path = workspace().join(PAGE);
        let page = std::fs::read_to_string(&path).map_err(|error| format!("{PAGE}: {error}"))?;
        let page =
            with_table(&page, &rows).ok_or_else(|| format!("{PAGE} has no place for the table"))?;
        std::fs::write(&path, page).map_err(|error| format!("{PAGE}: {error}"))?;
    }
    if missed.is_empty() {
        println!("{} of {} caught", rows.len(), rows.len());
        Ok(())
    } else {
        Err(format!("not caught within {BUDGET}: {}", missed.join(", ")))
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("the simulation could not be started: {error}"))?;
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
}

/// Reads the line `name <TAB> seeds <TAB> seed <TAB> invariant`; `None` where nothing was caught.
fn caught(name: &str, line: &str) -> Option<Catch> {
    let mut parts = line.trim_end().split('\t');
    if parts.next() != Some(name) {
        return None;
    }
    Some(Catch {
        seeds: parts.next()?.parse().ok()?,
        seed: parts.next()?.parse().ok()?,
        invariant: parts.next()?.to_owned(),
    })
}

fn row(name: &str, what: &str, catch: &Catch) -> String {
    let Catch {
        seeds,
        seed,
        invariant,
    } = catch;
    format!("| `{name}` | {what} | {seeds} | {seed} | {invariant} |")
}

/// The page with these rows in its table.
fn with_table(page: &str, rows: &[String]) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    let head = "| Planted bug | What it does | Seeds until caught | First seed | By |\n|---|---|---|---|---|";
    let table = rows.join("\n");
    Some(format!("{before}{BEGIN}\n{head}\n{table}\n{END}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catch_is_read_and_a_miss_is_none() {
        let catch = Catch {
            seeds: 12,
            seed: 11,
            invariant: "I2".to_owned(),
        };
        assert_eq!(
            caught("settle_zero", "settle_zero\t12\t11\tI2\n"),
            Some(catch)
        );
        assert_eq!(caught("settle_zero", "settle_zero\tnever\n"), None);
        assert_eq!(caught("settle_zero", ""), None);
    }

    #[test]
    fn the_table_takes_the_place_of_the_one_before() {
        let page = format!("above\n{BEGIN}\nold\n{END}\nbelow\n");
        let page = with_table(&page, &["| a |".to_owned()]).unwrap();
        assert!(
            page.starts_with("above\n") && page.ends_with("\nbelow\n"),
            "{page}"
        );
        assert!(page.contains("| a |") && !page.contains("old"), "{page}");
        assert_eq!(with_table("nothing", &[]), None);
    }
}
