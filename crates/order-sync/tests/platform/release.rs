//! Pay on account: let go by a decision of the credit system, by a tag, by any or all of them, as the profile says.

use order_mapping::{Condition, CreditDecision, Trigger};
use order_sync::{Flow, OrderEvent, OrderState};

use crate::world::World;

fn approved() -> Condition {
    Condition::Credit(CreditDecision::Approved)
}

fn tagged() -> Condition {
    Condition::Tag("release".to_owned())
}

/// An order on account that waits under a trigger.
async fn waiting(trigger: Trigger) -> (World, String) {
    let mut world = World::new();
    world.profile.release.on_account = trigger;
    let id = world.shop.order_on_account(&[("85123A", 6)]);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Held);
    assert_eq!(world.submits(), 0);
    (world, id)
}

/// The next run lets it go, and says by which rule.
async fn leaves_by(world: &World, id: &str, rule: &str) {
    world.run(Flow::Orders).await;
    let told = world.explain(id).await;
    assert_eq!(told.record.state, OrderState::Accepted);
    assert_eq!(told.record.rule.as_deref(), Some(rule));
    let prepared = told
        .timeline
        .iter()
        .find(|entry| entry.event == OrderEvent::Prepared);
    let note = &prepared.unwrap().note;
    assert!(note.contains(&format!("released by {rule}")), "{note}");
    let there = |world: &World| world.service.floor(|floor| floor.requests.len());
    assert_eq!((world.submits(), there(world)), (1, 1));
}

#[tokio::test]
async fn the_credit_decision_alone_lets_it_go_although_the_order_did_not_change() {
    let (world, id) = waiting(Trigger::Any(vec![approved()])).await;
    world.credit.decide(&id, CreditDecision::Approved);
    leaves_by(&world, &id, "on_account: credit approved").await;
}

#[tokio::test]
async fn a_tag_alone_lets_it_go() {
    let (world, id) = waiting(Trigger::Any(vec![tagged()])).await;
    world.credit.decide(&id, CreditDecision::Approved);
    world.run(Flow::Orders).await;
    assert_eq!(
        world.state(&id).await,
        OrderState::Held,
        "credit is not asked for by this profile"
    );
    world.shop.tag(&id, "Release");
    leaves_by(&world, &id, "on_account: tag release").await;
}

#[tokio::test]
async fn any_of_them_lets_it_go_and_the_one_that_did_is_named() {
    let any = || Trigger::Any(vec![approved(), tagged()]);
    let (world, id) = waiting(any()).await;
    world.shop.tag(&id, "release");
    leaves_by(&world, &id, "on_account: tag release").await;

    let (world, id) = waiting(any()).await;
    world.credit.decide(&id, CreditDecision::Approved);
    leaves_by(&world, &id, "on_account: credit approved").await;
}

#[tokio::test]
async fn all_of_them_have_to_hold_where_the_profile_says_so() {
    let standing = Condition::Status(vec!["good standing".to_owned()]);
    let (world, id) = waiting(Trigger::All(vec![approved(), tagged(), standing])).await;
    world.credit.decide(&id, CreditDecision::Approved);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Held);
    world.shop.tag(&id, "release");
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Held);
    assert_eq!(world.submits(), 0);
    world.credit.set_standing("customer-1", "Good standing");
    let rule = "on_account: credit approved and tag release and status good standing";
    leaves_by(&world, &id, rule).await;
}

#[tokio::test]
async fn a_declined_credit_holds_and_is_explained_until_it_is_decided_anew() {
    let (world, id) = waiting(Trigger::Any(vec![approved()])).await;
    world.credit.decide(&id, CreditDecision::Declined);
    world.run(Flow::Orders).await;
    let told = world.explain(&id).await;
    assert_eq!(told.record.state, OrderState::Held);
    assert!(
        told.answer.contains("the credit was declined"),
        "{}",
        told.answer
    );
    assert!(told.answer.contains("RELEASE_PENDING"), "{}", told.answer);
    let again = world.run(Flow::Orders).await;
    assert_eq!(again.changes(), 0, "told once");
    assert_eq!(world.submits(), 0);
    world.credit.decide(&id, CreditDecision::Approved);
    leaves_by(&world, &id, "on_account: credit approved").await;
}
