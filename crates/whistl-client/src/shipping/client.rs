//! The client and its settings.

use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    BaseUrl, BuildError, CallOptions, Error, ErrorKind, ExposeSecret as _, HttpClient, Idempotency,
    Operation, Reply, SecretString, TokenCache, request_uri,
};
use http::{Method, Request, Version, header};
use url::Url;

use super::new_shipment::NewShipment;
use super::token::{TOKEN, Tokens};
use crate::carrier_refusal::CarrierRefusals;
use crate::http_settings::{HttpSettings, TransportNeeds, http_setting_methods};
use crate::xml::{Element, EmptyForm, IllegalCharacters, Limits, read, write};

/// The carrier's live address (documented).
pub const LIVE_URL: &str = "https://api.parcelhub.net/1.0/";

/// The carrier's address for tests (documented).
pub const TEST_URL: &str = "https://api.test.parcelhub.net/1.0/";

/// How much of an answer is read. A list of shipments has no pages.
const LIMITS: Limits = Limits {
    bytes: 64 * 1024 * 1024,
    depth: 32,
    parts: 2_000_000,
};

/// The carrier's shipping interface.
///
/// Clones share connections, token, throttling and retry budget. Needs a tokio runtime when calls are made, none to be built.
#[derive(Clone)]
pub struct Shipping {
    inner: Arc<Inner>,
}

struct Inner {
    http: HttpClient,
    base: BaseUrl,
    account: String,
    create_timeout: Duration,
}

impl fmt::Debug for Shipping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shipping")
            .field("base", &self.inner.base)
            .field("account", &self.inner.account)
            .finish_non_exhaustive()
    }
}

/// Settings of a [`Shipping`]. `Debug` masks the password.
///
/// At most 4 requests are under way at once, unless it is set otherwise.
#[derive(Debug)]
#[must_use]
pub struct ShippingBuilder {
    base_url: String,
    account: String,
    user: String,
    password: SecretString,
    http: HttpSettings,
    create_timeout: Duration,
}

impl Shipping {
    /// Settings for an account at an address: [`LIVE_URL`], [`TEST_URL`] or another. The suffix names the embedding program in the
    /// `User-Agent`, which the carrier repeats in every shipment.
    pub fn builder(
        base_url: impl Into<String>,
        account: impl Into<String>,
        user: impl Into<String>,
        password: impl Into<SecretString>,
        user_agent_suffix: impl Into<String>,
    ) -> ShippingBuilder {
        ShippingBuilder {
            base_url: base_url.into(),
            account: account.into(),
            user: user.into(),
            password: password.into(),
            http: HttpSettings::new(user_agent_suffix, 4),
            create_timeout: Duration::from_secs(15),
        }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.inner.account
    }

    /// An address below the base, with its query.
    pub(super) fn url(
        &self,
        operation: &Operation,
        path: &[&str],
        query: &[(&str, &str)],
    ) -> Result<Url, Error> {
        let segments = path.iter().copied().filter(|part| !part.is_empty());
        let mut url =
            self.inner.base.join(segments).map_err(|error| {
                unbuilt(operation, "the address is not usable").with_source(error)
            })?;
        if path.last() == Some(&"") {
            let slashed = format!("{}/", url.path());
            url.set_path(&slashed);
        }
        for (name, value) in query {
            url.query_pairs_mut().append_pair(name, value);
        }
        Ok(url)
    }

    /// The document of a shipment, if nothing of it would be cut or refused.
    pub(super) fn document(
        &self,
        operation: &Operation,
        shipment: &NewShipment,
        needs_service: bool,
    ) -> Result<Bytes, Error> {
        let mut faults: Vec<String> = shipment.check().iter().map(ToString::to_string).collect();
        if needs_service && shipment.service.is_none() {
            faults.push("ServiceInfo is required".to_owned());
        }
        if !faults.is_empty() {
            return Err(unbuilt(operation, faults.join("; ")));
        }
        let element = shipment.element(self.account());
        let text = write(&element, EmptyForm::Short)
            .map_err(|fault| unbuilt(operation, format!("the shipment: {fault}")))?;
        Ok(Bytes::from(text))
    }

