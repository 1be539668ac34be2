//! The journal of exceptions: append-only, in order, without gaps.

use order_sync::{DeskAction, ExceptionEntry, ExceptionEvent as E, Store};

use super::desk::{act, open};
use super::exceptions::finding;
use super::fixtures::{at, merchant};

async fn read(store: &dyn Store, after: u64, limit: usize) -> Vec<ExceptionEntry> {
    store
        .exception_journal(&merchant(), after, limit)
        .await
        .unwrap()
}

/// Two exceptions with a history: `a` changes, `b` goes away, and `a` gets a remark.
async fn history(store: &dyn Store) {
    open(store, &["a", "b"], 1).await;
    let findings = vec![finding("a", 7), finding("c", 1)];
    store
        .settle_exceptions(&merchant(), "orders", findings, at(2))
        .await
        .unwrap();
    act(store, 1, DeskAction::Note, "asked the carrier", 3)
        .await
        .unwrap();
}

pub async fn it_tells_what_happened_in_order(store: &dyn Store) {
    assert!(read(store, 0, 10).await.is_empty());
    history(store).await;
    let told: Vec<_> = read(store, 0, 10)
        .await
        .iter()
        .map(|entry| (entry.sequence, entry.number, entry.event, entry.at))
        .collect();
    assert_eq!(
        told,
        [
            (1, 1, E::Opened, at(1)),
            (2, 2, E::Opened, at(1)),
            (3, 3, E::Opened, at(2)),
            (4, 1, E::Changed, at(2)),
            (5, 2, E::Resolved, at(2)),
            (6, 1, E::Noted, at(3)),
        ]
    );
    let journal = read(store, 0, 10).await;
    assert!(journal.iter().all(|entry| entry.code == "ORPHAN"));
    assert_eq!(journal[5].note, "asked the carrier");
}

pub async fn it_is_read_on_from_a_position(store: &dyn Store) {
    history(store).await;
    let sequences = |after, limit| async move {
        let entries = read(store, after, limit).await;
        entries
            .iter()
            .map(|entry| entry.sequence)
            .collect::<Vec<_>>()
    };
    assert_eq!(sequences(0, 2).await, [1, 2]);
    assert_eq!(sequences(2, 3).await, [3, 4, 5]);
    assert_eq!(sequences(5, 10).await, [6]);
    assert_eq!(sequences(6, 10).await, [0; 0]);
    assert_eq!(sequences(0, 0).await, [0; 0]);
    assert_eq!(sequences(u64::MAX, 10).await, [0; 0]);
    // The same findings again write nothing.
    let findings = vec![finding("a", 7), finding("c", 1)];
    store
        .settle_exceptions(&merchant(), "orders", findings, at(4))
        .await
        .unwrap();
    assert_eq!(sequences(5, 10).await, [6]);
}

pub async fn one_exception_has_its_own_history(store: &dyn Store) {
    history(store).await;
    let events = |number| async move {
        let history = store.exception_history(&merchant(), number).await.unwrap();
        history
            .iter()
            .map(|entry| (entry.sequence, entry.event))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        events(1).await,
        [(1, E::Opened), (4, E::Changed), (6, E::Noted)]
    );
    assert_eq!(events(2).await, [(2, E::Opened), (5, E::Resolved)]);
    assert!(events(9).await.is_empty());
}
