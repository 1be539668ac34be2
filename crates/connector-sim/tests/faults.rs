//! Each fault switch, seen from the other end of the socket.
#![allow(
    clippy::unwrap_used,
    reason = "a helper of these tests fails like the tests themselves"
)]

use std::time::{Duration, Instant};

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, Fault, FaultKind, SparkLayerOptions,
    SparkLayerSim, WhistlOptions, WhistlSim,
};
use http::Method;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

fn client() -> Client {
    Client::builder()
        .no_proxy()
        .timeout(Duration::from_secs(10))
        .build()
        .unwrap()
}

/// A warehouse with a key instead of a token, so that a fault meets only the call under test.
struct Caller {
    warehouse: WhistlSim,
    http: Client,
}

impl Caller {
    async fn with(kind: FaultKind) -> Self {
        let warehouse = WhistlSim::start(WhistlOptions::default().with_api_key("key"))
            .await
            .unwrap();
        warehouse
            .faults()
            .arm(Fault::on(Method::POST, "/v1/orders", kind));
        Self {
            warehouse,
            http: client(),
        }
    }

    async fn create(&self) -> reqwest::Result<Response> {
        let order = json!({
            "reference": "K1", "serviceCode": "WHI_STD",
            "recipient": { "name": "Goods In", "line1": "7 High Street", "city": "Bedford", "postcode": "MK40 1AA", "country": "GB", "phone": "441234567890" },
            "lines": [{ "lineId": "1", "sku": "A", "quantity": 1 }],
        });
        let url = format!("{}/v1/orders", self.warehouse.base_url());
        self.http
            .post(url)
            .header("X-Api-Key", "key")
            .json(&order)
            .send()
            .await
    }

    fn accepted(&self) -> usize {
        assert_eq!(self.warehouse.faults().fired(), 1);
        assert!(self.warehouse.faults().pending().is_empty());
        self.warehouse.orders().len()
    }
}

