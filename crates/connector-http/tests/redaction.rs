//! Marked secrets and personal data, and every place a text of this crate can come out.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on has failed"
)]

#[path = "support/vendor.rs"]
mod support;

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    AccessToken, CallOptions, Classifier, Error, ErrorKind, HttpClient, Operation, Personal,
    SecretString, TransportError, TransportErrorKind, VendorError, Verdict,
};
use http::header::{AUTHORIZATION, HeaderName, HeaderValue};
use http::{Request, Response};
use support::{
    CREATE, Issuer, READ, Script, Step, TestClock, UPSERT, answer, answer_with, builder, call,
    request,
};
use tracing_subscriber::fmt::format::FmtSpan;

/// Stands in everything that must not come out.
const SECRETS: [&str; 5] = [
    "secret-id",
    "secret-query",
    "secret-body",
    "token-",
    "secret-answer",
];

fn assert_nothing_secret(text: &str) {
    for secret in SECRETS {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

/// Everything that is traced on this thread, at every level.
#[derive(Clone, Default)]
struct Traced(Arc<Mutex<Vec<u8>>>);

impl Traced {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    fn begin(&self) -> tracing::subscriber::DefaultGuard {
        let traced = self.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::FULL)
            .with_ansi(false)
            .with_writer(move || traced.clone())
            .finish();
        tracing::subscriber::set_default(subscriber)
    }
}

impl io::Write for Traced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Reads the body as the vendor's message.
#[derive(Debug)]
struct Quoting;

impl Classifier for Quoting {
    fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        let text = String::from_utf8_lossy(response.body()).into_owned();
        vec![VendorError::new(Some("code-1".into()), Some(text), None)]
    }

    fn verdict(&self, _: &Operation, _: &Response<Bytes>, _: &[VendorError]) -> Verdict {
        Verdict::ByStatus
    }
}

fn client(script: &Arc<Script>, issuer: &Arc<Issuer>) -> HttpClient {
    let tokens = connector_http::TokenCache::new(Arc::<Issuer>::clone(issuer), TestClock::new());
    builder(script)
        .with_tokens(tokens)
        .with_classifier(Arc::new(Quoting))
        .build()
        .unwrap()
}

#[tokio::test(start_paused = true)]
async fn nothing_secret_comes_out_of_any_outcome() {
    let refusal = |status| Step::Answer(status, vec![], "secret-answer");
    for step in [
        answer(200),
        refusal(401),
        refusal(404),
        refusal(422),
        refusal(429),
        refusal(500),
        answer_with(500, "x-request-id", "req-1"),
        Step::Fail(TransportErrorKind::Connect),
        Step::Fail(TransportErrorKind::Interrupted),
        Step::Fail(TransportErrorKind::BodyTooLarge),
        Step::Hang,
    ] {
        for operation in [&READ, &UPSERT, &CREATE] {
            let traced = Traced::default();
            let guard = traced.begin();
            let script = Script::new([step.clone(), step.clone()]);
            let issuer = Issuer::new(Duration::from_secs(3600));
            let client = client(&script, &issuer);
            let result = call(&client, operation).await;
            drop(guard);
            assert_nothing_secret(&format!("{result:?} {client:?} {}", traced.text()));
            if let Err(error) = result {
                assert_nothing_secret(&error.to_string());
                assert_eq!(error.to_string().lines().count(), 1, "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_span_says_what_was_called_and_how_it_went_by_template_only() {
    let traced = Traced::default();
    let guard = traced.begin();
    let script = Script::new([answer(500), answer(404)]);
    let issuer = Issuer::new(Duration::from_secs(3600));
    call(&client(&script, &issuer), &READ).await.unwrap_err();
    drop(guard);
    let text = traced.text();
    for said in [
        "connector.request",
        "operation=\"thing.get\"",
        "http.request.method=\"POST\"",
        "url.template=\"/things/{id}\"",
        "http.response.status_code=404",
        "http.request.resend_count=1",
        "error.kind=\"not_found\"",
        "attempt failed, trying again",
    ] {
        assert!(text.contains(said), "{said} not in {text}");
    }
    assert_nothing_secret(&text);
}

#[tokio::test(start_paused = true)]
async fn a_failed_early_renewal_is_traced_without_its_token() {
    let traced = Traced::default();
    let guard = traced.begin();
    let issuer = Issuer::new(Duration::from_secs(600));
    let cache = connector_http::TokenCache::new(Arc::<Issuer>::clone(&issuer), TestClock::new());
    cache.token().await.unwrap();
    tokio::time::sleep(Duration::from_secs(550)).await;
    *issuer.failing.lock().unwrap() = true;
    cache.token().await.unwrap();
    drop(guard);
    assert!(traced.text().contains("early renewal of the token failed"));
    assert_nothing_secret(&format!("{} {cache:?}", traced.text()));
}

#[test]
fn secrets_and_personal_data_print_masked() {
    let secret = SecretString::from("secret-id");
    let token = AccessToken::new("token-1", Duration::from_secs(60));
    let person = Personal::new("secret-body".to_owned());
    assert_nothing_secret(&format!("{secret:?} {token:?} {person:?}"));
    let script = Script::new([]);
    let value = HeaderValue::from_static("secret-id");
    let name = HeaderName::from_static("x-api-key");
    let builder = builder(&script).with_default_header(name, value);
    assert_nothing_secret(&format!("{builder:?}"));
    assert!(format!("{builder:?}").contains("x-api-key"));
}

#[tokio::test(start_paused = true)]
async fn the_authorization_header_is_marked_for_other_layers() {
    #[derive(Debug)]
    struct Printing(Mutex<String>);

    #[async_trait::async_trait]
    impl connector_http::HttpTransport for Printing {
        async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
            assert!(request.headers()[AUTHORIZATION].is_sensitive());
            *self.0.lock().unwrap() = format!("{:?}", request.headers());
            Ok(Response::new(Bytes::new()))
        }
    }

    let transport = Arc::new(Printing(Mutex::default()));
    let issuer = Issuer::new(Duration::from_secs(600));
    let client = HttpClient::builder(Arc::<Printing>::clone(&transport))
        .with_tokens(connector_http::TokenCache::new(issuer, TestClock::new()))
        .build()
        .unwrap();
    let options = CallOptions::new();
    client.execute(&READ, request(), &options).await.unwrap();
    assert_nothing_secret(&transport.0.lock().unwrap());
}

#[test]
fn an_error_is_one_line_and_says_nothing_twice() {
    let inner = io::Error::other("the name was not found");
    let cause = TransportError::new(TransportErrorKind::Connect).with_source(inner);
    let error =
        Error::before_sending(ErrorKind::Connect, "thing.get", "two\nlines\r\n").with_source(cause);
    assert_eq!(
        error.to_string(),
        "thing.get: could not connect, two lines  "
    );
    let mut texts = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(one) = cause {
        texts.push(one.to_string());
        cause = one.source();
    }
    assert_eq!(texts.len(), 3);
    for (index, text) in texts.iter().enumerate() {
        let others = texts
            .iter()
            .enumerate()
            .filter(|(other, _)| *other != index);
        for (_, other) in others {
            assert!(!other.contains(text.as_str()), "{text} is said twice");
        }
    }
    let debug = format!("{error:?}");
    assert!(debug.contains("no connection") && debug.contains("the name was not found"));
}
