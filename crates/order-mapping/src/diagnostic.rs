//! What was found wrong, or worth a note, in an order, a catalogue or a configuration.

use serde::{Deserialize, Serialize};

use crate::{Code, ShippingMethodLabel, SourceSku};

/// How bad a finding is. Ordered: `Info < Warning < Hold < Error`.
///
/// Severity is not effect: [`Severity::Hold`] and [`Severity::Error`] both keep an order held. `Error` means that the source or
/// the configuration has to be fixed; `Hold` is normal business that waits for an event or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Severity {
    /// A note: something was changed or decided, as configured.
    Info,
    /// Worth a look; does not stop the order.
    Warning,
    /// The order waits for an event or a person.
    Hold,
    /// The order waits for a fix.
    Error,
}

impl Severity {
    /// Whether the order is kept back.
    #[must_use]
    pub const fn holds(self) -> bool {
        matches!(self, Self::Hold | Self::Error)
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Hold => "hold",
            Self::Error => "error",
        })
    }
}

/// What a finding is about, so that one alert can stand for all the orders with the same cause.
///
/// Texts are those of the shop, cut to 200 characters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Subject {
    /// This order alone.
    Order,
    /// A shipping option of the shop, whichever order chose it.
    ShippingOption(String),
    /// An article, whichever order holds it.
    Sku(String),
    /// The catalogue as a whole.
    Catalogue,
    /// The configuration.
    Config,
}

/// One finding. Holds no personal data: [`Diagnostic::seen`] of a personal field is its shape only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What it is; the id text is the contract, the message is not.
    pub code: Code,
    /// How bad it is here.
    pub severity: Severity,
    /// JSON pointer into the document that was judged: the sales order with its personal part under `/personal`, the catalogue
    /// as a list, or the profile.
    pub path: String,
    /// What it is about.
    pub subject: Subject,
    /// What was found, safe to log: the text of a business field (escaped, at most 64 characters), the shape of a personal one.
    pub seen: Option<String>,
    /// One line for people.
    pub message: String,
    /// Other places that play a part: JSON pointers, or the other members of a collision.
    pub related: Vec<String>,
}

impl Diagnostic {
    /// A finding about the order itself, at the code's default severity.
    pub fn new(code: Code, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: code.info().default,
            path: path.into(),
            subject: Subject::Order,
            seen: None,
            message: message.into(),
            related: Vec::new(),
        }
    }

    /// With another subject.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = subject;
        self
    }

    /// With another severity, never below the code's floor.
    #[must_use]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity.max(self.code.info().floor);
        self
    }

    /// With the text of a business field: escaped and cut to 64 characters.
    #[must_use]
    pub fn with_seen(mut self, text: &str) -> Self {
        self.seen = Some(escaped(text));
        self
    }

    /// With the shape of a personal field; the text itself is not kept.
    #[must_use]
    pub fn with_shape_of(mut self, text: &str) -> Self {
        self.seen = Some(shape(text));
        self
    }

    /// With further places.
    #[must_use]
    pub fn with_related(mut self, related: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.related = related.into_iter().map(Into::into).collect();
        self
    }

    pub(crate) fn about_sku(self, sku: &SourceSku) -> Self {
        self.about(Subject::Sku(key(sku.as_str())))
    }

    pub(crate) fn about_option(self, label: &ShippingMethodLabel) -> Self {
        self.about(Subject::ShippingOption(key(label.as_str())))
    }
}

impl std::fmt::Display for Diagnostic {
    /// One line: severity, code, path, message and what was seen.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.severity, self.code)?;
        if !self.path.is_empty() {
            write!(f, " at {}", self.path)?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(seen) = &self.seen {
            write!(f, " (seen: {seen})")?;
        }
        Ok(())
    }
}

/// Longest text of a subject. No real option or article code is longer.
const KEY_MAX: usize = 200;

/// The text that groups alerts: as it is, unless somebody sends a book.
fn key(text: &str) -> String {
    text.chars().take(KEY_MAX).collect()
}

/// Longest text of a field that a diagnostic repeats.
const SEEN_MAX: usize = 64;

/// A business text made safe for a log: no control or bidirectional characters, at most 64 characters.
pub(crate) fn escaped(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(SEEN_MAX)
        .flat_map(char::escape_debug)
        .take(SEEN_MAX)
        .collect();
    if text.chars().nth(SEEN_MAX).is_some() {
        out.push('…');
    }
    out
}

