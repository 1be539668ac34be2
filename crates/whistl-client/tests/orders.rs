//! The HTTP contract on the wire.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeSet;
use std::error::Error as _;
use std::time::Duration;

use connector_http::RetryPolicy;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use whistl_client::orders::{
    Auth, Contract, Cursor, InventoryKind, NewLine, NewOrder, NewRecipient, OrderStatus,
    WarehouseOrders, WarehouseOrdersBuilder, is_sequence_expired,
};
use whistl_client::{Error, ErrorKind};
use wiremock::matchers::{
    body_json, body_string, header, method, path, query_param, query_param_is_missing,
};
use wiremock::{Mock, MockServer, ResponseTemplate};

const REFERENCE: &str = "B7Q2M4XK3P5A";

fn builder(base_url: impl Into<String>) -> WarehouseOrdersBuilder {
    let retry = RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(2));
    WarehouseOrders::builder(base_url, Auth::api_key("X-Api-Key", "key-canary"), "tests")
        .with_retry_policy(retry)
}

fn client(server: &MockServer) -> WarehouseOrders {
    builder(server.uri()).build().unwrap()
}

fn order() -> NewOrder {
    let recipient = NewRecipient::new(
        "Ada Example",
        "8 Sample Street",
        "Exampleton",
        "ZZ9 9ZZ",
        "GB",
        "447700900123",
    );
    let recipient = recipient
        .with_company("Example Ltd")
        .with_line2("Unit 4")
        .with_county("Sampleshire");
    let line = NewLine::new("1", "MUG01", 2)
        .with_description("Mug")
        .with_unit_price("15.90".parse().unwrap());
    NewOrder::new(
        REFERENCE,
        "SAMPLE",
        recipient.with_email("ada@example.com"),
        [line],
    )
    .with_order_number("SO-10001")
    .with_purchase_order("PO-7781")
    .with_currency("GBP")
    .with_requested_date("2026-02-03".parse().unwrap())
    .with_instructions("Ring twice")
}

fn body(po_field: &str) -> Value {
    json!({
        "reference": REFERENCE, "orderNumber": "SO-10001", po_field: "PO-7781", "serviceCode": "SAMPLE",
        "currency": "GBP", "requestedDate": "2026-02-03", "instructions": "Ring twice",
        "recipient": {
            "name": "Ada Example", "company": "Example Ltd", "line1": "8 Sample Street", "line2": "Unit 4",
            "city": "Exampleton", "county": "Sampleshire", "postcode": "ZZ9 9ZZ", "country": "GB",
            "phone": "447700900123", "email": "ada@example.com"
        },
        "lines": [{"lineId": "1", "sku": "MUG01", "quantity": 2, "description": "Mug", "unitPrice": "15.90"}]
    })
}

fn accepted() -> ResponseTemplate {
    ResponseTemplate::new(201).set_body_json(json!({
        "orderId": 17, "reference": REFERENCE, "status": "accepted",
        "acceptedAt": "2026-01-31T12:30:05Z", "lane": "east"
    }))
}

async fn answer(verb: &str, at: &str, response: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(response)
        .expect(1)
        .mount(&server)
        .await;
    server
}

fn codes(error: &Error) -> Vec<&str> {
    error
        .vendor_errors()
        .iter()
        .filter_map(|error| error.code())
        .collect()
}

#[tokio::test]
async fn an_order_is_created_with_the_contracts_names() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v1/orders"))
        .and(header("x-api-key", "key-canary"))
        .and(header("content-type", "application/json"))
        .and(header(
            "user-agent",
            concat!("whistl-client/", env!("CARGO_PKG_VERSION"), " (tests)"),
        ))
        .and(body_json(body("otherrefnum")))
        .respond_with(accepted())
        .expect(1)
        .mount(&server)
        .await;
    let answer = client(&server).create(&order()).await.unwrap();
    assert_eq!(
        (answer.order_id.as_deref(), answer.reference.as_deref()),
        (Some("17"), Some(REFERENCE))
    );
    assert_eq!(answer.status, Some(OrderStatus::Accepted));
    assert_eq!(answer.accepted_at, "2026-01-31T12:30:05Z".parse().ok());
    assert_eq!(answer.unknown.get("lane"), Some(&json!("east")));
}

