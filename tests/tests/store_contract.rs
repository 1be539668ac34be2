//! What every store keeps to: the suite of `order-sync-testkit` over the store in memory, the one in SQLite, with its thread and without,
//! and the example of a store of one's own.

#![allow(
    clippy::unwrap_used,
    reason = "a store that cannot be made has failed the test"
)]

use connector_examples::json_store::JsonStore;
use order_sync::{KeyRing, MemoryStore, PersonalDataKey};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use order_sync_testkit::store_contract::start;
use order_sync_testkit::{store_contract, store_sequences};
use tempfile::TempDir;

async fn memory() -> (MemoryStore, ()) {
    (MemoryStore::new(start()), ())
}

async fn sqlite() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.db");
    (
        SqliteStore::open(path, OpenOptions::new(start())).unwrap(),
        folder,
    )
}

async fn sqlite_inline() -> (SqliteStore, ()) {
    (
        SqliteStore::in_memory(OpenOptions::new(start())).unwrap(),
        (),
    )
}

async fn sqlite_sealed() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let key = PersonalDataKey::new("2026", [7; 32]).unwrap();
    let options = OpenOptions::new(start()).with_personal_data_keys(KeyRing::new(key));
    let store = SqliteStore::open_inline(folder.path().join("orders.db"), options).unwrap();
    (store, folder)
}

async fn json_file() -> (JsonStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("orders.json");
    (JsonStore::open(&path, start()).unwrap(), folder)
}

store_contract!(of_memory, memory);
store_contract!(of_sqlite, sqlite);
store_contract!(of_sqlite_inline, sqlite_inline);
store_contract!(of_sqlite_with_a_key, sqlite_sealed);
store_contract!(of_json_file, json_file);

store_sequences!(sequences_of_memory, memory);
store_sequences!(sequences_of_sqlite_inline, sqlite_inline);
