//! Customers and their addresses.

use connector_sim::CustomerIds;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::Caller;

const CUSTOMERS: &str = "/api/v1/customers";

async fn create(caller: &Caller, body: Value) -> (StatusCode, Value) {
    caller.send(Method::POST, CUSTOMERS, &body).await
}

#[tokio::test]
async fn customers_are_found_by_both_ids() {
    let caller = Caller::new().await;
    let (status, created) = create(
        &caller,
        json!({ "email": "a@shop.example", "external_id": "77", "id": "mine", "anything": 1 }),
    )
    .await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(created["status"], "active");
    assert_eq!(created["anything"], 1);
    assert_eq!(created["addresses"], json!([]));
    let id = created["id"].as_str().unwrap();
    assert_ne!(id, "mine", "the server gives the id");
    for id in [id, "77"] {
        assert_eq!(
            caller.get(&format!("{CUSTOMERS}/{id}")).await,
            (StatusCode::OK, created.clone())
        );
    }
    let (status, changed) = caller
        .send(
            Method::PATCH,
            &format!("{CUSTOMERS}/77"),
            &json!({ "group": "trade", "anything": null }),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(changed["group"], "trade");
    assert_eq!(changed["email"], "a@shop.example");
    assert!(changed.get("anything").is_none());
    assert_eq!(
        caller
            .request(Method::DELETE, &format!("{CUSTOMERS}/77"))
            .send()
            .await
            .unwrap()
            .status(),
        StatusCode::NO_CONTENT
    );
    for method in [Method::GET, Method::DELETE, Method::PATCH] {
        let (status, _) = caller
            .send(method, &format!("{CUSTOMERS}/{id}"), &json!({}))
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn customers_do_not_share_ids() {
    let caller = Caller::new().await;
    create(
        &caller,
        json!({ "email": "a@shop.example", "external_id": "77" }),
    )
    .await;
    let (_, other) = create(&caller, json!({ "email": "b@shop.example" })).await;
    for (body, status, property) in [
        (
            json!({ "email": "A@shop.example" }),
            StatusCode::CONFLICT,
            "/email",
        ),
        (
            json!({ "email": "c@shop.example", "external_id": "77" }),
            StatusCode::CONFLICT,
            "/external_id",
        ),
        (
            json!({ "email": "c@shop.example", "external_id": "cu_5" }),
            StatusCode::BAD_REQUEST,
            "/external_id",
        ),
        (
            json!({ "external_id": "78" }),
            StatusCode::BAD_REQUEST,
            "/email",
        ),
    ] {
        let (found, problem) = create(&caller, body).await;
        assert_eq!(found, status);
        assert_eq!(problem["errors"][0]["property"], property);
    }
    let path = format!("{CUSTOMERS}/{}", other["id"].as_str().unwrap());
    let (status, _) = caller
        .send(Method::PATCH, &path, &json!({ "external_id": "77" }))
        .await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, _) = caller
        .send(Method::PATCH, &path, &json!({ "email": "b@shop.example" }))
        .await;
    assert_eq!(status, StatusCode::OK, "one's own address is no conflict");
}

#[tokio::test]
async fn a_switch_gives_ids_in_the_older_form() {
    let caller = Caller::new().await;
    let mut switches = caller.shop.switches();
    switches.customer_ids = CustomerIds::Prefixed;
    caller.shop.set_switches(switches);
    let (_, created) = create(&caller, json!({ "email": "a@shop.example" })).await;
    assert_eq!(created["id"], "cu_1");
}

#[tokio::test]
async fn addresses_belong_to_a_customer() {
    let caller = Caller::new().await;
    create(
        &caller,
        json!({ "email": "a@shop.example", "external_id": "77" }),
    )
    .await;
    let addresses = format!("{CUSTOMERS}/77/addresses");
    let address = json!({ "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB", "external_id": "x" });
    let (status, created) = caller.send(Method::POST, &addresses, &address).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(created["id"], "ca_1");
    for id in ["ca_1", "x"] {
        assert_eq!(
            caller.get(&format!("{addresses}/{id}")).await,
            (StatusCode::OK, created.clone())
        );
    }
    let (status, problem) = caller
        .send(Method::POST, &addresses, &json!({ "city": "" }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 3);
    assert_eq!(
        caller.send(Method::POST, &addresses, &address).await.0,
        StatusCode::CONFLICT
    );
    let (status, changed) = caller
        .send(
            Method::PATCH,
            &format!("{addresses}/ca_1"),
            &json!({ "city": "Luton", "phone": "+44" }),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        (&changed["city"], &changed["address_line1"]),
        (&json!("Luton"), &json!("7 High Street"))
    );
    let (_, customer) = caller.get(&format!("{CUSTOMERS}/77")).await;
    assert_eq!(customer["addresses"], json!([changed]));
    assert_eq!(caller.get(&addresses).await.1, json!([changed]));
    let (status, _) = caller
        .send(
            Method::PATCH,
            &format!("{addresses}/ca_1"),
            &json!({ "city": null }),
        )
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let delete = caller
        .request(Method::DELETE, &format!("{addresses}/ca_1"))
        .send();
    assert_eq!(delete.await.unwrap().status(), StatusCode::NO_CONTENT);
    for method in [Method::GET, Method::PATCH, Method::DELETE] {
        let (status, _) = caller
            .send(method, &format!("{addresses}/ca_1"), &json!({}))
            .await;
        assert_eq!(status, StatusCode::NOT_FOUND);
    }
    assert_eq!(
        caller.get("/api/v1/customers/none/addresses").await.0,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_customer_has_500_addresses_at_most() {
    let caller = Caller::new().await;
    let id = caller
        .shop
        .create_customer(&json!({ "email": "a@shop.example" }))
        .unwrap();
    let address =
        json!({ "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB" });
    for _ in 0..500 {
        caller.shop.create_customer_address(&id, &address).unwrap();
    }
    let (status, _) = caller
        .send(
            Method::POST,
            &format!("{CUSTOMERS}/{id}/addresses"),
            &address,
        )
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