#[tokio::test]
async fn the_purchase_order_field_is_named_by_the_contract() {
    let mut contract = Contract::default();
    contract.po_field = "customerReference".to_owned();
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(body_json(body("customerReference")))
        .respond_with(accepted())
        .mount(&server)
        .await;
    let mut stored = body("customerReference");
    stored["otherrefnum"] = json!("of another meaning");
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(stored))
        .mount(&server)
        .await;
    let client = builder(server.uri())
        .with_contract(contract)
        .build()
        .unwrap();
    client.create(&order()).await.unwrap();
    let stored = client.get(REFERENCE).await.unwrap().unwrap();
    assert_eq!(stored.purchase_order.as_deref(), Some("PO-7781"));
    assert_eq!(
        stored.unknown.get("otherrefnum"),
        Some(&json!("of another meaning"))
    );
}

#[tokio::test]
async fn a_known_reference_is_a_conflict() {
    let problem = json!({"title": "Conflict", "errors": [{"code": "DUPLICATE_REFERENCE", "field": "/reference"}]});
    let server = answer(
        "POST",
        "/v1/orders",
        ResponseTemplate::new(409).set_body_json(problem),
    )
    .await;
    let error = client(&server).create(&order()).await.unwrap_err();
    assert!(
        error.is_conflict() && !error.is_ambiguous() && !error.is_retryable(),
        "{error}"
    );
    assert_eq!(codes(&error), ["DUPLICATE_REFERENCE"]);
}

#[tokio::test]
async fn a_rejected_order_carries_every_complaint() {
    let problem = json!({"title": "Unprocessable", "status": 422, "errors": [
        {"code": "UNKNOWN_SKU", "field": "/lines/0/sku", "message": "unknown SKU MUG01"},
        {"code": "PHONE", "field": "/recipient/phone", "message": "447700900123 is not usable"},
    ]});
    let server = answer(
        "POST",
        "/v1/orders",
        ResponseTemplate::new(422).set_body_json(problem),
    )
    .await;
    let error = client(&server).create(&order()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_ambiguous()),
        (ErrorKind::InvalidRequest, false)
    );
    let complaints = error.vendor_errors();
    assert_eq!(codes(&error), ["UNKNOWN_SKU", "PHONE"]);
    assert_eq!(complaints[0].pointer(), Some("/lines/0/sku"));
    assert_eq!(complaints[0].message(), Some("unknown SKU MUG01"));
}

/// Reads one request of each connection, then hangs up; counts the connections that sent something until none comes any more.
async fn hang_up(listener: TcpListener) -> usize {
    let mut requests = 0;
    let mut connection = listener.accept().await.ok();
    while let Some((mut stream, _)) = connection {
        let mut seen = Vec::new();
        let mut buffer = [0; 4096];
        while let Ok(count @ 1..) = stream.read(&mut buffer).await {
            seen.extend_from_slice(&buffer[..count]);
            if String::from_utf8_lossy(&seen).contains("\"lines\"") {
                break;
            }
        }
        requests += usize::from(!seen.is_empty());
        stream.shutdown().await.ok();
        drop(stream);
        let next = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        connection = next.ok().and_then(Result::ok);
    }
    requests
}

#[tokio::test]
async fn a_lost_reply_is_ambiguous_and_not_repeated() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(hang_up(listener));
    let error = builder(format!("http://{address}"))
        .build()
        .unwrap()
        .create(&order())
        .await
        .unwrap_err();
    assert!(error.is_ambiguous() && !error.is_retryable(), "{error:?}");
    assert_eq!(error.attempts(), 1);
    assert_eq!(server.await.unwrap(), 1);
}

