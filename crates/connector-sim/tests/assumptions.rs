//! The table of assumptions against the code and the switches.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of these tests fails like the tests themselves"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use connector_sim::{SPARKLAYER_ASSUMPTIONS, SparkLayerSwitches};

/// Every id that a comment `Assumed: a, b.` in the sources names.
fn named_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            named_in(&path, found);
            continue;
        }
        if !path.ends_with("assumptions.rs") {
            named_in_file(&path, found);
        }
    }
}

fn named_in_file(path: &Path, found: &mut BTreeSet<String>) {
    for line in fs::read_to_string(path).unwrap().lines() {
        let Some(comment) = line.trim().strip_prefix("// Assumed: ") else {
            continue;
        };
        let ids = comment.split('.').next().unwrap();
        found.extend(ids.split(", ").map(str::to_owned));
    }
}

#[test]
fn every_choice_in_the_code_is_in_the_table_and_the_other_way_round() {
    let mut named = BTreeSet::new();
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/sparklayer");
    named_in(&sources, &mut named);
    named_in_file(&sources.with_extension("rs"), &mut named);
    let listed: BTreeSet<String> = SPARKLAYER_ASSUMPTIONS
        .iter()
        .map(|assumption| assumption.id.to_owned())
        .collect();
    assert_eq!(
        listed.len(),
        SPARKLAYER_ASSUMPTIONS.len(),
        "an id is given twice"
    );
    let unlisted: Vec<_> = named.difference(&listed).collect();
    let unnamed: Vec<_> = listed.difference(&named).collect();
    assert!(
        unlisted.is_empty() && unnamed.is_empty(),
        "not in the table: {unlisted:?}; not in the code: {unnamed:?}"
    );
}

#[test]
fn every_switch_is_in_the_table() {
    let switches = serde_json::to_value(SparkLayerSwitches::default()).unwrap();
    let switches: BTreeSet<&str> = switches
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    let listed: BTreeSet<&str> = SPARKLAYER_ASSUMPTIONS
        .iter()
        .filter_map(|assumption| assumption.switch)
        .collect();
    assert_eq!(switches, listed);
}

#[test]
fn every_assumption_is_a_sentence() {
    for assumption in SPARKLAYER_ASSUMPTIONS {
        assert!(assumption.text.ends_with('.'), "{}", assumption.id);
        assert!(!assumption.area.is_empty(), "{}", assumption.id);
    }
}
