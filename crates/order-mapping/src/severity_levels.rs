//! How bad single findings are for this shop: severities by code, within the limits of the failure catalogue.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::nearest::{nearest_word, spelled_like};
use crate::{Code, Diagnostic, Severity, Subject};

/// Severities that differ from the failure catalogue's default, by the id text of the code; the section `[mapping.severity]`.
///
/// A level below the code's floor ([`crate::CodeInfo::floor`]) is a fault and the floor counts. An id that this version does not
/// know is a fault and changes nothing. Empty by default.
///
/// ```
/// use order_mapping::{Code, Severity, SeverityLevels};
/// let mut levels = SeverityLevels::default();
/// levels.set("PHONE_UNLISTED_RANGE", Severity::Warning);
/// levels.set("SKU_COLLISION", Severity::Info);
/// assert_eq!(levels.level(Code::PhoneUnlistedRange), Severity::Warning);
/// assert_eq!(levels.level(Code::SkuCollision), Severity::Error); // its floor
/// assert_eq!(levels.level(Code::PhoneMissing), Severity::Error); // its default
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
// Sorted, so that the same levels in another order have the same content hash.
pub struct SeverityLevels(BTreeMap<String, Severity>);

impl SeverityLevels {
    /// Sets the level of the code with this id text.
    pub fn set(&mut self, id: impl Into<String>, level: Severity) {
        self.0.insert(id.into(), level);
    }

    /// The severity that findings with this code have by default, never below the code's floor.
    #[must_use]
    pub fn level(&self, code: Code) -> Severity {
        let info = code.info();
        match self.0.get(info.id) {
            Some(level) => (*level).max(info.floor),
            None => info.default,
        }
    }

    /// Gives findings the levels set here. What is found in orders, the profile and its catalogue ([`crate::Mapper::map`],
    /// [`crate::Profile::check`], [`crate::Profile::registry`]) has them already; what is found without a profile at hand, in stock
    /// rows ([`crate::check_stock_rows`]) or on the way of a shipment, gets them here.
    ///
    /// What a rule has raised or lowered by itself stays: it knows more of the case.
    pub fn apply(&self, found: &mut [Diagnostic]) {
        if self.0.is_empty() {
            return;
        }
        for one in found {
            if one.severity == one.code.info().default {
                one.severity = self.level(one.code);
            }
        }
    }

    /// Whether no level differs from the failure catalogue.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The levels as configured, sorted by id.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Severity)> {
        self.0.iter().map(|(id, level)| (id.as_str(), *level))
    }

    pub(crate) fn check(&self, found: &mut Vec<Diagnostic>) {
        for (id, level) in self.iter() {
            let path = format!("/severity/{}", id.replace('~', "~0").replace('/', "~1"));
            let fault = match Code::from_id(id) {
                Some(code) if level < code.info().floor => {
                    let floor = code.info().floor;
                    let message = format!("{id} cannot be lower than {floor}; that is used");
                    Diagnostic::new(Code::SeverityBelowFloor, path, message)
                }
                Some(_) => continue,
                None => unknown_id(id, path),
            };
            found.push(fault.about(Subject::Config).with_seen(id));
        }
    }
}

fn unknown_id(id: &str, path: String) -> Diagnostic {
    let message = "no code of this version has this id, so nothing is changed";
    match nearest_word(id, Code::all().iter().map(|code| code.id())) {
        Some(near) => {
            let message = format!("{message}; the nearest one is {near}");
            spelled_like(
                Diagnostic::new(Code::ProfileKeyUnknown, path, message),
                near,
            )
        }
        None => Diagnostic::new(Code::ProfileKeyUnknown, path, message),
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for SeverityLevels {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SeverityLevels".into()
    }

    /// Every code by its id, with the levels that its floor allows.
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        const LEVELS: [Severity; 4] = [
            Severity::Info,
            Severity::Warning,
            Severity::Hold,
            Severity::Error,
        ];
        let levels = |code: &Code| {
            let info = code.info();
            let allowed = LEVELS.iter().filter(|level| **level >= info.floor);
            let allowed: Vec<String> = allowed.map(ToString::to_string).collect();
            serde_json::json!({
                "description": format!("{} (otherwise {}).", info.title, info.default),
                "enum": allowed,
            })
        };
        let codes: serde_json::Map<String, serde_json::Value> = Code::all()
            .iter()
            .map(|code| (code.id().to_owned(), levels(code)))
            .collect();
        schemars::json_schema!({
            "type": "object",
            "description": "Severities that differ from the failure catalogue's default, by the id of the code.",
            "properties": codes,
            "additionalProperties": false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(levels: &SeverityLevels) -> Vec<(Code, String, String)> {
        let mut found = Vec::new();
        levels.check(&mut found);
        found
            .into_iter()
            .map(|one| (one.code, one.path.to_string(), one.message.to_string()))
            .collect()
    }

    #[test]
    fn no_level_is_below_the_floor_of_its_code() {
        for code in Code::all() {
            for level in [
                Severity::Info,
                Severity::Warning,
                Severity::Hold,
                Severity::Error,
            ] {
                let mut levels = SeverityLevels::default();
                levels.set(code.id(), level);
                assert_eq!(levels.level(*code), level.max(code.info().floor));
                assert_eq!(check(&levels).is_empty(), level >= code.info().floor);
            }
            assert_eq!(SeverityLevels::default().level(*code), code.info().default);
        }
    }

    #[test]
    fn a_level_below_the_floor_and_an_unknown_code_are_faults() {
        let levels: SeverityLevels =
            toml::from_str("SKU_COLLISION = \"info\"\nPHONE_UNLISTED_RANG = \"hold\"\n\"a/b\" = \"info\"\nPHONE_MISSING = \"error\"")
                .unwrap();
        let found = check(&levels);
        let told: Vec<(Code, &str)> = found
            .iter()
            .map(|(code, path, _)| (*code, path.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (Code::ProfileKeyUnknown, "/severity/PHONE_UNLISTED_RANG"),
                (Code::SeverityBelowFloor, "/severity/SKU_COLLISION"),
                (Code::ProfileKeyUnknown, "/severity/a~1b"),
            ]
        );
        assert!(
            found[0].2.contains("PHONE_UNLISTED_RANGE"),
            "{}",
            found[0].2
        );
        assert!(found[1].2.contains("error"), "{}", found[1].2);
        assert!(toml::from_str::<SeverityLevels>("PHONE_MISSING = \"fatal\"").is_err());
    }

    #[test]
    fn the_order_of_the_file_does_not_count() {
        let read = |text: &str| toml::from_str::<SeverityLevels>(text).unwrap();
        let one = read("PHONE_EXTENSION = \"info\"\nCOUNTRY_ALIAS = \"warning\"");
        let other = read("COUNTRY_ALIAS = \"warning\"\nPHONE_EXTENSION = \"info\"");
        let json = |levels: &SeverityLevels| serde_json::to_string(levels).unwrap();
        assert_eq!(json(&one), json(&other));
    }
}
