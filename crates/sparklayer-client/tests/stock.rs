//! Stock on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/shop.rs"]
mod shop;

use serde_json::json;
use shop::{answer, builder, token, with_token};
use sparklayer_client::{ErrorKind, LocationRef, StockFilter, StockLevelUpdate};
use wiremock::matchers::{body_json, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn level(sku: &str, location: &str, level: i32) -> StockLevelUpdate {
    StockLevelUpdate::new(sku, LocationRef::ExternalId(location.to_owned()), level)
}

#[tokio::test]
async fn stock_goes_out_in_batches_and_one_failure_hides_nothing() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    let at = "/api/v1/batch-update-stock";
    Mock::given(path(at))
        .and(body_json(json!([
            {"stock_location_external_id": "w", "sku": "A", "stock_level": 1, "restock_date": "2026-02-01"},
            {"stock_location_id": "u", "sku": "A", "stock_level": 2, "min_stock_level": -9}
        ])))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let refusal =
        json!({"errors": [{"code": "unknown-location", "message": "CANARY", "property": "/0"}]});
    Mock::given(path(at))
        .and(body_json(json!([
            {"stock_location_external_id": "w", "sku": "B", "stock_level": 0},
            {"stock_location_external_id": "w", "sku": "C", "stock_level": 3}
        ])))
        .respond_with(ResponseTemplate::new(400).set_body_json(refusal))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(at))
        .and(body_json(
            json!([{"stock_location_external_id": "w", "sku": "D", "stock_level": 4}]),
        ))
        .respond_with(ResponseTemplate::new(204))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(&server).with_stock_batch_size(2).build().unwrap();
    let updates = vec![
        level("A", "w", 1).with_restock_date("2026-02-01".parse().unwrap()),
        StockLevelUpdate::new("A", LocationRef::Id("u".to_owned()), 2).with_min_stock_level(-9),
        level("B", "w", 0),
        level("C", "w", 3),
        level("D", "w", 4),
    ];
    let report = client.stock().batch_update(updates).await.unwrap();
    assert!(!report.is_complete());
    assert_eq!(
        report
            .batches
            .iter()
            .map(|batch| batch.range.clone())
            .collect::<Vec<_>>(),
        [0..2, 2..4, 4..5]
    );
    let results: Vec<bool> = report
        .batches
        .iter()
        .map(|batch| batch.result.is_ok())
        .collect();
    assert_eq!(results, [true, false, true]);
    let error = report.batches[1].result.as_ref().unwrap_err();
    assert_eq!(error.vendor_errors()[0].code(), Some("unknown-location"));
    assert!(!format!("{error:?} {error}").contains("CANARY"));
}

#[tokio::test]
async fn the_same_pair_twice_is_refused_before_sending() {
    let (server, client) = with_token().await;
    let error = client
        .stock()
        .batch_update(vec![level("A", "w", 1), level("A", "w", 2)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    let error = client
        .stock()
        .batch_update(vec![level(" ", "w", 1)])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    assert!(
        client
            .stock()
            .batch_update(Vec::new())
            .await
            .unwrap()
            .batches
            .is_empty()
    );
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_page_in_place_of_an_answer_is_no_success() {
    let (server, client) = with_token().await;
    let page = ResponseTemplate::new(200).set_body_string("<html>maintenance</html>");
    answer(&server, "POST", "/api/v1/batch-update-stock", page).await;
    let report = client
        .stock()
        .batch_update(vec![level("A", "w", 1)])
        .await
        .unwrap();
    assert_eq!(
        report.batches[0].result.as_ref().unwrap_err().kind(),
        ErrorKind::Decode
    );
}

#[tokio::test]
async fn stock_is_fetched_for_the_locations_asked() {
    let (server, client) = with_token().await;
    for (filter, body) in [
        (StockFilter::DefaultLocation, json!({"skus": ["A"]})),
        (
            StockFilter::All,
            json!({"skus": ["A"], "filter": {"all_stock_locations": true}}),
        ),
        (
            StockFilter::Locations(vec!["u".to_owned()]),
            json!({"skus": ["A"], "filter": {"stock_location_ids": ["u"]}}),
        ),
    ] {
        let levels =
            json!([{"sku": "A", "stock_levels": [{"stock_location_id": "u", "stock_level": 9.0}]}]);
        Mock::given(path("/api/v1/batch-fetch-stock"))
            .and(body_json(body))
            .respond_with(ResponseTemplate::new(200).set_body_json(levels))
            .expect(1)
            .mount(&server)
            .await;
        let stock = client
            .stock()
            .batch_fetch(&["A".to_owned()], &filter)
            .await
            .unwrap();
        assert_eq!(stock[0].stock_levels[0].stock_level, Some(9));
    }
}
