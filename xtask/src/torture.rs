//! Real processes and real faults: runs the kinds of the `torture` program, and keeps the table of what was shown.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use serde::Deserialize;

use crate::{cargo_command, heading, step, target_folder, workspace};

/// The page with the figures, and where the table stands in it.
const PAGE: &str = "docs/reliability.md";
const BEGIN: &str = "<!-- processes -->";
const END: &str = "<!-- end of processes -->";
const HEAD: &str = "| Date | Commit | Fault | Cycles | Orders | At the warehouse | Lost | Doubled |\n|---|---|---|---|---|---|---|---|";

/// A kind of fault, as the program lists it.
#[derive(Debug, PartialEq, Eq)]
struct Kind {
    name: String,
    postgres: bool,
}

/// What the program says of a run.
#[derive(Debug, Default, Deserialize)]
struct Tally {
    kind: String,
    cycles: u64,
    /// Of those, how many orders were counted after; all, where it is zero.
    #[serde(default)]
    whole_way: u64,
    placed: u64,
    arrived: u64,
    lost: u64,
    doubled: u64,
    reports: Vec<String>,
}

impl Tally {
    fn is_sound(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.reports.is_empty()
    }
}

/// What was asked for.
#[derive(Debug, Default, PartialEq)]
struct Wanted {
    kinds: Option<Vec<String>>,
    minutes: Option<f64>,
    quick: bool,
    write: bool,
}

impl Wanted {
    fn of(arguments: &[String]) -> Result<Self, String> {
        let mut wanted = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || rest.next().ok_or(format!("{argument} needs a value"));
            match argument.as_str() {
                "--quick" => wanted.quick = true,
                "--write" => wanted.write = true,
                "--kinds" => {
                    wanted.kinds = Some(value()?.split(',').map(str::to_owned).collect());
                }
                "--minutes" => {
                    let text = value()?;
                    let minutes = text.parse().map_err(|error| format!("{text}: {error}"))?;
                    wanted.minutes = Some(minutes);
                }
                other => {
                    return Err(format!(
                        "{other} is no option (--minutes N, --kinds a,b, --quick, --write)"
                    ));
                }
            }
        }
        Ok(wanted)
    }
}

/// `cargo xtask torture`: every kind in turn; with minutes, each gets an equal share of them.
pub(crate) fn run(arguments: &[String]) -> Result<(), String> {
    let wanted = Wanted::of(arguments)?;
    // Not optimised: overflow checks and debug assertions stay on in the victims, and most of the time is waiting anyway.
    step(
        "build of torture",
        &mut cargo_command(&["build", "--quiet", "--package", "torture"]),
    )?;
    let program = target_folder().join("debug/torture");
    let kinds = chosen(&program, wanted.kinds.as_deref())?;
    let ci = std::env::var_os("CI").is_some_and(|ci| ci == "true");
    let without = private_postgres::programs().is_none();
    let mut tallies = Vec::new();
    let mut failures = Vec::new();
    for kind in &kinds {
        heading(&format!("torture: {}", kind.name));
        if kind.postgres && without {
            let missing = format!(
                "NOT RUN: {} needs the programs of PostgreSQL {} or later, and none were found",
                kind.name,
                private_postgres::OLDEST
            );
            println!("{missing}");
            if ci {
                failures.push(missing);
            }
            continue;
        }
        let mut command = Command::new(&program);
        command.arg(&kind.name).arg("--json");
        match wanted.minutes {
            Some(minutes) if !wanted.quick => {
                let share = minutes / kinds.len() as f64;
                command.arg("--minutes").arg(share.to_string());
            }
            _ => {}
        }
        if !wanted.quick {
            command.arg("--full");
        }
        let begun = Instant::now();
        match told(&mut command) {
            Ok(tally) => {
                println!("{}: {:.0?}", kind.name, begun.elapsed());
                if !tally.is_sound() {
                    failures.push(format!(
                        "{}: {} lost, {} doubled, {} reports",
                        kind.name,
                        tally.lost,
                        tally.doubled,
                        tally.reports.len()
                    ));
                }
                tallies.push(tally);
            }
            Err(failure) => failures.push(format!("{}: {failure}", kind.name)),
        }
    }
    if wanted.write {
        write(&tallies)?;
    }
    if failures.is_empty() {
        Ok(())
    } else {
        Err(failures.join("; "))
    }
}

