//! The real process, killed at any moment, again and again: every order at the warehouse exactly once.
//!
//! `KILL_CYCLES` sets how often the process is killed (6 without it). `KILL_SEED` repeats a run; the seed in use is printed.
//! `FULL_SYNC_BIN` names a `full_sync` that is built already; without it the test builds one.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test fails by panicking and says how to repeat it"
)]
#![allow(
    clippy::disallowed_methods,
    reason = "a test is steered by environment variables"
)]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET, Fault, FaultKind,
};
use end_to_end::{PurchaseDraft, World, full_sync};
use http::Method;
use order_sync::{Flow, OrderEvent, OrderState};

/// Orders placed before each start of the process.
const ORDERS_PER_CYCLE: u32 = 8;

fn number_from(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok()?;
    Some(
        text.parse()
            .unwrap_or_else(|_| panic!("{variable} is not a number")),
    )
}

/// Writes the configuration of the process, with short times, and the catalogue beside it.
fn configure(world: &World) -> PathBuf {
    let catalogue = "sku,description\nMUG-01,\nTEA POT,\nCUP/RED,\nPLATE,\n";
    std::fs::write(world.folder().join("catalogue.csv"), catalogue).unwrap();
    let text = format!(
        r#"
merchant = "{merchant}"
reference_key_env = "CRASH_REFERENCE_KEY"

[engine]
overlap = 600000
source_lag = 0
lease = 5000
settle = 300
backoff = 50
backoff_cap = 200
proof_delay = 50

[mapping.phone]
allow_fictitious = true

[mapping.purchase_order]
required = true

[[mapping.services.rules]]
option = "Standard Delivery"
code = "WHI_STD"

[sparklayer]
environment = "{shop}"
site_id = "{DEMO_SITE_ID}"
client_id_env = "CRASH_SHOP_ID"
client_secret_env = "CRASH_SHOP_SECRET"

[warehouse]
route = "http"

[warehouse.http]
base_url = "{warehouse}"
auth = "oauth2"
client_id_env = "CRASH_WAREHOUSE_ID"
secret_env = "CRASH_WAREHOUSE_SECRET"

[catalogue]
file = "catalogue.csv"
"#,
        merchant = World::MERCHANT,
        shop = world.shop.base_url(),
        warehouse = world.warehouse.base_url(),
    );
    let path = world.folder().join("full_sync.toml");
    std::fs::write(&path, text).unwrap();
    path
}

/// The process with its output in a file, to be shown when it fails.
struct Process {
    child: Child,
    output: PathBuf,
}

impl Process {
    fn start(program: &Path, config: &Path, world: &World, name: &str) -> Self {
        let output = world.folder().join(format!("{name}.log"));
        let log = std::fs::File::create(&output).unwrap();
        let child = Command::new(program)
            .arg("--config")
            .arg(config)
            .arg("--db")
            .arg(world.database())
            .env("CRASH_REFERENCE_KEY", World::REFERENCE_KEY)
            .env("CRASH_SHOP_ID", DEMO_CLIENT_ID)
            .env("CRASH_SHOP_SECRET", DEMO_CLIENT_SECRET)
            .env("CRASH_WAREHOUSE_ID", DEMO_WAREHOUSE_CLIENT_ID)
            .env("CRASH_WAREHOUSE_SECRET", DEMO_WAREHOUSE_CLIENT_SECRET)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        Self { child, output }
    }

    fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().unwrap()
    }

    /// Kills it where it stands. `true` when it was still alive.
    fn kill(&mut self) -> bool {
        let alive = self.ended().is_none();
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        alive
    }

    fn log(&self) -> String {
        std::fs::read_to_string(&self.output).unwrap_or_default()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Of no use to anybody once its test is over.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Faults that stretch the run and lose replies, so that the kill meets every stage.
fn disturb(world: &World, random: &mut fastrand::Rng) {
    let warehouse = world.warehouse.faults();
    for kind in [
        FaultKind::LoseReplyAfterApplying,
        FaultKind::LoseReplyBeforeApplying,
    ] {
        warehouse.arm(Fault::on(Method::POST, "/v1/orders", kind).after(random.u32(0..4)));
    }
    for _ in 0..ORDERS_PER_CYCLE {
        let slow = FaultKind::Slow(random.u64(10..60));
        warehouse.arm(Fault::on(Method::POST, "/v1/orders", slow));
    }
    world
        .shop
        .faults()
        .arm(Fault::on(Method::PUT, "/api/v1/purchases/", FaultKind::Slow(30)).times(4));
}

/// Waits for the moment of the kill: some time after the start, or shortly after the warehouse has taken some more orders.
async fn moment(world: &World, process: &mut Process, random: &mut fastrand::Rng) {
    if random.u32(0..3) == 0 {
        tokio::time::sleep(Duration::from_millis(random.u64(5..250))).await;
        return;
    }
    let wanted = world.warehouse.writes().accepted + random.u64(1..6);
    for _ in 0..1000 {
        if world.warehouse.writes().accepted >= wanted || process.ended().is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    tokio::time::sleep(Duration::from_millis(random.u64(0..30))).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_process_that_is_killed_at_any_moment_loses_and_doubles_nothing() {
    let seed = number_from("KILL_SEED").unwrap_or_else(|| fastrand::u64(..));
    let cycles = number_from("KILL_CYCLES").unwrap_or(6);
    eprintln!("{cycles} kills; to repeat: KILL_SEED={seed}");
    let mut random = fastrand::Rng::with_seed(seed);
    let program = full_sync();
    let mut world = World::start().await;
    world.close();
    let config = configure(&world);

    let mut releasable: Vec<PurchaseDraft> = Vec::new();
    let held = [
        PurchaseDraft::new(1).option("Saturday Pallet"),
        PurchaseDraft::new(2).on_account(),
        PurchaseDraft::new(3).set("/customer_reference", ""),
    ];
    for order in &held {
        world.put(order);
    }
    let mut met_alive = 0;
    for cycle in 0..cycles {
        for _ in 0..ORDERS_PER_CYCLE {
            let number = 1000 + u32::try_from(releasable.len()).unwrap();
            releasable.push(
                PurchaseDraft::new(number).lines(&[("MUG-01", 1 + number % 4), ("CUP/RED", 1)]),
            );
            world.put(releasable.last().expect("just placed"));
        }
        disturb(&world, &mut random);
        let mut process = Process::start(&program, &config, &world, &format!("cycle-{cycle}"));
        moment(&world, &mut process, &mut random).await;
        met_alive += u64::from(process.kill());
        world.tick();
    }
    assert!(
        met_alive * 2 > cycles,
        "only {met_alive} of {cycles} kills met a running process"
    );

    world.warehouse.faults().clear();
    world.shop.faults().clear();
    // Each run works off what is due; the warehouse sends in between.
    for run in 0..3 {
        let mut process = Process::start(&program, &config, &world, &format!("run-{run}"));
        let mut status = None;
        for _ in 0..6000 {
            status = process.ended();
            if status.is_some() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        let sound = status.is_some_and(|status| status.success());
        assert!(
            sound,
            "the run after the kills ended as {status:?}:\n{}",
            process.log()
        );
        world.tick();
    }

    let mut arrived: Vec<String> = world
        .warehouse
        .orders()
        .into_iter()
        .map(|order| order.reference)
        .collect();
    arrived.sort_unstable();
    let mut wanted: Vec<String> = releasable
        .iter()
        .map(|order| world.reference(order).as_str().to_owned())
        .collect();
    wanted.sort_unstable();
    assert_eq!(
        arrived, wanted,
        "every releasable order once at the warehouse; KILL_SEED={seed}"
    );
    // The warehouse would have caught it, and another one might not.
    let refused = world.warehouse.writes().duplicates_refused;
    assert_eq!(
        refused, 0,
        "an order was sent again although the warehouse had it; KILL_SEED={seed}"
    );
    for order in &releasable {
        let tracking = world.tracking_in_shop(order);
        assert_eq!(
            tracking.len(),
            1,
            "{} shows {tracking:?}; KILL_SEED={seed}",
            order.number()
        );
    }

    // What is on record says the same.
    world.open();
    let mut interrupted = 0;
    for order in &releasable {
        world.assert_accepted(order).await;
        assert_eq!(
            world.state(order).await,
            OrderState::Closed,
            "{}; KILL_SEED={seed}",
            order.number()
        );
        let events = world.events(order).await;
        interrupted += u64::from(events.contains(&OrderEvent::LeaseExpired));
    }
    eprintln!(
        "{interrupted} of {} orders were under way when the process died",
        releasable.len()
    );
    for order in &held {
        assert_eq!(world.state(order).await, OrderState::Held);
    }
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert!(
        audit.accounts() && audit.ghosts.is_empty(),
        "{audit:?}; KILL_SEED={seed}"
    );
}
