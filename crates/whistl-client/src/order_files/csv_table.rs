//! Reading a small CSV table line by line, so that one spoilt row cannot take its neighbours with it.

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
    /// Not a date in any of the layout's formats.
    NotADate,
}

impl fmt::Display for RowProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotUtf8 => "is not UTF-8",
            Self::UnclosedQuote => "has an unclosed quote",
            Self::WrongWidth => "has more or fewer cells than the header",
            Self::Blank => "is blank",
            Self::NotAnInteger => "is not a whole number in range",
            Self::NotPositive => "is below one",
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

/// A parsed table: header cells, and rows that have the header's width.
#[derive(Debug)]
pub(super) struct Table {
    header: Vec<String>,
    pub(super) rows: Vec<TableRow>,
    pub(super) faults: Vec<RowFault>,
}

/// One row of a table.
#[derive(Debug)]
pub(super) struct TableRow {
    pub(super) number: usize,
    cells: Vec<String>,
}

/// A column that was found: where it is and what the layout calls it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    index: usize,
    name: String,
}

impl Table {
    /// Parses bytes, each physical line on its own: none of the files read here needs a line break inside a cell, and a stray
    /// quote would otherwise swallow every row up to the next one.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, FileProblem> {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut lines = bytes
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
            .zip(1..)
            .filter(|(line, _)| !line.iter().all(u8::is_ascii_whitespace));
        let (first, _) = lines.next().ok_or(FileProblem::Empty)?;
        let header = cells(first).map_err(|_| FileProblem::UnreadableHeader)?;
        let mut table = Self {
            header,
            rows: Vec::new(),
            faults: Vec::new(),
        };
        for (line, number) in lines {
            let outcome = cells(line).and_then(|cells| {
                if cells.len() == table.header.len() {
                    Ok(cells)
                } else {
                    Err(RowProblem::WrongWidth)
                }
            });
            match outcome {
                Ok(cells) => table.rows.push(TableRow { number, cells }),
                Err(problem) => table.faults.push(RowFault {
                    row: number,
                    column: None,
                    problem,
                }),
            }
        }
        Ok(table)
    }

    /// Finds a column by name, without regard to case and outer white space.
    pub(super) fn column(&self, name: &str) -> Result<Option<Column>, FileProblem> {
        let mut found = self
            .header
            .iter()
            .enumerate()
            .filter(|(_, header)| header.trim().eq_ignore_ascii_case(name.trim()));
        let column = found.next().map(|(index, _)| Column {
            index,
            name: name.to_owned(),
        });
        if found.next().is_some() {
            return Err(FileProblem::DuplicateColumn {
                column: name.to_owned(),
            });
        }
        Ok(column)
    }

    /// Finds a column that must be there.
    pub(super) fn required(&self, name: &str) -> Result<Column, FileProblem> {
        self.column(name)?
            .ok_or_else(|| FileProblem::MissingColumn {
                column: name.to_owned(),
            })
    }
}

impl TableRow {
    /// The trimmed cell, or `None` when blank.
    pub(super) fn optional(&self, column: Option<&Column>) -> Option<String> {
        let cell = self.cells.get(column?.index)?.trim();
        (!cell.is_empty()).then(|| cell.to_owned())
    }

    /// The trimmed cell of a required value.
    pub(super) fn text(&self, column: &Column) -> Result<String, RowFault> {
        self.optional(Some(column))
            .ok_or_else(|| self.fault(column, RowProblem::Blank))
    }

    /// A whole number; `12.0` is one, since exporters print quantities that way too.
    pub(super) fn integer(&self, column: &Column) -> Result<i64, RowFault> {
        let text = self.text(column)?;
        text.parse::<rust_decimal::Decimal>()
            .ok()
            .filter(rust_decimal::Decimal::is_integer)
            .and_then(|number| i64::try_from(number).ok())
            .ok_or_else(|| self.fault(column, RowProblem::NotAnInteger))
    }

    /// A fault in this row.
    pub(super) fn fault(&self, column: &Column, problem: RowProblem) -> RowFault {
        RowFault {
            row: self.number,
            column: Some(column.name.clone()),
            problem,
        }
    }
}

fn cells(line: &[u8]) -> Result<Vec<String>, RowProblem> {
    let text = std::str::from_utf8(line).map_err(|_| RowProblem::NotUtf8)?;
    if text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1 {
        return Err(RowProblem::UnclosedQuote);
    }
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(text.as_bytes());
    let record = reader
        .records()
        .next()
        .ok_or(RowProblem::WrongWidth)?
        .map_err(|_| RowProblem::NotUtf8)?;
    Ok(record.iter().map(str::to_owned).collect())
}
