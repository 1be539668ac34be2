//! What was found wrong, or worth a note, in an order, a catalogue or a configuration.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use smol_str::{SmolStr, SmolStrBuilder, format_smolstr};

use crate::{Code, JsonPointer, Pii, ShippingMethodLabel, SourceSku, WarehouseSku};

/// How bad a finding is. Ordered: `Info < Warning < Hold < Error`.
///
/// Severity is not effect: [`Severity::Hold`] and [`Severity::Error`] both keep an order held. `Error` means that the source or
/// the configuration has to be fixed; `Hold` is normal business that waits for an event or a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
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
    ShippingOption(ShippingMethodLabel),
    /// An article, whichever order holds it.
    Sku(SourceSku),
    /// A status text of the tracking feed, whichever shipment it came for.
    TrackingStatus(String),
    /// The catalogue as a whole.
    Catalogue,
    /// The configuration.
    Config,
}

/// What was found, in a form that is safe to log.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seen(SeenForm);

#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SeenForm {
    Text(SmolStr),
    Shape(SmolStr),
}

impl Seen {
    /// The text of a business field, escaped and at most 64 characters; or the shape of a personal one.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let (SeenForm::Text(text) | SeenForm::Shape(text)) = &self.0;
        text
    }

    /// Whether this is only the shape of a text: `99999 99999a (12)`.
    #[must_use]
    pub const fn is_shape(&self) -> bool {
        matches!(self.0, SeenForm::Shape(_))
    }
}

impl std::fmt::Display for Seen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A typed part of a finding, for programs; the message says the same to people.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Arg {
    /// The limit that was not kept.
    Limit(u64),
    /// How much there was instead, in the unit of the limit.
    Got(u64),
    /// What would have been right.
    Allowed(Vec<String>),
    /// Entries spelled alike. A hint, never used.
    Near(Vec<String>),
    /// The warehouse's form of a code.
    Became(WarehouseSku),
    /// The moment at which it ends by itself.
    Until(DateTime<Utc>),
    /// Version of the tables that a verdict rests on.
    Tables(Cow<'static, str>),
}

/// How safe it is to put a replacement in without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Applicability {
    /// It means the same.
    Safe,
    /// A person has to agree first.
    NeedsReview,
}

/// What would put a finding right. Only business values: a person's data is never proposed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Fix {
    /// What to write in place of what was seen.
    pub replacement: String,
    /// How safe that is.
    pub applicability: Applicability,
}

/// One finding. Holds no personal data: [`Diagnostic::seen`] of a personal field is its shape only.
///
/// The JSON form is stable: `code` (the id text), `severity`, `path`, `subject`, `seen` (`{"text": ..}` or `{"shape": ..}`), `message`,
/// `args`, `fix`, `related`. Members may be added; the message may change.
///
/// ```
/// use order_mapping::{Arg, Code, Diagnostic};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let found = Diagnostic::new(Code::PoTooLong, "/purchase_orders/0/text", "50 characters, and the warehouse keeps 45")
///     .with_arg(Arg::Got(50))
///     .with_arg(Arg::Limit(45));
/// let json = serde_json::to_string(&found)?;
/// assert!(json.contains(r#""args":[{"got":50},{"limit":45}]"#));
/// assert_eq!(serde_json::from_str::<Diagnostic>(&json)?, found);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// What it is; the id text is the contract, the message is not.
    pub code: Code,
    /// How bad it is here.
    pub severity: Severity,
    /// Where, in the document that was judged: the sales order with its personal part under `/personal`, the catalogue as a list,
    /// or the profile.
    pub path: JsonPointer,
    /// What it is about.
    pub subject: Subject,
    /// What was found, safe to log.
    pub seen: Option<Seen>,
    /// One line for people.
    pub message: Cow<'static, str>,
    /// The same, for programs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<Arg>,
    /// What would put it right, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Box<Fix>>,
    /// Other places that play a part: JSON pointers, or the other members of a collision.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub related: Vec<String>,
}

