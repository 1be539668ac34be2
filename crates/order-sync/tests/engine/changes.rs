//! Changes and cancellations of orders that the warehouse has: a request with an answer, whatever that is.

use std::time::Duration;

use order_mapping::{AmendField, FieldChange, Money, SalesOrder, SourceOrderId};
use order_sync::{
    CancellationToken, ChangeAnswer, CutOff, DeskAction, DeskCommand, FailureClass, Flow,
    MerchantId, OrderEvent, OrderState, RequestState, Store as _, Tally,
};

use crate::fakes::{Answer, World, despatch, order};

/// A world in which order A is at a warehouse that can be asked.
async fn accepted() -> World {
    let world = World::new();
    world.shelves(|shelves| shelves.negotiates = true);
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    world
}

fn cancelled() -> SalesOrder {
    let mut cancelled = order("A");
    cancelled.status = Some("cancelled".to_owned());
    cancelled
}

/// Order A with another quantity on its first line.
fn with_units(units: u32) -> SalesOrder {
    let mut changed = order("A");
    changed.lines[0].quantity = units.into();
    changed
}

async fn request_state(world: &World) -> Option<RequestState> {
    world.record("A").await.request_state()
}

async fn open_units(world: &World) -> Vec<(u32, u32, u32)> {
    let merchant = MerchantId::new("merchant");
    let lines = world
        .store
        .lines(&merchant, &SourceOrderId::new("A"))
        .await
        .unwrap();
    lines
        .iter()
        .map(|line| (line.ordered, line.cancelled, line.open()))
        .collect()
}

#[tokio::test]
async fn an_accepted_cancellation_ends_the_order_and_frees_its_units() {
    let world = accepted().await;
    world.shop.put(cancelled());
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::ChangesAccepted), 1);
    assert_eq!(world.state("A").await, OrderState::Withdrawn);
    assert_eq!(open_units(&world).await, [(6, 6, 0), (4, 4, 0)]);
    let merchant = MerchantId::new("merchant");
    let demand = world
        .store
        .demand(&merchant, chrono::DateTime::UNIX_EPOCH)
        .await
        .unwrap();
    assert_eq!(demand, []);
    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0);
    assert_eq!(world.shelves(|shelves| shelves.requests.len()), 1);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_refused_cancellation_is_raised_until_a_person_has_settled_it() {
    let world = accepted().await;
    world.shelves(|shelves| {
        shelves.change_answers.push_back(Ok(ChangeAnswer::Refused {
            reason: "it is being packed".to_owned(),
        }));
    });
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(request_state(&world).await, Some(RequestState::Refused));
    assert_eq!(world.open_codes().await, ["CANCEL_REFUSED"]);

    let engine = world.engine();
    let open = engine.exceptions().await.unwrap();
    assert!(open[0].finding.detail.contains("it is being packed"));
    let close = DeskCommand::new(
        open[0].number,
        DeskAction::Close,
        "Alex",
        "the buyer takes it",
    );
    engine.act_on_exception(close).await.unwrap();
    world.run(Flow::Orders).await;
    world.run(Flow::Audit).await;
    assert_eq!(engine.exceptions().await.unwrap(), []);
    assert_eq!(
        world.shelves(|shelves| shelves.requests.len()),
        1,
        "a refusal is an answer"
    );
}

#[tokio::test]
async fn what_has_left_cannot_be_cancelled_and_nobody_is_asked() {
    let world = accepted().await;
    let reference = world.record("A").await.reference;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]));
    });
    world.run(Flow::Despatches).await;
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::TooLate));
    assert_eq!(world.open_codes().await, ["CANCEL_TOO_LATE"]);
    assert_eq!(world.shelves(|shelves| shelves.requests.len()), 0);
}

#[tokio::test]
async fn of_an_order_that_has_left_in_part_the_rest_is_cancelled() {
    let world = accepted().await;
    let reference = world.record("A").await.reference;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6)]));
    });
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::PartDespatched);
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Despatched);
    assert_eq!(open_units(&world).await, [(6, 0, 0), (4, 4, 0)]);
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
}

