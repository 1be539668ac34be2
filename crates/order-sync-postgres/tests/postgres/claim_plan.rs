//! Claims and changes cost the same however many orders there are: the traps of a plan that is made for no particular values, and of a
//! merchant whom the planner knows nothing about, included.

use std::time::{Duration as Time, Instant};

use chrono::Duration;
use order_sync::{ClaimKind, OrderEvent, OrderState, Store as _};
use order_sync_postgres::PostgresStore;
use tokio_postgres::Client;

use crate::fixtures::{CLOSED, at, captured, change, merchant, moved, ready};
use crate::server::Namespace;

const OPEN: i64 = 50_000;
const CLOSED_ORDERS: i64 = 1_000_000;
const BATCH: usize = 20;

/// Copies of a ready order and of a closed one. Closed records are not read by what is measured here, and left short.
async fn fill(namespace: &Namespace) {
    let store = namespace.open(namespace.options()).await;
    ready(&store, &merchant(), "seed").await;
    let record = captured(&store, &merchant(), "gone").await;
    let gone = moved(&store, record, &CLOSED).await;
    assert_eq!(gone.state, OrderState::Closed);
    let columns = "state, work, due_at, change_due_at, lease_until, has_request, accepted_at, captured_at, changed_at, personal";
    let admin = namespace.admin().await;
    let sql = format!(
        "INSERT INTO order_records (merchant, id, shelf, revision, record) \
         SELECT merchant, 'bulk-' || n, shelf, revision, replace(record, '\"id\":\"seed\"', '\"id\":\"bulk-' || n || '\"') \
         FROM order_records, generate_series(1, {OPEN}) n WHERE id = 'seed'; \
         INSERT INTO orders (merchant, id, shelf, revision, {columns}) SELECT merchant, 'bulk-' || n, shelf, revision, {columns} \
         FROM orders, generate_series(1, {OPEN}) n WHERE id = 'seed'; \
         INSERT INTO order_records (merchant, id, shelf, revision, record) \
         SELECT merchant, 'closed-' || n, shelf, revision, '{{}}' \
         FROM order_records, generate_series(1, {CLOSED_ORDERS}) n WHERE id = 'gone'; \
         INSERT INTO orders (merchant, id, shelf, revision, {columns}) SELECT merchant, 'closed-' || n, shelf, revision, {columns} \
         FROM orders, generate_series(1, {CLOSED_ORDERS}) n WHERE id = 'gone'"
    );
    admin.batch_execute(&sql).await.unwrap();
}

async fn claims(store: &PostgresStore, times: usize) -> Vec<Time> {
    let mut took = Vec::new();
    for _ in 0..times {
        let begun = Instant::now();
        let lease = Duration::seconds(60);
        let claims = store
            .claim(&merchant(), ClaimKind::Send, BATCH, lease, at(9))
            .await
            .unwrap();
        took.push(begun.elapsed());
        assert_eq!(claims.len(), BATCH);
    }
    took
}

/// How often a table was read from end to end, and rows that were fetched through indexes.
async fn reads(admin: &Client, table: &str) -> (i64, i64) {
    let sql = "SELECT coalesce(seq_scan, 0), coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables \
               WHERE schemaname = current_schema() AND relname = $1";
    let row = admin.query_one(sql, &[&table]).await.unwrap();
    (row.get(0), row.get(1))
}

async fn settled_reads(admin: &Client, table: &str) -> (i64, i64) {
    // What a connection counted is added up when it ends, or a second later.
    tokio::time::sleep(Time::from_millis(1_200)).await;
    reads(admin, table).await
}

/// The same once the claims are counted: an index was read, whatever else was.
async fn reads_after(admin: &Client, table: &str, before: (i64, i64)) -> (i64, i64) {
    for _ in 0..20 {
        let after = settled_reads(admin, table).await;
        if after.1 > before.1 {
            return after;
        }
    }
    panic!("no claim read {table} through an index");
}

