//! The store without a thread: the same file, the same promises.

use order_sync::{MemoryStore, OrderState, Store, StoreErrorKind};
use order_sync_sqlite::{OpenOptions, SqliteStore};

use crate::fixtures::{Place, at, capture, id, merchant, new_order, prepared};

fn open(place: &Place, now: i64) -> SqliteStore {
    SqliteStore::open_inline(place.store(), OpenOptions::new(at(now))).unwrap()
}

#[tokio::test]
async fn what_was_answered_survives_a_reopening_by_either_driver() {
    let place = Place::new();
    let store = open(&place, 0);
    let record = capture(&store, "a").await;
    let record = store.commit(prepared(&record)).await.unwrap().unwrap();
    drop(store);
    assert_eq!(
        place.files(),
        ["orders.db", "orders.db.epoch", "orders.db.lock"],
        "closed cleanly"
    );
    let threaded = place.open(1);
    assert!(!threaded.went_back_in_time());
    let found = threaded.order(&merchant(), &id("a")).await.unwrap();
    assert_eq!(found.as_ref(), Some(&record));
    drop(threaded);
    let store = open(&place, 2);
    let found = store.order(&merchant(), &id("a")).await.unwrap();
    assert_eq!(found, Some(record));
}

#[test]
fn a_second_opening_is_refused() {
    let place = Place::new();
    let store = open(&place, 0);
    let options = OpenOptions::new(at(1));
    for error in [
        SqliteStore::open_inline(place.store(), options).unwrap_err(),
        place.try_open(1).unwrap_err(),
    ] {
        assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
        assert!(error.to_string().contains("orders.db.lock"), "{error}");
    }
    drop(store);
    drop(place.open(2));
}

#[tokio::test]
async fn a_backup_that_was_put_back_is_noticed() {
    let place = Place::new();
    let store = open(&place, 0);
    capture(&store, "a").await;
    drop(store);
    let backup = std::fs::read(place.store()).unwrap();
    let store = open(&place, 1);
    capture(&store, "b").await;
    drop(store);
    std::fs::write(place.store(), backup).unwrap();
    assert!(open(&place, 50).went_back_in_time());
}

#[tokio::test]
async fn a_store_in_memory_is_gone_with_its_last_handle() {
    let options = OpenOptions::new(at(5));
    let store = SqliteStore::in_memory(options.clone()).unwrap();
    assert_eq!(store.blind_before().await.unwrap(), at(5));
    assert!(!store.went_back_in_time());
    let other_handle = store.clone();
    let record = capture(&store, "a").await;
    drop(store);
    let found = other_handle.order(&merchant(), &id("a")).await.unwrap();
    assert_eq!(found, Some(record));
    drop(other_handle);
    let store = SqliteStore::in_memory(options).unwrap();
    assert_eq!(store.order(&merchant(), &id("a")).await.unwrap(), None);
}

/// The same calls give the same answers, to the digest of the timeline, as the store that is made of plain maps.
#[tokio::test]
async fn a_run_is_the_same_again() {
    async fn run(store: &dyn Store) -> Vec<String> {
        let mut told = Vec::new();
        for number in 0..20 {
            let text = format!("order-{number}");
            store.capture(vec![new_order(&text)]).await.unwrap();
            let record = store.order(&merchant(), &id(&text)).await.unwrap().unwrap();
            if number % 3 == 0 {
                store.commit(prepared(&record)).await.unwrap().unwrap();
            }
        }
        let all = store.orders(&merchant(), &OrderState::ALL, None, 100).await;
        told.extend(
            all.unwrap()
                .into_iter()
                .map(|record| record.timeline_digest),
        );
        told
    }
    let options = OpenOptions::new(at(0));
    let first = run(&SqliteStore::in_memory(options.clone()).unwrap()).await;
    let second = run(&SqliteStore::in_memory(options).unwrap()).await;
    let in_maps = run(&MemoryStore::new(at(0))).await;
    assert_eq!(first.len(), 20);
    assert_eq!(first, second);
    assert_eq!(first, in_maps);
}
