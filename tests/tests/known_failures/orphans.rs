//! Orphans: what is late is listed with its age, and tracking that nobody can see.

use std::time::Duration;

use end_to_end::{PurchaseDraft, Setup, World};
use order_sync::{Flow, OrderEvent, OrderState, RelayState};
use serde_json::{Value, json};

const HOUR: Duration = Duration::from_secs(3600);

#[tokio::test]
async fn an_order_that_does_not_leave_is_listed_with_its_age() {
    let world = World::start().await;
    let held = PurchaseDraft::new(1001).option("Saturday Pallet");
    let gone = PurchaseDraft::new(1002);
    world.put(&held);
    world.put(&gone);
    world.settle().await;
    let early = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(early.orphans, [], "not late yet");

    world.pass(5 * HOUR);
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert_eq!(audit.orphans.len(), 1);
    let orphan = &audit.orphans[0];
    assert_eq!(
        (orphan.order.as_str(), orphan.state),
        ("#1001", OrderState::Held)
    );
    assert_eq!(orphan.codes, ["SHIP_UNMAPPED"]);
    assert!(
        (5 * 3600..6 * 3600).contains(&orphan.age_seconds),
        "{} s",
        orphan.age_seconds
    );
    assert!(audit.accounts());
    assert_eq!(world.open_exceptions("ORPHAN").await.len(), 1);
}

#[tokio::test]
async fn tracking_that_the_platform_overwrites_again_and_again_is_an_exception() {
    let mut setup = Setup::default();
    setup.settings.tracking_alarm_after = Duration::from_secs(30);
    let world = World::of(setup).await;
    let once = PurchaseDraft::new(1001);
    let always = PurchaseDraft::new(1002);
    for order in [&once, &always] {
        world.put(order);
    }
    world.settle().await;
    world.tick();
    world.complete(Flow::Despatches).await;
    for (order, times) in [(&once, 1), (&always, u32::MAX)] {
        assert_eq!(world.state(order).await, OrderState::Relayed);
        assert_eq!(world.tracking_in_shop(order).len(), 1);
        world.shop.overwrite_packages(&order.id(), times).unwrap();
    }

    for _ in 0..6 {
        world.pass(Duration::from_secs(10));
        world.shop.run_platform_connector();
        assert_eq!(world.tracking_in_shop(&always), [""; 0]);
        // Long enough for every proof and rewrite that is due.
        world.pass(Duration::from_secs(1000));
        world.complete(Flow::Despatches).await;
    }
    assert_eq!(
        world.state(&once).await,
        OrderState::Closed,
        "written again, and this time it stayed"
    );
    assert_eq!(world.tracking_in_shop(&once).len(), 1);
    assert!(world.events(&always).await.contains(&OrderEvent::ProofLost));
    assert_ne!(world.state(&always).await, OrderState::Closed);

    // Written anew it is there for a while, but an audit at that moment must not take it for good.
    let mut met = Vec::new();
    for _ in 0..2 {
        world.shop.run_platform_connector();
        world.pass(Duration::from_secs(1000));
        world.complete(Flow::Despatches).await;
        met.extend(parcels(&world, &always).await);
        let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
        let late: Vec<&str> = audit
            .tracking_not_visible
            .iter()
            .map(|row| row.order.as_str())
            .collect();
        assert_eq!(late, ["#1002"]);
        assert!(
            audit.tracking_not_visible[0].age_seconds >= 6000,
            "{:?}",
            audit.tracking_not_visible
        );
        assert_eq!(world.open_exceptions("TRACKING_NOT_VISIBLE").await.len(), 1);
    }
    met.sort_unstable();
    assert_eq!(
        met,
        [RelayState::Pending, RelayState::Seen],
        "the test has met one phase only"
    );
    assert_eq!(world.alerts.opened("TRACKING_NOT_VISIBLE").len(), 1);
}

async fn parcels(world: &World, order: &PurchaseDraft) -> Vec<RelayState> {
    let id = order_mapping::SourceOrderId::new(order.id());
    let engine = world.engine();
    let parcels = engine
        .store()
        .parcels(engine.merchant(), &id)
        .await
        .unwrap();
    parcels.into_iter().map(|parcel| parcel.relay).collect()
}

#[tokio::test]
async fn what_others_wrote_on_the_record_survives_the_relay() {
    let world = World::start().await;
    let order = PurchaseDraft::new(1001)
        .set("/packages/0/shipments", json!([{ "carrier": "Pallet Line", "carrier_id": "", "tracking_number": "PL-77", "colour": "red" }]))
        .set("/packages/0/warehouse_note", json!({ "dock": 4 }))
        .set("/erp", json!({ "posted": true, "weights": [1, 2, 3] }));
    world.put(&order);
    world.settle().await;
    world.tick();
    world.settle().await;

    assert_eq!(world.state(&order).await, OrderState::Closed);
    let purchase = world.shop.purchase(&order.id()).unwrap();
    assert_eq!(
        purchase["erp"],
        json!({ "posted": true, "weights": [1, 2, 3] })
    );
    assert_eq!(
        purchase["packages"][0]["warehouse_note"],
        json!({ "dock": 4 })
    );
    let shipments: Vec<&Value> = purchase["packages"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|package| package["shipments"].as_array().unwrap())
        .collect();
    let foreign = json!({ "carrier": "Pallet Line", "carrier_id": "", "tracking_number": "PL-77", "colour": "red" });
    assert!(shipments.contains(&&foreign), "{shipments:?}");
    let despatched = world.warehouse.despatches()[0]["parcels"][0]["trackingNumber"].clone();
    assert_eq!(
        shipments
            .iter()
            .filter(|shipment| shipment["tracking_number"] == despatched)
            .count(),
        1
    );
    assert_eq!(shipments.len(), 2);
}
