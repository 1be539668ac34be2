//! What goes wrong on a socket: throttling, silence, cut and endless answers.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/shop.rs"]
mod shop;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::time::{Duration, Instant};

use serde_json::json;
use shop::{answer, builder, credentials, token, with_token};
use sparklayer_client::{
    CallOptions, Environment, ErrorKind, LookupBy, NewHistoryEntry, Purchase, RetryPolicy,
    SparkLayer, Transaction, TransactionTotal,
};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

const AT: &str = "/api/v1/purchases/visible/1";

fn paid() -> Transaction {
    Transaction::new("t-1", TransactionTotal::new(1.into(), "GBP"))
}

#[tokio::test]
async fn throttling_is_waited_for_and_even_a_create_is_sent_again() {
    let (server, client) = with_token().await;
    for verb in ["GET", "PUT", "POST"] {
        Mock::given(method(verb))
            .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "1"))
            .up_to_n_times(1)
            .expect(1)
            .mount(&server)
            .await;
    }
    answer(
        &server,
        "GET",
        AT,
        ResponseTemplate::new(200).set_body_json(json!({})),
    )
    .await;
    answer(&server, "PUT", AT, ResponseTemplate::new(200)).await;
    answer(
        &server,
        "POST",
        &format!("{AT}/history"),
        ResponseTemplate::new(201),
    )
    .await;
    let purchases = client.purchases();
    // The token of this client is there before anything is throttled.
    let started = Instant::now();
    purchases.get(LookupBy::Visible, "1").await.unwrap();
    assert!(
        started.elapsed() >= Duration::from_secs(1),
        "the wait that was asked for"
    );
    purchases
        .put(LookupBy::Visible, "1", &Purchase::default())
        .await
        .unwrap();
    let entry = NewHistoryEntry::note("u-1", "x");
    purchases
        .add_history(LookupBy::Visible, "1", &entry)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_wait_that_is_too_long_is_handed_to_the_caller() {
    let (server, client) = with_token().await;
    let throttled = ResponseTemplate::new(429).insert_header("retry-after", "3600");
    answer(&server, "GET", AT, throttled).await;
    let error = client
        .purchases()
        .get(LookupBy::Visible, "1")
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::RateLimited, 1)
    );
    assert_eq!(error.retry_after(), Some(Duration::from_secs(3600)));
}

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_then_given_up() {
    let server = MockServer::start().await;
    for text in ["one", "two"] {
        Mock::given(path("/api/auth/token"))
            .respond_with(token(text))
            .up_to_n_times(1)
            .expect(1)
            .mount(&server)
            .await;
    }
    for text in ["Bearer one", "Bearer two"] {
        Mock::given(header("authorization", text))
            .respond_with(ResponseTemplate::new(401))
            .expect(1)
            .mount(&server)
            .await;
    }
    let client = builder(&server).build().unwrap();
    let put = client
        .purchases()
        .put(LookupBy::Visible, "1", &Purchase::default())
        .await;
    let error = put.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 2));
    assert!(!error.is_ambiguous(), "a refused request was not applied");
}

#[tokio::test]
async fn silence_repeats_what_may_be_repeated_and_leaves_the_rest_open() {
    let server = MockServer::start().await;
    answer(&server, "POST", "/api/auth/token", token("t")).await;
    let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    for verb in ["GET", "PUT", "POST"] {
        Mock::given(method(verb))
            .respond_with(late.clone())
            .mount(&server)
            .await;
    }
    let client = builder(&server)
        .with_timeouts(Duration::from_millis(150), Duration::from_secs(20))
        .with_retry_policy(
            RetryPolicy::new()
                .with_tries(2)
                .with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
        )
        .build()
        .unwrap();
    let purchases = client.purchases();
    let read = purchases.get(LookupBy::Visible, "1").await.unwrap_err();
    let put = purchases
        .put(LookupBy::Visible, "1", &Purchase::default())
        .await
        .unwrap_err();
    let upsert = purchases
        .put_transaction(LookupBy::Visible, "1", &paid())
        .await
        .unwrap_err();
    let entry = NewHistoryEntry::note("u-1", "x");
    let create = purchases
        .add_history(LookupBy::Visible, "1", &entry)
        .await
        .unwrap_err();
    for (error, attempts, is_ambiguous) in [
        (read, 2, false),
        (put, 1, true),
        (upsert, 2, true),
        (create, 1, true),
    ] {
        assert_eq!(
            (error.kind(), error.attempts(), error.is_ambiguous()),
            (ErrorKind::Timeout, attempts, is_ambiguous),
            "{error}"
        );
    }
}

