//! Personal data lies in its own tables and nowhere else.

use order_mapping::FulfilmentOrder;
use order_sync::{Commit, Fence, OrderEvent, Store as _};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::json;

use crate::fixtures::{Place, at, capture, id, merchant, prepared};

/// Planted in the shop's copy and in the recipient.
pub(crate) const PLANTED: [&str; 5] = [
    "Planted Name",
    "07700 900555",
    "planted note",
    "Planted Recipient",
    "447700900556",
];
const PERSONAL_TABLES: [&str; 2] = ["intent_personal", "order_personal"];

pub(crate) fn payload() -> FulfilmentOrder {
    let mut order: FulfilmentOrder = serde_json::from_value(json!({
        "source_id": "a", "number": null, "purchase_order": null, "service": "WHI_EXP", "service_rule": "express",
        "release_rule": "paid", "currency": "GBP", "requested_date": null, "lines": [], "registry_hash": "r",
        "profile_hash": "p",
    }))
    .unwrap();
    order.recipient = serde_json::from_value(json!({
        "name": "Planted Recipient", "company": null, "line1": "1 Sample Street", "line2": null, "city": "Sampleton",
        "county": null, "postcode": "ZZ99 9ZZ", "country": "GB", "phone": "447700900556", "email": null,
        "instructions": "planted note",
    }))
    .unwrap();
    order
}

/// Every text of a table, as one.
fn dump(connection: &Connection, table: &str) -> String {
    let mut statement = connection
        .prepare(&format!("SELECT * FROM {table}"))
        .unwrap();
    let columns = statement.column_count();
    let mut rows = statement.query([]).unwrap();
    let mut all = String::new();
    while let Some(row) = rows.next().unwrap() {
        for column in 0..columns {
            if let ValueRef::Text(text) = row.get_ref(column).unwrap() {
                all.push_str(std::str::from_utf8(text).unwrap());
                all.push('\n');
            }
        }
    }
    all
}

#[tokio::test]
async fn personal_data_is_in_the_personal_tables_alone() {
    let place = Place::new();
    let store = place.open(0);
    let record = capture(&store, "a").await;
    let mut commit = prepared(&record);
    commit.intent = Some(Box::new(payload()));
    store.commit(commit).await.unwrap().unwrap();
    drop(store);

    let connection = Connection::open(place.store()).unwrap();
    let tables: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    assert!(tables.len() > 10);
    let mut found = Vec::new();
    for table in &tables {
        let text = dump(&connection, table);
        for planted in PLANTED.iter().filter(|planted| text.contains(**planted)) {
            assert!(
                PERSONAL_TABLES.contains(&table.as_str()),
                "{planted} is in {table}"
            );
            found.push(*planted);
        }
    }
    for planted in PLANTED {
        assert!(
            found.contains(&planted),
            "{planted} was planted and is kept"
        );
    }
}

#[tokio::test]
async fn an_order_reads_back_after_its_personal_data_is_gone() {
    let place = Place::new();
    let store = place.open(0);
    let record = capture(&store, "a").await;
    let mut commit = prepared(&record);
    commit.intent = Some(Box::new(payload()));
    store.commit(commit).await.unwrap().unwrap();
    drop(store);
    let connection = Connection::open(place.store()).unwrap();
    connection
        .execute_batch("DELETE FROM order_personal; DELETE FROM intent_personal")
        .unwrap();
    connection.close().unwrap();

    let store = place.open(1);
    let copy = store
        .source_copy(&merchant(), &id("a"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        copy.order.personal,
        order_mapping::PersonalDetails::default()
    );
    assert_eq!(copy.order.lines.len(), 1);
    let intent = store.intent(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(intent.recipient, order_mapping::Recipient::erased());
}

#[tokio::test]
async fn a_row_that_does_not_read_back_is_reported_without_its_content() {
    let place = Place::new();
    let store = place.open(0);
    capture(&store, "a").await;
    drop(store);
    let connection = Connection::open(place.store()).unwrap();
    let sql = r#"UPDATE order_personal SET details = '{"shipping": "Planted Name"}'"#;
    connection.execute(sql, []).unwrap();
    connection.close().unwrap();

    let store = place.open(1);
    let error = store.source_copy(&merchant(), &id("a")).await.unwrap_err();
    assert_eq!(error.kind(), order_sync::StoreErrorKind::Unreadable);
    let text = format!("{error} {error:?}");
    assert!(!text.contains("Planted"), "{text}");
    assert!(
        store.order(&merchant(), &id("a")).await.unwrap().is_some(),
        "the rest is readable"
    );
}

#[tokio::test]
async fn what_was_erased_is_not_in_the_file_any_more() {
    let place = Place::new();
    let store = place.open(0);
    for text in ["a", "b"] {
        let record = capture(&store, text).await;
        let mut commit = prepared(&record);
        let mut payload = payload();
        payload.source_id = id(text);
        commit.intent = Some(Box::new(payload));
        store.commit(commit).await.unwrap().unwrap();
        let record = store.order(&merchant(), &id(text)).await.unwrap().unwrap();
        let fence = Fence::Token(record.token);
        let cancelled = Commit::new(&record, fence, OrderEvent::Cancelled, at(1), "");
        store.commit(cancelled).await.unwrap().unwrap();
    }
    let erased = store.erase_personal(&merchant(), at(2), 10).await;
    assert_eq!(erased.unwrap(), 2);
    // Closing moves the log into the database.
    drop(store);
    let bytes = std::fs::read(place.store()).unwrap();
    for planted in PLANTED {
        let found = bytes
            .windows(planted.len())
            .any(|window| window == planted.as_bytes());
        assert!(!found, "{planted} is still in the file");
    }
    let store = place.open(3);
    assert!(store.order(&merchant(), &id("a")).await.unwrap().is_some());
}
