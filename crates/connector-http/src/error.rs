//! What went wrong, in a form that decides what to do next and gives nothing away.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use crate::vendor_error::VendorError;

/// A client could not be built from its settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    message: Cow<'static, str>,
}

impl BuildError {
    /// An error with a message. The message must not carry secrets.
    #[must_use]
    pub fn new(message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

/// The kind of an [`Error`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The request could not be put together. Check the values handed in; repeating is pointless.
    Build,
    /// The credentials or the token were refused (401). Check them, and the environment they belong to.
    Auth,
    /// Known, but not allowed (403). Check the plan and the rights of the key.
    PermissionDenied,
    /// There is no such thing (404). Check the base URL too: a wrong path looks the same.
    NotFound,
    /// Clashes with what is stored (409). See [`Error::is_concurrent_update`].
    Conflict,
    /// Refused as wrong (other 4xx). See [`Error::vendor_errors`]; repeating it unchanged is pointless.
    InvalidRequest,
    /// Throttled (429, or 503 with `Retry-After`). Wait for [`Error::retry_after`].
    RateLimited,
    /// The vendor failed (5xx, 408). Safe to repeat unless ambiguous.
    Server,
    /// No connection came about; the request was never sent. Check name, network and certificates.
    Connect,
    /// No answer in time.
    Timeout,
    /// The connection broke half-way.
    Interrupted,
    /// The answer is not what the contract says. A write may have been applied.
    Decode,
    /// The answer was larger than allowed. A write may have been applied.
    BodyTooLarge,
    /// The vendor, or the present configuration, does not support this.
    Unsupported,
    /// None of the above, such as a redirect.
    Unexpected,
}

impl ErrorKind {
    const fn phrase(self) -> &'static str {
        match self {
            Self::Build => "the request could not be built",
            Self::Auth => "not authenticated",
            Self::PermissionDenied => "permission denied",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::InvalidRequest => "refused as invalid",
            Self::RateLimited => "rate limited",
            Self::Server => "server failure",
            Self::Connect => "could not connect",
            Self::Timeout => "timed out",
            Self::Interrupted => "connection interrupted",
            Self::Decode => "unreadable answer",
            Self::BodyTooLarge => "answer too large",
            Self::Unsupported => "not supported",
            Self::Unexpected => "unexpected answer",
        }
    }

    /// A stable name for logs and metrics, such as `rate_limited`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Auth => "auth",
            Self::PermissionDenied => "permission_denied",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidRequest => "invalid_request",
            Self::RateLimited => "rate_limited",
            Self::Server => "server",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Interrupted => "interrupted",
            Self::Decode => "decode",
            Self::BodyTooLarge => "body_too_large",
            Self::Unsupported => "unsupported",
            Self::Unexpected => "unexpected",
        }
    }
}

/// A failed call.
///
/// `Display` is one line without cause, body, URL, secrets or personal data; the cause is [`source`](StdError::source).
/// Texts written by the vendor are reached through [`vendor_errors`](Self::vendor_errors) only.
#[derive(Clone)]
pub struct Error(pub(crate) Box<Inner>);

#[derive(Clone)]
pub(crate) struct Inner {
    pub(crate) kind: ErrorKind,
    pub(crate) operation: &'static str,
    pub(crate) status: Option<StatusCode>,
    pub(crate) request_id: Option<String>,
    pub(crate) vendor_errors: Vec<VendorError>,
    pub(crate) retry_after: Option<Duration>,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
    pub(crate) ambiguous: bool,
    pub(crate) clash: bool,
    /// Whether the operation may be repeated as it is after a clash.
    pub(crate) repeatable: bool,
    pub(crate) exhausted: bool,
    pub(crate) detail: Option<Cow<'static, str>>,
    pub(crate) source: Option<Arc<dyn StdError + Send + Sync>>,
}

impl Error {
    /// An error of a call that was stopped on this side before anything was sent.
    ///
    /// `detail` becomes part of `Display`; it must not carry secrets or personal data.
    #[must_use]
    pub fn before_sending(
        kind: ErrorKind,
        operation: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut error = Self::of_kind(kind, operation);
        error.0.detail = Some(detail.into());
        error
    }

    pub(crate) fn of_kind(kind: ErrorKind, operation: &'static str) -> Self {
        Self(Box::new(Inner {
            kind,
            operation,
            status: None,
            request_id: None,
            vendor_errors: Vec::new(),
            retry_after: None,
            attempts: 0,
            elapsed: Duration::ZERO,
            ambiguous: false,
            clash: false,
            repeatable: false,
            exhausted: false,
            detail: None,
            source: None,
        }))
    }

