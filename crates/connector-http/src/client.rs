//! Settings of the client, and the client itself.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, header};
use tokio::sync::Semaphore;
use tracing::Instrument;
use tracing::field::Empty;

use crate::base_url::may_be_sent_to;
use crate::call::Call;
use crate::classify::{ByStatus, Classifier};
use crate::clock::{Clock, SystemClock};
use crate::error::{BuildError, Error, ErrorKind};
use crate::gate::Gate;
use crate::jitter::{Jitter, SystemJitter};
use crate::operation::{CallOptions, Operation};
use crate::reply::Reply;
use crate::retry_budget::RetryBudget;
use crate::retry_policy::RetryPolicy;
use crate::token::TokenCache;
use crate::transport::HttpTransport;

/// Makes the value of a `User-Agent` header: `<crate>/<version> (<suffix>)`.
///
/// # Errors
///
/// If the suffix is empty or has characters that a header cannot carry.
pub fn user_agent(product: &str, version: &str, suffix: &str) -> Result<HeaderValue, BuildError> {
    if suffix.trim().is_empty() {
        return Err(BuildError::new(
            "user agent: the suffix that names the embedding program is empty",
        ));
    }
    HeaderValue::from_str(&format!("{product}/{version} ({})", suffix.trim()))
        .map_err(|_| BuildError::new("user agent: has characters that a header cannot carry"))
}

/// Headers that frame and route a message. A default for them would be wrong for some request.
const OF_HTTP: [HeaderName; 4] = [
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::HOST,
    header::TRANSFER_ENCODING,
];

pub(crate) struct Inner {
    pub(crate) transport: Arc<dyn HttpTransport>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) jitter: Arc<dyn Jitter>,
    pub(crate) classifier: Arc<dyn Classifier>,
    pub(crate) tokens: Option<TokenCache>,
    pub(crate) headers: HeaderMap,
    pub(crate) policy: RetryPolicy,
    pub(crate) budget: RetryBudget,
    pub(crate) gate: Gate,
    pub(crate) places: Semaphore,
    pub(crate) attempt_timeout: Duration,
    pub(crate) total_timeout: Duration,
}

/// A vendor's HTTP interface with retries, time limits, throttling and tokens; codec-neutral. Clones share all of it.
///
/// The layers, from outside in: total deadline, retry loop, concurrency permit and rate gate, token, attempt timeout,
/// transport. A token is therefore fetched inside each attempt, and no attempt holds a place while it waits for a retry.
#[derive(Clone)]
pub struct HttpClient(Arc<Inner>);

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HttpClient")
            .field("policy", &self.0.policy)
            .field("attempt_timeout", &self.0.attempt_timeout)
            .field("total_timeout", &self.0.total_timeout)
            .finish_non_exhaustive()
    }
}

impl HttpClient {
    /// Settings of a client on top of a transport.
    #[must_use]
    pub fn builder(transport: Arc<dyn HttpTransport>) -> HttpClientBuilder {
        HttpClientBuilder {
            transport,
            clock: None,
            jitter: Arc::new(SystemJitter::new()),
            classifier: Arc::new(ByStatus::new()),
            tokens: None,
            headers: HeaderMap::new(),
            policy: RetryPolicy::new(),
            budget: RetryBudget::default(),
            concurrency: 8,
            attempt_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
        }
    }

    /// The client's clock.
    #[must_use]
    pub fn clock(&self) -> &dyn Clock {
        &*self.0.clock
    }

    /// Waits as the retry loop would after `failed` failed tries, for callers with a loop of their own around a whole
    /// read-and-write cycle.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time.
    pub async fn back_off(&self, failed: u32) {
        let wait = self.0.jitter.up_to(self.0.policy.ceiling(failed));
        self.0.clock.sleep(wait).await;
    }

    /// Performs an operation: sends the request, tries again where that is safe, and returns the first success.
    ///
    /// # Errors
    ///
    /// Any [`ErrorKind`] but `Decode`. [`Error::is_ambiguous`] says whether a write may have been applied nevertheless.
    /// A request in plaintext to another machine is refused with [`ErrorKind::Build`], whatever the transport.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the fate of a write unknown, and nothing else behind.
    pub async fn execute(
        &self,
        operation: &Operation,
        request: Request<Bytes>,
        options: &CallOptions,
    ) -> Result<Reply, Error> {
        if !may_be_sent_to(request.uri()) {
            return Err(Error::before_sending(
                ErrorKind::Build,
                operation.name(),
                "the address must be https, or http to this machine",
            ));
        }
        let span = tracing::info_span!(
            "connector.request",
            operation = operation.name(),
            http.request.method = request.method().as_str(),
            url.template = operation.template(),
            http.response.status_code = Empty,
            http.request.resend_count = Empty,
            error.kind = Empty,
        );
        let call = Call::new(&self.0, operation, options);
        let result = Box::pin(call.run(request)).instrument(span.clone()).await;
        match &result {
            Ok(reply) => {
                span.record("http.response.status_code", reply.status.as_u16());
                span.record(
                    "http.request.resend_count",
                    reply.attempts.saturating_sub(1),
                );
            }
            Err(error) => {
                if let Some(status) = error.status() {
                    span.record("http.response.status_code", status.as_u16());
                }
                span.record(
                    "http.request.resend_count",
                    error.attempts().saturating_sub(1),
                );
                span.record("error.kind", error.kind().as_str());
            }
        }
        result
    }
}

