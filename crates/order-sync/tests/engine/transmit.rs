//! What the engine does with each answer to a create call.

use std::time::Duration;

use order_sync::{
    CancellationToken, FailureClass, Flow, FlowOutcome, OrderEvent, OrderState, Tally,
};

use crate::fakes::{Answer, World, order};

const SETTLE: Duration = Duration::from_secs(600);

#[tokio::test]
async fn a_sound_order_is_sent_once_and_a_second_run_changes_nothing() {
    let world = World::new();
    world.shop.put(order("A"));
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::Accepted), 1);
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(
        world.events("A").await,
        [
            OrderEvent::SourceChanged,
            OrderEvent::Prepared,
            OrderEvent::Claimed,
            OrderEvent::Confirmed
        ]
    );
    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0, "{again:?}");
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
}

#[tokio::test]
async fn a_lost_reply_is_asked_after_and_never_repeated() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| shelves.answers.push_back(Answer::AppliesAndLoses));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::OutcomeUnknown);
    assert_eq!(world.open_codes().await, ["OUTCOME_UNKNOWN"]);

    // Within the settle window nothing is asked and nothing is sent.
    world.clock.advance(SETTLE / 2);
    world.run(Flow::Orders).await;
    assert_eq!(
        world.shelves(|shelves| (shelves.submits, shelves.lookups)),
        (1, 0)
    );

    world.clock.advance(SETTLE);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(
        world.shelves(|shelves| (shelves.submits, shelves.orders.len())),
        (1, 1)
    );
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_lost_call_is_sent_again_after_two_definite_negatives() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Ambiguous))
    });
    world.run(Flow::Orders).await;
    world.clock.advance(SETTLE);
    world.run(Flow::Orders).await;
    assert_eq!(
        world.state("A").await,
        OrderState::OutcomeUnknown,
        "one negative is not enough"
    );
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
    world.clock.advance(SETTLE);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    let events = world.events("A").await;
    assert!(
        events
            .windows(2)
            .any(|pair| pair == [OrderEvent::AbsentOnce, OrderEvent::AbsentTwice])
    );
    assert_eq!(
        world.shelves(|shelves| (shelves.submits, shelves.orders.len())),
        (2, 1)
    );
}

#[tokio::test]
async fn a_process_that_died_with_a_claim_in_hand_leaves_an_unknown_outcome() {
    let world = World::new();
    world.shop.put(order("A"));
    // The claim is committed and then nobody records a result, as after a kill.
    let stopped = CancellationToken::new();
    world.counter(|counter| counter.orders.len());
    let merchant = order_sync::MerchantId::new("merchant");
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::NeverSent))
    });
    world.run(Flow::Orders).await;
    world.clock.advance(Duration::from_secs(60));
    use order_sync::{ClaimKind, Clock as _, Store as _};
    let lease = chrono::Duration::seconds(60);
    let now = world.clock.now();
    let claims = world
        .store
        .claim(&merchant, ClaimKind::Send, 1, lease, now)
        .await
        .unwrap();
    assert_eq!(claims.len(), 1);

    let report = world.engine().run_once(Flow::Orders, &stopped).await;
    assert!(report.completed());
    assert_eq!(
        world.shelves(|shelves| shelves.submits),
        1,
        "the lease still holds"
    );
    world.clock.advance(Duration::from_secs(61));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::OutcomeUnknown);
    world.clock.advance(SETTLE);
    world.run(Flow::Orders).await;
    world.clock.advance(SETTLE);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(world.shelves(|shelves| shelves.orders.len()), 1);
}