/// The shape of a personal text: `07911 12345x` becomes `99999 99999a (12)`.
///
/// Digits become `9`, letters `a`, white space a space; ASCII punctuation stays, anything else becomes `?`. The number in
/// brackets counts the characters of the text.
pub(crate) fn shape(text: &str) -> String {
    let mut out: String = text
        .chars()
        .take(SEEN_MAX)
        .map(|c| match c {
            _ if c.is_numeric() => '9',
            _ if c.is_alphabetic() => 'a',
            _ if c.is_whitespace() => ' ',
            _ if c.is_ascii_punctuation() => c,
            _ => '?',
        })
        .collect();
    if text.chars().nth(SEEN_MAX).is_some() {
        out.push('…');
    }
    format!("{out} ({})", text.chars().count())
}

/// Order of diagnostics: by path, document order (`/lines/2` before `/lines/10`), then code, then message.
pub(crate) fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(|a, b| {
        path_key(&a.path)
            .cmp(path_key(&b.path))
            .then_with(|| a.code.cmp(&b.code))
            .then_with(|| a.message.cmp(&b.message))
    });
}

/// Segments of a pointer, indexes compared as numbers.
fn path_key(path: &str) -> impl Iterator<Item = (bool, usize, &str)> {
    path.split('/')
        .map(|segment| match segment.parse::<usize>() {
            Ok(index) => (false, index, ""),
            Err(_) => (true, 0, segment),
        })
}

/// Most diagnostics of one order or catalogue before the rest is only counted.
pub(crate) const DIAGNOSTICS_MAX: usize = 100;

/// Sorts, and keeps at most `max`: the worst ones, with one `TOO_MANY` at the end that has the worst severity of the rest.
pub(crate) fn settle(mut diagnostics: Vec<Diagnostic>, max: usize) -> Vec<Diagnostic> {
    sort(&mut diagnostics);
    if diagnostics.len() <= max {
        return diagnostics;
    }
    // The worst stay; among equals the first in document order do (the sort is stable).
    diagnostics.sort_by_key(|one| std::cmp::Reverse(one.severity));
    let rest = diagnostics.split_off(max);
    sort(&mut diagnostics);
    let worst = rest
        .iter()
        .map(|one| one.severity)
        .max()
        .unwrap_or(Severity::Info);
    let message = format!("{} more findings were left out", rest.len());
    diagnostics.push(Diagnostic::new(Code::TooMany, "", message).with_severity(worst));
    diagnostics
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn severity_is_ordered() {
        assert!(Severity::Info < Severity::Warning && Severity::Hold < Severity::Error);
        assert!(!Severity::Warning.holds() && Severity::Hold.holds());
    }

    #[test]
    fn shape_says_nothing_but_the_form() {
        assert_eq!(shape("07911 12345x"), "99999 99999a (12)");
        assert_eq!(shape("Zoë, 12b"), "aaa, 99a (8)");
        assert!(shape(&"x".repeat(1_000_000)).len() < 120);
    }

    #[test]
    fn business_text_is_escaped_and_short() {
        assert_eq!(escaped("A\u{202E}B\n"), "A\\u{202e}B\\n");
        assert!(escaped(&"\u{202E}".repeat(500)).chars().count() <= 65);
    }

    #[test]
    fn paths_sort_in_document_order() {
        let mut all = vec![
            Diagnostic::new(Code::QtyZero, "/lines/10/quantity", ""),
            Diagnostic::new(Code::QtyZero, "/lines/2/quantity", ""),
            Diagnostic::new(Code::SkuUnmapped, "/lines/2", ""),
        ];
        sort(&mut all);
        let paths: Vec<&str> = all.iter().map(|one| one.path.as_str()).collect();
        assert_eq!(
            paths,
            ["/lines/2", "/lines/2/quantity", "/lines/10/quantity"]
        );
    }

    #[test]
    fn too_many_keeps_the_worst_and_says_how_many_are_missing() {
        let mut all: Vec<Diagnostic> = (0..150)
            .map(|index| Diagnostic::new(Code::LineNonStock, format!("/lines/{index}"), ""))
            .collect();
        all.push(Diagnostic::new(Code::SkuUnmapped, "/lines/149/sku", ""));
        let kept = settle(all, 100);
        assert_eq!(kept.len(), 101);
        assert!(kept.iter().any(|one| one.code == Code::SkuUnmapped));
        let last = kept.last().unwrap();
        assert_eq!((last.code, last.severity), (Code::TooMany, Severity::Info));
        assert!(last.message.contains("51"));
    }

    #[test]
    fn round_trips_through_json() {
        let one = Diagnostic::new(Code::SkuUnmapped, "/lines/0/sku", "not in the registry")
            .about(Subject::Sku("A-1".into()))
            .with_seen("A-1");
        let text = serde_json::to_string(&one).unwrap();
        assert!(text.contains("\"SKU_UNMAPPED\"") && text.contains("\"error\""));
        assert_eq!(serde_json::from_str::<Diagnostic>(&text).unwrap(), one);
        assert_eq!(
            one.to_string(),
            "error SKU_UNMAPPED at /lines/0/sku: not in the registry (seen: A-1)"
        );
    }
}