/// The kinds that are to be run, all of them where none are named.
fn chosen(program: &Path, names: Option<&[String]>) -> Result<Vec<Kind>, String> {
    let output = Command::new(program)
        .arg("--list")
        .output()
        .map_err(|error| format!("{}: {error}", program.display()))?;
    let all = listed(&String::from_utf8_lossy(&output.stdout));
    let Some(names) = names else { return Ok(all) };
    for name in names {
        if !all.iter().any(|kind| kind.name == *name) {
            let known: Vec<&str> = all.iter().map(|kind| kind.name.as_str()).collect();
            return Err(format!("{name} is no kind of fault ({})", known.join(", ")));
        }
    }
    Ok(all
        .into_iter()
        .filter(|kind| names.contains(&kind.name))
        .collect())
}

/// Reads the lines `name <TAB> cycles of the short form <TAB> needs PostgreSQL <TAB> what is done`.
fn listed(text: &str) -> Vec<Kind> {
    text.lines()
        .filter_map(|line| {
            let mut parts = line.split('\t');
            let name = parts.next()?.to_owned();
            let postgres = parts.nth(1)? == "true";
            Some(Kind { name, postgres })
        })
        .collect()
}

/// Runs the program, shows what it prints, and reads its last line.
fn told(command: &mut Command) -> Result<Tally, String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("torture could not be started: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines: Vec<&str> = text.lines().collect();
    let last = lines.pop().unwrap_or_default();
    let tally = serde_json::from_str(last);
    for line in lines {
        println!("{line}");
    }
    tally.map_err(|_| format!("ended with {}: {last}", output.status))
}

/// Adds a row for each run to the table of the page, and writes the sums below it anew.
fn write(tallies: &[Tally]) -> Result<(), String> {
    let path: PathBuf = workspace().join(PAGE);
    let failed = |error: std::io::Error| format!("{PAGE}: {error}");
    let page = std::fs::read_to_string(&path).map_err(failed)?;
    let (date, commit) = (said("date", &["-u", "+%F"])?, commit()?);
    let rows: Vec<String> = tallies
        .iter()
        .flat_map(|tally| rows(&date, &commit, tally))
        .collect();
    let page = with_rows(&page, &rows).ok_or(format!("{PAGE} has no place for the table"))?;
    std::fs::write(&path, page).map_err(failed)
}

/// The commit that is checked out, marked where files differ from it.
fn commit() -> Result<String, String> {
    let commit = said("git", &["rev-parse", "--short", "HEAD"])?;
    let changed = said("git", &["status", "--porcelain", "--untracked-files=no"])?;
    let differs = changed.lines().any(|line| !line.ends_with(PAGE));
    Ok(if differs {
        format!("{commit}+")
    } else {
        commit
    })
}

fn said(program: &str, arguments: &[&str]) -> Result<String, String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(workspace())
        .output()
        .map_err(|error| format!("{program}: {error}"))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// A row; two, where orders were counted after some of the cycles only.
fn rows(date: &str, commit: &str, tally: &Tally) -> Vec<String> {
    if tally.whole_way == 0 {
        return vec![row(date, commit, &tally.kind, tally.cycles, tally)];
    }
    let counted = format!("{}, orders counted", tally.kind);
    let opened = Tally {
        kind: tally.kind.clone(),
        ..Tally::default()
    };
    vec![
        row(
            date,
            commit,
            &tally.kind,
            tally.cycles - tally.whole_way,
            &opened,
        ),
        row(date, commit, &counted, tally.whole_way, tally),
    ]
}

fn row(date: &str, commit: &str, kind: &str, cycles: u64, tally: &Tally) -> String {
    let Tally {
        placed,
        arrived,
        lost,
        doubled,
        ..
    } = tally;
    format!(
        "| {date} | {commit} | `{kind}` | {cycles} | {placed} | {arrived} | {lost} | {doubled} |"
    )
}

/// The page with these rows below those that are there, and the sum of each kind.
fn with_rows(page: &str, rows: &[String]) -> Option<String> {
    let (before, rest) = page.split_once(BEGIN)?;
    let (table, after) = rest.split_once(END)?;
    let mut all: Vec<String> = table
        .lines()
        .filter(|line| line.contains("| `") && !line.contains("**sum**"))
        .map(str::to_owned)
        .collect();
    all.extend(rows.iter().cloned());
    let sums = sums(&all)?;
    Some(format!(
        "{before}{BEGIN}\n{HEAD}\n{}\n{sums}\n{END}{after}",
        all.join("\n")
    ))
}

