//! The transport that goes out to the network.

use std::error::Error as StdError;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use url::Url;

use crate::base_url::is_loopback;
use crate::error::BuildError;
use crate::transport::{HttpTransport, TransportError, TransportErrorKind};

/// HTTP through reqwest, with everything switched off that would act on its own: redirects, retries and proxies from the
/// environment.
///
/// Plaintext goes to this machine only. Answers are read up to a limit (8 MiB by default).
#[derive(Clone, Debug)]
pub struct ReqwestTransport {
    client: reqwest::Client,
    body_limit: usize,
}

/// Settings of a [`ReqwestTransport`].
#[derive(Clone, Debug)]
pub struct ReqwestTransportBuilder {
    connect_timeout: Duration,
    body_limit: usize,
    http1_only: bool,
}

impl ReqwestTransport {
    /// The settings, with a connect timeout of 5 s and a body limit of 8 MiB.
    #[must_use]
    pub const fn builder() -> ReqwestTransportBuilder {
        ReqwestTransportBuilder {
            connect_timeout: Duration::from_secs(5),
            body_limit: 8 * 1024 * 1024,
            http1_only: false,
        }
    }
}

impl ReqwestTransportBuilder {
    /// How long a connection may take to come about, TLS included.
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

    /// Makes the transport. Needs no runtime.
    ///
    /// # Errors
    ///
    /// If a limit is zero, or the TLS library cannot be set up.
    pub fn build(self) -> Result<ReqwestTransport, BuildError> {
        if self.connect_timeout.is_zero() || self.body_limit == 0 {
            return Err(BuildError::new("transport: a limit is zero"));
        }
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .referer(false)
            .connect_timeout(self.connect_timeout);
        if self.http1_only {
            builder = builder.http1_only();
        }
        let client = builder
            .build()
            .map_err(|_| BuildError::new("transport: the TLS library could not be set up"))?;
        Ok(ReqwestTransport {
            client,
            body_limit: self.body_limit,
        })
    }
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

impl std::fmt::Display for Cause {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()
    }
}

fn is_allowed(uri: &http::Uri) -> bool {
    Url::parse(&uri.to_string()).is_ok_and(|url| match url.scheme() {
        "https" => true,
        "http" => is_loopback(&url),
        _ => false,
    })
}

#[async_trait]
impl HttpTransport for ReqwestTransport {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        if !is_allowed(request.uri()) {
            return Err(TransportError::new(TransportErrorKind::Refused));
        }
        let request = reqwest::Request::try_from(request).map_err(convert)?;
        let mut answer = self.client.execute(request).await.map_err(convert)?;
        let too_large = || TransportError::new(TransportErrorKind::BodyTooLarge);
        let limit = u64::try_from(self.body_limit).unwrap_or(u64::MAX);
        if answer.content_length().is_some_and(|length| length > limit) {
            return Err(too_large());
        }
        let mut response = http::Response::new(Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(convert)? {
            if body.len().saturating_add(chunk.len()) > self.body_limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        *response.body_mut() = body.freeze();
        Ok(response)
    }
}
