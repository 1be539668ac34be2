//! The engine over a PostgreSQL store that several workers share. Runs where `DATABASE_URL` names a server (`cargo xtask test` starts
//! one); fails without under `CI=true`.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::sync::Arc;
use std::time::Duration;

use end_to_end::{PurchaseDraft, World};
use order_sync::{CancellationToken, Flow, OrderState, Store};
use order_sync_postgres::{PostgresOptions, PostgresStore};

/// A world whose engine works over a schema of its own.
struct Shared {
    world: World,
    url: String,
    schema: &'static str,
    options: PostgresOptions,
}

impl Shared {
    #[allow(
        clippy::print_stderr,
        clippy::disallowed_methods,
        reason = "a test reads its environment and tells what it did not do"
    )]
    async fn start(schema: &'static str) -> Option<Self> {
        let Some(url) = std::env::var("DATABASE_URL")
            .ok()
            .filter(|url| !url.is_empty())
        else {
            let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
            assert!(
                !ci,
                "DATABASE_URL names no server, and under CI=true that is a failure"
            );
            eprintln!(
                "NOT RUN: this test needs a PostgreSQL server in DATABASE_URL (cargo xtask test starts one)"
            );
            return None;
        };
        let mut world = World::start().await;
        world.close();
        let options = PostgresOptions::new()
            .with_schema(schema)
            .with_callers_clock(world.now());
        let shared = Self {
            world,
            url,
            schema,
            options,
        };
        shared.drop_schema().await;
        Some(shared)
    }

    async fn drop_schema(&self) {
        let (client, connection) = tokio_postgres::connect(&self.url, tokio_postgres::NoTls)
            .await
            .unwrap();
        tokio::spawn(connection);
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
        client.batch_execute(&sql).await.unwrap();
    }

    /// A worker of its own: another pool, as on another machine.
    async fn store(&self) -> Arc<dyn Store> {
        Arc::new(
            PostgresStore::connect(&self.url, self.options.clone())
                .await
                .unwrap(),
        )
    }

    /// Another worker takes the place of the one at work.
    async fn open(&mut self) {
        let store = self.store().await;
        self.world.close();
        let warehouse = self.world.warehouse_port();
        self.world.open_over(store, warehouse);
    }

    async fn end(mut self) {
        self.world.close();
        self.drop_schema().await;
    }
}

#[tokio::test]
async fn a_days_work_is_done_once_whoever_looks_again() {
    let Some(mut shared) = Shared::start("end_to_end_day").await else {
        return;
    };
    shared.open().await;
    let world = &shared.world;
    let orders: Vec<PurchaseDraft> = (1001..1007).map(PurchaseDraft::new).collect();
    let held = [
        PurchaseDraft::new(1007).option("Saturday Pallet"),
        PurchaseDraft::new(1008).on_account(),
    ];
    for order in orders.iter().chain(&held) {
        world.put(order);
    }
    world.settle().await;
    world.tick();
    world.settle().await;
    world.pass(Duration::from_secs(600));
    world.complete(Flow::Stock).await;
    world.complete(Flow::Audit).await;
    for order in &orders {
        assert_eq!(world.state(order).await, OrderState::Closed);
    }
    for order in &held {
        assert_eq!(world.state(order).await, OrderState::Held);
    }

    let writes = (world.shop.writes(), world.warehouse.writes());
    let counts = world.counts().await;
    shared.open().await;
    for flow in Flow::ALL {
        let report = shared.world.complete(flow).await;
        assert_eq!(report.changes(), 0, "{flow}: {:?}", report.tallies);
    }
    let world = &shared.world;
    assert_eq!((world.shop.writes(), world.warehouse.writes()), writes);
    assert_eq!(world.counts().await, counts);
    shared.end().await;
}

#[tokio::test]
async fn workers_that_die_between_call_and_answer_double_nothing() {
    let Some(mut shared) = Shared::start("end_to_end_deaths").await else {
        return;
    };
    let orders: Vec<PurchaseDraft> = (1001..1009).map(PurchaseDraft::new).collect();
    for order in &orders {
        shared.world.put(order);
    }
    for create in 1..4 {
        let store = shared.store().await;
        shared.world.close();
        let (doom, warehouse) = shared.world.holding_warehouse(create);
        shared.world.open_over(store, warehouse);
        let stop = CancellationToken::new();
        tokio::select! {
            _report = shared.world.engine().run_once(Flow::Orders, &stop) => {}
            () = doom.until_held(1) => {}
        }
        // The dead one's leases, on the flow and on its orders, have to run out.
        shared.world.pass(Duration::from_secs(700));
    }
    shared.open().await;
    shared.world.settle().await;
    for order in &orders {
        shared.world.assert_accepted(order).await;
    }
    let writes = shared.world.warehouse.writes();
    assert_eq!(writes.order_posts, 8, "each once");
    assert_eq!(writes.duplicates_refused, 0);
    shared.end().await;
}
