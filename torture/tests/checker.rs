//! The counts at the end can fail: victims that do wrong on purpose are found out, and those that do not are not.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::process::Command;

use serde_json::Value;

/// Two kills over SQLite: whether the run was sound, and what it counted.
fn run(canary: Option<&str>) -> (bool, Value) {
    run_of("kill-sqlite", 2, canary)
}

fn run_of(kind: &str, cycles: u32, canary: Option<&str>) -> (bool, Value) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_torture"));
    command.args([kind, "--seed", "7", "--json"]);
    command.args(["--cycles", &cycles.to_string()]);
    if let Some(canary) = canary {
        command.args(["--canary", canary]);
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let last = text.lines().last().expect("the program says something");
    let counts = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error}: {text}"));
    (output.status.success(), counts)
}

#[test]
fn a_round_without_wrongs_is_sound() {
    let (sound, counts) = run(None);
    assert!(sound, "{counts}");
    assert_eq!(counts["cycles"], 2);
    assert!(counts["placed"].as_u64().unwrap() > 10, "{counts}");
    assert!(counts["arrived"].as_u64().unwrap() > 5, "{counts}");
}

#[test]
fn an_order_that_is_sent_twice_is_counted_as_doubled() {
    let (sound, counts) = run(Some("send-twice"));
    assert!(
        !sound && counts["doubled"].as_u64().unwrap() > 0,
        "{counts}"
    );
    assert_eq!(counts["lost"], 0, "{counts}");
}

#[test]
fn so_is_one_that_is_sent_under_another_reference_of_which_our_rows_know_nothing() {
    let (sound, counts) = run(Some("send-under-another-reference"));
    assert!(
        !sound && counts["doubled"].as_u64().unwrap() > 0,
        "{counts}"
    );
}

#[test]
fn an_order_that_is_never_read_is_counted_as_lost() {
    let (sound, counts) = run(Some("drop-orders"));
    assert!(!sound && counts["lost"].as_u64().unwrap() > 0, "{counts}");
    assert_eq!(counts["doubled"], 0, "{counts}");
}

#[test]
fn a_damaged_store_that_does_not_know_that_it_went_back_is_found_out_by_its_opening_and_by_its_doubles()
 {
    let (sound, counts) = run_of("wal-damage", 20, None);
    assert!(sound && counts["cycles"] == 20, "{counts}");
    assert_eq!(counts["whole_way"], 1, "{counts}");

    let (sound, counts) = run_of("wal-damage", 80, Some("forget-the-mark"));
    assert!(
        !sound && counts["doubled"].as_u64().unwrap() > 0,
        "{counts}"
    );
    let reports = counts["reports"].to_string();
    assert!(
        reports.contains("something is missing, and nothing says so"),
        "{counts}"
    );
}

#[test]
fn an_order_that_is_lost_after_a_damage_or_a_full_disk_is_counted_as_lost() {
    for kind in ["wal-damage", "disk-full"] {
        let (sound, counts) = run_of(kind, 2, Some("drop-orders"));
        assert!(!sound && counts["lost"].as_u64().unwrap() > 0, "{counts}");
    }
}

#[test]
fn so_is_a_double_after_a_full_disk() {
    let (sound, counts) = run_of("disk-full", 2, Some("send-twice"));
    assert!(
        !sound && counts["doubled"].as_u64().unwrap() > 0,
        "{counts}"
    );
    let (sound, counts) = run_of("disk-full", 4, None);
    assert!(sound && counts["cycles"] == 4, "{counts}");
}
