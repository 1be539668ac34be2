//! Signed webhooks.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_sync::alert_sinks::signature::{
    DELIVERY_HEADER, SIGNATURE_HEADER, SignatureFault, verify,
};
use order_sync::alert_sinks::{SecretString, WebhookSink};
use order_sync::{AlertSink, Clock, FailureClass, PortError};
use serde_json::Value;
use wiremock::matchers::{header, method, path, query_param};
use wiremock::{Mock, MockServer, Request, ResponseTemplate};

use crate::alerts::alert;
use crate::traced::{listen, traced};

const SECRET: &str = "canary-secret-of-the-webhook";
const WINDOW: Duration = Duration::from_secs(300);

/// Always the same time of day.
#[derive(Debug)]
struct Stopped;

fn noon() -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_452_800, 0).unwrap()
}

#[async_trait]
impl Clock for Stopped {
    fn now(&self) -> DateTime<Utc> {
        noon()
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, _: Duration) {}
}

fn sink(server: &MockServer) -> WebhookSink {
    let address = format!("{}/canary-path?token=canary-token", server.uri());
    WebhookSink::new(&SecretString::from(address), SecretString::from(SECRET))
        .unwrap()
        .with_clock(Arc::new(Stopped))
        .with_timeout(Duration::from_millis(500))
}

async fn answering(answer: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/canary-path"))
        .respond_with(answer)
        .mount(&server)
        .await;
    server
}

/// Tells the alert to a receiver that answers so, and expects exactly one request.
async fn failure(answer: ResponseTemplate) -> PortError {
    let server = answering(answer).await;
    let error = sink(&server).alert(&alert()).await.unwrap_err();
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
    error
}

fn signature(request: &Request) -> &str {
    request.headers[SIGNATURE_HEADER].to_str().unwrap()
}

#[tokio::test]
async fn the_receiver_can_check_what_it_gets() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/canary-path"))
        .and(query_param("token", "canary-token"))
        .and(header("content-type", "application/json"))
        .respond_with(ResponseTemplate::new(204))
        .mount(&server)
        .await;
    let sink = sink(&server);
    sink.alert(&alert()).await.unwrap();
    sink.alert(&alert()).await.unwrap();

    let requests = server.received_requests().await.unwrap();
    let request = &requests[0];
    let secrets = [
        SecretString::from("the-one-after-this-one"),
        SecretString::from(SECRET),
    ];
    let check = |body: &[u8], now| verify(&secrets, signature(request), body, now, WINDOW);
    assert_eq!(check(&request.body, noon()), Ok(()));
    let mut tampered = request.body.clone();
    tampered[20] ^= 1;
    assert_eq!(check(&tampered, noon()), Err(SignatureFault::Mismatch));
    let later = noon() + WINDOW + Duration::from_secs(1);
    assert_eq!(check(&request.body, later), Err(SignatureFault::TooOld));
    let wrong = [SecretString::from("another-secret-altogether")];
    assert_eq!(
        verify(&wrong, signature(request), &request.body, noon(), WINDOW),
        Err(SignatureFault::Mismatch)
    );

    let body: Value = serde_json::from_slice(&request.body).unwrap();
    assert_eq!(body["version"], 1);
    assert_eq!(body["sent_at"], "2026-03-02T12:00:00Z");
    assert_eq!(body["alert"]["exceptions"][0]["number"], 12);
    assert_eq!(
        body["id"],
        request.headers[DELIVERY_HEADER].to_str().unwrap()
    );
    // The same alert told again is recognised.
    assert_eq!(
        requests[0].headers[DELIVERY_HEADER],
        requests[1].headers[DELIVERY_HEADER]
    );
}

#[tokio::test]
async fn answers_become_failures_of_the_right_class() {
    for (status, class) in [
        (400, FailureClass::Rejected),
        (401, FailureClass::Unauthorised),
        (403, FailureClass::Unauthorised),
        (404, FailureClass::Rejected),
        (410, FailureClass::Rejected),
        (429, FailureClass::Throttled),
        (500, FailureClass::Unavailable),
        (503, FailureClass::Unavailable),
    ] {
        let error = failure(ResponseTemplate::new(status)).await;
        assert_eq!(error.class(), class, "{status}: {error}");
    }
}

#[tokio::test]
async fn how_long_to_wait_is_passed_on_and_kept() {
    let busy = ResponseTemplate::new(429).insert_header("retry-after", "7");
    let server = answering(busy).await;
    let sink = sink(&server);
    let error = sink.alert(&alert()).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    // Told again too early, it does not even ask.
    let error = sink.alert(&alert()).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::Throttled);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let other = answering(ResponseTemplate::new(200)).await;
    let elsewhere = format!("{}/canary-path", other.uri());
    let moved = ResponseTemplate::new(307).insert_header("location", elsewhere);
    let error = failure(moved).await;
    assert_eq!(error.class(), FailureClass::Rejected);
    assert!(other.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_receiver_that_hangs_is_given_up_on() {
    let slow = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    let started = Instant::now();
    let error = failure(slow).await;
    assert_eq!(error.class(), FailureClass::Ambiguous);
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_told_apart() {
    let address = SecretString::from("http://127.0.0.1:1/canary-path");
    let sink = WebhookSink::new(&address, SecretString::from(SECRET)).unwrap();
    let error = sink.alert(&alert()).await.unwrap_err();
    assert_eq!(error.class(), FailureClass::NeverSent);
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn settings_that_cannot_work_are_refused_without_quoting_them() {
    for (address, secret) in [
        ("http://canary.example/x", SECRET),
        ("canary", SECRET),
        ("https://canary.example/x", "canary"),
    ] {
        let secret = SecretString::from(secret);
        let error = WebhookSink::new(&SecretString::from(address), secret).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("canary"), "{error}");
    }
}

#[tokio::test]
async fn nothing_secret_comes_out() {
    listen();
    for answer in [
        ResponseTemplate::new(200),
        ResponseTemplate::new(500).set_body_string(SECRET),
        ResponseTemplate::new(429),
        ResponseTemplate::new(302).insert_header("location", "/canary"),
        ResponseTemplate::new(200).set_delay(Duration::from_secs(30)),
    ] {
        let server = answering(answer).await;
        let sink = sink(&server);
        let mut said = format!("{sink:?} {}", sink.name());
        if let Err(error) = sink.alert(&alert()).await {
            said.push_str(&format!("{error} {error:?}"));
            let mut cause = std::error::Error::source(&error);
            while let Some(one) = cause {
                said.push_str(&format!("{one} {one:?}"));
                cause = one.source();
            }
        }
        assert!(!said.contains("canary"), "{said}");
    }
    let text = traced();
    assert!(text.contains("alerts.webhook"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}
