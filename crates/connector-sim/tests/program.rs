//! The program `connector-sim`, started as a newcomer starts it.
#![cfg(feature = "cli")]

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

/// Ends the program when the test ends, however it ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing can be done here about a program that is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test]
async fn it_says_where_both_services_are() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_connector-sim"));
    program.args(["--sparklayer", "127.0.0.1:0", "--whistl", "127.0.0.1:0"]);
    let mut running = Running(program.stdout(Stdio::piped()).spawn().unwrap());
    let output = BufReader::new(running.0.stdout.take().unwrap());
    let mut urls = Vec::new();
    let mut printed = String::new();
    for line in output.lines() {
        let line = line.unwrap();
        if let Some(place) = line.find("http://127.0.0.1:") {
            urls.push(line.split_at(place).1.to_owned());
        }
        printed.push_str(&line);
        if line.starts_with("Ctrl-C") {
            break;
        }
    }
    assert!(printed.contains(connector_sim::DEMO_SITE_ID));
    assert!(printed.contains(connector_sim::DEMO_WAREHOUSE_CLIENT_ID));
    assert_eq!(urls.len(), 2);
    let http = Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap();
    for url in urls {
        let state: Value = http
            .get(format!("{url}/__sim/state"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap();
        assert_eq!(state["now"], "2010-12-03T18:00:00Z");
    }
}
