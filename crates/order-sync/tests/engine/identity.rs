//! One order, whatever it is called: drafts that become orders, orders sent once more, orders read again.

use std::sync::Arc;
use std::time::Duration;

use order_mapping::{OrderKind, SourceOrderId};
use order_sync::{
    CancellationToken, ChangeWindow, Flow, MemoryStore, MerchantId, OrderEvent, OrderState,
    ResendError, Store as _, Tally,
};

use crate::fakes::{Answer, World, despatch, order, start_of_time};

#[tokio::test]
async fn a_draft_that_becomes_an_order_is_one_order_and_its_tracking_goes_to_the_new_record() {
    let world = World::new();
    let mut draft = order("draft-1");
    draft.kind = OrderKind::Unconfirmed;
    world.shop.put(draft);
    world.run(Flow::Orders).await;
    let before = world.state("draft-1").await;
    assert!(before.is_unsent(), "{before}");

    world.counter(|counter| {
        counter.orders.clear();
        counter
            .continues
            .insert("order-1".to_owned(), "draft-1".to_owned());
    });
    world.shop.put(order("order-1"));
    let report = world.run(Flow::Orders).await;
    assert_eq!(
        (report.count(Tally::Captured), report.count(Tally::Renamed)),
        (0, 1)
    );
    assert_eq!(world.shelves(|shelves| shelves.submits), 1, "exported once");
    let record = world.record("draft-1").await;
    assert_eq!(record.shop_id().as_str(), "order-1");

    let lines = [("1", 6), ("2", 4)];
    let sent = despatch("D", &record.reference, &lines);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;
    assert!(world.counter(|counter| counter.shown.contains_key("order-1")));
    assert!(!world.counter(|counter| counter.shown.contains_key("draft-1")));

    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0, "{again:?}");
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert!(audit.accounts(), "{audit:?}");
    let told = world.engine().explain(&"order-1".into()).await.unwrap();
    assert_eq!(told.unwrap().record.id.as_str(), "draft-1");
}

#[tokio::test]
async fn an_order_that_began_as_a_draft_is_recognised_after_the_store_forgot_it() {
    let mut world = World::new();
    world.counter(|counter| {
        counter
            .continues
            .insert("order-1".to_owned(), "draft-1".to_owned());
    });
    world.shop.put(order("order-1"));
    world.run(Flow::Orders).await;
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);

    world.store = Arc::new(MemoryStore::new(start_of_time()));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.not_captured, ["order-1"]);
    let merchant = MerchantId::new("merchant");
    let open = world.store.exceptions(&merchant, true).await.unwrap();
    let ghost = open
        .iter()
        .find(|exception| exception.finding.code == "GHOST")
        .expect("a ghost");
    let detail = &ghost.finding.detail;
    assert!(detail.contains("the shop's order order-1"), "{detail}");
}

#[tokio::test]
async fn an_order_is_sent_once_more_only_when_the_warehouse_does_not_have_it() {
    let world = World::new();
    world.shop.put(order("A"));
    world.run(Flow::Orders).await;
    let first = world.record("A").await.reference;
    let engine = world.engine();
    let id = SourceOrderId::new("A");
    let refused = engine.resend(&id, "the buyer asks").await.unwrap_err();
    assert!(matches!(refused, ResendError::StillThere(_)), "{refused}");

    // Lost at the warehouse.
    world.shelves(|shelves| shelves.orders.clear());
    let resent = engine.resend(&id, "lost at the warehouse").await.unwrap();
    assert_eq!((resent.state, resent.generation), (OrderState::Captured, 1));
    world.run(Flow::Orders).await;
    let record = world.record("A").await;
    assert_eq!(record.state, OrderState::Accepted);
    assert_ne!(record.reference, first);
    let merchant = MerchantId::new("merchant");
    let owner = world.store.order_by_reference(&merchant, &first).await;
    assert_eq!(owner.unwrap().unwrap().id, id, "references are kept");
    assert!(world.events("A").await.contains(&OrderEvent::Resent));

    // And if the first one turns up again, it is there twice.
    let (_, sent) = world.shelves(|shelves| shelves.orders[0].clone());
    world.shelves(|shelves| shelves.orders.push((first, sent)));
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.doubled, ["#A"]);
}