#[tokio::test]
async fn a_create_that_never_left_is_not_ambiguous() {
    // Nothing listens on port 1.
    let client = builder("http://127.0.0.1:1").build().unwrap();
    let error = client.create(&order()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.is_ambiguous()),
        (ErrorKind::Connect, false)
    );
    assert_eq!(error.attempts(), 4);
}

#[tokio::test]
async fn a_late_reply_is_ambiguous_after_the_create_timeout() {
    let slow = accepted().set_delay(Duration::from_secs(30));
    let server = answer("POST", "/v1/orders", slow).await;
    let client = builder(server.uri())
        .with_create_timeout(Duration::from_millis(50))
        .build()
        .unwrap();
    let error = client.create(&order()).await.unwrap_err();
    assert!(
        error.is_timeout() && error.is_ambiguous() && error.attempts() == 1,
        "{error:?}"
    );
}

#[tokio::test]
async fn answers_that_prove_nothing_are_ambiguous() {
    for response in [
        ResponseTemplate::new(201).set_body_string("<html>welcome</html>"),
        ResponseTemplate::new(201).set_body_json(json!({"reference": "OTHER"})),
        ResponseTemplate::new(201)
            .set_body_json(json!({"reference": REFERENCE, "acceptedAt": "yesterday"})),
        ResponseTemplate::new(500),
        ResponseTemplate::new(504).set_body_string("<html>gateway</html>"),
    ] {
        let server = answer("POST", "/v1/orders", response).await;
        let error = client(&server).create(&order()).await.unwrap_err();
        assert!(error.is_ambiguous(), "{error}");
    }
}

#[tokio::test]
async fn only_the_warehouse_itself_can_say_that_an_order_is_not_there() {
    let at = format!("/v1/orders/{REFERENCE}");
    let not_found = json!({"title": "Not found", "errors": [{"code": "ORDER_NOT_FOUND"}]});
    let server = answer(
        "GET",
        &at,
        ResponseTemplate::new(404).set_body_json(not_found),
    )
    .await;
    assert_eq!(client(&server).get(REFERENCE).await.unwrap(), None);

    let server = answer(
        "GET",
        &at,
        ResponseTemplate::new(404).set_body_string("<html>nginx</html>"),
    )
    .await;
    let error = client(&server).get(REFERENCE).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status().map(|status| status.as_u16())),
        (ErrorKind::Unexpected, Some(404))
    );

    let mut contract = Contract::default();
    contract.order_not_found_code = String::new();
    let server = answer("GET", &at, ResponseTemplate::new(404)).await;
    let client = builder(server.uri())
        .with_contract(contract)
        .build()
        .unwrap();
    assert_eq!(client.get(REFERENCE).await.unwrap(), None);
    for reference in ["", ".", "..", "a\nb"] {
        assert_eq!(
            client.get(reference).await.unwrap_err().kind(),
            ErrorKind::Build,
            "{reference:?}"
        );
    }
}

#[tokio::test]
async fn a_stored_order_is_read_tolerantly() {
    let mut stored = body("otherrefnum");
    stored["orderId"] = json!("W-1");
    stored["status"] = json!("teleported");
    stored["lines"][0]["unitPrice"] = json!(15.9);
    stored["lines"][0]["bin"] = json!("A1");
    stored["currency"] = Value::Null;
    let server = answer(
        "GET",
        &format!("/v1/orders/{REFERENCE}"),
        ResponseTemplate::new(200).set_body_json(stored),
    )
    .await;
    let order = client(&server).get(REFERENCE).await.unwrap().unwrap();
    assert_eq!(
        order.status,
        Some(OrderStatus::Unknown("teleported".to_owned()))
    );
    assert_eq!(
        (order.currency, order.order_id.as_deref()),
        (None, Some("W-1"))
    );
    assert_eq!(order.lines[0].unit_price, "15.9".parse().ok());
    assert_eq!(order.lines[0].unknown.get("bin"), Some(&json!("A1")));
    assert_eq!(
        order.recipient.unwrap().postcode.unwrap().expose(),
        "ZZ9 9ZZ"
    );

    let other = json!({"reference": "OTHER"});
    let server = answer(
        "GET",
        &format!("/v1/orders/{REFERENCE}"),
        ResponseTemplate::new(200).set_body_json(other),
    )
    .await;
    assert_eq!(
        client(&server).get(REFERENCE).await.unwrap_err().kind(),
        ErrorKind::Decode
    );
}

