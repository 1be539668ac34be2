//! Cancelling and amending.

use connector_sim::{OrderStatus, WhistlOptions};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, codes, order, read};

impl Caller {
    pub(crate) async fn post(&self, path: &str, body: &Value) -> (StatusCode, Value) {
        let request = self.request(Method::POST, path).json(body);
        read(request.send().await.unwrap()).await
    }

    async fn cancel(&self, reference: &str, id: &str) -> Value {
        let path = format!("/v1/orders/{reference}/cancel");
        let (status, answer) = self.post(&path, &json!({ "requestId": id })).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer
    }

    async fn amend(&self, reference: &str, body: Value) -> (StatusCode, Value) {
        self.post(&format!("/v1/orders/{reference}/amend"), &body)
            .await
    }
}

#[tokio::test]
async fn what_has_not_left_is_cancelled_and_its_stock_is_free_again() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 10);
    caller.create(&order("K1", &[("A", 4)])).await;
    let first = caller.cancel("K1", "r1").await;
    assert_eq!(first["outcome"], "accepted");
    assert_eq!(
        first["lines"],
        json!([{ "lineId": "1", "sku": "A", "quantity": 4 }])
    );
    assert_eq!(caller.warehouse.stock()[0].allocated, 0);
    assert_eq!(caller.cancel("K1", "r1").await, first, "asked again");
    assert_eq!(caller.get("/v1/orders/K1/cancel").await.1, first);
    assert_eq!(caller.warehouse.tick().despatches, 0);
    let (_, stored) = caller.get("/v1/orders/K1").await;
    assert_eq!(stored["status"], "cancelled");
    assert_eq!(stored["lines"][0]["cancelled"], 4);
    let kinds: Vec<Value> = caller
        .warehouse
        .acknowledgements()
        .into_iter()
        .map(|told| told["kind"].clone())
        .collect();
    assert_eq!(kinds, ["accepted", "cancelled"], "one decision, told once");
}

#[tokio::test]
async fn a_cancellation_comes_too_late_or_while_goods_are_picked() {
    let caller = Caller::start(WhistlOptions::default().with_ticks_to_pick(1)).await;
    caller.create(&order("K1", &[("A", 4)])).await;
    caller.warehouse.tick();
    assert_eq!(caller.warehouse.orders()[0].status, OrderStatus::Picking);
    assert_eq!(caller.cancel("K1", "r1").await["outcome"], "refused");
    assert_eq!(caller.warehouse.tick().units, 4);
    let late = caller.cancel("K1", "r2").await;
    assert_eq!(
        (&late["outcome"], &late["lines"]),
        (&json!("too_late"), &Value::Null)
    );
    assert_eq!(
        caller.cancel("K1", "r1").await["outcome"],
        "refused",
        "an answer stays what it was"
    );
}

#[tokio::test]
async fn of_a_part_despatched_order_the_rest_is_cancelled() {
    let options = WhistlOptions::default().with_part_despatches_per_mille(1000);
    let caller = Caller::start(options).await;
    caller.create(&order("K1", &[("A", 4), ("B", 3)])).await;
    caller.warehouse.tick();
    let answer = caller.cancel("K1", "r1").await;
    assert_eq!(
        answer["lines"],
        json!([{ "lineId": "2", "sku": "B", "quantity": 3 }])
    );
    assert_eq!(caller.warehouse.tick().despatches, 0);
    let order = caller.warehouse.orders().remove(0);
    assert_eq!(order.status, OrderStatus::Despatched);
    assert!(order.lines.iter().all(|line| line.open() == 0));
}

#[tokio::test]
async fn a_decision_may_wait_for_a_tick() {
    let caller = Caller::start(WhistlOptions::default().with_cancels_decided_by_tick()).await;
    caller.create(&order("K1", &[("A", 4)])).await;
    assert_eq!(caller.cancel("K1", "r1").await["outcome"], "pending");
    assert_eq!(
        caller.get("/v1/orders/K1/cancel").await.1["outcome"],
        "pending"
    );
    assert_eq!(
        caller.warehouse.tick().despatches,
        0,
        "decided before it is picked"
    );
    assert_eq!(
        caller.get("/v1/orders/K1/cancel").await.1["outcome"],
        "accepted"
    );
}

