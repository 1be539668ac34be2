//! The client and its settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    BaseUrl, BuildError, CallOptions, Clock, Error, ErrorKind, HttpClient, HttpTransport, Jitter,
    Operation, Reply, RetryPolicy, SystemClock, SystemJitter, TokenCache, request_uri, user_agent,
};
use http::{HeaderValue, Method, Request, header};
use serde_json::Value;
use url::Url;

use super::auth::{Auth, ClientCredentials};
use super::contract::Contract;
use super::members::Members;
use super::problem::Problems;

/// Largest page that may be asked for (assumed).
const LIMIT_MAX: u16 = 500;

/// A warehouse's order interface over HTTP.
///
/// **The whole contract is assumed**: no such interface is published. Paths and names are data ([`Contract`]).
///
/// Clones share connections, token, throttling and retry budget. Needs a tokio runtime when calls are made, none to be built.
///
/// ```no_run
/// # // no_run: it would need a warehouse to talk to.
/// use whistl_client::orders::{Auth, WarehouseOrders};
///
/// # async fn example() -> Result<(), Box<dyn std::error::Error>> {
/// let warehouse = WarehouseOrders::builder(
///     "http://127.0.0.1:8082/",
///     Auth::oauth2("client", "secret"),
///     "example-shop/1.0",
/// )
/// .build()?;
/// if warehouse.get("B7Q2M4XK3P5A").await?.is_none() {
///     // A definite "not there".
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WarehouseOrders {
    pub(super) inner: Arc<Inner>,
}

pub(super) struct Inner {
    pub(super) http: HttpClient,
    pub(super) base: BaseUrl,
    pub(super) contract: Arc<Contract>,
    pub(super) create_timeout: Duration,
}

impl fmt::Debug for WarehouseOrders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WarehouseOrders")
            .field("base", &self.inner.base)
            .field("create_timeout", &self.inner.create_timeout)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`WarehouseOrders`].
#[derive(Debug)]
#[must_use]
pub struct WarehouseOrdersBuilder {
    base_url: String,
    auth: Auth,
    suffix: String,
    contract: Contract,
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Arc<dyn Clock>,
    jitter: Arc<dyn Jitter>,
    retry: RetryPolicy,
    attempt_timeout: Duration,
    total_timeout: Duration,
    create_timeout: Duration,
    concurrency: usize,
}

impl WarehouseOrders {
    /// Settings for a warehouse at an address. The suffix names the embedding program in the `User-Agent`.
    pub fn builder(
        base_url: impl Into<String>,
        auth: Auth,
        user_agent_suffix: impl Into<String>,
    ) -> WarehouseOrdersBuilder {
        WarehouseOrdersBuilder {
            base_url: base_url.into(),
            auth,
            suffix: user_agent_suffix.into(),
            contract: Contract::default(),
            transport: None,
            clock: Arc::new(SystemClock::new()),
            jitter: Arc::new(SystemJitter::new()),
            retry: RetryPolicy::new(),
            attempt_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
            create_timeout: Duration::from_secs(15),
            concurrency: 8,
        }
    }

    /// The contract in use.
    #[must_use]
    pub fn contract(&self) -> &Contract {
        &self.inner.contract
    }

    /// The address of a configured path.
    pub(super) fn url(&self, operation: &Operation, path: &str) -> Result<Url, Error> {
        self.inner
            .base
            .join_path(path)
            .map_err(|error| unbuilt(operation).with_source(error))
    }

    /// Sends a read.
    pub(super) async fn read(&self, operation: &Operation, url: &Url) -> Result<Reply, Error> {
        let request = request(operation, Method::GET, url, None)?;
        self.inner
            .http
            .execute(operation, request, &CallOptions::new())
            .await
    }
}

/// Builds a request with the headers that every call has.
pub(super) fn request(
    operation: &Operation,
    method: Method,
    url: &Url,
    body: Option<&Value>,
) -> Result<Request<Bytes>, Error> {
    let uri = request_uri(url).map_err(|error| unbuilt(operation).with_source(error))?;
    let builder = Request::builder()
        .method(method)
        .uri(uri)
        .header(header::ACCEPT, "application/json");
    match body {
        Some(body) => builder
            .header(header::CONTENT_TYPE, "application/json")
            .body(Bytes::from(body.to_string())),
        None => builder.body(Bytes::new()),
    }
    .map_err(|_| unbuilt(operation))
}

fn unbuilt(operation: &Operation) -> Error {
    Error::before_sending(
        ErrorKind::Build,
        operation.name(),
        "the address or a header is not usable",
    )
}

/// The object that an answer consists of.
pub(super) fn object_of(reply: &Reply) -> Result<Members, Error> {
    let value: Value = serde_json::from_slice(reply.body())
        .map_err(|_| reply.decode_error("the answer is not JSON"))?;
    Members::of(value, "").map_err(|_| reply.decode_error("the answer is not a JSON object"))
}