/// Settings of an [`HttpClient`].
///
/// Defaults: attempt 30 s, total 120 s, 4 tries with full jitter from 200 ms to 20 s, 8 requests at a time. The connect
/// timeout is the transport's (5 s in the one on reqwest).
pub struct HttpClientBuilder {
    transport: Arc<dyn HttpTransport>,
    clock: Option<Arc<dyn Clock>>,
    jitter: Arc<dyn Jitter>,
    classifier: Arc<dyn Classifier>,
    tokens: Option<TokenCache>,
    headers: HeaderMap,
    policy: RetryPolicy,
    budget: RetryBudget,
    concurrency: usize,
    attempt_timeout: Duration,
    total_timeout: Duration,
}

impl fmt::Debug for HttpClientBuilder {
    /// Names of default headers only: a value may be a key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.keys().map(HeaderName::as_str).collect();
        f.debug_struct("HttpClientBuilder")
            .field("transport", &self.transport)
            .field("headers", &names)
            .field("policy", &self.policy)
            .field("concurrency", &self.concurrency)
            .field("attempt_timeout", &self.attempt_timeout)
            .field("total_timeout", &self.total_timeout)
            .finish_non_exhaustive()
    }
}

impl HttpClientBuilder {
    /// The clock; the system's by default.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// The jitter; the system's by default.
    #[must_use]
    pub fn with_jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// The vendor's ways of answering; status codes only by default.
    #[must_use]
    pub fn with_classifier(mut self, classifier: Arc<dyn Classifier>) -> Self {
        self.classifier = classifier;
        self
    }

    /// Sends `Authorization: Bearer` with tokens from this cache, and renews once when one is refused.
    #[must_use]
    pub fn with_tokens(mut self, tokens: TokenCache) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// A header for every request that does not have it. Mark secret values with `set_sensitive(true)`.
    #[must_use]
    pub fn with_default_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// How often and at what distance calls are tried.
    #[must_use]
    pub const fn with_retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The retry budget, to share one between clients of the same credentials.
    #[must_use]
    pub fn with_retry_budget(mut self, budget: RetryBudget) -> Self {
        self.budget = budget;
        self
    }

    /// How many requests may be under way at once.
    #[must_use]
    pub const fn with_concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// How long one attempt may take.
    #[must_use]
    pub const fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a call may take, waiting and retries included.
    #[must_use]
    pub const fn with_total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// Checks the settings and makes the client. Needs no runtime.
    ///
    /// # Errors
    ///
    /// If a limit is zero; the attempt timeout is not below the total timeout (retries would never run), or not above the
    /// connect timeout (a connection that never came about would count as a lost answer); the retry policy contradicts
    /// itself; or a default header is one that HTTP itself sets.
    pub fn build(self) -> Result<HttpClient, BuildError> {
        self.policy.check()?;
        if self.attempt_timeout.is_zero() {
            return Err(BuildError::new("timeouts: the attempt timeout is zero"));
        }
        if self.attempt_timeout >= self.total_timeout {
            return Err(BuildError::new(
                "timeouts: the attempt timeout must be below the total timeout, or retries would never run",
            ));
        }
        if let Some(connect) = self.transport.connect_timeout()
            && connect >= self.attempt_timeout
        {
            return Err(BuildError::new(
                "timeouts: the connect timeout must be below the attempt timeout, or a connection that never came about would count as a lost answer",
            ));
        }
        if OF_HTTP.iter().any(|name| self.headers.contains_key(name)) {
            return Err(BuildError::new(
                "default headers: host, length and connection are set by HTTP itself",
            ));
        }
        if self.concurrency == 0 || self.concurrency > Semaphore::MAX_PERMITS {
            return Err(BuildError::new(
                "concurrency: must be at least one, and not beyond measure",
            ));
        }
        Ok(HttpClient(Arc::new(Inner {
            transport: self.transport,
            clock: self.clock.unwrap_or_else(|| Arc::new(SystemClock::new())),
            jitter: self.jitter,
            classifier: self.classifier,
            tokens: self.tokens,
            headers: self.headers,
            policy: self.policy,
            budget: self.budget,
            gate: Gate::default(),
            places: Semaphore::new(self.concurrency),
            attempt_timeout: self.attempt_timeout,
            total_timeout: self.total_timeout,
        })))
    }
}
