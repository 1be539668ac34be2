//! The worker as a supervisor runs it: health, work, signals, and what it says to bad input.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::future_not_send,
    reason = "helpers of tests fail as tests do"
)]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET,
    Fault, FaultKind, SparkLayerOptions, SparkLayerSim, WhistlOptions, WhistlSim, seed_samples,
};
use http::Method;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

const EXAMPLE_CONFIG: &str = include_str!("../full_sync.example.toml");
const SECRETS: [(&str, &str); 5] = [
    ("CONNECTOR_REFERENCE_KEY", "0123456789abcdef"),
    ("SPARKLAYER_CLIENT_ID", DEMO_CLIENT_ID),
    ("SPARKLAYER_CLIENT_SECRET", DEMO_CLIENT_SECRET),
    ("WHISTL_CLIENT_ID", DEMO_WAREHOUSE_CLIENT_ID),
    ("WHISTL_CLIENT_SECRET", DEMO_WAREHOUSE_CLIENT_SECRET),
];
/// Often enough for a test, and a lease that outlives it: what a stopped worker did not give back, nobody gets in time.
const TIMES: &str = "
[runner]
shutdown_grace = 10000
[runner.orders]
every = 150
not_more_often_than = 100
busy_percent = 100
[runner.despatches]
every = 300
not_more_often_than = 200
[runner.stock]
every = 300
not_more_often_than = 200
";

/// A shop and a warehouse in this process, and a folder with the configuration of a worker between them.
struct Place {
    shop: SparkLayerSim,
    warehouse: WhistlSim,
    folder: tempfile::TempDir,
}

impl Place {
    async fn start() -> Self {
        let shop = SparkLayerSim::start(SparkLayerOptions::default())
            .await
            .unwrap();
        let warehouse = WhistlSim::start(WhistlOptions::default()).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/data/catalogue.example.csv");
        std::fs::copy(catalogue, folder.path().join("data/catalogue.example.csv")).unwrap();
        let config = EXAMPLE_CONFIG
            .replace("http://127.0.0.1:8081", &shop.base_url())
            .replace("http://127.0.0.1:8082/", &warehouse.base_url())
            .replace("in_flight = 8", "in_flight = 2\nsource_lag = 0")
            .replace("[runner]\nshutdown_grace = 25000\n", TIMES);
        assert!(config.contains(TIMES), "the example has a place for times");
        std::fs::write(folder.path().join("shop.toml"), config).unwrap();
        Self {
            shop,
            warehouse,
            folder,
        }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("shop.toml")
    }

    /// The command of a worker over a file of SQLite.
    fn command(&self) -> Command {
        let mut command = bare();
        command
            .arg("--config")
            .arg(self.config())
            .arg("--store")
            .arg(self.folder.path().join("shop.db"))
            .args(["--health", "127.0.0.1:0"])
            .envs(SECRETS);
        command
    }

    async fn end(self) {
        self.shop.shutdown().await;
        self.warehouse.shutdown().await;
    }
}

fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_worker"));
    for variable in [
        "DATABASE_URL",
        "ORDER_SYNC_STORE",
        "ORDER_SYNC_PERSONAL_DATA_KEYS",
        "RUST_LOG",
    ] {
        command.env_remove(variable);
    }
    command
}

fn order(number: u32) -> Value {
    let address = json!({
        "name": "Goods In", "company": "Customer 17850", "address_line1": "12 Example Street", "city": "Leeds",
        "postal_code": "LS1 4DY", "country_code": "GB", "phone": "020 7946 0123",
    });
    json!({
        "type": "order",
        "purchase_identifiers": {
            "sparklayer": format!("00000000-0000-4000-8000-{number:012}"), "visible": format!("#{number}"),
        },
        "customer_identifiers": {},
        "payment_method": "paymentByInvoice",
        "dates": { "placed_at": "2010-12-01T08:26:00Z" },
        "customer_reference": format!("PO-{number}"),
        "currency_code": "GBP",
        "metadata": [],
        "packages": [{
            "type": "incoming",
            "shipping_method": { "name": "Standard Delivery" },
            "shipping_address": address,
            "line_items": [{ "identifiers": { "sku": "85123A" }, "quantity": 1 }],
            "shipments": [],
        }],
    })
}

