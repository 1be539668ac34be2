//! Orders of which not everything is there, by the policy that goes with them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use connector_sim::WhistlOptions;
use end_to_end::{PurchaseDraft, Setup, World};
use order_mapping::PartialPolicy;
use order_sync::{Flow, OrderState};

/// An order over four mugs and a pot, of which the shelf has three mugs.
async fn short_of_a_mug(policy: PartialPolicy, options: WhistlOptions) -> (World, PurchaseDraft) {
    let mut setup = Setup::default();
    setup.profile.partial.default = policy;
    for (code, units) in &mut setup.shelf {
        if code == "MUG01" {
            *units = 3;
        }
    }
    let world = World::with_warehouse(setup, options).await;
    let order = PurchaseDraft::new(1001).lines(&[("MUG-01", 4), ("TEA POT", 1)]);
    world.put(&order);
    world.complete(Flow::Orders).await;
    world.assert_accepted(&order).await;
    world.tick();
    world.complete(Flow::Despatches).await;
    (world, order)
}

/// Despatched, short and open units of each line; their sum is what was ordered.
async fn units(world: &World, order: &PurchaseDraft) -> Vec<(u32, u32, u32)> {
    let record = world.record(order).await;
    let store = world.engine().store();
    let lines = store.lines(&record.merchant, &record.id).await.unwrap();
    for line in &lines {
        line.units().unwrap();
    }
    let lines = lines.iter();
    lines
        .map(|line| (line.despatched, line.short, line.open()))
        .collect()
}

#[tokio::test]
async fn what_is_available_leaves_and_the_back_order_follows() {
    let options = WhistlOptions::default().with_back_orders();
    let (world, order) = short_of_a_mug(PartialPolicy::ShipAvailable, options).await;
    assert_eq!(world.state(&order).await, OrderState::PartDespatched);
    assert_eq!(units(&world, &order).await, [(3, 0, 1), (1, 0, 0)]);
    let id = world.record(&order).await.id;
    let explained = world.engine().explain(&id).await.unwrap().unwrap();
    let answer = "part of it has left; 1 unit is open at the warehouse";
    assert_eq!(explained.answer, answer);
    assert_eq!(world.tracking_in_shop(&order).len(), 1);

    world.warehouse.adjust_stock("MUG01", 10).unwrap();
    world.tick();
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    assert_eq!(units(&world, &order).await, [(4, 0, 0), (1, 0, 0)]);
    assert_eq!(world.tracking_in_shop(&order).len(), 2);
    assert!(world.open_exceptions("DESPATCH_MISMATCH").await.is_empty());
}

#[tokio::test]
async fn an_order_that_leaves_whole_waits_until_all_of_it_is_there() {
    let options = WhistlOptions::default().with_back_orders();
    let (world, order) = short_of_a_mug(PartialPolicy::ShipComplete, options).await;
    assert_eq!(world.state(&order).await, OrderState::Accepted);
    assert_eq!(units(&world, &order).await, [(0, 0, 4), (0, 0, 1)]);
    world.warehouse.adjust_stock("MUG01", 10).unwrap();
    world.tick();
    world.settle().await;
    assert_eq!(world.state(&order).await, OrderState::Closed);
    assert_eq!(units(&world, &order).await, [(4, 0, 0), (1, 0, 0)]);
    assert_eq!(world.tracking_in_shop(&order).len(), 1);
    // Its interface has room for the policy.
    let codes = world.codes(&order).await;
    assert!(!codes.contains(&"PARTIAL_POLICY_NOT_SENT".to_owned()));
}

#[tokio::test]
async fn a_warehouse_that_sends_a_part_of_what_was_to_leave_whole_is_told_of() {
    for policy in [PartialPolicy::FillOrKill, PartialPolicy::ShipComplete] {
        let (world, order) = short_of_a_mug(policy, WhistlOptions::default()).await;
        assert_eq!(units(&world, &order).await, [(3, 1, 0), (1, 0, 0)]);
        let told = world.open_exceptions("DESPATCH_MISMATCH").await;
        assert_eq!(told.len(), 1);
        let detail = &told[0].finding.detail;
        assert!(detail.contains(policy.name()), "{detail}");
        // What has left has left, and the buyer sees it.
        world.settle().await;
        assert_eq!(world.state(&order).await, OrderState::Closed);
        assert_eq!(world.tracking_in_shop(&order).len(), 1);
    }
}