impl Diagnostic {
    /// A finding about the order itself, at the code's default severity.
    #[inline]
    pub fn new(
        code: Code,
        path: impl Into<JsonPointer>,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            code,
            severity: code.info().default,
            path: path.into(),
            subject: Subject::Order,
            seen: None,
            message: message.into(),
            args: Vec::new(),
            fix: None,
            related: Vec::new(),
        }
    }

    /// With another subject.
    #[must_use]
    #[inline]
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = subject;
        self
    }

    /// With another severity, never below the code's floor.
    #[must_use]
    #[inline]
    pub fn with_severity(mut self, severity: Severity) -> Self {
        self.severity = severity.max(self.code.info().floor);
        self
    }

    /// With the text of a business field: escaped and cut to 64 characters. Of a code for personal data only the shape is kept.
    #[must_use]
    #[inline]
    pub fn with_seen(mut self, text: &str) -> Self {
        if self.code.info().pii == Pii::Personal {
            return self.with_shape_of(text);
        }
        self.seen = Some(Seen(SeenForm::Text(if is_harmless(text) {
            text.into()
        } else {
            escaped(text).into()
        })));
        self
    }

    /// With a number or a date of a business field.
    #[inline]
    pub(crate) fn with_seen_value(mut self, value: impl std::fmt::Display) -> Self {
        self.seen = Some(Seen(SeenForm::Text(format_smolstr!("{value}"))));
        self
    }

    /// With the shape of a personal field; the text itself is not kept.
    #[must_use]
    #[inline]
    pub fn with_shape_of(mut self, text: &str) -> Self {
        self.seen = Some(Seen(SeenForm::Shape(shape(text))));
        self
    }

    /// With a typed part for programs.
    #[must_use]
    #[inline]
    pub fn with_arg(mut self, arg: Arg) -> Self {
        // One is the rule, and a catalogue can have a million notes.
        self.args.reserve_exact(1);
        self.args.push(arg);
        self
    }

    /// With how much there was and what the limit is.
    #[inline]
    pub(crate) fn with_got(mut self, got: u64, limit: u64) -> Self {
        self.args = vec![Arg::Got(got), Arg::Limit(limit)];
        self
    }

    /// With a replacement that would put it right.
    #[must_use]
    #[inline]
    pub fn with_fix(
        mut self,
        replacement: impl Into<String>,
        applicability: Applicability,
    ) -> Self {
        self.fix = Some(Box::new(Fix {
            replacement: replacement.into(),
            applicability,
        }));
        self
    }

    /// With further places.
    #[must_use]
    #[inline]
    pub fn with_related(mut self, related: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.related = related.into_iter().map(Into::into).collect();
        self
    }

    /// With another path, for a document that holds the judged one.
    pub(crate) fn at_path(mut self, path: impl Into<JsonPointer>) -> Self {
        self.path = path.into();
        self
    }

    #[inline]
    pub(crate) fn about_sku(self, sku: &SourceSku) -> Self {
        self.about(Subject::Sku(match key(sku.as_str()) {
            Cow::Borrowed(_) => sku.clone(),
            Cow::Owned(cut) => cut.into(),
        }))
    }

    pub(crate) fn about_option(self, label: &ShippingMethodLabel) -> Self {
        self.about(Subject::ShippingOption(match key(label.as_str()) {
            Cow::Borrowed(_) => label.clone(),
            Cow::Owned(cut) => cut.into(),
        }))
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
pub(crate) fn key(text: &str) -> Cow<'_, str> {
    if text.len() <= KEY_MAX {
        return Cow::Borrowed(text);
    }
    match text.char_indices().nth(KEY_MAX) {
        Some(_) => Cow::Owned(text.chars().take(KEY_MAX).collect()),
        None => Cow::Borrowed(text),
    }
}

