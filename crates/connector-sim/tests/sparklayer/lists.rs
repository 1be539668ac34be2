//! Summaries, filters, pages.

use connector_sim::{AboveMaxLimit, ListOrder};
use reqwest::StatusCode;
use serde_json::json;

use crate::caller::{Caller, FIRST, order};

#[tokio::test]
async fn lists_hold_summaries_only() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1001")).unwrap();
    let (_, rows) = caller.get("/api/v1/purchases").await;
    let row = rows[0].as_object().unwrap();
    for absent in [
        "packages",
        "billing_address",
        "custom_fields",
        "accounting_files",
    ] {
        assert!(!row.contains_key(absent), "{absent}");
    }
    assert_eq!(
        row["calculated_total"],
        json!({ "number": "15.30", "currency": "GBP" })
    );
    assert_eq!(row["calculated_fulfilment_status"], "incoming");
    assert_eq!(
        row["calculated_shipping_address"],
        "Goods In, 7 High Street, Bedford"
    );
    assert_eq!(
        row["dates"]["calculated_submitted_at"],
        "2010-12-01T08:26:00Z"
    );
}

#[tokio::test]
async fn open_questions_about_lists_have_switches() {
    let caller = Caller::new().await;
    for (number, kind) in [(1, "order_unconfirmed"), (2, "order"), (3, "order")] {
        let id = format!("63428136-658f-48a6-beb7-7f333dfd000{number}");
        let mut purchase = order(&id, &format!("#{number}"));
        purchase["type"] = json!(kind);
        purchase["dates"]["updated_at"] = json!(format!("2010-12-02T0{}:00:00Z", 4 - number));
        caller.shop.put_purchase(purchase).unwrap();
    }
    assert_eq!(caller.listed("").await, ["#3", "#2", "#1"]);
    let mut switches = caller.shop.switches();
    switches.above_max_limit = AboveMaxLimit::Clamp;
    switches.list_order = ListOrder::NewestUpdateFirst;
    switches.list_unconfirmed = false;
    switches.list_packages = true;
    switches.default_limit = 1;
    caller.shop.set_switches(switches.clone());
    assert_eq!(caller.listed("limit=9999").await, ["#2", "#3"]);
    assert_eq!(caller.listed("").await, ["#2"]);
    assert!(caller.listed("type=order_unconfirmed").await.is_empty());
    let (_, rows) = caller.get("/api/v1/purchases").await;
    assert!(rows[0]["packages"].is_array());
    assert!(rows[0].get("custom_fields").is_none());
    switches.list_order = ListOrder::AsStored;
    switches.list_unconfirmed = true;
    caller.shop.set_switches(switches);
    assert_eq!(caller.listed("limit=3").await, ["#1", "#2", "#3"]);
}

#[tokio::test]
async fn a_limit_above_500_is_clamped_to_500() {
    let caller = Caller::new().await;
    for number in 0..501 {
        let id = format!("63428136-658f-48a6-beb7-7f333dfd{number:04}");
        caller
            .shop
            .put_purchase(order(&id, &format!("#{number}")))
            .unwrap();
    }
    let mut switches = caller.shop.switches();
    switches.above_max_limit = AboveMaxLimit::Clamp;
    caller.shop.set_switches(switches);
    assert_eq!(caller.listed("limit=501").await.len(), 500);
}

#[tokio::test]
async fn lists_filter_and_page() {
    let caller = Caller::new().await;
    for number in 1..=5 {
        let id = format!("63428136-658f-48a6-beb7-7f333dfd000{number}");
        let mut purchase = order(&id, &format!("#{number}"));
        purchase["dates"] = json!({
            "placed_at": format!("2010-12-01T0{number}:00:00Z"),
            "updated_at": format!("2010-12-02T0{number}:00:00+01:00"),
        });
        if number == 5 {
            purchase["type"] = json!("order_unconfirmed");
            purchase["customer_identifiers"] = json!({ "sparklayer": "cu_5" });
        }
        caller.shop.put_purchase(purchase).unwrap();
    }
    assert_eq!(caller.listed("type=order_unconfirmed").await, ["#5"]);
    assert_eq!(
        caller.listed("customer_identifiers[sparklayer]=cu_5").await,
        ["#5"]
    );
    // Both ends count, and offsets are understood: 03:00+01:00 is 02:00Z.
    for name in [
        "dates[last_updated]",
        "dates[updated_at]",
        "dates[last_updated",
    ] {
        let bounds = format!("{name}[gte]=2010-12-02T02:00:00Z&{name}[lte]=2010-12-02T03:00:00Z");
        assert_eq!(caller.listed(&bounds).await, ["#3", "#4"], "{name}");
    }
    for name in ["dates[placed]", "dates[placed_at]"] {
        let bounds = format!("{name}[gte]=2010-12-01T02:00:00Z&{name}[lte]=2010-12-01T03:00:00Z");
        assert_eq!(caller.listed(&bounds).await, ["#2", "#3"], "{name}");
    }
    assert_eq!(caller.listed("limit=2").await, ["#1", "#2"]);
    assert_eq!(caller.listed("limit=2&offset=4").await, ["#5"]);
    assert!(caller.listed("limit=2&offset=6").await.is_empty());
    for bad in [
        "limit=501",
        "limit=0",
        "offset=x",
        "dates[placed][gte]=yesterday",
    ] {
        assert_eq!(
            caller.get(&format!("/api/v1/purchases?{bad}")).await.0,
            StatusCode::BAD_REQUEST,
            "{bad}"
        );
    }
}
