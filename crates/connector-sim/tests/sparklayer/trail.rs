//! History and payments of purchases.

use connector_sim::SimError;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, FIRST, SECOND, order, path};

#[tokio::test]
async fn history_entries_pile_up() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1")).unwrap();
    let history = format!("{}/history", path(FIRST));
    let note = json!({ "event_type": "note", "created_by": FIRST, "body": "shipped" });
    let mail = json!({ "event_type": "email", "sent_by": "shop", "body": "on its way" });
    for body in [&note, &note, &mail] {
        let (status, entry) = caller.send(Method::POST, &history, body).await;
        assert_eq!(status, StatusCode::CREATED);
        assert_eq!(entry["body"], body["body"]);
        assert_eq!(entry["created_at"], "2010-12-03T18:00:00Z");
    }
    let (_, entries) = caller.get(&history).await;
    let kinds: Vec<&str> = entries
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["event_type"].as_str().unwrap())
        .collect();
    assert_eq!(
        kinds,
        ["note", "note", "email"],
        "a repetition adds another"
    );
    // By another identifier, and after the purchase was replaced.
    caller
        .send(Method::PUT, &path(FIRST), &order(FIRST, "#1"))
        .await;
    let by_number = caller.get("/api/v1/purchases/visible/%231/history").await;
    assert_eq!(by_number, (StatusCode::OK, entries.clone()));
    assert_eq!(caller.shop.purchase_history(FIRST), Some(entries));
    assert_eq!(caller.shop.writes().history_entries, 3);

    let (status, problem) = caller
        .send(Method::POST, &history, &json!({ "event_type": "fax" }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["errors"][0]["property"], "/event_type");
}

#[tokio::test]
async fn what_has_no_purchase_is_not_found() {
    let caller = Caller::new().await;
    for (method, part, body) in [
        (Method::GET, "history", Value::Null),
        (
            Method::POST,
            "history",
            json!({ "event_type": "note", "created_by": "x", "body": "y" }),
        ),
        (Method::GET, "transactions", Value::Null),
        (
            Method::PUT,
            "transactions",
            json!({ "platform_id": "T1", "total": 1 }),
        ),
    ] {
        let path = format!("{}/{part}", path(SECOND));
        let (status, _) = caller.send(method, &path, &body).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{part}");
    }
}

#[tokio::test]
async fn a_payment_is_replaced_by_its_platform_id() -> Result<(), SimError> {
    let caller = Caller::new().await;
    let customer = caller.shop.create_customer(&json!({
        "email": "buying@shop.example",
        "payment_on_account": { "credit_limit": 1000, "balance": 250.5 },
    }))?;
    let mut purchase = order(FIRST, "#1");
    purchase["customer_identifiers"]["sparklayer"] = json!(customer);
    caller.shop.put_purchase(purchase)?;
    let transactions = format!("{}/transactions", path(FIRST));
    let balance = || {
        let customer = caller.shop.customer(&customer).unwrap();
        customer["payment_on_account"]["balance"].as_f64().unwrap()
    };
    let payment = |applies: bool| {
        json!({
            "platform_id": "T1",
            "total": { "number": "100.25", "currency": "GBP" },
            "apply_to_balance": applies,
            "full_transaction": { "anything": [1, 2] },
        })
    };
    for (applies, left) in [
        (false, 250.5),
        (true, 150.25),
        (true, 150.25),
        (false, 250.5),
    ] {
        let body = payment(applies);
        let (status, stored) = caller.send(Method::PUT, &transactions, &body).await;
        assert_eq!((status, &stored), (StatusCode::OK, &body));
        assert!((balance() - left).abs() < 1e-9, "{}", balance());
    }
    let (_, list) = caller.get(&transactions).await;
    assert_eq!(list, json!([payment(false)]));
    assert_eq!(caller.shop.purchase_transactions(FIRST), Some(list));
    let history = caller.shop.purchase_history(FIRST).unwrap();
    assert_eq!(
        history.as_array().unwrap().len(),
        2,
        "applied once, taken back once"
    );
    let (status, problem) = caller
        .send(Method::PUT, &transactions, &json!({ "total": "a lot" }))
        .await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(problem["errors"].as_array().unwrap().len(), 2);
    Ok(())
}
