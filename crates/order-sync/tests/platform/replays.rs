//! Everything again from the beginning: nothing that is right is written a second time.

use chrono::{DateTime, Utc};
use order_mapping::CreditDecision;
use order_sync::{CancellationToken, ChangeWindow, Clock as _, Flow, FlowReport, OrderState};

use crate::world::World;

/// A draft that became an order and left in two parcels, an edited order that left in part, a cancelled one and one that waits.
async fn history(world: &World) -> [String; 4] {
    let draft = world.shop.draft(&[("85123A", 6), ("71053", 4)]);
    let edited = world.shop.paid_order(&[("85123A", 3)]);
    let cancelled = world.shop.paid_order(&[("84406B", 5)]);
    let waiting = world.shop.order_on_account(&[("71053", 1)]);
    world.run(Flow::Catalogue).await;
    world.run(Flow::Orders).await;
    let completed = world.shop.complete(&draft);
    world.credit.decide(&completed, CreditDecision::Approved);
    world.shop.edit(&edited, 0, 5);
    world.shop.cancel(&cancelled);
    world.run(Flow::Orders).await;
    let whole = world.reference(&completed).await;
    let part = world.reference(&edited).await;
    let now = world.clock.now();
    world.service.floor(|floor| {
        floor.ship(&whole, "P1", &[("85123A", 6)]);
        floor.ship(&part, "P2", &[("85123A", 2)]);
        floor.ship(&whole, "P3", &[("71053", 4)]);
        floor.take_back("R1", &whole, "71053", 1, now);
    });
    world.relay_and_prove().await;
    world.run(Flow::Orders).await;
    world.run(Flow::Stock).await;
    assert_eq!(world.state(&completed).await, OrderState::Closed);
    assert_eq!(world.state(&edited).await, OrderState::PartDespatched);
    assert_eq!(world.state(&cancelled).await, OrderState::Withdrawn);
    assert_eq!(world.state(&waiting).await, OrderState::Held);
    [completed, edited, cancelled, waiting]
}

#[tokio::test]
async fn a_replay_of_every_flow_from_the_beginning_writes_nothing() {
    let world = World::new();
    let ids = history(&world).await;
    let (writes, submits) = (world.shop.writes(), world.submits());
    let asked = world.service.floor(|floor| floor.asked.len());
    let mut events = Vec::new();
    for id in &ids {
        events.push(world.events(id).await);
    }

    world.clock.advance(60);
    let engine = world.engine();
    let stop = CancellationToken::new();
    let everything = ChangeWindow::new(DateTime::<Utc>::UNIX_EPOCH, world.clock.now());
    let mut reports: Vec<FlowReport> = vec![
        engine.backfill_orders(everything, &stop).await,
        engine.backfill_despatches(None, &stop).await,
        engine.run_stock_corrective(&stop).await,
    ];
    for flow in Flow::ALL {
        reports.push(engine.run_once(flow, &stop).await);
    }
    for report in &reports {
        assert!(report.completed(), "{report:?}");
        assert_eq!(report.changes(), 0, "{report:?}");
    }
    assert_eq!((world.shop.writes(), world.submits()), (writes, submits));
    assert_eq!(world.service.floor(|floor| floor.asked.len()), asked);
    for (id, before) in ids.iter().zip(events) {
        assert_eq!(world.events(id).await, before);
    }
}

#[tokio::test]
async fn a_store_that_was_lost_doubles_nothing_on_the_platform_or_at_its_service() {
    let mut world = World::new();
    let [completed, edited, ..] = history(&world).await;
    let reference = world.reference(&completed).await;
    let (writes, submits) = (world.shop.writes(), world.submits());

    world.lose_the_store();
    for _ in 0..2 {
        for flow in [Flow::Catalogue, Flow::Orders, Flow::Despatches, Flow::Stock] {
            world.run(flow).await;
        }
        world.clock.advance(600);
    }
    let record = world.record(&completed).await;
    assert_eq!(
        record.reference, reference,
        "the draft's, although the new store never saw the draft"
    );
    assert_eq!(record.state, OrderState::Closed);
    assert_eq!(world.state(&edited).await, OrderState::PartDespatched);
    assert_eq!((world.shop.writes(), world.submits()), (writes, submits));
    assert_eq!(world.explain(&completed).await.returns.len(), 1);
    let audit = world.run(Flow::Audit).await.audit.unwrap();
    assert_eq!(audit.doubled, Vec::<String>::new());
    assert_eq!(audit.ghosts, Vec::<String>::new());
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_at_the_service_once() {
    let world = World::new();
    world.service.floor(|floor| floor.loses_next_answer = true);
    let id = world.shop.paid_order(&[("85123A", 6)]);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::OutcomeUnknown);
    world.clock.advance(600);
    world.run(Flow::Orders).await;
    assert_eq!(world.state(&id).await, OrderState::Accepted);
    let there = world.service.floor(|floor| floor.requests.len());
    assert_eq!((world.submits(), there), (1, 1));
}
