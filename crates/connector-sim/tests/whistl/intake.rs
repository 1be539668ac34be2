//! Taking and refusing orders.

use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::caller::{Caller, codes, order};

#[tokio::test]
async fn an_order_is_taken_and_found_again() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("85123A", 10);
    let mut sent = order("K1234567", &[("85123A", 6)]);
    sent["lines"][0]["unitPrice"] = json!("2.55");
    sent["giftNote"] = json!({ "kept": true });
    let (status, accepted) = caller.create(&sent).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(
        accepted,
        json!({ "orderId": "W0000001", "reference": "K1234567", "status": "accepted", "acceptedAt": "2010-12-03T18:00:00Z" })
    );
    let (status, stored) = caller.get("/v1/orders/K1234567").await;
    assert_eq!(status, StatusCode::OK);
    for (member, value) in sent.as_object().unwrap() {
        if member != "lines" {
            assert_eq!(stored[member], *value);
        }
    }
    assert_eq!(
        stored["lines"][0],
        json!({
            "lineId": "1", "sku": "85123A", "quantity": 6, "unitPrice": "2.55",
            "allocated": 6, "despatched": 0, "short": 0, "cancelled": 0,
        })
    );
    assert_eq!(
        (&stored["orderId"], &stored["status"]),
        (&json!("W0000001"), &json!("accepted"))
    );
    let (status, missing) = caller.get("/v1/orders/K7654321").await;
    assert_eq!(
        (status, codes(&missing)),
        (StatusCode::NOT_FOUND, vec!["ORDER_NOT_FOUND"])
    );
    let stock = caller.warehouse.stock();
    assert_eq!((stock[0].on_hand, stock[0].allocated), (10, 6));
    let kept = caller.warehouse.orders();
    assert_eq!(kept[0].document(), sent);
    assert!(
        !format!("{kept:?}").contains("Goods In"),
        "personal data is not printed"
    );
}

#[tokio::test]
async fn a_repeated_reference_is_a_conflict() {
    let caller = Caller::new().await;
    assert_eq!(
        caller.create(&order("K1", &[("A", 1)])).await.0,
        StatusCode::CREATED
    );
    let (status, problem) = caller.create(&order("K1", &[("A", 1)])).await;
    assert_eq!(
        (status, codes(&problem)),
        (StatusCode::CONFLICT, vec!["DUPLICATE_REFERENCE"])
    );
    let counts = caller.warehouse.writes();
    assert_eq!(
        (
            counts.order_posts,
            counts.accepted,
            counts.duplicates_refused
        ),
        (2, 1, 1)
    );
}

#[tokio::test]
async fn everything_wrong_is_said_at_once() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("85123A", 10);
    let mut bad = order(
        "K12345678901X",
        &[("85-123", 1), ("22752", 0), (&"8".repeat(25), 1)],
    );
    bad["serviceCode"] = json!("Express");
    bad["recipient"]["phone"] = json!("+441234567890");
    bad["recipient"]["city"] = json!("x".repeat(36));
    bad["lines"][1]["lineId"] = json!("1");
    let (status, problem) = caller.create(&bad).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let expected = [
        ("REFERENCE_TOO_LONG", "/reference"),
        ("SERVICE_UNKNOWN", "/serviceCode"),
        ("FIELD_TOO_LONG", "/recipient/city"),
        ("PHONE_INVALID", "/recipient/phone"),
        ("SKU_INVALID", "/lines/0/sku"),
        ("LINE_DUPLICATE", "/lines/1/lineId"),
        ("SKU_UNKNOWN", "/lines/1/sku"),
        ("QUANTITY_INVALID", "/lines/1/quantity"),
        ("SKU_TOO_LONG", "/lines/2/sku"),
    ];
    let found: Vec<(&str, &str)> = problem["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| {
            (
                error["code"].as_str().unwrap(),
                error["field"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert!(
        !problem.to_string().contains("441234567890"),
        "no values in a refusal"
    );
    assert!(caller.warehouse.orders().is_empty());
    assert_eq!(caller.warehouse.writes().rejected, 1);

    caller.warehouse.add_service_code("Express");
    let mut mended = order("K1", &[("85123A", 1)]);
    mended["serviceCode"] = json!("Express");
    assert_eq!(caller.create(&mended).await.0, StatusCode::CREATED);
    let no_json = caller
        .request(Method::POST, "/v1/orders")
        .body("<xml/>")
        .send()
        .await
        .unwrap();
    assert_eq!(no_json.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn orders_are_listed_page_by_page() {
    let caller = Caller::new().await;
    assert_eq!(
        caller.get("/v1/orders").await.1,
        json!({ "orders": [], "next": null, "more": false })
    );
    for number in 1..=5 {
        caller
            .create(&order(&format!("K{number}"), &[("A", 1)]))
            .await;
    }
    let (_, first) = caller.get("/v1/orders?limit=3").await;
    assert_eq!(
        (first["orders"].as_array().unwrap().len(), &first["more"]),
        (3, &json!(true))
    );
    let next = first["next"].as_str().unwrap();
    let (_, second) = caller
        .get(&format!("/v1/orders?limit=3&since={next}"))
        .await;
    assert_eq!(
        (second["orders"][1]["reference"].as_str(), &second["more"]),
        (Some("K5"), &json!(false))
    );
    let next = second["next"].as_str().unwrap();
    let (_, third) = caller.get(&format!("/v1/orders?since={next}")).await;
    assert_eq!(third, json!({ "orders": [], "next": next, "more": false }));
    for bad in ["limit=0", "limit=501", "since=d3", "since=o"] {
        assert_eq!(
            caller.get(&format!("/v1/orders?{bad}")).await.0,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
}
