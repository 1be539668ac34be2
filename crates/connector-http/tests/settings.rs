//! What a client refuses to be built with, and to send.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vendor.rs"]
mod support;

use std::time::Duration;

use bytes::Bytes;
use connector_http::{CallOptions, Error, ErrorKind, HttpClient, RetryPolicy, TokenCache};
use http::Request;
use support::{CREATE, READ, Script, builder, call, client};

#[tokio::test(start_paused = true)]
async fn contradictory_settings_are_refused() {
    use http::header::{CONTENT_LENGTH, HOST, HeaderValue};
    let script = Script::new([]).with_connect_timeout(Duration::from_secs(5));
    let second = Duration::from_secs(1);
    let zero = HeaderValue::from_static("0");
    let builder = || builder(&script);
    assert!(builder().build().is_ok());
    for (bad, says) in [
        (
            builder()
                .with_attempt_timeout(second)
                .with_total_timeout(second),
            "below the total",
        ),
        (
            builder().with_attempt_timeout(Duration::ZERO),
            "attempt timeout is zero",
        ),
        (
            builder().with_attempt_timeout(second * 5),
            "connect timeout",
        ),
        (builder().with_concurrency(0), "concurrency"),
        (builder().with_concurrency(usize::MAX), "concurrency"),
        (
            builder().with_retry_policy(RetryPolicy::new().with_tries(0)),
            "one try",
        ),
        (
            builder().with_default_header(HOST, zero.clone()),
            "default headers",
        ),
        (
            builder().with_default_header(CONTENT_LENGTH, zero),
            "default headers",
        ),
    ] {
        let fault = bad.build().unwrap_err().to_string();
        assert!(fault.contains(says), "{fault}");
    }
}

#[tokio::test(start_paused = true)]
async fn plaintext_goes_to_this_machine_only_whatever_the_transport() {
    let script = Script::new([]);
    let client = client(&script);
    for (address, allowed) in [
        ("http://127.0.0.1:8081/x", true),
        ("http://vendor.example/secret-id", false),
        ("ftp://127.0.0.1/secret-id", false),
        ("/secret-id", false),
    ] {
        let request = Request::get(address).body(Bytes::new()).unwrap();
        let result = client.execute(&CREATE, request, &CallOptions::new()).await;
        assert_eq!(result.is_ok(), allowed, "{address}");
        if let Err(error) = result {
            assert_eq!((error.kind(), error.attempts()), (ErrorKind::Build, 0));
            assert!(!error.is_ambiguous() && !error.is_retryable());
            assert!(!format!("{error} {error:?}").contains("secret-id"));
        }
    }
    assert_eq!(script.times().len(), 1);
}

#[test]
fn no_header_can_be_smuggled_in() {
    for bad in ["a\r\nX-Admin: 1", "a\nb", "\0", "", " "] {
        assert!(
            connector_http::user_agent("suite", "1", bad).is_err(),
            "{bad:?}"
        );
    }
    assert_eq!(
        connector_http::user_agent("suite", "1", " a ").unwrap(),
        "suite/1 (a)"
    );
}

#[test]
fn clients_and_errors_go_everywhere() {
    fn everywhere<T: Clone + Send + Sync + std::fmt::Debug + 'static>() {}
    everywhere::<HttpClient>();
    everywhere::<Error>();
    everywhere::<TokenCache>();
    fn sends<T: Send>(_: T) {}
    fn check(client: &HttpClient) {
        sends(call(client, &READ));
    }
    let _ = check;
}
