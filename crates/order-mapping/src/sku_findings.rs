//! What is said about codes of a catalogue.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::sku_untyped::UntypedReading;
use crate::{
    Applicability, Arg, Code, Diagnostic, RecordedSku, Severity, SkuPolicy, SourceSku, VariantId,
    WarehouseSku,
};

/// Members of a collision that its message names; all of them are in `related`.
const NAMED_MAX: usize = 10;

/// A finding about one article. The message is the same for every article wherever that can be, so that a million notes cost no
/// million texts.
pub(crate) fn about(
    code: Code,
    sku: &SourceSku,
    message: impl Into<Cow<'static, str>>,
) -> Diagnostic {
    Diagnostic::new(code, "", message)
        .about_sku(sku)
        .with_seen(sku.as_str())
}

pub(crate) fn duplicate(sku: &SourceSku) -> Diagnostic {
    let message = "the catalogue lists this code with different descriptions";
    about(Code::SkuDuplicate, sku, message)
}

/// A code that goes out in another form.
pub(crate) fn changed(sku: &SourceSku, code: &WarehouseSku) -> Diagnostic {
    let message = "goes to the warehouse in another form";
    about(Code::SkuChanged, sku, message).with_arg(Arg::Became(code.clone()))
}

/// A code that the policy refuses.
pub(crate) fn refused(code: Code, sku: &SourceSku, policy: &SkuPolicy) -> Diagnostic {
    match code {
        Code::SkuNonAscii => non_ascii(sku, policy),
        Code::SkuTooLong => {
            let message = format!(
                "longer than {} characters; not sent until declared",
                policy.max_length
            );
            about(code, sku, message).with_arg(limit(policy.max_length))
        }
        Code::SkuTooShort => {
            let message = format!(
                "shorter than {} characters; not sent until declared",
                policy.min_length
            );
            about(code, sku, message).with_arg(limit(policy.min_length))
        }
        Code::SkuPolicyBad => about(
            code,
            sku,
            "needs a suffix, and the policy's suffix_length cannot be used; not sent until corrected",
        ),
        _ => about(
            code,
            sku,
            "no character that the warehouse takes; not sent until declared",
        ),
    }
}

fn limit(characters: usize) -> Arg {
    Arg::Limit(u64::try_from(characters).unwrap_or(u64::MAX))
}

/// Names the characters outside printable ASCII by code point, since many of them are invisible or look like ASCII.
fn non_ascii(sku: &SourceSku, policy: &SkuPolicy) -> Diagnostic {
    let points: BTreeSet<String> = sku
        .as_str()
        .chars()
        .filter(|c| !c.is_ascii() || c.is_ascii_control())
        .map(|c| format!("U+{:04X}", u32::from(c)))
        .take(8)
        .collect();
    let points: Vec<String> = points.into_iter().collect();
    let message = format!(
        "has characters outside printable ASCII ({}); not sent until declared",
        points.join(", ")
    );
    let found = about(Code::SkuNonAscii, sku, message);
    match policy.suggest(sku.as_str()) {
        Some(code) => found.with_fix(code, Applicability::NeedsReview),
        None => found,
    }
}

/// A code that an importer without types changes.
pub(crate) fn untyped(
    reading: UntypedReading,
    sku: &SourceSku,
    code: &str,
    policy: &SkuPolicy,
) -> Diagnostic {
    let severity = if policy.untyped_target {
        Severity::Error
    } else {
        Severity::Warning
    };
    let (fault, message) = match reading {
        UntypedReading::Number => (
            Code::SkuNumberLike,
            "an importer without types reads this code as a number",
        ),
        UntypedReading::Null => (
            Code::SkuNullLike,
            "an importer without types reads this code as no value",
        ),
    };
    about(fault, sku, message)
        .with_seen(code)
        .with_severity(severity)
}

/// An alias whose canonical code is nowhere.
pub(crate) fn no_canonical(alias: &SourceSku, canonical: &SourceSku) -> Diagnostic {
    let message = format!(
        "its canonical code {} is not in the catalogue; not sent until declared",
        quoted(canonical.as_str())
    );
    about(Code::SkuAliasNoCanonical, alias, message)
}

