//! Despatches in, tracking out, proof.

use std::time::Duration;

use order_mapping::{ClientOrderRef, LineQuantity, PartialPolicy};
use order_sync::{
    CancellationToken, Clock as _, Commit, Fence, Flow, MerchantId, OrderEvent, OrderState, Reason,
    Store as _, Tally, codes,
};

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

#[tokio::test]
async fn an_unreadable_despatch_stays_open_when_the_next_one_comes() {
    let world = World::new();
    for fault in [
        "despatch D1 has no reference",
        "despatch D2 has no reference",
    ] {
        world.shelves(|shelves| shelves.garbled.push(fault.to_owned()));
        world.run(Flow::Despatches).await;
        world.run(Flow::Despatches).await;
    }
    assert_eq!(
        world.open_codes().await,
        ["DESPATCH_MISMATCH", "DESPATCH_MISMATCH"]
    );
}

#[tokio::test]
async fn a_tracking_number_that_comes_later_reaches_the_buyer() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    let traced = despatch("D", &reference, &[("1", 6), ("2", 4)]);
    let mut untraced = traced.clone();
    untraced.parcels[0].tracking = None;
    world.shelves(|shelves| shelves.despatches.push(untraced));
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(300));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    world.shelves(|shelves| shelves.despatches.push(traced));
    world.run(Flow::Despatches).await;
    assert_eq!(world.counter(|counter| counter.shown["A"].len()), 1);
    world.clock.advance(Duration::from_secs(300));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert_eq!(world.run(Flow::Despatches).await.changes(), 0);
}

#[tokio::test]
async fn a_despatch_file_written_anew_gives_its_units_to_the_new_parcel() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    let parcel = |id: &str, units: &[(&str, u32)]| {
        let mut parcel = despatch(id, &reference, &[]).parcels.remove(0);
        parcel.contents = units
            .iter()
            .map(|(sku, units)| LineQuantity::of_sku(*sku, *units))
            .collect();
        parcel
    };
    let mut file = order_mapping::Consignment::new("desp1.csv", reference.clone());
    file.parcels = vec![parcel("P1", &[("85123A", 3)])];
    world.shelves(|shelves| shelves.despatches.push(file.clone()));
    world.run(Flow::Despatches).await;
    file.parcels
        .push(parcel("P2", &[("85123A", 3), ("71053", 4)]));
    world.shelves(|shelves| shelves.despatches.push(file));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Relayed);
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_shop_that_never_takes_a_parcel_is_tried_on_without_a_word_for_each_try() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    world.counter(|counter| counter.forgetful = true);
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]))
    });
    for _ in 0..40 {
        world.run(Flow::Despatches).await;
        world.clock.advance(Duration::from_secs(4 * 3600));
    }
    assert!(world.counter(|counter| counter.writes) > 30, "tried on");
    let length = world.record("A").await.timeline_length;
    assert!(length < 20, "{length} entries");
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, ["TRACKING_NOT_VISIBLE"]);

    world.counter(|counter| counter.forgetful = false);
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(300));
    world.run(Flow::Despatches).await;
    world.run(Flow::Audit).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_shop_that_cannot_be_read_for_the_proof_is_asked_again_later() {
    let world = World::new();
    let reference = accepted(&world, "A").await;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]))
    });
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(300));
    world.counter(|counter| counter.unreachable = true);
    world.run(Flow::Despatches).await;
    let record = world.record("A").await;
    assert_eq!(record.state, OrderState::Relayed);
    assert_eq!(
        (record.lease_until, record.failures),
        (None, 0),
        "the claim is given back, and nothing counts as lost"
    );
    world.counter(|counter| counter.unreachable = false);
    world.clock.advance(Duration::from_secs(300));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
}

/// A run that dies between putting a despatch on record and telling of it: the next one tells.
#[tokio::test]
async fn what_is_odd_about_a_despatch_is_told_even_if_the_run_that_recorded_it_died() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let record = world.record("A").await;
    let mut empty = despatch("D", &record.reference, &[]);
    empty.parcels.clear();
    empty.shorts = vec![LineQuantity::of_line("1", 6), LineQuantity::of_line("2", 4)];
    world.shelves(|shelves| shelves.despatches.push(empty.clone()));

    // What that run wrote, and no more.
    let merchant = MerchantId::new("merchant");
    let lines = world.store.lines(&merchant, &record.id).await.unwrap();
    let now = world.clock.now();
    let fence = Fence::Unclaimed(record.state, record.token);
    let event = OrderEvent::FullyDespatched;
    let mut commit = Commit::new(&record, fence, event, now, "despatch D").due(now);
    commit.reasons = Some(vec![Reason::of(&codes::NOTHING_SENT, "nothing left")]);
    commit.lines = Some(
        lines
            .into_iter()
            .map(|mut line| {
                line.short = line.ordered;
                line
            })
            .collect(),
    );
    commit.consignment = Some(empty);
    world.store.commit(commit).await.unwrap().unwrap();
    assert_eq!(world.open_codes().await, Vec::<String>::new());

    world.run(Flow::Despatches).await;
    assert_eq!(world.open_codes().await, ["NOTHING_SENT"]);
    let stop = CancellationToken::new();
    let again = world.engine().backfill_despatches(None, &stop).await;
    assert_eq!(again.count(Tally::ExceptionsOpened), 0, "told once");
}

/// What an order of a policy makes of a despatch that reports a unit short.
async fn short_by_one(policy: PartialPolicy) -> (World, Vec<String>) {
    let mut world = World::new();
    world.profile.partial.default = policy;
    let reference = accepted(&world, "A").await;
    let mut short = despatch("D", &reference, &[("1", 6), ("2", 3)]);
    short.shorts = vec![LineQuantity::of_line("2", 1)];
    world.shelves(|shelves| shelves.despatches.push(short));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Relayed);
    let codes = world.open_codes().await;
    (world, codes)
}

#[tokio::test]
async fn an_order_that_left_in_part_is_told_where_it_was_to_leave_whole() {
    for (policy, expected) in [
        (PartialPolicy::ShipAvailable, &[] as &[&str]),
        (PartialPolicy::ShipComplete, &["DESPATCH_MISMATCH"]),
        (PartialPolicy::FillOrKill, &["DESPATCH_MISMATCH"]),
    ] {
        let (world, open) = short_by_one(policy).await;
        assert_eq!(open, expected, "{policy:?}");
        let merchant = MerchantId::new("merchant");
        let record = world.record("A").await;
        let lines = world.store.lines(&merchant, &record.id).await.unwrap();
        let units = (lines[1].despatched, lines[1].short, lines[1].open());
        assert_eq!(units, (3, 1, 0), "every unit has its place");
        // This warehouse has no room for the policy: the order says so from the beginning.
        let noted = record
            .reasons
            .iter()
            .any(|reason| reason.code == codes::PARTIAL_POLICY_NOT_SENT.id);
        assert_eq!(noted, policy != PartialPolicy::ShipAvailable);
    }
}