#[tokio::test]
async fn a_pending_request_is_asked_after_under_the_same_id_and_in_silence() {
    let world = accepted().await;
    world.shelves(|shelves| {
        let pending = [ChangeAnswer::Pending, ChangeAnswer::Pending].map(Ok);
        shelves.change_answers.extend(pending);
    });
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::Asked));
    let entries = world.events("A").await.len();
    world.run(Flow::Orders).await;
    assert_eq!(
        world.shelves(|shelves| shelves.requests.len()),
        1,
        "not before its time"
    );
    world.clock.advance(Duration::from_secs(61));
    world.run(Flow::Orders).await;
    assert_eq!(world.events("A").await.len(), entries, "a poll is no news");
    world.clock.advance(Duration::from_secs(61));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Withdrawn);
    let ids: Vec<String> =
        world.shelves(|shelves| shelves.requests.iter().map(|(id, _)| id.clone()).collect());
    assert_eq!(ids.len(), 3);
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[tokio::test]
async fn a_request_whose_answer_is_lost_is_asked_again_and_nothing_is_assumed() {
    let world = accepted().await;
    world.shelves(|shelves| {
        shelves
            .change_answers
            .push_back(Err(FailureClass::Ambiguous));
    });
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(request_state(&world).await, Some(RequestState::Wanted));
    world.clock.advance(Duration::from_secs(10));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Withdrawn);
}

#[tokio::test]
async fn goods_that_leave_after_an_accepted_cancellation_are_raised_and_shown_to_the_buyer() {
    let world = accepted().await;
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    let reference = world.record("A").await.reference;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6), ("2", 4)]));
    });
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Despatches).await;
    world.run(Flow::Audit).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert!(
        world
            .open_codes()
            .await
            .contains(&"CANCELLED_BUT_SHIPPED".to_owned()),
        "no order ends both cancelled and shown without one"
    );
    assert_eq!(
        open_units(&world).await,
        [(6, 0, 0), (4, 0, 0)],
        "no unit is counted twice"
    );
}

#[tokio::test]
async fn an_amendment_is_asked_for_as_the_smallest_difference() {
    let world = accepted().await;
    world.shop.put(with_units(9));
    world.run(Flow::Orders).await;
    let (_, changes) = world.shelves(|shelves| shelves.requests[0].clone());
    let told: Vec<String> = changes.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["quantity of line 1: 6 -> 9"]);
    assert_eq!(request_state(&world).await, Some(RequestState::Accepted));
    assert_eq!(open_units(&world).await, [(9, 0, 9), (4, 0, 4)]);
    let merchant = MerchantId::new("merchant");
    let sent = world
        .store
        .intent(&merchant, &SourceOrderId::new("A"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(sent.lines[0].quantity.get(), 9);
    assert!(world.events("A").await.contains(&OrderEvent::Amended));
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_part_that_cannot_be_changed_is_raised_with_the_difference_and_the_rest_is_asked_for() {
    let world = accepted().await;
    let mut changed = with_units(9);
    changed.requested_date = chrono::NaiveDate::from_ymd_opt(2026, 3, 20);
    world.shop.put(changed);
    world.run(Flow::Orders).await;
    assert_eq!(open_units(&world).await, [(9, 0, 9), (4, 0, 4)]);
    assert_eq!(world.open_codes().await, ["AMENDMENT_TOO_LATE"]);
    let open = world.engine().exceptions().await.unwrap();
    assert_eq!(
        open[0].finding.detail,
        "requested_date: nothing -> 2026-03-20"
    );
    assert_eq!(
        request_state(&world).await,
        Some(RequestState::PartlyAccepted)
    );
    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0, "{again:?}");
}

#[tokio::test]
async fn a_change_past_its_cut_off_is_raised_and_never_dropped() {
    let world = accepted().await;
    let reference = world.record("A").await.reference;
    world.shelves(|shelves| {
        shelves
            .despatches
            .push(despatch("D", &reference, &[("1", 6)]));
    });
    world.run(Flow::Despatches).await;
    let mut changed = order("A");
    changed.lines[1].quantity = 2.into();
    world.shop.put(changed);
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::TooLate));
    assert_eq!(world.open_codes().await, ["AMENDMENT_TOO_LATE"]);
    assert_eq!(world.shelves(|shelves| shelves.requests.len()), 0);
}

