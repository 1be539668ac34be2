//! What it prints, what it refuses, how it ends.

use std::process::Command;

use serde_json::Value;

use crate::running::{PROGRAM, Running};

#[tokio::test]
async fn it_says_where_both_services_are() {
    let running = Running::start(&[]);
    let printed = &running.printed;
    assert!(printed.contains(connector_sim::DEMO_SITE_ID));
    assert!(printed.contains(connector_sim::DEMO_WAREHOUSE_CLIENT_ID));
    for state in running.states().await {
        assert_eq!(state["now"], "2010-12-03T18:00:00Z");
    }
}

#[tokio::test]
async fn it_says_so_to_programs_in_one_line() {
    let running = Running::start(&["--json", "--clock-start", "2024-02-29T12:00:00Z"]);
    let ready: Value = serde_json::from_str(&running.printed).unwrap();
    assert_eq!(ready["ready"], true);
    assert_eq!(ready["sparklayer"]["site_id"], connector_sim::DEMO_SITE_ID);
    assert_eq!(ready["sparklayer"]["url"], running.urls[0]);
    assert_eq!(ready["whistl"]["url"], running.urls[1]);
    for state in running.states().await {
        assert_eq!(state["now"], "2024-02-29T12:00:00Z");
    }
}

#[tokio::test]
async fn a_newcomer_finds_orders_in_the_shop_unless_told_otherwise() {
    for (extra, orders) in [(&[][..], 4), (&["--empty"], 0)] {
        let states = Running::start(extra).states().await;
        assert_eq!(states[0]["purchases"], orders, "{extra:?}");
        // Seeding is no write through the API.
        assert_eq!(states[0]["purchase_puts"], 0, "{extra:?}");
    }
}

#[test]
fn an_address_others_can_reach_is_refused_unless_told_otherwise() {
    let output = Command::new(PROGRAM)
        .args(["--sparklayer", "0.0.0.0:0", "--whistl", "127.0.0.1:0"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(output.stdout.is_empty());
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("loopback"), "{said}");
    assert!(said.contains("0.0.0.0:0"), "{said}");

    let remote = Running::start_at("0.0.0.0:0", &["--allow-remote", "--json"]);
    let ready: Value = serde_json::from_str(&remote.printed).unwrap();
    let url = ready["sparklayer"]["url"].as_str().unwrap();
    assert!(url.starts_with("http://0.0.0.0:"), "{url}");
}

#[test]
fn the_help_names_every_option() {
    let output = Command::new(PROGRAM).arg("--help").output().unwrap();
    assert!(output.status.success());
    let help = String::from_utf8(output.stdout).unwrap();
    for option in [
        "--sparklayer",
        "--whistl",
        "--allow-remote",
        "--folder",
        "--lenient-files",
        "--json",
        "--clock-start",
        "--short-pick-per-mille",
        "--part-despatch-per-mille",
        "--seed",
        "--empty",
        "/__sim/",
    ] {
        assert!(help.contains(option), "{option}");
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_signal_ends_it_cleanly() {
    for signal in ["INT", "TERM"] {
        let mut running = Running::start(&[]);
        let id = running.child.id().to_string();
        let sent = Command::new("kill").args(["-s", signal, &id]).status();
        assert!(sent.unwrap().success());
        let status = running.child.wait().unwrap();
        assert_eq!(status.code(), Some(0), "{signal}");
        assert!(
            running.try_states().await.is_err(),
            "nobody listens any more"
        );
    }
}
