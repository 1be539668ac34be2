//! What people ask: why has this not shipped, is it healthy, does it all add up, what would another profile change?

use std::time::Duration;

use order_mapping::{PaymentTerms, ServiceRule, SourceOrderId};
use order_sync::{
    AuditClass, CancellationToken, Flow, FlowOutcome, HealthLimits, Light, MerchantId, OrderState,
    Ruling, Store as _, StoredContents, Tally,
};

use crate::fakes::{World, despatch, order};

#[tokio::test]
async fn one_call_says_why_an_order_has_not_shipped() {
    let world = World::new();
    let mut held = order("A");
    held.personal.shipping.as_mut().unwrap().phone = None;
    world.shop.put(held);
    world.shop.put(order("B"));
    world.run(Flow::Orders).await;
    let engine = world.engine();
    let told = engine.explain(&"A".into()).await.unwrap().unwrap();
    assert!(told.answer.contains("PHONE_MISSING"), "{}", told.answer);
    assert!(told.todo.is_some());
    assert_eq!(told.exceptions.len(), 1);
    assert_eq!((told.timeline.len(), told.broken_at), (2, None));

    let told = engine.explain(&"B".into()).await.unwrap().unwrap();
    assert!(told.answer.starts_with("the warehouse has it as"));
    assert_eq!(told.todo, None);
    assert_eq!(engine.explain(&"none".into()).await.unwrap(), None);
}

#[tokio::test]
async fn every_order_is_in_exactly_one_class() {
    let world = World::new();
    for id in ["accepted", "closed", "left", "gone"] {
        world.shop.put(order(id));
    }
    let mut held = order("held");
    held.payment = PaymentTerms::OnAccount;
    world.shop.put(held.clone());
    world.run(Flow::Orders).await;
    for (id, number) in [("closed", "1"), ("left", "2")] {
        let reference = world.record(id).await.reference;
        let lines = [("1", 6), ("2", 4)];
        let sent = despatch(number, &reference, &lines);
        world.shelves(|shelves| shelves.despatches.push(sent));
    }
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    world.run(Flow::Despatches).await;
    // A later despatch that is not proven yet.
    let reference = world.record("gone").await.reference;
    let sent = despatch("3", &reference, &[("1", 6)]);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;
    held.id = SourceOrderId::new("cancelled");
    held.status = Some("cancelled".to_owned());
    world.shop.put(held);
    world.run(Flow::Orders).await;

    let audit = world.run(Flow::Audit).await.audit.unwrap();
    for (class, orders) in [
        (AuditClass::Held, 1),
        (AuditClass::Accepted, 1),
        (AuditClass::Despatched, 1),
        (AuditClass::Relayed, 2),
        (AuditClass::Cancelled, 1),
        (AuditClass::Orphaned, 0),
        (AuditClass::Ghost, 0),
    ] {
        assert_eq!(audit.class(class), orders, "{class:?}");
    }
    assert_eq!(audit.classes.values().sum::<u64>(), audit.on_record);
    world.clock.advance(Duration::from_secs(5 * 3600));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.class(AuditClass::Orphaned), 1);
    assert_eq!(audit.class(AuditClass::Held), 0);
}

#[tokio::test]
async fn an_order_deleted_from_the_store_is_found_on_both_sides() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    // The same shop and warehouse, and a store that knows nothing of it.
    let mut forgetful = World::new();
    forgetful.shop = world.shop.clone();
    forgetful.warehouse = world.warehouse.clone();
    forgetful.settings.start_from = Some(crate::fakes::start_of_time());
    forgetful.settings.orphan_after = Duration::ZERO;
    let audit = forgetful.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.not_captured, ["A"]);
    assert_eq!(audit.ghosts.len(), 1);
    assert_eq!(audit.class(AuditClass::Orphaned), 1);
    let open = forgetful.engine().exceptions().await.unwrap();
    assert!(
        open.iter()
            .any(|one| one.finding.detail.contains("it is the shop's order A")),
        "{open:?}"
    );
}

#[tokio::test]
async fn an_order_that_is_not_what_was_sent_is_told_article_by_article() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    assert_eq!(world.run(Flow::Audit).await.audit.unwrap().differing, []);
    let mut listed = StoredContents::default();
    listed.lines = vec![("85123A".to_owned(), 6), ("71053".to_owned(), 3)];
    world.shelves(|shelves| {
        shelves.listed_as = Some(listed);
        shelves.difference = Some("71053: 3 there, 4 meant".to_owned());
    });
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.differing[0].order, "#A");
    assert_eq!(audit.differing[0].differences, ["71053: 3 there, 4 meant"]);
    assert_eq!(world.open_codes().await, ["CONTENT_DIFFERS"]);
}