#[tokio::test]
async fn a_read_is_tried_again() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(2)
        .mount(&server)
        .await;
    let empty = json!({"orders": [], "next": null, "more": false});
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(empty))
        .mount(&server)
        .await;
    let page = client(&server).list(None, 100).await.unwrap();
    assert_eq!((page.items.len(), page.next, page.more), (0, None, false));
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}

#[tokio::test]
async fn despatches_are_paged_and_a_bad_one_stands_aside() {
    let server = MockServer::start().await;
    let first = json!({"despatches": [
        {"despatchId": "D1", "reference": REFERENCE, "orderId": "W-1", "despatchedAt": "2026-01-31T17:00:00+01:00",
         "parcels": [{"parcelId": "P1", "carrier": "C", "service": "S", "trackingNumber": "WHL0P000000000001",
                      "trackingUrl": "https://track.example/1", "lines": [{"lineId": "1", "sku": "MUG01", "quantity": 1}]}],
         "shorts": [{"lineId": "1", "sku": "MUG01", "quantity": 1, "reason": "broken"}]},
        {"despatchId": "D2", "reference": "BAD", "parcels": [{"lines": [{"quantity": "many"}]}]},
        "nonsense",
    ], "next": "c2", "more": true});
    let second = json!({"despatches": [{"despatchId": "D3", "reference": "R3"}], "next": "c3", "more": false});
    Mock::given(path("/v1/despatches"))
        .and(query_param("limit", "3"))
        .and(query_param_is_missing("since"))
        .respond_with(ResponseTemplate::new(200).set_body_json(first))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/v1/despatches"))
        .and(query_param("limit", "3"))
        .and(query_param("since", "c2"))
        .respond_with(ResponseTemplate::new(200).set_body_json(second))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let page = client.despatches(None, 3).await.unwrap();
    assert_eq!((page.items.len(), page.more), (1, true));
    let despatch = &page.items[0];
    assert_eq!(despatch.despatched_at, "2026-01-31T16:00:00Z".parse().ok());
    let parcel = &despatch.parcels[0];
    assert_eq!(parcel.tracking_number.as_deref(), Some("WHL0P000000000001"));
    assert_eq!(parcel.lines[0].quantity, Some(1));
    assert_eq!(
        (
            despatch.shorts[0].quantity,
            despatch.shorts[0].reason.as_deref()
        ),
        (Some(1), Some("broken"))
    );
    let malformed: Vec<_> = page
        .malformed
        .iter()
        .map(|bad| (bad.index, bad.about.as_deref(), bad.problem.path.as_str()))
        .collect();
    assert_eq!(
        malformed,
        [
            (1, Some("BAD"), "/despatches/1/parcels/0/lines/0/quantity"),
            (2, None, "/despatches/2")
        ]
    );
    let page = client.despatches(page.next.as_ref(), 3).await.unwrap();
    assert_eq!(
        (page.items.len(), page.next, page.more),
        (1, Some(Cursor::new("c3")), false)
    );
    for limit in [0, 501] {
        assert_eq!(
            client.despatches(None, limit).await.unwrap_err().kind(),
            ErrorKind::Build
        );
    }
}

#[tokio::test]
async fn a_cursor_that_does_not_move_ends_the_reading() {
    let stuck = json!({"orders": [{"reference": "A"}], "next": "c1", "more": true});
    let server = answer(
        "GET",
        "/v1/orders",
        ResponseTemplate::new(200).set_body_json(stuck),
    )
    .await;
    let error = client(&server)
        .list(Some(&Cursor::new("c1")), 1)
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.is_ambiguous()),
        (ErrorKind::Decode, false)
    );
}

