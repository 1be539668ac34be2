//! The small examples, as a user runs them.

#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::process::{Command, Output};

fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn a_consignment_is_shipped_once_and_followed_to_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let labels = folder.path().to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_ship_consignment");
    let output = run(program, &["--labels", labels, "--reference", "SO10002"]);
    let told = stdout(&output);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for line in ["was made", "Delivered", "the carrier has 1 shipment in all"] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    let saved = std::fs::read_dir(folder.path()).unwrap().next();
    let label = std::fs::read(saved.unwrap().unwrap().path()).unwrap();
    assert!(label.starts_with(b"%PDF"));

    let told = stdout(&run(program, &["--labels", labels, "--lose-answer"]));
    for line in [
        "nothing was sent again",
        "the carrier has 1 shipment in all",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    let refused = run(
        program,
        &["--labels", labels, "--reference", &"x".repeat(25)],
    );
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        !refused.status.success() && said.contains("Reference1 has more than 24 characters"),
        "{said}"
    );
}

#[test]
fn an_order_goes_by_file_and_its_despatch_comes_back() {
    let folder = tempfile::tempdir().unwrap();
    let share = folder.path().to_str().unwrap();
    let program = env!("CARGO_BIN_EXE_drop_folder");
    let output = run(program, &["--folder", share]);
    let told = stdout(&output);
    assert!(
        output.status.success(),
        "{told}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    for line in [
        "now Waiting",
        "now PickedUp",
        "despatched 2 of MUG01 for SO10001, tracking WHL0P",
        "read again from the cursor: 0 files",
    ] {
        assert!(told.contains(line), "{line} is not in {told}");
    }
    // What would stop the importer's whole run never leaves.
    let refused = run(program, &["--phone", "07700 900123"]);
    assert!(!refused.status.success());
    assert!(!String::from_utf8_lossy(&refused.stderr).is_empty());
}