/// A row for each kind that sums up its rows, and one for all.
fn sums(rows: &[String]) -> Option<String> {
    let mut kinds: Vec<(String, [u64; 5])> = Vec::new();
    let mut all = [0; 5];
    for row in rows {
        let cells: Vec<&str> = row.trim_matches(['|', ' ']).split(" | ").collect();
        let (kind, figures) = (cells.get(2)?, cells.get(3..8)?);
        let place = match kinds.iter().position(|(known, _)| known == kind) {
            Some(place) => place,
            None => {
                kinds.push(((*kind).to_owned(), [0; 5]));
                kinds.len() - 1
            }
        };
        let (_, sum) = kinds.get_mut(place)?;
        for ((one, whole), figure) in sum.iter_mut().zip(&mut all).zip(figures) {
            let figure: u64 = figure.parse().ok()?;
            *one += figure;
            *whole += figure;
        }
    }
    kinds.push(("all".to_owned(), all));
    let line = |(kind, [cycles, placed, arrived, lost, doubled]): &(String, [u64; 5])| {
        format!("| **sum** | | {kind} | {cycles} | {placed} | {arrived} | {lost} | {doubled} |")
    };
    Some(kinds.iter().map(line).collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn arguments_are_read_and_what_is_unknown_is_refused() {
        let wanted = Wanted::of(&arguments("--minutes 4 --kinds pause,kill-sqlite --write"));
        let wanted = wanted.unwrap();
        assert_eq!(wanted.minutes, Some(4.0));
        assert_eq!(wanted.kinds.unwrap(), ["pause", "kill-sqlite"]);
        assert!(wanted.write && !wanted.quick);
        assert!(Wanted::of(&arguments("--minute 4")).is_err());
        assert!(Wanted::of(&arguments("--minutes")).is_err());
    }

    #[test]
    fn kinds_are_read_from_the_list() {
        let kinds = listed("kill-sqlite\t30\tfalse\tkills\npause\t4\ttrue\tstops\n\n");
        let named = |name: &str, postgres| Kind {
            name: name.to_owned(),
            postgres,
        };
        assert_eq!(kinds, [named("kill-sqlite", false), named("pause", true)]);
    }

    #[test]
    fn rows_are_added_and_the_sums_are_those_of_all_rows() {
        let page = format!("above\n{BEGIN}\n{END}\nbelow\n");
        let tally = |kind: &str, cycles, lost| Tally {
            kind: kind.to_owned(),
            cycles,
            placed: 10,
            arrived: 9,
            lost,
            ..Tally::default()
        };
        let first = rows("2026-11-28", "abc", &tally("pause", 4, 0));
        let page = with_rows(&page, &first).unwrap();
        let mut second = rows("2026-11-29", "abd", &tally("pause", 6, 1));
        second.extend(rows("2026-11-29", "abd", &tally("kill-sqlite", 5, 0)));
        let page = with_rows(&page, &second).unwrap();
        assert_eq!(page.matches("| 2026-11").count(), 3, "{page}");
        for sum in [
            "| **sum** | | `pause` | 10 | 20 | 18 | 1 | 0 |",
            "| **sum** | | `kill-sqlite` | 5 | 10 | 9 | 0 | 0 |",
            "| **sum** | | all | 15 | 30 | 27 | 1 | 0 |",
        ] {
            assert_eq!(page.matches(sum).count(), 1, "{page}");
        }
        assert!(page.starts_with("above\n") && page.ends_with("\nbelow\n"));
        let mut damage = tally("wal-damage", 200, 0);
        damage.whole_way = 10;
        let page = with_rows(&page, &rows("2026-11-29", "abd", &damage)).unwrap();
        for sum in [
            "| **sum** | | `wal-damage` | 190 | 0 | 0 | 0 | 0 |",
            "| **sum** | | `wal-damage, orders counted` | 10 | 10 | 9 | 0 | 0 |",
            "| **sum** | | all | 215 | 40 | 36 | 1 | 0 |",
        ] {
            assert_eq!(page.matches(sum).count(), 1, "{page}");
        }
        assert_eq!(with_rows("nothing", &[]), None);
    }
}
