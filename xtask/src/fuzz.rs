//! The fuzz targets: replayed from the kept corpus, under libFuzzer, or by plain mutation.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};

use crate::{cargo_command, step, target_folder, workspace};

/// Targets of `fuzz/`, in the order in which they run. A test compares them with the programs there.
const TARGETS: [&str; 11] = [
    "sku",
    "phone",
    "postcode",
    "address",
    "order_json",
    "profile_toml",
    "dtd_order",
    "answer_files",
    "stock_file",
    "shipment_reply",
    "tracking_reply",
];

const MANIFEST: &str = "fuzz/Cargo.toml";

/// What the command line asks for.
#[derive(Debug, PartialEq, Eq)]
struct Arguments {
    target: Option<String>,
    seconds: u64,
    stable: bool,
    /// Passed on to the loop on stable as they are.
    more: Vec<String>,
}

impl Arguments {
    fn read(given: &[String]) -> Result<Self, String> {
        let mut arguments = Self {
            target: None,
            seconds: 60,
            stable: false,
            more: Vec::new(),
        };
        let mut given = given.iter();
        while let Some(argument) = given.next() {
            match argument.as_str() {
                "--stable" => arguments.stable = true,
                "--keep" => arguments.more.push(argument.clone()),
                "--seconds" => arguments.seconds = number(argument, given.next())?,
                "--seed" => {
                    let seed = number(argument, given.next())?;
                    arguments.more.extend([argument.clone(), seed.to_string()]);
                }
                name if TARGETS.contains(&name) && arguments.target.is_none() => {
                    arguments.target = Some(name.to_owned());
                }
                other => {
                    let names = TARGETS.join(", ");
                    return Err(format!("{other} is no option and no target ({names})"));
                }
            }
        }
        if !arguments.stable && !arguments.more.is_empty() {
            return Err("--seed and --keep belong to --stable".to_owned());
        }
        Ok(arguments)
    }

    fn targets(&self) -> Vec<&str> {
        match &self.target {
            Some(target) => vec![target],
            None => TARGETS.to_vec(),
        }
    }
}

fn number(option: &str, text: Option<&String>) -> Result<u64, String> {
    let number = text.and_then(|text| text.parse().ok());
    number.ok_or_else(|| format!("{option} needs a number"))
}

/// `cargo xtask fuzz`.
pub(crate) fn run(given: &[String]) -> Result<(), String> {
    let arguments = Arguments::read(given)?;
    if arguments.stable {
        return mutate(&arguments);
    }
    let answers = |arguments: &[&str]| {
        let mut cargo = Command::new("cargo");
        cargo.args(arguments).current_dir(workspace());
        // A question must not install what it asks for.
        cargo.env("RUSTUP_AUTO_INSTALL", "0");
        cargo.stdout(Stdio::null()).stderr(Stdio::null());
        cargo.status().is_ok_and(|status| status.success())
    };
    let missing = missing(
        answers(&["+nightly", "--version"]),
        answers(&["fuzz", "--version"]),
    );
    if let Some(missing) = missing {
        return Err(missing);
    }
    for target in arguments.targets() {
        // What the fuzzer finds on the way stays out of the kept corpus until somebody chooses it.
        let found = target_folder().join("fuzz-found").join(target);
        std::fs::create_dir_all(&found).map_err(|error| format!("{}: {error}", found.display()))?;
        let mut cargo = Command::new("cargo");
        cargo
            .current_dir(workspace())
            .args(["+nightly", "fuzz", "run", "--features", "libfuzzer", target])
            .arg(&found)
            .arg(workspace().join("fuzz/corpus").join(target))
            .arg("--")
            .arg(format!("-max_total_time={}", arguments.seconds));
        step(&format!("fuzz {target}"), &mut cargo)?;
    }
    Ok(())
}

/// What libFuzzer needs and this machine does not have.
fn missing(nightly: bool, cargo_fuzz: bool) -> Option<String> {
    let mut missing = Vec::new();
    if !nightly {
        missing.push("a nightly compiler (`rustup toolchain install nightly`)");
    }
    if !cargo_fuzz {
        missing.push("cargo-fuzz (`cargo install cargo-fuzz`)");
    }
    (!missing.is_empty()).then(|| {
        format!(
            "libFuzzer needs {}, which this machine does not have; `cargo xtask fuzz --stable` mutates the corpus without them",
            missing.join(" and ")
        )
    })
}

