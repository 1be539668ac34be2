//! How SparkLayer says no.

use bytes::Bytes;
use connector_http::{Classifier, ErrorKind, Operation, VendorError, Verdict};
use http::{Response, StatusCode};
use serde_json::value::RawValue;

use crate::auth::GET_TOKEN;
use crate::members::Members;
use crate::value::text;

/// No answer of the vendor needs more; a hostile one must not fill the memory of whoever keeps errors.
const MOST_ERRORS: usize = 100;

/// Reads the documented error bodies: a problem object, a bare array of `{line, field, message}`, or nothing; and
/// expects a gateway's HTML in their place.
#[derive(Debug)]
pub(crate) struct SparkLayerAnswers;

fn member(members: &Members, name: &str) -> Option<String> {
    members.get(name).and_then(text).flatten()
}

/// RFC 7807 with `errors: [{code, message, property}]`. Documented.
fn of_problem(members: &Members) -> Vec<VendorError> {
    let items: Vec<Box<RawValue>> = members
        .get("errors")
        .and_then(|raw| serde_json::from_str(raw.get()).ok())
        .unwrap_or_default();
    let errors: Vec<VendorError> = items
        .iter()
        .take(MOST_ERRORS)
        .filter_map(|item| Members::parse(item))
        .map(|item| {
            VendorError::new(
                member(&item, "code"),
                member(&item, "message"),
                member(&item, "property"),
            )
        })
        .filter(|error| !error.is_empty())
        .collect();
    if !errors.is_empty() {
        return errors;
    }
    let message = member(members, "detail").or_else(|| member(members, "title"));
    let summary = VendorError::new(None, message, None);
    if summary.is_empty() {
        Vec::new()
    } else {
        vec![summary]
    }
}

fn of_array(items: &[Box<RawValue>]) -> Vec<VendorError> {
    let pointer = |item: &Members| match (member(item, "line"), member(item, "field")) {
        (Some(line), Some(field)) => Some(format!("[{line}].{field}")),
        (Some(line), None) => Some(format!("[{line}]")),
        (None, field) => field,
    };
    items
        .iter()
        .take(MOST_ERRORS)
        .filter_map(|item| Members::parse(item))
        .map(|item| {
            VendorError::new(
                member(&item, "code"),
                member(&item, "message"),
                pointer(&item),
            )
        })
        .filter(|error| !error.is_empty())
        .collect()
}

pub(crate) fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

impl Classifier for SparkLayerAnswers {
    fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        let body = response.body();
        match body.trim_ascii_start().first() {
            Some(b'{') => serde_json::from_slice::<Box<RawValue>>(body)
                .ok()
                .and_then(|raw| Members::parse(&raw))
                .map(|members| of_problem(&members))
                .unwrap_or_default(),
            Some(b'[') => serde_json::from_slice::<Vec<Box<RawValue>>>(body)
                .map(|items| of_array(&items))
                .unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn verdict(
        &self,
        operation: &Operation,
        response: &Response<Bytes>,
        _: &[VendorError],
    ) -> Verdict {
        let is_token = operation.name() == GET_TOKEN.name();
        match response.status() {
            // The status of wrong credentials is not documented.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
                if is_token =>
            {
                Verdict::Refused(ErrorKind::Auth)
            }
            // A clash of two writers and a clash of identifiers look the same; both are documented.
            StatusCode::CONFLICT => Verdict::ConcurrentUpdate,
            // Documented: wait and repeat.
            StatusCode::TOO_MANY_REQUESTS => Verdict::Unprocessed,
            // A page of a gateway does not prove that the record is not there.
            StatusCode::NOT_FOUND if is_html(response.body()) => {
                Verdict::Refused(ErrorKind::Unexpected)
            }
            _ => Verdict::ByStatus,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use connector_http::Idempotency;

    fn errors(body: &'static str) -> Vec<VendorError> {
        let operation = Operation::new("test", Idempotency::ReadOnly, "/");
        SparkLayerAnswers.vendor_errors(
            &operation,
            &Response::new(Bytes::from_static(body.as_bytes())),
        )
    }

    fn error(code: Option<&str>, message: Option<&str>, pointer: Option<&str>) -> VendorError {
        VendorError::new(
            code.map(Into::into),
            message.map(Into::into),
            pointer.map(Into::into),
        )
    }

    #[test]
    fn all_shapes_of_error_bodies() {
        assert_eq!(
            errors(
                r#"{"title":"t","status":422,"errors":[{"code":"cart-empty","message":"m","property":"/p"}, 7]}"#
            ),
            [error(Some("cart-empty"), Some("m"), Some("/p"))]
        );
        assert_eq!(
            errors(r#"{"title":"t","detail":"d","errors":[]}"#),
            [error(None, Some("d"), None)]
        );
        assert_eq!(
            errors(r#" [{"line":3,"field":"sku","message":"m"},{"line":4,"message":"n"},null]"#),
            [
                error(None, Some("m"), Some("[3].sku")),
                error(None, Some("n"), Some("[4]"))
            ]
        );
        for nothing in [
            "",
            "  ",
            "<html>502</html>",
            "{",
            "[",
            "null",
            "{}",
            "[[]]",
            "\u{feff}{}",
        ] {
            assert_eq!(errors(nothing), [], "{nothing}");
        }
    }
}
