//! A store full of orders that are over.
//!
//! One order goes through the store port from capture to closed, with source, payload, lines, parcel and timeline. Its rows are then
//! copied by SQL in every table that has them, with other ids and references, the closed file being opened a second time for that.
//! So every index is as large as after a million orders, and the copying takes minutes instead of hours.

use std::path::Path;

use order_mapping::{Consignment, LineQuantity, Parcel, SourceOrderId};
use order_sync::{
    Clock as _, Commit, Fence, Flow, MerchantId, OrderEvent, OrderRecord, RelayState, Store,
    SystemClock, apply_despatch,
};
use rusqlite::Connection;

use crate::engines::{self, Assembled};
use crate::ports::{self, Intake, Shop};

/// Makes a store in a folder with so many closed orders.
pub(crate) fn make(folder: &Path, orders: u32) {
    let runtime = engines::runtime();
    let (id, reference) = runtime.block_on(async {
        let store = engines::sqlite(folder);
        let assembled = Assembled::new(store, Shop::with(1), Intake::default());
        assembled.run(Flow::Orders).await;
        close(&**assembled.engine.store(), assembled.engine.merchant()).await
    });
    let connection = Connection::open(folder.join("engine.db")).unwrap();
    // A file that is only being made needs no syncs.
    connection
        .execute_batch("PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA cache_size = -200000;")
        .unwrap();
    for (table, key) in tables(&connection) {
        copy(&connection, &table, &key, &id, &reference, orders);
    }
    connection
        .execute_batch("PRAGMA journal_mode = WAL;")
        .unwrap();
}

/// Takes the accepted order to its end, through the port.
async fn close(store: &dyn Store, merchant: &MerchantId) -> (SourceOrderId, String) {
    let id = ports::id(0);
    let record = store.order(merchant, &id).await.unwrap().unwrap();
    let lines = store.lines(merchant, &id).await.unwrap();
    let mut parcel = Parcel::new("P0");
    parcel.contents = lines
        .iter()
        .map(|line| LineQuantity::of_line(line.line_id.clone(), line.ordered))
        .collect();
    let mut consignment = Consignment::new("C0", record.reference.clone());
    consignment.parcels.push(parcel);
    let now = SystemClock::new().now();
    let applied = apply_despatch(&lines, &[], &consignment, true, now);
    assert!(applied.complete, "{applied:?}");
    let mut despatched = commit(&record, OrderEvent::FullyDespatched);
    despatched.lines = Some(applied.lines);
    despatched.parcels = applied.new_parcels;
    despatched.consignment = Some(consignment);
    let mut record = store.commit(despatched).await.unwrap().unwrap();
    for (event, relay) in [
        (OrderEvent::RelaySeen, RelayState::Seen),
        (OrderEvent::ProofHeld, RelayState::Proven),
    ] {
        let mut next = commit(&record, event);
        let parcels = store.parcels(merchant, &id).await.unwrap();
        next.parcels = parcels
            .into_iter()
            .map(|mut parcel| {
                parcel.relay = relay;
                parcel
            })
            .collect();
        record = store.commit(next).await.unwrap().unwrap();
    }
    assert_eq!(record.state, order_sync::OrderState::Closed);
    (id, record.reference.to_string())
}

fn commit(record: &OrderRecord, event: OrderEvent) -> Commit {
    let fence = Fence::Unclaimed(record.state, record.token);
    Commit::new(record, fence, event, SystemClock::new().now(), "a step")
}

/// Every table that may have rows of an order, with the column of its id.
fn tables(connection: &Connection) -> Vec<(String, String)> {
    let sql = "SELECT m.name, c.name FROM sqlite_schema m JOIN pragma_table_info(m.name) c
               WHERE m.type = 'table' AND (c.name = 'order_id' OR (m.name = 'orders' AND c.name = 'id'))";
    let mut statement = connection.prepare(sql).unwrap();
    let tables = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    tables.unwrap().map(Result::unwrap).collect()
}

/// Copies the rows of one order for the numbers after it.
fn copy(
    connection: &Connection,
    table: &str,
    key: &str,
    id: &SourceOrderId,
    reference: &str,
    orders: u32,
) {
    let mut columns: Vec<String> = Vec::new();
    connection
        .pragma(None, "table_info", table, |row| {
            columns.push(row.get("name")?);
            Ok(())
        })
        .unwrap();
    // A row's own number counts by itself.
    columns.retain(|column| column != "number");
    let replaced: Vec<String> = columns
        .iter()
        .map(|column| match column.as_str() {
            name if name == key => "n.id".to_owned(),
            "reference" => "n.reference".to_owned(),
            name @ ("record" | "facts" | "consignment" | "parcel") => {
                format!("replace(replace(one.{name}, '{id}', n.id), '{reference}', n.reference)")
            }
            name => format!("one.{name}"),
        })
        .collect();
    let sql = format!(
        "WITH RECURSIVE numbers(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {last}),
              n AS (SELECT number, printf('00000000-0000-4000-8000-%012d', number) AS id,
                           printf('Z%011d', number) AS reference FROM numbers)
         INSERT INTO {table} ({columns})
         SELECT {replaced} FROM n CROSS JOIN (SELECT * FROM {table} WHERE {key} = '{id}') AS one",
        last = orders - 1,
        columns = columns.join(", "),
        replaced = replaced.join(", "),
    );
    connection.execute_batch(&sql).unwrap();
}
