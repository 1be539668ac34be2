//! The deployment files: they parse, and every option, variable and file in them is one that the worker and the folder have.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests fail as tests do"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use yaml_rust2::{Yaml, YamlLoader};

fn deploy(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("deploy")
        .join(name)
}

fn text(name: &str) -> String {
    std::fs::read_to_string(deploy(name)).unwrap()
}

fn compose() -> Yaml {
    YamlLoader::load_from_str(&text("compose.yaml"))
        .unwrap()
        .remove(0)
}

const UNIT: &str = "systemd/order-sync-worker@.service";

fn help() -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_worker"))
        .arg("--help")
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Words that begin with `--`, without what follows a `=`.
fn options(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| letter.is_whitespace() || "\"'[],`".contains(letter))
        .filter_map(|word| word.strip_prefix("--"))
        .filter(|word| word.starts_with(|first: char| first.is_ascii_lowercase()))
        .map(|word| word.split('=').next().unwrap().to_owned())
        .collect()
}

/// A service after the merge keys, which the loader leaves as they are.
fn member<'a>(service: &'a Yaml, name: &str) -> &'a Yaml {
    match &service[name] {
        Yaml::BadValue if !service["<<"].is_badvalue() => member(&service["<<"], name),
        found => found,
    }
}

fn texts(list: &Yaml) -> Vec<&str> {
    list.as_vec()
        .map(|all| all.iter().filter_map(Yaml::as_str).collect())
        .unwrap_or_default()
}

#[test]
fn every_option_in_the_files_is_one_of_the_worker() {
    let known = options(&help());
    let compose = compose();
    let services = &compose["services"];
    let mut used = BTreeSet::new();
    for service in ["worker", "migrate"] {
        used.extend(
            texts(member(&services[service], "command"))
                .into_iter()
                .flat_map(options),
        );
    }
    let probe = texts(&services["worker"]["healthcheck"]["test"]);
    assert_eq!(probe[..2], ["CMD", "worker"]);
    used.extend(probe.into_iter().flat_map(options));
    for line in text(UNIT).lines().filter(|line| line.starts_with("Exec")) {
        used.extend(options(line));
    }
    assert!(used.len() >= 6, "{used:?}");
    let unknown: Vec<&String> = used.difference(&known).collect();
    assert!(
        unknown.is_empty(),
        "{unknown:?} are not in the worker's --help"
    );
}

#[test]
fn every_secret_in_the_files_is_one_that_the_worker_looks_for() {
    // Those of the example configuration, and those of the worker's own help.
    let example = include_str!("../full_sync.example.toml");
    let named = example
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains("_env = "));
    let mut looked_for: BTreeSet<String> = named
        .map(|line| line.split('"').nth(1).unwrap().to_owned())
        .collect();
    assert_eq!(looked_for.len(), 5);
    for variable in ["ORDER_SYNC_STORE", "ORDER_SYNC_PERSONAL_DATA_KEYS"] {
        assert!(help().contains(variable), "{variable}");
        looked_for.insert(variable.to_owned());
    }
    assert!(help().contains("RUST_LOG"));

    let unit = text(UNIT);
    let credentials = unit
        .lines()
        .filter_map(|line| line.strip_prefix("LoadCredential="));
    let credentials: BTreeSet<String> = credentials
        .map(|one| one.split(':').next().unwrap().to_owned())
        .collect();
    assert_eq!(credentials, looked_for);

    let compose = compose();
    let worker = &compose["services"]["worker"];
    let environment = member(worker, "environment").as_hash().unwrap();
    let mut by_file = BTreeSet::new();
    for (name, value) in environment {
        let (name, value) = (name.as_str().unwrap(), value.as_str().unwrap());
        let Some(secret) = name.strip_suffix("_FILE") else {
            assert_eq!(name, "RUST_LOG");
            continue;
        };
        by_file.insert(secret.to_owned());
        let mounted = value.strip_prefix("/run/secrets/").unwrap();
        assert_eq!(mounted, secret.to_lowercase());
        assert!(
            texts(member(worker, "secrets")).contains(&mounted),
            "{mounted} is not given to the worker"
        );
        assert!(
            compose["secrets"][mounted]["file"].as_str().is_some(),
            "{mounted} has no file"
        );
    }
    assert_eq!(by_file, looked_for);
}

#[test]
fn the_containers_are_confined_and_given_time_to_stop() {
    let compose = compose();
    for name in ["worker", "migrate", "database"] {
        let service = &compose["services"][name];
        assert_eq!(member(service, "read_only").as_bool(), Some(true), "{name}");
        assert_eq!(
            texts(member(service, "security_opt")),
            ["no-new-privileges:true"],
            "{name}"
        );
        assert_eq!(texts(member(service, "cap_drop")), ["ALL"], "{name}");
        let limits = &member(service, "deploy")["resources"]["limits"];
        for limit in ["cpus", "memory", "pids"] {
            assert!(
                !limits[limit].is_badvalue(),
                "{name} has no limit of {limit}"
            );
        }
    }
    let services = &compose["services"];
    assert_eq!(services["worker"]["deploy"]["replicas"].as_i64(), Some(2));
    assert!(!services["database"]["healthcheck"]["test"].is_badvalue());
    // The default grace, and the five seconds that the worker takes at most beyond it.
    let limit = order_sync::Cadence::default().shutdown_grace.as_secs() + 5;
    let seconds = |text: &str| text.strip_suffix('s').unwrap().parse::<u64>().unwrap();
    assert!(seconds(services["worker"]["stop_grace_period"].as_str().unwrap()) > limit);
    let unit = text(UNIT);
    let stop = unit
        .lines()
        .find_map(|line| line.strip_prefix("TimeoutStopSec="))
        .unwrap();
    assert!(seconds(stop) > limit);
    for line in [
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "NoNewPrivileges=yes",
        "Restart=on-failure",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
    // The image is built from files that are there.
    let worker = member(&services["worker"], "build");
    let root = deploy(worker["context"].as_str().unwrap());
    assert!(root.join(worker["dockerfile"].as_str().unwrap()).is_file());
    assert!(text("Dockerfile").contains("USER 10001"));
}

fn runs(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

#[test]
fn docker_reads_the_compose_file_where_it_is_installed() {
    if !runs("docker", &["compose", "version"]) {
        eprintln!(
            "NOT RUN: `docker compose config`, which is not installed here; the file was read as YAML"
        );
        return;
    }
    let file = deploy("compose.yaml");
    assert!(runs(
        "docker",
        &["compose", "-f", file.to_str().unwrap(), "config", "--quiet"]
    ));
}

#[test]
fn systemd_accepts_the_unit_where_it_is_installed() {
    if !runs("systemd-analyze", &["--version"]) {
        eprintln!("NOT RUN: `systemd-analyze verify`, which is not installed here");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    // The program is not installed here, and that alone is not what is judged.
    let unit = text(UNIT).replace("/usr/local/bin/worker", env!("CARGO_BIN_EXE_worker"));
    let path = folder.path().join("order-sync-worker@1.service");
    std::fs::write(&path, unit).unwrap();
    let output = Command::new("systemd-analyze")
        .arg("verify")
        .arg("--man=no")
        .arg(&path)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    let ours: Vec<&str> = told
        .lines()
        .filter(|line| line.contains("order-sync"))
        .collect();
    assert!(ours.is_empty(), "{ours:?}");
}
