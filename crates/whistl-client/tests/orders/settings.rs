//! Credentials, settings, secrecy, and the contract file.

use super::*;

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
    // The connect timeout follows a short attempt.
    let short = |attempt| builder("http://127.0.0.1:1").with_attempt_timeout(attempt);
    assert!(short(Duration::from_secs(1)).build().is_ok());
    assert!(refused(short(Duration::ZERO)).contains("attempt timeout"));
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
    let echo = json!({"detail": "Goods In of 8 Sample Street, key-canary", "errors": [
        {"code": "X", "field": "/recipient/name", "message": "Goods In, 447700900123"}]});
    Mock::given(method("POST"))
        .respond_with(ResponseTemplate::new(422).set_body_json(echo))
        .mount(&server)
        .await;
    let mut stored = body("otherrefnum");
    stored["nickname"] = json!("Goods In");
    let page = json!({"orders": [stored, {"reference": "R", "recipient": {"name": ["Goods In"]}}]});
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
        "Goods",
        "Example Ltd",
        "Sample Street",
        "Exampleton",
        "ZZ9",
        "447700900123",
        "goods-in@example.com",
        "Ring twice",
        "Unit 4",
        "Sampleshire",
    ] {
        assert!(!shown.contains(canary), "{canary}: {shown}");
    }
}

/// What the warehouse writes in its own words may name people, in every answer.
#[tokio::test]
async fn the_warehouses_words_do_not_show() {
    let said = "Goods In asked for it";
    let line = json!({"lineId": "1", "sku": "MUG01", "quantity": 1, "reason": said});
    let answer = json!({
        "reference": REFERENCE, "outcome": "refused", "reason": said, "holdReason": said, "remark": said,
        "refused": [{"code": "X", "message": said}],
        "acknowledgements": [{"reference": REFERENCE, "reason": said, "errors": [{"message": said}], "remark": said}],
        "returns": [{"returnId": "R1", "lines": [line], "remark": said}],
        "charges": [{"chargeId": "C1", "amount": "1", "remark": said}],
    });
    let server = MockServer::start().await;
    Mock::given(wiremock::matchers::any())
        .respond_with(ResponseTemplate::new(200).set_body_json(answer))
        .mount(&server)
        .await;
    let client = client(&server);
    let change = Amendment::new("a1", 1).with_recipient(order().recipient);
    let cancelled = client.cancel(REFERENCE, "c1", None).await.unwrap();
    let amended = client.amend(REFERENCE, &change).await.unwrap();
    let acknowledged = client.acknowledgements(None, 10).await.unwrap();
    let returned = client.returns(None, 10).await.unwrap();
    let stored = client.get(REFERENCE).await.unwrap();
    let charged = client.charges(ChargePeriod::ALL, None, 10).await.unwrap();
    assert_eq!(cancelled.reason.as_ref().unwrap().expose(), said);
    assert_eq!(
        stored
            .as_ref()
            .unwrap()
            .hold_reason
            .as_ref()
            .unwrap()
            .expose(),
        said
    );
    let shown = format!(
        "{change:?} {cancelled:?} {amended:?} {acknowledged:?} {returned:?} {stored:?} {charged:?}"
    );
    for canary in ["Goods In", "Sample Street", "447700900123"] {
        assert!(!shown.contains(canary), "{canary}: {shown}");
    }
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_also_for_changes() {
    let server = MockServer::start().await;
    let token = |name: &str| {
        ResponseTemplate::new(200).set_body_json(json!({"access_token": name, "expires_in": 600}))
    };
    for name in ["t1", "t2"] {
        Mock::given(path("/oauth/token"))
            .respond_with(token(name))
            .up_to_n_times(1)
            .expect(1)
            .mount(&server)
            .await;
    }
    Mock::given(header("authorization", "Bearer t1"))
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(header("authorization", "Bearer t2"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"outcome": "accepted", "version": 2})),
        )
        .expect(2)
        .mount(&server)
        .await;
    let client = WarehouseOrders::builder(server.uri(), Auth::oauth2("client", "secret"), "tests")
        .build()
        .unwrap();
    client
        .amend(REFERENCE, &Amendment::new("a1", 1))
        .await
        .unwrap();
    client.cancel(REFERENCE, "c1", None).await.unwrap();
}

#[test]
fn a_client_can_be_shared() {
    fn shared<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    fn sent<T: Send>(_: &T) {}
    shared::<WarehouseOrders>();
    let client = builder("http://127.0.0.1:1").build().unwrap();
    sent(&client.create(&order()));
}
