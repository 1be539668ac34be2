//! Tables with very many orders: a few go through the store port, and their rows are copied by SQL.

use order_mapping::{ClientOrderRef, Mapper, Mapping, ReleaseFacts, SkuRegistry};
use order_sync::{
    Clock as _, Commit, Fence, MerchantId, NewOrder, OrderEvent, OrderRecord, SourceCopy, Store,
    SystemClock,
};
use tokio_postgres::Client;

use crate::ports;
use end_to_end::{Setup, World};

/// Tables that a claim reads and writes of an order that is due.
pub(crate) const OF_DUE: &[&str] = &[
    "order_records",
    "orders",
    "order_intents",
    "intent_personal",
];
/// Tables that a claim may meet an order in that is not due.
pub(crate) const OF_OTHERS: &[&str] = &["order_records", "orders"];

/// An order on record that copies are made of.
#[derive(Debug)]
pub(crate) struct Seed {
    merchant: MerchantId,
    id: String,
    reference: String,
}

/// Puts an order on record that is mapped and waits to be sent, and takes it through these events.
pub(crate) async fn seed(
    store: &dyn Store,
    merchant: &str,
    number: u32,
    events: &[OrderEvent],
) -> Seed {
    let setup = Setup::default();
    let merchant = MerchantId::new(merchant);
    let mapper = Mapper::new(setup.profile);
    let (registry, _) =
        SkuRegistry::build(&setup.catalogue, &setup.overrides, &mapper.profile().sku);
    let now = SystemClock::new().now();
    let order = ports::order(number, now);
    let key = World::REFERENCE_KEY.as_bytes();
    let reference = ClientOrderRef::derive(key, merchant.as_str(), &order.id, 0, 0);
    let record = OrderRecord::captured(merchant.clone(), reference, &order, None, now);
    let mapping = mapper.map(&order, &ReleaseFacts::default(), &registry);
    let Mapping::Ready { order: intent, .. } = mapping else {
        panic!("nothing is wrong with the order: {mapping:?}");
    };
    let new = NewOrder::new(record.clone(), SourceCopy::new(order, None));
    store.capture(vec![new]).await.unwrap();
    let step = |record: &OrderRecord, event| {
        let fence = Fence::Unclaimed(record.state, record.token);
        Commit::new(record, fence, event, now, "a step")
    };
    let mut prepared = step(&record, OrderEvent::Prepared).due(now);
    prepared.intent = Some(intent);
    let mut record = store.commit(prepared).await.unwrap().unwrap();
    for event in events {
        record = store.commit(step(&record, *event)).await.unwrap().unwrap();
    }
    Seed {
        merchant,
        id: record.id.to_string(),
        reference: record.reference.to_string(),
    }
}

/// Copies a seed's rows in some tables for each row of a query with the columns `merchant`, `id` and `reference`.
pub(crate) async fn copy(admin: &Client, seed: &Seed, tables: &[&str], copies: &str) {
    for table in tables {
        let sql = "SELECT column_name::text FROM information_schema.columns \
                   WHERE table_schema = current_schema() AND table_name = $1 ORDER BY ordinal_position";
        let rows = admin.query(sql, &[table]).await.unwrap();
        let columns: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        let key = if columns.iter().any(|column| column == "order_id") {
            "order_id"
        } else {
            "id"
        };
        let values: Vec<String> = columns
            .iter()
            .map(|column| match column.as_str() {
                "merchant" => "n.merchant".to_owned(),
                name if name == key => "n.id".to_owned(),
                "record" | "facts" => format!(
                    "replace(replace(replace(one.{column}, '{}', n.merchant), '{}', n.id), '{}', n.reference)",
                    seed.merchant, seed.id, seed.reference,
                ),
                name => format!("one.{name}"),
            })
            .collect();
        let sql = format!(
            "INSERT INTO {table} ({}) SELECT {} FROM ({copies}) n \
             CROSS JOIN (SELECT * FROM {table} WHERE merchant = '{}' AND {key} = '{}') one",
            columns.join(", "),
            values.join(", "),
            seed.merchant,
            seed.id,
        );
        admin.batch_execute(&sql).await.unwrap();
    }
}

/// What autovacuum does after a while.
pub(crate) async fn settle(admin: &Client) {
    admin
        .batch_execute("VACUUM ANALYZE orders; VACUUM ANALYZE order_records; VACUUM ANALYZE order_intents; VACUUM ANALYZE intent_personal; CHECKPOINT")
        .await
        .unwrap();
}
