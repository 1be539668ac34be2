//! Every rule of a profile in words.

mod articles;
mod calendar;
mod customs;
mod orders;
mod receiver;
mod service_table;
mod stock;

use order_mapping::{Evidence, Profile, TextUnit};
use serde::Serialize;
use serde_json::Value;

use crate::ProfileFile;
use crate::printed::count;

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Rule {
    /// Its key in the file.
    pub key: String,
    /// Whether the file has it; if not, it is the default.
    pub in_file: bool,
    /// What it means.
    pub means: String,
    /// How well the value in effect is known. None where the file has another value than the default: then its author knows.
    pub evidence: Option<Evidence>,
    /// Where that comes from, in one line.
    pub source: Option<&'static str>,
}

/// The rules of a file, defaults included.
pub(crate) fn rules(file: &ProfileFile) -> Vec<Rule> {
    let profile = file.profile();
    // The domain types hold nothing that JSON cannot express.
    let json = |profile: &Profile| serde_json::to_value(profile).unwrap_or_default();
    let mut list = List {
        file,
        in_effect: json(profile),
        default: json(&Profile::default()),
        rules: Vec::new(),
    };
    list.sku(&profile.sku);
    list.services(&profile.services);
    list.phone(&profile.phone);
    list.purchase_order(&profile.purchase_order);
    list.address(&profile.address);
    list.release(&profile.release);
    list.ignore(&profile.ignore);
    list.non_stock(&profile.non_stock);
    list.lines(&profile.lines);
    list.kits(&profile.kits);
    list.packs(&profile.packs);
    list.partial(&profile.partial);
    list.stock(&profile.stock);
    list.zones(&profile.zones);
    list.customs(&profile.customs);
    list.severity(&profile.severity);
    list.calendar(&profile.calendar);
    list.shipment(&profile.shipment);
    list.overrides(file.overrides());
    list.rules
}

struct List<'a> {
    file: &'a ProfileFile,
    in_effect: Value,
    default: Value,
    rules: Vec<Rule>,
}

impl List<'_> {
    fn add(&mut self, key: &str, means: impl Into<String>) {
        let path = format!("/{}", key.replace('.', "/"));
        let note = path
            .strip_prefix("/mapping")
            .filter(|member| self.in_effect.pointer(member) == self.default.pointer(member))
            .and_then(Profile::evidence_at);
        self.rules.push(Rule {
            key: key.to_owned(),
            in_file: self.file.has(&path),
            means: means.into(),
            evidence: note.map(|note| note.evidence),
            source: note.map(|note| note.source),
        });
    }

    fn switch(&mut self, key: &str, on: bool, yes: &str, no: &str) {
        self.add(key, if on { yes } else { no });
    }
}

fn counted(unit: TextUnit) -> String {
    match unit {
        TextUnit::Chars => "characters".to_owned(),
        TextUnit::Bytes => "bytes".to_owned(),
        TextUnit::Utf16 => "UTF-16 code units".to_owned(),
        other => said(&other),
    }
}

fn forbidden(what: &str, signs: &str) -> String {
    if signs.is_empty() {
        format!("{what} may have any sign")
    } else {
        format!("{what} with one of these signs holds its order: {signs}")
    }
}

fn characters(number: usize) -> String {
    count(number, "character", "characters")
}

