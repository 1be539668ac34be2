//! The programs as their users run them: exit codes, reports, messages, a closed pipe.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

fn check_catalogue() -> Command {
    Command::new(env!("CARGO_BIN_EXE_check_catalogue"))
}

fn check_config() -> Command {
    Command::new(env!("CARGO_BIN_EXE_check_config"))
}

/// A folder with files in it.
fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(command: &mut Command, folder: &TempDir) -> Output {
    command.current_dir(folder.path()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// The report for machines, after its exit code was looked at.
fn json(output: &Output, code: i32) -> Value {
    assert_eq!(output.status.code(), Some(code), "{}", text(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Exit code 2, nothing on standard output, and a message with all of these.
fn refused(output: &Output, expected: &[&str]) {
    let message = text(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(output.stdout.is_empty());
    for expected in expected {
        assert!(
            message.contains(expected),
            "`{expected}` is not in: {message}"
        );
    }
}

const CATALOGUE: &str = "sku,description\nMUG-1,Mug\nPLATE,Plate\n";
const COLLISION: &str = "\
sku,description
15056BL,EDWARDIAN PARASOL BLACK
15056bl,EDWARDIAN PARASOL BLACK
+10V,Plus ten volts
-10V,Minus ten volts
BOX/É,Box
---,Nothing
NA,Number
,No code at all
PLATE,Plate
";

#[test]
fn a_sound_catalogue_ends_with_0() {
    let folder = folder(&[("c.csv", CATALOGUE)]);
    let report = json(
        &run(check_catalogue().args(["c.csv", "--json"]), &folder),
        0,
    );
    assert_eq!(report["sound"], true);
    assert_eq!(report["changed"][0]["warehouse"], "MUG1");
    let output = run(check_catalogue().arg("c.csv"), &folder);
    assert!(text(&output.stdout).ends_with("Sound: every code can be sent.\n"));
}

#[test]
fn everything_wrong_with_a_catalogue_is_told_at_once_with_all_members_and_remedies() {
    let folder = folder(&[("c.csv", COLLISION)]);
    let output = run(check_catalogue().arg("c.csv"), &folder);
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output.stdout);
    for expected in [
        "15056BL",
        "15056bl",
        "+10V",
        "-10V",
        "BOX/É",
        "U+00C9",
        "---",
        "NA",
        "Without code (1): line 9",
        "rename: ",
        "manual code: ",
        "alias: ",
        "one article",
        "different articles",
        "SKU_NON_ASCII",
        "SKU_EMPTY_AFTER_STRIP",
        "SKU_NULL_LIKE",
        "[[sku.aliases]]\nalias = \"15056bl\"\ncanonical = \"15056BL\"\n",
        "[[sku.manual]]\nsource = \"BOX/É\"\nwarehouse = \"BOX\"\n",
        "# [[sku.manual]]\n# source = \"-10V\"\n# warehouse = \"\"\n",
        "Not sound: 2 collisions, 2 other faults, 1 row without code.",
    ] {
        assert!(told.contains(expected), "`{expected}` is not in:\n{told}");
    }
    assert!(told.lines().all(|line| line == line.trim_end()));
    let report = json(
        &run(check_catalogue().args(["c.csv", "--json"]), &folder),
        1,
    );
    assert_eq!(report["collisions"][1]["members"][1]["line"], 3);
    assert_eq!(
        report["collisions"][0]["remedies"]
            .as_array()
            .unwrap()
            .len(),
        3
    );
    assert_eq!(report["without_code"]["lines"][0], 9);
}

#[test]
fn the_rows_it_prints_can_be_pasted_and_settle_what_they_are_for() {
    let folder = folder(&[("c.csv", COLLISION)]);
    let told = text(&run(check_catalogue().arg("c.csv"), &folder).stdout);
    let rows: String = told
        .lines()
        .skip_while(|line| !line.starts_with("Proposals"))
        .skip(2)
        .take_while(|line| !line.starts_with("Not sound"))
        .flat_map(|line| [line, "\n"])
        .collect();
    // What a person adds: a code for each row that had none.
    let rows = rows
        .replace("# [[", "[[")
        .replace("# source", "source")
        .replace("# warehouse = \"\"", "warehouse = \"\"");
    let mut number = 0;
    let filled: String = rows
        .split_inclusive('\n')
        .map(|line| {
            if line == "warehouse = \"\"\n" {
                number += 1;
                format!("warehouse = \"NEW{number}\"\n")
            } else {
                line.to_owned()
            }
        })
        .collect();
    std::fs::write(folder.path().join("p.toml"), format!("[mapping]\n{filled}")).unwrap();
    let arguments = ["c.csv", "--profile", "p.toml", "--json"];
    let report = json(&run(check_catalogue().args(arguments), &folder), 1);
    assert_eq!(report["collisions"], Value::Array(Vec::new()), "{filled}");
    assert_eq!(report["faults"], Value::Array(Vec::new()), "{filled}");
    assert_eq!(report["refused"], 0);
    assert_eq!(report["without_code"]["rows"], 1);
}

#[test]
fn columns_can_have_other_names_and_signs_between_them() {
    let folder = folder(&[("c.csv", "Price;StockCode;Title\n1;A-1;Mug\n2;A1;Mug\n")]);
    let arguments = [
        "c.csv",
        "--json",
        "--separator",
        ";",
        "--sku-column",
        "stockcode",
        "--description-column",
        "Title",
    ];
    let report = json(&run(check_catalogue().args(arguments), &folder), 1);
    assert_eq!(report["collisions"][0]["descriptions_agree"], true);
}

#[test]
fn bad_input_of_a_catalogue_ends_with_2_and_says_file_line_and_remedy() {
    let profile =
        "[mapping.sku]\nmax_lenght = 3\n[[mapping.services.rules]]\noption = \"A\"\ncode = \"\"\n";
    let folder = folder(&[
        ("c.csv", "sku,description\nA,1\nB\nC,1,2\n"),
        ("ok.csv", CATALOGUE),
        ("empty.csv", ""),
        ("p.toml", profile),
        ("no.toml", "[mapping\n"),
    ]);
    let check = |arguments: &[&str]| run(check_catalogue().args(arguments), &folder);
    refused(
        &check(&["c.csv"]),
        &["error: c.csv:3: ", "error: c.csv:4: ", "remedy: "],
    );
    refused(
        &check(&["gone.csv"]),
        &["gone.csv: cannot be opened", "remedy: "],
    );
    refused(&check(&["empty.csv"]), &["empty.csv:1: ", "remedy: "]);
    refused(&check(&["."]), &["remedy: "]);
    refused(
        &check(&["ok.csv", "--sku-column", "skus"]),
        &[
            "ok.csv:1: the header has no column `skus`",
            "did you mean --sku-column \"sku\"?",
        ],
    );
    refused(
        &check(&["ok.csv", "--profile", "p.toml"]),
        &[
            "p.toml:2: ",
            "did you mean `max_length`?",
            "p.toml:5: SHIP_CODE_BAD at /mapping/services/rules/0/code",
        ],
    );
    refused(
        &check(&["ok.csv", "--profile", "no.toml"]),
        &["no.toml:1: ", "remedy: "],
    );
    refused(
        &check(&["ok.csv", "--profile", "gone.toml"]),
        &["gone.toml: cannot be read"],
    );
    refused(&check(&["ok.csv", "--separator", "ab"]), &["--separator"]);
    refused(&check(&[]), &["FILE.csv"]);
}

/// Both programs judge a profile in the same way: 2 when it cannot be read as a profile, 1 when its values cannot work.
#[test]
fn both_programs_end_alike_for_a_faulty_profile() {
    let profiles = [
        ("[mapping.sku]\nmax_length = 20\n", 0),
        ("[mapping.release]\non_account = { any = [] }\n", 0),
        ("[mapping.sku]\nmax_length = 0\n", 1),
        (
            "[[sku.manual]]\nsource = \"MUG-1\"\nwarehouse = \"no-good\"\n",
            1,
        ),
        ("[mapping.sku]\nmax_lenght = 20\n", 2),
        ("[mapping.sku]\nmax_length = \"20\"\n", 2),
        ("[[mapping.services.rules]]\ncode = \"A\"\n", 2),
        ("[mapping.severity]\nPHONE_MISING = \"error\"\n", 2),
        ("[mapping.severity]\nPHONE_MISSING = \"info\"\n", 1),
        ("[maping]\n", 2),
        ("", 2),
        ("[mapping\n", 2),
    ];
    for (profile, code) in profiles {
        let folder = folder(&[("c.csv", CATALOGUE), ("p.toml", profile)]);
        let config = run(check_config().arg("p.toml"), &folder);
        let catalogue = run(
            check_catalogue().args(["c.csv", "--profile", "p.toml"]),
            &folder,
        );
        assert_eq!(config.status.code(), Some(code), "check_config: {profile}");
        assert_eq!(
            catalogue.status.code(),
            Some(code),
            "check_catalogue: {profile}"
        );
        if code > 0 {
            assert!(catalogue.stdout.is_empty());
            assert!(text(&catalogue.stderr).contains("remedy: "));
        }
    }
    let folder = folder(&[("c.csv", CATALOGUE)]);
    let missing = run(check_config().arg("gone.toml"), &folder);
    let arguments = ["c.csv", "--profile", "gone.toml"];
    let also = run(check_catalogue().args(arguments), &folder);
    assert_eq!(
        (missing.status.code(), also.status.code()),
        (Some(2), Some(2))
    );
}

#[test]
fn a_sound_profile_is_explained() {
    let profile = "[engine]\nanything = 1\n[mapping.sku]\nmax_length = 20\n\
                   [[mapping.services.rules]]\noption = \"Express\"\ncode = \"WHI_EXP\"\n";
    let folder = folder(&[("p.toml", profile)]);
    let output = run(check_config().arg("p.toml"), &folder);
    assert_eq!(output.status.code(), Some(0));
    let told = text(&output.stdout);
    for expected in [
        "Rules in effect",
        "a code has at most 20 characters",
        "\"Express\" is WHI_EXP",
        "belong to other crates: engine",
        "hash of the profile: ",
        "Assumed in these rules, to be confirmed with the warehouse",
        "\nSound.\n",
    ] {
        assert!(told.contains(expected), "`{expected}` is not in:\n{told}");
    }
    let report = json(&run(check_config().args(["p.toml", "--json"]), &folder), 0);
    assert_eq!(report["profile"]["sku"]["max_length"], 20);
    assert_eq!(report["not_judged"][0], "engine");
    assert_eq!(report["readable"], true);
    let rule = |key: &str| {
        let rules = report["rules"].as_array().unwrap();
        rules.iter().find(|rule| rule["key"] == key).unwrap()
    };
    assert_eq!(rule("mapping.address.line_max")["evidence"], "seen_in_use");
    assert!(rule("mapping.address.line_max")["source"].is_string());
    assert_eq!(rule("mapping.sku.max_length")["evidence"], Value::Null);
}

#[test]
fn every_fault_of_a_profile_is_told_at_once() {
    let profile = "\
[mapping.sku]
max_lenght = 20
min_length = 0
max_length = 0

[[mapping.services.rules]]
option = \"Express\"
code = \"two words\"

[[mapping.services.rules]]
code = \"A\"

[mapping.release]
on_account = { any = [] }

[[sku.aliases]]
alias = \"a\"
canonical = \"a\"
";
    let folder = folder(&[("p.toml", profile)]);
    let report = json(&run(check_config().args(["p.toml", "--json"]), &folder), 2);
    assert_eq!(report["readable"], false);
    let faults = report["faults"].as_array().unwrap();
    let places: Vec<(u64, &str)> = faults
        .iter()
        .map(|fault| {
            assert!(!fault["remedy"].as_str().unwrap().is_empty());
            (
                fault["place"]["line"].as_u64().unwrap(),
                fault["path"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        places,
        [
            (2, "/mapping/sku/max_lenght"),
            (4, "/mapping/sku/max_length"),
            (8, "/mapping/services/rules/0/code"),
            (10, "/mapping/services/rules/1"),
            (16, "/sku/aliases/0"),
        ]
    );
    assert_eq!(report["warnings"][0]["code"], "RELEASE_TRIGGER_EMPTY");
    let output = run(check_config().arg("p.toml"), &folder);
    assert_eq!(output.status.code(), Some(2));
    let told = text(&output.stdout);
    assert!(told.contains("did you mean `max_length`?"), "{told}");
    assert!(told.contains("PROFILE_KEY_UNKNOWN"), "{told}");
    assert!(told.ends_with("Not sound: 5 faults.\n"), "{told}");
}

#[test]
fn bad_input_of_a_profile_ends_with_2() {
    let folder = folder(&[("p.toml", "[mapping]\na = = 1\n\nb = [\n")]);
    std::fs::write(folder.path().join("latin.toml"), b"[mapping]\n# caf\xe9\n").unwrap();
    let check = |name: &str| run(check_config().arg(name), &folder);
    refused(&check("p.toml"), &["p.toml:2: ", "remedy: "]);
    refused(
        &check("latin.toml"),
        &["latin.toml:2: the line is not UTF-8"],
    );
    refused(
        &check("gone.toml"),
        &["gone.toml: cannot be read", "remedy: "],
    );
}

#[test]
fn what_a_file_holds_cannot_drive_a_terminal() {
    let catalogue =
        "sku,description\nA\u{1b}[31m,\u{1b}[2J\nB\u{202e}C,\u{7}x\na-1,\u{1b}x\nA1,y\n";
    let folder = folder(&[
        ("c.csv", catalogue),
        ("p.toml", "\"ma\\u001bx\" = 1\n[mapping]\n"),
    ]);
    for output in [
        run(check_catalogue().arg("c.csv"), &folder),
        run(
            check_catalogue().args(["c.csv", "--sku-column", "\u{1b}[1m"]),
            &folder,
        ),
        run(check_config().arg("p.toml"), &folder),
    ] {
        for bytes in [output.stdout, output.stderr] {
            let told = text(&bytes);
            let harmful = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
            assert!(!told.contains(harmful), "{told:?}");
        }
    }
}

/// Starts the program, reads one byte of what it says and closes the pipe.
fn with_closed_pipe(command: &mut Command, folder: &TempDir) -> (Option<i32>, String) {
    let mut child = command
        .current_dir(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdout.take().unwrap();
    pipe.read_exact(&mut [0]).unwrap();
    drop(pipe);
    let output = child.wait_with_output().unwrap();
    (output.status.code(), text(&output.stderr))
}

#[test]
fn a_closed_pipe_is_no_failure() {
    let mut catalogue = String::from("sku,description\n");
    for number in 0..20_000 {
        writeln!(catalogue, "a-{number},Mug\nA{number},Mug").unwrap();
    }
    let mut profile = String::from("[mapping]\n");
    let name = "Express ".repeat(12);
    for number in 0..600 {
        let rule = format!("option = \"{number}\"\ncode = \"A\"\nname = \"{name}\"");
        writeln!(profile, "[[mapping.services.rules]]\n{rule}").unwrap();
    }
    let folder = folder(&[("c.csv", &catalogue), ("p.toml", &profile)]);
    for extra in [&[][..], &["--json"]] {
        let ended = with_closed_pipe(check_catalogue().arg("c.csv").args(extra), &folder);
        assert_eq!(ended, (Some(1), String::new()));
        let ended = with_closed_pipe(check_config().arg("p.toml").args(extra), &folder);
        assert_eq!(ended, (Some(0), String::new()));
    }
}

#[test]
fn a_hundred_thousand_codes_all_come_back() {
    let mut catalogue = String::from("sku,description\n");
    for number in 0..100_000 {
        writeln!(catalogue, "SKU-{number:06},Article {number}").unwrap();
    }
    catalogue.push_str("SKU000007,Article 7\n");
    let folder = folder(&[("c.csv", &catalogue)]);
    let report = json(
        &run(check_catalogue().args(["c.csv", "--json"]), &folder),
        1,
    );
    assert_eq!(report["articles"], 100_001);
    assert_eq!(report["mapped"], 99_999);
    assert_eq!(report["collisions"].as_array().unwrap().len(), 1);
    assert_eq!(report["collisions"][0]["members"][1]["line"], 100_002);
}

#[test]
fn codes_keep_their_meaning_from_one_catalogue_to_the_next() {
    let folder = folder(&[
        (
            "1.csv",
            "sku,description\n-10V,Minus\nOLD-1,Old\nMUG-1,Mug\n",
        ),
        (
            "2.csv",
            "sku,description\n+10V,Plus\n-10V,Minus\nOLD/1,New\nMUG-1,Mug\n",
        ),
        ("p.toml", "[mapping.sku]\nextra_characters = \"-\"\n"),
    ]);
    let check = |arguments: &[&str]| run(check_catalogue().args(arguments), &folder);
    let first = json(&check(&["1.csv", "--json", "--write-history", "h.json"]), 0);
    assert_eq!(first["history"], Value::Null);
    assert_eq!(first["registry_version"], 1);

    let arguments = ["2.csv", "--history", "h.json", "--json"];
    let second = json(&check(&arguments), 1);
    assert_eq!(second["history"], 1);
    assert_eq!(second["registry_version"], 2);
    assert_eq!(second["collisions"][0]["kept_by"], "-10V");
    assert_eq!(second["mapped"], 2);
    let fault = &second["faults"][0];
    assert_eq!(
        (fault["code"].as_str(), fault["sku"].as_str()),
        (Some("SKU_CODE_RETIRED"), Some("OLD/1"))
    );
    // Nothing was written, since nobody asked for it; the next one may take the place of what it was made from.
    let arguments = ["2.csv", "--history", "h.json", "--write-history", "h.json"];
    let told = text(&check(&arguments).stdout);
    for expected in [
        "this is version 2 of the registry",
        "-10V (keeps it)",
        "but for one that has had the code on record",
        "# [[sku.manual]]\n# source = \"OLD/1\"",
        "# [[sku.manual]]\n# source = \"+10V\"",
    ] {
        assert!(told.contains(expected), "`{expected}` is not in:\n{told}");
    }
    let again = json(&check(&["2.csv", "--history", "h.json", "--json"]), 1);
    assert_eq!(again["registry_version"], 2);
    assert_eq!(again["registry_hash"], second["registry_hash"]);

    // Another rule changes no code; the row that keeps it is offered.
    let arguments = ["2.csv", "--history", "h.json", "--profile", "p.toml"];
    let told = text(&check(&arguments).stdout);
    for expected in [
        "SKU_MAPPING_CHANGED",
        "\n[[sku.manual]]\nsource = \"MUG-1\"\nwarehouse = \"MUG1\"\n",
    ] {
        assert!(told.contains(expected), "`{expected}` is not in:\n{told}");
    }

    refused(
        &check(&["1.csv", "--history", "gone.json"]),
        &["gone.json: cannot be read", "remedy: "],
    );
    refused(
        &check(&["1.csv", "--history", "p.toml"]),
        &["p.toml:1: is no history of codes", "remedy: "],
    );
    refused(
        &check(&["1.csv", "--write-history", "no/such.json"]),
        &["no/such.json: cannot be written", "remedy: "],
    );
}

#[test]
fn plain_forms_are_offered_for_characters_that_only_look_different() {
    let folder = folder(&[("c.csv", "sku\nＡＢ－１\nⅧ\u{200b}-X\nVIIIX\n")]);
    let report = json(
        &run(check_catalogue().args(["c.csv", "--json"]), &folder),
        1,
    );
    let rows = report["proposals"]["manual"].as_array().unwrap();
    let offered: Vec<Option<&str>> = rows.iter().map(|row| row["warehouse"].as_str()).collect();
    assert_eq!(offered, [Some("AB1"), None], "VIIIX is taken");
    assert_eq!(report["faults"][0]["suggestion"], "AB1");
}

/// The UCI Online Retail data set is no part of this project; its file is named by an environment variable.
fn online_retail() -> Option<PathBuf> {
    let path = std::env::var_os("ONLINE_RETAIL_CSV").map(PathBuf::from);
    if path.is_none() {
        eprintln!("passes without looking: ONLINE_RETAIL_CSV names no file");
    }
    path
}

fn codes_of(path: &Path) -> BTreeSet<String> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let place = reader
        .headers()
        .unwrap()
        .iter()
        .position(|name| name == "StockCode")
        .unwrap();
    reader
        .records()
        .map(|row| row.unwrap()[place].to_owned())
        .collect()
}

#[test]
fn a_real_wholesaler_has_26_pairs_that_differ_by_case_and_none_is_dropped() {
    let Some(path) = online_retail() else { return };
    let arguments = ["--sku-column", "StockCode"];
    let folder = folder(&[]);
    let output = run(
        check_catalogue().arg(&path).args(arguments).arg("--json"),
        &folder,
    );
    let report = json(&output, 1);
    let collisions = report["collisions"].as_array().unwrap();
    assert_eq!(collisions.len(), 26);
    let mut members = BTreeSet::new();
    for collision in collisions {
        let pair: Vec<&str> = collision["members"]
            .as_array()
            .unwrap()
            .iter()
            .map(|member| member["sku"].as_str().unwrap())
            .collect();
        assert_eq!(pair.len(), 2, "{pair:?}");
        assert!(
            pair[0] != pair[1] && pair[0].eq_ignore_ascii_case(pair[1]),
            "{pair:?}"
        );
        members.extend(pair.into_iter().map(str::to_owned));
    }
    assert_eq!(members.len(), 52);
    // Every code of the file is either sent or named.
    let codes = codes_of(&path);
    let number = |key: &str| usize::try_from(report[key].as_u64().unwrap()).unwrap();
    assert_eq!(number("articles"), codes.len());
    let faults = report["faults"].as_array().unwrap();
    members.extend(
        faults
            .iter()
            .map(|fault| fault["sku"].as_str().unwrap().to_owned()),
    );
    assert_eq!(number("refused"), members.len());
    assert_eq!(number("mapped") + members.len(), codes.len());
    assert!(members.is_subset(&codes));
    // The table for people names every member as well.
    let told = text(&run(check_catalogue().arg(&path).args(arguments), &folder).stdout);
    for code in &members {
        assert!(told.contains(code.as_str()), "{code} is not in the table");
    }
}
