//! Personal data sealed under a whole engine: a store that gets a key, and rows that do not open any more.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use connector_sim::{Fault, FaultKind};
use end_to_end::{PurchaseDraft, World};
use http::Method;
use order_sync::{Flow, KeyRing, OrderState, PersonalDataKey, Tally};
use order_sync_sqlite::{OpenOptions, SqliteStore};

/// The company of every draft begins so.
const PLANTED: &str = "12 Example Street";

fn open_sealed(world: &mut World) {
    let keys = KeyRing::new(PersonalDataKey::new("2026", [3; 32]).unwrap());
    let options = OpenOptions::new(world.now()).with_personal_data_keys(keys);
    let store = SqliteStore::open(world.database(), options).unwrap();
    let warehouse = world.warehouse_port();
    world.open_over(Arc::new(store), warehouse);
}

fn is_in_the_file(world: &World, text: &str) -> bool {
    let bytes = std::fs::read(world.database()).unwrap();
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Turns the last letters of what is sealed of an order into others.
fn damage(world: &World, table: &str, column: &str, order: &PurchaseDraft) {
    let connection = rusqlite::Connection::open(world.database()).unwrap();
    let sql = format!(
        "UPDATE {table} SET {column} = substr({column}, 1, length({column}) - 8) || 'AAAAAAAA' \
         WHERE order_number = (SELECT number FROM orders WHERE id = ?1)"
    );
    assert_eq!(connection.execute(&sql, [order.id()]).unwrap(), 1);
    connection.close().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_store_in_clear_that_gets_a_key_is_sealed_by_housekeeping_and_works_on() {
    let mut world = World::start().await;
    let (before, after) = (PurchaseDraft::new(1001), PurchaseDraft::new(1002));
    world.put(&before);
    world.complete(Flow::Orders).await;
    world.close();
    assert!(is_in_the_file(&world, PLANTED));

    open_sealed(&mut world);
    world.put(&after);
    world.complete(Flow::Orders).await;
    let report = world.complete(Flow::Housekeeping).await;
    assert_eq!(report.count(Tally::Resealed), 2, "source and recipient");
    let report = world.complete(Flow::Housekeeping).await;
    assert_eq!(report.count(Tally::Resealed), 0, "once for each key");
    for order in [&before, &after] {
        world.assert_accepted(order).await;
    }
    world.close();
    assert!(!is_in_the_file(&world, PLANTED));
    open_sealed(&mut world);
    world.tick();
    world.settle().await;
    for order in [&before, &after] {
        assert_eq!(world.state(order).await, OrderState::Closed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_order_whose_people_do_not_open_waits_for_a_person_and_the_others_go() {
    let mut world = World::start().await;
    world.close();
    open_sealed(&mut world);
    let [waiting, unsent, good] = [1001, 1002, 1003].map(PurchaseDraft::new);
    let waiting = waiting.on_account();
    // The warehouse knows nobody, so what is ready stays so.
    let refuses = Fault::on(Method::POST, "/v1/orders", FaultKind::Unauthorised);
    world.warehouse.faults().arm(refuses.times(1000));
    for order in [&waiting, &unsent, &good] {
        world.put(order);
    }
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&waiting).await, OrderState::Held);
    for order in [&unsent, &good] {
        assert_eq!(world.state(order).await, OrderState::Ready);
    }
    world.close();
    damage(&world, "order_personal", "details", &waiting);
    damage(&world, "intent_personal", "recipient", &unsent);
    open_sealed(&mut world);
    world.warehouse.faults().clear();
    world.pass(Duration::from_secs(3600));
    world.complete(Flow::Orders).await;

    world.assert_accepted(&good).await;
    assert_eq!(world.state(&waiting).await, OrderState::Held);
    assert_eq!(world.state(&unsent).await, OrderState::Parked);
    let open = world.open_exceptions("PERSONAL_DATA_UNREADABLE").await;
    assert_eq!(open.len(), 2);
    for exception in &open {
        assert!(!exception.finding.detail.contains(PLANTED));
    }

    // The shop's news brings the people of the one that waits again.
    world.put(&waiting.clone().approved());
    world.pass(Duration::from_secs(3600));
    world.complete(Flow::Orders).await;
    assert_eq!(world.state(&waiting).await, OrderState::Accepted);
    let open = world.open_exceptions("PERSONAL_DATA_UNREADABLE").await;
    assert_eq!(open.len(), 1);
    let parked = world.known(&unsent).await.unwrap();
    world
        .engine()
        .replay(&parked.id, "read again")
        .await
        .unwrap();
    world.settle().await;
    world.assert_accepted(&unsent).await;
    assert!(
        world
            .open_exceptions("PERSONAL_DATA_UNREADABLE")
            .await
            .is_empty()
    );
}