/// Refuses a page size that the contract does not know.
pub(super) fn check_limit(operation: &Operation, limit: u16) -> Result<(), Error> {
    if (1..=LIMIT_MAX).contains(&limit) {
        return Ok(());
    }
    Err(Error::before_sending(
        ErrorKind::Build,
        operation.name(),
        "the page size must be 1 to 500",
    ))
}

impl WarehouseOrdersBuilder {
    /// The contract; the project's own by default.
    pub fn with_contract(mut self, contract: Contract) -> Self {
        self.contract = contract;
        self
    }

    /// The transport; by default one on reqwest, if the crate is built with it.
    pub fn with_transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// The clock; the system's by default.
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = clock;
        self
    }

    /// The jitter between retries; the system's by default.
    pub fn with_jitter(mut self, jitter: Arc<dyn Jitter>) -> Self {
        self.jitter = jitter;
        self
    }

    /// How often and at what distance reads are tried. A create is sent again only if it provably never left.
    pub fn with_retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.retry = policy;
        self
    }

    /// How long one attempt may take. Default 30 s.
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    /// How long a read may take, waiting and retries included. Default 120 s.
    pub fn with_total_timeout(mut self, timeout: Duration) -> Self {
        self.total_timeout = timeout;
        self
    }

    /// How long a create may take, waiting included. Default 15 s: an order whose fate is unknown should be probed soon.
    pub fn with_create_timeout(mut self, timeout: Duration) -> Self {
        self.create_timeout = timeout;
        self
    }

    /// How many requests may be under way at once. Default 8.
    pub fn with_concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] for an address that is no URL, or plaintext to another machine; a contract that contradicts itself, or is
    /// not [`confirmed`](Contract::confirmed) and the address is not loopback; credentials that are empty or unfit for a
    /// header; time limits that contradict each other; or when there is no transport.
    pub fn build(self) -> Result<WarehouseOrders, BuildError> {
        let base = BaseUrl::parse(&self.base_url)?;
        self.contract.check()?;
        if !self.contract.confirmed && !base.is_loopback() {
            return Err(BuildError::new(
                "contract: the names are assumed; set `confirmed` once they have been checked against the site",
            ));
        }
        if self.create_timeout.is_zero() {
            return Err(BuildError::new("timeouts: the create timeout is zero"));
        }
        let agent = user_agent(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            &self.suffix,
        )?;
        let key = self.auth.header(&self.contract)?;
        let contract = Arc::new(self.contract);
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(self.attempt_timeout)?,
        };
        let http = |agent: &HeaderValue| {
            HttpClient::builder(Arc::clone(&transport))
                .with_clock(Arc::clone(&self.clock))
                .with_jitter(Arc::clone(&self.jitter))
                .with_classifier(Arc::new(Problems {
                    contract: Arc::clone(&contract),
                }))
                .with_retry_policy(self.retry)
                .with_attempt_timeout(self.attempt_timeout)
                .with_total_timeout(self.total_timeout)
                .with_concurrency(self.concurrency)
                .with_default_header(header::USER_AGENT, agent.clone())
        };
        let mut builder = http(&agent);
        if let Some((name, value)) = key {
            builder = builder.with_default_header(name, value);
        }
        if let Auth::OAuth2ClientCredentials { client_id, secret } = self.auth {
            // Tokens are fetched by a client of their own: a renewal must not wait for itself.
            let provider = ClientCredentials {
                http: http(&agent).build()?,
                url: base.join_path(&contract.paths.token)?,
                contract: Arc::clone(&contract),
                client_id,
                secret,
            };
            builder =
                builder.with_tokens(TokenCache::new(Arc::new(provider), Arc::clone(&self.clock)));
        }
        Ok(WarehouseOrders {
            inner: Arc::new(Inner {
                http: builder.build()?,
                base,
                contract,
                create_timeout: self.create_timeout,
            }),
        })
    }
}

#[cfg(feature = "reqwest")]
fn default_transport(attempt: Duration) -> Result<Arc<dyn HttpTransport>, BuildError> {
    // A connection must have failed before the attempt does, or it would count as a lost answer.
    let connect = (attempt / 2).clamp(Duration::from_nanos(1), Duration::from_secs(5));
    Ok(Arc::new(
        connector_http::ReqwestTransport::builder()
            .with_connect_timeout(connect)
            .build()?,
    ))
}

#[cfg(not(feature = "reqwest"))]
fn default_transport(_: Duration) -> Result<Arc<dyn HttpTransport>, BuildError> {
    Err(BuildError::new(
        "transport: none was given, and the crate is built without reqwest",
    ))
}
