//! Acknowledgements, returns, charges, and what feeds tell of gaps.

use super::*;

#[tokio::test]
async fn acknowledgements_tell_what_happened() {
    let page = json!({"acknowledgements": [
        {"acknowledgementId": "A1", "reference": REFERENCE, "orderId": "W-1", "kind": "held", "at": "2026-02-01T09:00:00Z", "reason": "no service"},
        {"acknowledgementId": "A2", "reference": "R2", "kind": "rejected", "errors": [{"code": "PHONE_MISSING", "message": "of Goods In"}]},
        {"acknowledgementId": "A3", "reference": "R3", "kind": "melted"},
        {"acknowledgementId": "A4", "reference": "R4", "at": "soon"},
    ], "next": "a4", "more": false});
    let server = answer(
        "GET",
        "/v1/acknowledgements",
        ResponseTemplate::new(200).set_body_json(page),
    )
    .await;
    let page = client(&server).acknowledgements(None, 100).await.unwrap();
    let kinds: Vec<_> = page
        .items
        .iter()
        .map(|one| one.kind.clone().unwrap())
        .collect();
    assert_eq!(
        kinds,
        [
            AcknowledgementKind::Held,
            AcknowledgementKind::Rejected,
            AcknowledgementKind::Unknown("melted".to_owned())
        ]
    );
    assert_eq!(page.items[1].errors[0].code(), Some("PHONE_MISSING"));
    assert_eq!(page.malformed[0].about.as_deref(), Some("R4"));
    assert_eq!(page.malformed[0].problem.path, "/acknowledgements/3/at");
    assert_eq!(page.next, Some(Cursor::new("a4")));
    assert!(!format!("{page:?}").contains("Goods In"));
}

#[tokio::test]
async fn returns_tell_the_condition_of_goods() {
    let page = json!({"returns": [{
        "returnId": "R1", "reference": REFERENCE, "orderId": "W-1", "receivedAt": "2026-02-01T09:00:00Z", "authorisation": "RMA-1",
        "lines": [{"lineId": "1", "sku": "MUG01", "quantity": 2, "condition": "damaged", "reason": "cracked", "restocked": 0},
                  {"sku": "MUG02", "quantity": 1, "condition": "wet"}],
    }, {"returnId": "R2", "lines": [{"quantity": "two"}]}], "next": "r2", "more": false});
    let server = answer(
        "GET",
        "/v1/returns",
        ResponseTemplate::new(200).set_body_json(page),
    )
    .await;
    let page = client(&server)
        .returns(Some(&Cursor::new("r0")), 10)
        .await
        .unwrap();
    let lines = &page.items[0].lines;
    assert_eq!(lines[0].condition, Some(GoodsCondition::Damaged));
    assert_eq!(
        lines[1].condition,
        Some(GoodsCondition::Unknown("wet".to_owned()))
    );
    assert_eq!((lines[0].restocked, lines[1].restocked), (Some(0), None));
    assert_eq!(page.items[0].authorisation.as_deref(), Some("RMA-1"));
    assert_eq!(page.malformed[0].about.as_deref(), Some("R2"));
}

#[tokio::test]
async fn charges_are_exact_and_one_without_an_amount_is_none() {
    let server = MockServer::start().await;
    let page = json!({"charges": [
        {"chargeId": "C1", "reference": REFERENCE, "kind": "pick", "quantity": 2, "amount": "0.70", "currency": "GBP", "at": "2026-02-01T09:00:00Z"},
        {"chargeId": "C2", "kind": "storage", "amount": 12.10, "periodFrom": "2026-01-01", "periodTo": "2026-01-31"},
        {"chargeId": "C3", "kind": "gift wrap"},
    ], "next": "c3", "more": false});
    Mock::given(path("/v1/charges"))
        .and(query_param("from", "2026-01-01"))
        .and(query_param("to", "2026-01-31"))
        .and(query_param("limit", "50"))
        .respond_with(ResponseTemplate::new(200).set_body_json(page.clone()))
        .expect(1)
        .mount(&server)
        .await;
    let of_order = format!("/v1/orders/{REFERENCE}/charges");
    Mock::given(path(of_order.as_str()))
        .respond_with(ResponseTemplate::new(200).set_body_json(page))
        .expect(1)
        .mount(&server)
        .await;
    let client = client(&server);
    let january = ChargePeriod::days("2026-01-01".parse().unwrap(), "2026-01-31".parse().unwrap());
    let page = client.charges(january, None, 50).await.unwrap();
    assert_eq!(page.items[0].amount.to_string(), "0.70");
    assert_eq!(page.items[0].kind, Some(ChargeKind::Pick));
    assert_eq!(page.items[1].period_to, "2026-01-31".parse().ok());
    assert_eq!(page.malformed[0].problem.path, "/charges/2/amount");
    assert_eq!(client.charges_of_order(REFERENCE).await.unwrap(), page);

    let part = json!({"charges": [], "next": "c9", "more": true});
    let server = answer(
        "GET",
        &of_order,
        ResponseTemplate::new(200).set_body_json(part),
    )
    .await;
    let error = self::client(&server)
        .charges_of_order(REFERENCE)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
}