/// Longest text of a field that a diagnostic repeats.
const SEEN_MAX: usize = 64;

/// Whether [`escaped`] would leave the text as it is, as it does nearly always.
fn is_harmless(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\'' | b'\\');
    text.len() <= SEEN_MAX && text.bytes().all(plain)
}

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
pub(crate) fn shape(text: &str) -> SmolStr {
    let mut rest = text.chars();
    let mut signs = [b' '; SEEN_MAX];
    let mut shown = 0;
    for (sign, c) in signs.iter_mut().zip(rest.by_ref()) {
        *sign = match c {
            _ if c.is_numeric() => b'9',
            _ if c.is_alphabetic() => b'a',
            _ if c.is_whitespace() => b' ',
            _ if c.is_ascii_punctuation() => u8::try_from(c).unwrap_or(b'?'),
            _ => b'?',
        };
        shown += 1;
    }
    let more = rest.count();
    let signs = signs.get(..shown).unwrap_or_default();
    let mut out = SmolStrBuilder::new();
    out.push_str(std::str::from_utf8(signs).unwrap_or_default());
    out.push_str(if more > 0 { "… (" } else { " (" });
    out.push_str(itoa::Buffer::new().format(shown + more));
    out.push(')');
    out.finish()
}

/// Order of diagnostics: by path, document order (`/lines/2` before `/lines/10`), then code, then message.
///
/// Rules judge an order nearly in the order of its document, so only what came late has to find its place.
pub(crate) fn sort(diagnostics: &mut [Diagnostic]) {
    let by_place = |a: &Diagnostic, b: &Diagnostic| {
        a.path
            .cmp_in_document(&b.path)
            .then_with(|| a.code.cmp(&b.code))
            .then_with(|| a.message.cmp(&b.message))
    };
    let in_order = |pair: &[Diagnostic]| matches!(pair, [a, b] if by_place(a, b).is_le());
    let pairs = diagnostics.windows(2);
    let (sorted, late) = diagnostics.split_at(match diagnostics.len() {
        0 => 0,
        _ => 1 + pairs.take_while(|pair| in_order(pair)).count(),
    });
    let Some(first) = late.iter().min_by(|a, b| by_place(a, b)) else {
        return;
    };
    let from = sorted.partition_point(|one| by_place(one, first).is_le());
    if let Some(unsettled) = diagnostics.get_mut(from..) {
        unsettled.sort_by(by_place);
    }
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
    let too_many =
        Diagnostic::new(Code::TooMany, "", message).with_arg(Arg::Got(rest.len() as u64));
    diagnostics.push(too_many.with_severity(worst));
    diagnostics
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

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
        for text in ["A-1 b", "", "a\"b", "a'b", "a\\b", "\u{7f}", "é", "\t"] {
            assert!(!is_harmless(text) || escaped(text) == text, "{text:?}");
        }
        let longest = "x".repeat(64);
        assert!(is_harmless(&longest) && escaped(&longest) == longest);
        assert!(!is_harmless(&"x".repeat(65)));
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

    proptest! {
        #[test]
        fn whatever_came_late_finds_its_place(places in prop::collection::vec((0_usize..12, 0_usize..3, "[ab]"), 0..40)) {
            let codes = [Code::QtyZero, Code::SkuUnmapped, Code::LineNonStock];
            let given = places.into_iter().filter_map(|(line, code, message)| {
                Some(Diagnostic::new(*codes.get(code)?, format!("/lines/{line}"), message))
            });
            let mut all: Vec<Diagnostic> = given.collect();
            let key = |one: &Diagnostic| {
                let line = one.path.trim_start_matches("/lines/").parse::<usize>().ok();
                (line, one.code, one.message.clone())
            };
            let mut expected: Vec<_> = all.iter().map(key).collect();
            expected.sort();
            sort(&mut all);
            prop_assert_eq!(all.iter().map(key).collect::<Vec<_>>(), expected);
        }
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
