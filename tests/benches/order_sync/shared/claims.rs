//! Claims beside a million closed orders and 50,000 that are due, with plans for the values at hand and with plans for none.
//!
//! The floor is the least that claims rows durably: one table of narrow rows, one statement, prepared, through the bare client. The
//! store's claim takes as many orders, reads what a worker needs of each (record, payload, recipient), checks it, and writes
//! record, search row and timeline of each.

use std::sync::Arc;
use std::time::Instant;

use chrono::Duration;
use order_sync::{ClaimKind, Clock as _, MerchantId, OrderEvent, Store, SystemClock};
use tokio_postgres::{Client, Statement};

use super::database::{self, Database};
use super::filled;
use crate::engines;
use crate::measured::{Measured, Rounds};

const OPEN: i64 = 50_000;
/// Orders of a claim that is held to the limit.
const BATCH: usize = 20;
/// As many as an engine takes by default.
const FULL_BATCH: usize = 64;
const CLAIMS: usize = 300;
const FULL_CLAIMS: usize = 60;
const MERCHANT: &str = "the-merchant";

const CLOSED: [OrderEvent; 5] = [
    OrderEvent::Claimed,
    OrderEvent::Confirmed,
    OrderEvent::FullyDespatched,
    OrderEvent::RelaySeen,
    OrderEvent::ProofHeld,
];

pub(crate) fn measure(closed: i64) -> Measured {
    engines::runtime().block_on(claims(closed))
}

async fn claims(closed: i64) -> Measured {
    let database = Database::create().await;
    let begun = Instant::now();
    fill(&database, closed).await;
    let filled = begun.elapsed();
    let custom = database.open_with(&[], 1).await;
    let generic = [("plan_cache_mode", "force_generic_plan")];
    let generic = database.open_with(&generic, 1).await;
    let bare = database::connect(&database.worker_url(&[])).await;
    let least = prepare(&bare, &database.schema).await;
    let [mut by_values, mut by_none, mut floor] = std::array::from_fn(|_| Rounds::default());
    for round in 0..CLAIMS + 10 {
        let of_custom = claim(&custom, BATCH).await;
        let of_generic = claim(&generic, BATCH).await;
        let begun = Instant::now();
        let taken = bare.query(&least, &[&(BATCH as i64)]).await.unwrap();
        let of_bare = begun.elapsed();
        assert_eq!(taken.len(), BATCH);
        // The first ones warm up.
        if round >= 10 {
            by_values.add(of_custom, 1);
            by_none.add(of_generic, 1);
            floor.add(of_bare, 1);
        }
    }
    let mut full = Rounds::default();
    for _ in 0..FULL_CLAIMS {
        full.add(claim(&custom, FULL_BATCH).await, 1);
    }
    let mut measured = Measured::default();
    measured.time("claims/p99", by_values.p99());
    measured.time("claims/p99_generic", by_none.p99());
    measured.time("claims/median", by_values.median());
    measured.time("claims/median_generic", by_none.median());
    measured.time("claims/bare_median", floor.median());
    let millis = |nanoseconds: f64| nanoseconds / 1e6;
    measured.fact(format!(
        "Claims of {BATCH} orders beside {closed} closed and {OPEN} open ones ({:.0} s to fill): median {:.2} ms, p99 {:.2} ms; with a plan for no particular values {:.2} and {:.2} ms; the bare statement {:.2} and {:.2} ms. Of {FULL_BATCH} orders, as many as a worker takes at once: {:.2} and {:.2} ms.",
        filled.as_secs_f64(),
        millis(by_values.median()), millis(by_values.p99()),
        millis(by_none.median()), millis(by_none.p99()),
        millis(floor.median()), millis(floor.p99()),
        millis(full.median()), millis(full.p99()),
    ));
    drop((custom, generic, bare));
    database.end().await;
    measured
}

/// How long a claim takes that finds as many orders as it wants.
pub(crate) async fn claim_of(
    store: &Arc<dyn Store>,
    merchant: &MerchantId,
    orders: usize,
) -> std::time::Duration {
    let now = SystemClock::new().now();
    let begun = Instant::now();
    let claims = store
        .claim(
            merchant,
            ClaimKind::Send,
            orders,
            Duration::seconds(600),
            now,
        )
        .await
        .unwrap();
    let took = begun.elapsed();
    assert_eq!(claims.len(), orders);
    assert!(claims.iter().all(|claim| claim.intent.is_some()));
    took
}

async fn claim(store: &Arc<dyn Store>, orders: usize) -> std::time::Duration {
    claim_of(store, &MerchantId::new(MERCHANT), orders).await
}

/// Copies of an order that is due, and of one that is closed; what is closed is not read here, and left short.
async fn fill(database: &Database, closed: i64) {
    let store = database.open().await;
    let due = filled::seed(&*store, MERCHANT, 0, &[]).await;
    filled::seed(&*store, MERCHANT, 1, &CLOSED).await;
    let admin = database.admin().await;
    // Nobody waits for what is only being made.
    admin
        .batch_execute("SET synchronous_commit = off")
        .await
        .unwrap();
    let copies = format!(
        "SELECT '{MERCHANT}' AS merchant, 'open-' || n AS id, 'O' || n AS reference FROM generate_series(1, {OPEN}) n"
    );
    filled::copy(&admin, &due, filled::OF_DUE, &copies).await;
    let columns = "shelf, revision, state, work, due_at, change_due_at, lease_until, has_request, accepted_at, captured_at, changed_at, personal";
    let gone = "state = 'closed'";
    let sql = format!(
        "INSERT INTO order_records (merchant, id, shelf, revision, record) \
         SELECT o.merchant, 'closed-' || n, o.shelf, o.revision, '{{}}' FROM orders o, generate_series(1, {closed}) n WHERE o.{gone}; \
         INSERT INTO orders (merchant, id, {columns}) \
         SELECT merchant, 'closed-' || n, {columns} FROM orders, generate_series(1, {closed}) n WHERE {gone}; \
         CREATE TABLE bare_orders (id bigint PRIMARY KEY, state text NOT NULL, due_at timestamptz NOT NULL, \
             lease_until timestamptz, token bigint NOT NULL) WITH (fillfactor = 70); \
         INSERT INTO bare_orders SELECT n, CASE WHEN n <= {OPEN} THEN 'ready' ELSE 'closed' END, now(), NULL, 0 \
         FROM generate_series(1, {OPEN} + {closed}) n; \
         CREATE INDEX bare_orders_due ON bare_orders (due_at, id) WHERE state = 'ready'; \
         GRANT ALL ON bare_orders TO PUBLIC"
    );
    admin.batch_execute(&sql).await.unwrap();
    filled::settle(&admin).await;
    admin
        .batch_execute("VACUUM ANALYZE bare_orders")
        .await
        .unwrap();
}

async fn prepare(bare: &Client, schema: &str) -> Statement {
    let sql = format!(
        "UPDATE {schema}.bare_orders SET state = 'sending', token = token + 1, lease_until = clock_timestamp() + interval '60 s' \
         WHERE id = ANY(ARRAY(SELECT id FROM {schema}.bare_orders WHERE state = 'ready' AND due_at <= clock_timestamp() \
         ORDER BY due_at, id FOR UPDATE SKIP LOCKED LIMIT $1)) RETURNING id, token"
    );
    bare.prepare(&sql).await.unwrap()
}