#[tokio::test]
async fn a_delta_tells_of_gaps_and_of_its_age() {
    let delta = json!({"kind": "delta", "asOf": "2026-02-01T09:00:00Z", "sequence": 12, "fromSequence": 9,
        "items": [{"sku": "MUG01", "onHand": 5, "allocated": 1, "unsellable": 2, "sequence": 12}]});
    let server = answer(
        "GET",
        "/v1/inventory",
        ResponseTemplate::new(200).set_body_json(delta),
    )
    .await;
    let told = client(&server).inventory(Some(7)).await.unwrap();
    assert_eq!(
        (told.from_sequence, told.items[0].unsellable),
        (Some(9), Some(2))
    );
    assert!(told.has_gap_after(7) && !told.has_gap_after(9));
    assert!(told.is_older_than(13) && !told.is_older_than(12));
}

#[tokio::test]
async fn units_that_follow_and_weights_are_read() {
    let page = json!({"despatches": [{"despatchId": "D1", "reference": REFERENCE,
        "parcels": [{"parcelId": "P1", "weightGrams": 1250, "lines": []}],
        "shorts": [{"lineId": "1", "quantity": 1, "backOrdered": true}, {"lineId": "2", "quantity": 1}]}], "next": "d1", "more": false});
    let server = answer(
        "GET",
        "/v1/despatches",
        ResponseTemplate::new(200).set_body_json(page),
    )
    .await;
    let page = client(&server).despatches(None, 100).await.unwrap();
    let despatch = &page.items[0];
    assert_eq!(despatch.parcels[0].weight_grams, Some(1250));
    let follows: Vec<bool> = despatch
        .shorts
        .iter()
        .map(|short| short.back_ordered)
        .collect();
    assert_eq!(follows, [true, false]);
}

#[tokio::test]
async fn customs_data_weights_and_the_shipment_rule_are_sent() {
    let mut customs = NewCustoms::new();
    customs.incoterm = Some("DAP".to_owned());
    customs.sender_eori = Some("GB123456789000".to_owned());
    customs.recipient_eori = Some("XI123456789000".to_owned().into());
    let mut order = order().with_part_shipment(false).with_customs(customs);
    order.lines[0] = order.lines[0]
        .clone()
        .with_goods("69120021", "CN", "3.20".parse().ok())
        .with_net_weight_grams(350);
    let mut expected = body("otherrefnum");
    expected["allowPartShipment"] = json!(false);
    expected["customs"] = json!({"incoterm": "DAP", "senderEori": "GB123456789000", "recipientEori": "XI123456789000"});
    for (member, value) in [
        ("commodityCode", json!("69120021")),
        ("originCountry", json!("CN")),
        ("customsValue", json!("3.20")),
        ("netWeightGrams", json!(350)),
    ] {
        expected["lines"][0][member] = value;
    }
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(body_json(expected))
        .respond_with(accepted())
        .expect(1)
        .mount(&server)
        .await;
    client(&server).create(&order).await.unwrap();
    assert!(!format!("{order:?}").contains("XI123456789000"));
}

#[tokio::test]
async fn a_token_is_asked_for_as_the_contract_says() {
    let mut contract = Contract::default();
    contract.token_credentials_in_header = true;
    contract.token_scope = "orders".to_owned();
    contract.auth.access_token = "token".to_owned();
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/oauth/token"))
        .and(header("authorization", "Basic Y2xpZW50OnNlY3JldA=="))
        .and(body_string("grant_type=client_credentials&scope=orders"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"token": "t1", "expires_in": 600})),
        )
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .and(header("authorization", "Bearer t1"))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"orders": []})))
        .expect(1)
        .mount(&server)
        .await;
    let client = WarehouseOrders::builder(server.uri(), Auth::oauth2("client", "secret"), "tests")
        .with_contract(contract)
        .build()
        .unwrap();
    client.list(None, 100).await.unwrap();

    let server = answer(
        "GET",
        "/v1/orders",
        ResponseTemplate::new(200).set_body_json(json!({"orders": []})),
    )
    .await;
    let keyed = WarehouseOrders::builder(server.uri(), Auth::api_key("", "key"), "tests");
    keyed.build().unwrap().list(None, 100).await.unwrap();
    let sent = server.received_requests().await.unwrap();
    assert_eq!(
        sent[0].headers["x-api-key"], "key",
        "the contract names the header"
    );
}
