//! Personal data sealed with a key: nothing of it in any file, and whatever does not open concerns its order alone.

use chrono::Duration;
use order_mapping::{FulfilmentOrder, PersonalDetails, Recipient};
use order_sync::{
    ClaimKind, Commit, DeskAction, DeskCommand, Dossier, ExceptionSubject, Fence, Finding, KeyRing,
    OrderEvent, OrderQuery, PersonalDataKey, Store as _, StoreError, StoreErrorKind, codes,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use rusqlite::Connection;

use crate::fixtures::{Place, at, capture, id, merchant, prepared};
use crate::privacy::{PLANTED, payload};

fn key(name: &str, byte: u8) -> PersonalDataKey {
    PersonalDataKey::new(name, [byte; 32]).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(key("2026", 1))
}

fn try_open(place: &Place, keys: Option<KeyRing>) -> Result<SqliteStore, StoreError> {
    let mut options = OpenOptions::new(at(0));
    if let Some(keys) = keys {
        options = options.with_personal_data_keys(keys);
    }
    SqliteStore::open(place.store(), options)
}

fn sealed(place: &Place) -> SqliteStore {
    try_open(place, Some(ring())).unwrap()
}

/// An order with both kinds of personal data, due to be sent.
async fn ready(store: &SqliteStore, text: &str) {
    let record = capture(store, text).await;
    let mut commit = prepared(&record);
    let mut intent: FulfilmentOrder = payload();
    intent.source_id = id(text);
    commit.intent = Some(Box::new(intent));
    store.commit(commit).await.unwrap().unwrap();
}

async fn dossiers(store: &SqliteStore) -> Vec<Dossier> {
    let mut query = OrderQuery::new(&[], 99);
    query.with_source = true;
    query.with_intent = true;
    store.scan(&merchant(), &query).await.unwrap()
}

fn is_whole(dossier: &Dossier) -> bool {
    dossier.unopened.is_none()
        && dossier.source.as_ref().unwrap().order.personal != PersonalDetails::default()
        && dossier.intent.as_ref().unwrap().recipient != Recipient::erased()
}

/// The planted texts that stand in any file of the store.
fn found_in_files(place: &Place) -> Vec<String> {
    let mut found = Vec::new();
    for name in place.files() {
        let bytes = std::fs::read(place.path(&name)).unwrap();
        for planted in PLANTED {
            let there = bytes
                .windows(planted.len())
                .any(|window| window == planted.as_bytes());
            if there {
                found.push(format!("{planted} in {name}"));
            }
        }
    }
    found
}

/// Changes the closed database by a foreign hand.
fn meddle(place: &Place, sql: &str) {
    let connection = Connection::open(place.store()).unwrap();
    connection.execute_batch(sql).unwrap();
    connection.close().unwrap();
}

fn text(place: &Place, sql: &str) -> String {
    let connection = Connection::open(place.store()).unwrap();
    connection.query_row(sql, [], |row| row.get(0)).unwrap()
}

async fn reseal(store: &SqliteStore) -> (u64, u64) {
    let (mut rows, mut unopened) = (0, 0);
    let mut after = None;
    for _ in 0..100 {
        let page = store.reseal_personal(&merchant(), after.as_ref(), 2).await;
        let page = page.unwrap();
        rows += page.rows;
        unopened += page.unopened;
        after = page.last;
        if after.is_none() {
            return (rows, unopened);
        }
    }
    panic!("the pages have no end");
}

#[tokio::test]
async fn nothing_planted_stands_in_any_file_while_it_is_open_and_afterwards() {
    let place = Place::new();
    let store = sealed(&place);
    for text in ["a", "b", "c"] {
        ready(&store, text).await;
    }
    assert!(place.files().contains(&"orders.db-wal".to_owned()));
    assert_eq!(found_in_files(&place), [""; 0]);
    drop(store);
    assert_eq!(found_in_files(&place), [""; 0]);
    // In clear it is found: the search can fail.
    let clear = Place::new();
    let store = clear.open(0);
    ready(&store, "a").await;
    assert!(found_in_files(&clear).len() >= PLANTED.len());

    let store = sealed(&place);
    assert!(dossiers(&store).await.iter().all(is_whole));
    assert_eq!(store.personal_data_key().as_deref(), Some("2026"));
}

#[tokio::test]
async fn a_sealed_store_is_not_opened_without_its_key() {
    let place = Place::new();
    let store = sealed(&place);
    ready(&store, "a").await;
    drop(store);
    for (keys, words) in [
        (None, "no key was given"),
        (Some(KeyRing::new(key("2026", 9))), "is not the one"),
        (
            Some(KeyRing::new(key("2027", 1))),
            "sealed with the key 2026",
        ),
    ] {
        let error = try_open(&place, keys).unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let store = sealed(&place);
    assert!(is_whole(&dossiers(&store).await[0]), "nothing was harmed");
}

#[tokio::test]
async fn what_is_there_in_clear_is_sealed_page_by_page() {
    let place = Place::new();
    let store = place.open(0);
    for text in ["a", "b", "c"] {
        ready(&store, text).await;
    }
    drop(store);
    assert!(!found_in_files(&place).is_empty());
    let store = sealed(&place);
    assert!(
        dossiers(&store).await.iter().all(is_whole),
        "readable before"
    );
    assert_eq!(reseal(&store).await, (6, 0));
    assert_eq!(reseal(&store).await, (0, 0), "once");
    assert!(dossiers(&store).await.iter().all(is_whole));
    // Closing moves the log into the database.
    drop(store);
    assert_eq!(found_in_files(&place), [""; 0]);
}

#[tokio::test]
async fn another_key_takes_over_and_the_old_one_can_go() {
    let place = Place::new();
    let store = sealed(&place);
    for text in ["a", "b", "c"] {
        ready(&store, text).await;
    }
    drop(store);
    let before = text(
        &place,
        "SELECT group_concat(details, ' ') FROM order_personal",
    );
    let both = KeyRing::new(key("2027", 2)).with_older(key("2026", 1));
    let store = try_open(&place, Some(both)).unwrap();
    assert!(dossiers(&store).await.iter().all(is_whole));
    assert_eq!(reseal(&store).await, (6, 0));
    ready(&store, "d").await;
    drop(store);
    let store = try_open(&place, Some(KeyRing::new(key("2027", 2)))).unwrap();
    let all = dossiers(&store).await;
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(is_whole));
    drop(store);
    let after = text(
        &place,
        "SELECT group_concat(details, ' ') FROM order_personal p JOIN orders o ON o.number = p.order_number WHERE o.id <> 'd'",
    );
    assert_eq!(before, after, "only keys were wrapped anew");
    let error = try_open(&place, Some(ring())).unwrap_err();
    assert!(error.to_string().contains("2027"), "{error}");
}

#[tokio::test]
async fn a_key_that_went_too_early_concerns_what_it_sealed() {
    let place = Place::new();
    let store = sealed(&place);
    ready(&store, "a").await;
    drop(store);
    let both = KeyRing::new(key("2027", 2)).with_older(key("2026", 1));
    let store = try_open(&place, Some(both)).unwrap();
    ready(&store, "b").await;
    drop(store);
    let store = try_open(&place, Some(KeyRing::new(key("2027", 2)))).unwrap();
    let all = dossiers(&store).await;
    let why = all[0].unopened.as_deref().unwrap();
    assert!(why.contains("the key 2026"), "{why}");
    assert!(is_whole(&all[1]));
    assert_eq!(
        reseal(&store).await,
        (0, 2),
        "left for the key to come back"
    );
}

#[tokio::test]
async fn rows_that_were_swapped_changed_or_lost_do_not_open_and_block_nobody() {
    let swap = |table: &str, column: &str| {
        format!(
            "UPDATE {table} SET {column} = (SELECT x.{column} FROM {table} x JOIN orders o ON o.number = x.order_number \
             WHERE o.id = 'b') WHERE order_number = (SELECT number FROM orders WHERE id = 'a')"
        )
    };
    let of_a = "order_number = (SELECT number FROM orders WHERE id = 'a')";
    let cases = [
        swap("intent_personal", "recipient"),
        swap("personal_keys", "wrapped"),
        format!(
            "{}; {}",
            swap("intent_personal", "recipient"),
            swap("personal_keys", "wrapped")
        ),
        format!(
            "UPDATE intent_personal SET recipient = (SELECT details FROM order_personal WHERE {of_a}) WHERE {of_a}"
        ),
        format!(
            "UPDATE intent_personal SET recipient = substr(recipient, 1, length(recipient) - 9) || 'AAAAAAAAA' WHERE {of_a}"
        ),
        format!("UPDATE intent_personal SET recipient = 'sealed1:' WHERE {of_a}"),
        format!("DELETE FROM personal_keys WHERE {of_a}"),
    ];
    for meddling in cases {
        let place = Place::new();
        let store = sealed(&place);
        for text in ["a", "b", "c"] {
            ready(&store, text).await;
        }
        drop(store);
        meddle(&place, &meddling);
        let store = sealed(&place);
        let all = dossiers(&store).await;
        let why = all[0].unopened.as_deref().unwrap();
        assert!(why.contains("does not open"), "{meddling}: {why}");
        assert!(
            PLANTED.iter().all(|planted| !why.contains(planted)),
            "{why}"
        );
        assert!(is_whole(&all[1]) && is_whole(&all[2]), "{meddling}");
        // The facts are there, and the payload has nobody to be sent to.
        let intent = all[0].intent.as_ref().unwrap();
        assert_eq!(intent.service.as_str(), "WHI_EXP");
        assert_eq!(intent.recipient, Recipient::erased());

        let lease = Duration::seconds(60);
        let claims = store
            .claim(&merchant(), ClaimKind::Send, 9, lease, at(1))
            .await
            .unwrap();
        assert_eq!(claims.len(), 3, "{meddling}");
        assert!(claims[0].unopened.is_some(), "{meddling}");
        assert!(claims[1].unopened.is_none() && claims[2].unopened.is_none());
    }
}

#[tokio::test]
async fn a_text_whose_key_was_destroyed_stays_unreadable_from_any_backup_of_it() {
    let place = Place::new();
    let store = sealed(&place);
    ready(&store, "a").await;
    let number = exception(&store).await;
    drop(store);
    let sealed_text = text(&place, "SELECT details FROM order_personal");
    let store = sealed(&place);
    let record = store.order(&merchant(), &id("a")).await.unwrap().unwrap();
    let fence = Fence::Token(record.token);
    let cancelled = Commit::new(&record, fence, OrderEvent::Cancelled, at(1), "");
    let record = store.commit(cancelled).await.unwrap().unwrap();
    let fence = Fence::Token(record.token);
    let wish = Commit::new(
        &record,
        fence,
        OrderEvent::ErasureWanted,
        at(2),
        "asked for",
    );
    let record = store.commit(wish).await.unwrap().unwrap();
    assert_eq!(record.erased_at, Some(at(2)));
    let history = store.exception_history(&merchant(), number).await.unwrap();
    assert!(
        history
            .iter()
            .all(|entry| !entry.note.contains("planted note"))
    );
    drop(store);

    let keys = text(&place, "SELECT count(*) || '' FROM personal_keys");
    assert_eq!(keys, "0");
    let bytes = std::fs::read(place.store()).unwrap();
    for gone in [sealed_text.as_str(), "planted note"] {
        let there = bytes
            .windows(gone.len())
            .any(|window| window == gone.as_bytes());
        assert!(!there, "{gone} is still in the file");
    }
    // The row comes back from a backup; the key was not in it.
    let back = format!(
        "INSERT INTO order_personal (order_number, details) SELECT number, '{sealed_text}' FROM orders"
    );
    meddle(&place, &back);
    let store = sealed(&place);
    let all = dossiers(&store).await;
    let why = all[0].unopened.as_deref().unwrap();
    assert!(why.contains("its key is not in the store"), "{why}");
    let people = &all[0].source.as_ref().unwrap().order.personal;
    assert_eq!(*people, PersonalDetails::default());
}

/// An exception about the order, with words of a person.
async fn exception(store: &SqliteStore) -> u64 {
    let subject = ExceptionSubject::order(&id("a"));
    let finding = Finding::new(subject, &codes::WAREHOUSE_REJECTED, "refused");
    let settled = store
        .settle_exceptions(&merchant(), "orders", vec![finding], at(1))
        .await;
    let number = settled.unwrap().opened[0].number;
    let words = "the buyer left a planted note";
    let command = DeskCommand::new(number, DeskAction::Note, "dispatcher", words);
    let acted = store.act_on_exception(&merchant(), command, at(1)).await;
    acted.unwrap().unwrap();
    number
}

#[tokio::test]
async fn erasure_for_age_destroys_the_keys_too() {
    let place = Place::new();
    let store = sealed(&place);
    ready(&store, "a").await;
    let record = store.order(&merchant(), &id("a")).await.unwrap().unwrap();
    let fence = Fence::Token(record.token);
    let cancelled = Commit::new(&record, fence, OrderEvent::Cancelled, at(1), "");
    store.commit(cancelled).await.unwrap().unwrap();
    assert_eq!(
        store.erase_personal(&merchant(), at(2), 9).await.unwrap(),
        1
    );
    drop(store);
    assert_eq!(
        text(&place, "SELECT count(*) || '' FROM personal_keys"),
        "0"
    );
    let store = sealed(&place);
    assert_eq!(dossiers(&store).await[0].unopened, None);
}
