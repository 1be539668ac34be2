//! Opening: new files, foreign files, locks, and what a predecessor left.

use chrono::Duration;
use order_sync::{ClaimKind, OrderState, Store as _, StoreErrorKind};
use rusqlite::Connection;

use crate::fixtures::{Place, at, capture, id, merchant, prepared};

#[tokio::test]
async fn what_was_answered_survives_a_reopening() {
    let place = Place::new();
    let store = place.open(0);
    let record = capture(&store, "a").await;
    let record = store.commit(prepared(&record)).await.unwrap().unwrap();
    drop(store);
    assert_eq!(
        place.files(),
        ["orders.db", "orders.db.epoch", "orders.db.lock"],
        "closed cleanly"
    );

    let store = place.open(100);
    assert!(!store.went_back_in_time());
    assert_eq!(store.blind_before().await.unwrap(), at(0));
    assert_eq!(
        store.order(&merchant(), &id("a")).await.unwrap(),
        Some(record)
    );
    assert_eq!(
        store.timeline(&merchant(), &id("a")).await.unwrap().len(),
        2
    );
}

#[tokio::test]
async fn what_was_answered_survives_without_a_close() {
    let place = Place::new();
    let store = place.open(0);
    capture(&store, "a").await;
    // What a crash leaves behind: the files as they are at this moment.
    for name in ["orders.db", "orders.db-wal", "orders.db.epoch"] {
        std::fs::copy(
            place.path(name),
            place.path(&name.replace("orders", "crashed")),
        )
        .unwrap();
    }
    let options = order_sync_sqlite::OpenOptions::new(at(9));
    let crashed = order_sync_sqlite::SqliteStore::open(place.path("crashed.db"), options).unwrap();
    assert!(!crashed.went_back_in_time());
    assert!(
        crashed
            .order(&merchant(), &id("a"))
            .await
            .unwrap()
            .is_some()
    );
}

#[tokio::test]
async fn an_empty_file_is_a_new_store() {
    let place = Place::new();
    std::fs::write(place.store(), b"").unwrap();
    let store = place.open(5);
    assert_eq!(store.blind_before().await.unwrap(), at(5));
    capture(&store, "a").await;
}

#[tokio::test]
async fn an_unfinished_creation_is_begun_again() {
    let place = Place::new();
    std::fs::write(place.path("orders.db.new"), b"half of it").unwrap();
    let store = place.open(5);
    capture(&store, "a").await;
    assert!(!place.files().contains(&"orders.db.new".to_owned()));
}

/// Opening is refused and the file is left as it is, with nothing of SQLite's beside it.
fn refused(place: &Place, words: &str) {
    let files = place.files();
    let before = std::fs::read(place.store()).unwrap();
    let error = place.try_open(0).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
    let text = error.to_string();
    assert!(text.contains(words), "{text}");
    assert!(text.contains(place.store().to_str().unwrap()), "{text}");
    assert_eq!(std::fs::read(place.store()).unwrap(), before);
    assert_eq!(place.files(), files, "nothing was laid beside it");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_refused_and_left_alone() {
    use std::os::unix::fs::{FileTypeExt as _, symlink};
    use std::os::unix::net::UnixListener;

    let place = Place::new();
    let socket = UnixListener::bind(place.store()).unwrap();
    let error = place.try_open(0).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged);
    assert!(error.to_string().contains("no file"), "{error}");
    let kind = std::fs::symlink_metadata(place.store())
        .unwrap()
        .file_type();
    assert!(kind.is_socket(), "it was not replaced by a database");
    drop(socket);

    let folder = Place::new();
    std::fs::create_dir(folder.store()).unwrap();
    assert!(
        folder
            .try_open(0)
            .unwrap_err()
            .to_string()
            .contains("no file")
    );
    assert_eq!(folder.files(), ["orders.db"]);

    let linked = Place::new();
    symlink(linked.path("elsewhere.db"), linked.store()).unwrap();
    assert!(
        linked
            .try_open(0)
            .unwrap_err()
            .to_string()
            .contains("leads nowhere")
    );
    std::fs::write(linked.path("elsewhere.db"), b"").unwrap();
    drop(linked.open(0));
    assert!(
        linked.path("elsewhere.db.epoch").exists(),
        "beside the file itself"
    );
    assert!(
        std::fs::symlink_metadata(linked.store())
            .unwrap()
            .is_symlink()
    );
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let place = Place::new();
    std::fs::write(place.store(), "order,sku\n1,MUG\n".repeat(100)).unwrap();
    refused(&place, "no SQLite database");
    std::fs::write(place.store(), b"x").unwrap();
    refused(&place, "no SQLite database");
}