#[tokio::test]
async fn a_change_that_the_warehouse_never_sees_and_one_taken_back_ask_for_nothing() {
    let world = accepted().await;
    let mut priced = order("A");
    priced.total = Some(Money::new(7.into(), "GBP"));
    world.shop.put(priced);
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, None);

    let mut changed = order("A");
    changed.requested_date = chrono::NaiveDate::from_ymd_opt(2026, 3, 20);
    world.shop.put(changed);
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::Impossible));
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, None);
    assert_eq!(world.shelves(|shelves| shelves.requests.len()), 0);
}

fn next_answer(world: &World, answer: Result<ChangeAnswer, FailureClass>) {
    world.shelves(|shelves| shelves.change_answers.push_back(answer));
}

/// What the warehouse was asked, in words, each time with the id.
fn asked(world: &World) -> Vec<(String, Vec<String>)> {
    let words = |changes: &[FieldChange]| changes.iter().map(ToString::to_string).collect();
    world.shelves(|shelves| {
        let requests = shelves.requests.iter();
        requests
            .map(|(id, changes)| (id.clone(), words(changes)))
            .collect()
    })
}

#[tokio::test]
async fn a_change_whose_answer_was_lost_is_taken_back_by_asking() {
    let world = accepted().await;
    next_answer(&world, Err(FailureClass::Unavailable));
    world.shop.put(with_units(9));
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::Asked));

    // The warehouse may have nine by now: that the shop is back at six is no reason to ask for nothing.
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::Accepted));
    let asked = asked(&world);
    assert_eq!(asked[0].1, ["quantity of line 1: 6 -> 9"]);
    assert_eq!(asked[1].1, ["quantity of line 1: 9 -> 6"]);
    assert_ne!(asked[0].0, asked[1].0, "it is another wish");
    assert_eq!(open_units(&world).await, [(6, 0, 6), (4, 0, 4)]);
}

#[tokio::test]
async fn a_later_change_says_everything_that_an_unanswered_one_may_have_changed() {
    let world = accepted().await;
    next_answer(&world, Err(FailureClass::Unavailable));
    world.shop.put(with_units(9));
    world.run(Flow::Orders).await;
    let mut other = order("A");
    other.lines[1].quantity = 5.into();
    world.shop.put(other);
    world.run(Flow::Orders).await;
    let asked = asked(&world);
    assert_eq!(
        asked[1].1,
        ["quantity of line 2: 4 -> 5", "quantity of line 1: 9 -> 6"]
    );
    assert_eq!(open_units(&world).await, [(6, 0, 6), (5, 0, 5)]);
}

#[tokio::test]
async fn an_amendment_whose_answer_came_after_the_goods_is_on_record_as_accepted() {
    let world = accepted().await;
    next_answer(&world, Err(FailureClass::Unavailable));
    world.shop.put(with_units(9));
    world.run(Flow::Orders).await;
    // It was done, and what the order held then is gone.
    let reference = world.record("A").await.reference;
    let sent = despatch("D", &reference, &[("1", 9), ("2", 4)]);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Relayed);
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Orders).await;

    let asked = asked(&world);
    assert_eq!(asked[0], asked[1], "asked again as it was asked first");
    assert_eq!(request_state(&world).await, Some(RequestState::Accepted));
    assert_eq!(open_units(&world).await, [(9, 0, 0), (4, 0, 0)]);
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
    // More left than was on record then: told when it was read, and open until a person has seen that it was in order.
    assert_eq!(world.open_codes().await, ["DESPATCH_MISMATCH"]);
}

