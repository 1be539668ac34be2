//! What needs a person: one exception per subject and code, opened and closed by itself.

use chrono::{DateTime, Utc};
use order_mapping::{CodeInfo, Severity};
use serde::{Deserialize, Serialize};

/// What an exception is about. Its text form is the key in stores and reports.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExceptionSubject(String);

impl ExceptionSubject {
    /// An order, by the shop's id.
    #[must_use]
    pub fn order(id: &order_mapping::SourceOrderId) -> Self {
        Self(format!("order:{id}"))
    }

    /// Anything else: a kind (`sku`, `shipping-option`, `flow`, `despatch` ...) and its key.
    #[must_use]
    pub fn new(kind: &str, key: &str) -> Self {
        Self(format!("{kind}:{key}"))
    }

    /// Takes the text form back from a store.
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ExceptionSubject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A fault that a flow sees right now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// What it is about.
    pub subject: ExceptionSubject,
    /// Code id, for example `SHIP_UNMAPPED`.
    pub code: String,
    /// How bad it is.
    pub severity: Severity,
    /// One line. No personal data.
    pub detail: String,
    /// How many orders (or SKUs, parcels) it concerns.
    pub count: u64,
    /// Some of them, for a first look.
    pub examples: Vec<String>,
    /// Since when, as far as the data says.
    pub since: Option<DateTime<Utc>>,
}

impl Finding {
    /// A finding of a catalogued code at its default severity.
    #[must_use]
    pub fn new(subject: ExceptionSubject, code: &CodeInfo, detail: impl Into<String>) -> Self {
        Self {
            subject,
            code: code.id.to_owned(),
            severity: code.default,
            detail: detail.into(),
            count: 1,
            examples: Vec::new(),
            since: None,
        }
    }
}

/// An exception on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Exception {
    /// The part of the engine that finds it, and so the part that may close it.
    pub scope: String,
    /// The finding as last seen.
    pub finding: Finding,
    /// When it was first seen.
    pub opened_at: DateTime<Utc>,
    /// When it was last seen to differ.
    pub changed_at: DateTime<Utc>,
    /// When it went away; none while it is open.
    pub closed_at: Option<DateTime<Utc>>,
}

/// What the comparison of findings with open exceptions asks a store to write.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExceptionChanges {
    /// Newly opened.
    pub opened: Vec<Exception>,
    /// Still open, with another count, detail or example.
    pub updated: Vec<Exception>,
    /// Gone, and so closed.
    pub closed: Vec<Exception>,
}

impl ExceptionChanges {
    /// Nothing to write.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.opened.is_empty() && self.updated.is_empty() && self.closed.is_empty()
    }
}

/// Compares what a scope finds now with what is open in that scope.
///
/// Level-triggered: a flow says all it sees, and the difference opens, updates and closes. Two findings of one subject and code
/// are added up. The same findings again give no change.
#[must_use]
pub fn compare(
    scope: &str,
    open: &[Exception],
    findings: &[Finding],
    at: DateTime<Utc>,
) -> ExceptionChanges {
    use std::collections::BTreeMap;

    let mut wanted: BTreeMap<(&ExceptionSubject, &str), Finding> = BTreeMap::new();
    for finding in findings {
        wanted
            .entry((&finding.subject, &finding.code))
            .and_modify(|sum| {
                sum.count = sum.count.saturating_add(finding.count);
                sum.severity = sum.severity.max(finding.severity);
                for example in &finding.examples {
                    if sum.examples.len() < 5 && !sum.examples.contains(example) {
                        sum.examples.push(example.clone());
                    }
                }
                if finding.since.is_some() && (sum.since.is_none() || finding.since < sum.since) {
                    sum.since = finding.since;
                }
            })
            .or_insert_with(|| finding.clone());
    }
    let mut changes = ExceptionChanges::default();
    for exception in open
        .iter()
        .filter(|one| one.scope == scope && one.closed_at.is_none())
    {
        let key = (&exception.finding.subject, exception.finding.code.as_str());
        match wanted.remove(&key) {
            Some(finding) if finding == exception.finding => {}
            Some(finding) => changes.updated.push(Exception {
                finding,
                changed_at: at,
                ..exception.clone()
            }),
            None => changes.closed.push(Exception {
                changed_at: at,
                closed_at: Some(at),
                ..exception.clone()
            }),
        }
    }
    changes.opened = wanted
        .into_values()
        .map(|finding| Exception {
            scope: scope.to_owned(),
            finding,
            opened_at: at,
            changed_at: at,
            closed_at: None,
        })
        .collect();
    changes
}