#[tokio::test]
async fn who_asks_for_nothing_that_is_there_is_told() {
    let caller = Caller::new().await;
    let body = json!({ "requestId": "r1" });
    let (status, answer) = caller.post("/v1/orders/K1/cancel", &body).await;
    assert_eq!(
        (status, codes(&answer)),
        (StatusCode::NOT_FOUND, vec!["ORDER_NOT_FOUND"])
    );
    caller.create(&order("K1", &[("A", 4)])).await;
    let (status, answer) = caller.get("/v1/orders/K1/cancel").await;
    assert_eq!(
        (status, codes(&answer)),
        (StatusCode::NOT_FOUND, vec!["CANCEL_NOT_FOUND"])
    );
    let (status, answer) = caller.post("/v1/orders/K1/cancel", &json!({})).await;
    assert_eq!(
        (status, codes(&answer)),
        (StatusCode::UNPROCESSABLE_ENTITY, vec!["REQUEST_ID_MISSING"])
    );
}

#[tokio::test]
async fn an_amendment_changes_the_order_as_a_whole() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 10);
    caller.warehouse.seed_stock("B", 10);
    caller.create(&order("K1", &[("A", 4), ("B", 3)])).await;
    let body = json!({
        "requestId": "r1", "version": 1, "otherrefnum": "PO-78",
        "lines": [{ "lineId": "1", "quantity": 6 }, { "lineId": "2", "quantity": 0 }],
    });
    let (status, answer) = caller.amend("K1", body.clone()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(
        (&answer["outcome"], &answer["version"]),
        (&json!("accepted"), &json!(2))
    );
    assert_eq!(caller.amend("K1", body).await.1, answer, "asked again");
    let (_, stored) = caller.get("/v1/orders/K1").await;
    assert_eq!(
        (&stored["otherrefnum"], &stored["version"]),
        (&json!("PO-78"), &json!(2))
    );
    assert_eq!(stored["lines"].as_array().unwrap().len(), 1);
    let allocated: Vec<i64> = caller
        .warehouse
        .stock()
        .iter()
        .map(|row| row.allocated)
        .collect();
    assert_eq!(allocated, [6, 0]);
    assert_eq!(caller.warehouse.tick().units, 6);
    let late = json!({ "requestId": "r2", "version": 2, "instructions": "ring twice" });
    assert_eq!(caller.amend("K1", late).await.1["outcome"], "too_late");
}

#[tokio::test]
async fn an_amendment_that_cannot_be_taken_changes_nothing() {
    let caller = Caller::new().await;
    caller.create(&order("K1", &[("A", 4)])).await;
    let refused = json!({
        "requestId": "r1", "version": 1, "instructions": "x", "serviceCode": "EXPRESS",
    });
    let (status, answer) = caller.amend("K1", refused).await;
    assert_eq!(
        (status, &answer["outcome"]),
        (StatusCode::OK, &json!("refused"))
    );
    assert_eq!(answer["refused"][0]["code"], "SERVICE_UNKNOWN");
    let (_, stored) = caller.get("/v1/orders/K1").await;
    assert_eq!(
        (&stored["instructions"], &stored["version"]),
        (&Value::Null, &json!(1))
    );
    for (body, status, code) in [
        (
            json!({ "requestId": "r2", "version": 3 }),
            StatusCode::CONFLICT,
            "VERSION_CONFLICT",
        ),
        (
            json!({ "requestId": "r3" }),
            StatusCode::UNPROCESSABLE_ENTITY,
            "VERSION_MISSING",
        ),
        (
            json!({ "requestId": "r4", "version": 1, "reference": "K2" }),
            StatusCode::UNPROCESSABLE_ENTITY,
            "MEMBER_UNKNOWN",
        ),
        (
            json!({ "requestId": "r5", "version": 1, "lines": [{ "lineId": "9", "quantity": 1 }] }),
            StatusCode::UNPROCESSABLE_ENTITY,
            "LINE_UNKNOWN",
        ),
    ] {
        let (got, answer) = caller.amend("K1", body).await;
        assert_eq!((got, codes(&answer)), (status, vec![code]));
    }
    let none =
        json!({ "requestId": "r6", "version": 1, "lines": [{ "lineId": "1", "quantity": 0 }] });
    assert_eq!(
        caller.amend("K1", none).await.1["refused"][0]["code"],
        "LINES_MISSING"
    );
}
