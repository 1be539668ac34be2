//! Pay on Account: nothing leaves before its trigger, and nothing else waits for one.

use std::time::Duration;

use end_to_end::{PurchaseDraft, World};
use order_sync::{Flow, OrderEvent, Tally};
use serde_json::Value;

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn pay_on_account_waits_for_its_trigger_and_paid_orders_do_not() {
    let world = World::start().await;
    let pending = PurchaseDraft::new(1001).on_account();
    let approved = PurchaseDraft::new(1002).on_account().approved();
    let paid = PurchaseDraft::new(1003);
    let unknown = PurchaseDraft::new(1004).set("/payment_method", "barter");
    let unnamed = PurchaseDraft::new(1005).set("/payment_method", Value::Null);
    for order in [&pending, &approved, &paid, &unknown, &unnamed] {
        world.put(order);
    }
    let first = world.complete(Flow::Orders).await;
    assert_eq!(first.count(Tally::Accepted), 2);
    world.assert_accepted(&paid).await;
    world.assert_accepted(&approved).await;

    for _ in 0..3 {
        world.pass(HOUR);
        world.settle().await;
        world.assert_held(&pending, &["RELEASE_PENDING"]).await;
    }
    world.assert_held(&unknown, &["PAYMENT_TYPE_UNKNOWN"]).await;
    world.assert_held(&unnamed, &["PAYMENT_TYPE_UNKNOWN"]).await;
    assert_eq!(world.warehouse.writes().order_posts, 2);
    let waiting = world.open_exceptions("RELEASE_PENDING").await;
    assert_eq!(
        waiting,
        [],
        "waiting for credit is business and no exception"
    );

    world.put(&pending.clone().approved());
    let next = world.complete(Flow::Orders).await;
    assert_eq!(next.count(Tally::Accepted), 1, "it leaves in the next run");
    world.assert_accepted(&pending).await;
    let timeline = world.timeline(&pending).await;
    let prepared = timeline
        .iter()
        .find(|entry| entry.event == OrderEvent::Prepared)
        .expect("it was prepared");
    assert!(
        prepared.note.contains("credit_status=approved"),
        "the deciding rule is not named: {}",
        prepared.note
    );
}

#[tokio::test]
async fn a_draft_waits_until_the_platform_completes_it() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001).set("/type", "order_unconfirmed");
    world.put(&order);
    world.settle().await;
    world.pass(HOUR);
    assert_eq!(world.shop.run_platform_connector().promoted.len(), 0);
    world.settle().await;
    world.assert_held(&order, &["ORDER_UNCONFIRMED"]).await;

    world.shop.complete_draft(&order.id()).unwrap();
    world.pass(HOUR);
    assert_eq!(world.shop.run_platform_connector().promoted, [order.id()]);
    world.complete(Flow::Orders).await;
    world.assert_accepted(&order).await;
}
