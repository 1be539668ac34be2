//! What people do about exceptions.

use order_sync::{DeskAction, DeskCommand, DeskRefusal, Exception, ExceptionEvent, Store};

use super::exceptions::finding;
use super::fixtures::{at, merchant};

/// Opens an exception for each order, in the order of their names.
pub(crate) async fn open(store: &dyn Store, orders: &[&str], moment: i64) -> Vec<Exception> {
    let findings = orders.iter().map(|order| finding(order, 1)).collect();
    store
        .settle_exceptions(&merchant(), "orders", findings, at(moment))
        .await
        .unwrap()
        .opened
}

pub(crate) async fn act(
    store: &dyn Store,
    number: u64,
    action: DeskAction,
    reason: &str,
    moment: i64,
) -> Result<Exception, DeskRefusal> {
    let command = DeskCommand::new(number, action, "Alex", reason);
    store
        .act_on_exception(&merchant(), command, at(moment))
        .await
        .unwrap()
}

async fn one(store: &dyn Store, number: u64) -> Option<Exception> {
    store.exception(&merchant(), number).await.unwrap()
}

pub async fn an_exception_is_found_by_its_number(store: &dyn Store) {
    let opened = open(store, &["a", "b"], 1).await;
    let numbers: Vec<u64> = opened.iter().map(|one| one.number).collect();
    assert_eq!(numbers, [1, 2]);
    assert_eq!(one(store, 2).await.as_ref(), opened.get(1));
    assert_eq!(one(store, 3).await, None);
    assert_eq!(one(store, u64::MAX).await, None);
    // A number is never given again, also not once its exception is over.
    open(store, &[], 2).await;
    assert_eq!(one(store, 1).await.unwrap().closed_at, Some(at(2)));
    assert_eq!(open(store, &["a"], 3).await[0].number, 3);
}

pub async fn what_a_person_does_is_on_record(store: &dyn Store) {
    open(store, &["a"], 1).await;
    let assigned = act(store, 1, DeskAction::Assign(Some("Kim".into())), "", 2).await;
    assert_eq!(assigned.unwrap().assignee.as_deref(), Some("Kim"));
    let snoozed = act(store, 1, DeskAction::Snooze(at(90)), "on the road", 3)
        .await
        .unwrap();
    assert_eq!(snoozed.snoozed_until, Some(at(90)));
    assert_eq!(snoozed.assignee.as_deref(), Some("Kim"));
    assert_eq!(one(store, 1).await, Some(snoozed.clone()));
    let found = store.exceptions(&merchant(), true).await.unwrap();
    assert_eq!(found, [snoozed]);

    // The next finding keeps what people have done.
    let findings = vec![finding("a", 5)];
    let changes = store
        .settle_exceptions(&merchant(), "orders", findings, at(4))
        .await
        .unwrap();
    assert_eq!(changes.updated[0].assignee.as_deref(), Some("Kim"));
    assert_eq!(one(store, 1).await, changes.updated.first().cloned());
    let journal = store.exception_journal(&merchant(), 0, 9).await.unwrap();
    let told: Vec<_> = journal
        .iter()
        .map(|entry| (entry.event, entry.by.as_deref(), entry.note.as_str()))
        .collect();
    use ExceptionEvent as E;
    let until = format!("until {}: on the road", at(90));
    assert_eq!(
        told,
        [
            (E::Opened, None, "waits too long"),
            (E::Assigned, Some("Alex"), "to Kim"),
            (E::Snoozed, Some("Alex"), until.as_str()),
            (E::Changed, None, "waits too long"),
        ]
    );
}

pub async fn a_refused_action_writes_nothing(store: &dyn Store) {
    let before = open(store, &["a"], 1).await;
    let unknown = act(store, 2, DeskAction::Note, "nobody there", 2).await;
    assert_eq!(unknown.unwrap_err(), DeskRefusal::Unknown);
    let wordless = act(store, 1, DeskAction::Close, "  ", 2).await;
    assert_eq!(wordless.unwrap_err(), DeskRefusal::NoReason);
    let late = act(store, 1, DeskAction::Snooze(at(1)), "", 2).await;
    assert_eq!(late.unwrap_err(), DeskRefusal::BadTime);
    assert_eq!(one(store, 1).await, before.first().cloned());
    let journal = store.exception_journal(&merchant(), 0, 9).await.unwrap();
    assert_eq!(journal.len(), 1);
}

pub async fn what_a_person_closed_stays_closed_until_it_changes(store: &dyn Store) {
    open(store, &["a"], 1).await;
    let closed = act(store, 1, DeskAction::Close, "agreed with the buyer", 2).await;
    assert!(!closed.unwrap().is_open());
    // It is still found, and listed as such; the same finding changes nothing.
    assert!(open(store, &["a"], 3).await.is_empty());
    let found = store.exceptions(&merchant(), true).await.unwrap();
    assert_eq!((found.len(), found[0].dismissed_at), (1, Some(at(2))));

    let changes = store
        .settle_exceptions(&merchant(), "orders", vec![finding("a", 2)], at(4))
        .await
        .unwrap();
    assert!(changes.opened.is_empty() && changes.updated[0].is_open());
    assert!(one(store, 1).await.unwrap().is_open());
    let history = store.exception_history(&merchant(), 1).await.unwrap();
    let events: Vec<ExceptionEvent> = history.iter().map(|entry| entry.event).collect();
    use ExceptionEvent as E;
    assert_eq!(events, [E::Opened, E::Dismissed, E::Reopened]);
}

pub async fn what_went_away_after_it_was_closed_is_over(store: &dyn Store) {
    open(store, &["a"], 1).await;
    act(store, 1, DeskAction::Close, "a duplicate", 2)
        .await
        .unwrap();
    open(store, &[], 3).await;
    assert!(
        store
            .exceptions(&merchant(), true)
            .await
            .unwrap()
            .is_empty()
    );
    let reopened = act(store, 1, DeskAction::Reopen, "why not", 4).await;
    assert_eq!(reopened.unwrap_err(), DeskRefusal::Closed);
    let noted = act(store, 1, DeskAction::Note, "it was the carrier", 5).await;
    assert_eq!(noted.unwrap().closed_at, Some(at(3)));
    let again = open(store, &["a"], 6).await;
    assert!(again[0].is_open(), "what comes back is for a person again");
    assert_eq!(again[0].number, 2);
}
