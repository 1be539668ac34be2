//! Why an order waits, was parked, or carries a note: codes of the mapping and of the engine in one form.

use std::collections::BTreeSet;

use order_mapping::{CodeInfo, Diagnostic, Severity, Subject};
use serde::{Deserialize, Serialize};

use crate::ExceptionSubject;
use crate::codes;

/// One reason on an order's record. Holds no personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reason {
    /// Code id, for example `PHONE_MISSING` (of the mapping) or `WAREHOUSE_REJECTED` (of the engine).
    pub code: String,
    /// How bad it is; `Hold` and `Error` keep an order from going.
    pub severity: Severity,
    /// JSON pointer into the order, where it has one.
    pub path: String,
    /// One line for people.
    pub message: String,
    /// What it is about, when that is not the order itself: one option or article concerns many orders.
    pub subject: Option<ExceptionSubject>,
}

impl Reason {
    /// A reason with one of the engine's own codes.
    #[must_use]
    pub fn of(code: &CodeInfo, message: impl Into<String>) -> Self {
        Self {
            code: code.id.to_owned(),
            severity: code.default,
            path: String::new(),
            message: message.into(),
            subject: None,
        }
    }

    /// What the code means: title, owner, remedy. `None` for a code of a later version.
    #[must_use]
    pub fn info(&self) -> Option<&'static CodeInfo> {
        codes::info(&self.code)
    }
}

/// The codes of what keeps an order back, each once, in order.
fn holding_codes<'a>(found: impl Iterator<Item = (Severity, &'a str)>) -> BTreeSet<&'a str> {
    found
        .filter(|(severity, _)| severity.holds())
        .map(|(_, code)| code)
        .collect()
}

/// As [`holding_codes`], of what the mapping found.
pub(crate) fn holding_codes_of(diagnostics: &[Diagnostic]) -> BTreeSet<&str> {
    holding_codes(
        diagnostics
            .iter()
            .map(|diagnostic| (diagnostic.severity, diagnostic.code.id())),
    )
}

/// As [`holding_codes`], of the reasons on a record.
pub(crate) fn holding_codes_on(reasons: &[Reason]) -> BTreeSet<&str> {
    holding_codes(
        reasons
            .iter()
            .map(|reason| (reason.severity, reason.code.as_str())),
    )
}

impl From<Diagnostic> for Reason {
    fn from(diagnostic: Diagnostic) -> Self {
        let subject = match &diagnostic.subject {
            Subject::ShippingOption(label) => {
                Some(ExceptionSubject::new("shipping-option", label.as_str()))
            }
            Subject::Sku(sku) => Some(ExceptionSubject::new("sku", sku.as_str())),
            Subject::Catalogue => Some(ExceptionSubject::new("catalogue", "")),
            Subject::Config => Some(ExceptionSubject::new("config", "")),
            _ => None,
        };
        Self {
            code: diagnostic.code.id().to_owned(),
            severity: diagnostic.severity,
            path: diagnostic.path.into(),
            message: diagnostic.message.into_owned(),
            subject,
        }
    }
}
