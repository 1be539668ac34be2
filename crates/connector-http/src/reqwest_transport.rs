//! The transport that goes out to the network.

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use url::Url;

use crate::base_url::may_be_sent_to;
use crate::error::BuildError;
use crate::transport::{HttpTransport, TransportError, TransportErrorKind};

/// A connection that was idle for longer is not used again. Servers close idle ones, often after a minute, and a create
/// that meets one in the act has an unknown fate.
const IDLE: Duration = Duration::from_secs(30);

/// HTTP through reqwest, with everything switched off that would act on its own: redirects, retries, decompression, and
/// proxies from the environment.
///
/// Plaintext goes to this machine only. Answers are read up to a limit (8 MiB by default), piece by piece: what is beyond
/// it is not read. Clones share connections.
///
/// ```
/// # // Without a TLS library there is nothing to connect with; the settings are the same.
/// use std::time::Duration;
/// use connector_http::{HttpTransport as _, ReqwestTransport};
/// let transport = ReqwestTransport::builder()
///     .with_connect_timeout(Duration::from_secs(2))
///     .with_body_limit(1024 * 1024)
///     .build()?;
/// assert_eq!(transport.connect_timeout(), Some(Duration::from_secs(2)));
/// # Ok::<(), connector_http::BuildError>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    connect_timeout: Duration,
    body_limit: usize,
}

/// Settings of a [`ReqwestTransport`].
#[derive(Clone)]
pub struct ReqwestTransportBuilder {
    connect_timeout: Duration,
    body_limit: usize,
    http1_only: bool,
    proxy: Option<Url>,
}

impl fmt::Debug for ReqwestTransportBuilder {
    /// Without the proxy's address, which may have a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransportBuilder")
            .field("connect_timeout", &self.connect_timeout)
            .field("body_limit", &self.body_limit)
            .field("http1_only", &self.http1_only)
            .field("has_proxy", &self.proxy.is_some())
            .finish_non_exhaustive()
    }
}

impl ReqwestTransport {
    /// The settings, with a connect timeout of 5 s, a body limit of 8 MiB and no proxy.
    #[must_use]
    pub const fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder {
            connect_timeout: Duration::from_secs(5),
            body_limit: 8 * 1024 * 1024,
            http1_only: false,
            proxy: None,
        }
    }
}

impl ReqwestTransportBuilder {
    /// How long a connection may take to come about, name look-up and TLS included.
    #[must_use]
    pub const fn with_connect_timeout(mut self, timeout: Duration) -> Self {
        self.connect_timeout = timeout;
        self
    }

    /// The largest answer that is read, in bytes.
    #[must_use]
    pub const fn with_body_limit(mut self, bytes: usize) -> Self {
        self.body_limit = bytes;
        self
    }

    /// Never negotiates HTTP/2.
    #[must_use]
    pub const fn http1_only(mut self) -> Self {
        self.http1_only = true;
        self
    }

    /// Goes through a proxy, except to this machine. TLS stays between this program and the vendor: the proxy sees whom
    /// it is asked to connect to, and nothing else. Name and password may stand in the address.
    ///
    /// Without this no proxy is used, whatever the environment says: where credentials travel is decided by whoever sets
    /// the client up, not by a variable.
    #[must_use]
    pub fn with_proxy(mut self, proxy: Url) -> Self {
        self.proxy = Some(proxy);
        self
    }

    /// Makes the transport. Needs no runtime.
    ///
    /// # Errors
    ///
    /// If a limit is zero, the proxy's address is not `http` or `https`, or the TLS library cannot be set up.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        if self.connect_timeout.is_zero() {
            return Err(BuildError::new("transport: the connect timeout is zero"));
        }
        if self.body_limit == 0 {
            return Err(BuildError::new("transport: the body limit is zero"));
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .pool_idle_timeout(IDLE)
            .connect_timeout(self.connect_timeout);
        if let Some(proxy) = self.proxy {
            builder = builder.proxy(through(&proxy)?);
        }
        if self.http1_only {
            builder = builder.http1_only();
        }
        let client = builder
            .build()
            .map_err(|_| BuildError::new("transport: the TLS library could not be set up"))?;
        Ok(ReqwestTransport {
            client,
            connect_timeout: self.connect_timeout,
            body_limit: self.body_limit,
        })
    }
}

/// Only `https` needs a way out, since plaintext stays on this machine.
fn through(proxy: &Url) -> Result<reqwest::Proxy, BuildError> {
    let unusable = || BuildError::new("transport: the proxy's address is not usable");
    if !matches!(proxy.scheme(), "http" | "https") {
        return Err(unusable());
    }
    let direct = reqwest::NoProxy::from_string("localhost,127.0.0.0/8,::1");
    // The cause may quote the address, and so the password: it is left out.
    let proxy = reqwest::Proxy::https(proxy.as_str()).map_err(|_| unusable())?;
    Ok(proxy.no_proxy(direct))
}

/// Says what a failure means for the request. A connect failure is asked for first: a connect timeout is both.
fn convert(error: reqwest::Error) -> TransportError {
    let kind = if error.is_connect() {
        TransportErrorKind::Connect
    } else if error.is_builder() {
        TransportErrorKind::Refused
    } else if error.is_timeout() {
        TransportErrorKind::Timeout
    } else if error.is_request() || error.is_body() || error.is_decode() {
        TransportErrorKind::Interrupted
    } else {
        TransportErrorKind::Other
    };
    TransportError::new(kind).with_source(Cause(error.without_url()))
}

/// A cause whose text has no URL in it.
#[derive(Debug)]
struct Cause(reqwest::Error);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

/// Reads the body piece by piece, and stops at the limit. One piece, the usual case, is not copied.
async fn read(answer: &mut reqwest::Response, limit: usize) -> Result<Bytes, TransportError> {
    let too_large = || TransportError::new(TransportErrorKind::BodyTooLarge);
    let announced = answer.content_length().unwrap_or(0);
    if announced > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(too_large());
    }
    let mut first = Bytes::new();
    let mut body = BytesMut::new();
    while let Some(piece) = answer.chunk().await.map_err(convert)? {
        let so_far = first.len().max(body.len());
        if so_far.saturating_add(piece.len()) > limit {
            return Err(too_large());
        }
        if so_far == 0 {
            first = piece;
            continue;
        }
        if body.is_empty() {
            body.extend_from_slice(&first);
        }
        body.extend_from_slice(&piece);
    }
    Ok(if body.is_empty() {
        first
    } else {
        body.freeze()
    })
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        if !may_be_sent_to(request.uri()) {
            return Err(TransportError::new(TransportErrorKind::Refused));
        }
        let request = reqwest::Request::try_from(request).map_err(convert)?;
        let mut answer = self.client.execute(request).await.map_err(convert)?;
        let body = read(&mut answer, self.body_limit).await?;
        let mut response = http::Response::new(body);
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }

    fn connect_timeout(&self) -> Option<Duration> {
        Some(self.connect_timeout)
    }
}
