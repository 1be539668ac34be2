//! The adapter against a real socket on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]
#![cfg(feature = "reqwest")]

#[path = "support/raw_server.rs"]
mod raw_server;

use std::process::Command;
use std::time::Duration;

use bytes::Bytes;
use connector_http::{HttpTransport, ReqwestTransport, TransportErrorKind};
use http::Request;
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

fn transport() -> ReqwestTransport {
    ReqwestTransport::builder()
        .with_body_limit(1024)
        .http1_only()
        .build()
        .unwrap()
}

async fn kind_of(request: Request<Bytes>) -> TransportErrorKind {
    transport().send(request).await.unwrap_err().kind()
}

#[tokio::test]
async fn carries_method_headers_body_and_answer() {
    let server = MockServer::start().await;
    Mock::given(method("PUT"))
        .and(path("/x"))
        .and(header("x-a", "b"))
        .respond_with(
            ResponseTemplate::new(418)
                .insert_header("x-c", "d")
                .set_body_string("body"),
        )
        .expect(1)
        .mount(&server)
        .await;
    let request = Request::put(format!("{}/x", server.uri()))
        .header("x-a", "b")
        .body(Bytes::from("in"))
        .unwrap();
    let answer = transport().send(request).await.unwrap();
    assert_eq!(answer.status(), 418);
    assert_eq!(answer.headers()["x-c"], "d");
    assert_eq!(answer.body(), "body");
    assert_eq!(server.received_requests().await.unwrap()[0].body, b"in");
}

#[tokio::test]
async fn does_not_follow_redirects() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(302).insert_header("location", "/other"))
        .expect(1)
        .mount(&server)
        .await;
    let request = Request::get(server.uri()).body(Bytes::new()).unwrap();
    assert_eq!(transport().send(request).await.unwrap().status(), 302);
}

#[tokio::test]
async fn large_answers_are_refused() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(vec![b'x'; 1025]))
        .mount(&server)
        .await;
    let request = Request::get(server.uri()).body(Bytes::new()).unwrap();
    assert_eq!(kind_of(request).await, TransportErrorKind::BodyTooLarge);
}

#[tokio::test]
async fn nobody_listening_is_never_sent() {
    let address = raw_server::nobody();
    let request = Request::get(format!("http://{address}/secret"))
        .body(Bytes::new())
        .unwrap();
    let error = transport().send(request).await.unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::Connect);
    let source = std::error::Error::source(&error).unwrap();
    assert!(
        !format!("{source} {source:?} {error:?}").contains("secret"),
        "{source:?}"
    );
}

#[tokio::test]
async fn plaintext_does_not_leave_this_machine() {
    let request = Request::get("http://vendor.example/")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(kind_of(request).await, TransportErrorKind::Refused);
}

#[test]
fn settings_that_cannot_work_are_refused() {
    let builder = ReqwestTransport::builder;
    for (bad, says) in [
        (
            builder().with_connect_timeout(Duration::ZERO),
            "connect timeout",
        ),
        (builder().with_body_limit(0), "body limit"),
        (
            builder().with_proxy("ftp://proxy.example".parse().unwrap()),
            "proxy",
        ),
    ] {
        let fault = bad.build().unwrap_err().to_string();
        assert!(fault.contains(says), "{fault}");
    }
    let transport = builder().build().unwrap();
    assert_eq!(transport.connect_timeout(), Some(Duration::from_secs(5)));
}

/// Runs another test of this file in a process whose environment names a proxy that is not there.
#[test]
fn a_proxy_in_the_environment_is_not_used() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "carries_method_headers_body_and_answer"])
        .envs(
            ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
                .map(|name| (name, "http://127.0.0.1:9")),
        )
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && text.contains("1 passed"),
        "{text}"
    );
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_named_proxy_is_asked_for_a_tunnel_and_sees_nothing_else() {
    use std::io::Write as _;
    let (address, proxy) = raw_server::once(|mut socket, request| {
        socket
            .write_all(b"HTTP/1.1 502 Bad Gateway\r\n\r\n")
            .unwrap();
        request
    });
    let builder = ReqwestTransport::builder()
        .with_proxy(format!("http://user:secret@{address}").parse().unwrap());
    assert!(!format!("{builder:?}").contains("secret"));
    let transport = builder.build().unwrap();
    assert!(
        !format!("{transport:?}").contains("secret"),
        "{transport:?}"
    );
    let request = Request::get("https://vendor.example/secret-path")
        .body(Bytes::new())
        .unwrap();
    let error = transport.send(request).await.unwrap_err();
    assert_eq!(
        error.kind(),
        TransportErrorKind::Connect,
        "never sent: {error:?}"
    );
    let seen = proxy.join().unwrap();
    assert!(seen.starts_with("CONNECT vendor.example:443 "), "{seen}");
    assert!(
        seen.to_lowercase().contains("proxy-authorization: basic "),
        "{seen}"
    );
    assert!(!seen.contains("secret-path"));
}

#[tokio::test]
async fn a_named_proxy_is_not_used_for_this_machine() {
    let server = MockServer::start().await;
    let proxy = format!("http://{}", raw_server::nobody());
    let transport = ReqwestTransport::builder()
        .with_proxy(proxy.parse().unwrap())
        .build()
        .unwrap();
    let request = Request::get(server.uri()).body(Bytes::new()).unwrap();
    assert_eq!(transport.send(request).await.unwrap().status(), 404);
}

/// No type of reqwest may be part of what users see. The compiler cannot say so, the source can.
#[test]
fn reqwest_stays_inside() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let source = std::fs::read_to_string(&path).unwrap();
        let is_adapter = path.ends_with("reqwest_transport.rs");
        for line in source.lines().filter(|line| line.contains("reqwest::")) {
            let line = line.trim_start();
            let shown = ["pub ", "impl ", "pub(crate) "]
                .iter()
                .any(|begin| line.starts_with(begin));
            assert!(is_adapter && !shown, "{}: {line}", path.display());
        }
    }
}