    pub(super) async fn call(
        &self,
        operation: &Operation,
        method: Method,
        url: &Url,
        body: Option<Bytes>,
    ) -> Result<Reply, Error> {
        let request = request(operation, method, url, body)?;
        let options = if operation.idempotency() == Idempotency::NonIdempotent {
            CallOptions::new().with_total_timeout(self.inner.create_timeout)
        } else {
            CallOptions::new()
        };
        self.inner.http.execute(operation, request, &options).await
    }

    /// The document that an answer is.
    pub(super) fn read(&self, reply: &Reply) -> Result<Element, Error> {
        read(reply.body(), LIMITS, IllegalCharacters::Replace)
            .map_err(|fault| reply.decode_error(fault.to_string()))
    }
}

fn unbuilt(operation: &Operation, detail: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::before_sending(ErrorKind::Build, operation.name(), detail)
}

/// Builds a request with the headers that every call has. HTTP/1.1, since the carrier answers 505 to anything newer (documented).
pub(super) fn request(
    operation: &Operation,
    method: Method,
    url: &Url,
    body: Option<Bytes>,
) -> Result<Request<Bytes>, Error> {
    let uri = request_uri(url)
        .map_err(|error| unbuilt(operation, "the address is not usable").with_source(error))?;
    let mut builder = Request::builder()
        .method(method)
        .uri(uri)
        .version(Version::HTTP_11)
        .header(header::ACCEPT, "*/*");
    if body.is_some() {
        builder = builder.header(header::CONTENT_TYPE, "application/xml; charset=utf-8");
    }
    builder
        .body(body.unwrap_or_default())
        .map_err(|_| unbuilt(operation, "a header is not usable"))
}

http_setting_methods!(ShippingBuilder);

impl ShippingBuilder {
    /// How long a create may take, waiting included. Default 15 s.
    pub fn with_create_timeout(mut self, timeout: Duration) -> Self {
        self.create_timeout = timeout;
        self
    }

    /// Checks the settings and makes the client. Nothing is sent.
    ///
    /// # Errors
    ///
    /// A [`BuildError`] for an address that is no URL, or plaintext to another machine; an account or credentials that are empty; time
    /// limits that contradict each other; or when there is no transport.
    pub fn build(self) -> Result<Shipping, BuildError> {
        let base = BaseUrl::parse(&self.base_url)?;
        if self.account.trim().is_empty() {
            return Err(BuildError::new("account: is empty"));
        }
        if self.user.trim().is_empty() || self.password.expose_secret().is_empty() {
            return Err(BuildError::new("credentials: user or password is empty"));
        }
        if self.create_timeout.is_zero() {
            return Err(BuildError::new("timeouts: the create timeout is zero"));
        }
        let transport = self.http.transport(TransportNeeds {
            http1_only: true,
            body_limit: LIMITS.bytes,
        })?;
        let refusals = Arc::new(CarrierRefusals {
            token_operation: TOKEN.name(),
        });
        let http = || {
            self.http
                .client(&transport, Arc::clone(&refusals) as Arc<_>)
        };
        // Tokens are fetched by a client of their own: a renewal must not wait for itself.
        let tokens = Tokens {
            http: http()?.build()?,
            base: base.clone(),
            user: self.user,
            password: self.password,
            refresh: Arc::new(Mutex::new(None)),
        };
        let tokens = TokenCache::new(Arc::new(tokens), Arc::clone(&self.http.clock));
        Ok(Shipping {
            inner: Arc::new(Inner {
                http: http()?.with_tokens(tokens).build()?,
                base,
                account: self.account,
                create_timeout: self.create_timeout,
            }),
        })
    }
}