#[tokio::test]
async fn units_that_a_late_answer_brings_are_waited_for() {
    let world = accepted().await;
    next_answer(&world, Err(FailureClass::Unavailable));
    world.shop.put(with_units(9));
    world.run(Flow::Orders).await;
    let reference = world.record("A").await.reference;
    let sent = despatch("D", &reference, &[("1", 6), ("2", 4)]);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Relayed);
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::PartDespatched);
    assert_eq!(open_units(&world).await, [(9, 0, 3), (4, 0, 0)]);

    let rest = despatch("E", &reference, &[("1", 3)]);
    world.shelves(|shelves| shelves.despatches.push(rest));
    for _ in 0..3 {
        world.run(Flow::Despatches).await;
        world.clock.advance(Duration::from_secs(600));
    }
    assert_eq!(world.state("A").await, OrderState::Closed);
    assert_eq!(open_units(&world).await, [(9, 0, 0), (4, 0, 0)]);
}

#[tokio::test]
async fn an_amendment_is_on_record_as_asked_before_the_warehouse_hears_of_it() {
    let world = accepted().await;
    world.shelves(|shelves| shelves.hangs = true);
    world.shop.put(with_units(9));
    let engine = world.engine();
    let stop = CancellationToken::new();
    let run = engine.run_once(Flow::Orders, &stop);
    assert!(
        futures_util::FutureExt::now_or_never(run).is_none(),
        "the process dies while it waits for the answer"
    );
    assert_eq!(asked(&world).len(), 1);
    assert_eq!(request_state(&world).await, Some(RequestState::Asked));

    world.shelves(|shelves| shelves.hangs = false);
    world.clock.advance(Duration::from_secs(700));
    world.run(Flow::Orders).await;
    let asked = asked(&world);
    assert_eq!(asked[0], asked[1]);
    assert_eq!(request_state(&world).await, Some(RequestState::Accepted));
}

#[tokio::test]
async fn a_cancellation_waits_for_an_order_whose_fate_is_unknown() {
    let world = World::new();
    world.shelves(|shelves| {
        shelves.negotiates = true;
        shelves.answers.push_back(Answer::AppliesAndLoses);
    });
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::OutcomeUnknown);
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(
        world.shelves(|shelves| shelves.requests.len()),
        0,
        "nobody knows yet what there is to cancel"
    );
    world.clock.advance(Duration::from_secs(601));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Withdrawn);
    assert_eq!(world.shelves(|shelves| shelves.orders.len()), 1);
}

#[tokio::test]
async fn a_cancelled_order_whose_lost_call_never_arrived_is_not_sent() {
    let world = World::new();
    world.shelves(|shelves| {
        shelves.negotiates = true;
        shelves
            .answers
            .push_back(Answer::Fails(FailureClass::Ambiguous));
    });
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    world.shop.put(cancelled());
    for _ in 0..4 {
        world.run(Flow::Orders).await;
        world.clock.advance(Duration::from_secs(601));
    }
    assert_eq!(world.state("A").await, OrderState::Cancelled);
    assert_eq!(
        world.shelves(|shelves| (shelves.orders.len(), shelves.submits)),
        (0, 1)
    );
}

#[tokio::test]
async fn a_warehouse_that_cannot_be_asked_leaves_it_to_people() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    world.shop.put(cancelled());
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world).await, Some(RequestState::Impossible));
    assert_eq!(world.open_codes().await, ["AMENDED_AFTER_SEND"]);
}

#[tokio::test]
async fn an_amendment_that_takes_the_last_open_units_lets_the_order_end() {
    let mut world = accepted().await;
    world
        .settings
        .cut_offs
        .insert(AmendField::Quantity, CutOff::PartDespatched);
    let reference = world.record("A").await.reference;
    let sent = despatch("D", &reference, &[("1", 6), ("2", 3)]);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::PartDespatched);
    let mut changed = order("A");
    changed.lines[1].quantity = 3.into();
    world.shop.put(changed);
    world.run(Flow::Orders).await;
    assert_eq!(open_units(&world).await, [(6, 0, 0), (3, 0, 0)]);
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state("A").await, OrderState::Closed);
}
