//! Orders from the shop to the warehouse, over HTTP between two simulators and with a store on the disk.
//!
//! # The bound
//!
//! The gates are ratios to what the same machine does at best in the same run. That bound is the sum of the parts that no program
//! can leave out, **each measured alone** and with nothing else going on: a page of the shop's list read and parsed, the order
//! captured durably, two durable transitions (intent and result) in groups of as many as are in flight, and the POST of the same body
//! to the same warehouse. It is a bound and no program: nobody reaches it, since the parts share two processors.
//!
//! The *reference pipeline*, which does those parts together and nothing else (no mapping, no timeline, no leases), shows how near to
//! it anybody comes. It is printed, and no gate.
//!
//! The shop's list has summaries only, so the engine fetches every order by itself. The bound leaves that out, too: it costs the
//! engine as much as the POST does and is printed beside it.
//!
//! With one order in flight the bound is two commits and one POST, each measured alone.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use end_to_end::{PurchaseDraft, Setup, World};
use futures_util::StreamExt as _;
use order_sync::{Flow, Store, Tally};
use tempfile::TempDir;

use crate::bare_http::{self, BareHttp};
use crate::bare_store::{BareStore, Committer};
use crate::engines::{self, IN_FLIGHT};
use crate::measured::{Measured, Rounds};

/// Orders of a round.
const ORDERS: u32 = 2_000;
const ROUNDS: u32 = 7;
/// The same with one in flight.
const SERIAL_ORDERS: u32 = 300;

pub(crate) fn measure(folder: &Path) -> Measured {
    // As many threads as there are processors: the simulators need them as well.
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut measured = runtime.block_on(many(folder));
    measured.merge(runtime.block_on(one_by_one(folder)));
    measured
}

/// A world with an engine that has so many orders in flight, and orders that nothing is wrong with.
pub(crate) struct Case {
    world: World,
    http: BareHttp,
    next: u32,
}

impl Case {
    /// The same over another store than a file.
    pub(crate) async fn over(store: Arc<dyn Store>, in_flight: usize) -> Self {
        let mut case = Self::start(in_flight).await;
        case.world.close();
        let warehouse = case.world.warehouse_port();
        case.world.open_over(store, warehouse);
        case
    }

    pub(crate) async fn start(in_flight: usize) -> Self {
        let setup = Setup {
            settings: engines::settings(in_flight),
            ..Setup::default()
        };
        let world = World::of(setup).await;
        let http = BareHttp::sign_in(&world).await;
        Self {
            world,
            http,
            next: 1,
        }
    }

    /// Places new orders, and returns since when they are there, and their numbers.
    pub(crate) async fn place(&mut self, orders: u32) -> (DateTime<Utc>, std::ops::Range<u32>) {
        // Out of the reach of the last reading's overlap, and with new tokens for everybody.
        self.world.pass(Duration::from_secs(1_200));
        self.http = BareHttp::sign_in(&self.world).await;
        let since = self.world.shop.now();
        let numbers = self.next..self.next + orders;
        self.next += orders;
        for number in numbers.clone() {
            let draft = PurchaseDraft::new(number).lines(&[
                ("MUG-01", 4),
                ("TEA POT", 2),
                ("CUP/RED", 12),
                ("PLATE", 6),
            ]);
            let text = draft.placed(since).to_string();
            self.world.shop.put_purchase_text(&text).unwrap();
        }
        (since, numbers)
    }

    /// The engine's run of the orders flow.
    pub(crate) async fn engine(&self, orders: u32) -> Duration {
        let begun = Instant::now();
        let report = self.world.complete(Flow::Orders).await;
        let took = begun.elapsed();
        assert_eq!(
            report.count(Tally::Accepted),
            u64::from(orders),
            "{:?}",
            report.tallies
        );
        took
    }

    /// The pages of the list, four at a time.
    async fn pages(&self, since: DateTime<Utc>, orders: u32) -> Vec<String> {
        let offsets = (0..orders).step_by(bare_http::PAGE as usize);
        let mut pages = futures_util::stream::iter(offsets)
            .map(|offset| self.http.page(since, offset))
            .buffer_unordered(4);
        let mut ids = Vec::new();
        while let Some(page) = pages.next().await {
            assert!(page.iter().all(|order| !order.dates.updated_at.is_empty()));
            ids.extend(
                page.into_iter()
                    .map(|order| order.purchase_identifiers.sparklayer),
            );
        }
        assert_eq!(ids.len(), orders as usize);
        ids
    }

    async fn fetch(&self, ids: Vec<String>) {
        futures_util::stream::iter(ids)
            .for_each_concurrent(IN_FLIGHT, async |id| {
                assert!(self.http.order(&id).await > 500);
            })
            .await;
    }

    /// The creates, so many at once. Numbers are never used twice.
    async fn creates(&self, numbers: std::ops::Range<u32>, in_flight: usize) {
        futures_util::stream::iter(numbers)
            .for_each_concurrent(in_flight, |number| {
                self.http.create(bare_http::body(number))
            })
            .await;
    }
}

/// Numbers of orders that only the floors send.
fn floor_numbers(numbers: &std::ops::Range<u32>, way: u32) -> std::ops::Range<u32> {
    let offset = way * 100_000_000;
    numbers.start + offset..numbers.end + offset
}

