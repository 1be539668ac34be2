//! A whole run of the demonstration, with everything it prints, at the finest level of its log: no personal datum and no secret is in
//! it. The words to look for are those of the run itself, from the two tables of its database where personal data lies.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::{Command, Output};

use connector_sim::{DEMO_CLIENT_SECRET, DEMO_WAREHOUSE_CLIENT_SECRET};
use end_to_end::full_sync;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::Value;

const PERSONAL_TABLES: [&str; 2] = ["order_personal", "intent_personal"];
/// Members of personal data that say nothing about a person: they stand in reports and findings for good reasons.
const NOT_TELLING: [&str; 2] = ["country", "county"];

/// Runs the demonstration over a database, and says everything it printed.
fn printed(database: &Path, log: &str, more: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(full_sync())
        .arg("--db")
        .arg(database)
        .args(more)
        .env("RUST_LOG", log)
        .output()
        .unwrap();
    let all = [stdout, stderr].concat();
    let all = String::from_utf8_lossy(&all).into_owned();
    assert!(status.success(), "{all}");
    all
}

/// Every text of a value, with the member it stands in.
fn texts<'a>(member: &'a str, value: &'a Value, found: &mut BTreeSet<(&'a str, &'a str)>) {
    match value {
        Value::String(text) => {
            found.insert((member, text));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(member, value, found)),
        Value::Object(members) => members
            .iter()
            .for_each(|(member, value)| texts(member, value, found)),
        _ => {}
    }
}

/// Every text in a table.
fn dump(connection: &Connection, table: &str) -> Vec<String> {
    let mut statement = connection
        .prepare(&format!("SELECT * FROM {table}"))
        .unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut found = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            if let ValueRef::Text(text) = row.get_ref(column).unwrap() {
                found.push(String::from_utf8(text.to_vec()).unwrap());
            }
        }
    }
    found
}

/// What must stand nowhere: what is personal about the orders of that database, and the secrets of the demonstration.
fn planted(connection: &Connection) -> BTreeSet<String> {
    let mut words = BTreeSet::from([
        DEMO_CLIENT_SECRET.to_owned(),
        DEMO_WAREHOUSE_CLIENT_SECRET.to_owned(),
    ]);
    for text in PERSONAL_TABLES
        .iter()
        .flat_map(|table| dump(connection, table))
    {
        let details: Value = serde_json::from_str(&text).unwrap();
        let mut found = BTreeSet::new();
        texts("", &details, &mut found);
        let telling = found
            .into_iter()
            .filter(|(member, text)| !NOT_TELLING.contains(member) && text.len() > 4);
        words.extend(telling.map(|(_, text)| text.to_owned()));
    }
    words
}

#[test]
fn nothing_that_a_full_run_prints_or_keeps_elsewhere_is_personal_or_secret() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("engine.db");
    let mut outputs = vec![
        (
            "the report, with the whole log",
            printed(&database, "trace", &[]),
        ),
        // The built-in orders are the same again, and so are their people.
        (
            "the report in JSON",
            printed(&folder.path().join("second.db"), "debug", &["--json"]),
        ),
        // Over the first database: what is on record is reported too.
        (
            "a dry run",
            printed(&database, "debug", &["--dry-run", "--json"]),
        ),
    ];

    let connection = Connection::open(&database).unwrap();
    let words = planted(&connection);
    assert!(words.len() > 300, "{} words to look for", words.len());
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let elsewhere = tables
        .iter()
        .filter(|table| !PERSONAL_TABLES.contains(&table.as_str()));
    let kept: Vec<String> = elsewhere
        .flat_map(|table| dump(&connection, table))
        .collect();
    outputs.push(("the other tables of the database", kept.join("\n")));

    let mut found = Vec::new();
    for (name, text) in &outputs {
        assert!(text.len() > 1000, "{name} is hardly there");
        for word in words.iter().filter(|word| text.contains(word.as_str())) {
            let line = text.lines().find(|line| line.contains(word.as_str()));
            let line: String = line.unwrap_or_default().chars().take(300).collect();
            found.push(format!("`{word}` is in {name}: {line}"));
        }
    }
    assert!(
        found.is_empty(),
        "{} of {} words:\n{}",
        found.len(),
        words.len(),
        found.into_iter().take(20).collect::<Vec<_>>().join("\n")
    );
}