#[test]
fn another_applications_database_is_left_alone() {
    let place = Place::new();
    let foreign = Connection::open(place.store()).unwrap();
    foreign
        .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE theirs (a)")
        .unwrap();
    foreign.close().unwrap();
    refused(&place, "another application");
}

#[test]
fn a_later_schema_is_left_alone() {
    let place = Place::new();
    drop(place.open(0));
    let later = Connection::open(place.store()).unwrap();
    later.execute_batch("PRAGMA user_version = 99").unwrap();
    later.close().unwrap();
    std::fs::remove_file(place.path("orders.db.epoch")).unwrap();
    refused(&place, "schema version 99");
}

#[test]
fn a_later_schema_is_noticed_in_the_log() {
    let place = Place::new();
    drop(place.open(0));
    let later = Connection::open(place.store()).unwrap();
    later.execute_batch("PRAGMA user_version = 99").unwrap();
    // The new version number is in the log alone, as after a crash.
    let held = Connection::open(place.store()).unwrap();
    held.execute_batch("BEGIN; SELECT * FROM meta").unwrap();
    for name in ["orders.db", "orders.db-wal"] {
        std::fs::copy(
            place.path(name),
            place.path(&name.replace("orders", "crashed")),
        )
        .unwrap();
    }
    let before = std::fs::read(place.path("crashed.db")).unwrap();
    assert_eq!(
        before[60..64],
        4_u32.to_be_bytes(),
        "the file itself still has the old one"
    );
    let options = order_sync_sqlite::OpenOptions::new(at(9));
    let error =
        order_sync_sqlite::SqliteStore::open(place.path("crashed.db"), options).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged);
    assert!(error.to_string().contains("schema version 99"), "{error}");
    assert_eq!(std::fs::read(place.path("crashed.db")).unwrap(), before);
}

#[test]
fn a_log_without_its_database_is_not_thrown_away() {
    let place = Place::new();
    std::fs::write(place.path("orders.db-wal"), b"frames").unwrap();
    let error = place.try_open(0).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged);
    assert!(place.path("orders.db-wal").exists());
    assert!(!place.store().exists());
}

#[tokio::test]
async fn broken_pages_are_noticed() {
    let place = Place::new();
    let store = place.open(0);
    for number in 0..50 {
        capture(&store, &format!("order-{number}")).await;
    }
    drop(store);
    let mut bytes = std::fs::read(place.store()).unwrap();
    for byte in bytes.iter_mut().skip(3 * 4096).step_by(3) {
        *byte = 0xAA;
    }
    std::fs::write(place.store(), bytes).unwrap();
    let error = place.try_open(1).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[test]
fn a_second_opening_is_refused_and_possible_after_the_first() {
    let place = Place::new();
    let first = place.open(0);
    let other_handle = first.clone();
    let error = place.try_open(1).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy);
    assert!(error.to_string().contains("orders.db.lock"), "{error}");
    drop(first);
    assert!(place.try_open(1).is_err(), "another handle still has it");
    drop(other_handle);
    drop(place.open(2));
}

#[test]
fn a_folder_that_does_not_exist_is_named() {
    let place = Place::new();
    let path = place.path("nowhere/orders.db");
    let options = order_sync_sqlite::OpenOptions::new(at(0));
    let error = order_sync_sqlite::SqliteStore::open(&path, options).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    assert!(error.to_string().contains("nowhere"), "{error}");
    assert!(
        error.to_string().contains("the folder does not exist"),
        "{error}"
    );
}

#[tokio::test]
async fn leases_of_a_dead_predecessor_end_with_the_opening() {
    let place = Place::new();
    let (merchant, hour) = (merchant(), Duration::hours(1));
    let store = place.open(0);
    let record = capture(&store, "a").await;
    store.commit(prepared(&record)).await.unwrap().unwrap();
    let sent = store
        .claim(&merchant, ClaimKind::Send, 1, hour, at(1))
        .await
        .unwrap();
    let flow = store
        .take_flow(&merchant, "orders", hour, at(1))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        store
            .take_flow(&merchant, "orders", hour, at(2))
            .await
            .unwrap(),
        None
    );
    drop(store);

    let store = place.open(10);
    let settle = Duration::seconds(30);
    assert_eq!(
        store
            .expire_leases(&merchant, settle, at(10))
            .await
            .unwrap(),
        1
    );
    let record = store.order(&merchant, &id("a")).await.unwrap().unwrap();
    assert_eq!(
        record.state,
        OrderState::OutcomeUnknown,
        "never sent again without being asked for"
    );
    assert_eq!(
        record.due_at,
        Some(at(40)),
        "the settle time counts from the opening"
    );
    assert_eq!(record.token, sent[0].record.token);
    let next = store
        .take_flow(&merchant, "orders", hour, at(10))
        .await
        .unwrap()
        .unwrap();
    assert!(next.token > flow.token);
}
