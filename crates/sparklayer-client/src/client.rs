//! The client and its settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    BaseUrl, BuildError, CallOptions, Clock, Error, ErrorKind, HttpClient, HttpTransport, Jitter,
    Operation, Reply, RetryPolicy, SecretString, SystemClock, SystemJitter, TokenCache, user_agent,
};
use http::header::{ACCEPT, CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Method, Request};
use url::Url;

use crate::auth::ClientCredentials;
use crate::classifier::SparkLayerAnswers;
use crate::editor::PurchaseEditor;
use crate::purchases::Purchases;
use crate::stock::Stock;
use crate::wire_names::WireNames;

const LIVE: &str = "https://app.sparklayer.io";
const TEST: &str = "https://test.app.sparklayer.io";

/// What a site's API key consists of. `Debug` masks it.
#[derive(Clone)]
pub struct Credentials {
    /// The site, such as `jones-climbing`.
    pub site_id: String,
    /// The key's id.
    pub client_id: String,
    /// The key's secret.
    pub client_secret: SecretString,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("site_id", &self.site_id)
            .finish_non_exhaustive()
    }
}

/// Where SparkLayer is. The two environments share nothing: keys, tokens and data are separate. Documented.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Environment {
    /// `https://app.sparklayer.io`.
    Live,
    /// `https://test.app.sparklayer.io`.
    Test,
    /// Another address, such as a simulator on this machine. Counts as live unless it is on this machine.
    Custom(Url),
}

/// The SparkLayer API of one site. Clones share connections, token, throttle and retry budget.
#[derive(Clone)]
pub struct SparkLayer(Arc<Shared>);

pub(crate) struct Shared {
    http: HttpClient,
    base: BaseUrl,
    site: String,
    names: WireNames,
    allows_unconfirmed: bool,
    stock_batch: usize,
}

impl fmt::Debug for SparkLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SparkLayer")
            .field("base", &self.0.base)
            .field("http", &self.0.http)
            .finish_non_exhaustive()
    }
}

impl SparkLayer {
    /// Settings of a client. The suffix names the embedding program in the `User-Agent` header.
    ///
    /// ```
    /// use std::time::Duration;
    /// use sparklayer_client::{Credentials, Environment, RetryPolicy, SparkLayer};
    ///
    /// # fn example(secret: String) -> Result<SparkLayer, sparklayer_client::BuildError> {
    /// let credentials = Credentials {
    ///     site_id: "jones-climbing".to_owned(),
    ///     client_id: "9151f21f-43ae-43b4-92f3-f4af67cdf544".to_owned(),
    ///     client_secret: secret.into(),
    /// };
    /// SparkLayer::builder(credentials, "jones-wms 2.1")
    ///     .with_environment(Environment::Test)
    ///     .with_timeouts(Duration::from_secs(10), Duration::from_secs(60))
    ///     .with_retry_policy(RetryPolicy::new().with_tries(6))
    ///     .build()
    /// # }
    /// ```
    #[must_use]
    pub fn builder(
        credentials: Credentials,
        user_agent_suffix: impl Into<String>,
    ) -> SparkLayerBuilder {
        SparkLayerBuilder {
            credentials,
            user_agent_suffix: user_agent_suffix.into(),
            environment: Environment::Live,
            names: WireNames::default(),
            transport: None,
            clock: None,
            jitter: Arc::new(SystemJitter::new()),
            policy: RetryPolicy::new(),
            attempt_timeout: Duration::from_secs(30),
            total_timeout: Duration::from_secs(120),
            concurrency: 8,
            stock_batch: 100,
        }
    }

    /// Orders, quotes and carts.
    #[must_use]
    pub fn purchases(&self) -> Purchases {
        Purchases::new(self.clone())
    }

    /// Edits of purchases that keep what others wrote.
    #[must_use]
    pub fn purchase_editor(&self) -> PurchaseEditor {
        PurchaseEditor::new(self.clone())
    }

    /// Stock levels and locations.
    #[must_use]
    pub fn stock(&self) -> Stock {
        Stock::new(self.clone())
    }