#[tokio::test]
async fn health_is_green_goes_red_with_reasons_and_comes_back() {
    let world = World::new();
    for flow in Flow::ALL {
        world.run(flow).await;
    }
    let engine = world.engine();
    let limits = HealthLimits::default();
    let health = engine.health(&limits).await.unwrap();
    assert_eq!((health.light, health.reasons.len()), (Light::Green, 0));
    assert_eq!(health.flows.len(), Flow::ALL.len());

    world.clock.advance(Duration::from_secs(100 * 60));
    let health = engine.health(&limits).await.unwrap();
    assert_eq!(health.light, Light::Red);
    assert!(
        health.reasons[0].text.contains("100 minutes ago"),
        "{:?}",
        health.reasons
    );

    world.counter(|counter| counter.same_page_for_ever = true);
    let report = world
        .engine()
        .run_once(Flow::Orders, &CancellationToken::new())
        .await;
    assert!(matches!(report.outcome, FlowOutcome::Failed { .. }));
    let health = engine.health(&limits).await.unwrap();
    let texts: Vec<&str> = health
        .reasons
        .iter()
        .map(|reason| reason.text.as_str())
        .collect();
    assert!(
        texts.iter().any(|text| text.contains("FLOW_FAILED")),
        "{texts:?}"
    );
    world.counter(|counter| counter.same_page_for_ever = false);
    let mut held = order("A");
    held.personal.shipping.as_mut().unwrap().phone = None;
    world.shop.put(held);
    for flow in Flow::ALL {
        world.run(flow).await;
    }
    let health = engine.health(&limits).await.unwrap();
    assert_eq!(health.holds.get("PHONE_MISSING"), Some(&1));
    assert_eq!(health.open_orders[&OrderState::Held].orders, 1);
}

#[tokio::test]
async fn a_shadow_run_says_what_another_profile_would_change_and_sends_nothing() {
    let world = World::new();
    for id in ["A", "B"] {
        world.shop.put(order(id));
    }
    let mut unmapped = order("C");
    unmapped.shipping_method = Some("Pallet Saturday".into());
    world.shop.put(unmapped);
    world.run(Flow::Orders).await;
    let submits = world.shelves(|shelves| shelves.submits);
    let engine = world.engine();
    let days = Duration::from_secs(7 * 24 * 3600);

    let same = engine
        .shadow_run(world.profile.clone(), days, 10)
        .await
        .unwrap();
    assert_eq!((same.judged, same.rows.len()), (3, 0));

    let mut candidate = world.profile.clone();
    candidate.services.rules = vec![
        ServiceRule::new("Express B2B Delivery", "WHI_NXT"),
        ServiceRule::new("Pallet Saturday", "WHI_PAL"),
    ];
    let report = engine.shadow_run(candidate, days, 2).await.unwrap();
    assert_eq!(
        report.counts,
        [("released".to_owned(), 1), ("service".to_owned(), 2)].into()
    );
    assert_eq!((report.rows.len(), report.more), (2, 1));
    assert_eq!(
        report.rows[0].changes[0].to_string(),
        "service: WHI_EXP -> WHI_NXT"
    );
    assert_eq!(
        report.rows[0].then,
        Ruling::Goes {
            service: "WHI_NXT".to_owned()
        }
    );
    assert_eq!(world.shelves(|shelves| shelves.submits), submits);

    world.clock.advance(Duration::from_secs(8 * 24 * 3600));
    let later = engine
        .shadow_run(world.profile.clone(), days, 10)
        .await
        .unwrap();
    assert_eq!(later.judged, 0);
}

#[tokio::test]
async fn many_orders_come_in_chunks_and_a_full_backlog_stops_the_reading() {
    let mut world = World::new();
    world.settings.capture_chunk = 2;
    world.settings.backlog_limit = 3;
    for number in 0..7 {
        world.shop.put(order(&number.to_string()));
    }
    world.counter(|counter| counter.page_by_page = true);
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::Accepted), 7);
    assert_eq!(world.open_codes().await, Vec::<String>::new());

    // The warehouse cannot be reached: what waits is on record, the rest stays in the shop.
    let mut world = World::new();
    world.settings.capture_chunk = 2;
    world.settings.backlog_limit = 3;
    for number in 0..7 {
        world.shop.put(order(&number.to_string()));
    }
    world.counter(|counter| counter.page_by_page = true);
    world.shelves(|shelves| {
        for _ in 0..20 {
            shelves.answers.push_back(crate::fakes::Answer::Fails(
                order_sync::FailureClass::NeverSent,
            ));
        }
    });
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::Captured), 4, "{report:?}");
    assert!(
        world
            .open_codes()
            .await
            .contains(&"BACKLOG_FULL".to_owned())
    );
    let merchant = MerchantId::new("merchant");
    assert_eq!(
        world.store.cursor(&merchant, "orders").await.unwrap(),
        None,
        "the watermark stays"
    );
    world.shelves(|shelves| shelves.answers.clear());
    for _ in 0..3 {
        world.clock.advance(Duration::from_secs(60));
        world.run(Flow::Orders).await;
    }
    assert_eq!(world.shelves(|shelves| shelves.orders.len()), 7);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}
