//! What belongs to an order: copies, payloads, lines, parcels, despatches.

use order_mapping::{Consignment, LineQuantity, Parcel};
use order_sync::{
    Demand, LineProgress, NewOrder, OrderEvent, OrderState, RelayState, SourceCopy, Store,
    apply_despatch,
};

use crate::fixtures::{
    at, captured, change, id, merchant, moved, new_order, payload, read, sales_order,
};

pub(crate) async fn a_source_copy_comes_back_with_its_personal_data(store: &dyn Store) {
    let record = captured(store, "a").await;
    let copy = store
        .source_copy(&merchant(), &id("a"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        copy,
        SourceCopy::new(sales_order("a"), record.source_version)
    );
    assert_eq!(copy.order.content_digest(), record.source_digest);
    assert_eq!(
        store
            .source_copy(&merchant(), &id("unheard of"))
            .await
            .unwrap(),
        None
    );
}

pub(crate) async fn an_intent_comes_back_with_its_recipient(store: &dyn Store) {
    let record = captured(store, "a").await;
    assert_eq!(store.intent(&merchant(), &id("a")).await.unwrap(), None);
    let mut commit = change(&record, OrderEvent::Prepared, 1);
    commit.intent = Some(Box::new(payload("a")));
    let ready = store.commit(commit).await.unwrap().unwrap();
    let intent = store.intent(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(intent, payload("a"));
    assert_eq!(ready.payload_digest, Some(intent.payload_digest()));

    let changed = moved(store, "a", &[OrderEvent::SourceChanged]).await;
    let mut other = payload("a");
    other.recipient.instructions = None;
    let mut commit = change(&changed, OrderEvent::Prepared, 2);
    commit.intent = Some(Box::new(other.clone()));
    store.commit(commit).await.unwrap().unwrap();
    assert_eq!(
        store.intent(&merchant(), &id("a")).await.unwrap(),
        Some(other)
    );
}

fn consignment(
    store_id: &str,
    record: &order_sync::OrderRecord,
    parcels: &[(&str, u32)],
) -> Consignment {
    let mut consignment = Consignment::new(store_id, record.reference.clone());
    consignment.despatched_at = Some(at(10));
    for (parcel_id, quantity) in parcels {
        let mut parcel = Parcel::new(*parcel_id);
        parcel.tracking = Some((*parcel_id).into());
        parcel.contents = vec![LineQuantity::of_line("line-1", *quantity)];
        consignment.parcels.push(parcel);
    }
    consignment
}

const ACCEPTED: [OrderEvent; 3] = [
    OrderEvent::Prepared,
    OrderEvent::Claimed,
    OrderEvent::Confirmed,
];

pub(crate) async fn lines_and_parcels_follow_a_despatch(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let (merchant, id) = (merchant(), id("a"));
    let lines = store.lines(&merchant, &id).await.unwrap();
    assert_eq!(
        lines,
        [
            LineProgress::new("line-1".into(), Some("MUG-RED".into()), 4),
            LineProgress::new("line-2".into(), Some("MUG-BLUE".into()), 2),
            LineProgress::new("line-3".into(), None, 0),
        ]
    );
    assert!(store.parcels(&merchant, &id).await.unwrap().is_empty());
    assert!(!store.has_consignment(&merchant, "D-1").await.unwrap());

    let despatch = consignment("D-1", &record, &[("P-2", 1), ("P-1", 2)]);
    let applied = apply_despatch(&lines, &[], &despatch, true, at(20));
    let mut commit = change(&record, OrderEvent::PartDespatched, 20);
    commit.lines = Some(applied.lines.clone());
    commit.parcels = applied.new_parcels.clone();
    commit.consignment = Some(despatch);
    store.commit(commit).await.unwrap().unwrap();

    assert_eq!(store.lines(&merchant, &id).await.unwrap(), applied.lines);
    assert_eq!(store.lines(&merchant, &id).await.unwrap()[0].despatched, 3);
    assert_eq!(
        store.parcels(&merchant, &id).await.unwrap(),
        applied.new_parcels
    );
    assert!(store.has_consignment(&merchant, "D-1").await.unwrap());
    assert!(!store.has_consignment(&merchant, "D-2").await.unwrap());
}

pub(crate) async fn a_parcel_is_replaced_in_its_place(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let despatch = consignment("D-1", &record, &[("P-1", 1), ("P-2", 1), ("P-3", 1)]);
    let parcels = apply_despatch(&[], &[], &despatch, true, at(20)).new_parcels;
    let mut commit = change(&record, OrderEvent::PartDespatched, 20);
    commit.parcels = parcels.clone();
    let record = store.commit(commit).await.unwrap().unwrap();

    let mut seen = parcels[1].clone();
    seen.relay = RelayState::Seen;
    let mut commit = change(&record, OrderEvent::RelayTried, 21);
    commit.parcels = vec![seen.clone()];
    store.commit(commit).await.unwrap().unwrap();
    let expected = [parcels[0].clone(), seen, parcels[2].clone()];
    assert_eq!(
        store.parcels(&merchant(), &id("a")).await.unwrap(),
        expected
    );
}

pub(crate) async fn lines_of_one_id_are_kept_apart(store: &dyn Store) {
    let asked = new_order("a");
    let mut order = asked.source.order.clone();
    order.lines[1].id = order.lines[0].id.clone();
    let doubled = NewOrder::new(asked.record, SourceCopy::new(order, asked.source.version));
    store.capture(vec![doubled.clone()]).await.unwrap();
    assert_eq!(
        store.lines(&merchant(), &id("a")).await.unwrap(),
        doubled.lines
    );
}

pub(crate) async fn promised_units_count_until_a_stock_figure_knows_of_them(store: &dyn Store) {
    use OrderEvent as E;
    let paths: [(OrderState, &[OrderEvent]); 14] = [
        (OrderState::Captured, &[]),
        (OrderState::Ignored, &[E::Ignored]),
        (OrderState::Cancelled, &[E::Cancelled]),
        (OrderState::Held, &[E::Held]),
        (OrderState::Ready, &[E::Prepared]),
        (OrderState::Sending, &[E::Prepared, E::Claimed]),
        (
            OrderState::OutcomeUnknown,
            &[E::Prepared, E::Claimed, E::OutcomeLost],
        ),
        (OrderState::Queued, &[E::Prepared, E::Claimed, E::Queued]),
        (
            OrderState::Accepted,
            &[E::Prepared, E::Claimed, E::Confirmed],
        ),
        (
            OrderState::PartDespatched,
            &[E::Prepared, E::Claimed, E::Confirmed, E::PartDespatched],
        ),
        (
            OrderState::Despatched,
            &[E::Prepared, E::Claimed, E::Confirmed, E::FullyDespatched],
        ),
        (
            OrderState::Relayed,
            &[
                E::Prepared,
                E::Claimed,
                E::Confirmed,
                E::FullyDespatched,
                E::RelaySeen,
            ],
        ),
        (
            OrderState::Closed,
            &[
                E::Prepared,
                E::Claimed,
                E::Confirmed,
                E::FullyDespatched,
                E::RelaySeen,
                E::ProofHeld,
            ],
        ),
        (OrderState::Parked, &[E::Prepared, E::Claimed, E::Refused]),
    ];
    let mut expected = Vec::new();
    for (state, path) in paths {
        captured(store, state.as_str()).await;
        assert_eq!(moved(store, state.as_str(), path).await.state, state);
        if state.reserves_stock() || state.is_at_warehouse() {
            expected.push(state.as_str());
        }
    }
    // One of them was accepted at a known moment and has lost some open units.
    let record = read(store, "part_despatched").await;
    let mut commit = change(&record, E::PartDespatched, 9);
    let mut lines = store.lines(&merchant(), &record.id).await.unwrap();
    lines[0].despatched = 1;
    lines[0].short = 1;
    lines[1].cancelled = 2;
    commit.lines = Some(lines);
    store.commit(commit).await.unwrap().unwrap();
    let queued = read(store, "queued").await;
    let mut commit = change(&queued, E::Confirmed, 9);
    commit.accepted_at = Some(at(8));
    store.commit(commit).await.unwrap().unwrap();

    expected.sort_unstable();
    let mut demand = Vec::new();
    for state in expected {
        let accepted_at = read(store, state).await.accepted_at;
        if state == "part_despatched" {
            // What has left still counts: a figure from before has it on the shelf.
            demand.push(Demand::new("MUG-RED".into(), 3, accepted_at));
        } else {
            demand.push(Demand::new("MUG-RED".into(), 4, accepted_at));
            demand.push(Demand::new("MUG-BLUE".into(), 2, accepted_at));
        }
    }
    assert!(demand.iter().any(|one| one.accepted_at == Some(at(8))));
    assert_eq!(store.demand(&merchant(), at(0)).await.unwrap(), demand);
    // A figure that is true for later than most of them were accepted knows of those.
    demand.retain(|one| one.accepted_at.is_none_or(|accepted| accepted >= at(5)));
    assert_eq!(store.demand(&merchant(), at(5)).await.unwrap(), demand);
    assert!(demand.iter().any(|one| one.accepted_at.is_none()));
}

pub(crate) async fn unmatched_despatches_are_kept_once_and_forgotten(store: &dyn Store) {
    let record = captured(store, "a").await;
    let merchant = merchant();
    let second = consignment("D-2", &record, &[("P-1", 1)]);
    let first = consignment("D-1", &record, &[]);
    store
        .keep_unmatched(&merchant, second.clone(), at(1))
        .await
        .unwrap();
    store
        .keep_unmatched(&merchant, first.clone(), at(2))
        .await
        .unwrap();
    let again = consignment("D-2", &record, &[]);
    store.keep_unmatched(&merchant, again, at(3)).await.unwrap();
    let kept = store.unmatched(&merchant).await.unwrap();
    assert_eq!(kept, [(second, at(1)), (first.clone(), at(2))]);
    assert!(
        !store.has_consignment(&merchant, "D-2").await.unwrap(),
        "it was not applied, so its shorts still have to count"
    );
    store.forget_unmatched(&merchant, "D-2").await.unwrap();
    store
        .forget_unmatched(&merchant, "unheard of")
        .await
        .unwrap();
    assert_eq!(store.unmatched(&merchant).await.unwrap(), [(first, at(2))]);
}
