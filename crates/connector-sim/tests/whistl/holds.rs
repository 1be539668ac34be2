//! Orders that are taken but kept back, and texts that are cut.

use connector_sim::{OrderStatus, WhistlOptions};
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::caller::{Caller, order};

#[tokio::test]
async fn an_unknown_service_may_hold_an_order_until_it_is_released() {
    let caller = Caller::start(WhistlOptions::default().with_unknown_services_held()).await;
    let mut body = order("K1", &[("A", 2)]);
    body["serviceCode"] = json!("WHI_NEW");
    let (status, answer) = caller.create(&body).await;
    assert_eq!(
        (status, &answer["status"]),
        (StatusCode::CREATED, &json!("held"))
    );
    assert_eq!(caller.warehouse.tick().despatches, 0);
    assert_eq!(
        caller.get("/v1/orders/K1").await.1["holdReason"],
        "SERVICE_UNMAPPED"
    );
    let release = |reference: &str| {
        let body = json!({ "reference": reference });
        caller
            .request(Method::POST, "/__sim/release")
            .json(&body)
            .send()
    };
    assert_eq!(
        release("K1").await.unwrap().status(),
        StatusCode::NO_CONTENT
    );
    assert_eq!(release("K1").await.unwrap().status(), StatusCode::NOT_FOUND);
    assert_eq!(caller.warehouse.tick().units, 2);
    let (_, feed) = caller.get("/v1/acknowledgements").await;
    let kinds: Vec<&str> = feed["acknowledgements"]
        .as_array()
        .unwrap()
        .iter()
        .map(|told| told["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["held", "released"]);
}

#[tokio::test]
async fn an_order_for_abroad_may_need_customs_data() {
    let caller = Caller::start(WhistlOptions::default().with_customs_data_needed()).await;
    let mut body = order("K1", &[("A", 2)]);
    body["recipient"]["country"] = json!("FR");
    caller.create(&body).await;
    body["reference"] = json!("K2");
    body["lines"][0]["commodityCode"] = json!("69120021");
    body["lines"][0]["originCountry"] = json!("CN");
    caller.create(&body).await;
    caller.create(&order("K3", &[("A", 1)])).await;
    let status = caller
        .warehouse
        .orders()
        .into_iter()
        .map(|order| order.status);
    assert_eq!(
        status.collect::<Vec<_>>(),
        [
            OrderStatus::Held,
            OrderStatus::Accepted,
            OrderStatus::Accepted
        ]
    );
}

#[tokio::test]
async fn texts_may_be_cut_as_the_real_warehouse_cuts_them() {
    let caller = Caller::start(WhistlOptions::default().with_long_texts_cut()).await;
    let mut body = order("K1", &[("A", 2)]);
    body["recipient"]["line1"] = json!("x".repeat(40));
    body["recipient"]["phone"] = json!("4412345678901");
    assert_eq!(caller.create(&body).await.0, StatusCode::CREATED);
    let cuts = caller.warehouse.orders().remove(0).cuts;
    let cuts: Vec<(&str, usize, usize)> = cuts
        .iter()
        .map(|cut| (cut.field.as_str(), cut.length, cut.kept))
        .collect();
    assert_eq!(
        cuts,
        [("/recipient/line1", 40, 35), ("/recipient/phone", 13, 12)]
    );
    // References and PO numbers are never cut.
    body["reference"] = json!("K234567890123");
    assert_eq!(
        caller.create(&body).await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
}

#[tokio::test]
async fn goods_and_contacts_may_be_checked_at_the_label() {
    let options = WhistlOptions::default()
        .with_label_checks()
        .with_long_texts_cut();
    let caller = Caller::start(options).await;
    let goods = json!({
        "lineId": "1", "sku": "A", "quantity": 2, "description": "Stoneware mug", "originCountry": "CN",
        "commodityCode": "69120021", "customsValue": "3.20", "netWeightGrams": 350,
    });
    for (number, member, value, expected) in [
        (1, "quantity", json!(2), None),
        (
            2,
            "originCountry",
            json!(""),
            Some("101 Country of Origin cannot be null or empty"),
        ),
        (
            3,
            "customsValue",
            json!("0.20"),
            Some("102 Product Value must be between 1 and 99999"),
        ),
        (
            4,
            "description",
            json!("x".repeat(36)),
            Some("103 Product Description must be between 1 and 35 characters"),
        ),
        (
            5,
            "commodityCode",
            json!("1".repeat(14)),
            Some("104 Product Commodity Code must be between 1 and 13 characters"),
        ),
        (
            6,
            "netWeightGrams",
            json!(null),
            Some("102 Product Weight must be between 1 and 99999"),
        ),
    ] {
        let reference = format!("K{number}");
        let mut body = order(&reference, &[("A", 2)]);
        body["lines"][0] = goods.clone();
        body["lines"][0][member] = value;
        assert_eq!(caller.create(&body).await.0, StatusCode::CREATED);
        caller.warehouse.tick();
        let (_, stored) = caller.get(&format!("/v1/orders/{reference}")).await;
        assert_eq!(stored["holdReason"].as_str(), expected);
        assert_eq!(stored["status"] == "held", expected.is_some());
    }
    let mut body = order("K7", &[("A", 2)]);
    body["lines"][0] = goods;
    body["recipient"]["phone"] = json!("4412345678901");
    caller.create(&body).await;
    caller.warehouse.tick();
    assert_eq!(
        caller.get("/v1/orders/K7").await.1["holdReason"],
        "102 contact details are not usable"
    );
}
