//! Tokens, sites, addresses.

use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, SPARKLAYER_ASSUMPTIONS, SparkLayerOptions,
    SparkLayerSim,
};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use crate::caller::{Caller, FIRST, order, read};

#[tokio::test]
async fn tokens_need_json_a_site_and_the_right_secret() {
    let caller = Caller::new().await;
    assert_eq!(
        caller.ask_token(None, DEMO_CLIENT_SECRET).await.status(),
        StatusCode::BAD_REQUEST
    );
    assert_eq!(
        caller
            .ask_token(Some("other"), DEMO_CLIENT_SECRET)
            .await
            .status(),
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        caller.ask_token(Some(DEMO_SITE_ID), "wrong").await.status(),
        StatusCode::UNAUTHORIZED
    );
    let form = [
        ("grant_type", "client_credentials"),
        ("client_id", DEMO_CLIENT_ID),
        ("client_secret", DEMO_CLIENT_SECRET),
    ];
    let url = format!("{}/api/auth/token", caller.shop.base_url());
    let answer = caller
        .http
        .post(url)
        .header("Site-Id", DEMO_SITE_ID)
        .form(&form)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn calls_need_a_live_token_of_the_site() {
    let mut caller = Caller::new().await;
    let url = format!("{}/api/v1/purchases", caller.shop.base_url());
    let bare = caller
        .http
        .get(&url)
        .header("Site-Id", DEMO_SITE_ID)
        .send()
        .await
        .unwrap();
    assert_eq!(bare.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(bare.headers()["content-type"], "application/problem+json");
    assert_eq!(read(bare).await.1["status"], 401);
    for site in [None, Some("other")] {
        let mut request = caller.http.get(&url).bearer_auth(&caller.token);
        if let Some(site) = site {
            request = request.header("Site-Id", site);
        }
        assert_eq!(
            request.send().await.unwrap().status(),
            StatusCode::UNAUTHORIZED,
            "{site:?}"
        );
    }
    caller.shop.advance_clock(Duration::from_secs(3599));
    assert_eq!(caller.get("/api/v1/purchases").await.0, StatusCode::OK);
    caller.shop.advance_clock(Duration::from_secs(1));
    assert_eq!(
        caller.get("/api/v1/purchases").await.0,
        StatusCode::UNAUTHORIZED
    );
    caller.renew().await;
    assert_eq!(caller.get("/api/v1/purchases").await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_date_header_shows_the_virtual_clock() {
    let caller = Caller::new().await;
    caller.shop.advance_clock(Duration::from_secs(61));
    let answer = caller
        .request(Method::GET, "/api/v1/purchases")
        .send()
        .await
        .unwrap();
    assert_eq!(answer.headers()["date"], "Fri, 03 Dec 2010 18:01:01 GMT");
    assert_eq!(answer.headers().get_all("date").iter().count(), 1);
}

#[tokio::test]
async fn assumptions_and_state_are_open_to_all() {
    let caller = Caller::new().await;
    let url = format!("{}/__sim", caller.shop.base_url());
    let page = caller
        .http
        .get(format!("{url}/assumptions"))
        .send()
        .await
        .unwrap()
        .text()
        .await
        .unwrap();
    assert_eq!(page.lines().collect::<Vec<_>>(), SPARKLAYER_ASSUMPTIONS);
    let state: Value = caller
        .http
        .get(format!("{url}/state"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(state["tokens"], 1);
    assert_eq!(state["now"], "2010-12-03T18:00:00Z");
}

#[tokio::test]
async fn a_closed_shop_answers_no_more_but_keeps_its_books() {
    let caller = Caller::new().await;
    caller.shop.put_purchase(order(FIRST, "#1")).unwrap();
    caller.shop.shutdown().await;
    caller.shop.shutdown().await;
    assert!(
        caller
            .request(Method::GET, "/api/v1/purchases")
            .send()
            .await
            .is_err()
    );
    assert_eq!(caller.shop.purchases().len(), 1);
}

#[tokio::test]
async fn only_loopback_is_served() {
    let options = SparkLayerOptions::default().with_addr("0.0.0.0:0".parse().unwrap());
    let refused = SparkLayerSim::start(options).await.unwrap_err();
    assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput);
}

#[test]
fn the_secret_is_not_printed() {
    let printed = format!("{:?}", SparkLayerOptions::default());
    assert!(!printed.contains(DEMO_CLIENT_SECRET), "{printed}");
}
