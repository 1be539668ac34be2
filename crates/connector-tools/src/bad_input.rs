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
pub struct BadInput(Vec<InputFault>);

impl BadInput {
    /// Several faults, found together.
    #[must_use]
    pub const fn of(faults: Vec<InputFault>) -> Self {
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

impl std::error::Error for BadInput {}

/// The entry of `known` that is nearest to `word`, when it is near enough to be what was meant.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Nothing that long is a slip of the fingers.
    if word.len() > 100 {
        return None;
    }
    let word = word.to_lowercase();
    known
        .into_iter()
        .map(|entry| (distance(&word, &entry.to_lowercase()), entry))
        .filter(|(steps, entry)| *steps <= 3 && *steps * 2 <= entry.chars().count().max(2))
        .min_by_key(|(steps, _)| *steps)
        .map(|(_, entry)| entry)
}

/// Letters to change, add or remove to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, letter) in from.chars().enumerate() {
        let mut next = Vec::with_capacity(row.len());
        let mut left = index + 1;
        next.push(left);
        for (pair, other) in row.windows(2).zip(&to) {
            if let [diagonal, above] = pair {
                left = (diagonal + usize::from(letter != *other))
                    .min(above + 1)
                    .min(left + 1);
                next.push(left);
            }
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

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

    #[test]
    fn only_a_near_word_is_suggested() {
        let columns = ["StockCode", "Description", "SKU"];
        assert_eq!(nearest("stockcodes", columns), Some("StockCode"));
        assert_eq!(nearest("sku", columns), Some("SKU"));
        assert_eq!(nearest("price", columns), None);
        assert_eq!(nearest(&"x".repeat(1_000_000), columns), None);
    }
}
