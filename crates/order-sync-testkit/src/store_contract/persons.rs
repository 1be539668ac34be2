//! One person goes: the orders of others, the totals and the timeline stay.

use order_mapping::{PersonalDetails, Recipient};
use order_sync::{
    DeskAction, DeskCommand, ExceptionEntry, ExceptionSubject, Finding, MerchantId, OrderEvent,
    OrderQuery, OrderRecord, Refusal, SourceCopy, Store, codes, first_broken_link,
};

use super::fixtures::{
    CLOSED, at, captured, change, id, merchant, moved, new_order_of, payload, read, sales_order,
};

/// An order with a customer and with both kinds of personal data.
async fn prepared(store: &dyn Store, text: &str) -> OrderRecord {
    let record = captured(store, text).await;
    let mut order = sales_order(text);
    order.customer_id = Some("customer-7".to_owned());
    let mut changed = change(&record, OrderEvent::SourceChanged, 0);
    changed.source = Some(Box::new(SourceCopy::new(order, None)));
    let record = store.commit(changed).await.unwrap().unwrap();
    let mut prepared = change(&record, OrderEvent::Prepared, 0);
    prepared.intent = Some(Box::new(payload(text)));
    store.commit(prepared).await.unwrap().unwrap()
}

async fn wanted(store: &dyn Store, text: &str, moment: i64) -> OrderRecord {
    let record = read(store, text).await;
    let wish = change(&record, OrderEvent::ErasureWanted, moment);
    store.commit(wish).await.unwrap().unwrap()
}

async fn is_gone(store: &dyn Store, text: &str) -> bool {
    let copy = store.source_copy(&merchant(), &id(text)).await.unwrap();
    let order = copy.unwrap().order;
    let intent = store.intent(&merchant(), &id(text)).await.unwrap();
    let named = intent.is_some_and(|intent| intent.recipient != Recipient::erased());
    let gone = order.personal == PersonalDetails::default();
    assert_eq!(gone, !named, "both or none");
    assert_eq!(gone, order.customer_id.is_none(), "both or none");
    gone
}

async fn chain_is_whole(store: &dyn Store, record: &OrderRecord) {
    let timeline = store.timeline(&merchant(), &record.id).await.unwrap();
    assert_eq!(first_broken_link(&timeline), None);
    assert_eq!(timeline.len() as u64, record.timeline_length);
    assert_eq!(
        timeline.last().map(|entry| &entry.digest),
        Some(&record.timeline_digest)
    );
}

pub async fn an_order_at_its_end_is_erased_at_once(store: &dyn Store) {
    prepared(store, "a").await;
    let before = moved(store, "a", &CLOSED[1..]).await;
    let lines = store.lines(&merchant(), &id("a")).await.unwrap();
    assert!(!is_gone(store, "a").await);

    let after = wanted(store, "a", 9).await;
    assert_eq!(after.erasure_wanted_at, Some(at(9)));
    assert_eq!(after.erased_at, Some(at(9)));
    assert_eq!(read(store, "a").await, after);
    assert!(is_gone(store, "a").await);

    // What is counted and what is proven stays.
    assert_eq!(after.state, before.state);
    assert_eq!(after.value, before.value);
    assert_eq!(after.reference, before.reference);
    assert_eq!(after.number, before.number);
    assert_eq!(after.changed_at, before.changed_at);
    assert_eq!(store.lines(&merchant(), &id("a")).await.unwrap(), lines);
    let copy = store.source_copy(&merchant(), &id("a")).await.unwrap();
    let facts = copy.unwrap().order;
    assert_eq!(facts.total, sales_order("a").total);
    assert_eq!(facts.lines, sales_order("a").lines);
    assert!(facts.metadata.is_empty());
    let intent = store.intent(&merchant(), &id("a")).await.unwrap();
    assert_eq!(intent.unwrap().lines, payload("a").lines);
    chain_is_whole(store, &after).await;
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    let last = timeline.last().unwrap();
    assert_eq!(last.event, OrderEvent::ErasureWanted);
    assert!(last.note.contains("is erased"), "{}", last.note);

    // Age finds nothing left, and a second wish changes nothing but the timeline.
    let aged = store.erase_personal(&merchant(), at(99), 9).await.unwrap();
    assert_eq!(aged, 0);
    let again = wanted(store, "a", 20).await;
    assert_eq!(again.erased_at, Some(at(9)));
    chain_is_whole(store, &again).await;
}

pub async fn an_order_under_way_is_erased_when_it_comes_to_its_end(store: &dyn Store) {
    prepared(store, "a").await;
    moved(store, "a", &CLOSED[1..3]).await;
    let waiting = wanted(store, "a", 9).await;
    assert_eq!(waiting.erasure_wanted_at, Some(at(9)));
    assert_eq!(waiting.erased_at, None);
    assert!(!is_gone(store, "a").await, "it is on its way to somebody");

    let relayed = moved(store, "a", &CLOSED[3..5]).await;
    assert_eq!(relayed.erased_at, None);
    let closed = change(&relayed, CLOSED[5], 30);
    let closed = store.commit_all(vec![closed]).await.unwrap().remove(0);
    let closed = closed.unwrap();
    assert_eq!(closed.erased_at, Some(at(30)));
    assert!(is_gone(store, "a").await);
    chain_is_whole(store, &closed).await;
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    let last = timeline.last().unwrap();
    assert!(last.note.contains("is erased"), "{}", last.note);
}

