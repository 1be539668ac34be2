//! What became of a purchase, member by member.
//!
//! Works on texts, since numbers may be too odd to be parsed. Members that the vendor calculates are in none of them.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;

use crate::members::{Members, Value};
use crate::value::{decimal, text};

/// How deep the comparison looks into what nobody here knows.
const MOST_LEVELS: u32 = 64;

/// An empty text, list or object, or `null`: it counts as absent everywhere.
fn is_blank(raw: &RawValue) -> bool {
    let inside = raw.get().strip_prefix(['[', '{', '"']).map(str::trim_start);
    raw.get() == "null" || inside.is_some_and(|inside| matches!(inside, "]" | "}" | "\""))
}

fn present(raw: Option<&RawValue>) -> Option<&RawValue> {
    raw.filter(|raw| !is_blank(raw))
}

fn items(raw: &RawValue) -> Option<Vec<Box<RawValue>>> {
    serde_json::from_str(raw.get()).ok()
}

fn below(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// JSON pointers of what was there before and is gone after. Other values in the same place are no loss: another
/// writer may have been there.
pub(super) fn gone(before: &RawValue, after: &RawValue) -> Vec<String> {
    let mut pointers = Vec::new();
    collect_gone(before, Some(after), "", MOST_LEVELS, &mut pointers);
    pointers
}

fn collect_gone(
    before: &RawValue,
    after: Option<&RawValue>,
    path: &str,
    levels: u32,
    gone: &mut Vec<String>,
) {
    if is_blank(before) {
        return;
    }
    let Some(after) = after.filter(|after| !is_blank(after)) else {
        gone.push(path.to_owned());
        return;
    };
    if levels == 0 {
        return;
    }
    if let (Some(before), Some(after)) = (Members::parse(before), Members::parse(after)) {
        for (name, value) in before.iter() {
            collect_gone(value, after.get(name), &below(path, name), levels - 1, gone);
        }
    } else if let (Some(before), Some(after)) = (items(before), items(after)) {
        for (index, value) in before.iter().enumerate() {
            let after = after.get(index).map(|raw| &**raw);
            collect_gone(value, after, &format!("{path}/{index}"), levels - 1, gone);
        }
    }
}

/// JSON pointers of what an edit changed and the purchase does not show.
pub(super) fn not_arrived(before: &RawValue, wanted: &RawValue, after: &RawValue) -> Vec<String> {
    let mut pointers = Vec::new();
    let sides = Sides {
        before: Some(before),
        wanted: Some(wanted),
        after: Some(after),
    };
    sides.collect("", MOST_LEVELS, &mut pointers);
    pointers.sort();
    pointers
}

/// Whether everything in `wanted` stands in `stored` too, with the same values.
pub(super) fn contains(stored: &RawValue, wanted: &RawValue) -> bool {
    let mut pointers = Vec::new();
    let sides = Sides {
        before: None,
        wanted: Some(wanted),
        after: Some(stored),
    };
    sides.collect("", MOST_LEVELS, &mut pointers);
    pointers.is_empty()
}

/// One place in the three states of a purchase.
#[derive(Clone, Copy)]
struct Sides<'a> {
    before: Option<&'a RawValue>,
    wanted: Option<&'a RawValue>,
    after: Option<&'a RawValue>,
}

impl Sides<'_> {
    fn collect(self, path: &str, levels: u32, pointers: &mut Vec<String>) {
        let (before, wanted, after) = (
            present(self.before),
            present(self.wanted),
            present(self.after),
        );
        if is_same_text(before, wanted) {
            return;
        }
        let (Some(wanted), Some(after)) = (wanted, after) else {
            // Taken away and still there, or wanted and not there.
            if wanted.is_some() || after.is_some() {
                pointers.push(path.to_owned());
            }
            return;
        };
        if levels == 0 {
            return;
        }
        if let (Some(wanted), Some(after)) = (Members::parse(wanted), Members::parse(after)) {
            let before = before.and_then(Members::parse).unwrap_or_default();
            let removed = before.iter().filter(|(name, _)| wanted.get(name).is_none());
            for (name, _) in wanted.iter().chain(removed) {
                let sides = Sides {
                    before: before.get(name),
                    wanted: wanted.get(name),
                    after: after.get(name),
                };
                sides.collect(&below(path, name), levels - 1, pointers);
            }
        } else if let (Some(wanted), Some(after)) = (items(wanted), items(after)) {
            let before = before.and_then(items).unwrap_or_default();
            for index in 0..wanted.len().max(before.len()) {
                let sides = Sides {
                    before: before.get(index).map(|raw| &**raw),
                    wanted: wanted.get(index).map(|raw| &**raw),
                    after: after.get(index).map(|raw| &**raw),
                };
                sides.collect(&format!("{path}/{index}"), levels - 1, pointers);
            }
        } else if !is_same_value(wanted, after) {
            pointers.push(path.to_owned());
        }
    }
}

