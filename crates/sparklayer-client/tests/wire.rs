//! Requests and answers on a socket.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/shop.rs"]
mod shop;

use std::time::Duration;

use futures_util::TryStreamExt;
use http::StatusCode;
use serde_json::json;
use shop::{ID, answer, builder, credentials, token, with_token};
use sparklayer_client::{
    Credentials, Environment, ErrorKind, LookupBy, NewShipment, Purchase, PurchaseType, SparkLayer,
    StockFilter, WireNames,
};
use wiremock::matchers::{body_json, header, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

#[tokio::test]
async fn the_token_is_asked_for_with_json_and_the_site() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/auth/token"))
        .and(header("site-id", "jones-climbing"))
        .and(header("content-type", "application/json"))
        .and(body_json(json!({
            "grant_type": "client_credentials", "client_id": "CANARY-client-id", "client_secret": "CANARY-secret"
        })))
        .respond_with(token("CANARY-token"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(path("/api/v1/stock-locations"))
        .and(header("site-id", "jones-climbing"))
        .and(header("authorization", "Bearer CANARY-token"))
        .and(header("accept", "application/json"))
        .and(header(
            "user-agent",
            format!(
                "sparklayer-client/{} (test-suite)",
                env!("CARGO_PKG_VERSION")
            )
            .as_str(),
        ))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!([{"id": "u", "external_id": "default"}])),
        )
        .expect(2)
        .mount(&server)
        .await;
    let client = builder(&server).build().unwrap();
    client.stock().locations().await.unwrap();
    let locations = client.stock().locations().await.unwrap();
    assert_eq!(locations[0].external_id.as_deref(), Some("default"));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once() {
    let server = MockServer::start().await;
    Mock::given(path("/api/auth/token"))
        .respond_with(token("one"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(path("/api/auth/token"))
        .respond_with(token("two"))
        .mount(&server)
        .await;
    Mock::given(header("authorization", "Bearer two"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!([])))
        .mount(&server)
        .await;
    Mock::given(header("authorization", "Bearer one"))
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    let client = builder(&server).build().unwrap();
    assert!(client.stock().locations().await.unwrap().is_empty());
}

#[tokio::test]
async fn wrong_credentials_are_an_auth_error_of_the_call() {
    for status in [400, 401, 403] {
        let server = MockServer::start().await;
        answer(
            &server,
            "POST",
            "/api/auth/token",
            ResponseTemplate::new(status),
        )
        .await;
        let error = builder(&server)
            .build()
            .unwrap()
            .stock()
            .locations()
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.operation()),
            (ErrorKind::Auth, "stock.locations"),
            "{status}"
        );
        assert_eq!(
            server.received_requests().await.unwrap().len(),
            1,
            "wrong credentials are not tried again"
        );
    }
}

#[tokio::test]
async fn odd_token_answers_are_errors() {
    for body in [
        "",
        "<html>",
        "{}",
        r#"{"access_token":""}"#,
        r#"{"access_token":"CANARY","token_type":"mac"}"#,
    ] {
        let server = MockServer::start().await;
        answer(
            &server,
            "POST",
            "/api/auth/token",
            ResponseTemplate::new(200).set_body_string(body),
        )
        .await;
        let error = builder(&server)
            .build()
            .unwrap()
            .stock()
            .locations()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{body}");
        assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
    }
}

fn row(number: usize) -> serde_json::Value {
    json!({"type": "order", "purchase_identifiers": {"sparklayer": format!("id-{number}"), "visible": number}})
}

async fn page(server: &MockServer, offset: &str, rows: Vec<serde_json::Value>) {
    Mock::given(path("/api/v1/purchases"))
        .and(query_param("offset", offset))
        .and(query_param("limit", "2"))
        .and(query_param("type", "order"))
        .and(query_param(
            "dates[last_updated][gte]",
            "2026-01-05T10:00:00Z",
        ))
        .and(query_param(
            "dates[last_updated][lte]",
            "2026-01-05T11:00:00.500Z",
        ))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(rows)
                .insert_header("date", "Mon, 05 Jan 2026 12:00:00 GMT"),
        )
        .expect(1)
        .mount(server)
        .await;
}

#[tokio::test]
async fn a_list_is_read_page_by_page_and_each_row_once() {
    let (server, client) = with_token().await;
    page(&server, "0", vec![row(1), row(2)]).await;
    page(&server, "2", vec![row(2), row(3)]).await;
    page(&server, "4", vec![row(4)]).await;
    let list = client
        .purchases()
        .list()
        .with_type(PurchaseType::Order)
        .with_limit(2)
        .with_updated_window(
            "2026-01-05T10:00:00Z".parse().unwrap(),
            "2026-01-05T11:00:00.5Z".parse().unwrap(),
        );
    let pages: Vec<_> = list.clone().pages().try_collect().await.unwrap();
    assert_eq!(
        pages
            .iter()
            .map(|page| page.next_offset)
            .collect::<Vec<_>>(),
        [Some(2), Some(4), None]
    );
    assert_eq!(
        pages[0].server_time,
        Some("2026-01-05T12:00:00Z".parse().unwrap())
    );
    assert_eq!(
        pages[0].purchases[0].identifiers.visible.as_deref(),
        Some("1"),
        "a number is an identifier too"
    );

    server.reset().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    page(&server, "0", vec![row(1), row(2)]).await;
    page(&server, "2", vec![row(2), row(3)]).await;
    page(&server, "4", vec![row(4)]).await;
    let rows: Vec<Purchase> = list.items().try_collect().await.unwrap();
    let ids: Vec<_> = rows
        .iter()
        .filter_map(|row| row.identifiers.sparklayer.as_deref())
        .collect();
    assert_eq!(ids, ["id-1", "id-2", "id-3", "id-4"]);
}