pub async fn what_comes_of_an_erased_order_is_kept_without_people(store: &dyn Store) {
    prepared(store, "a").await;
    let record = read(store, "a").await;
    let cancelled = change(&record, OrderEvent::Cancelled, 1);
    store.commit(cancelled).await.unwrap().unwrap();
    wanted(store, "a", 2).await;

    let record = read(store, "a").await;
    let mut order = sales_order("a");
    order.customer_id = Some("customer-7".to_owned());
    let digest = order.content_digest();
    let mut changed = change(&record, OrderEvent::SourceChanged, 3);
    changed.source = Some(Box::new(SourceCopy::new(order, Some("v2".to_owned()))));
    let after = store.commit(changed).await.unwrap().unwrap();
    assert_eq!(after.source_digest, digest, "the shop's copy is recognised");
    assert!(is_gone(store, "a").await);
    // Nor with the change that brings it to its end.
    let mut again = change(&after, OrderEvent::Cancelled, 4);
    again.source = Some(Box::new(SourceCopy::new(sales_order("a"), None)));
    store.commit(again).await.unwrap().unwrap();
    assert!(is_gone(store, "a").await);
}

pub async fn an_erased_order_is_never_prepared_again(store: &dyn Store) {
    captured(store, "a").await;
    moved(store, "a", &[OrderEvent::Ignored]).await;
    wanted(store, "a", 1).await;
    let record = moved(store, "a", &[OrderEvent::Replayed]).await;
    let mut prepared = change(&record, OrderEvent::Prepared, 2);
    prepared.intent = Some(Box::new(payload("a")));
    let refused = store.commit(prepared).await.unwrap().unwrap_err();
    assert!(matches!(refused, Refusal::Impossible { .. }), "{refused}");
    assert_eq!(store.intent(&merchant(), &id("a")).await.unwrap(), None);
}

async fn exception_about(store: &dyn Store, subject: ExceptionSubject) -> u64 {
    let finding = Finding::new(subject, &codes::WAREHOUSE_REJECTED, "refused");
    let scope = finding.subject.as_str().to_owned();
    let settled = store
        .settle_exceptions(&merchant(), &scope, vec![finding], at(1))
        .await;
    settled.unwrap().opened[0].number
}

async fn noted(store: &dyn Store, number: u64) {
    let words = "Goods In says: leave it with the neighbour";
    let command = DeskCommand::new(number, DeskAction::Note, "dispatcher", words);
    let acted = store.act_on_exception(&merchant(), command, at(2)).await;
    acted.unwrap().unwrap();
}

pub async fn what_people_wrote_about_it_is_blanked_and_nothing_else(store: &dyn Store) {
    for text in ["a", "a/1"] {
        captured(store, text).await;
        moved(store, text, &[OrderEvent::Ignored]).await;
    }
    let of_order = exception_about(store, ExceptionSubject::order(&id("a"))).await;
    let of_parcel = exception_about(store, ExceptionSubject::parcel(&id("a"), "P-1")).await;
    let of_another = exception_about(store, ExceptionSubject::order(&id("a/1"))).await;
    for number in [of_order, of_parcel, of_another] {
        noted(store, number).await;
    }
    wanted(store, "a", 9).await;
    for (number, blanked) in [(of_order, true), (of_parcel, true), (of_another, false)] {
        let history = store.exception_history(&merchant(), number).await.unwrap();
        let notes: Vec<&ExceptionEntry> =
            history.iter().filter(|entry| entry.by.is_some()).collect();
        assert_eq!(notes.len(), 1);
        assert_eq!(notes[0].note.contains("neighbour"), !blanked, "{number}");
        assert_eq!(notes[0].by.as_deref(), Some("dispatcher"));
        assert_eq!(history[0].note, "refused", "the engine names nobody");
    }
    let journal = store.exception_journal(&merchant(), 0, 99).await.unwrap();
    assert_eq!(journal.len(), 6);
}

pub async fn other_orders_and_merchants_keep_theirs(store: &dyn Store) {
    let other = MerchantId::new("southwind");
    store
        .capture(vec![new_order_of(&other, "a")])
        .await
        .unwrap();
    for text in ["a", "b"] {
        prepared(store, text).await;
        moved(store, text, &CLOSED[1..]).await;
    }
    wanted(store, "a", 9).await;
    assert!(is_gone(store, "a").await);
    assert!(!is_gone(store, "b").await);
    let theirs = store.source_copy(&other, &id("a")).await.unwrap().unwrap();
    assert_eq!(theirs.order.personal, sales_order("a").personal);
}

pub async fn resealing_leaves_what_can_be_read(store: &dyn Store) {
    for text in ["a", "b", "c"] {
        prepared(store, text).await;
    }
    wanted(store, "a", 1).await;
    let mut after = None;
    // Two pages of two, and the end: or nothing at all where a store keeps it in clear.
    for _ in 0..4 {
        let page = store.reseal_personal(&merchant(), after.as_ref(), 2).await;
        let page = page.unwrap();
        assert_eq!((page.rows, page.unopened), (0, 0), "all is under its key");
        after = page.last;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(after, None, "it comes to an end");
    let mut query = OrderQuery::new(&[], 9);
    query.with_source = true;
    query.with_intent = true;
    let dossiers = store.scan(&merchant(), &query).await.unwrap();
    assert_eq!(dossiers.len(), 3);
    for dossier in dossiers {
        assert_eq!(dossier.unopened, None);
        let people = dossier.source.unwrap().order.personal;
        assert_eq!(people, sales_order("a").personal);
        let recipient = dossier.intent.unwrap().recipient;
        assert_eq!(recipient, payload("a").recipient);
    }
}
