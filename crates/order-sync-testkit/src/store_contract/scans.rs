//! Everything of many orders in one reading.

use order_sync::{
    Dossier, NewOrder, OrderEvent, OrderQuery, OrderRecord, OrderState, SourceCopy, Store,
};

use super::fixtures::{
    at, captured, change, consignment, despatched, id, merchant, moved, new_order, payload, read,
    sales_order,
};

async fn scan(store: &dyn Store, query: &OrderQuery) -> Vec<Dossier> {
    store.scan(&merchant(), query).await.unwrap()
}

fn ids(dossiers: &[Dossier]) -> Vec<&str> {
    dossiers
        .iter()
        .map(|dossier| dossier.record.id.as_str())
        .collect()
}

pub async fn a_scan_brings_what_it_is_asked_for(store: &dyn Store) {
    captured(store, "bare").await;
    let record = captured(store, "full").await;
    let mut prepared = change(&record, OrderEvent::Prepared, 0);
    prepared.intent = Some(Box::new(payload("full")));
    store.commit(prepared).await.unwrap().unwrap();
    let record = moved(store, "full", &[OrderEvent::Claimed, OrderEvent::Confirmed]).await;
    let despatch = consignment("D-1", &record, &[("P-2", 1), ("P-1", 1)]);
    store
        .commit(despatched(&record, despatch, 5))
        .await
        .unwrap()
        .unwrap();

    let all = OrderQuery::new(&[], 10);
    let records = scan(store, &all).await;
    let expected: [OrderRecord; 2] = [read(store, "bare").await, read(store, "full").await];
    for (dossier, record) in records.iter().zip(&expected) {
        assert_eq!(&dossier.record, record);
        assert!(dossier.source.is_none() && dossier.intent.is_none());
        assert!(dossier.lines.is_empty() && dossier.parcels.is_empty());
    }
    assert_eq!(records.len(), 2);

    let mut query = all.clone();
    query.with_source = true;
    let found = scan(store, &query).await;
    let copies = expected.map(|record| {
        let order = sales_order(record.id.as_str());
        Some(SourceCopy::new(order, record.source_version))
    });
    assert_eq!([found[0].source.clone(), found[1].source.clone()], copies);
    assert!(found[1].intent.is_none() && found[1].lines.is_empty());

    let mut query = all.clone();
    query.with_intent = true;
    let found = scan(store, &query).await;
    assert_eq!(found[0].intent, None);
    assert_eq!(found[1].intent, Some(payload("full")));

    let mut query = all;
    query.with_lines = true;
    query.with_parcels = true;
    let found = scan(store, &query).await;
    for dossier in &found {
        let id = &dossier.record.id;
        assert_eq!(dossier.lines, store.lines(&merchant(), id).await.unwrap());
        assert_eq!(dossier.lines.len(), 3);
        let parcels = store.parcels(&merchant(), id).await.unwrap();
        assert_eq!(dossier.parcels, parcels);
    }
    assert_eq!(found[1].parcels[0].parcel.id, "P-2");
    assert!(found.iter().all(|dossier| dossier.source.is_none()));
}

pub async fn a_scan_goes_by_state_in_pages(store: &dyn Store) {
    for text in ["e", "a", "d", "B", "c"] {
        captured(store, text).await;
    }
    moved(store, "c", &[OrderEvent::Prepared]).await;
    moved(store, "d", &[OrderEvent::Held]).await;
    let both = [OrderState::Ready, OrderState::Captured, OrderState::Ready];
    let query = OrderQuery::new(&both, 2);
    assert_eq!(ids(&scan(store, &query).await), ["B", "a"]);
    let query = query.after(Some(id("a")));
    assert_eq!(ids(&scan(store, &query).await), ["c", "e"]);
    let query = query.after(Some(id("e")));
    assert!(scan(store, &query).await.is_empty());

    let everything = OrderQuery::new(&[], 10);
    assert_eq!(
        ids(&scan(store, &everything).await),
        ["B", "a", "c", "d", "e"]
    );
    // An id that is on record no more, or never was, is a place in the order all the same.
    let rest = everything.after(Some(id("bb")));
    assert_eq!(ids(&scan(store, &rest).await), ["c", "d", "e"]);
    assert!(scan(store, &OrderQuery::new(&[], 0)).await.is_empty());
    let parked = OrderQuery::new(&[OrderState::Parked], 10);
    assert!(scan(store, &parked).await.is_empty());
}

pub async fn a_scan_goes_by_the_time_of_capture(store: &dyn Store) {
    let batch: Vec<NewOrder> = [("a", 30), ("b", 10), ("c", 20), ("d", 40)]
        .into_iter()
        .map(|(text, moment)| {
            let mut new = new_order(text);
            new.record.captured_at = at(moment);
            new
        })
        .collect();
    store.capture(batch).await.unwrap();
    moved(store, "c", &[OrderEvent::Held]).await;
    let mut query = OrderQuery::new(&[], 2);
    query.captured_since = Some(at(20));
    assert_eq!(ids(&scan(store, &query).await), ["a", "c"], "to the moment");
    let query = query.after(Some(id("c")));
    assert_eq!(ids(&scan(store, &query).await), ["d"]);
    let mut query = OrderQuery::new(&[OrderState::Captured], 10);
    query.captured_since = Some(at(20));
    assert_eq!(ids(&scan(store, &query).await), ["a", "d"]);
    query.captured_since = Some(at(41));
    assert!(scan(store, &query).await.is_empty());
}
