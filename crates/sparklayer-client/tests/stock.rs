//! Stock on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/shop.rs"]
mod shop;

#[path = "support/golden.rs"]
mod golden;

use serde_json::json;
use shop::{answer, builder, live, token, with_token};
use sparklayer_client::{ErrorKind, LocationRef, StockFilter, StockLevelUpdate, StockLocation};
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

#[tokio::test]
async fn requests_are_as_documented() {
    let (server, client) = with_token().await;
    let stock = client.stock();
    for (verb, at) in [
        ("GET", "/api/v1/stock-locations"),
        ("POST", "/api/v1/batch-fetch-stock"),
    ] {
        let empty = ResponseTemplate::new(200).set_body_json(json!([]));
        answer(&server, verb, at, empty).await;
    }
    for at in ["/api/v1/batch-update-stock", "/api/v1/batch-delete-stock"] {
        answer(&server, "POST", at, ResponseTemplate::new(204)).await;
    }
    stock.locations().await.unwrap();
    let filter = StockFilter::Locations(vec!["123e4567-e89b-12d3-a456-426614174000".to_owned()]);
    stock
        .batch_fetch(&["SKU-1".to_owned()], &filter)
        .await
        .unwrap();
    let location = LocationRef::Id("123e4567-e89b-12d3-a456-426614174000".to_owned());
    let update = StockLevelUpdate::new("SKU-1", location, 9)
        .with_restock_date("2020-01-01".parse().unwrap())
        .with_min_stock_level(-9);
    stock.batch_update(vec![update]).await.unwrap();
    stock.batch_delete(&["SKU-1".to_owned()]).await.unwrap();
    let mut location = StockLocation::default();
    location.name = Some("Warehouse".to_owned());
    location.external_id = Some("whistl".to_owned());
    let stored = json!({"id": "u", "name": "Warehouse", "external_id": "whistl", "zone": 1});
    let at = "/api/v1/stock-locations";
    for (verb, at) in [("POST", at), ("PATCH", "/api/v1/stock-locations/u")] {
        let stored = ResponseTemplate::new(200).set_body_json(&stored);
        answer(&server, verb, at, stored).await;
    }
    let created = stock.create_location(&location).await.unwrap();
    assert_eq!(created.id.as_deref(), Some("u"));
    let mut change = StockLocation::default();
    change.name = Some("W".to_owned());
    let changed = stock.update_location("u", &change).await.unwrap();
    assert_eq!(changed.member("zone").unwrap().get(), "1");
    assert_eq!(
        golden::requests(&server).await,
        [
            "GET /api/v1/stock-locations",
            "POST /api/v1/batch-fetch-stock\ncontent-type: application/json\n\
             {\"skus\":[\"SKU-1\"],\"filter\":{\"stock_location_ids\":[\"123e4567-e89b-12d3-a456-426614174000\"]}}",
            "POST /api/v1/batch-update-stock\ncontent-type: application/json\n\
             [{\"stock_location_id\":\"123e4567-e89b-12d3-a456-426614174000\",\"sku\":\"SKU-1\",\"stock_level\":9,\
             \"restock_date\":\"2020-01-01\",\"min_stock_level\":-9}]",
            "POST /api/v1/batch-delete-stock\ncontent-type: application/json\n{\"skus\":[\"SKU-1\"]}",
            "POST /api/v1/stock-locations\ncontent-type: application/json\n\
             {\"external_id\":\"whistl\",\"name\":\"Warehouse\"}",
            "PATCH /api/v1/stock-locations/u\ncontent-type: application/json\n{\"name\":\"W\"}",
        ]
    );
}

#[tokio::test]
async fn stock_is_deleted_in_batches_by_a_name_that_can_be_corrected() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    let at = "/api/v1/batch-delete-stock";
    for (body, status) in [
        (json!({"codes": ["A", "B"]}), 204),
        (json!({"codes": ["C"]}), 404),
    ] {
        Mock::given(path(at))
            .and(body_json(body))
            .respond_with(ResponseTemplate::new(status))
            .expect(1)
            .mount(&server)
            .await;
    }
    let names = toml::from_str("[stock]\ndelete_skus = \"codes\"").unwrap();
    let client = builder(&server)
        .with_wire_names(names)
        .with_stock_batch_size(2)
        .build()
        .unwrap();
    let skus: Vec<String> = ["A", "B", "C"].map(str::to_owned).to_vec();
    let report = client.stock().batch_delete(&skus).await.unwrap();
    assert!(report.batches[0].result.is_ok());
    assert_eq!(report.batches[1].range, 2..3);
    assert_eq!(
        report.batches[1].result.as_ref().unwrap_err().kind(),
        ErrorKind::NotFound
    );
    for bad in [vec![String::new()], vec!["A".to_owned(), "A".to_owned()]] {
        let error = client.stock().batch_delete(&bad).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    }
}

