//! Creating an order, and not creating it twice.

use super::*;

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
