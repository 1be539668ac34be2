//! Back-orders, acknowledgements, returns, charges, and feeds that tell nonsense.

use connector_sim::{FeedFault, OrderStatus, ReturnCondition, ReturnedLine, WhistlOptions};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, order};

#[tokio::test]
async fn what_is_missing_may_follow() {
    let caller = Caller::start(WhistlOptions::default().with_back_orders()).await;
    caller.warehouse.seed_stock("A", 3);
    caller.create(&order("K1", &[("A", 5)])).await;
    let report = caller.warehouse.tick();
    assert_eq!(
        (report.units, report.short_units, report.back_ordered_units),
        (3, 0, 2)
    );
    assert_eq!(caller.warehouse.tick().despatches, 0, "told once");
    let (_, feed) = caller.get("/v1/despatches").await;
    assert_eq!(
        feed["despatches"][0]["shorts"][0],
        json!({ "lineId": "1", "sku": "A", "quantity": 2, "reason": "out_of_stock", "backOrdered": true })
    );
    assert_eq!(
        caller.warehouse.orders()[0].status,
        OrderStatus::PartDespatched
    );
    caller.warehouse.adjust_stock("A", 9).unwrap();
    assert_eq!(caller.warehouse.tick().units, 2);
    assert_eq!(caller.warehouse.orders()[0].status, OrderStatus::Despatched);
}

#[tokio::test]
async fn an_order_that_may_not_leave_in_parts_waits_whole() {
    let caller = Caller::start(WhistlOptions::default().with_back_orders()).await;
    caller.warehouse.seed_stock("A", 3);
    caller.warehouse.seed_stock("B", 9);
    let mut whole = order("K1", &[("A", 5), ("B", 1)]);
    whole["allowPartShipment"] = json!(false);
    caller.create(&whole).await;
    assert_eq!(caller.warehouse.tick().despatches, 0);
    caller.warehouse.adjust_stock("A", 2).unwrap();
    let report = caller.warehouse.tick();
    assert_eq!((report.despatches, report.units), (1, 6));
}

#[tokio::test]
async fn unsellable_units_are_on_hand_and_stay() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 10);
    caller.warehouse.set_unsellable("A", 8).unwrap();
    caller.create(&order("K1", &[("A", 5)])).await;
    let report = caller.warehouse.tick();
    assert_eq!((report.units, report.short_units), (2, 3));
    let (_, told) = caller.get("/v1/inventory").await;
    assert_eq!(
        (&told["items"][0]["onHand"], &told["items"][0]["unsellable"]),
        (&json!(8), &json!(8))
    );
    assert!(caller.warehouse.set_unsellable("B", 1).is_err());
}

#[tokio::test]
async fn returns_go_where_their_condition_sends_them() {
    let caller = Caller::new().await;
    caller.warehouse.seed_stock("A", 5);
    caller.create(&order("K1", &[("A", 5)])).await;
    caller.warehouse.tick();
    let lines = [
        ReturnedLine::new("A", 2, ReturnCondition::Resaleable),
        ReturnedLine::new("A", 1, ReturnCondition::Damaged),
        ReturnedLine::new("B", 1, ReturnCondition::Resaleable),
    ];
    assert_eq!(caller.warehouse.take_back(Some("K1"), &lines), "R0000001");
    let row = caller.warehouse.stock().remove(0);
    assert_eq!((row.on_hand, row.unsellable), (3, 1));
    let (_, feed) = caller.get("/v1/returns").await;
    let told = &feed["returns"][0];
    assert_eq!(
        (&told["reference"], &told["orderId"]),
        (&json!("K1"), &json!("W0000001"))
    );
    let restocked: Vec<&Value> = told["lines"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| &line["restocked"])
        .collect();
    assert_eq!(
        restocked,
        [2, 0, 0],
        "an article without stock record has no shelf"
    );
}

