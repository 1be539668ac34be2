//! An in-process vendor and a clock on tokio's paused time.
#![allow(dead_code, reason = "each test binary uses its own part")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use connector_http::{
    AccessToken, CallOptions, Clock, Error, ErrorKind, HttpClient, HttpClientBuilder,
    HttpTransport, Idempotency, Jitter, Operation, Reply, TokenCache, TokenProvider,
    TransportError, TransportErrorKind,
};
use http::{Request, Response};
use tokio::time::Instant;

pub(crate) static READ: Operation =
    Operation::new("thing.get", Idempotency::ReadOnly, "/things/{id}");
pub(crate) static UPSERT: Operation =
    Operation::new("thing.put", Idempotency::Idempotent, "/things/{id}");
pub(crate) static CREATE: Operation =
    Operation::new("thing.create", Idempotency::NonIdempotent, "/things");

pub(crate) fn client(script: &Arc<Script>) -> HttpClient {
    builder(script).build().unwrap()
}

pub(crate) fn builder(script: &Arc<Script>) -> HttpClientBuilder {
    HttpClient::builder(Arc::<Script>::clone(script))
        .with_clock(TestClock::new())
        .with_jitter(Arc::new(FullCeiling))
}

pub(crate) fn request() -> Request<Bytes> {
    Request::post("https://vendor.example/things/secret-id?q=secret-query")
        .body(Bytes::from("secret-body"))
        .unwrap()
}

pub(crate) async fn call(client: &HttpClient, operation: &Operation) -> Result<Reply, Error> {
    client
        .execute(operation, request(), &CallOptions::new())
        .await
}

/// Wall clock and monotonic clock that both follow tokio's time.
#[derive(Debug)]
pub(crate) struct TestClock {
    origin: Instant,
}

impl TestClock {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
        })
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::from_std(self.origin.elapsed()).unwrap()
    }

    fn monotonic(&self) -> Duration {
        self.origin.elapsed()
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}

/// Always the whole ceiling, so that schedules are exact.
#[derive(Debug)]
pub(crate) struct FullCeiling;

impl Jitter for FullCeiling {
    fn up_to(&self, ceiling: Duration) -> Duration {
        ceiling
    }
}

/// One scripted outcome.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Answer(u16, Vec<(&'static str, String)>, &'static str),
    Fail(TransportErrorKind),
    /// Never answers.
    Hang,
}

pub(crate) fn answer(status: u16) -> Step {
    Step::Answer(status, Vec::new(), "")
}

pub(crate) fn answer_with(status: u16, name: &'static str, value: &str) -> Step {
    Step::Answer(status, vec![(name, value.to_owned())], "")
}

/// What the vendor saw.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) at: Duration,
    pub(crate) authorization: Option<String>,
}

/// Plays a script, then answers 200.
#[derive(Debug)]
pub(crate) struct Script {
    origin: Instant,
    steps: Mutex<VecDeque<Step>>,
    seen: Mutex<Vec<Seen>>,
    latency: Duration,
    connect_timeout: Option<Duration>,
    active: AtomicU32,
    pub(crate) most_active: AtomicU32,
}

impl Script {
    pub(crate) fn new(steps: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Self::slow(steps, Duration::ZERO)
    }

    pub(crate) fn slow(steps: impl IntoIterator<Item = Step>, latency: Duration) -> Arc<Self> {
        Arc::new(Self {
            origin: Instant::now(),
            steps: Mutex::new(steps.into_iter().collect()),
            seen: Mutex::default(),
            latency,
            connect_timeout: None,
            active: AtomicU32::new(0),
            most_active: AtomicU32::new(0),
        })
    }

    /// Says that it limits the time of connecting.
    pub(crate) fn with_connect_timeout(self: Arc<Self>, timeout: Duration) -> Arc<Self> {
        let mut script = Arc::into_inner(self).unwrap();
        script.connect_timeout = Some(timeout);
        Arc::new(script)
    }

    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// When the requests arrived, in milliseconds.
    pub(crate) fn times(&self) -> Vec<u128> {
        self.seen().iter().map(|seen| seen.at.as_millis()).collect()
    }
}

#[async_trait]
impl HttpTransport for Script {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let authorization = request
            .headers()
            .get("authorization")
            .map(|value| value.to_str().unwrap().to_owned());
        self.seen.lock().unwrap().push(Seen {
            at: self.origin.elapsed(),
            authorization,
        });
        let active = self.active.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_active.fetch_max(active, Ordering::SeqCst);
        tokio::time::sleep(self.latency).await;
        self.active.fetch_sub(1, Ordering::SeqCst);
        let step = self.steps.lock().unwrap().pop_front();
        match step.unwrap_or_else(|| answer(200)) {
            Step::Answer(status, headers, body) => {
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                Ok(response.body(Bytes::from_static(body.as_bytes())).unwrap())
            }
            Step::Fail(kind) => Err(TransportError::new(kind)),
            Step::Hang => std::future::pending().await,
        }
    }

    fn connect_timeout(&self) -> Option<Duration> {
        self.connect_timeout
    }
}

/// Hands out `token-1`, `token-2` ... ; can be told to fail.
#[derive(Debug)]
pub(crate) struct Issuer {
    pub(crate) fetches: AtomicU32,
    pub(crate) failing: Mutex<bool>,
    pub(crate) lifetime: Duration,
    pub(crate) latency: Duration,
}

impl Issuer {
    pub(crate) fn new(lifetime: Duration) -> Arc<Self> {
        Self::slow(lifetime, Duration::from_millis(50))
    }

    pub(crate) fn slow(lifetime: Duration, latency: Duration) -> Arc<Self> {
        Arc::new(Self {
            fetches: AtomicU32::new(0),
            failing: Mutex::new(false),
            lifetime,
            latency,
        })
    }

    pub(crate) fn fetches(&self) -> u32 {
        self.fetches.load(Ordering::SeqCst)
    }
}

#[async_trait]
impl TokenProvider for Issuer {
    async fn fetch(&self) -> Result<AccessToken, Error> {
        let number = self.fetches.fetch_add(1, Ordering::SeqCst) + 1;
        tokio::time::sleep(self.latency).await;
        if *self.failing.lock().unwrap() {
            return Err(Error::before_sending(
                ErrorKind::Auth,
                "token.fetch",
                "scripted",
            ));
        }
        Ok(AccessToken::new(format!("token-{number}"), self.lifetime))
    }
}

/// A client with a token cache.
pub(crate) fn with_tokens(script: &Arc<Script>, issuer: &Arc<Issuer>) -> HttpClient {
    let tokens = TokenCache::new(Arc::<Issuer>::clone(issuer), TestClock::new());
    builder(script).with_tokens(tokens).build().unwrap()
}
