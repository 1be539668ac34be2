//! The platform's own connector as a hazard.

use std::time::Duration;

use connector_sim::{ConnectorReach, SimError};
use reqwest::Method;
use serde_json::json;

use crate::caller::{Caller, FIRST, SECOND, order, path};

#[tokio::test]
async fn the_platform_connector_promotes_and_overwrites() {
    let caller = Caller::new().await;
    let mut draft = order(FIRST, "#1");
    draft["type"] = json!("order_unconfirmed");
    caller.shop.put_purchase(draft).unwrap();
    let seeded = order(SECOND, "#2");
    caller.shop.put_purchase(seeded.clone()).unwrap();
    assert!(
        caller.shop.run_platform_connector().promoted.is_empty(),
        "the draft is not completed"
    );

    let mut shipped = seeded.clone();
    shipped["packages"][0]["shipments"] = json!([{ "carrier": "Whistl" }]);
    caller.send(Method::PUT, &path(SECOND), &shipped).await;
    caller.shop.complete_draft(FIRST).unwrap();
    caller.shop.overwrite_packages(SECOND, 1).unwrap();
    caller.shop.advance_clock(Duration::from_secs(30));
    let report = caller.shop.run_platform_connector();
    assert_eq!(report.promoted, [FIRST]);
    assert_eq!(report.overwritten, [SECOND]);
    assert_eq!(caller.get(&path(FIRST)).await.1["type"], "order");
    let overwritten = caller.get(&path(SECOND)).await.1;
    assert_eq!(
        overwritten["packages"], seeded["packages"],
        "the shipment is gone"
    );
    assert_eq!(overwritten["dates"]["updated_at"], "2010-12-03T18:00:30Z");

    caller.send(Method::PUT, &path(SECOND), &shipped).await;
    assert_eq!(
        caller.shop.run_platform_connector(),
        connector_sim::ConnectorReport::default()
    );
    assert_eq!(
        caller.get(&path(SECOND)).await.1["packages"],
        shipped["packages"]
    );
}

#[tokio::test]
async fn the_connector_knows_only_what_was_seeded() {
    let caller = Caller::new().await;
    caller
        .send(Method::PUT, &path(FIRST), &order(FIRST, "#1"))
        .await;
    assert_eq!(
        caller.shop.overwrite_packages(FIRST, 1),
        Err(SimError::NotOnPlatform(FIRST.to_owned()))
    );
    assert_eq!(
        caller.shop.complete_draft(SECOND),
        Err(SimError::UnknownPurchase(SECOND.to_owned()))
    );
}

#[tokio::test]
async fn the_connector_can_be_told_to_overwrite_everything() {
    let caller = Caller::new().await;
    let mut draft = order(FIRST, "#1");
    draft["type"] = json!("order_unconfirmed");
    caller.shop.put_purchase(draft).unwrap();
    let seeded = order(SECOND, "#2");
    caller.shop.put_purchase(seeded.clone()).unwrap();
    caller.shop.set_stock("default", "A", 7).unwrap();
    caller.shop.set_stock("whistl", "A", 3).unwrap();
    let mut switches = caller.shop.switches();
    switches.connector_reach = ConnectorReach::Everything;
    caller.shop.set_switches(switches.clone());

    let mut shipped = seeded.clone();
    shipped["packages"][0]["shipments"] = json!([{ "carrier": "Whistl" }]);
    caller.send(Method::PUT, &path(SECOND), &shipped).await;
    let rows = json!([
        { "stock_location_external_id": "default", "sku": "A", "stock_level": 99 },
        { "stock_location_external_id": "whistl", "sku": "A", "stock_level": 98 },
    ]);
    caller
        .send(Method::POST, "/api/v1/batch-update-stock", &rows)
        .await;
    let report = caller.shop.run_platform_connector();
    assert_eq!(report.promoted, [FIRST]);
    assert_eq!(report.overwritten, [SECOND]);
    assert_eq!(report.stock_overwritten, ["A"]);
    assert_eq!(
        caller.get(&path(SECOND)).await.1["packages"],
        seeded["packages"]
    );
    assert_eq!(caller.shop.stock_level("default", "A"), Some(7));
    assert_eq!(
        caller.shop.stock_level("whistl", "A"),
        Some(98),
        "only the default location is the platform's"
    );
    assert_eq!(
        caller.shop.run_platform_connector(),
        connector_sim::ConnectorReport::default(),
        "nothing differs any more"
    );

    switches.connector_after_writes = true;
    caller.shop.set_switches(switches);
    let (_, answered) = caller.send(Method::PUT, &path(SECOND), &shipped).await;
    assert_eq!(answered["packages"], shipped["packages"]);
    assert_eq!(
        caller.get(&path(SECOND)).await.1["packages"],
        seeded["packages"],
        "the shipment was accepted and is gone"
    );
}
