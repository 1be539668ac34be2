//! A store of an earlier version becomes one of this version.

use chrono::{DateTime, Duration, Utc};
use order_sync::{
    CaptureOutcome, ClaimKind, ExceptionEvent, ExceptionSubject, Finding, MerchantId, OrderEvent,
    OrderState, RequestKind, RequestState, Store as _, StoreErrorKind, codes, first_broken_link,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use rusqlite::Connection;

use crate::fixtures::{Place, at, id, merchant, new_order};

/// The times in the old store are not whole seconds.
fn then(seconds: i64) -> DateTime<Utc> {
    at(seconds) + Duration::microseconds(123_456)
}

/// The version of today.
const VERSION: u32 = 4;

/// A store as the program of version 1 left it.
fn old_store() -> Place {
    left(include_str!("version_1.sql"))
}

/// The same store after a while with the program of version 2.
fn store_of_version_2() -> Place {
    left(include_str!("version_2.sql"))
}

/// The same store, as the program of version 3 took it over.
fn store_of_version_3() -> Place {
    left(include_str!("version_3.sql"))
}

fn left(dump: &str) -> Place {
    let place = Place::new();
    let connection = Connection::open(place.store()).unwrap();
    connection.execute_batch(dump).unwrap();
    let figure = |name: &str| -> i64 {
        let sql = "SELECT value FROM meta WHERE name = ?1";
        connection.query_row(sql, [name], |row| row.get(0)).unwrap()
    };
    let mark = format!("{} {}\n", figure("epoch"), figure("commits"));
    std::fs::write(place.path("orders.db.epoch"), mark).unwrap();
    place
}

fn version_of(path: &std::path::Path) -> u32 {
    Connection::open(path)
        .unwrap()
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .unwrap()
}

/// Every row of every table of version 1 that a failed upgrade could have touched.
fn rows(path: &std::path::Path) -> Vec<String> {
    let connection = Connection::open(path).unwrap();
    let mut all = Vec::new();
    for table in [
        "orders",
        "consignments",
        "unmatched_despatches",
        "exceptions",
    ] {
        let mut statement = connection
            .prepare(&format!("SELECT * FROM {table} ORDER BY rowid"))
            .unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            all.extend((0..columns).map(|column| format!("{:?}", row.get_ref(column).unwrap())));
        }
    }
    all
}