fn is_same_text(one: Option<&RawValue>, other: Option<&RawValue>) -> bool {
    one.map(RawValue::get) == other.map(RawValue::get)
}

/// Whether two values say the same: as texts, as numbers, or as moments.
fn is_same_value(one: &RawValue, other: &RawValue) -> bool {
    let moment = |raw| DateTime::<Utc>::read_value(raw).flatten();
    let number = |raw| decimal(raw).flatten();
    one.get() == other.get()
        || text(one).is_some_and(|text_of_one| text(other) == Some(text_of_one))
        || number(one).is_some_and(|number_of_one| number(other) == Some(number_of_one))
        || moment(one).is_some_and(|moment_of_one| moment(other) == Some(moment_of_one))
}

/// The value at a JSON pointer.
pub(super) fn at(raw: &RawValue, pointer: &str) -> Option<Box<RawValue>> {
    let mut place = raw.to_owned();
    for name in pointer.split('/').skip(1) {
        let name = name.replace("~1", "/").replace("~0", "~");
        place = if let Some(members) = Members::parse(&place) {
            members.get(&name)?.to_owned()
        } else {
            items(&place)?.into_iter().nth(name.parse().ok()?)?
        };
    }
    Some(place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn what_is_gone_is_named() {
        let before = json(
            r#"{"a":1,"b":{"c":"x","d":""},"e":[{"f":1e400},{"f":2}],"g/h":true,"i":null,"j":[ ]}"#,
        );
        let after = json(r#"{"a":2,"b":{"c":null},"e":[{"f":1e400}]}"#);
        assert_eq!(gone(&before, &after), ["/b/c", "/e/1", "/g~1h"]);
    }

    #[test]
    fn what_an_edit_changed_is_looked_for_and_nothing_else() {
        let before = json(r#"{"a":"1","b":"x","c":[{"d":1}],"e":"y","f":"z"}"#);
        let wanted = json(r#"{"a":"2","b":"x","c":[{"d":1},{"d":2}],"f":"2026-01-05T10:00:00Z"}"#);
        let shows = |after: &str| not_arrived(&before, &wanted, &json(after));
        let all = r#"{"a":2,"b":"by others","c":[{"d":9},{"d":2.0,"g":0}],"f":"2026-01-05T11:00:00+01:00"}"#;
        assert_eq!(shows(all), Vec::<String>::new());
        assert_eq!(shows(before.get()), ["/a", "/c/1", "/e", "/f"]);
        assert_eq!(
            shows(r#"{"a":"2","c":[{"d":1},{"d":3}],"f":""}"#),
            ["/c/1/d", "/f"]
        );
    }

    #[test]
    fn a_stored_object_may_have_more_than_was_wanted() {
        let wanted = json(r#"{"type":"incoming","lines":[{"sku":"A","n":4}],"empty":[]}"#);
        for (stored, contained) in [
            (
                r#"{"id":"p","type":"incoming","lines":[{"sku":"A","n":"4","x":1}]}"#,
                true,
            ),
            (r#"{"type":"incoming","lines":[{"sku":"A","n":5}]}"#, false),
            (r#"{"type":"incoming","lines":[]}"#, false),
            (
                r#"{"type":"incoming","lines":[{"sku":"A","n":4},{"sku":"B"}]}"#,
                true,
            ),
            ("7", false),
        ] {
            assert_eq!(contains(&json(stored), &wanted), contained, "{stored}");
        }
    }

    #[test]
    fn pointers_lead_to_values() {
        let value = json(r#"{"a/b":[{"c":1.0}]}"#);
        assert_eq!(at(&value, "/a~1b/0/c").unwrap().get(), "1.0");
        assert!(at(&value, "/a~1b/1").is_none() && at(&value, "/a~1b/0/c/d").is_none());
    }
}
