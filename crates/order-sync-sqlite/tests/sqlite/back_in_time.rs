//! A restored backup is noticed.

use order_sync::Store as _;

use crate::fixtures::{Place, at, capture};

#[tokio::test]
async fn a_backup_of_an_earlier_epoch_is_noticed() {
    let place = Place::new();
    drop(place.open(0));
    let backup = std::fs::read(place.store()).unwrap();
    let store = place.open(1);
    capture(&store, "a").await;
    drop(store);

    std::fs::write(place.store(), backup).unwrap();
    let store = place.open(50);
    assert!(store.went_back_in_time());
    assert_eq!(store.blind_before().await.unwrap(), at(50));
    drop(store);

    let store = place.open(60);
    assert!(!store.went_back_in_time(), "it is told once");
    assert_eq!(
        store.blind_before().await.unwrap(),
        at(50),
        "and remembered"
    );
}

#[tokio::test]
async fn a_backup_from_within_the_last_epoch_is_noticed() {
    let place = Place::new();
    let store = place.open(0);
    capture(&store, "a").await;
    // A copy made while the store is in use.
    let backup = place.path("backup.db");
    order_sync_sqlite::SqliteStore::copy_to(place.store(), &backup).unwrap();
    capture(&store, "b").await;
    drop(store);

    std::fs::copy(&backup, place.store()).unwrap();
    assert!(place.open(50).went_back_in_time());
}

#[tokio::test]
async fn a_database_without_its_mark_counts_as_restored() {
    let place = Place::new();
    drop(place.open(0));
    std::fs::remove_file(place.path("orders.db.epoch")).unwrap();
    let store = place.open(50);
    assert!(store.went_back_in_time());
    assert_eq!(store.blind_before().await.unwrap(), at(50));
}

#[tokio::test]
async fn a_deleted_database_is_noticed() {
    let place = Place::new();
    assert!(
        !place.open(0).went_back_in_time(),
        "a new one is no restored one"
    );
    std::fs::remove_file(place.store()).unwrap();
    let store = place.open(50);
    assert!(store.went_back_in_time());
    assert_eq!(store.blind_before().await.unwrap(), at(50));
}
