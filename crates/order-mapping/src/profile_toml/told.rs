//! What a reader's message means for people, and what helps.

use serde_json::Value;

use crate::nearest::nearest_word;
use crate::{Code, Profile, SkuOverrides};

/// The section of [`Profile`].
pub(super) const MAPPING: &str = "mapping";
/// The section of [`SkuOverrides`].
pub(super) const SKU: &str = "sku";

/// Longest message; a value that it repeats may be of any length.
const MESSAGE_MAX: usize = 400;

/// A refusal in words.
pub(super) struct Told {
    pub(super) code: Code,
    pub(super) what: String,
    pub(super) remedy: String,
    /// The known word that is spelled like the unknown one.
    pub(super) near: Option<String>,
    /// The words that are known there, where there is no such one.
    pub(super) known: Vec<String>,
}

/// What a message of the TOML reader means about what stands at `way`.
pub(super) fn told(message: &str, way: &[String]) -> Told {
    let message = message.trim();
    let Some(Unknown { key, word, known }) = unknown(message, way) else {
        let (code, remedy) = match message.strip_prefix("missing field ") {
            Some(field) => (Code::ProfileKeyMissing, format!("add the key {field}")),
            None => (
                Code::ProfileValueBad,
                "write the value in the form that the message names".to_owned(),
            ),
        };
        return Told {
            code,
            what: shown(message),
            remedy,
            near: None,
            known: Vec::new(),
        };
    };
    let (code, what) = if key {
        (Code::ProfileKeyUnknown, "key")
    } else {
        (Code::ProfileValueBad, "value")
    };
    let here = way
        .split_last()
        .map(|(_, above)| above.join("."))
        .unwrap_or_default();
    let homes = homes(word);
    let near = nearest_word(word, known.iter().copied()).map(str::to_owned);
    let remedy = if let Some(near) = &near {
        format!("did you mean `{near}`?")
    } else if key && !homes.is_empty() {
        format!("it belongs under {}", one_of(&homes, &here))
    } else {
        format!("known here: {}", known.join(", "))
    };
    let known = match near {
        Some(_) => Vec::new(),
        None => known.into_iter().map(str::to_owned).collect(),
    };
    Told {
        code,
        what: format!("unknown {what} `{}`", shown(word)),
        remedy,
        near,
        known,
    }
}

/// A key or word that the reader does not know, and those that it does.
struct Unknown<'a> {
    key: bool,
    word: &'a str,
    known: Vec<&'a str>,
}

fn unknown<'a>(message: &'a str, way: &'a [String]) -> Option<Unknown<'a>> {
    // The reader's own words for the members of a choice; it names all unknown ones at the place of the first.
    if message.starts_with("unexpected keys in table: ") {
        let (_, known) = message.rsplit_once("available keys: ")?;
        return Some(Unknown {
            key: true,
            word: way.last()?,
            known: known.split(", ").collect(),
        });
    }
    let key = message.starts_with("unknown field");
    if !key && !message.starts_with("unknown variant") {
        return None;
    }
    let mut quoted = message.split('`').skip(1).step_by(2);
    Some(Unknown {
        key,
        word: quoted.next()?,
        known: quoted.collect(),
    })
}

/// The section that is named like this one, else every section.
pub(super) fn one_of(homes: &[String], here: &str) -> String {
    let namesake = |home: &&String| home.rsplit('.').next() == here.rsplit('.').next();
    match homes.iter().find(namesake) {
        Some(home) => format!("[{home}]"),
        None => format!("[{}]", homes.join("] or [")),
    }
}

/// The sections that have a key of this name.
pub(super) fn homes(key: &str) -> Vec<String> {
    fn search(value: &Value, key: &str, section: &str, found: &mut Vec<String>) {
        if let Value::Object(members) = value {
            if members.contains_key(key) {
                found.push(section.to_owned());
            }
            for (name, inner) in members {
                search(inner, key, &format!("{section}.{name}"), found);
            }
        }
    }
    let mut found = Vec::new();
    // The domain types hold nothing that JSON cannot express.
    let json = |value: serde_json::Result<Value>| value.unwrap_or_default();
    search(
        &json(serde_json::to_value(SkuOverrides::default())),
        key,
        SKU,
        &mut found,
    );
    search(
        &json(serde_json::to_value(Profile::default())),
        key,
        MAPPING,
        &mut found,
    );
    found
}

/// A text without anything that a terminal would obey or a person could not see, and not endless.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for (index, c) in text.chars().enumerate() {
        match c {
            _ if index == MESSAGE_MAX => {
                out.push('…');
                break;
            }
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
    }
    out
}