#[tokio::test]
async fn a_vendor_that_ignores_the_offset_is_noticed() {
    let (server, client) = with_token().await;
    let rows = ResponseTemplate::new(200).set_body_json(vec![row(1), row(2)]);
    answer(&server, "GET", "/api/v1/purchases", rows).await;
    let list = client.purchases().list().with_limit(2);
    let error = list.items().try_collect::<Vec<_>>().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unexpected);
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_before_sending() {
    let (server, client) = with_token().await;
    let purchases = client.purchases();
    let (early, late) = (
        "2026-01-05T10:00:00Z".parse().unwrap(),
        "2026-01-05T11:00:00Z".parse().unwrap(),
    );
    for error in [
        purchases.list().with_limit(0).send().await.unwrap_err(),
        purchases.list().with_limit(501).send().await.unwrap_err(),
        purchases
            .list()
            .with_placed_window(late, early)
            .send()
            .await
            .unwrap_err(),
        purchases
            .get(LookupBy::Sparklayer, "1001")
            .await
            .unwrap_err(),
        purchases.get(LookupBy::Visible, "").await.unwrap_err(),
        purchases.get(LookupBy::Visible, "..").await.unwrap_err(),
        client
            .stock()
            .batch_fetch(&[], &StockFilter::Locations(vec![]))
            .await
            .unwrap_err(),
    ] {
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::InvalidRequest, 0),
            "{error}"
        );
    }
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn identifiers_are_encoded() {
    let (server, client) = with_token().await;
    Mock::given(method("GET"))
        .and(|request: &Request| request.url.path() == "/api/v1/purchases/visible/%231001%2F2")
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"type": "quote"})))
        .expect(1)
        .mount(&server)
        .await;
    let purchase = client
        .purchases()
        .get(LookupBy::Visible, "#1001/2")
        .await
        .unwrap();
    assert_eq!(purchase.purchase_type, Some(PurchaseType::Quote));
}

#[tokio::test]
async fn a_missing_purchase_is_not_found_but_a_gateways_page_proves_nothing() {
    for (body, kind) in [
        ("", ErrorKind::NotFound),
        (r#"{"title":"Not Found","status":404}"#, ErrorKind::NotFound),
        ("<!doctype html><h1>404</h1>", ErrorKind::Unexpected),
    ] {
        let (server, client) = with_token().await;
        let at = format!("/api/v1/purchases/sparklayer/{ID}");
        answer(
            &server,
            "GET",
            &at,
            ResponseTemplate::new(404).set_body_string(body),
        )
        .await;
        let error = client
            .purchases()
            .get(LookupBy::Sparklayer, ID)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (kind, Some(StatusCode::NOT_FOUND)),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_put_that_fails_in_the_server_is_ambiguous_and_not_repeated() {
    let (server, client) = with_token().await;
    let at = format!("/api/v1/purchases/sparklayer/{ID}");
    Mock::given(method("PUT"))
        .and(path(at))
        .respond_with(ResponseTemplate::new(502))
        .expect(1)
        .mount(&server)
        .await;
    let error = client
        .purchases()
        .put(LookupBy::Sparklayer, ID, &Purchase::default())
        .await
        .unwrap_err();
    assert!(error.is_ambiguous() && !error.is_retryable());
}

#[tokio::test]
async fn unconfirmed_names_are_refused_against_live() {
    let moment = "2026-01-05T10:00:00Z".parse().unwrap();
    let elsewhere = Environment::Custom("https://spark.example".parse().unwrap());
    for environment in [Environment::Live, elsewhere] {
        let client = SparkLayer::builder(credentials(), "test-suite")
            .with_environment(environment)
            .build()
            .unwrap();
        let list = client
            .purchases()
            .list()
            .with_updated_window(moment, moment);
        let error = list.send().await.unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Unsupported, 0)
        );
        assert!(error.to_string().contains("confirmed"), "{error}");
        let parcel = NewShipment::new("DPD", "1");
        let error = client
            .purchase_editor()
            .add_shipment(LookupBy::Sparklayer, ID, parcel)
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Unsupported, 0)
        );
    }
}

#[test]
fn settings_are_checked() {
    let build = |change: fn(&mut Credentials), suffix: &str| {
        let mut credentials = credentials();
        change(&mut credentials);
        SparkLayer::builder(credentials, suffix).build()
    };
    assert!(build(|_| (), "suite").is_ok());
    assert!(build(|_| (), " ").is_err());
    assert!(build(|_| (), "a\nb").is_err());
    assert!(build(|c| c.site_id.clear(), "suite").is_err());
    assert!(build(|c| c.site_id = "a\nb".to_owned(), "suite").is_err());
    assert!(build(|c| c.client_id.clear(), "suite").is_err());
    assert!(build(|c| c.client_secret = "".into(), "suite").is_err());

    let builder = || SparkLayer::builder(credentials(), "suite");
    let plaintext = Environment::Custom("http://spark.example".parse().unwrap());
    assert!(builder().with_environment(plaintext).build().is_err());
    assert!(builder().with_stock_batch_size(0).build().is_err());
    assert!(
        builder()
            .with_timeouts(Duration::from_secs(9), Duration::from_secs(9))
            .build()
            .is_err()
    );
    // The connect timeout follows a short attempt.
    assert!(
        builder()
            .with_timeouts(Duration::from_secs(1), Duration::from_secs(2))
            .build()
            .is_ok()
    );
    let mut names = WireNames::default();
    names.tracking_number = "carrier".to_owned();
    assert!(builder().with_wire_names(names).build().is_err());
    assert!(!format!("{:?} {:?}", builder(), builder().build()).contains("CANARY"));
}