#[tokio::test]
async fn inventory_is_read_whole_or_since_a_sequence() {
    let server = MockServer::start().await;
    let snapshot = json!({"kind": "snapshot", "asOf": "2026-01-31T12:00:00Z", "sequence": 41, "items": [
        {"sku": "MUG01", "onHand": 12, "allocated": 2, "sequence": 40}, {"sku": "TEA7", "onHand": 1.5}]});
    let expired = json!({"status": 410, "errors": [{"code": "SEQUENCE_EXPIRED"}]});
    Mock::given(path("/v1/inventory"))
        .and(query_param_is_missing("since"))
        .respond_with(ResponseTemplate::new(200).set_body_json(snapshot))
        .mount(&server)
        .await;
    Mock::given(path("/v1/inventory"))
        .and(query_param("since", "7"))
        .respond_with(ResponseTemplate::new(410).set_body_json(expired))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let inventory = client.inventory(None).await.unwrap();
    assert_eq!(
        (inventory.kind, inventory.sequence),
        (Some(InventoryKind::Snapshot), Some(41))
    );
    assert_eq!(
        (inventory.items[0].on_hand, inventory.items[0].allocated),
        (Some(12), Some(2))
    );
    assert_eq!(inventory.malformed[0].about.as_deref(), Some("TEA7"));
    let error = client.inventory(Some(7)).await.unwrap_err();
    assert!(
        is_sequence_expired(&error) && codes(&error) == ["SEQUENCE_EXPIRED"],
        "{error:?}"
    );
}

#[tokio::test]
async fn basic_credentials_are_sent() {
    let server = MockServer::start().await;
    Mock::given(header("authorization", "Basic dXNlcjpwOmFzcw=="))
        .respond_with(accepted())
        .expect(1)
        .mount(&server)
        .await;
    let client = WarehouseOrders::builder(server.uri(), Auth::basic("user", "p:ass"), "tests")
        .build()
        .unwrap();
    client.create(&order()).await.unwrap();
}