    /// Adds a cause. Its `Display` must not carry secrets or personal data.
    #[must_use]
    pub fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    /// The same error, marked as ambiguous: for an operation of several calls, of which an earlier one may have been
    /// applied.
    #[must_use]
    pub fn into_ambiguous(mut self) -> Self {
        self.0.ambiguous = true;
        self
    }

    /// The same error, no longer a concurrent update: for a caller that looked, and found no other writer.
    ///
    /// `detail` becomes part of `Display`; it must not carry secrets or personal data.
    #[must_use]
    pub fn into_settled_conflict(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.clash = false;
        self.0.detail = Some(detail.into());
        self
    }

    /// The kind.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The name of the operation, such as `purchases.get`.
    #[must_use]
    pub const fn operation(&self) -> &'static str {
        self.0.operation
    }

    /// The status of the last answer, if there was one.
    #[must_use]
    pub const fn status(&self) -> Option<StatusCode> {
        self.0.status
    }

    /// The vendor's id of the last exchange, if it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// What the vendor said in the error body.
    #[must_use]
    pub fn vendor_errors(&self) -> &[VendorError] {
        &self.0.vendor_errors
    }

    /// How long the vendor asked to wait.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// How many requests were handed to the transport.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// The time the call took, waiting included.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.0.elapsed
    }

    /// Whether the request **may have been applied**, though no proof of it arrived.
    ///
    /// Look the record up before sending it again. `false` for plain reads.
    #[must_use]
    pub const fn is_ambiguous(&self) -> bool {
        self.0.ambiguous
    }

    /// Whether the same call may succeed later **and** may be repeated without looking first.
    #[must_use]
    pub const fn is_retryable(&self) -> bool {
        !self.0.ambiguous && ((self.0.clash && self.0.repeatable) || self.is_transient())
    }

    /// Whether the cause lies in a passing state of network or vendor. Says nothing on whether the request was applied.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self.0.kind,
            ErrorKind::RateLimited
                | ErrorKind::Server
                | ErrorKind::Connect
                | ErrorKind::Timeout
                | ErrorKind::Interrupted
        )
    }

    /// Whether retries were already spent on it, so that an outer loop should wait rather than multiply them.
    #[must_use]
    pub const fn is_exhausted(&self) -> bool {
        self.0.exhausted
    }

    /// Whether credentials, token or rights were refused.
    #[must_use]
    pub const fn is_auth(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Auth | ErrorKind::PermissionDenied)
    }

    /// Whether the vendor said that there is no such thing.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self.0.kind, ErrorKind::NotFound)
    }

    /// Whether the request clashes with what is stored, concurrent updates included.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Conflict)
    }

    /// Whether the vendor may have refused the write because of another writer at the same moment.
    ///
    /// Read again before writing, unless the error is [retryable](Self::is_retryable) as well.
    #[must_use]
    pub const fn is_concurrent_update(&self) -> bool {
        self.0.clash
    }

    /// Whether a time limit ran out.
    #[must_use]
    pub const fn is_timeout(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Timeout)
    }

    /// Whether the vendor throttled.
    #[must_use]
    pub const fn is_rate_limited(&self) -> bool {
        matches!(self.0.kind, ErrorKind::RateLimited)
    }
}

impl Error {
    /// The texts of all causes, for `Debug`. By contract they carry nothing secret; their own `Debug` might.
    fn causes(&self) -> Vec<String> {
        let mut texts = Vec::new();
        let mut cause = self.source();
        while let Some(one) = cause {
            texts.push(one.to_string());
            cause = one.source();
        }
        texts
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.operation, self.0.kind.phrase())?;
        if let Some(detail) = &self.0.detail {
            f.write_str(", ")?;
            // One line, whatever a client puts in.
            for c in detail.chars() {
                f.write_char(if c.is_control() { ' ' } else { c })?;
            }
        }
        if let Some(status) = self.0.status {
            write!(f, " (status {}", status.as_u16())?;
            if self.0.attempts > 1 {
                write!(f, ", {} attempts", self.0.attempts)?;
            }
            f.write_str(")")?;
        } else if self.0.attempts > 1 {
            write!(f, " ({} attempts)", self.0.attempts)?;
        }
        if self.0.ambiguous {
            f.write_str("; it may have been applied")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status.map(|status| status.as_u16()))
            .field("request_id", &self.0.request_id)
            .field("vendor_errors", &self.0.vendor_errors)
            .field("retry_after", &self.0.retry_after)
            .field("attempts", &self.0.attempts)
            .field("elapsed", &self.0.elapsed)
            .field("ambiguous", &self.0.ambiguous)
            .field("concurrent_update", &self.0.clash)
            .field("exhausted", &self.0.exhausted)
            .field("detail", &self.0.detail)
            .field("causes", &self.causes())
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0
            .source
            .as_deref()
            .map(|source| source as &(dyn StdError + 'static))
    }
}