/// A worker that runs; killed when a test fails before its end.
struct Worker {
    child: Child,
    address: String,
    log: PathBuf,
}

impl Worker {
    fn start(command: &mut Command, log: &Path) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(std::fs::File::create(log).unwrap())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line
            .trim()
            .strip_prefix("health: http://")
            .and_then(|rest| rest.strip_suffix("/health"));
        let address =
            address.unwrap_or_else(|| panic!("{line}{}", std::fs::read_to_string(log).unwrap()));
        Self {
            address: address.to_owned(),
            child,
            log: log.to_owned(),
        }
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap();
        kill_process(pid, signal).unwrap();
    }

    /// Its end, if it comes in so many seconds.
    async fn ended(&mut self, seconds: u32) -> Option<ExitStatus> {
        for _ in 0..seconds * 50 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return Some(status);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        None
    }

    /// Asked to stop, it ends with 0.
    async fn stop(mut self) -> String {
        self.signal(Signal::TERM);
        let status = self.ended(20).await;
        let log = self.log();
        assert_eq!(status.and_then(|status| status.code()), Some(0), "{log}");
        assert!(log.contains("stopped gracefully"), "{log}");
        log
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }

    /// Status and body of one request.
    fn ask(&self, path: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(20)))
            .unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nhost: worker\r\nconnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split_whitespace().nth(1).unwrap().parse().unwrap();
        (status, body.to_owned())
    }

    /// Asks until the answer is as wanted, for 30 s at most.
    async fn until(&self, path: &str, wanted: impl Fn(u16, &str) -> bool) -> String {
        let mut last = (0, String::new());
        for _ in 0..600 {
            last = self.ask(path);
            if wanted(last.0, &last.1) {
                return last.1;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("{path}: {} {}\n{}", last.0, last.1, self.log());
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        // Of no use to anybody once its test is over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn until(what: &str, wanted: impl Fn() -> bool) {
    for _ in 0..1500 {
        if wanted() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("in 30 s not: {what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_answers_works_off_orders_and_ends_cleanly() {
    let place = Place::start().await;
    seed_samples(&place.shop, &place.warehouse).unwrap();
    let worker = Worker::start(&mut place.command(), &place.folder.path().join("log"));
    assert_eq!(worker.ask("/health/live").0, 200);
    worker
        .until("/health/ready", |status, _| status == 200)
        .await;
    until("two orders at the warehouse", || {
        place.warehouse.orders().len() == 2
    })
    .await;
    // Two sample orders wait for people: amber, which is no reason to take it out.
    let health = worker
        .until("/health", |_, body| body.contains(r#""light":"amber""#))
        .await;
    let health: Value = serde_json::from_str(&health).unwrap();
    assert_eq!(health["light"], "amber");
    assert_eq!(health["merchants"]["demo-wholesale"]["light"], "amber");
    worker
        .until("/metrics", |_, body| {
            body.contains("order_sync_tally_total{merchant=\"demo-wholesale\",flow=\"orders\",tally=\"accepted\"} 2\n")
        })
        .await;

    let ready = bare()
        .args(["--ask-health", &worker.address])
        .status()
        .unwrap();
    assert_eq!(ready.code(), Some(0));
    let address = worker.address.clone();
    let log = worker.stop().await;
    assert!(!log.contains(DEMO_CLIENT_SECRET), "{log}");
    let gone = bare().args(["--ask-health", &address]).status().unwrap();
    assert_eq!(gone.code(), Some(1));
    place.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_key_personal_data_is_nowhere_in_clear_and_without_it_the_store_stays_closed() {
    const KEYS: &str = "ORDER_SYNC_PERSONAL_DATA_KEYS";
    let place = Place::start().await;
    place.warehouse.seed_stock("85123A", 1000);
    place.shop.put_purchase(order(1)).unwrap();
    let keys = format!("2026:{}", "5e".repeat(32));

    let mut check = place.command();
    let checked = check.arg("--check-config").env(KEYS, &keys).output();
    let told = String::from_utf8(checked.unwrap().stdout).unwrap();
    assert!(told.contains("encrypted with key 2026"), "{told}");

    let mut command = place.command();
    let log = place.folder.path().join("log");
    let worker = Worker::start(command.env(KEYS, &keys), &log);
    until("the order at the warehouse", || {
        place.warehouse.orders().len() == 1
    })
    .await;
    let said = worker.stop().await;
    assert!(!said.contains("5e5e"), "{said}");
    let mut files = 0;
    for entry in std::fs::read_dir(place.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.to_string_lossy().contains("shop.db") {
            files += 1;
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            for personal in ["12 Example Street", "Goods In", "7946 0123"] {
                assert!(
                    !text.contains(personal),
                    "{} has {personal}",
                    path.display()
                );
            }
        }
    }
    assert!(files > 0, "there is a store");

    for wrong in [None, Some("2026:abc")] {
        let mut command = place.command();
        command
            .env_remove(KEYS)
            .envs(wrong.map(|keys| (KEYS, keys)));
        let refused = command.output().unwrap();
        let told = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(2), "{told}");
        assert!(told.contains("remedy: "), "{told}");
    }
    place.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn stopped_in_the_middle_of_work_nothing_is_lost_or_doubled() {
    const ORDERS: u32 = 40;
    let place = Place::start().await;
    place.warehouse.seed_stock("85123A", 1000);
    for number in 1..=ORDERS {
        place.shop.put_purchase(order(number)).unwrap();
    }
    let slow = Fault::on(Method::POST, "/v1/orders", FaultKind::Slow(150));
    place.warehouse.faults().arm(slow.times(ORDERS));

    let worker = Worker::start(&mut place.command(), &place.folder.path().join("first.log"));
    until("some orders at the warehouse", || {
        place.warehouse.orders().len() >= 5
    })
    .await;
    worker.stop().await;
    let sent = place.warehouse.writes().accepted;
    assert!(
        sent < u64::from(ORDERS),
        "it was stopped in the middle of the work, and sent {sent}"
    );

    // The leases hold for a minute, and this waits for less: they were given back.
    place.warehouse.faults().clear();
    let worker = Worker::start(
        &mut place.command(),
        &place.folder.path().join("second.log"),
    );
    until("every order at the warehouse", || {
        place.warehouse.orders().len() == ORDERS as usize
    })
    .await;
    worker.stop().await;
    let mut references: Vec<String> = place
        .warehouse
        .orders()
        .into_iter()
        .map(|order| order.reference)
        .collect();
    references.sort_unstable();
    references.dedup();
    assert_eq!(references.len(), ORDERS as usize);
    let writes = place.warehouse.writes();
    assert_eq!(
        (writes.order_posts, writes.duplicates_refused),
        (u64::from(ORDERS), 0)
    );
    place.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_signal_ends_at_once() {
    let place = Place::start().await;
    place.warehouse.seed_stock("85123A", 1000);
    place.shop.put_purchase(order(1)).unwrap();
    place
        .warehouse
        .faults()
        .arm(Fault::on(Method::POST, "/v1/orders", FaultKind::Slow(8000)));
    let mut worker = Worker::start(&mut place.command(), &place.folder.path().join("log"));
    until("a call under way", || {
        place.warehouse.faults().pending().is_empty()
    })
    .await;
    worker.signal(Signal::INT);
    assert!(
        worker.ended(1).await.is_none(),
        "the call under way is finished first"
    );
    assert_eq!(worker.ask_in_vain(), "it does not listen any more");
    worker.signal(Signal::TERM);
    let status = worker.ended(4).await;
    assert_eq!(
        status.and_then(|status| status.code()),
        Some(1),
        "{}",
        worker.log()
    );
    assert!(
        worker.log().contains("asked a second time"),
        "{}",
        worker.log()
    );
    place.end().await;
}

impl Worker {
    fn ask_in_vain(&self) -> &'static str {
        match TcpStream::connect(&self.address) {
            Ok(_) => "it listens",
            Err(_) => "it does not listen any more",
        }
    }
}

fn refused(output: &Output, code: i32, expected: &[&str]) {
    let text = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{text}");
    for expected in expected {
        assert!(text.contains(expected), "`{expected}` is not in: {text}");
    }
    assert!(!text.contains("do-not-print"), "{text}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bad_input_is_named_with_its_remedy() {
    let place = Place::start().await;
    let config = place.config();
    let with = |arguments: &[&str]| {
        let mut command = bare();
        command
            .envs(SECRETS)
            .arg("--config")
            .arg(&config)
            .args(arguments)
            .output()
            .unwrap()
    };
    refused(&with(&[]), 2, &["no store is named", "ORDER_SYNC_STORE"]);
    refused(
        &with(&["--store", "mysql://u:do-not-print@host/db"]),
        2,
        &["of no kind", "remedy: "],
    );
    let nobody = "postgres://u:do-not-print@127.0.0.1:1/shop";
    let health = ["--health", "127.0.0.1:0"];
    let at = |url: &'static str| [&["--store", url][..], &health].concat();
    refused(
        &with(&at(nobody)),
        1,
        &[
            "PostgreSQL at 127.0.0.1:1, database shop",
            "remedy: start the server",
        ],
    );
    let plain = "postgres://u:do-not-print@db.example.com/shop?sslmode=disable";
    refused(
        &with(&at(plain)),
        2,
        &[
            "db.example.com",
            "without TLS",
            "remedy: take `sslmode=disable` out",
        ],
    );
    refused(
        &with(&["--store", "x.db", "--config", config.to_str().unwrap()]),
        2,
        &["stands in", "give each merchant one file"],
    );

    let text = std::fs::read_to_string(&config).unwrap();
    let wrong = text
        .replace("shutdown_grace", "shutdown_grce")
        .replace("settle =", "settel =");
    std::fs::write(place.folder.path().join("wrong.toml"), wrong).unwrap();
    let mut command = bare();
    command
        .envs(SECRETS)
        .arg("--config")
        .arg(place.folder.path().join("wrong.toml"))
        .args(["--store", "x.db"]);
    refused(
        &command.output().unwrap(),
        2,
        &["wrong.toml:", "unknown field"],
    );
    // Without its secrets, all that are missing at once.
    let mut command = bare();
    command
        .arg("--config")
        .arg(&config)
        .args(["--store", "x.db"]);
    refused(
        &command.output().unwrap(),
        2,
        &[
            "CONNECTOR_REFERENCE_KEY is not set",
            "WHISTL_CLIENT_SECRET is not set",
            "_FILE",
        ],
    );
    let occupied = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = occupied.local_addr().unwrap().to_string();
    let db = place.folder.path().join("y.db");
    refused(
        &with(&["--store", db.to_str().unwrap(), "--health", &address]),
        1,
        &[&address, "--health"],
    );
    place.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn secrets_come_from_files_too() {
    let place = Place::start().await;
    let folder = place.folder.path().join("credentials");
    std::fs::create_dir(&folder).unwrap();
    let store = place.folder.path().join("credentials.db");
    for (name, value) in SECRETS {
        std::fs::write(folder.join(name), format!("{value}\n")).unwrap();
    }
    std::fs::write(folder.join("ORDER_SYNC_STORE"), store.to_str().unwrap()).unwrap();
    let check = |command: &mut Command| {
        let output = command
            .arg("--config")
            .arg(place.config())
            .arg("--check-config")
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        assert!(
            told.contains("credentials.db") && told.contains("sound; merchant demo-wholesale"),
            "{told}"
        );
        assert!(!told.contains(DEMO_CLIENT_SECRET), "{told}");
    };
    check(bare().env("CREDENTIALS_DIRECTORY", &folder));
    let mut command = bare();
    for name in SECRETS
        .map(|(name, _)| name)
        .into_iter()
        .chain(["ORDER_SYNC_STORE"])
    {
        command.env(format!("{name}_FILE"), folder.join(name));
    }
    check(&mut command);
    place.end().await;
}
