//! What an outcome means: the first of the three pieces of the retry loop.

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Response, StatusCode};

use crate::error::ErrorKind;
use crate::operation::Operation;
use crate::transport::TransportErrorKind;
use crate::vendor_error::VendorError;

/// A client's knowledge of its vendor's answers.
///
/// All methods must accept any bytes: an answer may be an object, an array, empty, or the HTML of a gateway.
///
/// ```
/// use bytes::Bytes;
/// use connector_http::{Classifier, Operation, VendorError, Verdict};
/// use http::{Response, StatusCode};
///
/// /// Says `STOCK_LOCKED: ...` with 409 when another writer is at work, and throttles before it reads a request.
/// #[derive(Debug)]
/// struct Warehouse;
///
/// impl Classifier for Warehouse {
///     fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
///         let text = String::from_utf8_lossy(response.body());
///         match text.split_once(": ") {
///             Some((code, message)) => vec![VendorError::new(Some(code.into()), Some(message.into()), None)],
///             None => Vec::new(),
///         }
///     }
///
///     fn verdict(&self, _: &Operation, response: &Response<Bytes>, errors: &[VendorError]) -> Verdict {
///         let is_locked = errors.iter().any(|error| error.code() == Some("STOCK_LOCKED"));
///         match response.status() {
///             StatusCode::CONFLICT if is_locked => Verdict::ConcurrentUpdate,
///             StatusCode::TOO_MANY_REQUESTS => Verdict::Unprocessed,
///             _ => Verdict::ByStatus,
///         }
///     }
/// }
///
/// let gets = Operation::new("stock.get", connector_http::Idempotency::ReadOnly, "/stock");
/// let answer = Response::new(Bytes::from("STOCK_LOCKED: try later"));
/// assert_eq!(Warehouse.vendor_errors(&gets, &answer)[0].code(), Some("STOCK_LOCKED"));
/// ```
pub trait Classifier: fmt::Debug + Send + Sync {
    /// Reads the complaints in an error body. An unreadable body has none.
    fn vendor_errors(&self, operation: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        let _ = (operation, response);
        Vec::new()
    }

    /// What the answer means where the status alone does not tell. `errors` is what
    /// [`vendor_errors`](Self::vendor_errors) returned; for a 2xx answer it is empty.
    fn verdict(
        &self,
        operation: &Operation,
        response: &Response<Bytes>,
        errors: &[VendorError],
    ) -> Verdict {
        let _ = (operation, response, errors);
        Verdict::ByStatus
    }
}

/// A classifier that knows the status codes only.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct ByStatus;

impl ByStatus {
    /// The plain classifier.
    #[must_use]
    pub const fn new() -> Self {
        Self
    }
}

impl Classifier for ByStatus {}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// What its status says.
    ByStatus,
    /// A success in spite of its status.
    Success,
    /// Another writer was there at the same moment. Repeated only where repeating is harmless.
    ConcurrentUpdate,
    /// A definite refusal: not applied and pointless to repeat, such as a 200 with an error body.
    Refused(ErrorKind),
    /// Throttled before processing, by the vendor's documentation: even a create may be repeated.
    Unprocessed,
}

/// When a failed attempt may be repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Repeat {
    Always,
    IfIdempotent,
    Never,
}

/// The meaning of a failed attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) kind: ErrorKind,
    pub(crate) repeat: Repeat,
    /// Whether the request may have been applied.
    pub(crate) maybe_applied: bool,
    pub(crate) clash: bool,
    pub(crate) retry_after: Option<Duration>,
}

impl Failure {
    const fn new(kind: ErrorKind, repeat: Repeat, maybe_applied: bool) -> Self {
        Self {
            kind,
            repeat,
            maybe_applied,
            clash: false,
            retry_after: None,
        }
    }

    /// Our own attempt timeout: the request was handed to the transport.
    pub(crate) const fn timed_out() -> Self {
        Self::new(ErrorKind::Timeout, Repeat::IfIdempotent, true)
    }
}

/// The meaning of an exchange without an answer.
pub(crate) const fn of_transport(kind: TransportErrorKind) -> Failure {
    match kind {
        TransportErrorKind::Connect => Failure::new(ErrorKind::Connect, Repeat::Always, false),
        TransportErrorKind::Refused => Failure::new(ErrorKind::Build, Repeat::Never, false),
        TransportErrorKind::Timeout => Failure::new(ErrorKind::Timeout, Repeat::IfIdempotent, true),
        TransportErrorKind::Interrupted => {
            Failure::new(ErrorKind::Interrupted, Repeat::IfIdempotent, true)
        }
        TransportErrorKind::BodyTooLarge => {
            Failure::new(ErrorKind::BodyTooLarge, Repeat::Never, true)
        }
        TransportErrorKind::Other => Failure::new(ErrorKind::Unexpected, Repeat::Never, true),
    }
}

