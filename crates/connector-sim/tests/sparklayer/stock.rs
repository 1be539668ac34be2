//! Stock by location.

use connector_sim::SimError;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::Caller;

#[tokio::test]
async fn stock_is_set_in_batches() {
    let caller = Caller::new().await;
    let (_, locations) = caller.get("/api/v1/stock-locations").await;
    let ids: Vec<&str> = locations
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert!(ids.is_sorted());
    let (default, whistl) = (ids[0], ids[1]);
    let rows = json!([
        { "stock_location_id": default, "sku": "85123A", "stock_level": 9, "restock_date": "2011-01-01", "min_stock_level": -9 },
        { "stock_location_external_id": "whistl", "sku": "85123A", "stock_level": 4 },
    ]);
    let update = "/api/v1/batch-update-stock";
    assert_eq!(
        caller.send(Method::POST, update, &rows).await,
        (StatusCode::NO_CONTENT, Value::Null)
    );
    assert_eq!(
        caller.send(Method::POST, update, &rows).await.0,
        StatusCode::NO_CONTENT
    );
    let writes = caller.shop.writes();
    assert_eq!(
        (
            writes.stock_batches,
            writes.stock_rows,
            writes.stock_rows_changed
        ),
        (2, 4, 2)
    );
    assert_eq!(caller.shop.stock_level("whistl", "85123A"), Some(4));

    let fetch = "/api/v1/batch-fetch-stock";
    let (_, only_default) = caller
        .send(Method::POST, fetch, &json!({ "skus": ["85123A", "none"] }))
        .await;
    let level = json!({ "stock_location_id": default, "stock_level": 9, "restock_date": "2011-01-01", "min_stock_level": -9 });
    assert_eq!(
        only_default,
        json!([{ "sku": "85123A", "stock_levels": [level] }])
    );
    let body = json!({ "skus": ["85123A"], "filter": { "stock_location_ids": [whistl] } });
    assert_eq!(
        caller.send(Method::POST, fetch, &body).await.1[0]["stock_levels"][0]["stock_level"],
        4
    );
    let body = json!({ "skus": ["85123A"], "filter": { "all_stock_locations": true } });
    assert_eq!(
        caller.send(Method::POST, fetch, &body).await.1[0]["stock_levels"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        caller.send(Method::POST, fetch, &json!({})).await.0,
        StatusCode::BAD_REQUEST
    );

    let bad_rows = [
        json!([]),
        json!({}),
        json!([{ "sku": "A", "stock_level": 1 }]),
        json!([{ "stock_location_id": default, "stock_location_external_id": "default", "sku": "A", "stock_level": 1 }]),
        json!([{ "stock_location_external_id": "moon", "sku": "A", "stock_level": 1 }]),
        json!([{ "stock_location_external_id": "default", "sku": "A", "stock_level": 1.5 }]),
        json!([{ "stock_location_external_id": "default", "sku": "", "stock_level": 1 }]),
        json!([{ "stock_location_external_id": "default", "sku": "A", "stock_level": 1, "restock_date": "soon" }]),
        // The same pair by two names, beside a sound row.
        json!([
            { "stock_location_external_id": "default", "sku": "A", "stock_level": 1 },
            { "stock_location_id": default, "sku": "A", "stock_level": 2 },
            { "stock_location_id": default, "sku": "B", "stock_level": 2 },
        ]),
    ];
    for rows in bad_rows {
        assert_eq!(
            caller.send(Method::POST, update, &rows).await.0,
            StatusCode::BAD_REQUEST,
            "{rows}"
        );
    }
    assert_eq!(
        caller.shop.stock_level("default", "B"),
        None,
        "a refused batch changes nothing"
    );
    assert_eq!(
        caller.shop.set_stock("moon", "A", 1),
        Err(SimError::UnknownLocation("moon".to_owned()))
    );
}
