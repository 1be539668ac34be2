//! Input that cannot be used: one type, so that every such fault names file, line and remedy in the same words.

use std::fmt;
use std::path::Path;

use crate::finding::Place;
use crate::printed::visible;

/// One fault of an input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFault {
    place: Option<Place>,
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
    pub fn in_file(self, file: &Path) -> Self {
        self.at(Place::new(file, None))
    }

    /// Names the line of a file.
    #[must_use]
    pub fn at_line(self, file: &Path, line: u64) -> Self {
        self.at(Place::new(file, Some(line)))
    }

    pub(crate) fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }
}

impl fmt::Display for InputFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        // What a file holds is not this program's text: it must not drive a terminal.
        write!(
            f,
            "{}\n  remedy: {}",
            visible(&self.what),
            visible(&self.remedy)
        )
    }
}

/// Input that cannot be used, with every fault that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadInput {
    faults: Vec<InputFault>,
    readable: bool,
}

impl BadInput {
    /// Several faults, found together.
    #[must_use]
    pub const fn of(faults: Vec<InputFault>) -> Self {
        Self {
            faults,
            readable: false,
        }
    }

    /// Faults of an input that says clearly what it wants, when that cannot work.
    pub(crate) const fn readable(faults: Vec<InputFault>) -> Self {
        Self {
            faults,
            readable: true,
        }
    }

    /// Whether the input is what it should be, a profile for example, and merely has values that cannot work.
    #[must_use]
    pub const fn is_readable(&self) -> bool {
        self.readable
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &[InputFault] {
        &self.faults
    }
}

impl From<InputFault> for BadInput {
    fn from(fault: InputFault) -> Self {
        Self::of(vec![fault])
    }
}

impl fmt::Display for BadInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                writeln!(f)?;
            }
            write!(f, "error: {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for BadInput {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_file_line_and_remedy() {
        let fault = InputFault::new("the row has 3 fields, the header 2", "use quotes");
        let fault = fault.at_line(Path::new("catalogue.csv"), 7);
        assert_eq!(
            BadInput::from(fault).to_string(),
            "error: catalogue.csv:7: the row has 3 fields, the header 2\n  remedy: use quotes"
        );
    }
}
