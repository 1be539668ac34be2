//! The mapping profile as a file.

use std::path::{Path, PathBuf};

use order_mapping::{Profile, ProfileDocument, ProfileFinding, SkuOverrides};

use crate::finding::{Finding, Place};
use crate::{BadInput, InputFault};

/// A configuration file, as far as the mapping is concerned: its sections `[mapping]` and `[sku]`. Other sections belong to other
/// crates; they are named and not judged.
#[derive(Debug, Clone)]
pub struct ProfileFile {
    path: PathBuf,
    document: ProfileDocument,
    findings: Vec<Finding>,
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
        let document = ProfileDocument::read(&text).map_err(|bad| {
            let faults = bad.faults().iter().map(|fault| {
                InputFault::new(fault.message.as_str(), fault.remedy())
                    .at(Place::new(path, fault.line))
            });
            BadInput::of(faults.collect())
        })?;
        let findings = document.findings().iter();
        Ok(Self {
            findings: findings.map(|one| finding(path, one)).collect(),
            path: path.to_owned(),
            document,
        })
    }

    /// The file as it was named.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The rules, as far as they could be read.
    #[must_use]
    pub const fn profile(&self) -> &Profile {
        self.document.profile()
    }

    /// What people declared about codes, as far as it could be read.
    #[must_use]
    pub const fn overrides(&self) -> &SkuOverrides {
        self.document.overrides()
    }

    /// Everything that is wrong or worth a look, in the order of the file.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Sections of other crates, which are not judged here.
    #[must_use]
    pub fn elsewhere(&self) -> &[String] {
        self.document.elsewhere()
    }

    /// Whether every key is known and every value has the right kind.
    #[must_use]
    pub fn is_readable(&self) -> bool {
        self.document.is_readable()
    }

    /// The file, if nothing in it is faulty.
    ///
    /// # Errors
    /// Every fault with its place. [`BadInput::is_readable`] tells whether the file merely has values that cannot work.
    pub fn sound(self) -> Result<Self, BadInput> {
        let faults = self.findings.iter().filter(|one| one.is_fault());
        let faults: Vec<InputFault> = faults
            .map(|one| {
                let what = format!("{} at {}: {}", one.code, one.path, one.message);
                let fault = InputFault::new(what, one.remedy.as_str());
                match &one.place {
                    Some(place) => fault.at(place.clone()),
                    None => fault,
                }
            })
            .collect();
        if faults.is_empty() {
            Ok(self)
        } else if self.is_readable() {
            Err(BadInput::readable(faults))
        } else {
            Err(BadInput::of(faults))
        }
    }

    /// Whether the file itself has something at this place.
    pub(crate) fn has(&self, path: &str) -> bool {
        self.document.has(path)
    }

    /// The line of a place, or of the last part of the way there that the file has.
    pub(crate) fn place(&self, path: &str) -> Place {
        Place::new(&self.path, self.document.line(path))
    }
}

fn finding(path: &Path, found: &ProfileFinding) -> Finding {
    let mut finding = Finding::from(found.diagnostic.clone());
    finding.place = Some(Place::new(path, found.line));
    finding.remedy.clone_from(&found.remedy);
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<ProfileFile, BadInput> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shop.toml");
        std::fs::write(&path, text).unwrap();
        ProfileFile::read(&path)
    }

    #[test]
    fn findings_name_the_file_and_the_remedy() {
        let file = read("[mapping.sku]\nmax_lenght = 24\n").unwrap();
        let one = &file.findings()[0];
        let place = one.place.as_ref().unwrap();
        assert!(place.file.ends_with("shop.toml") && place.line == Some(2));
        assert_eq!(one.remedy, "did you mean `max_length`?");
        assert!(!file.is_readable());
    }

    #[test]
    fn only_a_sound_file_goes_on() {
        assert!(read("[mapping]").unwrap().sound().is_ok());
        let unreadable = read("").unwrap().sound().unwrap_err();
        assert!(!unreadable.is_readable());
        let faulty = read("[mapping.sku]\nmax_length = 0\n").unwrap();
        let faulty = faulty.sound().unwrap_err();
        assert!(faulty.is_readable());
        assert!(faulty.to_string().contains("shop.toml:2: SKU_POLICY_BAD"));
    }

    #[test]
    fn text_that_is_no_toml_names_every_line() {
        let text = read("[mapping]\nx = = 1\n[sku]\ny = \n").unwrap_err();
        let text = text.to_string();
        assert!(
            text.contains("shop.toml:2: ") && text.contains("shop.toml:4: "),
            "{text}"
        );
    }
}
