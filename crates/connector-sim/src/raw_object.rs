//! A JSON object whose members keep their exact text: `1.10` stays `1.10`, a 25-digit integer stays one.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Members in the order they came, each with the text of its value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RawObject(Vec<(String, String)>);

impl RawObject {
    /// Reads an object; `None` where the text is no JSON object.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The exact text of a member.
    pub(crate) fn get(&self, member: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(name, _)| name == member)
            .map(|(_, text)| text.as_str())
    }

    /// The names of the members, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }

    /// A member as a value; `null` counts as absent.
    pub(crate) fn value(&self, member: &str) -> Option<Value> {
        let value = serde_json::from_str::<Value>(self.get(member)?).ok()?;
        (!value.is_null()).then_some(value)
    }

    /// A member as text; absent, `null`, empty and other kinds are `None`.
    pub(crate) fn text(&self, member: &str) -> Option<String> {
        match self.value(member)? {
            Value::String(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Replaces a member where it stands, or appends it. `text` must be JSON.
    pub(crate) fn set(&mut self, member: &str, text: String) {
        match self.0.iter_mut().find(|(name, _)| name == member) {
            Some((_, old)) => *old = text,
            None => self.0.push((member.to_owned(), text)),
        }
    }

    /// Keeps the members whose name passes.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.0.retain(|(name, _)| keep(name));
    }

    pub(crate) fn to_text(&self) -> String {
        let mut text = String::from("{");
        for (place, (name, value)) in self.0.iter().enumerate() {
            if place > 0 {
                text.push(',');
            }
            text.push_str(&Value::from(name.as_str()).to_string());
            text.push(':');
            text.push_str(value);
        }
        text.push('}');
        text
    }
}

/// The text of a JSON value without the members whose name begins so, at any depth. What holds none keeps its text to the letter.
/// Deeper than [`MAX_DEPTH`] nothing is looked at.
pub(crate) fn without_prefixed(text: &str, prefix: &str) -> String {
    stripped(text, prefix, 0)
}

/// As deep as other readers of JSON go; a deeper text must not exhaust the stack.
const MAX_DEPTH: usize = 128;

fn stripped(text: &str, prefix: &str, depth: usize) -> String {
    if depth > MAX_DEPTH || !text.contains(prefix) {
        return text.to_owned();
    }
    if let Some(object) = RawObject::parse(text) {
        let kept = object
            .0
            .into_iter()
            .filter(|(name, _)| !name.starts_with(prefix))
            .map(|(name, value)| {
                let value = stripped(&value, prefix, depth + 1);
                (name, value)
            });
        return RawObject(kept.collect()).to_text();
    }
    match serde_json::from_str::<Vec<Box<RawValue>>>(text) {
        Ok(values) => {
            let values: Vec<String> = values
                .iter()
                .map(|value| stripped(value.get(), prefix, depth + 1))
                .collect();
            format!("[{}]", values.join(","))
        }
        Err(_) => text.to_owned(),
    }
}

impl<'de> Deserialize<'de> for RawObject {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = RawObject;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<RawObject, A::Error> {
                let mut object = RawObject::default();
                while let Some((name, value)) = map.next_entry::<String, Box<RawValue>>()? {
                    object.set(&name, value.get().to_owned());
                }
                Ok(object)
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_their_text() {
        let text =
            r#"{"a":1.10,"b":1234567890123456789012345,"c":{"d":1e5, "e":[ 0.30 ]},"a":2.50}"#;
        let object = RawObject::parse(text).unwrap();
        assert_eq!(
            object.to_text(),
            r#"{"a":2.50,"b":1234567890123456789012345,"c":{"d":1e5, "e":[ 0.30 ]}}"#
        );
    }

    #[test]
    fn names_are_escaped_again() {
        let object = RawObject::parse(r#"{"a\"b\n":"x"}"#).unwrap();
        assert_eq!(object.to_text(), r#"{"a\"b\n":"x"}"#);
    }

    #[test]
    fn prefixed_members_go_at_any_depth() {
        let text = r#"{"x_a":1,"b":[{"x_c":2,"d":1.10},"x_e",[ {"x_f":{}} ]],"g": { "h" : 1.0 }}"#;
        assert_eq!(
            without_prefixed(text, "x_"),
            r#"{"b":[{"d":1.10},"x_e",[{}]],"g":{ "h" : 1.0 }}"#
        );
        assert_eq!(without_prefixed("[ 1.10 ]", "x_"), "[ 1.10 ]");
    }

    #[test]
    fn a_very_deep_text_is_left_as_it_is() {
        let text = format!(
            "{}{}{}",
            "[".repeat(5_000),
            r#"{"x_a":1}"#,
            "]".repeat(5_000)
        );
        assert_eq!(without_prefixed(&text, "x_"), text);
    }

    #[test]
    fn what_is_no_object_is_none() {
        for text in ["", "[]", "1", "null", "{", r#"{"a":}"#] {
            assert_eq!(RawObject::parse(text), None, "{text}");
        }
    }
}