    /// The names on the wire that this client uses.
    #[must_use]
    pub fn wire_names(&self) -> &WireNames {
        &self.0.names
    }

    pub(crate) fn site(&self) -> &str {
        &self.0.site
    }

    pub(crate) fn http(&self) -> &HttpClient {
        &self.0.http
    }

    pub(crate) fn stock_batch(&self) -> usize {
        self.0.stock_batch
    }

    /// Refuses what rests on unconfirmed names against a live address.
    pub(crate) fn need_confirmed_names(
        &self,
        operation: &Operation,
        what: &'static str,
    ) -> Result<(), Error> {
        self.need_confirmed(operation, self.0.names.confirmed, "confirmed", what)
    }

    /// Refuses what rests on an unconfirmed group of names against a live address; `key` is what confirms the group.
    pub(crate) fn need_confirmed(
        &self,
        operation: &Operation,
        confirmed: bool,
        key: &'static str,
        what: &'static str,
    ) -> Result<(), Error> {
        if confirmed || self.0.allows_unconfirmed {
            return Ok(());
        }
        let detail = format!(
            "{what} against a live address needs wire names that were compared with the vendor's description: set `{key} = true`"
        );
        Err(Error::before_sending(
            ErrorKind::Unsupported,
            operation.name(),
            detail,
        ))
    }

    pub(crate) fn address<'a>(
        &self,
        operation: &Operation,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> Result<Url, Error> {
        self.0.base.join(segments).map_err(|cause| {
            Error::before_sending(
                ErrorKind::InvalidRequest,
                operation.name(),
                "not an identifier",
            )
            .with_source(cause)
        })
    }

    pub(crate) async fn call(
        &self,
        operation: &Operation,
        method: Method,
        address: &Url,
        body: Option<Vec<u8>>,
        options: &CallOptions,
    ) -> Result<Reply, Error> {
        let mut request = Request::builder().method(method).uri(address.as_str());
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/json");
        }
        let request = request
            .body(Bytes::from(body.unwrap_or_default()))
            .map_err(|_| {
                Error::before_sending(
                    ErrorKind::Build,
                    operation.name(),
                    "the address cannot be written",
                )
            })?;
        self.0.http.execute(operation, request, options).await
    }
}

/// Settings of a [`SparkLayer`] client.
#[derive(Debug)]
pub struct SparkLayerBuilder {
    credentials: Credentials,
    user_agent_suffix: String,
    environment: Environment,
    names: WireNames,
    transport: Option<Arc<dyn HttpTransport>>,
    clock: Option<Arc<dyn Clock>>,
    jitter: Arc<dyn Jitter>,
    policy: RetryPolicy,
    attempt_timeout: Duration,
    total_timeout: Duration,
    concurrency: usize,
    stock_batch: usize,
}

impl SparkLayerBuilder {
    /// Where SparkLayer is; live by default.
    #[must_use]
    pub fn with_environment(mut self, environment: Environment) -> Self {
        self.environment = environment;
        self
    }

    /// The names on the wire that are not certain.
    #[must_use]
    pub fn with_wire_names(mut self, names: WireNames) -> Self {
        self.names = names;
        self
    }

    /// Another transport than reqwest.
    #[must_use]
    pub fn with_transport(mut self, transport: Arc<dyn HttpTransport>) -> Self {
        self.transport = Some(transport);
        self
    }

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

