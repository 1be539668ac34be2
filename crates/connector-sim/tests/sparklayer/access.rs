//! Tokens, sites, addresses.

use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, ErrorBody, Reach, SPARKLAYER_ASSUMPTIONS,
    SparkLayerOperation, SparkLayerOptions, SparkLayerSim,
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use crate::caller::{Caller, FIRST, order, path, read};

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
async fn a_token_belongs_to_its_site() {
    let caller = Caller::new().await;
    let options =
        SparkLayerOptions::default().with_account("other", DEMO_CLIENT_ID, DEMO_CLIENT_SECRET);
    let other = SparkLayerSim::start(options).await.unwrap();
    let body = json!({ "grant_type": "client_credentials", "client_id": DEMO_CLIENT_ID, "client_secret": DEMO_CLIENT_SECRET });
    let request = caller
        .http
        .post(format!("{}/api/auth/token", other.base_url()))
        .header("Site-Id", "other")
        .json(&body);
    let (status, answer) = read(request.send().await.unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    let token = answer["access_token"].as_str().unwrap();
    for (shop, site, token, works) in [
        (&other, "other", token, true),
        (&other, "other", caller.token.as_str(), false),
        (&other, DEMO_SITE_ID, token, false),
        (&caller.shop, DEMO_SITE_ID, token, false),
        (&caller.shop, "other", token, false),
    ] {
        let request = caller
            .http
            .get(format!("{}/api/v1/purchases", shop.base_url()))
            .header("Site-Id", site)
            .bearer_auth(token);
        assert_eq!(
            request.send().await.unwrap().status() == StatusCode::OK,
            works,
            "{site}"
        );
    }
}

#[tokio::test]
async fn tokens_can_be_revoked_and_their_life_set() {
    let mut caller = Caller::new().await;
    caller.shop.revoke_tokens();
    assert_eq!(
        caller.get("/api/v1/purchases").await.0,
        StatusCode::UNAUTHORIZED
    );
    caller.renew().await;
    assert_eq!(caller.get("/api/v1/purchases").await.0, StatusCode::OK);

    let mut switches = caller.shop.switches();
    switches.token_lifetime_secs = 5;
    caller.shop.set_switches(switches);
    let (_, answer) = read(
        caller
            .ask_token(Some(DEMO_SITE_ID), DEMO_CLIENT_SECRET)
            .await,
    )
    .await;
    assert_eq!(answer["expires_in"], 5);
    caller.token = answer["access_token"].as_str().unwrap().to_owned();
    caller.shop.advance_clock(Duration::from_secs(5));
    assert_eq!(
        caller.get("/api/v1/purchases").await.0,
        StatusCode::UNAUTHORIZED
    );
}

/// Also shows that each operation of the table has a route: what has none would be 404 or 405.
#[tokio::test]
async fn every_operation_but_the_token_needs_a_token() {
    let caller = Caller::new().await;
    for operation in SparkLayerOperation::ALL {
        if *operation == SparkLayerOperation::GetAccessToken {
            continue;
        }
        let path = operation.path().replace(['{', '}'], "");
        let url = format!("{}{path}", caller.shop.base_url());
        let request = caller
            .http
            .request(operation.method(), url)
            .header("Site-Id", DEMO_SITE_ID);
        let (status, problem) = read(request.send().await.unwrap()).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{}", operation.id());
        assert_eq!(problem["status"], 401, "{}", operation.id());
    }
}

#[tokio::test]
async fn errors_take_the_form_that_is_switched_on() {
    let caller = Caller::new().await;
    for (form, media_type, empty) in [
        (
            ErrorBody::ProblemJson,
            Some("application/problem+json"),
            false,
        ),
        (ErrorBody::Json, Some("application/json"), false),
        (ErrorBody::Empty, None, true),
    ] {
        let mut switches = caller.shop.switches();
        switches.error_body = form;
        caller.shop.set_switches(switches);
        for (path, status) in [
            (path(FIRST), StatusCode::NOT_FOUND),
            ("/api/v9/moon".to_owned(), StatusCode::NOT_FOUND),
            (
                "/api/v1/purchases?limit=0".to_owned(),
                StatusCode::BAD_REQUEST,
            ),
        ] {
            let answer = caller.request(Method::GET, &path).send().await.unwrap();
            assert_eq!(answer.status(), status, "{path}");
            let found = answer.headers().get("content-type");
            assert_eq!(found.map(|value| value.to_str().unwrap()), media_type);
            assert_eq!(answer.text().await.unwrap().is_empty(), empty);
        }
        let good = caller.get("/api/v1/purchases").await;
        assert_eq!(good, (StatusCode::OK, json!([])));
    }
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
    let page = |accept: &'static str| {
        let request = caller.http.get(format!("{url}/assumptions"));
        async move {
            let answer = request.header("Accept", accept).send().await.unwrap();
            let media_type = answer.headers()["content-type"]
                .to_str()
                .unwrap()
                .to_owned();
            (media_type, answer.text().await.unwrap())
        }
    };
    let (_, lines) = page("*/*").await;
    assert_eq!(lines.lines().count(), SPARKLAYER_ASSUMPTIONS.len());
    let (media_type, json) = page("application/json").await;
    assert_eq!(media_type, "application/json");
    let rows: Value = serde_json::from_str(&json).unwrap();
    let (media_type, html) = page("text/html,application/xhtml+xml").await;
    assert_eq!(media_type, "text/html; charset=utf-8");
    for (place, assumption) in SPARKLAYER_ASSUMPTIONS.iter().enumerate() {
        assert_eq!(rows[place]["id"], assumption.id);
        assert_eq!(rows[place]["switch"], json!(assumption.switch));
        assert!(lines.contains(assumption.text), "{}", assumption.id);
        let row = format!("<tr id=\"{}\">", assumption.id);
        assert!(html.contains(&row), "{}", assumption.id);
    }
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
    let options = SparkLayerOptions::default()
        .with_addr("0.0.0.0:0".parse().unwrap())
        .with_reach(Reach::Network);
    let told = SparkLayerSim::start(options).await.unwrap();
    assert!(told.base_url().starts_with("http://0.0.0.0:"));
}

#[test]
fn the_secret_is_not_printed() {
    let printed = format!("{:?}", SparkLayerOptions::default());
    assert!(!printed.contains(DEMO_CLIENT_SECRET), "{printed}");
}
