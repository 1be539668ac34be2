//! The control routes, as programs in other languages use them.

use connector_sim::FAULT_NAMES;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, FIRST, SECOND, order, path, read};

impl Caller {
    /// A control request: without token and site.
    async fn control(&self, method: Method, path: &str, body: &Value) -> (StatusCode, Value) {
        let url = format!("{}/__sim{path}", self.shop.base_url());
        let mut request = self.http.request(method, url);
        if !body.is_null() {
            request = request.json(body);
        }
        read(request.send().await.unwrap()).await
    }
}

#[tokio::test]
async fn a_fault_meets_one_operation_so_many_times() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1")).unwrap();
    let fault = json!({ "kind": "status", "status": 503, "operation": "getPurchase", "times": 2, "after": 1 });
    let (status, armed) = caller.control(Method::POST, "/faults", &fault).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(
        armed["pending"][0]["path"],
        "/api/v1/purchases/{lookupBy}/{identifier}"
    );
    let mut found = Vec::new();
    for _ in 0..4 {
        found.push(caller.get(&path(FIRST)).await.0.as_u16());
        // Other operations under the same path are left alone.
        assert_eq!(
            caller.get(&format!("{}/history", path(FIRST))).await.0,
            StatusCode::OK
        );
        assert_eq!(caller.get("/api/v1/purchases").await.0, StatusCode::OK);
    }
    assert_eq!(found, [200, 503, 503, 200]);
    let (_, left) = caller.control(Method::GET, "/faults", &Value::Null).await;
    assert_eq!(left, json!({ "pending": [], "fired": 2 }));

    caller.control(Method::POST, "/faults", &fault).await;
    let (status, _) = caller
        .control(Method::DELETE, "/faults", &Value::Null)
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert!(caller.shop.faults().pending().is_empty());
    let (status, problem) = caller
        .control(Method::POST, "/faults", &json!({ "kind": "rain" }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(
        problem["detail"]
            .as_str()
            .unwrap()
            .contains("throttle-until")
    );
    let (_, kinds) = caller
        .control(Method::GET, "/fault-kinds", &Value::Null)
        .await;
    let found: Vec<&str> = kinds
        .as_array()
        .unwrap()
        .iter()
        .map(|kind| kind["kind"].as_str().unwrap())
        .collect();
    let wanted: Vec<&str> = FAULT_NAMES.iter().map(|kind| kind.name).collect();
    assert_eq!(found, wanted);
}

#[tokio::test]
async fn two_writers_that_met_are_told_by_a_repetition() {
    let caller = Caller::new().await;
    let fault = json!({ "kind": "concurrent-update", "operation": "createUpdatePurchase" });
    caller.control(Method::POST, "/faults", &fault).await;
    for status in [StatusCode::CONFLICT, StatusCode::OK] {
        let (found, _) = caller
            .send(Method::PUT, &path(FIRST), &order(FIRST, "#1"))
            .await;
        assert_eq!(found, status);
    }
}

#[tokio::test]
async fn a_lost_reply_to_completing_looks_like_the_vendors() {
    let caller = Caller::new().await;
    caller
        .control(
            Method::PUT,
            "/articles",
            &json!([{ "sku": "MUG", "name": "Mug", "price": "4.20" }]),
        )
        .await;
    let customer = caller
        .shop
        .create_customer(&json!({ "email": "a@shop.example" }))
        .unwrap();
    let body = json!({ "customer_id": customer, "customer_lookup_by": "sparklayer" });
    let (_, cart) = caller.send(Method::POST, "/api/v1/carts", &body).await;
    let id = cart["cart_id"].as_str().unwrap();
    let address =
        json!({ "address_line1": "7 High Street", "city": "Bedford", "country_code": "GB" });
    let update = json!({ "line_items": [{ "sku": "MUG", "quantity": 1 }], "temporary_shipping_address": address });
    caller
        .send(Method::PATCH, &format!("/api/v1/carts/{id}"), &update)
        .await;
    let fault = json!({ "kind": "lose-reply-after-applying", "operation": "completeCart" });
    caller.control(Method::POST, "/faults", &fault).await;
    let complete = format!("/api/v1/carts/{id}/complete");
    let body = json!({ "payment_method": "paymentByInvoice" });
    let lost = caller
        .request(Method::POST, &complete)
        .json(&body)
        .send()
        .await;
    assert!(lost.unwrap_err().status().is_none());
    assert_eq!(
        caller.send(Method::POST, &complete, &body).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        caller.get(&path(id)).await.0,
        StatusCode::OK,
        "and yet the order is there"
    );
}

#[tokio::test]
async fn the_clock_and_the_switches_can_be_set() {
    let caller = Caller::new().await;
    let (_, now) = caller
        .control(Method::POST, "/clock", &json!({ "advance_secs": 3600 }))
        .await;
    assert_eq!(now, json!({ "now": "2010-12-03T19:00:00Z" }));
    assert_eq!(
        caller.control(Method::GET, "/clock", &Value::Null).await.1,
        now
    );
    assert_eq!(
        caller.get("/api/v1/purchases").await.0,
        StatusCode::UNAUTHORIZED,
        "the token is too old"
    );
    let (status, _) = caller
        .control(Method::POST, "/clock", &json!({ "advance": 1 }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);

    let (status, switches) = caller
        .control(
            Method::PATCH,
            "/switches",
            &json!({ "above_max_limit": "clamp" }),
        )
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(switches["above_max_limit"], "clamp");
    assert_eq!(switches["default_limit"], 100);
    assert_eq!(
        caller
            .control(Method::GET, "/switches", &Value::Null)
            .await
            .1,
        switches
    );
    let (status, problem) = caller
        .control(Method::PATCH, "/switches", &json!({ "abov": 1 }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert!(problem["detail"].as_str().unwrap().contains("abov"));
}

#[tokio::test]
async fn the_scene_can_be_set() {
    let caller = Caller::new().await;
    let (status, _) = caller
        .control(Method::PUT, "/purchases", &order(FIRST, "#1"))
        .await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    let mut draft = order(SECOND, "#2");
    draft["type"] = json!("order_unconfirmed");
    caller.control(Method::PUT, "/purchases", &draft).await;
    let (status, _) = caller.control(Method::PUT, "/purchases", &json!({})).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let stock = json!([{ "location": "default", "sku": "A", "level": 4 }]);
    assert_eq!(
        caller.control(Method::PUT, "/stock", &stock).await.0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(caller.shop.stock_level("default", "A"), Some(4));
    let moon = json!([{ "location": "moon", "sku": "A", "level": 4 }]);
    assert_eq!(
        caller.control(Method::PUT, "/stock", &moon).await.0,
        StatusCode::BAD_REQUEST
    );
    let articles = json!([{ "sku": "A", "name": "Article", "price": "1.10", "pack_size": 6 }]);
    assert_eq!(
        caller.control(Method::PUT, "/articles", &articles).await.0,
        StatusCode::NO_CONTENT
    );
    let (_, listed) = caller.control(Method::GET, "/articles", &Value::Null).await;
    assert_eq!(
        (&listed[0]["price"], &listed[0]["pack_size"]),
        (&json!("1.10"), &json!(6))
    );
    let rates = json!([{ "handle": "standard", "name": "Standard", "price": 5 }]);
    assert_eq!(
        caller
            .control(Method::PUT, "/shipping-rates", &rates)
            .await
            .0,
        StatusCode::NO_CONTENT
    );

    let complete = "/connector/complete-draft";
    assert_eq!(
        caller
            .control(Method::POST, complete, &json!({ "sparklayer": SECOND }))
            .await
            .0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        caller
            .control(Method::POST, complete, &json!({ "sparklayer": "x" }))
            .await
            .0,
        StatusCode::NOT_FOUND
    );
    let (_, report) = caller
        .control(Method::POST, "/connector/run", &Value::Null)
        .await;
    assert_eq!(
        report,
        json!({ "promoted": [SECOND], "overwritten": [], "stock_overwritten": [] })
    );
    let (_, state) = caller.control(Method::GET, "/state", &Value::Null).await;
    assert_eq!(
        (
            &state["purchases"],
            &state["purchase_puts"],
            &state["carts"]
        ),
        (&json!(2), &json!(0), &json!(0))
    );
    assert_eq!(
        caller
            .control(Method::POST, "/tokens/revoke", &Value::Null)
            .await
            .0,
        StatusCode::NO_CONTENT
    );
    assert_eq!(
        caller.get("/api/v1/purchases").await.0,
        StatusCode::UNAUTHORIZED
    );
    let (_, operations) = caller
        .control(Method::GET, "/operations", &Value::Null)
        .await;
    assert_eq!(
        operations[0],
        json!({ "operation": "getAccessToken", "method": "POST", "path": "/api/auth/token", "evidence": "documented" })
    );
}
