//! The whole client on a real socket and real time.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]
#![cfg(feature = "reqwest")]

#[path = "support/raw_server.rs"]
mod raw_server;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use bytes::Bytes;
use connector_http::{
    AccessToken, BaseUrl, CallOptions, Error, ErrorKind, HttpClient, HttpClientBuilder,
    Idempotency, Operation, Reply, ReqwestTransport, RetryPolicy, SystemClock, TokenCache,
    TokenProvider, request_uri,
};
use http::Request;
use http::header::{HeaderValue, USER_AGENT};
use wiremock::matchers::{header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

static READ: Operation = Operation::new("thing.get", Idempotency::ReadOnly, "/things/{id}");
static CREATE: Operation = Operation::new("thing.create", Idempotency::NonIdempotent, "/things");

fn builder() -> HttpClientBuilder {
    connecting_within(Duration::from_secs(5))
}

fn connecting_within(timeout: Duration) -> HttpClientBuilder {
    let transport = ReqwestTransport::builder()
        .with_connect_timeout(timeout)
        .with_body_limit(64 * 1024)
        .build()
        .unwrap();
    let moments = (Duration::from_millis(1), Duration::from_millis(2));
    let policy = RetryPolicy::new()
        .with_tries(2)
        .with_backoff(moments.0, moments.1);
    HttpClient::builder(Arc::new(transport)).with_retry_policy(policy)
}

async fn call(client: &HttpClient, operation: &Operation, base: &str) -> Result<Reply, Error> {
    let address = BaseUrl::parse(base).unwrap().join(["things", "7"]).unwrap();
    let request = Request::get(request_uri(&address).unwrap())
        .body(Bytes::new())
        .unwrap();
    client
        .execute(operation, request, &CallOptions::new())
        .await
}

#[derive(Debug, Default)]
struct Issuer(AtomicU32);

#[async_trait]
impl TokenProvider for Issuer {
    async fn fetch(&self) -> Result<AccessToken, Error> {
        let number = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        Ok(AccessToken::new(
            format!("token-{number}"),
            Duration::from_secs(3600),
        ))
    }
}

fn with_tokens() -> (HttpClient, Arc<Issuer>) {
    let issuer = Arc::new(Issuer::default());
    let clock = Arc::new(SystemClock::new());
    let tokens = TokenCache::new(Arc::<Issuer>::clone(&issuer), clock);
    (builder().with_tokens(tokens).build().unwrap(), issuer)
}

fn accepting(token: &str) -> wiremock::MockBuilder {
    let value = format!("Bearer {token}");
    Mock::given(method("GET"))
        .and(path("/things/7"))
        .and(header("authorization", value.as_str()))
}

#[tokio::test]
async fn token_and_default_headers_arrive() {
    let server = MockServer::start().await;
    accepting("token-1")
        .and(header("user-agent", "suite/1 (a)"))
        .respond_with(ResponseTemplate::new(200).set_body_string("seven"))
        .expect(2)
        .mount(&server)
        .await;
    let issuer = Arc::new(Issuer::default());
    let clock = Arc::new(SystemClock::new());
    let client = builder()
        .with_tokens(TokenCache::new(Arc::<Issuer>::clone(&issuer), clock))
        .with_default_header(USER_AGENT, HeaderValue::from_static("suite/1 (a)"))
        .build()
        .unwrap();
    for _ in 0..2 {
        let reply = call(&client, &READ, &server.uri()).await.unwrap();
        assert_eq!(
            (reply.body().as_ref(), reply.attempts()),
            (&b"seven"[..], 1)
        );
    }
    assert_eq!(issuer.0.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn a_401_renews_the_token_once_and_repeats_even_a_create() {
    let server = MockServer::start().await;
    accepting("token-1")
        .respond_with(ResponseTemplate::new(401))
        .expect(1)
        .mount(&server)
        .await;
    accepting("token-2")
        .respond_with(ResponseTemplate::new(201))
        .expect(1)
        .mount(&server)
        .await;
    let (client, issuer) = with_tokens();
    let reply = call(&client, &CREATE, &server.uri()).await.unwrap();
    assert_eq!((reply.status().as_u16(), reply.attempts()), (201, 2));
    assert_eq!(issuer.0.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_401_that_stays_ends_after_one_renewal() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(401))
        .expect(2)
        .mount(&server)
        .await;
    let (client, issuer) = with_tokens();
    let error = call(&client, &READ, &server.uri()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Auth, 2));
    assert_eq!(issuer.0.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_429_is_waited_for_as_long_as_it_says() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(429).insert_header("retry-after", "1"))
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&server)
        .await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200))
        .mount(&server)
        .await;
    let begun = Instant::now();
    let client = builder().build().unwrap();
    let reply = call(&client, &READ, &server.uri()).await.unwrap();
    assert_eq!(reply.attempts(), 2);
    assert!(begun.elapsed() >= Duration::from_secs(1));
}