/// A value as the file would have it.
fn said(value: &impl Serialize) -> String {
    let json = serde_json::to_value(value).unwrap_or_default();
    json.as_str()
        .map_or_else(|| json.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use order_mapping::SkuOverrides;

    use std::path::Path;

    use super::*;

    fn of(text: &str) -> Vec<Rule> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("p.toml");
        std::fs::write(&path, text).unwrap();
        rules(&ProfileFile::read(Path::new(&path)).unwrap())
    }

    fn keys(value: &Value, prefix: &str, found: &mut Vec<String>) {
        match value {
            // A table that has no entry yet is a member itself.
            Value::Object(members) if !members.is_empty() => {
                for (name, inner) in members {
                    keys(inner, &format!("{prefix}.{name}"), found);
                }
            }
            _ => found.push(prefix.to_owned()),
        }
    }

    #[test]
    fn every_member_of_the_profile_is_explained_and_nothing_else() {
        let mut known = Vec::new();
        let json = |value: serde_json::Result<Value>| value.unwrap();
        keys(
            &json(serde_json::to_value(Profile::default())),
            "mapping",
            &mut known,
        );
        keys(
            &json(serde_json::to_value(SkuOverrides::default())),
            "sku",
            &mut known,
        );
        let explained = of("[mapping]\n");
        for key in &known {
            let mut rules = explained.iter();
            assert!(
                rules.any(|rule| rule.key == *key || key.starts_with(&format!("{}.", rule.key))),
                "{key} is not explained"
            );
        }
        for rule in &explained {
            assert!(
                known.iter().any(|key| key.starts_with(&rule.key)),
                "{} is no key",
                rule.key
            );
            assert!(!rule.means.is_empty() && !rule.in_file);
            // Every default of the profile says what it rests on; declarations are the shop's own.
            assert_eq!(rule.evidence.is_some(), rule.key.starts_with("mapping."));
            assert_eq!(rule.source.is_some(), rule.evidence.is_some());
        }
    }

    #[test]
    fn what_the_file_changes_rests_on_nothing_but_the_file() {
        let rules = of("[mapping.address]\nline_max = 40\ncity_max = 35\n\
             [mapping.severity]\nPHONE_UNLISTED_RANGE = \"warning\"\n");
        let rule = |key: &str| rules.iter().find(|rule| rule.key == key).unwrap();
        assert_eq!(rule("mapping.address.line_max").evidence, None);
        let city = rule("mapping.address.city_max");
        assert_eq!(
            (city.in_file, city.evidence),
            (true, Some(Evidence::SeenInUse))
        );
        let level = rule("mapping.severity.PHONE_UNLISTED_RANGE");
        assert!(level.means.ends_with("is warning instead of hold"));
        assert_eq!((level.in_file, level.evidence), (true, None));
    }

    #[test]
    fn a_service_rule_says_all_its_limits() {
        let rules = of(
            "[[mapping.services.rules]]\noption = \"Pallet\"\ncode = \"PAL\"\nzones = [\"isle_of_man\"]\n\
             customer_groups = [\"Trade\"]\nweight_kg = { from = \"30\" }\n\
             value = { from = \"5\", below = \"500\", currency = \"GBP\" }\n",
        );
        let rule = |key: &str| rules.iter().find(|rule| rule.key == key).unwrap();
        assert_eq!(
            rule("mapping.services.rules.0").means,
            "\"Pallet\" in zones isle_of_man for customer groups Trade weighing 30 kg or more \
             worth 5 GBP or more and less than 500 GBP is PAL"
        );
    }

    #[test]
    fn rules_say_what_the_file_says() {
        let rules = of("[mapping.sku]\nmax_length = 20\n\
             [[mapping.services.rules]]\noption = \"Express\"\ncode = \"WHI\"\ncountries = [\"GB\"]\n\
             [mapping.release]\nhokodo = { when = { all = [{ tag = \"ok\" }, { credit = \"approved\" }] } }\n");
        let means = |key: &str| {
            let rule = rules.iter().find(|rule| rule.key == key).unwrap();
            (rule.in_file, rule.means.as_str())
        };
        assert!(means("mapping.sku.max_length").1.contains("20 characters"));
        assert!(means("mapping.sku.max_length").0 && !means("mapping.sku.min_length").0);
        assert_eq!(
            means("mapping.services.rules.0"),
            (true, "\"Express\" to GB is WHI")
        );
        assert!(
            means("mapping.release.hokodo")
                .1
                .contains("tag ok and credit approved")
        );
        assert!(
            means("mapping.release.on_account")
                .1
                .contains("credit-approved or")
        );
    }
}
