//! The platform's own connector as a hazard.

use std::time::Duration;

use connector_sim::SimError;
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
