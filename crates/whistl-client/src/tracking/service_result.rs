//! The result that every answer carries, whatever its status.

use bytes::Bytes;
use connector_http::{Classifier, ErrorKind, Operation, VendorError, Verdict};
use http::Response;

use super::client::LIMITS;
use crate::xml::{Element, IllegalCharacters, read};

/// No complaint is longer.
const MESSAGE_MAX: usize = 1000;

/// Reads `ServiceResult`, also of answers with status 200.
#[derive(Debug)]
pub(super) struct ServiceResults {
    /// Codes that are about credentials.
    pub(super) credential_errors: std::collections::BTreeSet<i64>,
}

/// What an answer says of itself: nothing, that it succeeded, or why it did not.
fn complaint(body: &[u8]) -> Option<VendorError> {
    let root = read(body, LIMITS, IllegalCharacters::Replace).ok()?;
    let result = root.child("ServiceResult")?;
    let text = |name: &str| {
        let text = result.child(name).and_then(Element::value)?.trim();
        let text: String = text.chars().take(MESSAGE_MAX).collect();
        (!text.is_empty()).then_some(text)
    };
    if text("Success").is_some_and(|success| success.eq_ignore_ascii_case("true")) {
        return None;
    }
    let message = text("ErrorMessage").or_else(|| text("InternalErrorMessage"));
    let code = text("ErrorCode").unwrap_or_else(|| "UNSTATED".to_owned());
    Some(VendorError::new(Some(code), message, None))
}

impl Classifier for ServiceResults {
    fn vendor_errors(&self, _: &Operation, response: &Response<Bytes>) -> Vec<VendorError> {
        complaint(response.body()).into_iter().collect()
    }

    fn verdict(&self, _: &Operation, response: &Response<Bytes>, _: &[VendorError]) -> Verdict {
        if !response.status().is_success() {
            return Verdict::ByStatus;
        }
        // The errors of a success are not read before it is judged.
        let Some(complaint) = complaint(response.body()) else {
            return Verdict::ByStatus;
        };
        let about_credentials = complaint
            .code()
            .and_then(|code| code.parse().ok())
            .is_some_and(|code| self.credential_errors.contains(&code));
        Verdict::Refused(if about_credentials {
            ErrorKind::Auth
        } else {
            ErrorKind::InvalidRequest
        })
    }
}
