//! The profile as text: the sections `[mapping]` and `[sku]` of a TOML document, with the place of every value.

mod place;
mod told;

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use self::place::{Removed, Way, line_at, lines, pointer, way, way_to};
use self::told::{MAPPING, SKU, homes, one_of, shown, told};
use crate::nearest::{nearest_word, spelled_like};
use crate::{Arg, Code, Diagnostic, Profile, Severity, SkuOverrides, Subject};

/// Most faults of form that are told of one document.
const FAULTS_MAX: usize = 100;

/// A TOML document, as far as the mapping is concerned: its sections `[mapping]` ([`Profile`]) and `[sku]` ([`SkuOverrides`]).
/// Other sections belong to other crates; they are named and not judged.
///
/// Everything that is wrong is found in one pass, each with line, JSON pointer and remedy. What cannot be read is left out and
/// has its default, so that the rest can be judged; nothing should run with such a profile: see [`ProfileDocument::sound`].
///
/// ```
/// use order_mapping::{Code, ProfileDocument};
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let document = ProfileDocument::read("[mapping.sku]\nmax_lenght = 20\n[mapping.address]\nline_max = 0\n")?;
/// let found = document.findings();
/// assert_eq!(found[0].diagnostic.code, Code::ProfileKeyUnknown);
/// assert_eq!((found[0].line, found[0].remedy.as_str()), (Some(2), "did you mean `max_length`?"));
/// assert_eq!((found[1].line, found[1].diagnostic.code), (Some(4), Code::ConfigLimitBad));
/// assert!(!document.is_readable() && document.sound().is_err());
///
/// let (profile, _) = ProfileDocument::read("[mapping.sku]\nmax_length = 20\n")?.sound()?;
/// assert_eq!(profile.sku.max_length, 20);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct ProfileDocument {
    /// The line of everything in the document, by pointer.
    lines: HashMap<String, u64>,
    profile: Profile,
    overrides: SkuOverrides,
    findings: Vec<ProfileFinding>,
    elsewhere: Vec<String>,
}

impl ProfileDocument {
    /// Reads a document. Unknown keys, wrong types and values that cannot work are kept as findings; only what is no TOML is
    /// refused.
    ///
    /// # Errors
    /// Every line that is no TOML, up to 100.
    pub fn read(text: &str) -> Result<Self, TomlFaults> {
        let (table, errors) = DeTable::parse_recoverable(text);
        if !errors.is_empty() {
            let told = errors.iter().take(FAULTS_MAX).map(|error| TomlFault {
                line: error.span().map(|span| line_at(text, span.start)),
                message: shown(error.message().trim()),
            });
            return Err(TomlFaults(told.collect()));
        }
        let keys: Vec<String> = table
            .get_ref()
            .keys()
            .map(|key| key.get_ref().to_string())
            .collect();
        let span = table.span();
        let mut rest = Spanned::new(span, DeValue::Table(table.into_inner()));
        let mut removed = Removed::default();
        let mut document = Self {
            lines: lines(text, &rest),
            profile: Profile::default(),
            overrides: SkuOverrides::default(),
            findings: Vec::new(),
            elsewhere: Vec::new(),
        };
        document.profile = document.section(MAPPING, &mut rest, &mut removed);
        document.overrides = document.section(SKU, &mut rest, &mut removed);
        document.look_elsewhere(keys);
        document.judge(&removed);
        Ok(document)
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

    /// Everything that is wrong or worth a look, in the order of the document.
    #[must_use]
    pub fn findings(&self) -> &[ProfileFinding] {
        &self.findings
    }

    /// Sections of other crates, which are not judged here.
    #[must_use]
    pub fn elsewhere(&self) -> &[String] {
        &self.elsewhere
    }

    /// Whether every key is known and every value has the right kind, so that the profile says what its author wrote.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        !self.findings.iter().any(ProfileFinding::is_of_form)
    }

