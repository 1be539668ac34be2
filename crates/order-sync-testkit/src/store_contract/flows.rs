//! Cursors, and the right to run a flow.

use order_sync::{FlowLease, Store};

use super::fixtures::{at, merchant, seconds};

pub async fn a_cursor_moves_only_from_where_it_is(store: &dyn Store) {
    let merchant = merchant();
    let moves = |from: Option<&'static str>, to: &'static str| {
        let merchant = merchant.clone();
        async move {
            store
                .move_cursor(&merchant, "orders", from, to)
                .await
                .unwrap()
        }
    };
    assert_eq!(store.cursor(&merchant, "orders").await.unwrap(), None);
    assert!(!moves(Some("1"), "2").await);
    assert!(moves(None, "1").await);
    assert!(!moves(None, "9").await);
    assert!(moves(Some("1"), "2").await);
    assert!(!moves(Some("1"), "3").await);
    assert!(moves(Some("2"), "2").await, "to the same place");
    assert_eq!(
        store.cursor(&merchant, "orders").await.unwrap().as_deref(),
        Some("2")
    );
    assert_eq!(store.cursor(&merchant, "stock").await.unwrap(), None);
}

async fn take(store: &dyn Store, flow: &str, moment: i64) -> Option<FlowLease> {
    store
        .take_flow(&merchant(), flow, seconds(60), at(moment))
        .await
        .unwrap()
}

pub async fn one_holder_runs_a_flow(store: &dyn Store) {
    let lease = take(store, "orders", 0).await.unwrap();
    assert_eq!(lease.until, at(60));
    assert_eq!(
        (lease.merchant.clone(), lease.flow.as_str()),
        (merchant(), "orders")
    );
    assert_eq!(take(store, "orders", 59).await, None);
    assert!(
        take(store, "stock", 0).await.is_some(),
        "another flow is free"
    );
    store.release_flow(lease.clone()).await.unwrap();
    let next = take(store, "orders", 1).await.unwrap();
    assert!(next.token > lease.token);
}

pub async fn an_expired_lease_is_taken_over_with_a_higher_token(store: &dyn Store) {
    let first = take(store, "orders", 0).await.unwrap();
    let second = take(store, "orders", 60).await.unwrap();
    assert!(second.token > first.token);
    assert_eq!(second.until, at(120));
}

pub async fn a_stale_release_is_ignored(store: &dyn Store) {
    let first = take(store, "orders", 0).await.unwrap();
    let second = take(store, "orders", 60).await.unwrap();
    store.release_flow(first).await.unwrap();
    assert_eq!(
        take(store, "orders", 61).await,
        None,
        "the second holder still has it"
    );
    store.release_flow(second.clone()).await.unwrap();
    store.release_flow(second).await.unwrap();
    assert!(take(store, "orders", 61).await.is_some());
}

pub async fn a_lease_is_held_longer(store: &dyn Store) {
    let lease = take(store, "orders", 0).await.unwrap();
    let renewed = store.renew_flow(&lease, at(200)).await.unwrap().unwrap();
    let expected = FlowLease::new(merchant(), "orders", lease.token, at(200));
    assert_eq!(renewed, expected);
    assert_eq!(take(store, "orders", 199).await, None);

    // It ran out and nobody came: it can still be held.
    let late = store.renew_flow(&renewed, at(400)).await.unwrap().unwrap();
    assert_eq!((late.token, late.until), (lease.token, at(400)));
    assert_eq!(take(store, "orders", 399).await, None);
    let next = take(store, "orders", 400).await.unwrap();
    assert!(next.token > lease.token);
}

pub async fn a_lost_lease_is_not_renewed(store: &dyn Store) {
    let first = take(store, "orders", 0).await.unwrap();
    let second = take(store, "orders", 60).await.unwrap();
    assert_eq!(store.renew_flow(&first, at(999)).await.unwrap(), None);
    assert!(
        take(store, "orders", 120).await.is_some(),
        "the second holder's time is what it was"
    );
    assert_eq!(store.renew_flow(&second, at(999)).await.unwrap(), None);

    let given_back = take(store, "stock", 0).await.unwrap();
    store.release_flow(given_back.clone()).await.unwrap();
    let again = store.renew_flow(&given_back, at(999)).await.unwrap();
    assert_eq!(again, None, "given back is given back");
    let never = FlowLease::new(merchant(), "unheard of", 1, at(60));
    assert_eq!(store.renew_flow(&never, at(999)).await.unwrap(), None);
}