#[tokio::test]
async fn one_call_may_have_less_time_than_others() {
    let (server, client) = with_token().await;
    let late = ResponseTemplate::new(200).set_delay(Duration::from_secs(30));
    answer(&server, "GET", AT, late).await;
    let hurried = CallOptions::new().with_total_timeout(Duration::from_millis(200));
    let purchases = client.purchases().with_options(hurried);
    let error = purchases.get(LookupBy::Visible, "1").await.unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[tokio::test]
async fn an_answer_beyond_all_measure_is_not_read_to_its_end() {
    let (server, client) = with_token().await;
    let huge = ResponseTemplate::new(200).set_body_bytes(vec![b' '; 9 * 1024 * 1024]);
    answer(&server, "GET", AT, huge.clone()).await;
    answer(&server, "PUT", AT, huge).await;
    let purchases = client.purchases();
    let read = purchases.get(LookupBy::Visible, "1").await.unwrap_err();
    assert_eq!(
        (read.kind(), read.is_ambiguous()),
        (ErrorKind::BodyTooLarge, false)
    );
    let put = purchases
        .put(LookupBy::Visible, "1", &Purchase::default())
        .await
        .unwrap_err();
    assert_eq!(
        (put.kind(), put.is_ambiguous()),
        (ErrorKind::BodyTooLarge, true)
    );
}

/// Answers tokens in full and everything else with half of the announced body.
fn cutting_server() -> std::net::SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let Ok(mut connection) = connection else {
                return;
            };
            let mut lines = BufReader::new(connection.try_clone().unwrap());
            let (mut head, mut length) = (String::new(), 0);
            loop {
                let mut line = String::new();
                if lines.read_line(&mut line).unwrap_or(0) <= 2 {
                    break;
                }
                let lower = line.to_ascii_lowercase();
                if let Some(text) = lower.strip_prefix("content-length:") {
                    length = text.trim().parse().unwrap_or(0);
                }
                head.push_str(&line);
            }
            let mut body = vec![0; length];
            let _ = lines.read_exact(&mut body);
            let (announced, body) = if head.contains("/api/auth/token") {
                let body = r#"{"access_token":"t"}"#;
                (body.len(), body)
            } else {
                (1000, r#"{"type":"order""#)
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-length: {announced}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = connection.write_all(answer.as_bytes());
        }
    });
    address
}

#[tokio::test]
async fn a_cut_answer_is_an_interruption() {
    let address = format!("http://{}", cutting_server());
    let client = SparkLayer::builder(credentials(), "test-suite")
        .with_environment(Environment::Custom(address.parse().unwrap()))
        .with_retry_policy(
            RetryPolicy::new().with_backoff(Duration::from_millis(1), Duration::from_millis(1)),
        )
        .build()
        .unwrap();
    let purchases = client.purchases();
    let read = purchases.get(LookupBy::Visible, "1").await.unwrap_err();
    assert_eq!((read.kind(), read.attempts()), (ErrorKind::Interrupted, 4));
    let put = purchases
        .put(LookupBy::Visible, "1", &Purchase::default())
        .await
        .unwrap_err();
    assert_eq!(
        (put.kind(), put.attempts(), put.is_ambiguous()),
        (ErrorKind::Interrupted, 1, true)
    );
}