fn mutate(arguments: &Arguments) -> Result<(), String> {
    let seconds = arguments.seconds.to_string();
    let mut cargo = cargo_command(&["run", "--quiet", "--release", "--manifest-path", MANIFEST]);
    cargo.args(["--bin", "mutate"]);
    cargo.arg("--target-dir").arg(target_folder());
    cargo.args(["--", "--seconds", &seconds]);
    cargo.args(&arguments.target).args(&arguments.more);
    step("fuzz on stable", &mut cargo)
}

/// Replays the kept corpus, and holds the lock file to the versions that the workspace is tested with.
pub(crate) fn replay() -> Result<(), String> {
    let mut cargo = cargo_command(&["test", "--manifest-path", MANIFEST]);
    cargo.arg("--target-dir").arg(target_folder());
    step("fuzz corpus", &mut cargo)?;
    let read = |path: &str| {
        std::fs::read_to_string(workspace().join(path)).map_err(|error| format!("{path}: {error}"))
    };
    let strays = strays(&read("fuzz/Cargo.lock")?, &read("Cargo.lock")?);
    if strays.is_empty() {
        return Ok(());
    }
    Err(format!(
        "fuzz/Cargo.lock has other versions than Cargo.lock: {}; copy Cargo.lock over it and run this again",
        strays.join(", ")
    ))
}

/// Formatting and lints of the targets.
pub(crate) fn lint() -> Result<(), String> {
    let mut format = cargo_command(&["fmt", "--manifest-path", MANIFEST, "--check"]);
    step("formatting of fuzz", &mut format)?;
    let mut clippy = cargo_command(&["clippy", "--manifest-path", MANIFEST, "--all-targets"]);
    clippy.arg("--target-dir").arg(target_folder());
    step("lints of fuzz", clippy.args(["--", "-D", "warnings"]))
}

/// Packages of one lock file in a version that the other one, which has them too, has not.
fn strays(lock: &str, other: &str) -> Vec<String> {
    let other = versions(other);
    let mut strays = Vec::new();
    for (name, versions) in versions(lock) {
        let Some(known) = other.get(name) else {
            continue;
        };
        let new = versions.difference(known);
        strays.extend(new.map(|version| format!("{name} {version}")));
    }
    strays
}

fn versions(lock: &str) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut versions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for package in lock.split("[[package]]") {
        let member = |name: &str| {
            package.lines().find_map(|line| {
                let (key, value) = line.split_once(" = ")?;
                (key == name).then(|| value.trim_matches('"'))
            })
        };
        if let (Some(name), Some(version)) = (member("name"), member("version")) {
            versions.entry(name).or_default().insert(version);
        }
    }
    versions
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, String> {
        let given: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Arguments::read(&given)
    }

    #[test]
    fn arguments() {
        let plain = read("").unwrap();
        assert_eq!((plain.targets(), plain.seconds), (TARGETS.to_vec(), 60));
        let one = read("phone --seconds 5").unwrap();
        assert_eq!((one.targets(), one.seconds), (vec!["phone"], 5));
        let stable = read("--stable --seed 3 --keep sku").unwrap();
        assert_eq!(stable.more, ["--seed", "3", "--keep"]);
        for wrong in ["fax", "--seconds", "--seconds x", "--seed 3", "sku phone"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_missing_is_named_with_its_remedy() {
        assert_eq!(missing(true, true), None);
        let both = missing(false, false).unwrap();
        assert!(both.contains("toolchain install nightly") && both.contains("install cargo-fuzz"));
        assert!(!missing(true, false).unwrap().contains("nightly compiler"));
        assert!(both.contains("--stable"));
    }

    #[test]
    fn the_targets_are_those_of_the_folder() {
        let mut programs: Vec<String> = std::fs::read_dir(workspace().join("fuzz/fuzz_targets"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| path.file_stem().unwrap().to_string_lossy().into_owned())
            .collect();
        programs.sort();
        let mut targets = TARGETS;
        targets.sort_unstable();
        assert_eq!(programs, targets);
    }

    #[test]
    fn a_version_of_its_own_is_a_stray() {
        let lock = |version: &str| {
            format!("version = 4\n\n[[package]]\nname = \"a\"\nversion = \"{version}\"\n")
        };
        let more = format!(
            "{}\n[[package]]\nname = \"b\"\nversion = \"1.0.0\"\n",
            lock("1.0.0")
        );
        assert!(strays(&more, &lock("1.0.0")).is_empty());
        assert_eq!(strays(&more, &lock("1.0.1")), ["a 1.0.0"]);
    }
}
