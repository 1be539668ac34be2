//! One thing found wrong or worth a look, with its place, its owner and what helps.

use std::fmt;
use std::path::Path;

use order_mapping::{Diagnostic, Owner, Severity, Subject};
use serde::Serialize;

/// A file, and a line where it has lines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The file as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: Option<u64>,
}

impl Place {
    pub(crate) fn new(file: &Path, line: Option<u64>) -> Self {
        Self {
            file: file.display().to_string(),
            line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Id of the failure catalogue.
    pub code: &'static str,
    /// How bad it is. `hold` and `error` are faults.
    pub severity: Severity,
    /// Where.
    pub place: Option<Place>,
    /// JSON pointer into the configuration; empty for findings about the catalogue.
    pub path: String,
    /// The article it is about.
    pub sku: Option<String>,
    /// One line for people.
    pub message: String,
    /// What was found, escaped and short.
    pub seen: Option<String>,
    /// What could be written instead, once a person has agreed to it.
    pub suggestion: Option<String>,
    /// Other articles that play a part.
    pub related: Vec<String>,
    /// Who can put it right.
    pub owner: Owner,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    pub(crate) fn is_fault(&self) -> bool {
        self.severity.holds()
    }
}

impl From<Diagnostic> for Finding {
    fn from(found: Diagnostic) -> Self {
        let info = found.code.info();
        Self {
            code: info.id,
            severity: found.severity,
            place: None,
            path: found.path.into(),
            sku: match found.subject {
                Subject::Sku(sku) => Some(sku.into_string()),
                _ => None,
            },
            message: found.message.into_owned(),
            seen: found.seen.map(|seen| seen.to_string()),
            suggestion: found.fix.map(|fix| fix.replacement),
            related: found.related,
            owner: info.owner,
            remedy: info.remedy.to_owned(),
        }
    }
}
