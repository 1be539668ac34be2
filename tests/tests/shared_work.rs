//! Real processes over one PostgreSQL database: workers that share the work, and demonstrations that keep apart. Runs where `DATABASE_URL`
//! names a server (`cargo xtask test` starts one); fails without under `CI=true`.
//!
//! Orders are counted at the simulator, which is a process of its own. `WORKER_BIN`, `CONNECTOR_SIM_BIN` and `FULL_SYNC_BIN` name programs
//! that are built already.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test reads its environment, and asks loopback only"
)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use end_to_end::{PurchaseDraft, full_sync, program};
use serde_json::{Value, json};

const WORKERS: usize = 3;
/// Orders put into the shop while the workers run.
const ORDERS: u32 = 90;

/// The server, or a plain word that the test was not run.
fn server() -> Option<String> {
    let url = std::env::var("DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty());
    if url.is_none() {
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            !ci,
            "DATABASE_URL names no server, and under CI=true that is a failure"
        );
        eprintln!(
            "NOT RUN: this test needs a PostgreSQL server in DATABASE_URL (cargo xtask test starts one)"
        );
    }
    url
}

/// A schema of a test's own; gone at the beginning and at the end.
struct Schema {
    url: String,
    name: &'static str,
}

impl Schema {
    async fn new(url: &str, name: &'static str) -> Self {
        let schema = Self {
            url: url.to_owned(),
            name,
        };
        schema.drop_it().await;
        schema
    }

    async fn client(&self) -> tokio_postgres::Client {
        let (client, connection) = tokio_postgres::connect(&self.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        client
    }

    async fn drop_it(&self) {
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.name);
        self.client().await.batch_execute(&sql).await.unwrap();
    }
}

/// A process with its log; killed when a test fails before its end.
struct Process {
    child: Child,
    log: PathBuf,
    first_line: String,
}

