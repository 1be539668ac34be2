//! The program, running in the background of a test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::Client;
use serde_json::Value;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_connector-sim");

/// Ends the program when the test ends, however it ends.
pub(crate) struct Running {
    pub(crate) child: Child,
    /// Addresses of the shop and of the warehouse.
    pub(crate) urls: Vec<String>,
    /// What it printed until it was ready.
    pub(crate) printed: String,
}

impl Running {
    pub(crate) fn start(extra: &[&str]) -> Self {
        Self::start_at("127.0.0.1:0", extra)
    }

    pub(crate) fn start_at(shop: &str, extra: &[&str]) -> Self {
        let mut child = Command::new(PROGRAM)
            .args(["--sparklayer", shop, "--whistl", "127.0.0.1:0"])
            .args(extra)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut printed = String::new();
        for line in output.lines() {
            let line = line.unwrap();
            printed.push_str(&line);
            printed.push('\n');
            if line.starts_with("Ready.") || line.starts_with('{') {
                break;
            }
        }
        let urls = printed
            .split("http://")
            .skip(1)
            .map(|rest| {
                let end = rest.find(['"', '\n']).unwrap();
                format!("http://{}", rest.split_at(end).0)
            })
            .collect();
        Self {
            child,
            urls,
            printed,
        }
    }

    pub(crate) async fn states(&self) -> Vec<Value> {
        self.try_states().await.unwrap()
    }

    pub(crate) async fn try_states(&self) -> reqwest::Result<Vec<Value>> {
        assert_eq!(self.urls.len(), 2);
        let http = Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(10))
            .build()?;
        let mut states = Vec::new();
        for url in &self.urls {
            let answer = http.get(format!("{url}/__sim/state")).send().await?;
            states.push(answer.json().await?);
        }
        Ok(states)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing can be done here about a program that is gone already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
