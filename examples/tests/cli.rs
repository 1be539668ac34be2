//! The program as a user runs it: exit codes, messages, and reports that add up.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "helpers of tests fail as tests do"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const EXAMPLE_CONFIG: &str = include_str!("../full_sync.example.toml");
const HEADER: &str =
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

fn full_sync() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_full_sync"));
    command
        .env("CONNECTOR_REFERENCE_KEY", "0123456789abcdef")
        .env("SPARKLAYER_CLIENT_ID", "id")
        .env("SPARKLAYER_CLIENT_SECRET", "do-not-print")
        .env("WHISTL_CLIENT_ID", "id")
        .env("WHISTL_CLIENT_SECRET", "do-not-print");
    command
}

fn run(command: &mut Command) -> Output {
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}\n{}", stderr(output)))
}

fn number(report: &Value, pointer: &str) -> u64 {
    report
        .pointer(pointer)
        .and_then(Value::as_u64)
        .unwrap_or_else(|| panic!("no number at {pointer}"))
}

/// A configuration in a folder with the catalogue it names.
fn config(folder: &Path, text: &str) -> std::path::PathBuf {
    std::fs::create_dir_all(folder.join("data")).unwrap();
    let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/data/catalogue.example.csv");
    std::fs::copy(catalogue, folder.join("data/catalogue.example.csv")).unwrap();
    let path = folder.join("shop.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// Exit code 2, and a message with all of these.
fn refused(output: &Output, expected: &[&str]) {
    let text = stderr(output);
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(output.stdout.is_empty());
    for expected in expected {
        assert!(text.contains(expected), "`{expected}` is not in: {text}");
    }
}

fn assert_accounted(report: &Value) {
    let in_shop = number(report, "/accounting/in_shop");
    let states: u64 = report["orders_by_state"]
        .as_object()
        .unwrap()
        .values()
        .filter_map(Value::as_u64)
        .sum();
    assert_eq!(states + number(report, "/accounting/unreadable"), in_shop);
    for pointer in ["unaccounted", "lost", "doubled", "ghosts"] {
        assert_eq!(
            number(report, &format!("/accounting/{pointer}")),
            0,
            "{pointer}"
        );
    }
    assert_eq!(
        number(report, "/second_pass/changes"),
        0,
        "{}",
        report["second_pass"]["changed"]
    );
    assert_eq!(
        report["verdict"]["sound"],
        Value::Bool(true),
        "{}",
        report["verdict"]
    );
}

#[test]
fn the_built_in_set_adds_up_and_every_known_failure_shows() {
    let output = run(full_sync().arg("--json"));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = report(&output);
    assert_accounted(&report);
    assert_eq!(number(&report, "/accounting/in_shop"), 120);
    let codes: Vec<&str> = report["waiting"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            assert!(
                !row["remedy"].as_str().unwrap().is_empty()
                    && !row["owner"].as_str().unwrap().is_empty()
            );
            row["code"].as_str().unwrap()
        })
        .collect();
    for expected in [
        "SKU_COLLISION",
        "SKU_NON_ASCII",
        "SHIP_UNMAPPED",
        "RELEASE_PENDING",
        "PHONE_MISSING",
        "PHONE_LETTERS",
        "PO_MISSING",
        "PO_TOO_LONG",
        "PO_CONFLICT",
        "POSTCODE_SHAPE",
        "ADDRESS_LINE_TOO_LONG",
        "NI_DATA_REQUIRED",
        "ORDER_UNCONFIRMED",
        "PAYMENT_TYPE_UNKNOWN",
    ] {
        assert!(
            codes.contains(&expected),
            "{expected} is not among {codes:?}"
        );
    }
    let rules: Vec<&str> = report["ignored"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| row["rule"].as_str())
        .collect();
    assert_eq!(
        rules,
        ["credit_note", "only_non_stock_lines", "stock_adjustment"]
    );
    // What was rehearsed has left its marks: one order stays overwritten, three were written again.
    assert_eq!(number(&report, "/rehearsed/requests_harmed"), 3);
    assert_eq!(report["tracking_not_visible"].as_array().unwrap().len(), 1);
    assert!(number(&report, "/parcels/rewritten") >= 4);
    assert!(number(&report, "/parcels/not_visible") >= 1);
    assert_eq!(
        number(&report, "/parcels/received"),
        number(&report, "/parcels/relayed") + number(&report, "/parcels/not_visible")
    );
    assert_eq!(number(&report, "/stock/drift_found"), 3);
    assert_eq!(number(&report, "/stock/corrected"), 3);
    assert_eq!(number(&report, "/stock/drift_left"), 0);
    // Every open exception is in the report, with somebody who can do something about it.
    let besides = report["open_exceptions"].as_array().unwrap();
    let codes: Vec<&Value> = besides.iter().map(|row| &row["code"]).collect();
    assert_eq!(
        codes,
        ["ORPHAN", "STOCK_UNKNOWN_SKU", "TRACKING_NOT_VISIBLE"]
    );
    assert!(
        besides
            .iter()
            .all(|row| row["owner"] != "" && row["remedy"] != "")
    );
    // Streets, phones and recipients are nowhere in the report.
    let text = String::from_utf8_lossy(&output.stdout);
    for personal in ["Example Street", "7946", "Goods In", "Customer 1"] {
        assert!(!text.contains(personal), "{personal}");
    }
}

#[test]
fn chosen_flows_run_and_no_others() {
    let output = run(full_sync().args(["--json", "--flows", "orders,stock"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = report(&output);
    assert_accounted(&report);
    let mut flows: Vec<&str> = report["flows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|flow| flow["flow"].as_str())
        .collect();
    flows.sort_unstable();
    flows.dedup();
    assert_eq!(flows, ["orders", "stock"]);
    assert_eq!(number(&report, "/sent/shop_orders"), 0);
    assert!(number(&report, "/orders_by_state/accepted") > 0);
    assert!(number(&report, "/stock/published") > 0);
}

#[test]
fn a_flow_may_run_without_the_orders_flow() {
    let output = run(full_sync().args(["--json", "--flows", "stock"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = report(&output);
    assert_eq!(number(&report, "/accounting/recorded"), 0);
    assert!(number(&report, "/stock/published") > 0);
    assert_eq!(number(&report, "/sent/warehouse_orders"), 0);
}

#[test]
fn the_report_for_people_ends_with_the_verdict() {
    let output = run(full_sync().args(["--flows", "orders"]));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.trim_end()
            .lines()
            .last()
            .unwrap()
            .starts_with("Sound: 120 orders"),
        "{text}"
    );
    assert!(
        text.contains("SHIP_UNMAPPED") && text.contains("customer service"),
        "{text}"
    );
    let progress = stderr(&output);
    assert!(progress.contains("orders: capture 120"));
    // 83 orders go at first; a stage says how far it came, not only that it began.
    let most = progress
        .lines()
        .filter_map(|line| {
            let done = line.strip_prefix("orders: transmit ")?.split(' ').next()?;
            done.parse::<u64>().ok()
        })
        .max();
    assert!(most >= Some(83), "{progress}");
}

#[test]
fn a_dry_run_prints_the_plan_and_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("shop.db");
    let output = run(full_sync().args(["--json", "--dry-run", "--db"]).arg(&db));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = report(&output);
    for pointer in [
        "/sent/warehouse_orders",
        "/sent/shop_orders",
        "/sent/shop_levels",
    ] {
        assert_eq!(number(&report, pointer), 0, "{pointer}");
    }
    let orders = report["orders"].as_array().unwrap();
    assert!(orders.len() > 50);
    assert!(
        orders
            .iter()
            .all(|order| order["service"].as_str().unwrap().starts_with("WHI_"))
    );
    assert!(number(&report, "/levels") > 0);
    assert!(!db.exists(), "a dry run leaves no database behind");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_malformed_row_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let orders = folder.path().join("orders.csv");
    let rows = "1,A,Mug,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n2,A,Mug,six,2010-12-01 08:26:00,2.55,,United Kingdom\n";
    std::fs::write(&orders, format!("{HEADER}{rows}")).unwrap();
    let db = folder.path().join("shop.db");
    let output = run(full_sync()
        .arg("--orders")
        .arg(&orders)
        .arg("--db")
        .arg(&db));
    refused(
        &output,
        &["orders.csv:3: `Quantity` is no whole number", "remedy: "],
    );
    assert!(!db.exists());
    refused(
        &run(full_sync().args(["--orders", "no-such-file.csv"])),
        &["no-such-file.csv: cannot be opened"],
    );
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("notes.txt");
    std::fs::write(&db, "no database at all, but somebody's notes\n".repeat(40)).unwrap();
    let before = std::fs::read(&db).unwrap();
    for extra in [&[][..], &["--dry-run"]] {
        refused(
            &run(full_sync().args(extra).arg("--db").arg(&db)),
            &["notes.txt", "remedy: "],
        );
        assert_eq!(std::fs::read(&db).unwrap(), before);
    }
}

#[test]
fn a_database_with_orders_is_refused_by_simulators_that_start_empty() {
    let folder = tempfile::tempdir().unwrap();
    let db = folder.path().join("shop.db");
    let output = run(full_sync()
        .args(["--flows", "orders", "--json", "--db"])
        .arg(&db));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    refused(
        &run(full_sync().arg("--db").arg(&db)),
        &["has 120 orders already", "connector-sim"],
    );
}

#[test]
fn an_unknown_flow_is_refused_with_the_nearest_one() {
    refused(
        &run(full_sync().args(["--flows", "order"])),
        &["did you mean `orders`?"],
    );
}

#[test]
fn the_example_configuration_is_sound_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), EXAMPLE_CONFIG);
    let output = run(full_sync().arg("--check-config").arg("--config").arg(&path));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        text.contains("sound") && text.contains("over HTTP at http://127.0.0.1:8082/"),
        "{text}"
    );
    assert!(text.contains("3 articles"), "{text}");
    assert!(!text.contains("do-not-print") && !stderr(&output).contains("do-not-print"));
}

#[test]
fn an_unknown_key_is_refused_with_line_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(
        folder.path(),
        &EXAMPLE_CONFIG.replace("settle = 600000", "settel = 600000"),
    );
    let line = EXAMPLE_CONFIG
        .lines()
        .position(|line| line == "settle = 600000")
        .unwrap()
        + 1;
    let output = run(full_sync().arg("--config").arg(&path));
    refused(
        &output,
        &[
            &format!("shop.toml:{line}: unknown field `settel`"),
            "did you mean `settle`?",
        ],
    );
}

#[test]
fn every_fault_of_a_configuration_is_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = EXAMPLE_CONFIG
        .replace(
            "base_url = \"http://127.0.0.1:8082/\"",
            "base_url = \"127.0.0.1 8082\"",
        )
        .replace("in_flight = 8", "in_flight = 0")
        .replace(
            "environment = \"http://127.0.0.1:8081\"",
            "environment = \"lice\"",
        )
        .replace("SPARKLAYER_CLIENT_ID", "NOT_SET_ANYWHERE");
    let path = config(folder.path(), &text);
    let line = EXAMPLE_CONFIG
        .lines()
        .position(|line| line.starts_with("base_url"))
        .unwrap()
        + 1;
    let output = run(full_sync().arg("--check-config").arg("--config").arg(&path));
    refused(
        &output,
        &[
            &format!("shop.toml:{line}: `127.0.0.1 8082` is no"),
            "`lice` is no",
            "`in_flight` is 0",
            "environment variable NOT_SET_ANYWHERE is not set",
        ],
    );
}

