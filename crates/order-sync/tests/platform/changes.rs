//! Edits and cancellations on the platform, negotiated with its fulfilment service.

use order_sync::{Flow, OrderEvent, OrderState, RequestState};

use crate::fulfilment_service::Stage;
use crate::world::{World, accepted};

async fn request_state(world: &World, id: &str) -> Option<RequestState> {
    world.record(id).await.request_state()
}

#[tokio::test]
async fn a_cancellation_that_the_service_accepts_ends_the_order_and_frees_its_units() {
    let (world, id) = accepted().await;
    world.run(Flow::Stock).await;
    assert_eq!(world.level("85123A"), 94);
    world.shop.cancel(&id);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Withdrawn);
    assert_eq!(world.units(&id).await, [(6, 0, 6, 0), (4, 0, 4, 0)]);
    let reference = world.reference(&id).await;
    let stage = world
        .service
        .floor(|floor| floor.request(&reference).unwrap().stage);
    assert_eq!(stage, Stage::Cancelled);
    world.run(Flow::Stock).await;
    assert_eq!(world.level("85123A"), 100);
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_cancellation_that_the_service_thinks_about_is_asked_after_under_one_id() {
    let (world, id) = accepted().await;
    world.service.floor(|floor| floor.undecided = true);
    world.shop.cancel(&id);
    world.run(Flow::Orders).await;
    assert_eq!(request_state(&world, &id).await, Some(RequestState::Asked));
    world.service.floor(|floor| floor.undecided = false);
    world.clock.advance(60);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Withdrawn);
    let asked = world.service.floor(|floor| floor.asked.clone());
    assert_eq!(asked.len(), 2);
    assert_eq!(asked[0], asked[1]);
}

#[tokio::test]
async fn a_refused_cancellation_is_raised_and_what_leaves_all_the_same_is_told_with_the_reason() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world.service.floor(|floor| floor.pack(&reference));
    world.shop.cancel(&id);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Accepted);
    assert_eq!(
        request_state(&world, &id).await,
        Some(RequestState::Refused)
    );
    assert_eq!(world.open_codes().await, ["CANCEL_REFUSED"]);
    assert!(
        world
            .explain(&id)
            .await
            .answer
            .contains("it is being packed")
    );

    // The platform has cancelled it for its part, and takes no fulfilment any more.
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    world.run(Flow::Despatches).await;
    let told = world.explain(&id).await;
    assert_eq!(told.record.state, OrderState::Despatched);
    let last = told.timeline.last().unwrap();
    assert_eq!(last.event, OrderEvent::RelayTried);
    assert!(
        last.note.contains("the order is cancelled"),
        "{}",
        last.note
    );
    assert_eq!(world.shop.sale(&id).fulfilments, []);
}

#[tokio::test]
async fn a_cancellation_after_the_goods_left_is_too_late() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    // The service knows before the engine has read its feed.
    world.shop.cancel(&id);
    world.run(Flow::Orders).await;
    assert_eq!(
        request_state(&world, &id).await,
        Some(RequestState::TooLate)
    );
    assert_eq!(world.open_codes().await, ["CANCEL_TOO_LATE"]);

    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    world.relay_and_prove().await;
    world.shop.cancel(&id);
    world.run(Flow::Orders).await;
    assert_eq!(
        request_state(&world, &id).await,
        Some(RequestState::TooLate)
    );
    assert_eq!(
        world.service.floor(|floor| floor.asked.len()),
        0,
        "nobody is asked what is known"
    );
    assert_eq!(world.shop.sale(&id).tracking(), ["P1-T"]);
}

#[tokio::test]
async fn an_edited_quantity_reaches_the_service_and_the_levels() {
    let (world, id) = accepted().await;
    world.run(Flow::Stock).await;
    world.shop.edit(&id, 0, 9);
    world.run(Flow::Orders).await;
    assert_eq!(
        request_state(&world, &id).await,
        Some(RequestState::Accepted)
    );
    assert_eq!(world.units(&id).await, [(9, 0, 0, 9), (4, 0, 0, 4)]);
    let reference = world.reference(&id).await;
    let units = world.service.floor(|floor| {
        let lines = &floor.request(&reference).unwrap().order.lines;
        lines
            .iter()
            .map(|line| line.quantity.get())
            .collect::<Vec<_>>()
    });
    assert_eq!(units, [9, 4]);
    world.run(Flow::Stock).await;
    assert_eq!(world.level("85123A"), 91);
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 9), ("71053", 4)]));
    world.relay_and_prove().await;
    assert_eq!(world.state(&id).await, OrderState::Closed);
    assert_eq!(world.shop.sale(&id).fulfilment_status(), "fulfilled");
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn an_edit_that_the_service_refuses_is_raised_and_never_dropped() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world.service.floor(|floor| floor.pack(&reference));
    world.shop.edit(&id, 0, 2);
    world.run(Flow::Orders).await;
    assert_eq!(
        request_state(&world, &id).await,
        Some(RequestState::Refused)
    );
    assert_eq!(world.units(&id).await, [(6, 0, 0, 6), (4, 0, 0, 4)]);
    assert_eq!(world.open_codes().await, ["AMENDMENT_REFUSED"]);
}