/// The meaning of an answer; `None` is success.
pub(crate) fn of_answer(
    status: StatusCode,
    verdict: Verdict,
    retry_after: Option<Duration>,
) -> Option<Failure> {
    let mut failure = match verdict {
        Verdict::Success => return None,
        Verdict::ConcurrentUpdate => {
            let mut failure = Failure::new(ErrorKind::Conflict, Repeat::IfIdempotent, false);
            failure.clash = true;
            failure
        }
        Verdict::Refused(kind) => Failure::new(kind, Repeat::Never, false),
        Verdict::Unprocessed => Failure::new(ErrorKind::RateLimited, Repeat::Always, false),
        Verdict::ByStatus if status.is_success() => return None,
        Verdict::ByStatus => by_status(status, retry_after),
    };
    failure.retry_after = retry_after;
    Some(failure)
}

fn by_status(status: StatusCode, retry_after: Option<Duration>) -> Failure {
    match status.as_u16() {
        401 => Failure::new(ErrorKind::Auth, Repeat::Never, false),
        403 => Failure::new(ErrorKind::PermissionDenied, Repeat::Never, false),
        404 => Failure::new(ErrorKind::NotFound, Repeat::Never, false),
        408 => Failure::new(ErrorKind::Server, Repeat::IfIdempotent, true),
        409 => Failure::new(ErrorKind::Conflict, Repeat::Never, false),
        429 => Failure::new(ErrorKind::RateLimited, Repeat::IfIdempotent, false),
        503 if retry_after.is_some() => {
            Failure::new(ErrorKind::RateLimited, Repeat::IfIdempotent, false)
        }
        501 | 505 => Failure::new(ErrorKind::Unsupported, Repeat::Never, false),
        400..=499 => Failure::new(ErrorKind::InvalidRequest, Repeat::Never, false),
        500..=599 => Failure::new(ErrorKind::Server, Repeat::IfIdempotent, true),
        _ => Failure::new(ErrorKind::Unexpected, Repeat::Never, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_of_outcomes() {
        use ErrorKind as K;
        use Repeat as R;
        let second = Some(Duration::from_secs(1));
        let table = [
            (302, None, K::Unexpected, R::Never, true),
            (400, None, K::InvalidRequest, R::Never, false),
            (401, None, K::Auth, R::Never, false),
            (403, None, K::PermissionDenied, R::Never, false),
            (404, None, K::NotFound, R::Never, false),
            (408, None, K::Server, R::IfIdempotent, true),
            (409, None, K::Conflict, R::Never, false),
            (410, None, K::InvalidRequest, R::Never, false),
            (422, None, K::InvalidRequest, R::Never, false),
            (429, None, K::RateLimited, R::IfIdempotent, false),
            (500, None, K::Server, R::IfIdempotent, true),
            (501, None, K::Unsupported, R::Never, false),
            (502, None, K::Server, R::IfIdempotent, true),
            (503, None, K::Server, R::IfIdempotent, true),
            (503, second, K::RateLimited, R::IfIdempotent, false),
            (504, None, K::Server, R::IfIdempotent, true),
        ];
        for (status, retry_after, kind, repeat, maybe) in table {
            let code = StatusCode::from_u16(status).unwrap();
            let failure = of_answer(code, Verdict::ByStatus, retry_after).unwrap();
            assert_eq!(
                (failure.kind, failure.repeat, failure.maybe_applied),
                (kind, repeat, maybe),
                "{status}"
            );
        }
        assert_eq!(
            of_answer(StatusCode::NO_CONTENT, Verdict::ByStatus, None),
            None
        );
        assert_eq!(
            of_answer(StatusCode::CONFLICT, Verdict::Success, None),
            None
        );
    }

    #[test]
    fn only_a_failed_connection_may_always_be_repeated() {
        use TransportErrorKind as T;
        for kind in [
            T::Refused,
            T::Timeout,
            T::Interrupted,
            T::BodyTooLarge,
            T::Other,
        ] {
            assert_ne!(of_transport(kind).repeat, Repeat::Always, "{kind:?}");
        }
        let failure = of_transport(T::Connect);
        assert_eq!(
            (failure.repeat, failure.maybe_applied),
            (Repeat::Always, false)
        );
    }
}