#[tokio::test]
async fn a_refusal_parks_the_order_alone_and_a_change_in_the_shop_sends_it_after_asking() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shop.put(order("B"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Rejected))
    });
    world.run(Flow::Orders).await;
    let parked = if world.state("A").await == OrderState::Parked {
        "A"
    } else {
        "B"
    };
    let other = if parked == "A" { "B" } else { "A" };
    assert_eq!(world.state(other).await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, ["WAREHOUSE_REJECTED"]);

    let mut corrected = order(parked);
    corrected.lines.pop();
    world.shop.put(corrected);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(parked).await, OrderState::Accepted);
    assert_eq!(
        world.shelves(|shelves| shelves.lookups),
        1,
        "asked before it was sent again"
    );
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_order_whose_calls_never_get_through_beside_others_that_do_is_given_up_in_the_end() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shop.put(order("B0"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::NeverSent))
    });
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Ready);
    let submits = world.shelves(|shelves| shelves.submits);
    world.run(Flow::Orders).await;
    let again = world.shelves(|shelves| shelves.submits);
    assert_eq!(again, submits, "not before its time");
    for turn in 1..8 {
        world.clock.advance(Duration::from_secs(900));
        world.shop.put(order(&format!("B{turn}")));
        // The older order is claimed first.
        world.shelves(|shelves| {
            shelves
                .answers
                .push_back(Answer::Fails(FailureClass::NeverSent))
        });
        world.run(Flow::Orders).await;
    }
    assert_eq!(world.state("A").await, OrderState::Parked);
    assert_eq!(world.open_codes().await, ["GAVE_UP"]);

    // A person has looked into it and sends it again: it is asked for first, and goes.
    let id = order_mapping::SourceOrderId::new("A");
    let replayed = world
        .engine()
        .replay(&id, "the warehouse is well again")
        .await
        .unwrap();
    assert_eq!(replayed.state, OrderState::Captured);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert!(world.shelves(|shelves| shelves.lookups) > 0);
    assert!(
        world.engine().replay(&id, "again").await.is_err(),
        "nothing to replay"
    );
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_outage_of_the_warehouse_parks_nothing_and_is_one_exception() {
    let world = World::new();
    for number in 0..12 {
        world.shop.put(order(&format!("A{number:02}")));
    }
    for _ in 0..20 {
        world.shelves(|shelves| {
            shelves
                .answers
                .extend((0..12).map(|_| Answer::Fails(FailureClass::NeverSent)));
        });
        let report = world
            .engine()
            .run_once(Flow::Orders, &CancellationToken::new())
            .await;
        assert!(
            matches!(report.outcome, FlowOutcome::Failed { .. }),
            "{report:?}"
        );
        world.shelves(|shelves| shelves.answers.clear());
        world.clock.advance(Duration::from_secs(900));
    }
    assert_eq!(world.open_codes().await, ["FLOW_FAILED"]);
    let tried = world.shelves(|shelves| shelves.submits);
    assert!(tried <= 20 * 8, "{tried} calls: a run has to stop trying");
    world.run(Flow::Orders).await;
    for number in 0..12 {
        assert_eq!(
            world.state(&format!("A{number:02}")).await,
            OrderState::Accepted
        );
    }
    assert_eq!(world.shelves(|shelves| shelves.orders.len()), 12);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn refused_credentials_end_the_run_and_blame_no_order() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Unauthorised))
    });
    let report = world
        .engine()
        .run_once(Flow::Orders, &CancellationToken::new())
        .await;
    assert!(
        matches!(report.outcome, FlowOutcome::Failed { .. }),
        "{report:?}"
    );
    assert_eq!(world.state("A").await, OrderState::Ready);
    assert_eq!(world.open_codes().await, ["CIRCUIT_OPEN"]);

    world.clock.advance(Duration::from_secs(60));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn another_order_under_our_reference_is_a_hard_stop() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves.answers.push_back(Answer::AppliesAndLoses);
        shelves.difference = Some("the lines differ (1 there, 2 meant)".to_owned());
    });
    world.run(Flow::Orders).await;
    world.clock.advance(SETTLE);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Parked);
    assert_eq!(world.open_codes().await, ["REFERENCE_COLLISION"]);
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
}

#[tokio::test]
async fn a_run_that_is_stopped_sends_nothing_more() {
    let world = World::new();
    world.shop.put(order("A"));
    let stop = CancellationToken::new();
    stop.cancel();
    let report = world.engine().run_once(Flow::Orders, &stop).await;
    assert_eq!(report.outcome, FlowOutcome::Stopped);
    assert_eq!(world.shelves(|shelves| shelves.submits), 0);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
}

#[tokio::test]
async fn an_order_cancelled_while_its_outcome_was_unknown_is_not_sent_again() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Ambiguous))
    });
    world.run(Flow::Orders).await;
    // First other lines, then a cancellation: the second piece of news counts as well.
    let mut gone = order("A");
    gone.lines.pop();
    world.shop.put(gone.clone());
    world.run(Flow::Orders).await;
    gone.status = Some("cancelled".to_owned());
    world.shop.put(gone);
    for _ in 0..4 {
        world.run(Flow::Orders).await;
        world.clock.advance(SETTLE);
    }
    assert_eq!(world.state("A").await, OrderState::Cancelled);
    assert_eq!(
        world.shelves(|shelves| (shelves.submits, shelves.orders.len())),
        (1, 0)
    );
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_order_changed_while_its_outcome_was_unknown_is_sent_as_it_is_now() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Ambiguous))
    });
    world.run(Flow::Orders).await;
    let mut changed = order("A");
    changed.lines.pop();
    world.shop.put(changed);
    for _ in 0..4 {
        world.run(Flow::Orders).await;
        world.clock.advance(SETTLE);
    }
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(
        world.shelves(|shelves| shelves.orders[0].1.lines.len()),
        1,
        "the old payload must not go"
    );
    assert_eq!(world.record("A").await.request, None);
}

