//! The mapping profile as a file: `[mapping]` and `[sku]` of the configuration, with the place of every value.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use order_mapping::{Profile, Severity, SkuOverrides};
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use crate::bad_input::nearest;
use crate::declarations;
use crate::finding::{Finding, Place};
use crate::printed::visible;
use crate::toml_place::{Removed, Way, line_at, lines, pointer, way, way_to};
use crate::{BadInput, InputFault};

/// Most faults of form that are told of one file.
const FAULTS_MAX: usize = 100;

const MAPPING: &str = "mapping";
const SKU: &str = "sku";

/// A configuration file, as far as the mapping is concerned: its sections `[mapping]` and `[sku]`. Other sections belong to other
/// crates; they are named and not judged.
#[derive(Debug, Clone)]
pub struct ProfileFile {
    path: PathBuf,
    /// The line of everything in the file, by pointer.
    lines: HashMap<String, u64>,
    profile: Profile,
    overrides: SkuOverrides,
    faults: Vec<Finding>,
    elsewhere: Vec<String>,
}

impl ProfileFile {
    /// Reads the file. Values are judged later, unknown keys and wrong types are kept as faults; only what is no TOML is refused.
    ///
    /// # Errors
    /// The file cannot be read, is not UTF-8, or is not TOML.
    pub fn read(path: &Path) -> Result<Self, BadInput> {
        let bytes = std::fs::read(path).map_err(|error| {
            let remedy = "give the path of a TOML file with the sections [mapping] and [sku]";
            InputFault::new(format!("cannot be read: {error}"), remedy).in_file(path)
        })?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let valid = error.utf8_error().valid_up_to();
            let lines = error.as_bytes().iter().take(valid);
            let line = 1 + lines.filter(|byte| **byte == b'\n').count() as u64;
            InputFault::new("the line is not UTF-8 text", "save the file in UTF-8")
                .at_line(path, line)
        })?;
        Self::parse(path, &text)
    }

    fn parse(path: &Path, text: &str) -> Result<Self, BadInput> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let told = errors.iter().take(FAULTS_MAX).map(|error| {
                let remedy = "correct the line; texts stand in double quotes, lists in brackets";
                let fault = InputFault::new(error.message().trim(), remedy);
                match error.span() {
                    Some(span) => fault.at_line(path, line_at(text, span.start)),
                    None => fault.in_file(path),
                }
            });
            return Err(BadInput::of(told.collect()));
        }
        let keys: Vec<String> = table
            .get_ref()
            .keys()
            .map(|key| key.get_ref().to_string())
            .collect();
        let span = table.span();
        let mut rest = Spanned::new(span, DeValue::Table(table.into_inner()));
        let mut removed = Removed::default();
        let mut file = Self {
            path: path.to_owned(),
            lines: lines(text, &rest),
            profile: Profile::default(),
            overrides: SkuOverrides::default(),
            faults: Vec::new(),
            elsewhere: Vec::new(),
        };
        file.profile = file.section(MAPPING, &mut rest, &mut removed);
        file.overrides = file.section(SKU, &mut rest, &mut removed);
        file.look_elsewhere(keys);
        file.judge(&removed);
        Ok(file)
    }

    fn judge(&mut self, removed: &Removed) {
        let mut found = self.profile.check();
        for one in &mut found {
            let here = [vec![MAPPING.to_owned()], way(&one.path)].concat();
            one.path = pointer(&removed.original(&here)).into();
        }
        let of_profile = found.into_iter().map(Finding::from);
        let of_rows = declarations::check(&self.profile, &self.overrides).map(|mut one| {
            one.path = pointer(&removed.original(&way(&one.path)));
            one
        });
        for mut one in of_profile.chain(of_rows).collect::<Vec<_>>() {
            one.place = Some(self.place(&one.path));
            self.faults.push(one);
        }
        let line = |one: &Finding| one.place.as_ref().and_then(|place| place.line);
        self.faults
            .sort_by(|a, b| (line(a), &a.path, a.code).cmp(&(line(b), &b.path, b.code)));
    }

    /// Reads a section. What it refuses is told, taken out, and the rest is read again, so that all faults show at once.
    fn section<T: DeserializeOwned + Default>(
        &mut self,
        name: &str,
        rest: &mut Spanned<DeValue<'_>>,
        removed: &mut Removed,
    ) -> T {
        loop {
            let Some(value) = rest.get_ref().get(name).cloned() else {
                return T::default();
            };
            // An empty list would pass for a section with nothing but defaults.
            if !value.get_ref().is_table() {
                self.refuse(&format!("`{name}` is no section"), &[name.to_owned()]);
                return T::default();
            }
            let error = match T::deserialize(ValueDeserializer::from(value.clone())) {
                Ok(section) => return section,
                Err(error) => error,
            };
            if self.faults.len() >= FAULTS_MAX {
                let message = "there are more faults of form than are told";
                let mut fault = Finding::of_form(message, "correct these, then look again");
                fault.place = Some(Place::new(&self.path, None));
                self.faults.push(fault);
                return T::default();
            }
            let mut way: Way = vec![name.to_owned()];
            way.extend(
                error
                    .span()
                    .and_then(|span| way_to(&value, &span))
                    .unwrap_or_default(),
            );
            self.refuse(error.message(), &removed.original(&way));
            if !removed.take_out(rest, &way) {
                return T::default();
            }
        }
    }

    fn refuse(&mut self, message: &str, way: &[String]) {
        let (what, remedy) = told(message, way);
        let mut fault = Finding::of_form(what, remedy);
        fault.path = pointer(way);
        fault.place = Some(self.place(&fault.path));
        self.faults.push(fault);
    }

    /// Sections that are not this crate's: named, unless they look like a slip of the fingers. A slip that went unnoticed would
    /// leave every rule at its default.
    fn look_elsewhere(&mut self, keys: Vec<String>) {
        let ours = |key: &String| key == MAPPING || key == SKU;
        let nothing = !keys.iter().any(ours);
        for key in keys.into_iter().filter(|key| !ours(key)) {
            let homes = homes(&key);
            let what = format!("unknown section `{}`", visible(&key));
            let remedy = if let Some(near) = nearest(&key, [MAPPING, SKU]) {
                format!("did you mean [{near}]?")
            } else if !homes.is_empty() {
                format!("it belongs under {}", one_of(&homes, ""))
            } else {
                self.elsewhere.push(key);
                continue;
            };
            let mut fault = Finding::of_form(what, remedy);
            fault.path = pointer(std::slice::from_ref(&key));
            fault.place = Some(self.place(&fault.path));
            self.faults.push(fault);
        }
        if nothing && self.faults.is_empty() {
            let what = "the file has neither [mapping] nor [sku], so there is nothing to check";
            let remedy = "put the rules of the mapping under [mapping]";
            let mut fault = Finding::of_form(what, remedy);
            fault.place = Some(Place::new(&self.path, None));
            self.faults.push(fault);
        }
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rules, as far as they could be read.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        &self.profile
    }

    /// What people declared about codes, as far as it could be read.
    #[must_use]
    pub const fn overrides(&self) -> &SkuOverrides {
        &self.overrides
    }

    /// Everything that is wrong or worth a look, in the order of the file.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.faults
    }

    /// Sections of other crates, which are not judged here.
    #[must_use]
    pub fn elsewhere(&self) -> &[String] {
        &self.elsewhere
    }

    /// The file, if nothing in it is faulty.
    ///
    /// # Errors
    /// Every fault with its place.
    pub fn sound(self) -> Result<Self, BadInput> {
        let faults: Vec<InputFault> = self
            .faults
            .iter()
            .filter(|one| one.severity >= Severity::Hold)
            .map(|one| {
                let code = one.code.map(|code| format!("{code} at {}: ", one.path));
                let what = format!("{}{}", code.unwrap_or_default(), one.message);
                let fault = InputFault::new(what, one.remedy.as_str());
                match &one.place {
                    Some(place) => fault.at(place.clone()),
                    None => fault,
                }
            })
            .collect();
        if faults.is_empty() {
            Ok(self)
        } else {
            Err(BadInput::of(faults))
        }
    }

    /// Whether the file itself has something at this place.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.lines.contains_key(path)
    }

    /// The line of a place, or of the last part of the way there that the file has.
    pub(crate) fn place(&self, path: &str) -> Place {
        let mut path = path;
        loop {
            if let Some(line) = self.lines.get(path) {
                return Place::new(&self.path, Some(*line));
            }
            match path.rsplit_once('/') {
                Some((above, _)) => path = above,
                None => return Place::new(&self.path, None),
            }
        }
    }
}

