//! Units that a stock figure may not know of.

use order_sync::{Demand, OrderEvent, OrderState, Store};

use super::fixtures::{at, captured, change, merchant, moved, read};

pub async fn promised_units_count_until_a_stock_figure_knows_of_them(store: &dyn Store) {
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
