//! Reading a CSV table row by row, in memory that does not grow with the file.

use std::io::{self, BufRead, BufReader, Read};
use std::str;

use super::file_problem::{FileProblem, RowFault, RowProblem};

/// Longest line that is read, in bytes; the rest of a longer one is passed over.
const LINE_MAX: usize = 64 * 1024;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Rows of a table, each physical line on its own: none of the files read here needs a line break inside a cell, and a stray
/// quote would otherwise swallow every row up to the next one.
pub(super) struct Rows<R> {
    input: BufReader<R>,
    parser: csv_core::Reader,
    line: Vec<u8>,
    number: usize,
    header: Vec<String>,
    text: Vec<u8>,
    /// How much of the text belongs to the row.
    written: usize,
    ends: Vec<usize>,
}

/// Why a table could not be begun.
#[derive(Debug)]
pub(super) enum NoTable {
    Problem(FileProblem),
    Io(io::Error),
}

impl From<io::Error> for NoTable {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<FileProblem> for NoTable {
    fn from(problem: FileProblem) -> Self {
        Self::Problem(problem)
    }
}

/// A column that was found: where it is and what the layout calls it.
#[derive(Debug, Clone)]
pub(super) struct Column {
    index: usize,
    name: String,
}

/// One row, as long as the next one is not read.
#[derive(Debug)]
pub(super) struct Row<'a> {
    /// Line of the file, from 1.
    pub(super) number: usize,
    text: &'a str,
    ends: &'a [usize],
}

impl<R: Read> Rows<R> {
    /// Reads the header.
    pub(super) fn begin(input: R) -> Result<Self, NoTable> {
        let mut rows = Self {
            input: BufReader::with_capacity(LINE_MAX, input),
            parser: csv_core::Reader::new(),
            line: Vec::new(),
            number: 0,
            header: Vec::new(),
            text: Vec::new(),
            written: 0,
            ends: Vec::new(),
        };
        if !rows.read_line()? {
            return Err(FileProblem::Empty.into());
        }
        if rows.number == 1 && rows.line.starts_with(BYTE_ORDER_MARK) {
            rows.line.drain(..3);
        }
        if rows.line.iter().all(u8::is_ascii_whitespace) && !rows.read_line()? {
            return Err(FileProblem::Empty.into());
        }
        let width = rows
            .split_line()
            .map_err(|_| FileProblem::UnreadableHeader)?;
        let header = rows.text.get(..rows.written).unwrap_or_default();
        let header = str::from_utf8(header).map_err(|_| FileProblem::UnreadableHeader)?;
        let header = Row {
            number: rows.number,
            text: header,
            ends: rows.ends.get(..width).unwrap_or_default(),
        };
        rows.header = (0..width)
            .map(|index| header.cell(index).unwrap_or_default().to_owned())
            .collect();
        Ok(rows)
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

    /// The next row that is not blank, or what is wrong with it; `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Result<Row<'_>, RowFault>>> {
        if !self.read_line()? {
            return Ok(None);
        }
        let number = self.number;
        let fault = |problem| RowFault {
            row: number,
            column: None,
            problem,
        };
        let outcome = self.split_line().and_then(|width| {
            if width != self.header.len() {
                return Err(RowProblem::WrongWidth);
            }
            let text = self.text.get(..self.written).unwrap_or_default();
            let text = str::from_utf8(text).map_err(|_| RowProblem::NotUtf8)?;
            let ends = self.ends.get(..width).unwrap_or_default();
            Ok(Row { number, text, ends })
        });
        Ok(Some(outcome.map_err(fault)))
    }

