//! Calls that this crate does not know.

use std::fmt;

use bytes::Bytes;
use connector_http::{CallOptions, Error, ErrorKind, Operation, Reply};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::client::SparkLayer;
use crate::json::decode;

/// A call of the caller's own making, with everything that known calls have: token, retries, throttle, redaction.
///
/// It stays below the base address, whatever its segments are. The caller says by the operation's
/// [`Idempotency`](connector_http::Idempotency) how it may be repeated; logs and errors show the operation's name and
/// template, and nothing of segments, query and body.
///
/// ```
/// # use sparklayer_client::{Error, SparkLayer};
/// use http::Method;
/// use sparklayer_client::{Idempotency, Operation};
///
/// static PRICING: Operation = Operation::new("pricing.of_sku", Idempotency::ReadOnly, "/api/v1/pricing/{sku}");
///
/// # async fn example(shop: SparkLayer, sku: &str) -> Result<(), Error> {
/// let prices: serde_json::Value = shop
///     .request(&PRICING, Method::GET, ["api", "v1", "pricing", sku])
///     .with_query("currency", "GBP")
///     .json()
///     .await?;
/// # Ok(()) }
/// ```
#[must_use = "a request does nothing until it is sent"]
pub struct RawRequest {
    client: SparkLayer,
    operation: Operation,
    method: Method,
    segments: Vec<String>,
    query: Vec<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
    options: CallOptions,
}

impl fmt::Debug for RawRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawRequest")
            .field("operation", &self.operation)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl SparkLayer {
    /// A call that this crate does not know, not yet sent. Each segment of the path is percent-encoded.
    pub fn request<'a>(
        &self,
        operation: &Operation,
        method: Method,
        segments: impl IntoIterator<Item = &'a str>,
    ) -> RawRequest {
        RawRequest {
            client: self.clone(),
            operation: operation.clone(),
            method,
            segments: segments.into_iter().map(str::to_owned).collect(),
            query: Vec::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            options: CallOptions::new(),
        }
    }
}

impl RawRequest {
    /// Adds a parameter to the query.
    pub fn with_query(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Sets a header, such as `Accept-Language`. Sending refuses those that the client owns.
    pub fn with_header(mut self, name: HeaderName, value: HeaderValue) -> Self {
        self.headers.insert(name, value);
        self
    }

    /// Sets the body, and the type it has.
    pub fn with_body(mut self, content_type: HeaderValue, body: impl Into<Bytes>) -> Self {
        self.headers.insert(CONTENT_TYPE, content_type);
        self.body = body.into();
        self
    }

    /// Sets a JSON body.
    ///
    /// # Errors
    ///
    /// [`Build`](ErrorKind::Build) if it cannot be written as JSON.
    pub fn with_json(self, body: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_vec(body).map_err(|_| {
            Error::before_sending(
                ErrorKind::Build,
                self.operation.name(),
                "the body cannot be written as JSON",
            )
        })?;
        Ok(self.with_body(HeaderValue::from_static("application/json"), body))
    }

    /// Options of this call.
    pub const fn with_options(mut self, options: CallOptions) -> Self {
        self.options = options;
        self
    }

    /// Sends the request; an answer with a status of success is returned as it came.
    ///
    /// # Errors
    ///
    /// [`InvalidRequest`](ErrorKind::InvalidRequest), before anything is sent, for a segment that would leave its place
    /// (empty, `.`, `..`, with a control character) and for a header that the client owns; else as any call.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the fate of a write unknown.
    pub async fn send(self) -> Result<Reply, Error> {
        let refused =
            |kind, detail: &'static str| Error::before_sending(kind, self.operation.name(), detail);
        let site_id = HeaderName::from_static("site-id");
        let owned = [
            AUTHORIZATION,
            CONTENT_LENGTH,
            HOST,
            TRANSFER_ENCODING,
            site_id,
        ];
        if owned.iter().any(|name| self.headers.contains_key(name)) {
            return Err(refused(
                ErrorKind::InvalidRequest,
                "a header that the client owns cannot be set",
            ));
        }
        let segments = self.segments.iter().map(String::as_str);
        let mut address = self.client.address(&self.operation, segments)?;
        if !self.query.is_empty() {
            address.query_pairs_mut().extend_pairs(&self.query);
        }
        let mut request = Request::builder()
            .method(self.method)
            .uri(address.as_str())
            .body(self.body)
            .map_err(|_| refused(ErrorKind::Build, "the address cannot be written"))?;
        *request.headers_mut() = self.headers;
        self.client
            .http()
            .execute(&self.operation, request, &self.options)
            .await
    }

    /// Sends the request and decodes a JSON answer.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send), and [`Decode`](ErrorKind::Decode) with the path of what cannot be read.
    ///
    /// # Cancel safety
    ///
    /// As [`send`](Self::send).
    pub async fn json<T: DeserializeOwned>(self) -> Result<T, Error> {
        let reply = self.send().await?;
        decode(&reply, "the JSON that the caller asked for")
    }
}
