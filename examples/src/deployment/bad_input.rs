//! Input that cannot be used: one type, so that every such fault names file, line and remedy in the same words.

use std::fmt;
use std::path::Path;

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFault {
    /// File or other place, and line where it has lines.
    place: Option<(String, Option<u64>)>,
    what: String,
    remedy: String,
}

impl InputFault {
    /// A fault of the command line or of the input as a whole.
    pub fn new(what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self {
            place: None,
            what: what.into(),
            remedy: remedy.into(),
        }
    }

    /// Names the file.
    #[must_use]
    pub fn in_file(mut self, file: &Path) -> Self {
        self.place = Some((file.display().to_string(), None));
        self
    }

    /// Names a place that is no file.
    #[must_use]
    pub fn at(mut self, place: impl Into<String>) -> Self {
        self.place = Some((place.into(), None));
        self
    }

    /// Names the line of a file.
    #[must_use]
    pub fn at_line(mut self, file: &Path, line: u64) -> Self {
        self.place = Some((file.display().to_string(), Some(line)));
        self
    }
}

impl fmt::Display for InputFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some((file, Some(line))) => write!(f, "{file}:{line}: ")?,
            Some((file, None)) => write!(f, "{file}: ")?,
            None => {}
        }
        write!(f, "{}\n  remedy: {}", self.what, self.remedy)
    }
}

/// Input that cannot be used, with every fault that was found. Nothing has been written when it is returned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput(Vec<InputFault>);

impl BadInput {
    /// Several faults, found together.
    #[must_use]
    pub fn of(faults: Vec<InputFault>) -> Self {
        Self(faults)
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &[InputFault] {
        &self.0
    }
}

impl From<InputFault> for BadInput {
    fn from(fault: InputFault) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "error: {fault}")?;
        }
        Ok(())
    }
}

/// Why the program could not do its work.
#[derive(Debug, thiserror::Error)]
#[allow(
    clippy::exhaustive_enums,
    reason = "programs of this package match on it"
)]
pub enum Failure {
    /// The input is to blame: exit code 2.
    #[error("{0}")]
    BadInput(BadInput),
    /// Something else went wrong: exit code 1.
    #[error("error: {0}")]
    Broken(Box<dyn std::error::Error + Send + Sync>),
}

impl Failure {
    /// The exit code of a program that ends with it.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::BadInput(_) => 2,
            Self::Broken(_) => 1,
        }
    }

    /// A failure that is not the input's.
    pub fn broken(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Broken(error.into())
    }
}

impl From<BadInput> for Failure {
    fn from(bad: BadInput) -> Self {
        Self::BadInput(bad)
    }
}

impl From<InputFault> for Failure {
    fn from(fault: InputFault) -> Self {
        Self::BadInput(fault.into())
    }
}

impl std::error::Error for InputFault {}

impl From<order_sync::StoreError> for Failure {
    fn from(error: order_sync::StoreError) -> Self {
        Self::broken(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_file_line_and_remedy() {
        let fault = InputFault::new("`Quantity` is no whole number", "write digits only");
        let fault = fault.at_line(Path::new("orders.csv"), 7);
        assert_eq!(
            BadInput::from(fault).to_string(),
            "error: orders.csv:7: `Quantity` is no whole number\n  remedy: write digits only"
        );
    }
}
