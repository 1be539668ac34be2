//! Days on which everything goes wrong: nothing is lost, nothing is doubled, and people are told.

use std::time::Duration;

use order_sync::{
    CancellationToken, FailureClass, Flow, FlowOutcome, MerchantId, OrderState, Store as _,
};

use crate::fakes::{Answer, World, order};

const HOUR: Duration = Duration::from_secs(3600);

fn with_orders(count: usize) -> World {
    let world = World::new();
    for number in 0..count {
        world.shop.put(order(&format!("{number:03}")));
    }
    world
}

async fn accepted(world: &World, count: usize) -> usize {
    let mut accepted = 0;
    for number in 0..count {
        let state = world.state(&format!("{number:03}")).await;
        accepted += usize::from(state == OrderState::Accepted);
    }
    accepted
}

#[tokio::test]
async fn a_warehouse_that_is_down_for_a_day_parks_nobody_and_everything_goes_once_it_is_back() {
    let world = with_orders(20);
    world.shelves(|shelves| {
        shelves.answers = (0..5_000)
            .map(|_| Answer::Fails(FailureClass::NeverSent))
            .collect();
    });
    let stop = CancellationToken::new();
    for _ in 0..26 {
        let report = world.engine().run_once(Flow::Orders, &stop).await;
        assert!(matches!(report.outcome, FlowOutcome::Failed { .. }));
        world.clock.advance(HOUR);
    }
    assert!(world.open_codes().await.contains(&"FLOW_FAILED".to_owned()));
    assert_eq!(accepted(&world, 20).await, 0);
    assert!(
        world.shelves(|shelves| shelves.submits) < 26 * 20,
        "a dead warehouse is not asked for every order"
    );
    world.shelves(|shelves| shelves.answers.clear());
    world.run(Flow::Orders).await;
    assert_eq!(accepted(&world, 20).await, 20);
    assert_eq!(world.shelves(|shelves| shelves.orders.len()), 20);
    assert!(!world.open_codes().await.contains(&"FLOW_FAILED".to_owned()));
}

#[tokio::test]
async fn a_credential_revoked_in_the_middle_of_a_run_ends_it_and_blames_no_order() {
    let mut world = with_orders(10);
    world.settings.in_flight = 1;
    world.shelves(|shelves| {
        // The first order gets through, then nobody.
        shelves.answers = (0..10)
            .map(|_| Answer::Fails(FailureClass::Unauthorised))
            .collect();
        shelves.answers.push_front(Answer::Queues);
    });
    let stop = CancellationToken::new();
    for _ in 0..10 {
        let report = world.engine().run_once(Flow::Orders, &stop).await;
        assert!(matches!(report.outcome, FlowOutcome::Failed { .. }));
        world.clock.advance(HOUR);
    }
    assert_eq!(
        world.shelves(|shelves| shelves.submits),
        11,
        "one refused call a run"
    );
    assert!(
        world
            .open_codes()
            .await
            .contains(&"CIRCUIT_OPEN".to_owned())
    );
    world.shelves(|shelves| {
        shelves.answers.clear();
        shelves.lying.clear();
    });
    for _ in 0..4 {
        world.run(Flow::Orders).await;
        world.clock.advance(HOUR);
    }
    // Nobody is parked but the one whose file vanished, which may have been imported.
    assert_eq!(accepted(&world, 10).await, 9);
    assert_eq!(
        world
            .open_codes()
            .await
            .iter()
            .filter(|code| *code == "GAVE_UP")
            .count(),
        1
    );
}

#[tokio::test]
async fn an_open_circuit_does_not_hide_what_another_port_fails_with() {
    let world = World::new();
    world.shop.put(order("A"));
    world.capture_only().await;
    // The warehouse refuses the credentials while the shop cannot hand out its new order.
    world.shelves(|shelves| {
        shelves.answers = (0..9)
            .map(|_| Answer::Fails(FailureClass::Unauthorised))
            .collect();
    });
    world.shop.put(order("B"));
    world.counter(|counter| counter.unfetchable.push("B".to_owned()));
    let engine = world.engine();
    let stop = CancellationToken::new();
    let report = engine.run_once(Flow::Orders, &stop).await;
    let FlowOutcome::Failed { reason } = &report.outcome else {
        panic!("{report:?}");
    };
    assert!(reason.contains("status 500; and "), "{reason}");
    let mut codes = world.open_codes().await;
    codes.sort();
    assert_eq!(codes, ["CIRCUIT_OPEN", "FLOW_FAILED"]);

    // With the shop well again there is one thing to tell, and one exception.
    world.counter(|counter| counter.unfetchable.clear());
    engine.run_once(Flow::Orders, &stop).await;
    assert_eq!(world.open_codes().await, ["CIRCUIT_OPEN"]);
    world.shelves(|shelves| shelves.answers.clear());
    world.clock.advance(HOUR);
    let report = engine.run_once(Flow::Orders, &stop).await;
    assert!(report.completed(), "{report:?}");
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(world.state("B").await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_clock_that_steps_back_loses_and_doubles_nothing() {
    let world = with_orders(3);
    world.clock.advance(2 * HOUR);
    world.counter(|counter| counter.shop_time = 2 * HOUR);
    world.shelves(|shelves| shelves.answers.push_back(Answer::AppliesAndLoses));
    world.run(Flow::Orders).await;
    let merchant = MerchantId::new("merchant");
    let watermark = world.store.cursor(&merchant, "orders").await.unwrap();

    world.clock.step_back(HOUR);
    world.counter(|counter| counter.shop_time = HOUR);
    world.shop.put(order("late"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("late").await, OrderState::Accepted);
    assert_eq!(
        world.store.cursor(&merchant, "orders").await.unwrap(),
        watermark,
        "a watermark never moves back"
    );
    for _ in 0..4 {
        world.clock.advance(HOUR);
        world.run(Flow::Orders).await;
        world.run(Flow::Audit).await;
    }
    assert_eq!(accepted(&world, 3).await, 3);
    assert_eq!(world.shelves(|shelves| shelves.orders.len()), 4);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_order_that_slips_between_two_pages_is_found_by_the_overlap() {
    let world = with_orders(4);
    world.counter(|counter| {
        counter.page_by_page = true;
        counter.shifts = true;
    });
    world.run(Flow::Orders).await;
    let merchant = MerchantId::new("merchant");
    let missing = async || {
        let ids: Vec<_> = (0..4).map(|one| format!("{one:03}").into()).collect();
        4 - world.store.known(&merchant, &ids).await.unwrap().len()
    };
    assert_eq!(missing().await, 1, "the listing moved under the reading");
    world.run(Flow::Orders).await;
    assert_eq!(missing().await, 0);
    assert_eq!(accepted(&world, 4).await, 4);
}

#[tokio::test]
async fn a_poisoned_record_waits_alone_at_every_station() {
    let world = with_orders(6);
    let mut poisoned = order("no-lines");
    poisoned.lines.clear();
    world.shop.put(poisoned);
    world.shop.put(order("garbled"));
    world.counter(|counter| counter.unreadable.push("garbled".to_owned()));
    world.shelves(|shelves| {
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Rejected));
    });
    world.run(Flow::Orders).await;
    assert_eq!(accepted(&world, 6).await, 5);
    let mut codes = world.open_codes().await;
    codes.sort();
    assert!(codes.contains(&"ORDER_UNREADABLE".to_owned()), "{codes:?}");
    assert!(
        codes.contains(&"WAREHOUSE_REJECTED".to_owned()),
        "{codes:?}"
    );
    assert!(world.state("no-lines").await.is_unsent());
    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0, "{again:?}");
}
