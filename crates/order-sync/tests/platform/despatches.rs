//! Parcels as fulfilments: added, never replaced; counted once, whatever order they come in.

use order_sync::{Flow, OrderEvent, OrderState, Tally};

use crate::world::accepted;

#[tokio::test]
async fn parcels_that_come_late_twice_and_reordered_are_one_union_and_nothing_moves_back() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    let (first, second) = world.service.floor(|floor| {
        let first = floor.ship(&reference, "P1", &[("85123A", 4)]);
        let second = floor.ship(&reference, "P2", &[("85123A", 2), ("71053", 4)]);
        // The feed tells the later one first, and twice.
        floor.shipments = vec![second.clone(), second.clone()];
        (first, second)
    });
    world.run(Flow::Despatches).await;
    assert_eq!(world.state(&id).await, OrderState::PartDespatched);
    assert_eq!(
        world.shop.sale(&id).fulfilment_status(),
        "partially_fulfilled"
    );
    assert_eq!(world.shop.sale(&id).tracking(), ["P2-T"]);

    world
        .service
        .floor(|floor| floor.shipments.extend([first.clone(), second, first]));
    world.relay_and_prove().await;
    assert_eq!(world.state(&id).await, OrderState::Closed);
    assert_eq!(world.units(&id).await, [(6, 6, 0, 0), (4, 4, 0, 0)]);
    let sale = world.shop.sale(&id);
    assert_eq!(sale.tracking(), ["P2-T", "P1-T"]);
    assert_eq!(sale.fulfilment_status(), "fulfilled");
    assert_eq!(world.shop.writes(), 2, "each parcel once");
    assert_eq!(world.run(Flow::Despatches).await.changes(), 0);
    assert_eq!(world.open_codes().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_platforms_own_word_shipped_is_an_echo_and_no_change() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6)]));
    world.run(Flow::Despatches).await;
    let report = world.run(Flow::Orders).await;
    assert_eq!((report.count(Tally::Echoes), report.changes()), (1, 0));
    assert_eq!(world.state(&id).await, OrderState::PartDespatched);
    assert_eq!(world.service.floor(|floor| floor.asked.len()), 0);
}

#[tokio::test]
async fn what_a_person_fulfilled_by_hand_survives_and_only_the_rest_is_added() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world.shop.fulfil_by_hand(&id, 0, 2, "BY-HAND");
    let by_hand = world.shop.sale(&id).fulfilments[0].clone();
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    world.relay_and_prove().await;
    let sale = world.shop.sale(&id);
    assert_eq!(sale.fulfilments[0], by_hand);
    assert_eq!(by_hand.by, "person");
    assert_eq!(sale.tracking(), ["BY-HAND", "P1-T"]);
    let units: Vec<u32> = sale.fulfilments[1]
        .lines
        .iter()
        .map(|(_, units)| *units)
        .collect();
    assert_eq!(units, [4, 4], "the platform takes no more than remains");
    assert_eq!(world.state(&id).await, OrderState::Closed);
    assert_eq!(
        world.units(&id).await,
        [(6, 6, 0, 0), (4, 4, 0, 0)],
        "on record is what left"
    );
}

#[tokio::test]
async fn a_parcel_that_somebody_entered_by_hand_is_not_added_again() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world.shop.fulfil_by_hand(&id, 0, 6, "P1-T");
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6)]));
    world.run(Flow::Despatches).await;
    assert_eq!(world.shop.sale(&id).tracking(), ["P1-T"]);
    assert_eq!(world.shop.writes(), 0);
    assert_eq!(world.state(&id).await, OrderState::PartDespatched);
}

#[tokio::test]
async fn a_parcel_for_which_nothing_remains_is_raised_with_the_platforms_reason() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world.shop.fulfil_by_hand(&id, 0, 6, "BY-HAND-1");
    world.shop.fulfil_by_hand(&id, 1, 4, "BY-HAND-2");
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    world.run(Flow::Despatches).await;
    let told = world.explain(&id).await;
    assert_eq!(told.record.state, OrderState::Despatched);
    let tried = told
        .timeline
        .iter()
        .find(|entry| entry.event == OrderEvent::RelayTried);
    let note = &tried.unwrap().note;
    assert!(
        note.contains("parcel P1: nothing that it holds remains to be fulfilled"),
        "{note}"
    );
    assert_eq!(world.shop.sale(&id).tracking(), ["BY-HAND-1", "BY-HAND-2"]);
    world.clock.advance(3600);
    world.run(Flow::Audit).await;
    assert_eq!(world.open_codes().await, ["TRACKING_NOT_VISIBLE"]);
}

#[tokio::test]
async fn a_fulfilment_whose_answer_was_lost_is_not_added_twice() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    world.shop.books(|books| books.lost_answers = 1);
    world
        .service
        .floor(|floor| floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]));
    world.run(Flow::Despatches).await;
    assert_eq!(world.state(&id).await, OrderState::Despatched);
    world.relay_and_prove().await;
    assert_eq!(world.state(&id).await, OrderState::Closed);
    assert_eq!(world.shop.sale(&id).tracking(), ["P1-T"]);
}

#[tokio::test]
async fn a_parcel_counts_before_its_tracking_number_is_known_and_gets_it_later() {
    let (world, id) = accepted().await;
    let reference = world.reference(&id).await;
    let traced = world.service.floor(|floor| {
        let traced = floor.ship(&reference, "P1", &[("85123A", 6), ("71053", 4)]);
        floor.shipments[0].parcels[0].tracking = None;
        traced
    });
    world.run(Flow::Despatches).await;
    let sale = world.shop.sale(&id);
    assert_eq!(
        (sale.fulfilment_status(), sale.tracking().len()),
        ("fulfilled", 0)
    );
    world.service.floor(|floor| floor.shipments.push(traced));
    world.relay_and_prove().await;
    let sale = world.shop.sale(&id);
    assert_eq!((sale.tracking(), sale.fulfilments.len()), (vec!["P1-T"], 1));
    let company = &sale.fulfilments[0].tracking.as_ref().unwrap().company;
    assert_eq!(company.as_deref(), Some("Royal Mail"));
    assert_eq!(world.state(&id).await, OrderState::Closed);
}
