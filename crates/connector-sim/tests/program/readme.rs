//! The shell examples of the README, run against the program.

use std::fmt::Write as _;
use std::process::Command;

use connector_sim::{FAULT_NAMES, SPARKLAYER_ASSUMPTIONS};

use crate::running::Running;

const README: &str = include_str!("../../README.md");
/// What the README says of a command's output.
const EXPECTED: &str = "# → ";

/// The lines of all `sh` blocks, in their order.
fn shell_lines() -> Vec<&'static str> {
    let mut inside = false;
    let mut lines = Vec::new();
    for line in README.lines() {
        match line {
            "```sh" => inside = true,
            "```" => inside = false,
            line if inside => lines.push(line),
            _ => {}
        }
    }
    lines
}

#[test]
fn the_shell_examples_print_what_the_readme_says() {
    let running = Running::start(&[]);
    let mut script = "set -eu\n".to_owned();
    let mut expected = Vec::new();
    for line in shell_lines() {
        match line.strip_prefix(EXPECTED) {
            Some(text) => {
                writeln!(script, "echo; echo '@@'").unwrap();
                expected.push(text);
            }
            None => writeln!(script, "{line}").unwrap(),
        }
    }
    let script = script
        .replace("http://127.0.0.1:8081", &running.urls[0])
        .replace("http://127.0.0.1:8082", &running.urls[1]);
    let output = Command::new("bash")
        .args(["-c", &script])
        .env("no_proxy", "*")
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{printed}\n{said}");
    let parts: Vec<&str> = printed.split("@@\n").collect();
    assert!(expected.len() >= 12, "the README has lost its examples");
    for (text, part) in expected.iter().zip(&parts) {
        assert!(part.contains(text), "{text} is not in {part}");
    }
    assert_eq!(parts.len(), expected.len() + 1);
}

#[test]
fn the_readme_names_every_fault() {
    for kind in FAULT_NAMES {
        let row = format!("| `{}` |", kind.name);
        assert!(README.contains(&row), "{row}");
        if let Some(member) = kind.needs {
            assert!(README.contains(&format!("`{member}`")), "{member}");
        }
    }
    assert!(SPARKLAYER_ASSUMPTIONS.len() > 60);
}
