//! Erasing a person over the flows: what goes at once, what waits, and what the shop says afterwards.

use std::time::Duration;

use order_mapping::{Money, PersonalDetails, Recipient, SalesOrder, SourceOrderId};
use order_sync::{
    CancellationToken, ErasureReport, Flow, MerchantId, OrderEvent, OrderState, Person, Store as _,
};

use crate::fakes::{World, order};

fn merchant() -> MerchantId {
    MerchantId::new("merchant")
}

/// An order of a customer, by both of the ways in which a person is known.
fn of(id: &str, customer: Option<&str>, email: Option<&str>) -> SalesOrder {
    let mut order = order(id);
    order.customer_id = customer.map(str::to_owned);
    order.total = Some(Money::new(120.into(), "GBP"));
    if let Some(address) = &mut order.personal.shipping {
        address.email = email.map(Into::into);
    }
    order
}

async fn erase(world: &World, person: &Person) -> ErasureReport {
    let stop = CancellationToken::new();
    world.engine().erase_person(person, &stop).await.unwrap()
}

async fn is_gone(world: &World, id: &str) -> bool {
    let id = SourceOrderId::new(id);
    let copy = world.store.source_copy(&merchant(), &id).await.unwrap();
    let order = copy.unwrap().order;
    let intent = world.store.intent(&merchant(), &id).await.unwrap();
    let named = intent.is_some_and(|intent| intent.recipient != Recipient::erased());
    order.personal == PersonalDetails::default() && !named && order.customer_id.is_none()
}

fn cancel(world: &World, mut order: SalesOrder) {
    order.status = Some("cancelled".to_owned());
    world.shop.put(order);
}

fn ids(ids: &[&str]) -> Vec<SourceOrderId> {
    ids.iter().copied().map(SourceOrderId::new).collect()
}

#[tokio::test]
async fn a_person_goes_and_the_others_and_all_totals_stay() {
    let world = World::new();
    let orders = [
        of("by-both", Some("7"), Some("buyer@example.com")),
        of("by-customer", Some("7"), None),
        of("by-email", None, Some("  Buyer@Example.COM ")),
        of("another", Some("8"), Some("other@example.com")),
        of("nameless", None, None),
    ];
    for order in &orders {
        cancel(&world, order.clone());
    }
    world.run(Flow::Orders).await;
    assert_eq!(world.state("by-both").await, OrderState::Cancelled);

    let person = Person::customer("7").with_email("buyer@example.com");
    let report = erase(&world, &person).await;
    assert_eq!(report.examined, 5);
    assert_eq!(report.erased, ids(&["by-both", "by-customer", "by-email"]));
    assert_eq!((report.waiting.len(), report.contended.len()), (0, 0));
    assert!(report.complete && report.unopened.is_empty());
    for order in &orders {
        let gone = report.erased.contains(&order.id);
        assert_eq!(
            is_gone(&world, order.id.as_str()).await,
            gone,
            "{}",
            order.id
        );
        assert_eq!(world.record(order.id.as_str()).await.value, order.total);
    }
    let events = world.events("by-email").await;
    assert_eq!(events.last(), Some(&OrderEvent::ErasureWanted));

    // Again, there is nothing left to find; and nobody is everybody.
    let again = erase(&world, &person).await;
    assert_eq!((again.examined, again.erased.len()), (5, 0));
    for nobody in [Person::default(), Person::customer("").with_email(" ")] {
        assert_eq!(erase(&world, &nobody).await.erased.len(), 0);
    }
    assert_eq!(world.events("by-email").await, events);
}

#[tokio::test]
async fn an_order_under_way_arrives_first() {
    let world = World::new();
    world.shop.put(of("a", Some("7"), None));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("a").await, OrderState::Accepted);
    let report = erase(&world, &Person::customer("7")).await;
    assert_eq!(report.erased, ids(&[]));
    assert_eq!(report.waiting[0].order, SourceOrderId::new("a"));
    assert_eq!(report.waiting[0].state, OrderState::Accepted);
    assert!(!is_gone(&world, "a").await);

    // Asked for twice, it is wanted once.
    let again = erase(&world, &Person::customer("7")).await;
    assert_eq!(again.waiting.len(), 1);
    let wishes = world.events("a").await;
    let wishes = wishes
        .iter()
        .filter(|event| **event == OrderEvent::ErasureWanted);
    assert_eq!(wishes.count(), 1);

    let reference = world.record("a").await.reference;
    world.shelves(|shelves| {
        let parcel = crate::fakes::despatch("D-1", &reference, &[("1", 6), ("2", 4)]);
        shelves.despatches.push(parcel);
    });
    for _ in 0..6 {
        world.run(Flow::Despatches).await;
        world.clock.advance(Duration::from_secs(24 * 3600));
    }
    assert_eq!(world.state("a").await, OrderState::Closed);
    assert!(is_gone(&world, "a").await, "it went as it came to its end");
    assert!(world.record("a").await.erased_at.is_some());
}

#[tokio::test]
async fn the_shop_does_not_bring_an_erased_order_back() {
    let world = World::new();
    cancel(&world, of("a", Some("7"), None));
    world.run(Flow::Orders).await;
    let report = erase(&world, &Person::customer("7")).await;
    assert_eq!(report.erased.len(), 1);

    // The same again is an echo; and what is changed is taken without its people.
    cancel(&world, of("a", Some("7"), None));
    world.run(Flow::Orders).await;
    assert!(is_gone(&world, "a").await);
    let mut revived = of("a", Some("7"), Some("new@example.com"));
    revived.purchase_orders.clear();
    world.shop.put(revived);
    world.run(Flow::Orders).await;
    assert!(is_gone(&world, "a").await);

    // It would have to be sent, and there is nobody to send it to.
    assert_eq!(world.state("a").await, OrderState::Held);
    let reasons = world.record("a").await.reasons;
    assert_eq!(reasons[0].code, "PERSONAL_DATA_ERASED");
    assert_eq!(reasons.len(), 1);
    assert_eq!(world.open_codes().await, ["PERSONAL_DATA_ERASED"]);
    world.clock.advance(Duration::from_secs(3600));
    world.run(Flow::Orders).await;
    assert_eq!(world.state("a").await, OrderState::Held);
    assert_eq!(world.open_codes().await.len(), 1);
    world.shelves(|shelves| assert!(shelves.orders.is_empty(), "nothing was sent"));
}

#[tokio::test]
async fn one_order_is_erased_by_its_id() {
    let world = World::new();
    cancel(&world, of("a", None, None));
    world.run(Flow::Orders).await;
    let engine = world.engine();
    let unknown = engine.erase_order(&SourceOrderId::new("x")).await.unwrap();
    assert_eq!(unknown, None);
    let report = engine.erase_order(&SourceOrderId::new("a")).await.unwrap();
    assert_eq!(report.unwrap().erased, ids(&["a"]));
    assert!(is_gone(&world, "a").await);
    let report = engine.erase_order(&SourceOrderId::new("a")).await.unwrap();
    assert_eq!(report.unwrap().erased, ids(&[]));
}