    /// Reads up to the next line that is not blank, without its end. `false` at the end of the file.
    fn read_line(&mut self) -> io::Result<bool> {
        loop {
            self.line.clear();
            let limit = LINE_MAX as u64 + 1;
            let read = (&mut self.input)
                .take(limit)
                .read_until(b'\n', &mut self.line)?;
            if read == 0 {
                return Ok(false);
            }
            self.number += 1;
            if self.line.len() > LINE_MAX && !self.line.ends_with(b"\n") {
                self.pass_line()?;
                return Ok(true);
            }
            while let Some(b'\n' | b'\r') = self.line.last() {
                self.line.pop();
            }
            if !self.line.iter().all(u8::is_ascii_whitespace) {
                return Ok(true);
            }
        }
    }

    /// Passes over the rest of a line that is too long.
    fn pass_line(&mut self) -> io::Result<()> {
        loop {
            let buffer = self.input.fill_buf()?;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let length = end.map_or(buffer.len(), |end| end + 1);
            self.input.consume(length);
            if end.is_some() || length == 0 {
                return Ok(());
            }
        }
    }

    /// Splits the line into cells and says how many there are.
    fn split_line(&mut self) -> Result<usize, RowProblem> {
        if self.line.len() > LINE_MAX {
            return Err(RowProblem::LineTooLong);
        }
        // Told by one bit, which a processor works out for many bytes at once.
        let odd = |odd: u8, byte: &u8| odd ^ u8::from(*byte == b'"');
        if self.line.iter().fold(0, odd) == 1 {
            return Err(if str::from_utf8(&self.line).is_ok() {
                RowProblem::UnclosedQuote
            } else {
                RowProblem::NotUtf8
            });
        }
        // A cell takes no more bytes than its spelling.
        if self.text.len() < self.line.len() {
            self.text.resize(self.line.len(), 0);
        }
        // With its end the row is over in one call.
        self.line.push(b'\n');
        self.parser.reset();
        if self.line.starts_with(BYTE_ORDER_MARK) {
            // The parser drops the mark where it begins; only the file's own, which is gone already, is no text.
            self.parser.read_record(b"\n", &mut [0], &mut [0]);
        }
        let (mut from, mut written, mut width) = (0, 0, 0);
        loop {
            let (result, read, wrote, ended) = self.parser.read_record(
                self.line.get(from..).unwrap_or_default(),
                self.text.get_mut(written..).unwrap_or_default(),
                self.ends.get_mut(width..).unwrap_or_default(),
            );
            from += read;
            written += wrote;
            width += ended;
            match result {
                // The end of the line is taken for text: a quote is open.
                csv_core::ReadRecordResult::InputEmpty => return Err(RowProblem::UnclosedQuote),
                csv_core::ReadRecordResult::OutputFull => {
                    self.text.resize(self.text.len() * 2 + 16, 0);
                }
                csv_core::ReadRecordResult::OutputEndsFull => {
                    self.ends.resize(self.ends.len() * 2 + 4, 0);
                }
                csv_core::ReadRecordResult::Record | csv_core::ReadRecordResult::End => {
                    self.written = written;
                    // A carriage return amid the line would end the row early, and silently lose the rest.
                    return if from < self.line.len() {
                        Err(RowProblem::WrongWidth)
                    } else {
                        Ok(width)
                    };
                }
            }
        }
    }
}

impl<'a> Row<'a> {
    fn cell(&self, index: usize) -> Option<&'a str> {
        let begin = match index.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(begin..*self.ends.get(index)?)
    }

    /// The trimmed cell, or `None` when blank.
    pub(super) fn optional(&self, column: Option<&Column>) -> Option<&'a str> {
        let cell = self.cell(column?.index)?.trim();
        (!cell.is_empty()).then_some(cell)
    }

    /// The trimmed cell of a required value.
    pub(super) fn text(&self, column: &Column) -> Result<&'a str, RowFault> {
        self.optional(Some(column))
            .ok_or_else(|| self.fault(column, RowProblem::Blank))
    }

    /// A whole number; `12.0` is one, since exporters print quantities that way too.
    pub(super) fn integer(&self, column: &Column) -> Result<i64, RowFault> {
        let text = self.text(column)?;
        if let Ok(number) = text.parse() {
            return Ok(number);
        }
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