#[test]
fn check_config_names_the_articles_that_could_not_be_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = config(folder.path(), EXAMPLE_CONFIG);
    std::fs::write(
        folder.path().join("data/catalogue.example.csv"),
        "sku,description\n85123A,one\n85123-A,another\n",
    )
    .unwrap();
    let output = run(full_sync().arg("--check-config").arg("--config").arg(&path));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let text = String::from_utf8_lossy(&output.stdout);
    for expected in ["SKU_COLLISION", "85123A", "owner: merchandising; remedy: "] {
        assert!(text.contains(expected), "{text}");
    }
}

#[test]
fn unknown_keys_of_the_mapping_are_named_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let text = EXAMPLE_CONFIG
        .replace("allow_fictitious = true", "allow_fictitous = true")
        .replace("countries = [\"GB\"]", "contries = [\"GB\"]");
    let path = config(folder.path(), &text);
    refused(
        &run(full_sync().arg("--check-config").arg("--config").arg(&path)),
        &[
            "[mapping]: PROFILE_KEY_UNKNOWN at /phone/allow_fictitous: ",
            "did you mean `allow_fictitious`?",
            "did you mean `countries`?",
        ],
    );
}

#[test]
fn faults_of_the_shops_section_have_the_line_of_their_key() {
    let folder = tempfile::tempdir().unwrap();
    let text = EXAMPLE_CONFIG.replace("site_id = \"demo-wholesale\"", "site_id = \" \"");
    let line = text
        .lines()
        .position(|line| line == "site_id = \" \"")
        .unwrap()
        + 1;
    let path = config(folder.path(), &text);
    refused(
        &run(full_sync().arg("--check-config").arg("--config").arg(&path)),
        &[&format!("shop.toml:{line}: `site_id` is empty")],
    );
}

