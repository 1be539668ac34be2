//! Despatches in, tracking out, proof.

use std::time::Duration;

use order_mapping::ClientOrderRef;
use order_sync::{Flow, OrderState, Tally};

use crate::fakes::{Answer, World, despatch, order};

async fn accepted(world: &World, id: &str) -> ClientOrderRef {
    world.shop.put(order(id));
    world.run(Flow::Orders).await;
    assert_eq!(world.state(id).await, OrderState::Accepted);
    world.record(id).await.reference
}

#[tokio::test]
async fn parcels_in_any_order_and_twice_end_in_one_closed_order() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    let second = despatch("D2", &reference, &[("2", 4)]);
    let first = despatch("D1", &reference, &[("1", 6)]);
    world.shelves(|shelves| shelves.despatches.extend([second.clone(), second.clone()]));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::PartDespatched);
    world.shelves(|shelves| shelves.despatches.extend([first.clone(), second, first]));
    world.run(Flow::Despatches).await;
    assert_eq!(
        world.state("A").await,
        OrderState::Relayed,
        "seen once is not proven"
    );
    world.clock.advance(Duration::from_secs(300));
    let report = world.run(Flow::Despatches).await;
    assert_eq!(report.count(Tally::Closed), 1);
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert_eq!(world.counter(|counter| counter.shown["A"].len()), 2);
    assert_eq!(world.run(Flow::Despatches).await.changes(), 0);
}

#[tokio::test]
async fn a_despatch_answers_an_unknown_outcome() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| shelves.answers.push_back(Answer::AppliesAndLoses));
    world.run(Flow::Orders).await;
    let reference = world.record("A").await.reference;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]))
    });
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Relayed);
    world.run(Flow::Orders).await;
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
}

#[tokio::test]
async fn a_despatch_for_nobody_is_kept_as_a_ghost() {
    let world = World::new();
    world.shelves(|shelves| {
        let stranger = ClientOrderRef::from_wire("BSTRANGER");
        shelves
            .despatches
            .push(despatch("D", &stranger, &[("1", 1)]));
    });
    world.run(Flow::Despatches).await;
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.ghosts, ["BSTRANGER (despatch D)"]);
    assert_eq!(world.open_codes().await, ["GHOST"]);
}

#[tokio::test]
async fn more_units_than_ordered_are_counted_and_raised() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 7), ("2", 4), ("9", 1)]));
    });
    world.run(Flow::Despatches).await;
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, ["DESPATCH_MISMATCH"]);
}

#[tokio::test]
async fn a_shop_that_forgets_is_written_again_once_and_then_raised() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]))
    });
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Relayed);

    // A platform's connector overwrites the record: the proof finds the parcel gone, and it is written again at once.
    world.counter(|counter| counter.shown.clear());
    world.clock.advance(Duration::from_secs(300));
    let report = world.run(Flow::Despatches).await;
    assert_eq!(
        (
            report.count(Tally::ProofsLost),
            report.count(Tally::RelayWrites)
        ),
        (1, 1)
    );
    assert_eq!(world.state("A").await, OrderState::Relayed);

    // It does so again: now the engine waits, and says so after the configured time.
    world.counter(|counter| {
        counter.shown.clear();
        counter.forgetful = true;
    });
    world.clock.advance(Duration::from_secs(300));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Despatched);
    let writes = world.counter(|counter| counter.writes);
    world.run(Flow::Despatches).await;
    assert_eq!(
        world.counter(|counter| counter.writes),
        writes,
        "not before the pause is over"
    );
    world.clock.advance(Duration::from_secs(3600));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.tracking_not_visible.len(), 1);
    assert!(audit.tracking_not_visible[0].age_seconds >= 3600);
    assert_eq!(world.open_codes().await, ["TRACKING_NOT_VISIBLE"]);

    world.counter(|counter| counter.forgetful = false);
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(300));
    world.run(Flow::Despatches).await;
    world.run(Flow::Audit).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}
