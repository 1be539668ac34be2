//! The program `connector-sim`, started as a newcomer starts it.
#![cfg(feature = "cli")]
#![allow(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

/// Ends the program when the test ends, however it ends.
struct Running {
    child: Child,
    /// Addresses of the shop and of the warehouse.
    urls: Vec<String>,
    printed: String,
}

impl Running {
    fn start(extra: &[&str]) -> Self {
        let mut program = Command::new(env!("CARGO_BIN_EXE_connector-sim"));
        program.args(["--sparklayer", "127.0.0.1:0", "--whistl", "127.0.0.1:0"]);
        let mut child = program.args(extra).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut running = Self {
            child,
            urls: Vec::new(),
            printed: String::new(),
        };
        for line in output.lines() {
            let line = line.unwrap();
            if let Some(place) = line.find("http://127.0.0.1:") {
                running.urls.push(line.split_at(place).1.to_owned());
            }
            running.printed.push_str(&line);
            if line.starts_with("Ctrl-C") {
                break;
            }
        }
        running
    }

    async fn states(&self) -> Vec<Value> {
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()
            .unwrap();
        let mut states = Vec::new();
        for url in &self.urls {
            let answer = http.get(format!("{url}/__sim/state")).send().await.unwrap();
            states.push(answer.json().await.unwrap());
        }
        states
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing can be done here about a program that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test]
async fn it_says_where_both_services_are() {
    let running = Running::start(&[]);
    let printed = &running.printed;
    assert!(printed.contains(connector_sim::DEMO_SITE_ID));
    assert!(printed.contains(connector_sim::DEMO_WAREHOUSE_CLIENT_ID));
    assert_eq!(running.urls.len(), 2);
    for state in running.states().await {
        assert_eq!(state["now"], "2010-12-03T18:00:00Z");
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
