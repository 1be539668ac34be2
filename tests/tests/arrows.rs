//! The arrows between the crates, and what every crate of the workspace has to inherit.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The crates of this workspace that others can depend on.
const OURS: [&str; 10] = [
    "connector-http",
    "connector-sim",
    "connector-tools",
    "order-mapping",
    "order-sync",
    "order-sync-postgres",
    "order-sync-sqlite",
    "order-sync-testkit",
    "sparklayer-client",
    "whistl-client",
];

fn cargo(arguments: &[&str]) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace is above this package");
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "cargo {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Everything that a library pulls into the program that embeds it: its normal dependencies, resolved, at any depth.
fn reaches(package: &str, features: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec![
        "tree",
        "--package",
        package,
        "--edges",
        "normal",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    arguments.push("--no-dedupe");
    arguments.extend(features);
    let names: BTreeSet<String> = cargo(&arguments)
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned)
        .collect();
    assert!(
        names.contains(package),
        "cargo tree did not name {package} itself"
    );
    names
}

fn assert_never(package: &str, features: &[&str], never: &[&str]) {
    let found = reaches(package, features);
    let turned: Vec<&&str> = never.iter().filter(|name| found.contains(**name)).collect();
    assert!(
        turned.is_empty(),
        "{package} {features:?} reaches {turned:?}"
    );
}

fn all_but(allowed: &[&str]) -> Vec<&'static str> {
    OURS.into_iter()
        .filter(|name| !allowed.contains(name))
        .collect()
}

/// What each crate may depend on within the workspace, optional dependencies included: the arrows of the architecture.
const ARROWS: [(&str, &[&str]); 10] = [
    ("connector-http", &[]),
    ("connector-sim", &[]),
    ("connector-tools", &["order-mapping"]),
    ("order-mapping", &[]),
    ("sparklayer-client", &["connector-http"]),
    ("whistl-client", &["connector-http"]),
    // The clients, and the error type they share, only behind the adapters' features.
    (
        "order-sync",
        &[
            "order-mapping",
            "connector-http",
            "sparklayer-client",
            "whistl-client",
        ],
    ),
    ("order-sync-postgres", &["order-mapping", "order-sync"]),
    ("order-sync-sqlite", &["order-mapping", "order-sync"]),
    ("order-sync-testkit", &["order-mapping", "order-sync"]),
];

#[test]
fn every_arrow_points_one_way() {
    let metadata: Value =
        serde_json::from_str(&cargo(&["metadata", "--format-version", "1", "--no-deps"])).unwrap();
    for (name, allowed) in ARROWS {
        let package = metadata["packages"]
            .as_array()
            .unwrap()
            .iter()
            .find(|package| package["name"] == name)
            .unwrap_or_else(|| panic!("{name} is not in the workspace"));
        for dependency in package["dependencies"].as_array().unwrap() {
            // Tests may look at anything; what is built for users may not.
            if !dependency["kind"].is_null() {
                continue;
            }
            let target = dependency["name"].as_str().unwrap();
            assert!(
                !OURS.contains(&target) || allowed.contains(&target),
                "{name} depends on {target}: that arrow is turned"
            );
            let vendor = ["connector-http", "sparklayer-client", "whistl-client"];
            assert!(
                name != "order-sync" || !vendor.contains(&target) || dependency["optional"] == true,
                "order-sync depends on {target} without a feature"
            );
        }
    }
}

#[test]
fn the_mapping_is_pure() {
    assert_never(
        "order-mapping",
        &["--all-features"],
        &["tokio", "reqwest", "hyper", "rusqlite", "async-trait"],
    );
    assert_never(
        "order-mapping",
        &["--all-features"],
        &all_but(&["order-mapping"]),
    );
}

#[test]
fn the_engine_knows_no_vendor_without_its_features() {
    let plain = ["--no-default-features"];
    assert_never("order-sync", &plain, &["reqwest", "hyper", "rusqlite"]);
    assert_never(
        "order-sync",
        &plain,
        &all_but(&["order-sync", "order-mapping"]),
    );
    assert_never(
        "order-sync",
        &["--features", "sparklayer"],
        &["whistl-client"],
    );
    assert_never(
        "order-sync",
        &["--features", "whistl"],
        &["sparklayer-client"],
    );
    let full = reaches("order-sync", &["--features", "sparklayer,whistl"]);
    assert!(
        full.contains("sparklayer-client") && full.contains("whistl-client"),
        "the test itself looks at nothing"
    );
}

