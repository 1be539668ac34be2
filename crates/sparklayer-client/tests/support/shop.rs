//! A shop on a socket, and a client that talks to it.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::time::Duration;

use serde_json::json;
use sparklayer_client::{Credentials, Environment, RetryPolicy, SparkLayer, SparkLayerBuilder};
use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

pub(crate) const ID: &str = "63428136-658f-48a6-beb7-7f333dfd9686";

pub(crate) fn credentials() -> Credentials {
    Credentials {
        site_id: "jones-climbing".to_owned(),
        client_id: "CANARY-client-id".to_owned(),
        client_secret: "CANARY-secret".into(),
    }
}

pub(crate) fn builder(server: &MockServer) -> SparkLayerBuilder {
    SparkLayer::builder(credentials(), "test-suite")
        .with_environment(Environment::Custom(server.uri().parse().unwrap()))
        .with_retry_policy(
            RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
        )
}

pub(crate) async fn with_token() -> (MockServer, SparkLayer) {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/api/auth/token"))
        .respond_with(token("CANARY-token"))
        .mount(&server)
        .await;
    let client = builder(&server).build().unwrap();
    (server, client)
}

pub(crate) fn token(text: &str) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"token_type": "bearer", "expires_in": 3600, "access_token": text}))
}

/// An answer with a JSON body.
pub(crate) fn of(status: u16, body: serde_json::Value) -> ResponseTemplate {
    ResponseTemplate::new(status).set_body_json(body)
}

pub(crate) async fn answer(server: &MockServer, verb: &str, at: &str, template: ResponseTemplate) {
    Mock::given(method(verb))
        .and(path(at))
        .respond_with(template)
        .mount(server)
        .await;
}

/// A client of a live address that never gets a connection: whatever is refused before sending stays that way.
pub(crate) fn live(names: sparklayer_client::WireNames) -> SparkLayer {
    SparkLayer::builder(credentials(), "test-suite")
        .with_environment(Environment::Custom("https://shop.invalid".parse().unwrap()))
        .with_transport(std::sync::Arc::new(Nobody))
        .with_retry_policy(
            RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
        )
        .with_wire_names(names)
        .build()
        .unwrap()
}

#[derive(Debug)]
struct Nobody;

#[async_trait::async_trait]
impl sparklayer_client::HttpTransport for Nobody {
    async fn send(
        &self,
        _: http::Request<bytes::Bytes>,
    ) -> Result<http::Response<bytes::Bytes>, connector_http::TransportError> {
        Err(connector_http::TransportError::new(
            connector_http::TransportErrorKind::Connect,
        ))
    }
}
