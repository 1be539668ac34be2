//! Snapshots and deltas of the stock.

use connector_sim::WhistlOptions;
use reqwest::StatusCode;
use serde_json::json;

use crate::caller::{Caller, codes, order};

#[tokio::test]
async fn inventory_comes_whole_or_since_a_sequence() {
    let caller = Caller::start(WhistlOptions::default().with_inventory_history(3)).await;
    caller.warehouse.seed_stock("A", 10);
    caller.warehouse.seed_stock("B", 10);
    let (_, snapshot) = caller.get("/v1/inventory").await;
    assert_eq!(
        (&snapshot["kind"], &snapshot["asOf"]),
        (&json!("snapshot"), &json!("2010-12-03T18:00:00Z"))
    );
    assert_eq!(snapshot["items"].as_array().unwrap().len(), 2);
    let sequence = snapshot["sequence"].as_u64().unwrap();
    let (_, quiet) = caller.get(&format!("/v1/inventory?since={sequence}")).await;
    assert_eq!(
        (&quiet["kind"], &quiet["items"]),
        (&json!("delta"), &json!([]))
    );

    caller.create(&order("K1", &[("B", 4)])).await;
    let (_, delta) = caller.get(&format!("/v1/inventory?since={sequence}")).await;
    assert_eq!(
        delta["items"],
        json!([{ "sku": "B", "onHand": 10, "allocated": 4, "unsellable": 0, "sequence": sequence + 1 }])
    );
    caller.warehouse.tick();
    let (_, delta) = caller
        .get(&format!("/v1/inventory?since={}", sequence + 1))
        .await;
    assert_eq!(
        delta["items"],
        json!([{ "sku": "B", "onHand": 6, "allocated": 0, "unsellable": 0, "sequence": sequence + 2 }])
    );

    caller.warehouse.adjust_stock("A", -1).unwrap();
    caller.warehouse.adjust_stock("A", -1).unwrap();
    for gone in [sequence, sequence + 99] {
        let (status, problem) = caller.get(&format!("/v1/inventory?since={gone}")).await;
        assert_eq!(
            (status, codes(&problem)),
            (StatusCode::GONE, vec!["SEQUENCE_EXPIRED"]),
            "{gone}"
        );
    }
    assert_eq!(
        caller.get("/v1/inventory?since=x").await.0,
        StatusCode::BAD_REQUEST
    );
}
