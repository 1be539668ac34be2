//! The client and its settings.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    BaseUrl, BuildError, CallOptions, Error, ErrorKind, HttpClient, Operation, Reply, TokenCache,
    request_uri,
};
use http::{Method, Request, header};
use serde_json::Value;
use url::Url;

use super::auth::{Auth, ClientCredentials};
use super::contract::Contract;
use super::members::Members;
use super::problem::Problems;
use crate::http_settings::{HttpSettings, TransportNeeds, http_setting_methods};

/// Largest page that may be asked for (assumed).
const LIMIT_MAX: u16 = 500;

/// The largest answer that is read, in bytes. An inventory snapshot has no pages.
const BODY_MAX: usize = 128 * 1024 * 1024;

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
///
/// At most 8 requests are under way at once, unless it is set otherwise.
#[derive(Debug)]
#[must_use]
pub struct WarehouseOrdersBuilder {
    base_url: String,
    auth: Auth,
    http: HttpSettings,
    contract: Contract,
    create_timeout: Duration,
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
            http: HttpSettings::new(user_agent_suffix, 8),
            contract: Contract::default(),
            create_timeout: Duration::from_secs(15),
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

http_setting_methods!(WarehouseOrdersBuilder);

impl WarehouseOrdersBuilder {
    /// The contract; the project's own by default.
    pub fn with_contract(mut self, contract: Contract) -> Self {
        self.contract = contract;
        self
    }

    /// How long a create may take, waiting included. Default 15 s: an order whose fate is unknown should be probed soon.
    pub fn with_create_timeout(mut self, timeout: Duration) -> Self {
        self.create_timeout = timeout;
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
        let key = self.auth.header(&self.contract)?;
        let contract = Arc::new(self.contract);
        let transport = self.http.transport(TransportNeeds {
            http1_only: false,
            body_limit: BODY_MAX,
        })?;
        let problems = Arc::new(Problems {
            contract: Arc::clone(&contract),
        });
        let http = || {
            self.http
                .client(&transport, Arc::clone(&problems) as Arc<_>)
        };
        let mut builder = http()?;
        if let Some((name, value)) = key {
            builder = builder.with_default_header(name, value);
        }
        if let Auth::OAuth2ClientCredentials { client_id, secret } = self.auth {
            // Tokens are fetched by a client of their own: a renewal must not wait for itself.
            let provider = ClientCredentials {
                http: http()?.build()?,
                url: base.join_path(&contract.paths.token)?,
                contract: Arc::clone(&contract),
                client_id,
                secret,
            };
            let clock = Arc::clone(&self.http.clock);
            builder = builder.with_tokens(TokenCache::new(Arc::new(provider), clock));
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