async fn many(folder: &Path) -> Measured {
    let mut case = Case::start(IN_FLIGHT).await;
    let [
        mut engine,
        mut pipeline,
        mut page,
        mut fetch,
        mut capture,
        mut transition,
        mut post,
    ] = std::array::from_fn(|_| Rounds::default());
    for round in 0..=ROUNDS {
        let (since, numbers) = case.place(ORDERS).await;
        let run = case.engine(ORDERS).await;

        let begun = Instant::now();
        let ids = case.pages(since, ORDERS).await;
        let listed = begun.elapsed();
        let begun = Instant::now();
        case.fetch(ids).await;
        let fetched = begun.elapsed();

        let files = TempDir::new_in(folder).unwrap();
        let store = BareStore::create(&files.path().join("bare.db"));
        let begun = Instant::now();
        for from in numbers.clone().step_by(500) {
            let page = from..numbers.end.min(from + 500);
            store.capture(page.map(|number| (number, bare_http::body(number))));
        }
        let captured = begun.elapsed();
        let all: Vec<u32> = numbers.clone().collect();
        let begun = Instant::now();
        for group in all.chunks(IN_FLIGHT) {
            store.commit(group.iter().map(|number| (*number, "sending")));
        }
        let committed = begun.elapsed();

        let begun = Instant::now();
        case.creates(floor_numbers(&numbers, 1), IN_FLIGHT).await;
        let posted = begun.elapsed();

        let store = BareStore::create(&files.path().join("pipeline.db"));
        let begun = Instant::now();
        reference_pipeline(&case, since, &numbers, store).await;
        let piped = begun.elapsed();
        // The first one warms up.
        if round > 0 {
            engine.add(run, ORDERS);
            page.add(listed, ORDERS);
            fetch.add(fetched, ORDERS);
            capture.add(captured, ORDERS);
            transition.add(committed, ORDERS);
            post.add(posted, ORDERS);
            pipeline.add(piped, ORDERS);
        }
    }
    let bound = page.median() + capture.median() + 2.0 * transition.median() + post.median();
    let mut measured = Measured::default();
    measured.time("orders/32_in_flight", engine.median());
    measured.time("orders/bound", bound);
    measured.time("orders/reference_pipeline", pipeline.median());
    let micros = |rounds: &Rounds| rounds.median() / 1e3;
    measured.fact(format!(
        "With 32 in flight the engine moves {:.0} orders a second, a reference pipeline without rules, timeline and leases {:.0}, and the bound is {:.0}: per order {:.0} µs for the page, {:.0} µs for the capture, {:.0} µs for each of two transitions, {:.0} µs for the POST. Not in the bound: {:.0} µs for the GET of each order, since the shop's list has summaries only.",
        1e9 / engine.median(), 1e9 / pipeline.median(), 1e9 / bound,
        micros(&page), micros(&capture), micros(&transition), micros(&post), micros(&fetch),
    ));
    measured
}

/// Durable capture, durable intent, POST, durable result, and nothing else.
async fn reference_pipeline(
    case: &Case,
    since: DateTime<Utc>,
    numbers: &std::ops::Range<u32>,
    store: BareStore,
) {
    let store = Committer::start(store);
    let listed = case.pages(since, ORDERS).await;
    assert_eq!(listed.len(), numbers.len());
    for from in numbers.clone().step_by(500) {
        let page = from..numbers.end.min(from + 500);
        let orders = page.map(|number| (number, bare_http::body(number)));
        store.capture(orders.collect()).await;
    }
    futures_util::stream::iter(numbers.clone())
        .for_each_concurrent(IN_FLIGHT, async |number| {
            store.commit(number, "sending").await;
            case.http
                .create(bare_http::body(number + 200_000_000))
                .await;
            store.commit(number, "accepted").await;
        })
        .await;
}

async fn one_by_one(folder: &Path) -> Measured {
    let mut case = Case::start(1).await;
    let [mut engine, mut commit, mut post] = std::array::from_fn(|_| Rounds::default());
    for round in 0..=ROUNDS {
        let (_, numbers) = case.place(SERIAL_ORDERS).await;
        let run = case.engine(SERIAL_ORDERS).await;

        let files = TempDir::new_in(folder).unwrap();
        let store = BareStore::create(&files.path().join("bare.db"));
        store.capture(
            numbers
                .clone()
                .map(|number| (number, bare_http::body(number))),
        );
        let begun = Instant::now();
        for number in numbers.clone() {
            store.commit([(number, "sending")]);
        }
        let committed = begun.elapsed();
        let begun = Instant::now();
        case.creates(floor_numbers(&numbers, 1), 1).await;
        let posted = begun.elapsed();
        if round > 0 {
            engine.add(run, SERIAL_ORDERS);
            commit.add(committed, SERIAL_ORDERS);
            post.add(posted, SERIAL_ORDERS);
        }
    }
    let bound = 2.0 * commit.median() + post.median();
    let mut measured = Measured::default();
    measured.time("orders/1_in_flight", engine.median());
    measured.time("orders/serial_bound", bound);
    measured.fact(format!(
        "One by one it moves {:.0} orders a second; two commits of {:.0} µs and a POST of {:.0} µs would allow {:.0}.",
        1e9 / engine.median(), commit.median() / 1e3, post.median() / 1e3, 1e9 / bound,
    ));
    measured
}
