//! Drafts that become orders with another id, and the listing that shows them.

use order_mapping::{Condition, CreditDecision, Trigger};
use order_sync::{CancellationToken, ChangeWindow, Clock as _, Flow, OrderState, Tally};

use crate::clock::start_of_time;
use crate::fulfilment_service::Stage;
use crate::world::World;

#[tokio::test]
async fn a_draft_is_held_until_it_is_completed_and_leaves_once_under_one_reference() {
    let world = World::new();
    let draft = world.shop.draft(&[("85123A", 6), ("71053", 4)]);
    // Decided on the draft; it is no order yet all the same.
    world.credit.decide(&draft, CreditDecision::Approved);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&draft).await, OrderState::Held);
    let told = world.explain(&draft).await;
    assert!(
        told.answer.contains("draft has not been completed"),
        "{}",
        told.answer
    );
    assert_eq!(world.submits(), 0);
    let reference = told.record.reference;

    let order = world.shop.complete(&draft);
    let report = world.run(Flow::Orders).await;
    assert_eq!(
        (report.count(Tally::Renamed), report.count(Tally::Captured)),
        (1, 0)
    );
    let record = world.record(&order).await;
    assert_eq!(record.state, OrderState::Accepted);
    assert_eq!(
        record.rule.as_deref(),
        Some("on_account: credit approved"),
        "what was decided on the draft holds for the order"
    );
    assert_eq!(
        (record.id.as_str(), record.shop_id().as_str()),
        (draft.as_str(), order.as_str())
    );
    assert_eq!(record.reference, reference);
    world.run(Flow::Orders).await;
    assert_eq!(world.submits(), 1, "exported once");

    world.service.floor(|floor| {
        let number = floor
            .request(&reference)
            .unwrap()
            .order
            .purchase_order
            .clone();
        assert_eq!(number.unwrap().as_str(), "PO/1", "from the note attribute");
        floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]);
    });
    world.relay_and_prove().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    let completed = world.shop.sale(&order);
    assert_eq!(completed.tracking(), ["P1-T"]);
    assert_eq!(completed.fulfilment_status(), "fulfilled");
    assert_eq!(world.shop.sale(&draft).fulfilments, []);
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert!(audit.accounts(), "{audit:?}");
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_draft_that_was_let_go_asks_for_no_change_when_its_order_has_new_line_ids() {
    let mut world = World::new();
    let approved = || Trigger::Any(vec![Condition::Credit(CreditDecision::Approved)]);
    world.profile.release.unconfirmed = Some(approved());
    let draft = world.shop.draft(&[("85123A", 6), ("71053", 4)]);
    world.credit.decide(&draft, CreditDecision::Approved);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&draft).await, OrderState::Accepted);

    let order = world.shop.complete(&draft);
    assert_ne!(
        world.shop.sale(&order).lines[0].id,
        world.shop.sale(&draft).lines[0].id
    );
    world.run(Flow::Orders).await;
    let reference = world.reference(&order).await;
    world.service.floor(|floor| {
        assert_eq!((floor.submits, floor.requests.len()), (1, 1));
        assert_eq!(floor.asked, Vec::<String>::new(), "nothing is different");
        assert_eq!(floor.request(&reference).unwrap().stage, Stage::Open);
        floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]);
    });
    world.relay_and_prove().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    assert_eq!(world.shop.sale(&order).fulfilment_status(), "fulfilled");
}

#[tokio::test]
async fn two_changes_in_one_second_of_the_platform_are_both_seen() {
    let world = World::new();
    let id = world.shop.draft(&[("85123A", 6)]);
    world.run(Flow::Orders).await;
    world.shop.tag(&id, "first");
    // The engine reads before the second is over, in which the platform changes the draft once more.
    let now = ChangeWindow::new(start_of_time(), world.clock.now());
    let stop = CancellationToken::new();
    let report = world.engine().backfill_orders(now, &stop).await;
    assert_eq!(report.count(Tally::SourceChanged), 1);
    let before = world.shop.sale(&id).updated_at;
    world.shop.tag(&id, "second");
    assert_eq!(world.shop.sale(&id).updated_at, before);
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::SourceChanged), 1);
}

#[tokio::test]
async fn every_page_of_the_listing_is_read() {
    let world = World::new();
    let ids: Vec<String> = (0..5)
        .map(|_| world.shop.paid_order(&[("85123A", 1)]))
        .collect();
    let report = world.run(Flow::Orders).await;
    assert_eq!(report.count(Tally::Captured), 5);
    for id in &ids {
        assert_eq!(world.state(id).await, OrderState::Accepted);
    }
    assert_eq!(world.submits(), 5);
}

#[tokio::test]
async fn an_article_that_the_platform_gave_another_code_is_told_by_its_variant() {
    let world = World::new();
    world.run(Flow::Catalogue).await;
    world
        .shop
        .books(|books| books.variants[0].sku = "85123B".to_owned());
    world.run(Flow::Catalogue).await;
    assert!(world.open_codes().await.contains(&"SKU_RENAMED".to_owned()));
}
