//! How bytes reach the vendor.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// Moves one request to the vendor and its answer back.
///
/// # Contract
///
/// - One call is at most one request on the wire: no retries, no redirects.
/// - An answer of any status is `Ok`.
/// - [`TransportErrorKind::Connect`] is reported only where the request provably never left, because a create is
///   repeated on the strength of it.
/// - Time limits on the whole attempt are applied by the layer above, which drops the future.
/// - Answers are read up to a limit; what is beyond it is not read at all.
///
/// # Bring your own
///
/// A transport may be another HTTP library, or no network at all. This one answers in the process, and is all that a
/// test of retries needs:
///
/// ```
/// use std::sync::Arc;
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use async_trait::async_trait;
/// use bytes::Bytes;
/// use connector_http::{
///     CallOptions, HttpClient, HttpTransport, Idempotency, Operation, TransportError, TransportErrorKind,
/// };
/// use http::{Request, Response};
///
/// /// Is not there at first.
/// #[derive(Debug, Default)]
/// struct Sleepy(AtomicU32);
///
/// #[async_trait]
/// impl HttpTransport for Sleepy {
///     async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
///         match self.0.fetch_add(1, Ordering::SeqCst) {
///             0 => Err(TransportError::new(TransportErrorKind::Connect)),
///             _ => Ok(Response::new(Bytes::from(format!("you asked for {}", request.uri().path())))),
///         }
///     }
/// }
///
/// static GET_ORDER: Operation = Operation::new("orders.get", Idempotency::ReadOnly, "/v1/orders/{reference}");
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let client = HttpClient::builder(Arc::new(Sleepy::default())).build()?;
/// let request = Request::get("https://warehouse.example/v1/orders/1001").body(Bytes::new())?;
/// let reply = client.execute(&GET_ORDER, request, &CallOptions::new()).await?;
/// assert_eq!(reply.attempts(), 2);
/// assert_eq!(reply.body(), "you asked for /v1/orders/1001");
/// # Ok(())
/// # }
/// ```
#[async_trait]
pub trait HttpTransport: fmt::Debug + Send + Sync {
    /// Sends one request.
    ///
    /// # Errors
    ///
    /// The kind says whether the request may have arrived.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future leaves the fate of the request unknown.
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError>;

    /// How long it lets a connection take to come about; `None` if it sets no limit of its own.
    ///
    /// A client refuses to be built when its attempt timeout is not above it.
    fn connect_timeout(&self) -> Option<Duration> {
        None
    }
}

#[async_trait]
impl<T: HttpTransport + ?Sized> HttpTransport for Arc<T> {
    async fn send(
        &self,
        request: http::Request<Bytes>,
    ) -> Result<http::Response<Bytes>, TransportError> {
        (**self).send(request).await
    }

    fn connect_timeout(&self) -> Option<Duration> {
        (**self).connect_timeout()
    }
}

/// Why no answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TransportErrorKind {
    /// No connection came about: the request provably was never sent.
    Connect,
    /// Refused on this side before sending, such as plaintext to a remote host. Never sent, and pointless to repeat.
    Refused,
    /// The transport's own time limit ran out after the request may have been sent.
    Timeout,
    /// The connection broke after the request may have been sent, or within the answer.
    Interrupted,
    /// The answer was larger than allowed.
    BodyTooLarge,
    /// Anything else. Taken as "may have been sent".
    Other,
}

impl TransportErrorKind {
    pub(crate) const fn phrase(self) -> &'static str {
        match self {
            Self::Connect => "no connection",
            Self::Refused => "refused before sending",
            Self::Timeout => "time limit reached",
            Self::Interrupted => "connection interrupted",
            Self::BodyTooLarge => "answer too large",
            Self::Other => "transport failure",
        }
    }
}

/// A failed exchange without an answer.
///
/// Sources must not carry URLs, headers or bodies.
#[derive(Clone, Debug)]
pub struct TransportError {
    kind: TransportErrorKind,
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl TransportError {
    /// An error of a kind.
    #[must_use]
    pub const fn new(kind: TransportErrorKind) -> Self {
        Self { kind, source: None }
    }

    /// Adds the cause.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.source = Some(Arc::new(source));
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> TransportErrorKind {
        self.kind
    }
}

impl fmt::Display for TransportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.phrase())
    }
}

impl StdError for TransportError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