/// A code that would become another one than what is on record.
pub(crate) fn mapping_changed(sku: &SourceSku, record: &RecordedSku, code: &str) -> Diagnostic {
    let message = format!(
        "has been {} at the warehouse since version {} of the registry and would now be {}; \
         not sent until a manual row names one of the two",
        quoted(record.warehouse.as_str()),
        record.since,
        quoted(code)
    );
    let allowed = [record.warehouse.as_str(), code].map(str::to_owned);
    about(Code::SkuMappingChanged, sku, message)
        .with_arg(Arg::Allowed(allowed.into()))
        .with_fix(record.warehouse.as_str(), Applicability::NeedsReview)
}

/// An article that the shop gave another code.
pub(crate) fn renamed(sku: &SourceSku, variant: &VariantId, was: &RecordedSku) -> Diagnostic {
    let message = format!(
        "is the article {} of the shop, which has been {} and goes as {} since version {} of the registry; not sent until {} is \
         declared an alias of it, or a manual row gives it a code of its own",
        quoted(variant.as_str()),
        quoted(was.source.as_str()),
        quoted(was.warehouse.as_str()),
        was.since,
        quoted(was.source.as_str())
    );
    about(Code::SkuRenamed, sku, message)
        .with_related([was.source.as_str()])
        .with_fix(was.warehouse.as_str(), Applicability::NeedsReview)
}

/// A code under which the shop has another article by now.
pub(crate) fn variant_changed(sku: &SourceSku) -> Diagnostic {
    let message =
        "the shop has another article under this code than before; its id is on record from now on";
    about(Code::SkuVariantChanged, sku, message)
}

/// A code that wants what has meant another article.
pub(crate) fn code_retired(sku: &SourceSku, record: &RecordedSku) -> Diagnostic {
    let message = format!(
        "would be {} at the warehouse, which has meant {} since version {} of the registry and stays reserved for it; \
         not sent until a manual row gives it another code",
        quoted(record.warehouse.as_str()),
        quoted(record.source.as_str()),
        record.since
    );
    about(Code::SkuCodeRetired, sku, message).with_related([record.source.as_str()])
}

/// What a collision is about.
pub(crate) struct Collision<'a> {
    /// The warehouse code as it is compared.
    pub(crate) key: String,
    /// All codes of the shop, ordered.
    pub(crate) names: Vec<&'a str>,
    /// All of them that have a description have the same.
    pub(crate) descriptions_agree: bool,
    /// The one that the warehouse code has meant, with the version since when.
    pub(crate) incumbent: Option<(&'a str, u32)>,
}

pub(crate) fn collision(collision: &Collision<'_>) -> Diagnostic {
    let names = &collision.names;
    let listed: Vec<String> = names
        .iter()
        .take(NAMED_MAX)
        .map(|name| quoted(name))
        .collect();
    let more = match names.len() {
        all if all > NAMED_MAX => format!(" and {} more", all - NAMED_MAX),
        _ => String::new(),
    };
    let hint = if collision.descriptions_agree {
        "; the descriptions agree, so this may be one article in several spellings"
    } else {
        ""
    };
    let kept = match collision.incumbent {
        Some((source, since)) => format!(
            "; it has meant {} since version {since} of the registry and goes on to, the others are",
            quoted(source)
        ),
        None => ";".to_owned(),
    };
    let message = format!(
        "{}{more} would all be {:?} at the warehouse{hint}{kept} not sent until declared: rename at source, \
         add a manual row, or mark as alias",
        listed.join(", "),
        collision.key
    );
    let first = names.first().copied().unwrap_or_default();
    Diagnostic::new(Code::SkuCollision, "", message)
        .about_sku(&SourceSku::new(first))
        .with_seen(&collision.key)
        .with_related(names.iter().copied())
}

/// Codes that people confuse, ordered.
pub(crate) fn near_collision(names: &[&SourceSku]) -> Option<Diagnostic> {
    let message = "codes that differ only by O and 0, by I, L and 1, or by leading zeros";
    let first = names.first()?;
    let found = about(Code::SkuNearCollision, first, message);
    Some(found.with_related(names.iter().map(|sku| sku.as_str())))
}

fn quoted(code: &str) -> String {
    format!("\"{}\"", crate::diagnostic::escaped(code))
}
