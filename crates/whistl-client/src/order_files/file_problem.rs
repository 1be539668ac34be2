//! What can be wrong with a file that came back, and with a row of it.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a whole file could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "problem", rename_all = "snake_case")]
#[non_exhaustive]
pub enum FileProblem {
    /// Nothing in it, or only blank lines. Perhaps it is still being written: a changed file is read again.
    Empty,
    /// A required column is not in the header.
    MissingColumn {
        /// The column, as the layout names it.
        column: String,
    },
    /// A column that the layout names stands in the header twice.
    DuplicateColumn {
        /// The column, as the layout names it.
        column: String,
    },
    /// The header is not UTF-8 or not CSV.
    UnreadableHeader,
    /// Larger than is read into memory.
    TooLarge {
        /// The limit, in bytes.
        limit: u64,
    },
}

impl fmt::Display for FileProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the file is empty"),
            Self::MissingColumn { column } => write!(f, "column {column} is missing"),
            Self::DuplicateColumn { column } => write!(f, "column {column} stands there twice"),
            Self::UnreadableHeader => f.write_str("the header cannot be read"),
            Self::TooLarge { limit } => write!(f, "the file is larger than {limit} bytes"),
        }
    }
}

/// Why a row could not be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RowProblem {
    /// Not UTF-8.
    NotUtf8,
    /// Longer than 64 KiB.
    LineTooLong,
    /// A quote is opened and not closed on the line.
    UnclosedQuote,
    /// More or fewer cells than the header.
    WrongWidth,
    /// A required cell is blank.
    Blank,
    /// Not a whole number, or out of range.
    NotAnInteger,
    /// A quantity below one.
    NotPositive,
    /// Not an amount.
    NotAnAmount,
    /// Not a date in any of the layout's formats.
    NotADate,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUtf8 => "is not UTF-8",
            Self::LineTooLong => "is too long to be a row",
            Self::UnclosedQuote => "has an unclosed quote",
            Self::WrongWidth => "has more or fewer cells than the header",
            Self::Blank => "is blank",
            Self::NotAnInteger => "is not a whole number in range",
            Self::NotPositive => "is below one",
            Self::NotAnAmount => "is not an amount",
            Self::NotADate => "is not a date of a known format",
        })
    }
}

/// A row that could not be used. It shows places, never values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RowFault {
    /// Line of the file, from 1; the header is normally line 1.
    pub row: usize,
    /// Column, as the layout names it; `None` when the whole row is at fault.
    pub column: Option<String>,
    /// What is wrong.
    pub problem: RowProblem,
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.column {
            Some(column) => write!(f, "row {}, {column}: {}", self.row, self.problem),
            None => write!(f, "row {} {}", self.row, self.problem),
        }
    }
}