#[tokio::test]
async fn fifty_claims_in_a_row_stay_as_quick_as_the_first() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    fill(&namespace).await;
    let admin = namespace.admin().await;
    let worker = namespace.worker().await;
    let open = async || {
        let options = namespace
            .options()
            .without_migrations()
            .with_max_connections(1);
        PostgresStore::connect(&worker, options).await.unwrap()
    };
    // First as the planner finds the tables, then with figures about them and a plan for no particular values.
    for generic in [false, true] {
        if generic {
            let role = worker
                .split("user=")
                .nth(1)
                .unwrap()
                .split(' ')
                .next()
                .unwrap();
            let sql = format!(
                "ANALYZE orders; ANALYZE order_records; ALTER ROLE {role} SET plan_cache_mode = force_generic_plan"
            );
            admin.batch_execute(&sql).await.unwrap();
        }
        let mut before = Vec::new();
        for table in ["orders_open", "order_records"] {
            before.push(settled_reads(&admin, table).await);
        }
        let store = open().await;
        let took = claims(&store, 50).await;
        drop(store);
        for (table, before) in ["orders_open", "order_records"].into_iter().zip(before) {
            let after = reads_after(&admin, table, before).await;
            assert_eq!(
                after.0, before.0,
                "{table} was read from end to end (generic: {generic})"
            );
            let fetched = after.1 - before.1;
            // Each claimed order is found, locked and written: a few fetches, and those of rows that were just overwritten.
            assert!(
                fetched < 50 * 20 * 60,
                "{table}: {fetched} rows were fetched (generic: {generic})"
            );
        }
        let first = took[..5].iter().max().unwrap();
        let mut later: Vec<Time> = took[5..].to_vec();
        later.sort();
        let middle = later[later.len() / 2];
        assert!(
            middle < *first * 5 + Time::from_millis(5),
            "the first claims took {first:?} at most, later ones {middle:?} (generic: {generic}): {took:?}"
        );
        // Far above what it takes, far below what it took while statements were compiled, or whole tables sorted.
        assert!(middle < Time::from_millis(200), "{took:?}");
    }
}

#[tokio::test]
async fn changes_of_a_merchant_without_figures_read_their_own_orders_only() {
    const ORDERS: i64 = 3_000;
    const CHANGES: usize = 100;
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    ready(&store, &merchant(), "seed").await;
    let columns = "state, work, due_at, change_due_at, lease_until, has_request, accepted_at, captured_at, changed_at, personal";
    let admin = namespace.admin().await;
    // The planner has figures from before the merchant's orders came.
    let sql = format!(
        "ALTER TABLE orders_open SET (autovacuum_enabled = false); ALTER TABLE order_records SET (autovacuum_enabled = false); \
         ANALYZE orders; ANALYZE order_records; \
         INSERT INTO order_records (merchant, id, shelf, revision, record) \
         SELECT merchant, 'bulk-' || n, shelf, revision, replace(record, '\"id\":\"seed\"', '\"id\":\"bulk-' || n || '\"') \
         FROM order_records, generate_series(1, {ORDERS}) n WHERE id = 'seed'; \
         INSERT INTO orders (merchant, id, shelf, revision, {columns}) SELECT merchant, 'bulk-' || n, shelf, revision, {columns} \
         FROM orders, generate_series(1, {ORDERS}) n WHERE id = 'seed'"
    );
    admin.batch_execute(&sql).await.unwrap();
    let records = store
        .orders(&merchant(), &[OrderState::Ready], None, CHANGES)
        .await
        .unwrap();
    assert_eq!(records.len(), CHANGES);
    drop(store);
    let mut before = Vec::new();
    for table in ["orders_open", "order_records"] {
        before.push(settled_reads(&admin, table).await);
    }
    // As workers do, under row-level security.
    let worker = namespace.worker().await;
    let options = namespace.options().without_migrations();
    let store = PostgresStore::connect(&worker, options).await.unwrap();
    let (together, alone) = records.split_at(CHANGES / 2);
    let changes = together
        .iter()
        .map(|record| change(record, OrderEvent::Claimed));
    let written = store.commit_all(changes.collect()).await.unwrap();
    assert!(written.iter().all(Result::is_ok));
    for record in alone {
        let written = store.commit(change(record, OrderEvent::Claimed)).await;
        written.unwrap().unwrap();
    }
    drop(store);
    for (table, before) in ["orders_open", "order_records"].into_iter().zip(before) {
        let after = reads_after(&admin, table, before).await;
        assert_eq!(after.0, before.0, "{table} was read from end to end");
        let fetched = after.1 - before.1;
        assert!(
            fetched < CHANGES as i64 * 20,
            "{table}: {fetched} rows were fetched for {CHANGES} changes"
        );
    }
}