    /// How often and at what distance calls are tried.
    #[must_use]
    pub const fn with_retry_policy(mut self, policy: RetryPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// How long an attempt and a whole call may take; 30 s and 120 s by default.
    #[must_use]
    pub const fn with_timeouts(mut self, attempt: Duration, total: Duration) -> Self {
        self.attempt_timeout = attempt;
        self.total_timeout = total;
        self
    }

    /// How many requests may be under way at once; 8 by default.
    #[must_use]
    pub const fn with_concurrency(mut self, requests: usize) -> Self {
        self.concurrency = requests;
        self
    }

    /// How many stock levels go into one request; 100 by default. The vendor's limit is not known.
    #[must_use]
    pub const fn with_stock_batch_size(mut self, levels: usize) -> Self {
        self.stock_batch = levels;
        self
    }

    /// Checks the settings and makes the client. Needs no runtime and sends nothing.
    ///
    /// # Errors
    ///
    /// If a credential is empty or cannot stand in a header, the address is plaintext to another machine, wire names
    /// collide, limits contradict each other, or no transport is there.
    pub fn build(self) -> Result<SparkLayer, BuildError> {
        self.names.check()?;
        if self.stock_batch == 0 {
            return Err(BuildError::new("stock batch size: must be at least one"));
        }
        let base = match self.environment.clone() {
            Environment::Live => BaseUrl::parse(LIVE)?,
            Environment::Test => BaseUrl::parse(TEST)?,
            Environment::Custom(url) => BaseUrl::new(url)?,
        };
        let credentials = Arc::new(self.credentials);
        let site_id = credentials.site_id.trim().to_owned();
        if credentials.client_id.trim().is_empty()
            || connector_http::ExposeSecret::expose_secret(&credentials.client_secret).is_empty()
        {
            return Err(BuildError::new(
                "credentials: client id and client secret must be filled",
            ));
        }
        let site = HeaderValue::from_str(&site_id)
            .ok()
            .filter(|site| !site.is_empty())
            .ok_or_else(|| {
                BuildError::new("credentials: the site id is empty or cannot stand in a header")
            })?;
        let agent = user_agent(
            env!("CARGO_PKG_NAME"),
            env!("CARGO_PKG_VERSION"),
            &self.user_agent_suffix,
        )?;
        let total = self.total_timeout.min(Duration::from_secs(30));
        let token_attempt = self.attempt_timeout.min(total / 3);
        let transport = match self.transport {
            Some(transport) => transport,
            None => default_transport(token_attempt)?,
        };
        let clock = self.clock.unwrap_or_else(|| Arc::new(SystemClock::new()));
        let builder = || {
            HttpClient::builder(Arc::clone(&transport))
                .with_clock(Arc::clone(&clock))
                .with_jitter(Arc::clone(&self.jitter))
                .with_classifier(Arc::new(SparkLayerAnswers))
                .with_default_header(HeaderName::from_static("site-id"), site.clone())
                .with_default_header(USER_AGENT, agent.clone())
                .with_default_header(ACCEPT, HeaderValue::from_static("application/json"))
        };
        let provider = ClientCredentials {
            http: builder()
                .with_retry_policy(self.policy)
                .with_attempt_timeout(token_attempt)
                .with_total_timeout(total)
                .build()?,
            address: base.join(["api", "auth", "token"])?,
            credentials,
        };
        let http = builder()
            .with_tokens(TokenCache::new(Arc::new(provider), Arc::clone(&clock)))
            .with_retry_policy(self.policy)
            .with_attempt_timeout(self.attempt_timeout)
            .with_total_timeout(self.total_timeout)
            .with_concurrency(self.concurrency)
            .build()?;
        let allows_unconfirmed = self.environment == Environment::Test || base.is_loopback();
        let stock_batch = self.stock_batch;
        Ok(SparkLayer(Arc::new(Shared {
            http,
            base,
            site: site_id,
            names: self.names,
            allows_unconfirmed,
            stock_batch,
        })))
    }
}

#[cfg(any(feature = "rustls", feature = "native-tls"))]
fn default_transport(shortest_attempt: Duration) -> Result<Arc<dyn HttpTransport>, BuildError> {
    // A connection must have failed before the attempt does, or it would count as a lost answer.
    let connect = (shortest_attempt / 2).clamp(Duration::from_nanos(1), Duration::from_secs(5));
    Ok(Arc::new(
        connector_http::ReqwestTransport::builder()
            .with_connect_timeout(connect)
            .build()?,
    ))
}

#[cfg(not(any(feature = "rustls", feature = "native-tls")))]
fn default_transport(_: Duration) -> Result<Arc<dyn HttpTransport>, BuildError> {
    Err(BuildError::new(
        "transport: none given, and the crate was built without a TLS feature",
    ))
}
