//! How the carrier's shipping interface says no.
//!
//! **Seen in use**: a status other than 200 with an XML body whose root has a child `Message`, in older versions
//! `Description`; no machine code, so nothing may rest on the text. A gateway may answer HTML, plain text or nothing.

use bytes::Bytes;
use connector_http::{Classifier, ErrorKind, Operation, VendorError, Verdict};
use http::{Response, StatusCode};

use crate::xml::{IllegalCharacters, Limits, read};

/// No complaint is longer; a hostile one must not fill the memory of whoever keeps errors.
const MESSAGE_MAX: usize = 1000;

/// A refusal is a few lines. What is larger is not looked into.
const LIMITS: Limits = Limits {
    bytes: 64 * 1024,
    depth: 16,
    parts: 1000,
};

/// Reads refusals.
#[derive(Debug)]
pub(crate) struct CarrierRefusals {
    /// The name of the operation that fetches tokens, whose refusals are about credentials.
    pub(crate) token_operation: &'static str,
}

/// What an error body says: `Message`, else `Description`, else the text itself unless it is markup.
fn message(body: &[u8]) -> Option<String> {
    let text = match read(body, LIMITS, IllegalCharacters::Replace) {
        Ok(root) => ["Message", "Description"]
            .into_iter()
            .find_map(|name| root.child(name)?.value().map(str::to_owned))?,
        Err(_) if body.len() > LIMITS.bytes || is_markup(body) => return None,
        Err(_) => std::str::from_utf8(body).ok()?.trim().to_owned(),
    };
    let text: String = text.chars().take(MESSAGE_MAX).collect();
    (!text.is_empty()).then_some(text)
}

fn is_markup(body: &[u8]) -> bool {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    body.trim_ascii_start().starts_with(b"<")
}

/// Whether a body is a web page, which no interface of the carrier answers with.
fn is_page(body: &[u8]) -> bool {
    let start: Vec<u8> = body.trim_ascii_start().iter().take(14).copied().collect();
    let start = start.to_ascii_lowercase();
    start.starts_with(b"<html") || start.starts_with(b"<!doctype html")
}

impl Classifier for CarrierRefusals {
    fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        if is_page(response.body()) {
            return Vec::new();
        }
        let said = message(response.body());
        said.map(|said| VendorError::new(None, Some(said), None))
            .into_iter()
            .collect()
    }

    fn verdict(
        &self,
        operation: &Operation,
        response: &Response<Bytes>,
        _: &[VendorError],
    ) -> Verdict {
        match response.status() {
            // The status of wrong credentials is not known.
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
                if operation.name() == self.token_operation =>
            {
                Verdict::Refused(ErrorKind::Auth)
            }
            // A page of a gateway does not prove that the shipment is not there.
            StatusCode::NOT_FOUND if is_page(response.body()) => {
                Verdict::Refused(ErrorKind::Unexpected)
            }
            _ => Verdict::ByStatus,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test fails by panicking")]

    use super::*;
    use connector_http::Idempotency;

    const REFUSALS: CarrierRefusals = CarrierRefusals {
        token_operation: "shipping.token",
    };

    fn said(body: impl Into<Bytes>) -> Option<String> {
        let operation = Operation::new("shipping.create", Idempotency::NonIdempotent, "/Shipment");
        let errors = REFUSALS.vendor_errors(&operation, &Response::new(body.into()));
        assert!(errors.len() <= 1);
        errors
            .first()
            .map(|error| error.message().map(str::to_owned))?
    }

    #[test]
    fn every_shape_of_a_refusal() {
        for (body, wanted) in [
            (
                "<Error><Message> Weight is missing </Message></Error>",
                Some("Weight is missing"),
            ),
            ("<Error><Description>old</Description></Error>", Some("old")),
            (
                "<e:Error xmlns:e=\"urn:e\"><Description>d</Description><Message>m&#x10;n</Message></e:Error>",
                Some("m n"),
            ),
            (
                "<Error><Message/><Description>d</Description></Error>",
                Some("d"),
            ),
            ("  bare text\n", Some("bare text")),
            ("<Error/>", None),
            ("<Error><Message>cut", None),
            (
                "<!DOCTYPE x [<!ENTITY y \"z\">]><Error><Message>&y;</Message></Error>",
                None,
            ),
            ("<html><Message>a page</Message></html>", None),
            ("<!DOCTYPE html><p>502", None),
            ("", None),
        ] {
            assert_eq!(said(body).as_deref(), wanted, "{body}");
        }
        assert_eq!(said(Bytes::from_static(b"\xff\xfe")), None);
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let long = format!("<Error><Message>{}</Message></Error>", "é".repeat(5000));
        assert_eq!(
            said(long).map(|text| text.chars().count()),
            Some(MESSAGE_MAX)
        );
        assert_eq!(said("x".repeat(5_000_000)), None);
        assert_eq!(said("<a>".repeat(20_000)), None);
    }

    #[test]
    fn a_refused_token_is_about_credentials_and_a_page_proves_nothing() {
        let verdict = |name, status, body: &'static str| {
            let operation = Operation::new(name, Idempotency::ReadOnly, "/");
            let mut response = Response::new(Bytes::from_static(body.as_bytes()));
            *response.status_mut() = status;
            REFUSALS.verdict(&operation, &response, &[])
        };
        let auth = Verdict::Refused(ErrorKind::Auth);
        assert_eq!(verdict("shipping.token", StatusCode::BAD_REQUEST, ""), auth);
        assert_eq!(
            verdict("shipping.token", StatusCode::BAD_GATEWAY, ""),
            Verdict::ByStatus
        );
        assert_eq!(
            verdict("shipping.create", StatusCode::BAD_REQUEST, ""),
            Verdict::ByStatus
        );
        assert_eq!(
            verdict("shipping.delete", StatusCode::NOT_FOUND, " <HTML>x"),
            Verdict::Refused(ErrorKind::Unexpected)
        );
        let gone = "<Error><Message>gone</Message></Error>";
        assert_eq!(
            verdict("shipping.delete", StatusCode::NOT_FOUND, gone),
            Verdict::ByStatus
        );
    }
}
