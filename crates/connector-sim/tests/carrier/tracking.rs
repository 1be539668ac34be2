//! The four operations of tracking and the scripts behind them.

use connector_sim::TrackingSwitches;
use reqwest::{Method, StatusCode};
use serde_json::json;

use crate::caller::{Caller, inner};

impl Caller {
    async fn track(&self, path: &str, name: &str, rest: &str) -> String {
        let body = format!(
            "<{name}><Authentication><AccountID>L000001</AccountID><AccessCode>demo-tracking-code</AccessCode></Authentication>\
             <TransactionMessageID>t-1</TransactionMessageID>{rest}</{name}>"
        );
        let (status, reply) = self
            .send(Method::POST, &format!("/v1/trackingservice/{path}"), &body)
            .await;
        assert_eq!(status, StatusCode::OK, "{reply}");
        assert_eq!(inner(&reply, "TransactionMessageID"), "t-1");
        assert!(reply.contains("<ServiceResult>"), "{reply}");
        reply
    }

    async fn history(&self, number: &str) -> String {
        let rest =
            format!("<SearchType>ByTrackingNumber</SearchType><SearchTerm>{number}</SearchTerm>");
        self.track("gettrackinghistory", "GetTrackingHistoryRequest", &rest)
            .await
    }
}

fn categories(reply: &str) -> Vec<&str> {
    let parts = reply.split("<EventCategoryID>").skip(1);
    parts.map(|part| part.split('<').next().unwrap()).collect()
}

#[tokio::test]
async fn a_parcel_goes_its_way_by_ticks() {
    let caller = Caller::new().await;
    let number = inner(&caller.ship("T1").await, "ParcelhubTrackingNumber").to_owned();
    assert!(categories(&caller.history(&number).await).is_empty());
    for moved in [1, 1, 1, 0] {
        assert_eq!(caller.warehouse.tick_tracking(), moved);
    }
    let reply = caller.history(&number).await;
    assert_eq!(categories(&reply), ["2", "3", "1"]);
    assert_eq!(inner(&reply, "EventTimestamp"), "2010-12-03T18:00:00");
    let rest = format!(
        "<TrackingNumbers><TrackingNumber>{number}</TrackingNumber><TrackingNumber>X</TrackingNumber></TrackingNumbers>"
    );
    let reply = caller
        .track(
            "getlatesttrackingevent",
            "GetLatestTrackingEventRequest",
            &rest,
        )
        .await;
    assert_eq!(categories(&reply), ["1"]);
    assert_eq!(
        reply.matches("<Successful>false</Successful>").count(),
        1,
        "{reply}"
    );
    let reply = caller
        .track(
            "searchshipments",
            "SearchShipmentsRequest",
            "<SearchTerm>T1</SearchTerm>",
        )
        .await;
    assert_eq!(inner(&reply, "DeliveryPostcode"), "ZZ9 9ZZ");
    for (to, found) in [("2010-12-03T18:00:00", 1), ("2010-12-03T17:59:59", 0)] {
        let rest = format!("<FromDate>2010-12-01</FromDate><ToDate>{to}</ToDate>");
        let reply = caller
            .track("listshipments", "ListShipmentsRequest", &rest)
            .await;
        assert_eq!(reply.matches("<Shipment>").count(), found, "{reply}");
    }
}

#[tokio::test]
async fn scripts_and_switches_bring_the_odd_cases() {
    let caller = Caller::new().await;
    let number = inner(&caller.ship("T2").await, "ParcelhubTrackingNumber").to_owned();
    caller.warehouse.tick_tracking();
    caller.warehouse.script_tracking(&number, &[4, 5, 6]);
    for _ in 0..3 {
        caller.warehouse.tick_tracking();
    }
    assert_eq!(
        categories(&caller.history(&number).await),
        ["2", "4", "5", "6"]
    );
    let mut switches = TrackingSwitches::default();
    switches.newest_first = true;
    switches.duplicate_events = true;
    switches.illegal_reference = true;
    caller.warehouse.set_tracking_switches(switches);
    let reply = caller.history(&number).await;
    assert_eq!(categories(&reply), ["6", "6", "5", "5", "4", "4", "2", "2"]);
    assert!(reply.contains("<EventDescription>&#x10;Unknown"), "{reply}");
}

#[tokio::test]
async fn failures_are_told_inside_a_success() {
    let caller = Caller::new().await;
    let reply = caller.history("WHL0P0").await;
    assert_eq!(
        (inner(&reply, "Success"), inner(&reply, "ErrorCode")),
        ("false", "4")
    );
    let body = "<SearchShipmentsRequest><Authentication><AccountID>L000001</AccountID><AccessCode>no</AccessCode></Authentication></SearchShipmentsRequest>";
    let (status, reply) = caller
        .send(Method::POST, "/v1/trackingservice/searchshipments", body)
        .await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(inner(&reply, "ErrorMessage"), "Authentication failed");
    for rest in ["", "<FromDate>x</FromDate>"] {
        let reply = caller
            .track("listshipments", "ListShipmentsRequest", rest)
            .await;
        assert_eq!(inner(&reply, "ErrorMessage"), "FromDate is no date");
    }
}

#[tokio::test]
async fn what_the_warehouse_sent_is_found_by_the_order_reference() {
    let caller = Caller::new().await;
    let order = json!({
        "reference": "SO77", "orderNumber": "#77", "otherrefnum": "PO-77", "serviceCode": "WHI_EXP",
        "recipient": { "name": "Goods In", "line1": "7 High Street", "city": "Bedford", "postcode": "MK40 1AA", "country": "GB", "phone": "441234567890" },
        "lines": [{ "lineId": "1", "sku": "85123A", "quantity": 2 }],
    });
    let base = caller.warehouse.base_url();
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", "demo-warehouse"),
        ("client_secret", "demo-warehouse-secret"),
    ];
    let token: serde_json::Value = caller
        .http
        .post(format!("{base}/oauth/token"))
        .form(&form)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let taken = caller
        .http
        .post(format!("{base}/v1/orders"))
        .bearer_auth(token["access_token"].as_str().unwrap())
        .json(&order)
        .send()
        .await
        .unwrap();
    assert!(taken.status().is_success());
    while caller.warehouse.despatches().is_empty() {
        caller.warehouse.tick();
    }
    let reply = caller
        .track(
            "searchshipments",
            "SearchShipmentsRequest",
            "<SearchTerm>SO77</SearchTerm>",
        )
        .await;
    assert_eq!(inner(&reply, "Reference1"), "SO77");
    let number = inner(&reply, "CourierTrackingNumber").to_owned();
    caller.warehouse.tick_tracking();
    assert_eq!(categories(&caller.history(&number).await), ["2"]);
    assert!(
        caller
            .send(Method::GET, "/1.0/Shipment", "")
            .await
            .1
            .contains("<Reference1>SO77</Reference1>")
    );
}
