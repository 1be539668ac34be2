//! Credentials, control pages, the contract as a whole.

use std::time::Duration;

use connector_sim::{DEMO_WAREHOUSE_CLIENT_SECRET, WHISTL_ASSUMPTIONS, WhistlOptions};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, order};

#[tokio::test]
async fn every_configured_way_to_authenticate_works() {
    let options = WhistlOptions::default()
        .with_api_key("key-1")
        .with_basic("user", "pa:ss");
    let caller = Caller::start(options).await;
    assert_eq!(
        caller.ask_token("wrong").await.status(),
        StatusCode::UNAUTHORIZED
    );
    let url = caller.url("/v1/inventory");
    let status = async |request: RequestBuilder| request.send().await.unwrap().status();
    assert_eq!(
        status(caller.http.get(&url)).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).bearer_auth("x")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).header("X-Api-Key", "key-2")).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).basic_auth("user", Some("ss"))).await,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        status(caller.http.get(&url).header("X-Api-Key", "key-1")).await,
        StatusCode::OK
    );
    assert_eq!(
        status(caller.http.get(&url).basic_auth("user", Some("pa:ss"))).await,
        StatusCode::OK
    );
    assert_eq!(
        status(caller.http.get(&url).bearer_auth(&caller.token)).await,
        StatusCode::OK
    );
    caller.warehouse.advance_clock(Duration::from_secs(3600));
    assert_eq!(
        status(caller.http.get(&url).bearer_auth(&caller.token)).await,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn unconfigured_ways_are_closed() {
    let caller = Caller::new().await;
    let url = caller.url("/v1/inventory");
    for request in [
        caller.http.get(&url).header("X-Api-Key", ""),
        caller.http.get(&url).basic_auth("", Some("")),
    ] {
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED
        );
    }
}

#[tokio::test]
async fn other_processes_can_tick_and_count() {
    let caller = Caller::new().await;
    caller.create(&order("K1", &[("A", 2)])).await;
    let tick: Value = caller
        .http
        .post(caller.url("/__sim/tick"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        tick,
        json!({ "despatches": 1, "parcels": 1, "units": 2, "short_units": 0, "back_ordered_units": 0 })
    );
    let state: Value = caller
        .http
        .get(caller.url("/__sim/state"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(
        (&state["accepted"], &state["despatches"]),
        (&json!({ "K1": 1 }), &json!(1))
    );
    let page = caller
        .http
        .get(caller.url("/__sim/assumptions"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(page.lines().collect::<Vec<_>>(), WHISTL_ASSUMPTIONS);
}

#[test]
fn secrets_are_not_printed() {
    let options = WhistlOptions::default()
        .with_api_key("canary-key")
        .with_basic("user", "canary-password");
    let printed = format!("{options:?}");
    for secret in ["canary", DEMO_WAREHOUSE_CLIENT_SECRET] {
        assert!(!printed.contains(secret), "{printed}");
    }
}
