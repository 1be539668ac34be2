//! How many orders wait in which state, and since when.

use std::collections::BTreeMap;

use order_sync::{OrderEvent, OrderState, StateCount, Store};

use super::fixtures::{at, captured, change, merchant, moved, read};

pub async fn counts_orders_of_the_states_asked_for(store: &dyn Store) {
    let all = store.counts(&merchant(), &OrderState::ALL).await.unwrap();
    assert!(all.is_empty(), "a state without orders is left out");
    for text in ["a", "b", "c"] {
        captured(store, text).await;
    }
    moved(store, "c", &[OrderEvent::Prepared]).await;
    let (captured, ready) = (OrderState::Captured, OrderState::Ready);
    let counted = BTreeMap::from([
        (captured, StateCount::new(2, at(0))),
        (ready, StateCount::new(1, at(0))),
    ]);
    let all = store.counts(&merchant(), &OrderState::ALL).await.unwrap();
    assert_eq!(all, counted);
    let asked = [ready, OrderState::Held, ready];
    let some = store.counts(&merchant(), &asked).await.unwrap();
    assert_eq!(some, BTreeMap::from([(ready, StateCount::new(1, at(0)))]));
    assert!(store.counts(&merchant(), &[]).await.unwrap().is_empty());
}

pub async fn the_oldest_is_the_one_that_changed_longest_ago(store: &dyn Store) {
    for (text, moment) in [("a", 30), ("b", 10), ("c", 20)] {
        let record = captured(store, text).await;
        let held = change(&record, OrderEvent::Held, moment);
        store.commit(held).await.unwrap().unwrap();
    }
    let states = [OrderState::Held];
    let oldest = |moment| BTreeMap::from([(OrderState::Held, moment)]);
    let counts = store.counts(&merchant(), &states).await.unwrap();
    assert_eq!(counts, oldest(StateCount::new(3, at(10))));

    // Held once more is no new state: it waits since the first time.
    let record = read(store, "b").await;
    let again = change(&record, OrderEvent::Held, 50);
    store.commit(again).await.unwrap().unwrap();
    let counts = store.counts(&merchant(), &states).await.unwrap();
    assert_eq!(counts, oldest(StateCount::new(3, at(10))));
    moved(store, "b", &[OrderEvent::Prepared]).await;
    let counts = store.counts(&merchant(), &states).await.unwrap();
    assert_eq!(counts, oldest(StateCount::new(2, at(20))));
}
