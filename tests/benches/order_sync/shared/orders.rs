//! Orders from the shop to the warehouse: the store on the server and the store in a file, in turns and in the same rig.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use order_mapping::ClientOrderRef;
use order_sync::{
    CaptureOutcome, Clock as _, Flow, MerchantId, NewOrder, OrderRecord, SourceCopy, Store,
    SystemClock, Tally,
};
use tempfile::TempDir;
use tokio_postgres::Client;

use super::database::{self, Database};
use crate::bare_http;
use crate::engines::{self, Assembled, IN_FLIGHT};
use crate::measured::{Measured, Rounds};
use crate::orders::Case;
use crate::ports::{self, Intake, Shop};

/// Orders of a round.
const ORDERS: u32 = 2_000;
const ROUNDS: u32 = 5;
/// The same with one in flight.
const SERIAL_ORDERS: u32 = 200;
/// Orders of a round of captures, and of each of them.
const CAPTURED: u32 = 2_000;
const PAGE: usize = 500;

pub(crate) fn measure(folder: &Path) -> Measured {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut measured = Measured::default();
    runtime.block_on(over_http(&mut measured));
    runtime.block_on(captures(&mut measured));
    // Without HTTP there is one engine and no server in this process.
    engines::runtime().block_on(in_process(&mut measured, folder));
    measured
}

async fn over_http(measured: &mut Measured) {
    let mut figures = Vec::new();
    for (in_flight, orders) in [(IN_FLIGHT, ORDERS), (1, SERIAL_ORDERS)] {
        let database = Database::create().await;
        let mut in_file = Case::start(in_flight).await;
        let mut on_server = Case::over(database.open().await, in_flight).await;
        let [mut file, mut server] = std::array::from_fn(|_| Rounds::default());
        for round in 0..=ROUNDS {
            in_file.place(orders).await;
            let of_file = in_file.engine(orders).await;
            on_server.place(orders).await;
            let of_server = on_server.engine(orders).await;
            if round > 0 {
                file.add(of_file, orders);
                server.add(of_server, orders);
            }
        }
        measured.time(&format!("shared/{in_flight}_in_flight"), server.median());
        measured.time(&format!("file/{in_flight}_in_flight"), file.median());
        figures.push((1e9 / server.median(), 1e9 / file.median()));
        drop(on_server);
        database.end().await;
    }
    let [(many, many_file), (serial, serial_file)] = figures[..] else {
        panic!("two cases");
    };
    measured.fact(format!(
        "Over HTTP between both simulators, in turns with the file store: {many:.0} orders a second with {IN_FLIGHT} in flight (file store: {many_file:.0}), {serial:.0} one by one (file store: {serial_file:.0})."
    ));
}

async fn in_process(measured: &mut Measured, folder: &Path) {
    let database = Database::create().await;
    let [mut file, mut server] = std::array::from_fn(|_| Rounds::default());
    let store = database.open().await;
    for round in 0..=ROUNDS {
        let files = TempDir::new_in(folder).unwrap();
        let of_file = run(engines::sqlite(files.path()), round).await;
        let of_server = run(Arc::clone(&store), round).await;
        if round > 0 {
            file.add(of_file, ORDERS);
            server.add(of_server, ORDERS);
        }
    }
    measured.time("shared/in_process", server.median());
    measured.time("file/in_process", file.median());
    measured.fact(format!(
        "Without HTTP, shop and warehouse in the process of the engine: {:.0} orders a second (file store: {:.0}).",
        1e9 / server.median(), 1e9 / file.median(),
    ));
    database.end().await;
}

/// A run over new orders of a merchant of that round.
async fn run(store: Arc<dyn Store>, round: u32) -> Duration {
    let assembled = Assembled::of(
        MerchantId::new(format!("merchant-{round}")),
        engines::settings(IN_FLIGHT),
        store,
        Shop::with(ORDERS),
        Intake::default(),
    );
    let begun = Instant::now();
    let report = assembled.run(Flow::Orders).await;
    let took = begun.elapsed();
    assert_eq!(report.count(Tally::Accepted), u64::from(ORDERS));
    took
}

/// Pages of new orders put on record, in turns with one row for each of them through the bare client.
async fn captures(measured: &mut Measured) {
    let database = Database::create().await;
    let store = database.open().await;
    let bare = database::connect(&database.worker_url(&[])).await;
    let tables = format!(
        "CREATE TABLE {0}.bare_orders (merchant text, id text, body text, PRIMARY KEY (merchant, id)); \
         GRANT ALL ON {0}.bare_orders TO PUBLIC",
        database.schema
    );
    database.admin().await.batch_execute(&tables).await.unwrap();
    let [mut captured, mut inserted] = std::array::from_fn(|_| Rounds::default());
    for round in 0..=ROUNDS {
        let merchant = MerchantId::new(format!("merchant-{round}"));
        let batches: Vec<Vec<NewOrder>> = new_orders(&merchant);
        let begun = Instant::now();
        for batch in batches {
            let outcomes = store.capture(batch).await.unwrap();
            assert!(outcomes.iter().all(|one| *one == CaptureOutcome::Recorded));
        }
        let of_store = begun.elapsed();
        let of_client = insert(&bare, &database.schema, &merchant).await;
        if round > 0 {
            captured.add(of_store, CAPTURED);
            inserted.add(of_client, CAPTURED);
        }
    }
    measured.time("shared/capture", captured.median());
    measured.time("bare/capture", inserted.median());
    measured.fact(format!(
        "Orders captured in pages of {PAGE}, each with source, personal data, four lines, reference and timeline: {:.0} a second; one row of two keys and a body for each of them through tokio-postgres alone: {:.0}.",
        1e9 / captured.median(), 1e9 / inserted.median(),
    ));
    database.end().await;
}

fn new_orders(merchant: &MerchantId) -> Vec<Vec<NewOrder>> {
    let now = SystemClock::new().now();
    let orders: Vec<NewOrder> = (0..CAPTURED)
        .map(|number| {
            let order = ports::order(number, now);
            let reference = ClientOrderRef::derive(b"key", merchant.as_str(), &order.id, 0, 0);
            let record = OrderRecord::captured(merchant.clone(), reference, &order, None, now);
            NewOrder::new(record, SourceCopy::new(order, None))
        })
        .collect();
    orders.chunks(PAGE).map(<[NewOrder]>::to_vec).collect()
}

async fn insert(bare: &Client, schema: &str, merchant: &MerchantId) -> Duration {
    let sql = format!(
        "INSERT INTO {schema}.bare_orders SELECT $1, k.* FROM unnest($2::text[], $3::text[]) k"
    );
    let insert = bare.prepare(&sql).await.unwrap();
    let rows: Vec<(String, String)> = (0..CAPTURED)
        .map(|number| (ports::id(number).to_string(), bare_http::body(number)))
        .collect();
    let begun = Instant::now();
    for page in rows.chunks(PAGE) {
        let (ids, bodies): (Vec<&str>, Vec<&str>) = page
            .iter()
            .map(|(id, body)| (id.as_str(), body.as_str()))
            .unzip();
        let written = bare
            .execute(&insert, &[&merchant.as_str(), &ids, &bodies])
            .await
            .unwrap();
        assert_eq!(written as usize, page.len());
    }
    begun.elapsed()
}
