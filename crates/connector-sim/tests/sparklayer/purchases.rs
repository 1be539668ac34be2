//! Reading and replacing single purchases.

use std::time::Duration;

use connector_sim::SimError;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::caller::{Caller, FIRST, SECOND, order, path};

#[tokio::test]
async fn purchases_are_found_by_four_identifiers() {
    let caller = Caller::new().await;
    let mut purchase = order(FIRST, "#1001");
    purchase["purchase_identifiers"]["internal"] = json!("ERP/1 ü");
    caller.shop.put_purchase(purchase).unwrap();
    for path in [
        path(FIRST),
        "/api/v1/purchases/platform/p%231001".into(),
        "/api/v1/purchases/visible/%231001".into(),
        "/api/v1/purchases/internal/ERP%2F1%20%C3%BC".into(),
    ] {
        let (status, purchase) = caller.get(&path).await;
        assert_eq!(status, StatusCode::OK, "{path}");
        assert_eq!(purchase["purchase_identifiers"]["sparklayer"], FIRST);
    }
    assert_eq!(caller.get(&path(SECOND)).await.0, StatusCode::NOT_FOUND);
    assert_eq!(caller.get(&path("123")).await.0, StatusCode::BAD_REQUEST);
    assert_eq!(
        caller.get("/api/v1/purchases/email/x").await.0,
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        caller.get("/api/v1/purchases/visible/").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn put_replaces_and_computes() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1001")).unwrap();
    caller.shop.advance_clock(Duration::from_secs(60));
    let mut edited = order(FIRST, "#1002");
    edited.as_object_mut().unwrap().remove("customer_reference");
    edited["packages"][0]["type"] = json!("shipped");
    edited["packages"][0]["shipments"] =
        json!([{ "carrier": "Whistl", "tracking_number": "WHL0P000000000001" }]);
    edited["calculated_fulfilment_status"] = json!("nonsense");
    let (status, stored) = caller.send(Method::PUT, &path(FIRST), &edited).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(stored["calculated_fulfilment_status"], "shipped");
    assert_eq!(stored["dates"]["updated_at"], "2010-12-03T18:01:00Z");
    assert_eq!(stored["packages"], edited["packages"]);
    assert_eq!(
        stored.get("customer_reference"),
        None,
        "a PUT replaces everything"
    );
    assert_eq!(caller.shop.purchase(FIRST), Some(stored));
    assert_eq!(
        caller.get("/api/v1/purchases/visible/%231001").await.0,
        StatusCode::NOT_FOUND,
        "the old number is free"
    );
    assert_eq!(caller.shop.writes().purchase_puts, 1);
}

#[tokio::test]
async fn computed_members_are_ignored_at_any_depth_and_computed_anew() {
    let caller = Caller::new().await;
    let mut sent = order(FIRST, "#1");
    sent["calculated_total"] = json!({ "number": "1.00", "currency": "EUR" });
    sent["calculated_total_usd"] = json!("x");
    sent["calculated_shipping_address"] = json!("the moon");
    sent["dates"]["calculated_submitted_at"] = json!("1999-01-01T00:00:00Z");
    sent["packages"][0]["calculated_weight"] = json!(5);
    sent["packages"][0]["line_items"][0]["calculated_x"] = json!(null);
    let (_, stored) = caller.send(Method::PUT, &path(FIRST), &sent).await;
    assert_eq!(
        stored["calculated_total"],
        json!({ "number": "15.30", "currency": "GBP" })
    );
    assert_eq!(
        stored["calculated_total_usd"],
        json!({ "number": "15.30", "currency": "USD" })
    );
    assert_eq!(
        stored["calculated_shipping_address"],
        "Goods In, 7 High Street, Bedford"
    );
    assert_eq!(
        stored["dates"]["calculated_submitted_at"],
        "2010-12-01T08:26:00Z"
    );
    assert_eq!(stored["packages"], order(FIRST, "#1")["packages"]);
}

#[tokio::test]
async fn a_switch_requires_what_the_older_reference_marks() {
    let caller = Caller::new().await;
    let mut switches = caller.shop.switches();
    switches.put_requires_all = true;
    caller.shop.set_switches(switches);
    let complete = order(FIRST, "#1");
    let (status, _) = caller.send(Method::PUT, &path(FIRST), &complete).await;
    assert_eq!(status, StatusCode::OK);
    for member in ["accounting_files", "custom_fields"] {
        let mut partial = complete.clone();
        partial.as_object_mut().unwrap().remove(member);
        let (status, problem) = caller.send(Method::PUT, &path(FIRST), &partial).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["errors"][0]["property"], format!("/{member}"));
    }
}

#[tokio::test]
async fn a_switch_says_how_creating_is_answered() {
    let caller = Caller::new().await;
    let mut switches = caller.shop.switches();
    switches.put_created_status = 201;
    caller.shop.set_switches(switches);
    for status in [StatusCode::CREATED, StatusCode::OK] {
        let (found, _) = caller
            .send(Method::PUT, &path(FIRST), &order(FIRST, "#1"))
            .await;
        assert_eq!(found, status);
    }
}