#[tokio::test]
async fn a_backfill_changes_nothing_that_is_right_and_finds_what_was_missed() {
    let world = World::new();
    let lately = start_of_time() - chrono::Duration::hours(1);
    for id in ["A", "B"] {
        world.shop.put(order(id));
        world.counter(|counter| counter.changed_at.insert(id.to_owned(), lately));
    }
    world.run(Flow::Orders).await;
    let reference = world.record("A").await.reference;
    let lines = [("1", 6), ("2", 4)];
    let sent = despatch("D", &reference, &lines);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;

    // An order that never showed in its window.
    world.shop.put(order("C"));
    let long_ago = start_of_time() - chrono::Duration::days(40);
    world.counter(|counter| counter.changed_at.insert("C".to_owned(), long_ago));
    world.clock.advance(Duration::from_secs(60));
    world.counter(|counter| counter.shop_time = Duration::from_secs(60));
    let missed = world.run(Flow::Orders).await;
    assert_eq!(missed.changes(), 0);

    let merchant = MerchantId::new("merchant");
    let watermark = world.store.cursor(&merchant, "orders").await.unwrap();
    let window = ChangeWindow::new(long_ago, start_of_time());
    let stop = CancellationToken::new();
    let engine = world.engine();
    let report = engine.backfill_orders(window, &stop).await;
    assert!(report.completed());
    assert_eq!(report.count(Tally::Captured), 1);
    assert_eq!(world.state("C").await, OrderState::Accepted);
    assert_eq!(
        world.store.cursor(&merchant, "orders").await.unwrap(),
        watermark,
        "the watermark knows nothing of it"
    );
    let again = engine.backfill_orders(window, &stop).await;
    assert_eq!(again.changes(), 0, "{again:?}");
    let despatches = engine.backfill_despatches(None, &stop).await;
    assert_eq!(despatches.count(Tally::DespatchesRead), 1);
    assert_eq!(despatches.changes(), 0, "{despatches:?}");
}

#[tokio::test]
async fn a_sweep_finds_what_no_listing_of_changes_showed() {
    let world = World::new();
    let at = |hours: i64| start_of_time() - chrono::Duration::hours(hours);
    world.shop.put(order("A"));
    world.counter(|counter| counter.changed_at.insert("A".to_owned(), at(1)));
    // The first reading sets the watermark, the second is the first sweep.
    world.run(Flow::Orders).await;
    world.run(Flow::Orders).await;
    world.shop.put(order("B"));
    world.counter(|counter| counter.changed_at.insert("B".to_owned(), at(72)));
    assert_eq!(world.run(Flow::Orders).await.count(Tally::Captured), 0);
    let day = Duration::from_secs(24 * 3600 + 60);
    world.clock.advance(day);
    world.counter(|counter| counter.shop_time = day);
    assert_eq!(world.run(Flow::Orders).await.count(Tally::Captured), 1);
}

#[tokio::test]
async fn an_order_can_be_taken_through_its_steps_by_itself() {
    let world = World::new();
    world.shop.put(order("A"));
    world.shop.put(order("B"));
    world.shelves(|shelves| shelves.answers.push_back(Answer::AppliesAndLoses));
    world.capture_only().await;
    let (engine, stop) = (world.engine(), CancellationToken::new());
    let id = SourceOrderId::new("A");
    let record = engine.advance(&id, &stop).await.unwrap().unwrap();
    assert_eq!(record.state, OrderState::OutcomeUnknown);
    assert_eq!(world.shelves(|shelves| shelves.submits), 1);
    let same = engine.advance(&id, &stop).await.unwrap().unwrap();
    assert_eq!(same.token, record.token, "nothing is due");
    world.clock.advance(Duration::from_secs(601));
    let record = engine.advance(&id, &stop).await.unwrap().unwrap();
    assert_eq!(record.state, OrderState::Accepted);
    let lines = [("1", 6), ("2", 4)];
    let sent = despatch("D", &record.reference, &lines);
    world.shelves(|shelves| shelves.despatches.push(sent));
    world.run(Flow::Despatches).await;
    world.clock.advance(Duration::from_secs(600));
    let record = engine.advance(&id, &stop).await.unwrap().unwrap();
    assert_eq!(record.state, OrderState::Closed);
    assert_eq!(engine.advance(&"none".into(), &stop).await.unwrap(), None);
}

#[tokio::test]
async fn a_code_keeps_its_meaning_over_restarts() {
    let mut world = World::new();
    world.run(Flow::Catalogue).await;
    let merchant = MerchantId::new("merchant");
    let history = world.store.sku_history(&merchant).await.unwrap();
    assert_eq!((history.version, history.pairs.len()), (1, 3));

    // 84406-B has left, and an article would take its code.
    world.articles = vec!["85123A", "71053", "84406/B"];
    world.run(Flow::Catalogue).await;
    assert_eq!(world.open_codes().await, ["SKU_CODE_RETIRED"]);
    let again = world.run(Flow::Catalogue).await;
    assert_eq!(again.changes(), 0);
}
