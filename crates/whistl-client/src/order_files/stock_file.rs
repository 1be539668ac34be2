//! Rows of a stock file.

use std::fmt;
use std::io::{self, Read};

use chrono::{DateTime, Utc};

use super::csv_rows::{Column, NoTable, Row, Rows};
use super::exports::{FileRow, ParsedFile};
use super::file_problem::{FileProblem, RowFault};
use super::file_time::{SiteTime, moment};
use super::layout::FolderLayout;

/// One row of a stock file: a SKU and a quantity (layout assumed).
///
/// Whether a file is a full count or holds changed rows only is not published; [`FolderLayout::stock_mode`] says which it is
/// taken for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockRow {
    /// The warehouse's SKU.
    pub sku: String,
    /// The quantity. It may be below zero: warehouses report overdrawn stock so.
    pub quantity: i64,
    /// When the quantity was true, where the layout names a column for it. Otherwise take the time at which the file was last
    /// changed ([`ExportedFile::changed`](super::ExportedFile::changed)).
    pub as_of: Option<DateTime<Utc>>,
}

/// A stock file read row by row, in memory that does not grow with the file.
///
/// It ends at the first error of the place it is read from, after telling it.
///
/// ```
/// use whistl_client::order_files::{FolderLayout, StockRows};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let file = "Part,Qty\nMUG01,12\nTEA-7,three\n";
/// let mut good = Vec::new();
/// let mut faults = Vec::new();
/// for row in StockRows::begin(file.as_bytes(), &FolderLayout::default())? {
///     match row? {
///         Ok(row) => good.push((row.value.sku, row.value.quantity)),
///         Err(fault) => faults.push(fault.to_string()),
///     }
/// }
/// assert_eq!(good, [("MUG01".to_owned(), 12)]);
/// assert_eq!(faults, ["row 3, Qty: is not a whole number in range"]);
/// # Ok(())
/// # }
/// ```
pub struct StockRows<R> {
    rows: Rows<R>,
    sku: Column,
    quantity: Column,
    as_of: Option<Column>,
    time: SiteTime,
    broken: bool,
}

/// A stock file of which no row can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StockFileError {
    /// It is no table with the layout's columns.
    #[error("{0}")]
    Problem(FileProblem),
    /// It could not be read.
    #[error("the stock file cannot be read")]
    Io(#[source] io::Error),
}

impl From<NoTable> for StockFileError {
    fn from(error: NoTable) -> Self {
        match error {
            NoTable::Problem(problem) => Self::Problem(problem),
            NoTable::Io(error) => Self::Io(error),
        }
    }
}

impl<R: Read> StockRows<R> {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// [`StockFileError`] for a file without the layout's columns, or one that cannot be read.
    pub fn begin(input: R, layout: &FolderLayout) -> Result<Self, StockFileError> {
        Ok(Self::of_table(input, layout)?)
    }

    fn of_table(input: R, layout: &FolderLayout) -> Result<Self, NoTable> {
        let rows = Rows::begin(input)?;
        let names = &layout.stock_columns;
        Ok(Self {
            sku: rows.required(&names.sku)?,
            quantity: rows.required(&names.quantity)?,
            as_of: match &names.as_of {
                Some(name) => Some(rows.required(name)?),
                None => None,
            },
            time: SiteTime::of(layout),
            rows,
            broken: false,
        })
    }
}

impl<R: Read> Iterator for StockRows<R> {
    type Item = io::Result<Result<FileRow<StockRow>, RowFault>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        match self.rows.next() {
            Ok(None) => None,
            Ok(Some(row)) => Some(Ok(row.and_then(|row| {
                let value = stock_row(
                    &row,
                    &self.sku,
                    &self.quantity,
                    self.as_of.as_ref(),
                    &self.time,
                )?;
                Ok(FileRow {
                    row: row.number,
                    value,
                })
            }))),
            Err(error) => {
                self.broken = true;
                Some(Err(error))
            }
        }
    }
}

impl<R> fmt::Debug for StockRows<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StockRows").finish_non_exhaustive()
    }
}

fn stock_row(
    row: &Row<'_>,
    sku: &Column,
    quantity: &Column,
    as_of: Option<&Column>,
    time: &SiteTime,
) -> Result<StockRow, RowFault> {
    Ok(StockRow {
        sku: row.text(sku)?.to_owned(),
        quantity: row.integer(quantity)?,
        as_of: moment(row, as_of, time)?,
    })
}

pub(super) fn parse(
    layout: &FolderLayout,
    input: Box<dyn Read + Send>,
) -> Result<ParsedFile<StockRow>, NoTable> {
    let mut parsed = ParsedFile::new();
    for row in StockRows::of_table(input, layout)? {
        parsed.push(row?);
    }
    Ok(parsed)
}