/// What a reader's message means for people, and what helps.
fn told(message: &str, way: &[String]) -> (String, String) {
    let message = message.trim();
    let mut quoted = message.split('`').skip(1).step_by(2);
    let unknown = message.starts_with("unknown field") || message.starts_with("unknown variant");
    let Some(word) = quoted.next().filter(|_| unknown) else {
        let remedy = match message.strip_prefix("missing field ") {
            Some(field) => format!("add the key {field}"),
            None => "write the value in the form that the message names".to_owned(),
        };
        return (message.to_owned(), remedy);
    };
    let known: Vec<&str> = quoted.collect();
    let what = if message.starts_with("unknown field") {
        format!("unknown key `{word}`")
    } else {
        format!("unknown value `{word}`")
    };
    let here = way
        .split_last()
        .map(|(_, above)| above.join("."))
        .unwrap_or_default();
    let homes = homes(word);
    let remedy = if let Some(near) = nearest(word, known.iter().copied()) {
        format!("did you mean `{near}`?")
    } else if !homes.is_empty() && message.starts_with("unknown field") {
        format!("it belongs under {}", one_of(&homes, &here))
    } else {
        format!("known here: {}", known.join(", "))
    };
    (what, remedy)
}

/// The section that is named like this one, else every section.
fn one_of(homes: &[String], here: &str) -> String {
    let namesake = |home: &&String| home.rsplit('.').next() == here.rsplit('.').next();
    match homes.iter().find(namesake) {
        Some(home) => format!("[{home}]"),
        None => format!("[{}]", homes.join("] or [")),
    }
}