#[tokio::test]
async fn work_is_charged_by_order_and_by_period() {
    let caller = Caller::start(WhistlOptions::default().with_parcel_limits(9, 4)).await;
    caller.warehouse.seed_stock("A", 10);
    caller.create(&order("K1", &[("A", 6)])).await;
    caller.warehouse.tick();
    let (_, of_order) = caller.get("/v1/orders/K1/charges").await;
    let rows: Vec<(&str, u64, &str)> = of_order["charges"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            (
                row["kind"].as_str().unwrap(),
                row["quantity"].as_u64().unwrap(),
                row["amount"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            ("pick", 2, "0.70"),
            ("pack", 2, "1.20"),
            ("carriage", 2, "9.90")
        ]
    );
    let day = |text: &str| text.parse().unwrap();
    caller
        .warehouse
        .charge_storage(day("2010-11-01"), day("2010-11-30"));
    let count = async |query: &str| {
        let (_, answer) = caller.get(&format!("/v1/charges{query}")).await;
        answer["charges"].as_array().unwrap().len()
    };
    assert_eq!(count("").await, 4);
    assert_eq!(count("?from=2010-11-15&to=2010-11-20").await, 1);
    assert_eq!(count("?from=2010-12-01").await, 3);
    assert_eq!(count("?since=c3").await, 1);
    let (status, _) = caller.get("/v1/charges?from=yesterday").await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    let (status, _) = caller.get("/v1/orders/K9/charges").await;
    assert_eq!(status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_refused_order_is_acknowledged_as_such() {
    let caller = Caller::new().await;
    let mut body = order("K1", &[("A", 1)]);
    body["recipient"]["phone"] = Value::Null;
    caller.create(&body).await;
    let (_, feed) = caller.get("/v1/acknowledgements").await;
    let told = &feed["acknowledgements"][0];
    assert_eq!(
        (&told["kind"], &told["errors"][0]["code"]),
        (&json!("rejected"), &json!("PHONE_MISSING"))
    );
    assert_eq!(
        (&feed["next"], &feed["more"]),
        (&json!("a1"), &json!(false))
    );
}

#[tokio::test]
async fn feeds_tell_nonsense_once_where_they_are_told_to() {
    let caller = Caller::new().await;
    for (sku, units) in [("A", 5), ("B", 6)] {
        caller.warehouse.seed_stock(sku, units);
    }
    let (_, snapshot) = caller.get("/v1/inventory").await;
    let (_, delta) = caller.get("/v1/inventory?since=0").await;
    assert_eq!(delta["fromSequence"], 0);
    caller.warehouse.seed_stock("C", 7);
    for fault in [
        FeedFault::OldSnapshot,
        FeedFault::OutOfOrderStock,
        FeedFault::MissingStockSequence,
        FeedFault::DuplicateDespatch,
    ] {
        let body = json!({ "kind": fault });
        let armed = caller
            .request(Method::POST, "/__sim/feed-faults")
            .json(&body)
            .send();
        assert_eq!(armed.await.unwrap().status(), StatusCode::NO_CONTENT);
    }
    assert_eq!(caller.warehouse.pending_feed_faults().len(), 4);
    assert_eq!(caller.get("/v1/inventory").await.1, snapshot, "an old one");
    assert_ne!(caller.get("/v1/inventory").await.1, snapshot);
    assert_eq!(
        caller.get("/v1/inventory?since=1").await.1,
        delta,
        "an old one"
    );
    let (_, gap) = caller.get("/v1/inventory?since=0").await;
    assert_eq!(
        (&gap["fromSequence"], &gap["sequence"]),
        (&json!(2), &json!(3))
    );
    assert_eq!(gap["items"].as_array().unwrap().len(), 1);
    caller.create(&order("K1", &[("A", 1)])).await;
    caller.warehouse.tick();
    let records = caller.warehouse.despatches();
    assert_eq!((records.len(), &records[0]), (2, &records[1]));
    assert!(caller.warehouse.pending_feed_faults().is_empty());
    let refused = caller
        .request(Method::POST, "/__sim/feed-faults")
        .json(&json!({ "kind": "rain" }))
        .send();
    assert_eq!(refused.await.unwrap().status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_shelf_can_be_set_from_any_language() {
    let caller = Caller::new().await;
    let seed = |body: Value| {
        caller
            .request(Method::POST, "/__sim/stock")
            .json(&body)
            .send()
    };
    let unknown = seed(json!({ "sku": "A", "adjust": 1 })).await.unwrap();
    assert_eq!(unknown.status(), StatusCode::NOT_FOUND);
    let body = json!({ "sku": "A", "on_hand": 10, "adjust": -2, "unsellable": 3 });
    assert_eq!(seed(body).await.unwrap().status(), StatusCode::NO_CONTENT);
    let (_, rows) = caller.get("/__sim/stock").await;
    assert_eq!(
        (&rows[0]["onHand"], &rows[0]["unsellable"]),
        (&json!(8), &json!(3))
    );
    caller.create(&order("K1", &[("A", 1)])).await;
    let (_, orders) = caller.get("/__sim/orders").await;
    assert_eq!(
        (&orders[0]["reference"], &orders[0]["status"]),
        (&json!("K1"), &json!("accepted"))
    );
    assert!(!orders.to_string().contains("Goods In"), "no recipients");
}
