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
async fn calls_that_never_left_are_tried_again_and_given_up_in_the_end() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shelves(|shelves| {
        shelves
            .answers
            .extend((0..8).map(|_| Answer::Fails(FailureClass::NeverSent)));
    });
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Ready);
    world.run(Flow::Orders).await;
    assert_eq!(
        world.shelves(|shelves| shelves.submits),
        1,
        "not before its time"
    );
    for _ in 0..7 {
        world.clock.advance(Duration::from_secs(900));
        world.run(Flow::Orders).await;
    }
    assert_eq!(world.state("A").await, OrderState::Parked);
    assert_eq!(world.open_codes().await, ["GAVE_UP"]);
    assert_eq!(
        world.shelves(|shelves| (shelves.submits, shelves.orders.len())),
        (8, 0)
    );
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
    assert_eq!(world.open_codes().await, ["FLOW_FAILED"]);

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
