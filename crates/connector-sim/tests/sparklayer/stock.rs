//! Stock by location.

use connector_sim::{OmittedMembers, ShopArticle, SimError};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::Caller;

const UPDATE: &str = "/api/v1/batch-update-stock";
const LOCATIONS: &str = "/api/v1/stock-locations";

#[tokio::test]
async fn levels_are_deleted_by_sku() {
    let caller = Caller::new().await;
    for (place, sku) in [("default", "A"), ("whistl", "A"), ("default", "B")] {
        caller.shop.set_stock(place, sku, 1).unwrap();
    }
    let delete = "/api/v1/batch-delete-stock";
    let (status, body) = caller
        .send(Method::POST, delete, &json!({ "skus": ["A", "none"] }))
        .await;
    assert_eq!((status, body), (StatusCode::NO_CONTENT, Value::Null));
    let left: Vec<String> = caller
        .shop
        .stock_levels()
        .into_iter()
        .map(|level| level.sku)
        .collect();
    assert_eq!(left, ["B"]);
    for bad in [json!(["A"]), json!({ "skus": "A" })] {
        assert_eq!(
            caller.send(Method::POST, delete, &bad).await.0,
            StatusCode::BAD_REQUEST
        );
    }
}

#[tokio::test]
async fn locations_are_created_and_changed() {
    let caller = Caller::new().await;
    let (status, created) = caller
        .send(
            Method::POST,
            LOCATIONS,
            &json!({ "name": "Annexe", "external_id": "annexe" }),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    let path = format!("{LOCATIONS}/{}", created["id"].as_str().unwrap());
    let (status, changed) = caller
        .send(Method::PATCH, &path, &json!({ "name": "Barn" }))
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        changed,
        json!({ "id": created["id"], "name": "Barn", "external_id": "annexe" })
    );
    let (_, all) = caller.get(LOCATIONS).await;
    let ids: Vec<&str> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), 3);
    assert!(ids.is_sorted());
    let rows = json!([{ "stock_location_external_id": "annexe", "sku": "A", "stock_level": 2 }]);
    assert_eq!(
        caller.send(Method::POST, UPDATE, &rows).await.0,
        StatusCode::NO_CONTENT
    );
    for (method, path, body, status) in [
        (
            Method::POST,
            LOCATIONS,
            json!({ "name": "x" }),
            StatusCode::BAD_REQUEST,
        ),
        (
            Method::POST,
            LOCATIONS,
            json!({ "name": "x", "external_id": "annexe" }),
            StatusCode::CONFLICT,
        ),
        (
            Method::PATCH,
            &path,
            json!({ "external_id": "whistl" }),
            StatusCode::CONFLICT,
        ),
        (
            Method::PATCH,
            "/api/v1/stock-locations/none",
            json!({ "name": "x" }),
            StatusCode::NOT_FOUND,
        ),
    ] {
        assert_eq!(caller.send(method, path, &body).await.0, status, "{body}");
    }
}

#[tokio::test]
async fn open_questions_about_stock_have_switches() {
    let caller = Caller::new().await;
    let row = |sku: &str, level: i64| json!({ "stock_location_external_id": "default", "sku": sku, "stock_level": level });
    let mut full = row("A", 1);
    full["restock_date"] = json!("2011-01-01");
    full["min_stock_level"] = json!(-9);
    let mut switches = caller.shop.switches();
    switches.stock_omitted_members = OmittedMembers::Keep;
    switches.stock_max_rows = Some(1);
    switches.stock_refuse_unknown_skus = true;
    caller.shop.set_switches(switches);
    let article = ShopArticle::new("A", "Article", "1.00".parse().unwrap());
    caller.shop.put_article(article);
    for rows in [json!([full]), json!([row("A", 2)])] {
        assert_eq!(
            caller.send(Method::POST, UPDATE, &rows).await.0,
            StatusCode::NO_CONTENT
        );
    }
    let levels = caller.shop.stock_levels();
    assert_eq!(levels[0].level, 2);
    assert_eq!(levels[0].min_stock_level, Some(-9));
    assert_eq!(levels[0].restock_date, "2011-01-01".parse().ok());
    for rows in [json!([row("A", 2), row("B", 1)]), json!([row("B", 1)])] {
        assert_eq!(
            caller.send(Method::POST, UPDATE, &rows).await.0,
            StatusCode::BAD_REQUEST,
            "{rows}"
        );
    }
}

#[tokio::test]
async fn a_row_clears_what_it_leaves_out() {
    let caller = Caller::new().await;
    for rows in [
        json!([{ "stock_location_external_id": "default", "sku": "A", "stock_level": 1, "restock_date": "2011-01-01", "min_stock_level": -9 }]),
        json!([{ "stock_location_external_id": "default", "sku": "A", "stock_level": 1 }]),
    ] {
        caller.send(Method::POST, UPDATE, &rows).await;
    }
    let levels = caller.shop.stock_levels();
    assert_eq!(
        (levels[0].restock_date, levels[0].min_stock_level),
        (None, None)
    );
}

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