#[test]
fn the_clients_know_neither_the_engine_nor_each_other() {
    for client in ["sparklayer-client", "whistl-client"] {
        assert_never(client, &[], &all_but(&[client, "connector-http"]));
    }
}

#[test]
fn the_transport_knows_no_codec() {
    let features = ["--features", "reqwest,rustls"];
    assert_never("connector-http", &features, &all_but(&["connector-http"]));
    assert_never(
        "connector-http",
        &features,
        &["serde_json", "quick-xml", "csv"],
    );
}

/// Whoever embeds the clients chooses the TLS library, or none at all.
#[test]
fn the_transport_brings_the_tls_library_that_was_asked_for() {
    let of_rustls = ["rustls", "aws-lc-rs"];
    let of_the_platform = ["native-tls", "openssl-sys"];
    let none = ["--no-default-features"];
    assert_never("connector-http", &none, &["reqwest", "hyper"]);
    for features in [
        &none[..],
        &["--no-default-features", "--features", "reqwest"],
    ] {
        assert_never("connector-http", features, &of_rustls);
        assert_never("connector-http", features, &of_the_platform);
    }
    assert_never("connector-http", &[], &of_the_platform);
    let native = ["--no-default-features", "--features", "native-tls"];
    assert_never("connector-http", &native, &of_rustls);
    // HTTP/2 only where it was asked for: not every vendor has it.
    assert_never("connector-http", &native, &["h2"]);
    assert_never("whistl-client", &[], &["h2"]);
    let usual = reaches("connector-http", &[]);
    assert!(
        usual.contains("rustls") && usual.contains("h2"),
        "the test itself looks at nothing"
    );
}

#[test]
fn the_simulators_share_no_code_with_what_they_judge() {
    assert_never(
        "connector-sim",
        &["--all-features"],
        &all_but(&["connector-sim"]),
    );
    assert_never("connector-sim", &["--all-features"], &["reqwest"]);
}

#[test]
fn the_stores_know_the_port_only() {
    for (store, never) in [
        ("order-sync-sqlite", ["reqwest", "hyper", "tokio-postgres"]),
        ("order-sync-postgres", ["reqwest", "hyper", "rusqlite"]),
    ] {
        let allowed = [store, "order-sync", "order-mapping"];
        assert_never(store, &["--all-features"], &all_but(&allowed));
        assert_never(store, &["--all-features"], &never);
    }
}

#[test]
fn the_test_kit_knows_the_ports_only() {
    let allowed = ["order-sync-testkit", "order-sync", "order-mapping"];
    let features = ["--all-features"];
    assert_never("order-sync-testkit", &features, &all_but(&allowed));
    assert_never(
        "order-sync-testkit",
        &features,
        &["reqwest", "hyper", "rusqlite"],
    );
}

#[test]
fn the_tools_need_the_rules_and_nothing_that_sends() {
    let allowed = ["connector-tools", "order-mapping"];
    assert_never("connector-tools", &["--all-features"], &all_but(&allowed));
    assert_never(
        "connector-tools",
        &["--all-features"],
        &["tokio", "reqwest", "hyper", "rusqlite"],
    );
}

fn members() -> Vec<(String, PathBuf)> {
    let text = cargo(&["metadata", "--format-version", "1", "--no-deps"]);
    let metadata: Value = serde_json::from_str(&text).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .map(|package| {
            let name = package["name"].as_str().unwrap().to_owned();
            (
                name,
                PathBuf::from(package["manifest_path"].as_str().unwrap()),
            )
        })
        .collect()
}

fn manifest(path: &Path) -> toml::Table {
    std::fs::read_to_string(path).unwrap().parse().unwrap()
}

#[test]
fn every_member_inherits_the_lints_and_unsafe_code_is_forbidden() {
    let members = members();
    for name in OURS {
        assert!(
            members.iter().any(|(member, _)| member == name),
            "{name} is no member any more"
        );
    }
    for (name, path) in &members {
        let manifest = manifest(path);
        let inherited = manifest
            .get("lints")
            .and_then(|lints| lints.get("workspace"));
        assert_eq!(
            inherited,
            Some(&toml::Value::Boolean(true)),
            "{name} does not inherit the workspace's lints"
        );
    }
    let root = manifest(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../Cargo.toml"));
    assert_eq!(
        root["workspace"]["lints"]["rust"]["unsafe_code"].as_str(),
        Some("forbid")
    );
}