#[tokio::test]
async fn what_is_assumed_is_refused_against_a_live_address() {
    let skus = ["A".to_owned()];
    let mut location = StockLocation::default();
    location.name = Some("W".to_owned());
    for (names, is_refused) in [
        ("confirmed = true", true),
        ("[stock]\nconfirmed = true", false),
    ] {
        let client = live(toml::from_str(names).unwrap());
        let stock = client.stock();
        let deleted = match stock.batch_delete(&skus).await {
            Ok(mut report) => report.batches.remove(0).result,
            Err(error) => Err(error),
        };
        let results = [
            deleted,
            stock.create_location(&location).await.map(|_| ()),
            stock.update_location("u", &location).await.map(|_| ()),
        ];
        for result in results {
            let error = result.unwrap_err();
            assert_eq!(error.kind() == ErrorKind::Unsupported, is_refused);
            assert_eq!(
                error.to_string().contains("stock.confirmed"),
                is_refused,
                "{error}"
            );
        }
        assert_ne!(
            stock.locations().await.unwrap_err().kind(),
            ErrorKind::Unsupported
        );
    }
}

#[tokio::test]
async fn locations_are_read_leniently_and_never_made_twice() {
    let (server, client) = with_token().await;
    let at = "/api/v1/stock-locations";
    let stock = client.stock();
    let read = |body: serde_json::Value| {
        let (server, stock) = (&server, &stock);
        async move {
            let template = ResponseTemplate::new(200).set_body_json(body);
            let mock = Mock::given(path(at)).respond_with(template);
            let _mounted = mock.mount_as_scoped(server).await;
            stock.locations().await
        }
    };
    let documented = json!([{"id": "123e4567-e89b-12d3-a456-426614174000", "name": "Main", "external_id": "default"}]);
    let locations = read(documented).await.unwrap();
    assert_eq!(locations[0].external_id.as_deref(), Some("default"));
    assert_eq!(read(json!([{}])).await.unwrap(), [StockLocation::default()]);
    let novel = read(json!([{"id": 7, "external_id": "", "zone": [1]}]))
        .await
        .unwrap();
    assert_eq!(
        (novel[0].id.as_deref(), &novel[0].external_id),
        (Some("7"), &None)
    );
    assert_eq!(novel[0].member("zone").unwrap().get(), "[1]");
    let wrong = read(json!([{"name": {}}])).await.unwrap();
    assert_eq!(wrong[0].unreadable(), ["/name"]);
    let error = read(json!([{}, null])).await.unwrap_err();
    assert!(error.to_string().contains("/1"), "{error}");
    let before = server.received_requests().await.unwrap().len();
    answer(&server, "POST", at, ResponseTemplate::new(502)).await;
    let mut location = StockLocation::default();
    let error = stock.create_location(&location).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidRequest);
    location.name = Some("W".to_owned());
    let error = stock.create_location(&location).await.unwrap_err();
    assert!(error.is_ambiguous());
    assert_eq!(server.received_requests().await.unwrap().len(), before + 1);
}

#[tokio::test]
async fn answers_are_read_leniently_and_misfits_say_where() {
    let (documented, minimal, odd) = (
        json!([{"sku": "SKU-1", "stock_levels": [{
            "stock_location_id": "123e4567-e89b-12d3-a456-426614174000",
            "stock_level": 9, "restock_date": "2020-01-01", "min_stock_level": -9
        }]}]),
        json!([{}]),
        json!([{"sku": 7, "colour": "red", "stock_levels": [{"stock_level": "9", "restock_date": "", "depth": 1e3}]}]),
    );
    let (server, client) = with_token().await;
    let fetch = |body: serde_json::Value| {
        let (server, client) = (&server, &client);
        async move {
            let template = ResponseTemplate::new(200).set_body_json(body);
            let mock = Mock::given(path("/api/v1/batch-fetch-stock")).respond_with(template);
            let _mounted = mock.mount_as_scoped(server).await;
            let skus = ["SKU-1".to_owned()];
            client
                .stock()
                .batch_fetch(&skus, &StockFilter::DefaultLocation)
                .await
        }
    };
    let rows = fetch(documented).await.unwrap();
    let level = &rows[0].stock_levels[0];
    assert_eq!(
        (level.stock_level, level.min_stock_level),
        (Some(9), Some(-9))
    );
    assert_eq!(level.restock_date, Some("2020-01-01".parse().unwrap()));
    assert_eq!(fetch(minimal).await.unwrap()[0].sku, None);
    let rows = fetch(odd).await.unwrap();
    assert_eq!(rows[0].sku.as_deref(), Some("7"));
    assert_eq!(rows[0].stock_levels[0].stock_level, Some(9));
    assert_eq!(rows[0].member("colour").unwrap().get(), "\"red\"");
    let wrong = json!([{"sku": "A", "stock_levels": [{"stock_level": "CANARY"}]}]);
    let rows = fetch(wrong).await.unwrap();
    assert_eq!(rows[0].unreadable(), ["/stock_levels/0/stock_level"]);
    for (wrong, place) in [
        (json!([{}, "CANARY"]), "/1"),
        (json!({"CANARY": 1}), "the top"),
    ] {
        let error = fetch(wrong).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert!(error.to_string().contains(place), "{error}");
        assert!(!format!("{error} {error:?}").contains("CANARY"));
    }
}