#[tokio::test]
async fn the_time_for_parking_does_not_run_while_the_circuit_is_open_nor_jump_once_it_closes() {
    let mut world = World::new();
    world.settings.guard.min_calls = 2;
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves.answers.push_back(Answer::AppliesAndLoses);
        shelves.silent = true;
    });
    let engine = world.engine();
    let stop = CancellationToken::new();
    for _ in 0..26 * 30 {
        engine.run_once(Flow::Orders, &stop).await;
        world.clock.advance(Duration::from_secs(120));
    }
    assert!(!engine.circuits().is_empty());
    assert_eq!(world.state("A").await, OrderState::OutcomeUnknown);
    // A day later, and in another process whose circuit is closed: the first failure is not yet its own day.
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::OutcomeUnknown);
    // Whoever is never answered although nobody else is held back is given up in its own time.
    world.settings.guard.min_calls = 1_000;
    world.run(Flow::Orders).await;
    world.clock.advance(Duration::from_secs(25 * 3600));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Parked);
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
}

#[tokio::test]
async fn an_order_given_up_and_then_cancelled_is_asked_for_before_it_is_forgotten() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves.answers.push_back(Answer::AppliesAndLoses);
        shelves.silent = true;
    });
    world.run(Flow::Orders).await;
    world.clock.advance(Duration::from_secs(25 * 3600));
    world.run(Flow::Orders).await;
    assert_eq!(world.open_codes().await, ["GAVE_UP"]);

    let mut cancelled = order("A");
    cancelled.status = Some("cancelled".to_owned());
    world.shop.put(cancelled);
    world.run(Flow::Orders).await;
    assert_eq!(
        world.state("A").await,
        OrderState::Captured,
        "as long as nobody answers nothing is decided"
    );
    world.shelves(|shelves| shelves.silent = false);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Parked);
    assert_eq!(world.open_codes().await, ["AMENDED_AFTER_SEND"]);
}

#[tokio::test]
async fn a_parked_order_that_is_replayed_is_asked_for_first_whoever_replays_it() {
    use order_sync::{Clock as _, Commit, Fence, Store as _};
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Rejected))
    });
    world.run(Flow::Orders).await;
    let record = world.record("A").await;
    let fence = Fence::Unclaimed(record.state, record.token);
    let replay = Commit::new(&record, fence, OrderEvent::Replayed, world.clock.now(), "");
    let replayed = world.store.commit(replay).await.unwrap().unwrap();
    assert!(replayed.probe_first);
}

#[tokio::test]
async fn refused_credentials_do_not_bring_an_order_closer_to_being_parked() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .extend((0..9).map(|_| Answer::Fails(FailureClass::Unauthorised)));
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Throttled));
    });
    for _ in 0..10 {
        world
            .engine()
            .run_once(Flow::Orders, &CancellationToken::new())
            .await;
        world.clock.advance(Duration::from_secs(900));
    }
    assert_eq!(world.shelves(|shelves| shelves.submits), 10);
    assert_eq!(world.state("A").await, OrderState::Ready);
    assert_eq!(
        world.record("A").await.failures,
        0,
        "nor is a busy warehouse that nobody gets through to"
    );
}

#[tokio::test]
async fn a_dropped_file_that_vanishes_is_not_dropped_again() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| shelves.answers.push_back(Answer::Queues));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Queued);
    // The importer took it, and keeps no archive that we know of.
    world.shelves(|shelves| shelves.lying.clear());
    for _ in 0..5 {
        world.clock.advance(SETTLE);
        world.run(Flow::Orders).await;
    }
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
    assert_eq!(world.state("A").await, OrderState::Parked);
    assert_eq!(world.open_codes().await, ["GAVE_UP"]);
}

#[tokio::test]
async fn a_file_that_nobody_picks_up_is_an_orphan_and_survives_a_share_that_is_away() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| shelves.answers.push_back(Answer::Queues));
    world.run(Flow::Orders).await;
    world.clock.advance(Duration::from_secs(30 * 3600));
    world.run(Flow::Orders).await;
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.orphans.len(), 1);
    assert_eq!(world.open_codes().await, ["ORPHAN"]);

    world.shelves(|shelves| shelves.silent = true);
    world.clock.advance(Duration::from_secs(60));
    world.run(Flow::Orders).await;
    let record = world.record("A").await;
    assert_eq!(record.state, OrderState::Queued);
    assert_eq!(record.lease_until, None, "the claim is given back");
}