#[test]
fn a_fault_of_the_mapping_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let text = EXAMPLE_CONFIG.replace("countries = [\"GB\"]", "countries = [\"UK\"]");
    let line = text
        .lines()
        .position(|line| line == "countries = [\"UK\"]")
        .unwrap()
        + 1;
    let path = config(folder.path(), &text);
    refused(
        &run(full_sync().arg("--check-config").arg("--config").arg(&path)),
        &[&format!("shop.toml:{line}: [mapping]: SHIP_CODE_BAD")],
    );
}

#[test]
fn numbers_kept_for_drama_are_refused_against_the_live_shop() {
    let folder = tempfile::tempdir().unwrap();
    let text = EXAMPLE_CONFIG
        .replace(
            "environment = \"http://127.0.0.1:8081\"",
            "environment = \"live\"",
        )
        .replacen("confirmed = false", "confirmed = true", 1);
    let path = config(folder.path(), &text);
    refused(
        &run(full_sync().arg("--check-config").arg("--config").arg(&path)),
        &["kept for drama", "take `allow_fictitious` out"],
    );
}

#[test]
fn plain_http_to_another_machine_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let text = EXAMPLE_CONFIG.replace("http://127.0.0.1:8082/", "http://warehouse.example/");
    let path = config(folder.path(), &text);
    refused(
        &run(full_sync().arg("--config").arg(&path)),
        &["shop.toml:", "[warehouse.http]"],
    );
}

/// Set `ONLINE_RETAIL_CSV` to the invoices of 1 to 3 December 2010 of the UCI Online Retail data set to run this.
#[test]
#[allow(
    clippy::disallowed_methods,
    reason = "the data set is not part of the project; the variable says where it is"
)]
fn a_real_wholesalers_invoices_are_each_in_exactly_one_state() {
    let Ok(file) = std::env::var("ONLINE_RETAIL_CSV") else {
        eprintln!("ONLINE_RETAIL_CSV is not set: nothing to test");
        return;
    };
    let output = run(full_sync().args(["--json", "--orders"]).arg(file));
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let report = report(&output);
    assert_accounted(&report);
    assert_eq!(number(&report, "/accounting/in_shop"), 418);
    let ignored = |rule: &str| {
        let row = report["ignored"]
            .as_array()
            .unwrap()
            .iter()
            .find(|row| row["rule"] == rule)
            .unwrap();
        row["count"].as_u64().unwrap()
    };
    assert_eq!(ignored("credit_note"), 36);
    assert_eq!(ignored("stock_adjustment"), 30);
    assert_eq!(ignored("only_non_stock_lines"), 1);
}
