//! A store that fails in the middle of a run: a clear report, nothing lost and nothing doubled once it works again.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::time::Duration;

use end_to_end::{PurchaseDraft, World};
use order_sync::{Flow, FlowOutcome, HealthLimits, HealthReason, Light};
use rusqlite::Connection;

const PAGE: u64 = 4096;

/// Runs the orders flow into the fault, and checks that the report names it.
async fn fails_with(world: &World, what: &str) {
    let report = world.run(Flow::Orders).await;
    let FlowOutcome::Failed { reason } = &report.outcome else {
        panic!("the run ended as {:?}", report.outcome);
    };
    assert!(reason.contains(what), "{reason}");
}

/// A store that nothing can be read from is what health itself ends with.
async fn health_fails_with(world: &World, what: &str) {
    let health = world.engine().health(&HealthLimits::default()).await;
    let error = health.expect_err("the store cannot be read");
    assert!(error.to_string().contains(what), "{error}");
}

/// No exception could be written by the run, and the store can be read again: health is red and says why.
async fn health_is_red(world: &World, what: &str) {
    let health = world
        .engine()
        .health(&HealthLimits::default())
        .await
        .unwrap();
    assert_eq!(health.light, Light::Red, "{:?}", health.reasons);
    let first = &health.reasons[0].text;
    assert!(first.contains("could not be written"), "{first}");
    assert!(first.contains(what), "{first}");
}

/// Everything arrived once, the books agree, and nobody is left with an exception.
async fn all_is_well(world: &World, orders: &[PurchaseDraft]) {
    // Orders in the hands of the run that was broken off come free with their lease.
    world.pass(Duration::from_secs(120));
    world.settle().await;
    for order in orders {
        world.assert_accepted(order).await;
    }
    let writes = world.warehouse.writes();
    assert_eq!(writes.accepted, u64::try_from(orders.len()).unwrap());
    assert_eq!(world.open_exceptions("FLOW_FAILED").await, []);
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert!(audit.accounts());
    let health = world
        .engine()
        .health(&HealthLimits::default())
        .await
        .unwrap();
    assert!(
        !health
            .reasons
            .iter()
            .any(|reason| reason.text.contains("could not be written")),
        "{:?}",
        health.reasons
    );
}

/// The space ends a few pages later each time, and so in another step of the run.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_disk_that_fills_in_the_middle_of_a_run_loses_and_doubles_nothing() {
    let mut failed_at = Vec::new();
    for spare in 0..40 {
        let mut world = World::start().await;
        world.close();
        let used = std::fs::metadata(world.database()).unwrap().len();
        world.limit_database(Some(used + spare * PAGE));
        world.open();
        let orders: Vec<PurchaseDraft> = (1001..1013).map(PurchaseDraft::new).collect();
        for order in &orders {
            world.put(order);
        }
        let report = world.run(Flow::Orders).await;
        let FlowOutcome::Failed { reason } = &report.outcome else {
            break;
        };
        assert!(reason.contains("disk is full"), "{reason}");
        failed_at.push(world.warehouse.orders().len());
        world.limit_database(None);
        world.reopen();
        all_is_well(&world, &orders).await;
    }
    assert!(
        failed_at.contains(&0),
        "before anything was sent: {failed_at:?}"
    );
    assert!(
        failed_at.iter().any(|sent| *sent > 0),
        "after something was sent: {failed_at:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_is_told_by_report_exception_and_health() {
    let mut world = World::start().await;
    world.close();
    world.limit_database(Some(1));
    world.open();
    // So many that there is no room for them inside the file.
    let orders: Vec<PurchaseDraft> = (1001..1031).map(PurchaseDraft::new).collect();
    for order in &orders {
        world.put(order);
    }
    fails_with(&world, "disk is full").await;
    // What is small still fits: the exception, and what health reads.
    assert_eq!(world.open_exceptions("FLOW_FAILED").await.len(), 1);
    assert_eq!(world.alerts.opened("FLOW_FAILED").len(), 1);
    let health = world
        .engine()
        .health(&HealthLimits::default())
        .await
        .unwrap();
    assert!(health.light > Light::Green);
    let told = |reason: &HealthReason| reason.text.contains("make room");
    assert!(health.reasons.iter().any(told), "{:?}", health.reasons);
    assert_eq!(world.warehouse.orders().len(), 0);
    world.limit_database(None);
    world.reopen();
    all_is_well(&world, &orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_another_program_has_locked_is_told_and_read_again_once_it_is_free() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001);
    world.put(&order);
    let other = Connection::open(world.database()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    fails_with(&world, "locked by another program").await;
    health_fails_with(&world, "locked by another program").await;
    assert_eq!(world.warehouse.orders().len(), 0);
    other.execute_batch("ROLLBACK").unwrap();
    health_is_red(&world, "locked by another program").await;
    all_is_well(&world, &[order]).await;
}

/// The store is locked after the first create was answered: the worst moment, since the answer cannot be recorded.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_that_is_locked_between_call_and_record_doubles_nothing() {
    let mut world = World::start().await;
    world.close();
    let plan = world.open_holding(1);
    let orders = [1001, 1002, 1003].map(PurchaseDraft::new);
    for order in &orders {
        world.put(order);
    }
    let locked = async {
        plan.until_held(1).await;
        let other = Connection::open(world.database()).unwrap();
        other.busy_timeout(Duration::from_secs(30)).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        plan.release();
        other
    };
    let run = fails_with(&world, "locked by another program");
    let ((), other) = tokio::join!(run, locked);
    health_fails_with(&world, "locked by another program").await;
    let sent = world.warehouse.orders().len();
    assert!(sent > 0, "the lock came before the first create");
    drop(other);
    // The fault is over, and a new process takes over.
    world.reopen();
    all_is_well(&world, &orders).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_breaks_under_a_run_sends_nothing_and_goes_on_from_the_backup() {
    let mut world = World::start().await;
    let before = PurchaseDraft::new(1001);
    world.put(&before);
    world.settle().await;
    // A change by another connection makes the store read its pages again; then they are broken.
    let other = Connection::open(world.database()).unwrap();
    other
        .execute_batch(
            "CREATE TABLE scratch (x); DROP TABLE scratch; PRAGMA wal_checkpoint(TRUNCATE)",
        )
        .unwrap();
    drop(other);
    let whole = std::fs::read(world.database()).unwrap();
    let mut broken = whole.clone();
    for byte in broken.iter_mut().skip(3 * 4096).step_by(3) {
        *byte = 0xAA;
    }
    overwrite(&world, &broken);
    let after = PurchaseDraft::new(1002);
    world.put(&after);
    fails_with(&world, "restore a backup").await;
    assert_eq!(world.at_warehouse(&after), []);
    let health = world.engine().health(&HealthLimits::default()).await;
    match health {
        Ok(health) => assert_eq!(health.light, Light::Red, "{:?}", health.reasons),
        Err(error) => assert!(error.to_string().contains("restore a backup"), "{error}"),
    }

    world.close();
    for rest in ["-wal", "-shm"] {
        let mut name = world.database().as_os_str().to_owned();
        name.push(rest);
        let _ = std::fs::remove_file(name);
    }
    std::fs::write(world.database(), &whole).unwrap();
    world.open();
    all_is_well(&world, &[before, after]).await;
}

/// Into the same file, without cutting it: that is what a failing disk does.
fn overwrite(world: &World, bytes: &[u8]) {
    use std::io::Write as _;
    let mut file = std::fs::File::options()
        .write(true)
        .open(world.database())
        .unwrap();
    file.write_all(bytes).unwrap();
}