#[tokio::test]
async fn an_answer_that_does_not_come_in_time_is_not_waited_for() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .respond_with(ResponseTemplate::new(200).set_delay(Duration::from_secs(30)))
        .mount(&server)
        .await;
    let attempt = Duration::from_millis(400);
    let client = connecting_within(attempt * 3 / 4)
        .with_attempt_timeout(attempt)
        .with_total_timeout(attempt * 20)
        .build()
        .unwrap();
    let error = call(&client, &READ, &server.uri()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 2));
    assert!(!error.is_ambiguous() && error.is_exhausted());
    let error = call(&client, &CREATE, &server.uri()).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert!(error.is_ambiguous() && !error.is_retryable());
    assert!(error.elapsed() < attempt * 20);
}

#[tokio::test]
async fn an_answer_that_is_cut_off_is_a_lost_answer() {
    for cut in [
        "",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n9\r\nonly this\r\n",
    ] {
        let (address, server) = raw_server::saying(cut);
        let client = builder().build().unwrap();
        let error = call(&client, &CREATE, &format!("http://{address}"))
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.attempts()),
            (ErrorKind::Interrupted, 1),
            "{cut:?}"
        );
        assert!(error.is_ambiguous(), "{cut:?}");
        server.join().unwrap();
    }
}

#[tokio::test]
async fn what_is_not_http_may_have_been_read_by_somebody() {
    let (address, server) = raw_server::saying("220 mail.example ESMTP\r\n");
    let client = builder().build().unwrap();
    let error = call(&client, &CREATE, &format!("http://{address}"))
        .await
        .unwrap_err();
    assert!(error.is_ambiguous(), "{error:?}");
    server.join().unwrap();
}

#[tokio::test]
async fn a_huge_answer_is_not_read_whether_announced_or_not() {
    let announced = "HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n";
    let (address, server) = raw_server::saying(announced);
    let client = builder().build().unwrap();
    let error = call(&client, &CREATE, &format!("http://{address}"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::BodyTooLarge, 1)
    );
    assert!(error.is_ambiguous());
    server.join().unwrap();

    let (address, server) = raw_server::endless();
    let error = call(&client, &READ, &format!("http://{address}"))
        .await
        .unwrap_err();
    assert_eq!(
        (error.kind(), error.attempts()),
        (ErrorKind::BodyTooLarge, 1)
    );
    // The connection is closed by a task of this runtime, which must not be blocked meanwhile.
    let taken = tokio::task::spawn_blocking(|| server.join().unwrap())
        .await
        .unwrap();
    assert!(
        taken < 64 * 1024 * 1024,
        "{taken} bytes went into buffers on the way"
    );
}

#[tokio::test]
async fn nobody_there_is_never_ambiguous() {
    let base = format!("http://{}", raw_server::nobody());
    let client = builder().build().unwrap();
    let error = call(&client, &CREATE, &base).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 2));
    assert!(!error.is_ambiguous() && error.is_retryable() && error.is_exhausted());
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_connection_that_does_not_come_about_is_never_ambiguous() {
    // Connections are taken, and the handshake gets no answer.
    let (address, listener) = raw_server::silent();
    let client = connecting_within(Duration::from_millis(200))
        .build()
        .unwrap();
    let begun = Instant::now();
    let error = call(&client, &CREATE, &format!("https://{address}"))
        .await
        .unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Connect, 2));
    assert!(!error.is_ambiguous());
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the connect timeout ended it"
    );
    drop(listener);

    // The other side does not speak TLS.
    let client = builder().build().unwrap();
    let (address, server) = raw_server::saying("HTTP/1.1 400 Bad Request\r\n\r\n");
    let error = call(&client, &CREATE, &format!("https://{address}"))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Connect);
    assert!(!error.is_ambiguous());
    server.join().unwrap();
}