#[tokio::test]
async fn orders_survive_with_their_timeline_and_what_belongs_to_them() {
    let place = old_store();
    let store = place.open(1_000);
    assert!(!store.went_back_in_time());
    assert_eq!(store.blind_before().await.unwrap(), then(0));
    for (text, state) in [
        ("ready", OrderState::Ready),
        ("cancelled-later", OrderState::Accepted),
        ("changed-later", OrderState::PartDespatched),
        ("closed", OrderState::Closed),
    ] {
        let record = store.order(&merchant(), &id(text)).await.unwrap().unwrap();
        assert_eq!(record.state, state);
        assert_eq!(record.renamed, None);
        let timeline = store.timeline(&merchant(), &id(text)).await.unwrap();
        assert_eq!(timeline.len() as u64, record.timeline_length);
        assert_eq!(first_broken_link(&timeline), None);
        let owner = store
            .order_by_reference(&merchant(), &record.reference)
            .await
            .unwrap();
        assert_eq!(owner.unwrap().id, record.id);
        let copy = store
            .source_copy(&merchant(), &id(text))
            .await
            .unwrap()
            .unwrap();
        assert!(copy.order.personal.shipping.is_some());
        let intent = store.intent(&merchant(), &id(text)).await.unwrap().unwrap();
        assert_eq!(Some(intent.payload_digest()), record.payload_digest);
    }
    let ready = store
        .order(&merchant(), &id("ready"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(ready.request, None);
    assert_eq!(ready.stake.to_string(), "1234.50 GBP, trade");

    let mut taken = new_order("new");
    taken.record.reference = ready.reference;
    assert_eq!(
        store.capture(vec![taken]).await.unwrap(),
        [CaptureOutcome::ReferenceTaken]
    );
    let other = MerchantId::new("southwind");
    assert!(store.order(&other, &id("ready")).await.unwrap().is_some());
    let changed = id("changed-later");
    for (consignment, known) in [("D-1", true), ("D-9", false)] {
        let found = store
            .has_consignment(&merchant(), &changed, consignment)
            .await;
        assert_eq!(found.unwrap(), known);
    }
    let lines = store.lines(&merchant(), &changed).await.unwrap();
    assert_eq!(lines[0].despatched, 2);
    // Parcels that left before are on record, and not watched.
    assert!(
        !store
            .parcels(&merchant(), &changed)
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        store
            .tracking(&merchant(), &changed)
            .await
            .unwrap()
            .is_empty()
    );
    let due = store.parcels_to_track(&merchant(), at(9_000), 10).await;
    assert!(due.unwrap().is_empty());
    let erased = store.erase_personal(&merchant(), at(900), 10).await;
    assert_eq!(erased.unwrap(), 1, "the closed one");
}

#[tokio::test]
async fn what_the_shop_changed_becomes_a_request_that_is_due() {
    let place = old_store();
    let store = place.open(1_000);
    let lease = Duration::seconds(60);
    let claims = store
        .claim(&merchant(), ClaimKind::Change, 10, lease, at(1_000))
        .await
        .unwrap();
    let wishes: Vec<_> = claims
        .iter()
        .map(|claim| {
            let request = claim.record.request.clone().unwrap();
            let seen = (request.kind, request.state, request.wanted_at);
            (claim.record.id.as_str(), seen, request.due_at)
        })
        .collect();
    let wanted = RequestState::Wanted;
    let due = Some(at(1_000));
    assert_eq!(
        wishes,
        [
            (
                "cancelled-later",
                (RequestKind::Cancel, wanted, then(30)),
                due
            ),
            ("changed-later", (RequestKind::Amend, wanted, then(31)), due),
        ]
    );
    assert!(claims.iter().all(|claim| claim.intent.is_some()));
    assert_eq!(claims[1].parcels[0].parcel.id, "P-1");
    let request = claims[0].record.request.as_ref().unwrap();
    assert!(
        request
            .id
            .starts_with(&format!("{}-", claims[0].record.reference))
    );

    let record = &claims[0].record;
    let fence = order_sync::Fence::Token(record.token);
    let done = order_sync::Commit::new(record, fence, OrderEvent::Withdrawn, at(1_001), "accepted");
    let record = store.commit(done).await.unwrap().unwrap();
    assert_eq!(record.state, OrderState::Withdrawn);
    let timeline = store.timeline(&merchant(), &record.id).await.unwrap();
    assert_eq!(first_broken_link(&timeline), None);
}

#[tokio::test]
async fn exceptions_get_their_numbers_and_their_history() {
    let place = old_store();
    let store = place.open(1_000);
    let (ours, theirs) = (merchant(), MerchantId::new("southwind"));
    let numbers = |exceptions: Vec<order_sync::Exception>| -> Vec<(u64, String, bool)> {
        exceptions
            .into_iter()
            .map(|one| {
                let subject = one.finding.subject.to_string();
                (one.number, subject, one.closed_at.is_none())
            })
            .collect()
    };
    assert_eq!(
        numbers(store.exceptions(&ours, false).await.unwrap()),
        [
            (1, "order:closed".to_owned(), false),
            (2, "order:ready".to_owned(), true),
            (3, "order:changed-later".to_owned(), true),
        ]
    );
    assert_eq!(
        numbers(store.exceptions(&theirs, true).await.unwrap()),
        [(1, "order:ready".to_owned(), true)]
    );
    let journal = store.exception_journal(&ours, 0, 10).await.unwrap();
    let entries: Vec<_> = journal
        .iter()
        .map(|entry| (entry.sequence, entry.number, entry.event, entry.at))
        .collect();
    assert_eq!(
        entries,
        [
            (1, 1, ExceptionEvent::Opened, then(40)),
            (2, 2, ExceptionEvent::Opened, then(40)),
            (3, 1, ExceptionEvent::Resolved, then(42)),
            (4, 3, ExceptionEvent::Opened, then(42)),
        ]
    );
    let subject = ExceptionSubject::order(&id("new"));
    let finding = Finding::new(subject, &codes::ORPHAN, "");
    let changes = store
        .settle_exceptions(&ours, "audit", vec![finding], at(1_001))
        .await
        .unwrap();
    assert_eq!(changes.opened[0].number, 4);
}

#[tokio::test]
async fn everything_else_stays_where_it_is() {
    let place = old_store();
    let store = place.open(1_000);
    let kept = store.unmatched(&merchant()).await.unwrap();
    assert_eq!((kept.len(), kept[0].1), (1, then(50)));
    store
        .forget_unmatched(&merchant(), &kept[0].0)
        .await
        .unwrap();
    assert!(store.unmatched(&merchant()).await.unwrap().is_empty());
    let cursor = store.cursor(&merchant(), "orders").await.unwrap();
    assert_eq!(cursor.as_deref(), Some("2026-03-01T00:00:00Z"));
    assert_eq!(store.stock(&merchant()).await.unwrap()[0].row.on_hand, 12);
    let told = store.published(&merchant(), "main").await.unwrap();
    assert_eq!(told[0].level, 8);
    let next = store
        .take_flow(&merchant(), "orders", Duration::seconds(1), at(1_001))
        .await
        .unwrap();
    assert_eq!(next.unwrap().token, 2);
}

#[test]
fn an_upgraded_store_has_the_tables_of_a_new_one() {
    let schema = |path: &std::path::Path| -> Vec<(String, Option<String>)> {
        let connection = Connection::open(path).unwrap();
        let mut statement = connection
            .prepare("SELECT name, sql FROM sqlite_schema ORDER BY name")
            .unwrap();
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    };
    let new = Place::new();
    drop(new.open(1_000));
    for old in [old_store(), store_of_version_2(), store_of_version_3()] {
        drop(old.open(2_000));
        assert_eq!(schema(&old.store()), schema(&new.store()));
        assert_eq!(version_of(&old.store()), VERSION);
    }
}

#[tokio::test]
async fn what_belongs_to_an_order_stays_with_it() {
    for place in [store_of_version_2(), store_of_version_3()] {
        belongings_stay(place).await;
    }
}

async fn belongings_stay(place: Place) {
    let store = place.open(2_000);
    assert!(!store.went_back_in_time());
    // By a later name, by its reference, and with everything of its own.
    let names = [id("order-ready"), id("ready"), id("order-closed")];
    let known = store.known(&merchant(), &names).await.unwrap();
    assert_eq!(known.len(), 2);
    let ready = known.get(&names[0]).unwrap();
    assert_eq!(ready, known.get(&names[1]).unwrap());
    assert_eq!(ready.renamed, Some(id("order-ready")));
    for text in ["ready", "cancelled-later", "changed-later", "closed"] {
        let record = store.order(&merchant(), &id(text)).await.unwrap().unwrap();
        let timeline = store.timeline(&merchant(), &id(text)).await.unwrap();
        assert_eq!(timeline.len() as u64, record.timeline_length, "{text}");
        assert_eq!(first_broken_link(&timeline), None);
        let owner = store
            .order_by_reference(&merchant(), &record.reference)
            .await;
        assert_eq!(owner.unwrap().unwrap().id, record.id);
        let copy = store.source_copy(&merchant(), &id(text)).await.unwrap();
        let order = copy.unwrap().order;
        assert_eq!(order.id, id(text));
        let intent = store.intent(&merchant(), &id(text)).await.unwrap();
        assert_eq!(
            Some(intent.unwrap().payload_digest()),
            record.payload_digest
        );
        let lines = store.lines(&merchant(), &id(text)).await.unwrap();
        assert_eq!(lines.len(), order.lines.len(), "{text}");
    }
    let changed = id("changed-later");
    let parcels = store.parcels(&merchant(), &changed).await.unwrap();
    assert_eq!(parcels[0].parcel.id, "P-1");
    let known = store.has_consignment(&merchant(), &changed, "D-1").await;
    assert!(known.unwrap());
    let due = store.parcels_to_track(&merchant(), at(1_500), 10).await;
    assert_eq!(due.unwrap()[0].order, changed);
    let returns = store.returns(&merchant(), &id("closed")).await.unwrap();
    assert_eq!((returns.len(), returns[0].id.as_str()), (1, "R-1"));
    assert!(
        store
            .returns(&merchant(), &changed)
            .await
            .unwrap()
            .is_empty()
    );
    // The same id at another merchant is another order.
    let other = MerchantId::new("southwind");
    let theirs = store.order(&other, &id("ready")).await.unwrap().unwrap();
    assert_ne!(theirs.reference, ready.reference);
    assert_eq!(theirs.renamed, None);
}

#[tokio::test]
async fn what_is_searched_is_found_as_before() {
    for place in [store_of_version_2(), store_of_version_3()] {
        searches_find(place).await;
    }
}

async fn searches_find(place: Place) {
    let store = place.open(2_000);
    // Its lease ended with the process that held it.
    let lease = Duration::seconds(60);
    let changes = store
        .claim(&merchant(), ClaimKind::Change, 10, lease, at(2_000))
        .await
        .unwrap();
    assert_eq!(changes.len(), 2);
    assert_eq!(changes[1].parcels[0].parcel.id, "P-1");
    let sends = store
        .claim(&merchant(), ClaimKind::Send, 10, lease, at(2_000))
        .await
        .unwrap();
    assert_eq!(sends[0].record.id, id("ready"));
    assert!(sends[0].intent.is_some());
    let counts = store.counts(&merchant(), &[OrderState::Closed]).await;
    assert_eq!(counts.unwrap()[&OrderState::Closed].orders, 1);
    let demand = store.demand(&merchant(), at(0)).await.unwrap();
    assert!(!demand.is_empty());
    let erased = store.erase_personal(&merchant(), at(1_900), 10).await;
    assert_eq!(erased.unwrap(), 1, "the closed one");
    let copy = store.source_copy(&merchant(), &id("closed")).await.unwrap();
    assert!(copy.unwrap().order.personal.shipping.is_none());
    let stock = store.stock(&merchant()).await.unwrap();
    assert_eq!((stock.len(), stock[0].row.on_hand), (1, 12));
    let told = store.published(&merchant(), "main").await.unwrap();
    assert_eq!((told.len(), told[0].level), (1, 8));
    let history = store.sku_history(&merchant()).await.unwrap();
    assert_eq!(history.pairs.len(), 1);
    let profiles = store.profiles(&merchant()).await.unwrap();
    assert_eq!(profiles[0].hash, "aa");
    let journal = store.exception_journal(&merchant(), 0, 20).await.unwrap();
    assert_eq!(journal.len(), 5);
}

#[test]
fn the_old_file_is_copied_first_and_no_copy_is_replaced() {
    let place = old_store();
    let before = rows(&place.store());
    std::fs::write(place.path("orders.db.v1.bak"), "somebody's").unwrap();
    drop(place.open(1_000));
    let kept = std::fs::read(place.path("orders.db.v1.bak")).unwrap();
    assert_eq!(kept, b"somebody's");
    let copy = place.path("orders.db.v1.bak.2");
    assert_eq!(version_of(&copy), 1);
    assert_eq!(rows(&copy), before);
    assert!(!place.files().iter().any(|name| name.ends_with(".new")));

    let files = place.files();
    drop(place.open(2_000));
    assert_eq!(place.files(), files, "once is enough");
}

/// The upgrade is refused, and the store and the folder are as they were.
fn refused(place: &Place, kind: StoreErrorKind, words: &str) {
    let before = rows(&place.store());
    let error = place.try_open(1_000).unwrap_err();
    assert_eq!(error.kind(), kind, "{error}");
    let text = error.to_string();
    assert!(text.contains(words), "{text}");
    assert!(text.contains("it is as it was"), "{text}");
    assert_eq!(version_of(&place.store()), 1);
    assert_eq!(rows(&place.store()), before);
    assert!(!place.files().iter().any(|name| name.contains(".bak")));
}

#[test]
fn a_record_that_does_not_read_back_stops_the_upgrade() {
    let place = old_store();
    let connection = Connection::open(place.store()).unwrap();
    let sql = "UPDATE orders SET record = json_remove(record, '$.state') WHERE id = 'ready' RETURNING state";
    let state: String = connection.query_row(sql, [], |row| row.get(0)).unwrap();
    refused(
        &place,
        StoreErrorKind::Unreadable,
        "the record of an order does not read back",
    );
    let sql = "UPDATE orders SET record = json_set(record, '$.state', ?1) WHERE id = 'ready'";
    connection.execute(sql, [state]).unwrap();
    drop(place.open(1_001));
    assert_eq!(version_of(&place.store()), VERSION);
}

#[test]
fn a_row_that_belongs_to_no_order_stops_the_upgrade() {
    let place = old_store();
    let connection = Connection::open(place.store()).unwrap();
    connection
        .execute_batch(
            "PRAGMA foreign_keys = OFF; UPDATE parcels SET order_id = 'unheard of'; PRAGMA foreign_keys = ON",
        )
        .unwrap();
    refused(
        &place,
        StoreErrorKind::Damaged,
        "belongs to an order that is not there",
    );
}

#[tokio::test]
async fn a_dry_run_upgrades_its_copy_alone() {
    let place = old_store();
    let target = place.path("dry-run.db");
    assert!(SqliteStore::copy_to(place.store(), &target).unwrap());
    let copy = SqliteStore::open_inline(&target, OpenOptions::new(at(1_000))).unwrap();
    let record = copy.order(&merchant(), &id("closed")).await.unwrap();
    assert_eq!(record.unwrap().state, OrderState::Closed);
    assert_eq!(version_of(&place.store()), 1);
}
