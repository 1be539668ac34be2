//! Copies for dry runs.

use order_sync::{Store as _, StoreErrorKind};
use order_sync_sqlite::{OpenOptions, SqliteStore};

use crate::fixtures::{Place, at, capture, id, merchant};

#[tokio::test]
async fn a_store_in_use_is_copied_and_goes_on() {
    let place = Place::new();
    let store = place.open(0);
    let record = capture(&store, "a").await;
    let target = place.path("dry-run.db");
    assert!(SqliteStore::copy_to(place.store(), &target).unwrap());

    let copy = SqliteStore::open(&target, OpenOptions::new(at(9))).unwrap();
    assert_eq!(
        copy.order(&merchant(), &id("a")).await.unwrap(),
        Some(record)
    );
    assert!(!copy.went_back_in_time());
    assert_eq!(
        copy.blind_before().await.unwrap(),
        at(0),
        "it judges as the source would"
    );
    capture(&copy, "b").await;
    assert_eq!(store.order(&merchant(), &id("b")).await.unwrap(), None);
    capture(&store, "c").await;
    drop(store);
    assert!(!place.open(10).went_back_in_time());
}

#[tokio::test]
async fn a_closed_store_is_copied_without_being_written() {
    let place = Place::new();
    let store = place.open(0);
    capture(&store, "a").await;
    drop(store);
    let before = std::fs::read(place.store()).unwrap();
    let mark = std::fs::read(place.path("orders.db.epoch")).unwrap();
    assert!(SqliteStore::copy_to(place.store(), place.path("dry-run.db")).unwrap());
    assert_eq!(std::fs::read(place.store()).unwrap(), before);
    assert_eq!(std::fs::read(place.path("orders.db.epoch")).unwrap(), mark);
    let store = place.open(1);
    assert!(store.order(&merchant(), &id("a")).await.unwrap().is_some());
}

#[test]
fn a_store_that_does_not_exist_leaves_nothing() {
    let place = Place::new();
    assert!(!SqliteStore::copy_to(place.store(), place.path("dry-run.db")).unwrap());
    assert!(place.files().is_empty());
}

#[test]
fn a_file_that_exists_is_never_replaced() {
    let place = Place::new();
    drop(place.open(0));
    let target = place.path("dry-run.db");
    std::fs::write(&target, "somebody's").unwrap();
    let error = SqliteStore::copy_to(place.store(), &target).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other);
    assert_eq!(std::fs::read(&target).unwrap(), b"somebody's");
}

#[test]
fn a_foreign_source_is_refused() {
    let place = Place::new();
    std::fs::write(place.store(), "no database").unwrap();
    let error = SqliteStore::copy_to(place.store(), place.path("dry-run.db")).unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged);
}