impl Process {
    /// Starts it, and waits for the first line that it prints.
    fn start(command: &mut Command, log: PathBuf) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(&log).unwrap())
            .spawn()
            .unwrap();
        let mut first_line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first_line)
            .unwrap();
        assert!(
            !first_line.is_empty(),
            "{}",
            std::fs::read_to_string(&log).unwrap()
        );
        Self {
            child,
            log,
            first_line,
        }
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Asked to stop, it ends with 0.
    async fn stop(mut self) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        for _ in 0..1500 {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}: {}", self.log());
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("it did not end in 30 s: {}", self.log());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Of no use to anybody once its test is over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The configuration of all workers, with short times, and the catalogue beside it.
fn configure(folder: &Path, ready: &Value) -> PathBuf {
    std::fs::write(folder.join("catalogue.csv"), "sku,description\nMUG-01,\n").unwrap();
    let text = format!(
        r#"
merchant = "shared-work"
reference_key_env = "CONNECTOR_REFERENCE_KEY"

[engine]
source_lag = 0
in_flight = 2
batch = 8
proof_delay = 50

[runner.orders]
every = 100
not_more_often_than = 50
busy_percent = 100
[runner.despatches]
every = 200
not_more_often_than = 100
busy_percent = 100

[mapping.phone]
allow_fictitious = true
[[mapping.services.rules]]
option = "Standard Delivery"
code = "WHI_STD"

[sparklayer]
environment = "{shop}"
site_id = "{site}"
client_id_env = "SPARKLAYER_CLIENT_ID"
client_secret_env = "SPARKLAYER_CLIENT_SECRET"

[warehouse]
route = "http"
[warehouse.http]
base_url = "{warehouse}"
auth = "oauth2"
client_id_env = "WHISTL_CLIENT_ID"
secret_env = "WHISTL_CLIENT_SECRET"

[catalogue]
file = "catalogue.csv"
"#,
        shop = ready["sparklayer"]["url"].as_str().unwrap(),
        site = ready["sparklayer"]["site_id"].as_str().unwrap(),
        warehouse = ready["whistl"]["url"].as_str().unwrap(),
    );
    let path = folder.join("merchant.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// What a worker counted, over its own runs and beside those of others.
fn counted(metrics: &str, tally: &str) -> u64 {
    let wanted = format!("tally=\"{tally}\"");
    let rows = metrics
        .lines()
        .filter(|line| !line.starts_with('#') && line.contains(&wanted));
    rows.map(|line| line.rsplit(' ').next().unwrap().parse::<u64>().unwrap())
        .sum()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn workers_over_one_database_share_the_work_and_send_every_order_once() {
    let Some(url) = server() else { return };
    let sim = program("connector-sim", "connector-sim", "CONNECTOR_SIM_BIN");
    let worker = program("connector-examples", "worker", "WORKER_BIN");
    let schema = Schema::new(&url, "shared_work").await;
    let folder = tempfile::tempdir().unwrap();
    let client = reqwest::Client::builder()
        .timeout(Duration::from_secs(30))
        .build()
        .unwrap();

    let mut command = Command::new(sim);
    command.args([
        "--json",
        "--empty",
        "--sparklayer",
        "127.0.0.1:0",
        "--whistl",
        "127.0.0.1:0",
    ]);
    let sim = Process::start(&mut command, folder.path().join("sim.log"));
    let ready: Value = serde_json::from_str(&sim.first_line).unwrap();
    let shop = ready["sparklayer"]["url"]
        .as_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let warehouse = ready["whistl"]["url"]
        .as_str()
        .unwrap()
        .trim_end_matches('/')
        .to_owned();
    let put = async |url: String, body: Value| {
        let answer = client.put(&url).json(&body).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{url}: {}",
            answer.text().await.unwrap()
        );
    };
    let post = async |url: String, body: Value| {
        let answer = client.post(&url).json(&body).send().await.unwrap();
        assert!(
            answer.status().is_success(),
            "{url}: {}",
            answer.text().await.unwrap()
        );
    };
    let state = async || -> Value {
        client
            .get(format!("{warehouse}/__sim/state"))
            .send()
            .await
            .unwrap()
            .json()
            .await
            .unwrap()
    };
    post(
        format!("{warehouse}/__sim/stock"),
        json!({ "sku": "MUG01", "on_hand": 10_000 }),
    )
    .await;
    // A warehouse that takes its time: one worker alone would be long over it.
    let slow = json!({ "kind": "slow", "millis": 150, "method": "POST", "path": "/v1/orders", "times": ORDERS });
    post(format!("{warehouse}/__sim/faults"), slow).await;

    let config = configure(folder.path(), &ready);
    let secret = |vendor: &str, name: &str| ready[vendor][name].as_str().unwrap().to_owned();
    let workers: Vec<Process> = (0..WORKERS)
        .map(|number| {
            let mut command = Command::new(&worker);
            command
                .arg("--config")
                .arg(&config)
                .args(["--schema", schema.name, "--health", "127.0.0.1:0"])
                // The address with its password where no other user sees it.
                .env("ORDER_SYNC_STORE", &schema.url)
                .env("CONNECTOR_REFERENCE_KEY", "0123456789abcdef")
                .env("SPARKLAYER_CLIENT_ID", secret("sparklayer", "client_id"))
                .env(
                    "SPARKLAYER_CLIENT_SECRET",
                    secret("sparklayer", "client_secret"),
                )
                .env("WHISTL_CLIENT_ID", secret("whistl", "client_id"))
                .env("WHISTL_CLIENT_SECRET", secret("whistl", "client_secret"));
            Process::start(
                &mut command,
                folder.path().join(format!("worker-{number}.log")),
            )
        })
        .collect();
    let addresses: Vec<String> = workers
        .iter()
        .map(|worker| {
            let line = worker.first_line.trim();
            line.strip_prefix("health: ")
                .and_then(|url| url.strip_suffix("/health"))
                .expect(line)
                .to_owned()
        })
        .collect();
    for address in &addresses {
        let mut ready = false;
        for _ in 0..600 {
            let answer = client
                .get(format!("{address}/health/ready"))
                .send()
                .await
                .unwrap();
            ready = answer.status().is_success();
            if ready {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert!(ready, "{address} is not ready: {}", workers[0].log());
    }

    for number in 1..=ORDERS {
        let draft = PurchaseDraft::new(number);
        let placed = "2010-12-03T17:00:00Z".parse().unwrap();
        put(format!("{shop}/__sim/purchases"), draft.placed(placed)).await;
    }
    let mut arrived = 0;
    for _ in 0..1200 {
        arrived = state().await["accepted"].as_object().unwrap().len();
        if arrived == ORDERS as usize {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let logs = || workers.iter().map(Process::log).collect::<String>();
    assert_eq!(arrived, ORDERS as usize, "{}", logs());

    // What a run counted is there at its end, which may come a moment after the last order.
    let mut parts: Vec<u64> = Vec::new();
    for _ in 0..200 {
        parts.clear();
        for address in &addresses {
            let answer = client
                .get(format!("{address}/metrics"))
                .send()
                .await
                .unwrap();
            parts.push(counted(&answer.text().await.unwrap(), "accepted"));
        }
        if parts.iter().sum::<u64>() == u64::from(ORDERS) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    eprintln!("the workers sent {parts:?} of {ORDERS} orders");
    for worker in workers {
        worker.stop().await;
    }
    // Counted where they arrived: each once, none refused as a second one.
    let state = state().await;
    let accepted = state["accepted"].as_object().unwrap();
    assert!(accepted.values().all(|times| times == 1), "{accepted:?}");
    assert_eq!(accepted.len(), ORDERS as usize);
    assert_eq!(
        (&state["order_posts"], &state["duplicates_refused"]),
        (&json!(ORDERS), &json!(0))
    );
    assert!(
        parts.iter().all(|part| *part > 0),
        "each did part of the work: {parts:?}"
    );
    assert_eq!(parts.iter().sum::<u64>(), u64::from(ORDERS), "{parts:?}");
    sim.stop().await;
    schema.drop_it().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demonstrations_over_one_database_keep_apart() {
    let Some(url) = server() else { return };
    let demonstration = full_sync();
    let schema = Schema::new(&url, "demonstrations").await;
    let run = |store: &str, extra: &[&str]| {
        let mut command = Command::new(&demonstration);
        command
            .args(["--json", "--schema", schema.name, "--store", store])
            .args(extra);
        command.output().unwrap()
    };
    let mut merchants = BTreeSet::new();
    for seed in ["2010", "2010"] {
        let output = run(&url, &["--seed", seed]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(0), "{told}");
        let report: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(report["verdict"]["sound"], true, "{}", report["verdict"]);
        assert_eq!(report["accounting"]["in_shop"], 120);
        let line = told
            .lines()
            .find(|line| line.starts_with("on record in "))
            .expect("where it is on record");
        merchants.insert(line.rsplit(' ').next().unwrap().to_owned());
    }
    assert_eq!(merchants.len(), 2, "{merchants:?}");
    // Both runs are there to be looked at.
    let sql = format!(
        "SELECT merchant, count(*) FROM {}.order_records GROUP BY merchant",
        schema.name
    );
    let rows = schema.client().await.query(&sql, &[]).await.unwrap();
    let kept: BTreeSet<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(kept, merchants);

    // A dry run of a demonstration needs nothing on record, and leaves nothing.
    assert_eq!(run(&url, &["--dry-run"]).status.code(), Some(0));
    let rows = schema.client().await.query(&sql, &[]).await.unwrap();
    assert_eq!(rows.len(), 2);
    schema.drop_it().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_cannot_be_used_is_named_with_its_remedy() {
    let Some(url) = server() else { return };
    let demonstration = full_sync();
    let schema = Schema::new(&url, "not_to_be_made").await;
    let config: tokio_postgres::Config = url.parse().unwrap();
    let (host, port) = match (config.get_hosts().first(), config.get_ports().first()) {
        (Some(tokio_postgres::config::Host::Tcp(host)), port) => {
            (host.clone(), port.copied().unwrap_or(5432))
        }
        other => panic!("the server of the tests is reached by TCP: {other:?}"),
    };
    let database = config.get_dbname().unwrap_or("postgres");
    let client = schema.client().await;
    // A role that may connect and make nothing.
    let role = "order_sync_powerless";
    let make =
        format!("DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'do-not-print'");
    client.batch_execute(&make).await.unwrap();

    let refused = |address: &str, expected: &[&str]| {
        let output = Command::new(&demonstration)
            .args(["--schema", schema.name, "--store", address])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(1 | 2)), "{text}");
        for expected in expected {
            assert!(text.contains(expected), "`{expected}` is not in: {text}");
        }
        assert!(!text.contains("do-not-print"), "{text}");
    };
    let at = format!("{host}:{port}");
    let place = format!("PostgreSQL at {at}");
    refused(
        &format!("postgres://{role}:do-not-print@{at}/{database}"),
        &[
            &place,
            "remedy: let the owner of the database make the tables",
        ],
    );
    refused(
        &format!("postgres://{role}:do-not-print@{at}/no_such_database"),
        &["no_such_database", "remedy: create the database"],
    );
    refused(
        &format!("postgres://{role}:do-not-print@{at}/{database}?sslmode=require"),
        &[&place, "the server speaks no TLS", "remedy: switch TLS on"],
    );
    refused(
        "postgres://u:do-not-print@127.0.0.1:1/shop",
        &["127.0.0.1:1", "remedy: start the server"],
    );
    client
        .batch_execute(&format!("DROP ROLE {role}"))
        .await
        .unwrap();
    schema.drop_it().await;
}