    /// Whether nothing is wrong; warnings may be there.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        !self.findings.iter().any(ProfileFinding::is_fault)
    }

    /// The profile and the declarations, if nothing in them is wrong.
    ///
    /// # Errors
    /// Every finding that holds, in the order of the document.
    pub fn sound(self) -> Result<(Profile, SkuOverrides), UnsoundProfile> {
        if self.is_sound() {
            return Ok((self.profile, self.overrides));
        }
        let mut faults = self.findings;
        faults.retain(ProfileFinding::is_fault);
        Err(UnsoundProfile(faults))
    }

    /// Whether the document itself has something at this JSON pointer; if not, the default is in effect.
    #[must_use]
    pub fn has(&self, pointer: &str) -> bool {
        self.lines.contains_key(pointer)
    }

    /// The line, from 1, of what a JSON pointer names, or of the last part of the way there that the document has. Works for all
    /// sections, those of other crates too.
    #[must_use]
    pub fn line(&self, pointer: &str) -> Option<u64> {
        let mut pointer = pointer;
        loop {
            if let Some(line) = self.lines.get(pointer) {
                return Some(*line);
            }
            pointer = pointer.rsplit_once('/')?.0;
        }
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
            if self.findings.len() >= FAULTS_MAX {
                let message = "there are more faults of form than are told";
                let fault = Diagnostic::new(Code::TooMany, "", message);
                self.add(fault, "correct these, then look again");
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
        let told = told(message, way);
        let fault = Diagnostic::new(told.code, pointer(way), told.what);
        let fault = match (told.near, told.known.is_empty()) {
            (Some(near), _) => spelled_like(fault, &near),
            (None, false) => fault.with_arg(Arg::Allowed(told.known)),
            (None, true) => fault,
        };
        self.add(fault, told.remedy);
    }

    fn add(&mut self, fault: Diagnostic, remedy: impl Into<String>) {
        self.findings.push(ProfileFinding {
            line: self.line(&fault.path),
            diagnostic: fault.about(Subject::Config),
            remedy: remedy.into(),
        });
    }

    /// Sections that are not this crate's: named, unless they look like a slip of the fingers. A slip that went unnoticed would
    /// leave every rule at its default.
    fn look_elsewhere(&mut self, keys: Vec<String>) {
        let ours = |key: &String| key == MAPPING || key == SKU;
        let nothing = !keys.iter().any(ours);
        for key in keys.into_iter().filter(|key| !ours(key)) {
            let homes = homes(&key);
            let what = format!("unknown section `{}`", shown(&key));
            let near = nearest_word(&key, [MAPPING, SKU]);
            let remedy = if let Some(near) = near {
                format!("did you mean [{near}]?")
            } else if !homes.is_empty() {
                format!("it belongs under {}", one_of(&homes, ""))
            } else {
                self.elsewhere.push(key);
                continue;
            };
            let fault = Diagnostic::new(Code::ProfileKeyUnknown, pointer(&[key]), what);
            let fault = match near {
                Some(near) => spelled_like(fault, near),
                None => fault,
            };
            self.add(fault, remedy);
        }
        if nothing && self.findings.is_empty() {
            let what = "the file has neither [mapping] nor [sku], so there is nothing to check";
            let fault = Diagnostic::new(Code::ProfileKeyMissing, "", what);
            self.add(fault, "put the rules of the mapping under [mapping]");
        }
    }

    /// What is wrong with what could be read.
    fn judge(&mut self, removed: &Removed) {
        let of_profile = self.profile.check().into_iter().map(|one| (MAPPING, one));
        let mut of_rows = self.overrides.check(&self.profile.sku);
        self.profile.severity.apply(&mut of_rows);
        let all: Vec<_> = of_profile
            .chain(of_rows.into_iter().map(|one| (SKU, one)))
            .collect();
        for (section, one) in all {
            let here = [vec![section.to_owned()], way(&one.path)].concat();
            let path = pointer(&removed.original(&here));
            self.findings.push(ProfileFinding {
                line: self.line(&path),
                remedy: one.code.info().remedy.to_owned(),
                diagnostic: one.at_path(path),
            });
        }
        self.findings.sort_by(|a, b| {
            (a.line, &a.diagnostic.path, a.diagnostic.code).cmp(&(
                b.line,
                &b.diagnostic.path,
                b.diagnostic.code,
            ))
        });
    }
}

/// Something wrong, or worth a look, in a [`ProfileDocument`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ProfileFinding {
    /// What it is. The path is a JSON pointer into the document, so it begins with `/mapping` or `/sku`.
    #[serde(flatten)]
    pub diagnostic: Diagnostic,
    /// The line, from 1: that of the value, or of the entry that lacks it. None when it concerns the document as a whole.
    pub line: Option<u64>,
    /// What to do: for an unknown key the nearest known one or the section it belongs to, else the code's remedy.
    pub remedy: String,
}

impl ProfileFinding {
    /// A finding with the remedy of its code.
    #[must_use]
    pub fn new(diagnostic: Diagnostic, line: Option<u64>) -> Self {
        Self {
            remedy: diagnostic.code.info().remedy.to_owned(),
            diagnostic,
            line,
        }
    }

    /// Whether the document cannot be read as what it should be: an unknown key, a missing key, a value of the wrong kind.
    #[must_use]
    pub const fn is_of_form(&self) -> bool {
        matches!(
            self.diagnostic.code,
            Code::ProfileKeyUnknown
                | Code::ProfileKeyMissing
                | Code::ProfileValueBad
                | Code::TooMany
        )
    }

    /// Whether nothing should run with the profile until this is put right.
    #[must_use]
    pub fn is_fault(&self) -> bool {
        self.diagnostic.severity >= Severity::Hold
    }
}

impl fmt::Display for ProfileFinding {
    /// Two lines: the place and the finding, and the remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        write!(f, "{}\n  remedy: {}", self.diagnostic, self.remedy)
    }
}

/// A profile that nothing should run with: what is wrong, in the order of the document, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnsoundProfile(Vec<ProfileFinding>);

impl UnsoundProfile {
    /// What is wrong.
    #[must_use]
    pub fn faults(&self) -> &[ProfileFinding] {
        &self.0
    }
}

impl fmt::Display for UnsoundProfile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines_of(&self.0, f)
    }
}

impl std::error::Error for UnsoundProfile {}

/// A place where a text is no TOML.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TomlFault {
    /// The line, from 1, if it is known.
    pub line: Option<u64>,
    /// One line for people.
    pub message: String,
}

impl TomlFault {
    /// What helps.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        "correct the line; texts stand in double quotes, lists in brackets"
    }
}

impl fmt::Display for TomlFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        f.write_str(&self.message)
    }
}

/// A text that is no TOML: every place, never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TomlFaults(Vec<TomlFault>);

impl TomlFaults {
    /// The places.
    #[must_use]
    pub fn faults(&self) -> &[TomlFault] {
        &self.0
    }
}

impl fmt::Display for TomlFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        lines_of(&self.0, f)
    }
}

impl std::error::Error for TomlFaults {}

fn lines_of(all: &[impl fmt::Display], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (index, one) in all.iter().enumerate() {
        if index > 0 {
            writeln!(f)?;
        }
        write!(f, "{one}")?;
    }
    Ok(())
}
