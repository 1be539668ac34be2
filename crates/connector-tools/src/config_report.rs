//! What is found in a mapping profile, and what its rules are.

use std::io::{self, Write};

use order_mapping::Profile;
use serde::Serialize;

use crate::finding::Finding;
use crate::rules_in_effect::{Rule, rules};
use crate::{ProfileFile, Report, config_print};

/// The report on a mapping profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct ConfigReport {
    /// Nothing is wrong.
    pub sound: bool,
    /// Every key is known and every value has the right kind.
    pub readable: bool,
    /// The file.
    pub file: String,
    /// What is wrong, in the order of the file.
    pub faults: Vec<Finding>,
    /// What is worth a look.
    pub warnings: Vec<Finding>,
    /// Every rule in words. Where the file has faults, what could not be read has its default.
    pub rules: Vec<Rule>,
    /// The whole profile as it would be used.
    pub profile: Profile,
    /// Hash of the profile; goes into every mapped order.
    pub profile_hash: String,
    /// Sections of other crates, which are not judged here.
    pub not_judged: Vec<String>,
}

impl ConfigReport {
    /// Judges a profile.
    #[must_use]
    pub fn new(file: &ProfileFile) -> Self {
        let (faults, warnings): (Vec<Finding>, Vec<Finding>) =
            file.findings().iter().cloned().partition(Finding::is_fault);
        Self {
            sound: faults.is_empty(),
            readable: file.is_readable(),
            file: file.path().display().to_string(),
            faults,
            warnings,
            rules: rules(file),
            profile: file.profile().clone(),
            profile_hash: file.profile().content_hash(),
            not_judged: file.elsewhere().to_vec(),
        }
    }
}

impl Report for ConfigReport {
    fn is_sound(&self) -> bool {
        self.sound
    }

    fn is_readable(&self) -> bool {
        self.readable
    }

    fn write_text(&self, out: &mut dyn Write) -> io::Result<()> {
        config_print::write(self, out)
    }
}
