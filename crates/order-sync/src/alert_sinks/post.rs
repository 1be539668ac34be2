//! One `POST` of JSON to an address that may be a secret.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use connector_http::{
    BaseUrl, CallOptions, Error, ErrorKind, HttpClient, HttpTransport, Operation, ReqwestTransport,
    request_uri, user_agent,
};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::{HeaderName, HeaderValue, Request, Uri};
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::SinkSettingsError;
use crate::{FailureClass, PortError};

/// A connection comes about soon or not at all.
const CONNECT: Duration = Duration::from_secs(3);

/// How long one attempt may take unless told otherwise.
const TIMEOUT: Duration = Duration::from_secs(5);

/// An address that takes JSON. `Debug` does not show the address.
#[derive(Clone)]
pub(super) struct Post {
    client: HttpClient,
    operation: &'static Operation,
    address: Uri,
    timeout: Duration,
}

impl fmt::Debug for Post {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Post")
            .field("operation", &self.operation.name())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl Post {
    /// Over the network.
    pub(super) fn new(
        operation: &'static Operation,
        address: &SecretString,
    ) -> Result<Self, SinkSettingsError> {
        let transport = ReqwestTransport::builder()
            .with_connect_timeout(CONNECT)
            .build()
            .map_err(|error| SinkSettingsError::new(error.to_string()))?;
        Self::over(Arc::new(transport), operation, address)
    }

    /// Over a transport of the caller's.
    pub(super) fn over(
        transport: Arc<dyn HttpTransport>,
        operation: &'static Operation,
        address: &SecretString,
    ) -> Result<Self, SinkSettingsError> {
        let setting = |error: connector_http::BuildError| SinkSettingsError::new(error.to_string());
        let agent =
            user_agent("order-sync", env!("CARGO_PKG_VERSION"), "alerts").map_err(setting)?;
        let client = HttpClient::builder(transport)
            .with_default_header(USER_AGENT, agent)
            .build()
            .map_err(setting)?;
        Ok(Self {
            client,
            operation,
            address: checked(address)?,
            timeout: TIMEOUT,
        })
    }

    pub(super) const fn set_timeout(&mut self, timeout: Duration) {
        self.timeout = timeout;
    }

    /// Makes one attempt.
    pub(super) async fn send(
        &self,
        body: Vec<u8>,
        headers: Vec<(HeaderName, HeaderValue)>,
    ) -> Result<(), PortError> {
        let mut request = Request::new(Bytes::from(body));
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self.address.clone();
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(CONTENT_TYPE, json);
        request.headers_mut().extend(headers);
        let options = CallOptions::new()
            .with_total_timeout(self.timeout)
            .without_retry();
        match self.client.execute(self.operation, request, &options).await {
            Ok(_) => Ok(()),
            Err(error) => Err(port_error(error)),
        }
    }
}

/// The client's own rule for addresses, except that a query is allowed: some receivers put their token there.
fn checked(address: &SecretString) -> Result<Uri, SinkSettingsError> {
    let url = Url::parse(address.expose_secret())
        .map_err(|_| SinkSettingsError::new("webhook address: not a URL"))?;
    let mut bare = url.clone();
    bare.set_query(None);
    bare.set_fragment(None);
    BaseUrl::new(bare)
        .map_err(|error| SinkSettingsError::new(format!("webhook address: {error}")))?;
    request_uri(&url).map_err(|error| SinkSettingsError::new(format!("webhook address: {error}")))
}

/// What the client says of it: no address, no body, no secret.
fn port_error(error: Error) -> PortError {
    let class = match error.kind() {
        ErrorKind::Auth | ErrorKind::PermissionDenied => FailureClass::Unauthorised,
        ErrorKind::RateLimited => FailureClass::Throttled,
        ErrorKind::Server => FailureClass::Unavailable,
        // Other 4xx, and redirects, which are not followed.
        _ if error.status().is_some() => FailureClass::Rejected,
        _ if error.is_ambiguous() => FailureClass::Ambiguous,
        _ => FailureClass::NeverSent,
    };
    let retry_after = error.retry_after();
    PortError::new(class, error.to_string())
        .with_retry_after(retry_after)
        .with_source(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_https_or_this_machine() {
        for good in [
            "https://hooks.example/services/T0/B0/x",
            "https://hooks.example/x?token=y",
            "http://127.0.0.1:8080/x",
            "http://localhost/x",
        ] {
            assert!(checked(&SecretString::from(good)).is_ok(), "{good}");
        }
        for bad in [
            "http://hooks.example/x",
            "https://user:canary@hooks.example/x",
            "ftp://localhost/canary",
            "canary",
        ] {
            let error = checked(&SecretString::from(bad)).unwrap_err();
            assert!(!error.to_string().contains("canary"), "{error}");
        }
    }
}
