//! The adapter against a real socket on this machine.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]
#![cfg(feature = "reqwest")]

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
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
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
async fn a_lost_reply_is_interrupted() {
    use std::io::Read;
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let server = std::thread::spawn(move || {
        let (mut socket, _) = listener.accept().unwrap();
        let mut request = [0; 256];
        let _ = socket.read(&mut request).unwrap();
    });
    let request = Request::get(format!("http://{address}/"))
        .body(Bytes::new())
        .unwrap();
    assert_eq!(kind_of(request).await, TransportErrorKind::Interrupted);
    server.join().unwrap();
}

#[tokio::test]
async fn plaintext_does_not_leave_this_machine() {
    let request = Request::get("http://vendor.example/")
        .body(Bytes::new())
        .unwrap();
    assert_eq!(kind_of(request).await, TransportErrorKind::Refused);
}