#[tokio::test]
async fn put_creates_under_the_identifier_of_its_address() {
    let caller = Caller::new().await;
    let mut fresh = order("", "#1");
    fresh["purchase_identifiers"]["internal"] = json!("ERP-1");
    let (status, _) = caller
        .send(Method::PUT, "/api/v1/purchases/internal/ERP-1", &fresh)
        .await;
    assert_eq!(status, StatusCode::OK);
    let again = caller
        .send(Method::PUT, "/api/v1/purchases/internal/ERP-1", &fresh)
        .await;
    assert_eq!(again.0, StatusCode::OK);
    assert_eq!(
        caller.shop.purchases().len(),
        1,
        "the second PUT met the first"
    );
    let other = caller
        .send(Method::PUT, "/api/v1/purchases/internal/ERP-2", &fresh)
        .await;
    assert_eq!(other.0, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn put_names_every_missing_member() {
    let caller = Caller::new().await;
    let (status, problem) = caller
        .send(Method::PUT, &path(FIRST), &json!({ "dates": null }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let mut named: Vec<&str> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["property"].as_str().unwrap())
        .collect();
    named.sort_unstable();
    assert_eq!(
        named,
        [
            "/customer_identifiers",
            "/dates",
            "/packages",
            "/purchase_identifiers",
            "/type"
        ]
    );
    for (pointer, value) in [
        ("/type", json!("parcel")),
        ("/dates/placed_at", json!("1.12.2010")),
        ("/packages", json!("x")),
        ("/purchase_identifiers/platform", json!(5)),
    ] {
        let mut purchase = order(FIRST, "#1");
        *purchase.pointer_mut(pointer).unwrap() = value;
        let (status, problem) = caller.send(Method::PUT, &path(FIRST), &purchase).await;
        assert_eq!(status, StatusCode::BAD_REQUEST);
        assert_eq!(problem["errors"][0]["property"], pointer);
    }
    assert_eq!(caller.shop.writes().purchase_puts, 0);
}

#[tokio::test]
async fn put_keeps_identities_apart() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1")).unwrap();
    caller.shop.put_purchase(order(SECOND, "#2")).unwrap();
    for changed in [SECOND, ""] {
        let mut purchase = order(changed, "#1");
        purchase["purchase_identifiers"]["platform"] = json!("p#1");
        assert_eq!(
            caller.send(Method::PUT, &path(FIRST), &purchase).await.0,
            StatusCode::FORBIDDEN,
            "{changed:?}"
        );
    }
    let stolen = caller
        .send(Method::PUT, &path(FIRST), &order(FIRST, "#2"))
        .await;
    assert_eq!(stolen.0, StatusCode::CONFLICT);
    let seeded = caller.shop.put_purchase(order(FIRST, "#2"));
    assert!(
        matches!(seeded, Err(SimError::Refused { status: 409, .. })),
        "{seeded:?}"
    );
    assert_eq!(
        caller.shop.purchase(FIRST).unwrap()["purchase_identifiers"]["visible"],
        "#1"
    );
}

#[tokio::test]
async fn unknown_members_keep_their_exact_text() {
    let caller = Caller::new().await;
    let text = format!(
        r#"{{"type":"order","purchase_identifiers":{{"sparklayer":"{FIRST}","other":1.10}},"customer_identifiers":{{"x":1e2}},
        "dates":{{"placed_at":"2010-12-01T08:26:00Z","promised":2.0}},"weight":1.10,"serial":1234567890123456789012345,
        "packages":[{{"type":"incoming","volume":0.500,"line_items":[{{"deep":[3.1400,12345678901234567890123]}}]}}]}}"#
    );
    let answer = caller
        .request(Method::PUT, &path(FIRST))
        .header("Content-Type", "application/json; charset=utf-8")
        .body(text)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let read_back = caller
        .request(Method::GET, &path(FIRST))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    for exact in [
        r#""other":1.10"#,
        r#""x":1e2"#,
        r#""promised":2.0"#,
        r#""weight":1.10"#,
        r#""serial":1234567890123456789012345"#,
        r#""volume":0.500"#,
        r#""deep":[3.1400,12345678901234567890123]"#,
    ] {
        assert!(read_back.contains(exact), "{exact} in {read_back}");
    }
    assert_eq!(caller.shop.purchase_text(FIRST), Some(read_back));
}

#[tokio::test]
async fn seeding_says_what_is_wrong() {
    let caller = Caller::new().await;
    let without_id = caller.shop.put_purchase(order("", "#1"));
    assert!(matches!(
        without_id,
        Err(SimError::Refused { status: 400, .. })
    ));
    let error = caller
        .shop
        .put_purchase(json!({ "type": "order" }))
        .unwrap_err();
    assert!(error.to_string().contains("/packages"), "{error}");
}
