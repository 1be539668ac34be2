//! Laws of every diagnostic, whatever it is about.

use order_mapping::{Code, Diagnostic, Mapping, Pii, SalesOrder};
use serde_json::Value;

use crate::Outcomes;

/// Stands in personal texts that are planted, and so must stand in no diagnostic.
pub(crate) const MARKER: &str = "zq7Zjx";

/// Asserts the laws, and notes the codes. With a document every path has to resolve in it.
pub(crate) fn check(found: &[Diagnostic], document: Option<&Value>, outcomes: &mut Outcomes) {
    for one in found {
        let info = one.code.info();
        outcomes.insert(info.id.into());
        assert!(one.severity >= info.floor, "{one} is below its floor");
        let json = serde_json::to_string(one).expect("a diagnostic can be written");
        let read: Diagnostic = serde_json::from_str(&json).expect("and read");
        assert_eq!(&read, one, "round trip of {json}");
        if info.pii == Pii::Personal {
            assert!(
                one.seen.as_ref().is_none_or(|seen| seen.is_shape()),
                "{one} repeats a personal text"
            );
        }
        assert!(
            !one.to_string().contains(|c: char| c.is_control()),
            "{one:?} would break a log"
        );
        if let Some(document) = document
            && one.code != Code::TooMany
        {
            assert!(
                document.pointer(&one.path).is_some(),
                "{one} does not resolve"
            );
        }
    }
}

/// The diagnostics of a verdict, after the laws that hold for any verdict; the verdict itself is an outcome.
pub(crate) fn of_mapping<'a>(
    mapping: &'a Mapping,
    order: &SalesOrder,
    outcomes: &mut Outcomes,
) -> &'a [Diagnostic] {
    let found: &[Diagnostic] = match mapping {
        Mapping::Ignored { rule } => {
            outcomes.insert(format!("ignored {rule}").into());
            &[]
        }
        Mapping::Held { diagnostics } => {
            outcomes.insert("held".into());
            assert!(
                diagnostics.iter().any(|one| one.severity.holds()),
                "held without a reason"
            );
            diagnostics
        }
        Mapping::Ready { notes, .. } => {
            outcomes.insert("ready".into());
            assert!(
                !notes.iter().any(|one| one.severity.holds()),
                "ready in spite of a reason to hold"
            );
            notes
        }
        other => panic!("a verdict without laws: {other:?}"),
    };
    assert!(found.len() <= 101, "{} diagnostics", found.len());
    check(found, Some(&document(order)), outcomes);
    found
}

/// The order's document as the paths of diagnostics mean it.
pub(crate) fn document(order: &SalesOrder) -> Value {
    let mut document = serde_json::to_value(order).expect("an order can be written");
    document["personal"] = serde_json::to_value(&order.personal).expect("and its personal part");
    document
}

/// Asserts that nothing of a verdict's text, its `Debug` form included, holds the planted text.
pub(crate) fn assert_silent(mapping: &Mapping) {
    let debug = format!("{mapping:?}");
    assert!(!debug.contains(MARKER), "a personal text in {debug}");
    if let Mapping::Held { diagnostics: found } | Mapping::Ready { notes: found, .. } = mapping {
        for one in found {
            let json = serde_json::to_string(one).expect("a diagnostic can be written");
            assert!(!json.contains(MARKER), "a personal text in {json}");
            assert!(
                !one.to_string().contains(MARKER),
                "a personal text in {one}"
            );
        }
    }
}
