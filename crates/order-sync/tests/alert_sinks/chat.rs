//! Slack-compatible chats.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{HttpTransport, TransportError, TransportErrorKind};
use order_sync::alert_sinks::{SecretString, SlackSink};
use order_sync::{AlertSink as _, FailureClass};
use serde_json::Value;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use crate::alerts::alert;
use crate::traced::{listen, traced};

fn sink(server: &MockServer) -> SlackSink {
    let address = format!("{}/services/T0/B0/canary", server.uri());
    SlackSink::new(&SecretString::from(address))
        .unwrap()
        .with_timeout(Duration::from_millis(500))
        .with_name("warehouse-chat")
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/services/T0/B0/canary"))
        .and(header("content-type", "application/json"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

#[tokio::test]
async fn a_chat_gets_text_and_blocks() {
    let server = answering(ResponseTemplate::new(200).set_body_string("ok")).await;
    let sink = sink(&server);
    assert_eq!(sink.name(), "warehouse-chat");
    sink.alert(&alert()).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let message: Value = serde_json::from_slice(&requests[0].body).unwrap();
    let text = message["text"].as_str().unwrap();
    assert!(text.starts_with("[acme] OPENED DOUBLED: "), "{text}");
    assert_eq!(message["blocks"][0]["type"], "header");
}

#[tokio::test]
async fn a_chat_that_refuses_is_a_failure_that_says_nothing_secret() {
    listen();
    for (status, class) in [
        (400, FailureClass::Rejected),
        (403, FailureClass::Unauthorised),
        (410, FailureClass::Rejected),
        (500, FailureClass::Unavailable),
    ] {
        let server = answering(ResponseTemplate::new(status)).await;
        let sink = sink(&server);
        let error = sink.alert(&alert()).await.unwrap_err();
        assert_eq!(error.class(), class, "{status}: {error}");
        let cause = error.source().unwrap();
        let said = format!("{sink:?} {error} {error:?} {cause} {cause:?}");
        assert!(!said.contains("canary"), "{said}");
    }
    let text = traced();
    assert!(text.contains("alerts.slack"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

/// Breaks every connection.
#[derive(Debug)]
struct Breaking;

#[async_trait]
impl HttpTransport for Breaking {
    async fn send(&self, _: http::Request<Bytes>) -> Result<http::Response<Bytes>, TransportError> {
        Err(TransportError::new(TransportErrorKind::Interrupted))
    }
}

#[tokio::test]
async fn a_transport_of_ones_own_is_used() {
    let address = SecretString::from("https://hooks.example/canary");
    let sink = SlackSink::over(Arc::new(Breaking), &address).unwrap();
    let error = sink.alert(&alert()).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::Ambiguous);
}