#[tokio::test]
async fn a_token_is_fetched_once_and_renewed_once_when_refused() {
    let server = MockServer::start().await;
    let token = |text: &str| {
        ResponseTemplate::new(200).set_body_json(
            json!({"access_token": text, "token_type": "bearer", "expires_in": 3600}),
        )
    };
    let form = "grant_type=client_credentials&client_id=id&client_secret=s%26cret";
    Mock::given(path("/oauth/token"))
        .and(body_string(form))
        .and(header("content-type", "application/x-www-form-urlencoded"))
        .respond_with(token("one"))
        .up_to_n_times(1)
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/oauth/token"))
        .respond_with(token("two"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/orders"))
        .and(header("authorization", "Bearer one"))
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(path("/v1/orders"))
        .and(header("authorization", "Bearer two"))
        .respond_with(accepted())
        .expect(2)
        .mount(&server)
        .await;
    let client = WarehouseOrders::builder(server.uri(), Auth::oauth2("id", "s&cret"), "tests")
        .build()
        .unwrap();
    client.create(&order()).await.unwrap();
    client.create(&order()).await.unwrap();
}

#[tokio::test]
async fn refused_credentials_are_an_auth_error_and_nothing_is_created() {
    let server = MockServer::start().await;
    Mock::given(path("/oauth/token"))
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    let client = WarehouseOrders::builder(server.uri(), Auth::oauth2("id", "secret"), "tests")
        .build()
        .unwrap();
    let error = client.create(&order()).await.unwrap_err();
    assert!(error.is_auth() && !error.is_ambiguous(), "{error:?}");
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let refused = |builder: WarehouseOrdersBuilder| builder.build().unwrap_err().to_string();
    assert!(refused(builder("https://warehouse.example/")).contains("confirmed"));
    let mut contract = Contract::default();
    contract.confirmed = true;
    assert!(
        builder("https://warehouse.example/")
            .with_contract(contract.clone())
            .build()
            .is_ok()
    );
    assert!(
        refused(builder("http://warehouse.example/").with_contract(contract)).contains("plaintext")
    );
    assert!(
        refused(builder("http://127.0.0.1:1").with_create_timeout(Duration::ZERO))
            .contains("create timeout")
    );
    let mut contract = Contract::default();
    contract.page.next = String::new();
    assert!(refused(builder("http://127.0.0.1:1").with_contract(contract)).contains("page"));
    for auth in [
        Auth::oauth2("", "x"),
        Auth::api_key("X Key", "x"),
        Auth::api_key("X-Key", ""),
        Auth::api_key("Accept", "x"),
        Auth::api_key("X-Key", "a\nb"),
        Auth::basic("a:b", "x"),
    ] {
        assert!(
            WarehouseOrders::builder("http://127.0.0.1:1", auth, "tests")
                .build()
                .is_err()
        );
    }
}

#[tokio::test]
async fn neither_secrets_nor_personal_data_show() {
    let server = MockServer::start().await;
    let echo = json!({"detail": "Ada Example of 8 Sample Street, key-canary", "errors": [
        {"code": "X", "field": "/recipient/name", "message": "Ada Example, 447700900123"}]});
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(422).set_body_json(echo))
        .mount(&server)
        .await;
    let mut stored = body("otherrefnum");
    stored["nickname"] = json!("Ada Example");
    let page =
        json!({"orders": [stored, {"reference": "R", "recipient": {"name": ["Ada Example"]}}]});
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_json(page))
        .mount(&server)
        .await;

    let builder = builder(server.uri());
    let mut shown = format!(
        "{builder:?} {:?} {:?}",
        Auth::oauth2("id", "key-canary"),
        Auth::basic("user", "key-canary")
    );
    let client = builder.build().unwrap();
    let error = client.create(&order()).await.unwrap_err();
    let mut cause = error.source();
    while let Some(next) = cause {
        shown += &format!(" {next} {next:?}");
        cause = next.source();
    }
    let page = client.list(None, 100).await.unwrap();
    assert_eq!((page.items.len(), page.malformed.len()), (1, 1));
    shown += &format!(" {client:?} {:?} {error} {error:?} {page:?}", order());
    for canary in [
        "key-canary",
        "Ada",
        "Example Ltd",
        "Sample Street",
        "Exampleton",
        "ZZ9",
        "447700900123",
        "ada@example.com",
        "Ring twice",
        "Unit 4",
        "Sampleshire",
    ] {
        assert!(!shown.contains(canary), "{canary}: {shown}");
    }
}

#[test]
fn every_default_path_and_name_stands_in_the_contract_file() {
    let text = include_str!("../openapi.yaml");
    let (paths, components) = text.split_once("\ncomponents:").unwrap();
    let described: BTreeSet<&str> = paths
        .lines()
        .filter_map(|line| {
            line.strip_prefix("  /")?
                .strip_suffix(':')
                .map(|_| line.trim().trim_end_matches(':'))
        })
        .collect();
    let contract = serde_json::to_value(Contract::default()).unwrap();
    let used: BTreeSet<&str> = contract["paths"]
        .as_object()
        .unwrap()
        .values()
        .map(|path| path.as_str().unwrap())
        .collect();
    assert_eq!(used, described);

    let words = |text: &'static str| -> BTreeSet<&'static str> {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .collect()
    };
    let (in_paths, in_components) = (words(paths), words(components));
    assert!(in_paths.contains(contract["order_not_found_code"].as_str().unwrap()));
    assert!(in_components.contains(contract["po_field"].as_str().unwrap()));
    for (table, names) in contract.as_object().unwrap() {
        let Some(names) = names.as_object().filter(|_| table != "paths") else {
            continue;
        };
        let known = if matches!(table.as_str(), "query" | "page") {
            &in_paths
        } else {
            &in_components
        };
        for name in names.values() {
            assert!(known.contains(name.as_str().unwrap()), "{table}: {name}");
        }
    }
}

#[test]
fn a_client_can_be_shared() {
    fn shared<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    fn sent<T: Send>(_: &T) {}
    shared::<WarehouseOrders>();
    let client = builder("http://127.0.0.1:1").build().unwrap();
    sent(&client.create(&order()));
}
