//! Capture, release and mapping: what waits, why, and how it comes free.

use order_mapping::{PaymentTerms, ServiceRule, ShippingMethodLabel};
use order_sync::{AlertKind, CancellationToken, Flow, FlowOutcome, OrderState, Tally};

use crate::fakes::{World, order};

#[tokio::test]
async fn an_unmapped_option_raises_one_alert_and_its_orders_go_once_it_is_mapped() {
    let mut world = World::new();
    for id in ["A", "B", "C"] {
        let mut held = order(id);
        held.shipping_method = Some(ShippingMethodLabel::new("Pallet Saturday"));
        world.shop.put(held);
    }
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::Held), 3);
    assert_eq!(world.open_codes().await, ["SHIP_UNMAPPED"]);
    let alerts = world.alerts.told.lock().unwrap().clone();
    let [alert] = alerts.as_slice() else {
        panic!("one alert for three orders: {alerts:?}")
    };
    assert_eq!((alert.kind, alert.count), (AlertKind::Opened, 1));
    let exception = &alert.exceptions[0];
    assert_eq!(exception.finding.count, 3);
    assert_eq!(
        exception.finding.subject.as_str(),
        "shipping-option:Pallet Saturday"
    );

    let again = world.run(Flow::Orders).await;
    assert_eq!((again.changes(), again.count(Tally::StillHeld)), (0, 3));

    world
        .profile
        .services
        .rules
        .push(ServiceRule::new("Pallet Saturday", "WHI_PAL"));
    world.run(Flow::Orders).await;
    for id in ["A", "B", "C"] {
        assert_eq!(world.state(id).await, OrderState::Accepted);
    }
    assert_eq!(world.open_codes().await, Vec::<String>::new());
    let alerts = world.alerts.seen();
    assert_eq!(alerts.len(), 2, "one opened, one closed");
    assert_eq!(alerts[1].0, AlertKind::Closed);
}

#[tokio::test]
async fn an_order_on_account_waits_for_its_approval_and_no_run_lets_it_slip() {
    let world = World::new();
    let mut pending = order("A");
    pending.payment = PaymentTerms::OnAccount;
    world.shop.put(pending.clone());
    for _ in 0..3 {
        world.run(Flow::Orders).await;
        assert_eq!(world.state("A").await, OrderState::Held);
    }
    assert_eq!(
        world.open_codes().await,
        Vec::<String>::new(),
        "waiting for credit is business"
    );
    pending
        .metadata
        .push(("credit_status".to_owned(), "approved".to_owned()));
    world.shop.put(pending);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert!(world.record("A").await.rule.is_some());
}

#[tokio::test]
async fn an_unreadable_order_is_kept_in_mind_and_its_neighbours_go() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shop.put(order("B"));
    world.counter(|counter| counter.unreadable.push("A".to_owned()));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("B").await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, ["ORDER_UNREADABLE"]);
    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0, "{again:?}");

    world.counter(|counter| counter.unreadable.clear());
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_listing_that_never_ends_fails_the_run_and_keeps_what_was_read() {
    let world = World::new();
    world.shop.put(order("A"));
    world.counter(|counter| counter.same_page_for_ever = true);
    let report = world
        .engine()
        .run_once(Flow::Orders, &CancellationToken::new())
        .await;
    assert!(matches!(report.outcome, FlowOutcome::Failed { .. }));
    assert_eq!(
        world.state("A").await,
        OrderState::Accepted,
        "what is on record goes on"
    );
}

#[tokio::test]
async fn a_change_before_sending_is_judged_again_and_one_after_it_is_raised() {
    let world = World::new();
    let mut waiting = order("A");
    waiting.purchase_orders.clear();
    let mut profile_required = world;
    profile_required.profile.purchase_order.required = true;
    let world = profile_required;
    world.shop.put(waiting);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Held);
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);

    let mut amended = order("A");
    amended.lines.pop();
    world.shop.put(amended);
    world.run(Flow::Orders).await;
    world.run(Flow::Audit).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, ["AMENDED_AFTER_SEND"]);
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
}

#[tokio::test]
async fn a_cancellation_before_sending_ends_the_order_and_one_after_it_is_raised() {
    let world = World::new();
    let mut held = order("A");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held.clone());
    world.shop.put(order("B"));
    world.run(Flow::Orders).await;
    held.status = Some("cancelled".to_owned());
    world.shop.put(held);
    let mut sent = order("B");
    sent.status = Some("cancelled".to_owned());
    world.shop.put(sent);
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Cancelled);
    assert_eq!(world.state("B").await, OrderState::Accepted);
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.amended, ["#B"]);
}

#[tokio::test]
async fn a_status_that_follows_the_despatch_is_an_echo() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let mut shipped = order("A");
    shipped.status = Some("shipped".to_owned());
    world.shop.put(shipped);
    let report = world.run(Flow::Orders).await;
    assert_eq!(
        (report.changes(), report.count(Tally::Echoes)),
        (0, 1),
        "{report:?}"
    );
}

#[tokio::test]
async fn an_order_that_cannot_be_fetched_does_not_keep_the_next_page_back() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shop.put(order("B"));
    world.counter(|counter| {
        counter.page_by_page = true;
        counter.unfetchable.push("A".to_owned());
    });
    for _ in 0..2 {
        let report = world
            .engine()
            .run_once(Flow::Orders, &CancellationToken::new())
            .await;
        assert!(
            matches!(report.outcome, FlowOutcome::Failed { .. }),
            "{report:?}"
        );
        assert_eq!(world.state("B").await, OrderState::Accepted);
    }
    assert_eq!(world.open_codes().await, ["FLOW_FAILED"]);
    world.counter(|counter| counter.unfetchable.clear());
    world.run(Flow::Orders).await;
    assert_eq!(world.state("A").await, OrderState::Accepted);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}