#[tokio::test]
async fn an_order_may_arrive_after_its_connection_broke() {
    let caller = Caller::with(FaultKind::ApplyLate(300)).await;
    assert!(caller.create().await.is_err());
    assert_eq!(
        caller.accepted(),
        0,
        "who asks now is told that nothing came"
    );
    for _ in 0..100 {
        if caller.accepted() > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(caller.accepted(), 1);
}

#[tokio::test]
async fn a_reply_lost_after_applying_is_a_broken_connection() {
    let caller = Caller::with(FaultKind::LoseReplyAfterApplying).await;
    let error = caller.create().await.unwrap_err();
    assert!(
        error.status().is_none()
            && error.is_request()
            && !error.is_connect()
            && !error.is_timeout(),
        "{error:?}"
    );
    assert_eq!(caller.accepted(), 1, "the warehouse has it all the same");
    assert_eq!(
        caller.create().await.unwrap().status(),
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn a_reply_lost_before_applying_looks_the_same() {
    let caller = Caller::with(FaultKind::LoseReplyBeforeApplying).await;
    let error = caller.create().await.unwrap_err();
    assert!(
        error.status().is_none()
            && error.is_request()
            && !error.is_connect()
            && !error.is_timeout(),
        "{error:?}"
    );
    assert_eq!(caller.accepted(), 0);
    assert_eq!(caller.create().await.unwrap().status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_kept_alive_connection_breaks_too() {
    let caller = Caller::with(FaultKind::LoseReplyAfterApplying).await;
    let url = format!("{}/v1/inventory", caller.warehouse.base_url());
    let first = caller
        .http
        .get(url)
        .header("X-Api-Key", "key")
        .send()
        .await
        .unwrap();
    assert_eq!(first.status(), StatusCode::OK);
    first.bytes().await.unwrap();
    caller.create().await.unwrap_err();
    assert_eq!(caller.accepted(), 1);
    assert_eq!(
        caller.warehouse.writes().order_posts,
        1,
        "the HTTP library did not send it again by itself"
    );
}

#[tokio::test]
async fn throttling_names_a_wait_where_asked() {
    for (retry_after, header) in [(Some(7), Some("7")), (None, None)] {
        let caller = Caller::with(FaultKind::Throttle { retry_after }).await;
        let answer = caller.create().await.unwrap();
        assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
        let found = answer
            .headers()
            .get("retry-after")
            .map(|value| value.to_str().unwrap());
        assert_eq!(found, header);
        assert_eq!(answer.headers()["date"], "Fri, 03 Dec 2010 18:00:00 GMT");
        assert_eq!(caller.accepted(), 0);
    }
}

#[tokio::test]
async fn throttling_names_a_date_of_the_virtual_clock() {
    let caller = Caller::with(FaultKind::ThrottleUntil { retry_after: 90 }).await;
    let answer = caller.create().await.unwrap();
    assert_eq!(answer.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        answer.headers()["retry-after"],
        "Fri, 03 Dec 2010 18:01:30 GMT"
    );
    assert_eq!(answer.headers()["date"], "Fri, 03 Dec 2010 18:00:00 GMT");
    assert_eq!(caller.accepted(), 0);
}

#[tokio::test]
async fn an_error_may_have_no_body() {
    for (status, found) in [(500, 500), (404, 404), (1, 500)] {
        let caller = Caller::with(FaultKind::EmptyStatus(status)).await;
        let answer = caller.create().await.unwrap();
        assert_eq!(answer.status().as_u16(), found);
        assert_eq!(answer.headers()["content-length"], "0");
        assert!(answer.headers().get("content-type").is_none());
        assert_eq!(answer.text().await.unwrap(), "");
        assert_eq!(caller.accepted(), 0);
    }
}

#[tokio::test]
async fn a_concurrent_update_is_a_conflict_that_passes() {
    let caller = Caller::with(FaultKind::ConcurrentUpdate).await;
    assert_eq!(
        caller.create().await.unwrap().status(),
        StatusCode::CONFLICT
    );
    assert_eq!(caller.accepted(), 0);
    assert_eq!(caller.create().await.unwrap().status(), StatusCode::CREATED);
}

#[tokio::test]
async fn a_burst_of_errors_lasts_as_long_as_it_is_told() {
    let caller = Caller::with(FaultKind::Html).await;
    caller.warehouse.faults().clear();
    let burst = Fault::on(Method::POST, "/v1/orders", FaultKind::Status(503));
    caller.warehouse.faults().arm(burst.times(3));
    for _ in 0..3 {
        assert_eq!(
            caller.create().await.unwrap().status(),
            StatusCode::SERVICE_UNAVAILABLE
        );
    }
    assert_eq!(caller.create().await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(caller.warehouse.faults().fired(), 3);
}

#[tokio::test]
async fn the_warehouse_has_the_control_routes_too() {
    let caller = Caller::with(FaultKind::Html).await;
    caller.warehouse.faults().clear();
    let url = format!("{}/__sim", caller.warehouse.base_url());
    let fault =
        json!({ "kind": "empty-status", "status": 500, "method": "post", "path": "/v1/orders" });
    let armed = caller
        .http
        .post(format!("{url}/faults"))
        .json(&fault)
        .send();
    assert_eq!(armed.await.unwrap().status(), StatusCode::CREATED);
    assert_eq!(
        caller.create().await.unwrap().status(),
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let clock = caller
        .http
        .post(format!("{url}/clock"))
        .body(r#"{"advance_secs":60}"#);
    clock.send().await.unwrap();
    assert_eq!(caller.warehouse.now().timestamp() % 3600, 60);
}

#[tokio::test]
async fn statuses_and_unauthorised_come_as_problems() {
    for (kind, status) in [
        (FaultKind::Status(503), 503),
        (FaultKind::Status(1), 500),
        (FaultKind::Unauthorised, 401),
    ] {
        let caller = Caller::with(kind).await;
        let answer = caller.create().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["status"], status);
        assert_eq!(caller.accepted(), 0);
    }
}

#[tokio::test]
async fn a_gateway_answers_in_html() {
    let caller = Caller::with(FaultKind::Html).await;
    let answer = caller.create().await.unwrap();
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert_eq!(answer.headers()["content-type"], "text/html");
    assert!(answer.text().await.unwrap().starts_with("<!DOCTYPE html>"));
    assert_eq!(caller.accepted(), 0);
}

#[tokio::test]
async fn a_truncated_body_has_a_head_and_no_end() {
    let caller = Caller::with(FaultKind::TruncatedBody).await;
    let mut answer = caller.create().await.unwrap();
    assert_eq!(answer.status(), StatusCode::CREATED);
    let promised: usize = answer.headers()["content-length"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    let mut arrived = 0;
    let error = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => arrived += chunk.len(),
            Ok(None) => panic!("the body ended well"),
            Err(error) => break error,
        }
    };
    assert!(!error.is_timeout(), "{error:?}");
    assert_eq!(arrived, promised / 2);
    assert_eq!(caller.accepted(), 1);
}

#[tokio::test]
async fn a_slow_answer_comes_in_the_end() {
    let caller = Caller::with(FaultKind::Slow(30)).await;
    let start = Instant::now();
    assert_eq!(caller.create().await.unwrap().status(), StatusCode::CREATED);
    assert!(start.elapsed() >= Duration::from_millis(30));
    assert_eq!(caller.accepted(), 1);
}

#[tokio::test]
async fn a_slow_answer_may_come_too_late() {
    let caller = Caller::with(FaultKind::Slow(60_000)).await;
    let url = format!("{}/v1/orders", caller.warehouse.base_url());
    let error = caller
        .http
        .post(url)
        .timeout(Duration::from_millis(50))
        .send()
        .await
        .unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    caller.warehouse.shutdown().await;
}

#[tokio::test]
async fn an_order_is_created_twice() {
    let caller = Caller::with(FaultKind::ApplyTwice).await;
    let answer: Value = caller.create().await.unwrap().json().await.unwrap();
    assert_eq!(answer["orderId"], "W0000001");
    assert_eq!(caller.accepted(), 2);
    let references: Vec<String> = caller
        .warehouse
        .orders()
        .into_iter()
        .map(|order| order.reference)
        .collect();
    assert_eq!(references, ["K1", "K1"]);
    let url = format!("{}/__sim/state", caller.warehouse.base_url());
    let state: Value = caller
        .http
        .get(url)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(state["accepted"], json!({ "K1": 2 }));
    assert_eq!(caller.warehouse.tick().despatches, 2, "both are sent");
}

#[tokio::test]
async fn a_refused_order_is_not_applied_a_second_time() {
    let caller = Caller::with(FaultKind::ApplyTwice).await;
    caller.warehouse.faults().clear();
    caller.create().await.unwrap();
    caller
        .warehouse
        .faults()
        .arm(Fault::on(Method::POST, "/v1/orders", FaultKind::ApplyTwice));
    assert_eq!(
        caller.create().await.unwrap().status(),
        StatusCode::CONFLICT
    );
    assert_eq!(caller.accepted(), 1);
}

#[tokio::test]
async fn the_control_pages_are_never_harmed() {
    let caller = Caller::with(FaultKind::Html).await;
    caller.warehouse.faults().clear();
    caller
        .warehouse
        .faults()
        .arm(Fault::on_any_method("/", FaultKind::Html));
    let url = format!("{}/__sim/state", caller.warehouse.base_url());
    assert_eq!(
        caller.http.get(url).send().await.unwrap().status(),
        StatusCode::OK
    );
    assert_eq!(caller.warehouse.faults().pending().len(), 1);
}

#[tokio::test]
async fn a_shop_loses_the_reply_to_a_purchase_it_stored() {
    let id = "63428136-658f-48a6-beb7-7f333dfd9686";
    let shop = SparkLayerSim::start(SparkLayerOptions::default())
        .await
        .unwrap();
    let http = client();
    let base = shop.base_url();
    let credentials = json!({ "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET });
    let request = http
        .post(format!("{base}/api/auth/token"))
        .header("Site-Id", DEMO_SITE_ID)
        .json(&credentials);
    let token: Value = request.send().await.unwrap().json().await.unwrap();
    shop.faults().arm(Fault::on(
        Method::PUT,
        "/api/v1/purchases/",
        FaultKind::LoseReplyAfterApplying,
    ));
    let purchase = json!({ "type": "order", "purchase_identifiers": { "sparklayer": id }, "customer_identifiers": {}, "dates": {}, "packages": [] });
    let put = http
        .put(format!("{base}/api/v1/purchases/sparklayer/{id}"))
        .header("Site-Id", DEMO_SITE_ID)
        .bearer_auth(token["access_token"].as_str().unwrap())
        .json(&purchase);
    assert!(put.send().await.unwrap_err().status().is_none());
    assert!(shop.purchase(id).is_some());
    assert_eq!(shop.writes().purchase_puts, 1);
}
