//! The answer of a successful call, not yet decoded.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use http::{HeaderMap, HeaderName, StatusCode, header};

use crate::error::{Error, ErrorKind};
use crate::operation::Operation;

const REQUEST_ID_HEADERS: [&str; 3] = ["x-request-id", "request-id", "x-correlation-id"];

/// Reads an HTTP date header.
pub(crate) fn http_date(headers: &HeaderMap, name: &HeaderName) -> Option<DateTime<Utc>> {
    let text = headers.get(name)?.to_str().ok()?;
    httpdate::parse_http_date(text.trim())
        .ok()
        .map(DateTime::<Utc>::from)
}

/// No vendor is believed that it wants more than this: a mistaken header must not overflow anybody's arithmetic.
const LONGEST_WAIT: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the vendor asks to wait: delta seconds or an HTTP date; a day at most. Nothing readable counts as absent.
///
/// A date is measured against the answer's own `Date`, so a wrong clock on this side does no harm. One that is past asks
/// for no wait.
pub(crate) fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(header::RETRY_AFTER)?.to_str().ok()?.trim();
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Digits that are no number are too many of them.
        let seconds = text.parse().unwrap_or(u64::MAX);
        return Some(Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let until = http_date(headers, &header::RETRY_AFTER)?;
    let from = http_date(headers, &header::DATE).unwrap_or(now);
    let wait = until.signed_duration_since(from).to_std();
    Some(wait.unwrap_or(Duration::ZERO).min(LONGEST_WAIT))
}

/// The vendor's id of an exchange, if it is short and plain.
pub(crate) fn request_id(headers: &HeaderMap) -> Option<String> {
    REQUEST_ID_HEADERS
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .find(|id| !id.is_empty() && id.len() <= 128 && id.chars().all(|c| c.is_ascii_graphic()))
        .map(str::to_owned)
}

/// The answer of a successful call. `Debug` shows neither headers nor body.
#[derive(Clone)]
pub struct Reply {
    pub(crate) operation: Operation,
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    pub(crate) attempts: u32,
    pub(crate) elapsed: Duration,
}

impl Reply {
    /// The status.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        self.status
    }

    /// The headers of the answer.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The body.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body, by value.
    #[must_use]
    pub fn into_body(self) -> Bytes {
        self.body
    }

    /// How many requests the call took.
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The time the call took, waiting included.
    #[must_use]
    pub const fn elapsed(&self) -> Duration {
        self.elapsed
    }

    /// The vendor's id of the exchange, if it gave one.
    #[must_use]
    pub fn request_id(&self) -> Option<String> {
        request_id(&self.headers)
    }

    /// The vendor's clock, from the `Date` header, to the second.
    #[must_use]
    pub fn server_time(&self) -> Option<DateTime<Utc>> {
        http_date(&self.headers, &header::DATE)
    }

    /// The error of an answer that does not decode; ambiguous for writes, since the vendor said yes.
    ///
    /// `detail` says what and where, such as `Purchase at packages[0].type`. It becomes part of `Display`, so it must
    /// not quote the body.
    #[must_use]
    pub fn decode_error(&self, detail: impl Into<Cow<'static, str>>) -> Error {
        let mut error = Error::of_kind(ErrorKind::Decode, self.operation.name());
        error.0.status = Some(self.status);
        error.0.request_id = self.request_id();
        error.0.attempts = self.attempts;
        error.0.elapsed = self.elapsed;
        error.0.ambiguous = self.operation.idempotency().is_write();
        error.0.detail = Some(detail.into());
        error
    }
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("operation", &self.operation.name())
            .field("status", &self.status.as_u16())
            .field("body_len", &self.body.len())
            .field("attempts", &self.attempts)
            .field("elapsed", &self.elapsed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn retry_after_in_seconds_and_as_a_date() {
        let now = "2026-01-05T10:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers, now), None);
        let mut read = |name: HeaderName, value: &'static str| {
            headers.insert(name, HeaderValue::from_static(value));
            retry_after(&headers, now).map(|wait| wait.as_secs())
        };
        assert_eq!(read(header::RETRY_AFTER, " 7 "), Some(7));
        assert_eq!(read(header::RETRY_AFTER, "0"), Some(0));
        for odd in [
            "-1",
            "+1",
            "1.5",
            "soon",
            "",
            " ",
            "Mon, 45 Jan 2026 10:00:30 GMT",
        ] {
            assert_eq!(read(header::RETRY_AFTER, odd), None, "{odd}");
        }
        let day = Some(24 * 60 * 60);
        for silly in [
            "99999999",
            "18446744073709551615",
            "99999999999999999999999999999999",
            "Fri, 31 Dec 9999 23:59:59 GMT",
        ] {
            assert_eq!(read(header::RETRY_AFTER, silly), day, "{silly}");
        }
        assert_eq!(
            read(header::RETRY_AFTER, "Mon, 05 Jan 2026 10:00:30 GMT"),
            Some(30)
        );
        assert_eq!(
            read(header::RETRY_AFTER, "Mon, 05 Jan 2026 09:00:00 GMT"),
            Some(0)
        );
        assert_eq!(
            read(header::DATE, "Mon, 05 Jan 2026 08:59:50 GMT"),
            Some(10)
        );
    }

    #[test]
    fn odd_request_ids_are_left_out() {
        let mut headers = HeaderMap::new();
        headers.insert("x-request-id", HeaderValue::from_static("with blank"));
        assert_eq!(request_id(&headers), None);
        headers.insert("request-id", HeaderValue::from_static("abc-2"));
        assert_eq!(request_id(&headers).as_deref(), Some("abc-2"));
        headers.insert("x-request-id", HeaderValue::from_static("abc-1"));
        assert_eq!(request_id(&headers).as_deref(), Some("abc-1"));
    }
}
