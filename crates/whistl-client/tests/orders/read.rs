//! Lookups, lists, despatches, inventory.

use super::*;

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
