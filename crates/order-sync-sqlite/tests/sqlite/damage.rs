//! Files that are damaged: what is lost is noticed, what does not hold together is refused with a remedy, and nothing panics.

use std::path::Path;

use order_sync::{Store as _, StoreError, StoreErrorKind};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use rusqlite::Connection;

use crate::fixtures::{Place, at, capture, id, merchant};

/// The files of a store in use as they are at this moment, under another name: what a crash leaves behind.
fn crash(place: &Place, name: &str) -> std::path::PathBuf {
    for suffix in ["", "-wal", ".epoch"] {
        let from = place.path(&format!("orders.db{suffix}"));
        std::fs::copy(from, place.path(&format!("{name}{suffix}"))).unwrap();
    }
    place.path(name)
}

fn open(path: &Path) -> Result<SqliteStore, StoreError> {
    SqliteStore::open_inline(path, OpenOptions::new(at(50)))
}

fn cut(log: &Path, length: u64) {
    let file = std::fs::File::options().write(true).open(log).unwrap();
    file.set_len(length).unwrap();
}

fn log_length(place: &Place) -> u64 {
    place.path("orders.db-wal").metadata().unwrap().len()
}

fn is_refused(error: &StoreError) {
    assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
    let text = error.to_string();
    assert!(text.contains("restore") || text.contains("move"), "{text}");
}

#[tokio::test]
async fn the_loss_of_the_last_commit_is_noticed() {
    let place = Place::new();
    let store = place.open(0);
    capture(&store, "a").await;
    let length = log_length(&place);
    capture(&store, "b").await;
    let whole = open(&crash(&place, "whole.db")).unwrap();
    assert!(!whole.went_back_in_time(), "nothing is lost");

    let path = crash(&place, "cut.db");
    cut(&place.path("cut.db-wal"), length);
    let earlier = open(&path).unwrap();
    assert!(earlier.went_back_in_time());
    assert_eq!(earlier.blind_before().await.unwrap(), at(50));
    let order = |name| {
        let (earlier, name) = (earlier.clone(), id(name));
        async move { earlier.order(&merchant(), &name).await.unwrap() }
    };
    assert!(order("a").await.is_some());
    assert!(order("b").await.is_none());
}

#[tokio::test]
async fn a_log_that_lost_its_end_after_it_was_moved_into_the_database_is_refused() {
    let place = Place::new();
    let store = place.open(0);
    capture(&store, "a").await;
    let length = log_length(&place);
    capture(&store, "b").await;
    let other = Connection::open(place.store()).unwrap();
    let moved: (i64, i64, i64) = other
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })
        .unwrap();
    assert_eq!((moved.0, moved.1), (0, moved.2), "all of the log was moved");
    assert!(
        !open(&crash(&place, "whole.db"))
            .unwrap()
            .went_back_in_time()
    );

    // The older half of the log would lie over the newer pages of the database.
    let path = crash(&place, "cut.db");
    cut(&place.path("cut.db-wal"), length);
    let error = open(&path).unwrap_err();
    is_refused(&error);
    assert!(
        error.to_string().contains("the end of its log is lost"),
        "{error}"
    );

    // Without any of the log the database is whole.
    let path = crash(&place, "none.db");
    cut(&place.path("none.db-wal"), 0);
    let store = open(&path).unwrap();
    assert!(!store.went_back_in_time());
    assert!(store.order(&merchant(), &id("b")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_record_that_differs_from_its_row_is_refused_after_a_crash() {
    for change in [
        "UPDATE orders SET due_at = 7",
        "UPDATE orders SET state = 'ready'",
        "UPDATE orders SET id = 'another'",
        "UPDATE orders SET record = replace(record, 'captured', 'ready')",
        "UPDATE orders SET record = substr(record, 2)",
        "UPDATE timeline SET entry = replace(entry, 'captured', 'ready')",
        "DELETE FROM timeline",
        "PRAGMA foreign_keys = OFF; DELETE FROM orders",
    ] {
        let place = Place::new();
        let store = place.open(0);
        capture(&store, "a").await;
        let other = Connection::open(place.store()).unwrap();
        other.execute_batch(change).unwrap();
        let error = open(&crash(&place, "crashed.db")).expect_err(change);
        is_refused(&error);
    }
}

#[tokio::test]
async fn changed_bits_and_cuts_are_refused_with_a_remedy_or_told_when_read() {
    let place = Place::new();
    let store = place.open(0);
    for name in ["a", "b", "c"] {
        capture(&store, name).await;
    }
    let other = Connection::open(place.store()).unwrap();
    other
        .query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))
        .unwrap();
    capture(&store, "d").await;
    let database = std::fs::read(place.store()).unwrap();
    let (mut refused, mut opened) = (0, 0);
    // The header to its last byte, and of the rest a byte here and there.
    let places = (0..100).chain((100..database.len()).step_by(997));
    for at in places {
        let path = crash(&place, "damaged.db");
        let mut bytes = database.clone();
        bytes[at] ^= 1 << (at % 8);
        if at % 5 == 0 {
            bytes.truncate(at);
        }
        std::fs::write(&path, bytes).unwrap();
        match open(&path) {
            Err(error) => {
                is_refused(&error);
                refused += 1;
            }
            Ok(store) => {
                if let Err(error) = store.timeline(&merchant(), &id("a")).await {
                    let kind = error.kind();
                    let told = [StoreErrorKind::Damaged, StoreErrorKind::Unreadable];
                    assert!(told.contains(&kind), "{error}");
                }
                opened += 1;
            }
        }
        for suffix in ["-wal", "-shm", ".epoch", ".lock"] {
            // Not all of them are there.
            let _gone = std::fs::remove_file(place.path(&format!("damaged.db{suffix}")));
        }
    }
    assert!(
        refused > 50 && opened > 20,
        "{refused} refused, {opened} opened"
    );
}