/// The sections that have a key of this name.
fn homes(key: &str) -> Vec<String> {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> ProfileFile {
        ProfileFile::parse(Path::new("shop.toml"), text).unwrap()
    }

    fn told_of(text: &str) -> Vec<(Option<u64>, String, String)> {
        let file = read(text);
        let line = |one: &Finding| one.place.as_ref().unwrap().line;
        file.findings()
            .iter()
            .map(|one| (line(one), one.path.clone(), one.message.clone()))
            .collect()
    }

    #[test]
    fn every_fault_shows_at_once_with_its_line_and_its_place_in_the_file() {
        let text = "\
[mapping.sku]
max_lenght = 24
min_length = \"one\"

[[mapping.services.rules]]
option = \"A\"

[[mapping.services.rules]]
option = \"B\"
code = \"with space\"
contries = [\"GB\"]

[mapping.release]
upfront = \"relase\"
on_account = { any = [{ metadata = { key = \"x\" } }] }

[sku]
max_length = 3
";
        let found = told_of(text);
        let places: Vec<(Option<u64>, &str)> = found
            .iter()
            .map(|(line, path, _)| (*line, path.as_str()))
            .collect();
        assert_eq!(
            places,
            [
                (Some(2), "/mapping/sku/max_lenght"),
                (Some(3), "/mapping/sku/min_length"),
                (Some(5), "/mapping/services/rules/0"),
                (Some(10), "/mapping/services/rules/1/code"),
                (Some(11), "/mapping/services/rules/1/contries"),
                (Some(14), "/mapping/release/upfront"),
                (Some(15), "/mapping/release/on_account/any/0/metadata"),
                (Some(18), "/sku/max_length"),
            ],
            "{found:#?}"
        );
        let remedies: Vec<String> = read(text)
            .findings()
            .iter()
            .map(|one| one.remedy.clone())
            .collect();
        assert_eq!(remedies[0], "did you mean `max_length`?");
        assert_eq!(remedies[2], "add the key `code`");
        assert_eq!(remedies[4], "did you mean `countries`?");
        assert_eq!(remedies[7], "it belongs under [mapping.sku]");
    }

    #[test]
    fn sections_out_of_place_are_faults_and_others_are_named() {
        let file = read("[maping]\n[services]\n[engine]\nx = 1\n");
        let remedies: Vec<&str> = file.findings().iter().map(|one| &*one.remedy).collect();
        assert_eq!(
            remedies,
            ["did you mean [mapping]?", "it belongs under [mapping]"]
        );
        assert_eq!(file.elsewhere(), ["engine"]);
        assert!(read("").sound().is_err());
        assert!(read("[mapping]").sound().is_ok());
    }

    #[test]
    fn a_section_that_is_no_table_is_a_fault() {
        assert_eq!(told_of("mapping = 5\n").len(), 1);
        assert_eq!(told_of("sku = []\n[mapping]\nservices = 1\n").len(), 2);
    }

    #[test]
    fn text_that_is_no_toml_names_every_line() {
        let text = "[mapping]\nx = = 1\n[sku]\ny = \n";
        let bad = ProfileFile::parse(Path::new("shop.toml"), text).unwrap_err();
        let text = bad.to_string();
        assert!(
            text.contains("shop.toml:2: ") && text.contains("shop.toml:4: "),
            "{text}"
        );
    }

    #[test]
    fn faults_without_end_are_told_up_to_a_limit() {
        let text: String = (0..500).map(|index| format!("k{index} = 1\n")).collect();
        let found = told_of(&format!("[mapping.sku]\n{text}"));
        assert_eq!(found.len(), FAULTS_MAX + 1);
    }
}
