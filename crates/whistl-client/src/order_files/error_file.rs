//! Error files: the rows of a rejected order file, each with the importer's messages.

use std::fmt;
use std::io::Read;

use connector_http::Personal;

use super::csv_rows::{NoTable, Rows};
use super::exports::{FileRow, ParsedFile, has_csv_ending};
use super::layout::FolderLayout;

/// The column with the messages (seen in use).
const ERROR: &str = "ERROR";
/// Between several messages on one row (seen in use).
const SEPARATOR: char = '|';

/// A row of an order file that the importer rejected. One bad row rejects the whole file, so a row without faults of its own
/// was rejected with its neighbours.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RejectedRow {
    /// The client's order reference, where the row has one.
    pub reference: Option<String>,
    /// The importer's messages, in its order.
    pub faults: Vec<ImportFault>,
}

/// A message of a strict Elucid-style CSV importer (seen in use, spelling exact).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ImportFault {
    /// `<COL> column does not exist`: a required column is missing; then no row is looked at.
    ColumnMissing {
        /// The column, as the importer names it.
        column: String,
    },
    /// `<COL> column empty`: a required cell is blank.
    ColumnEmpty {
        /// The column, as the importer names it.
        column: String,
    },
    /// `Ref_No too long (>12 chars)`.
    ReferenceTooLong,
    /// `Order Total not a number`.
    TotalNotANumber,
    /// `Unit Price not a number`.
    UnitPriceNotANumber,
    /// `Postage Charge not a number`.
    DeliveryChargeNotANumber,
    /// `Qty not a number or blank`.
    QuantityNotANumber,
    /// Anything else. It may repeat personal data.
    Other(Personal<String>),
}

impl ImportFault {
    /// Reads one message.
    #[must_use]
    pub fn from_message(message: &str) -> Self {
        let message = message.trim();
        let column = |ending: &str| {
            let column = message.strip_suffix(ending)?;
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
            (!column.is_empty() && column.chars().all(plain)).then(|| column.to_owned())
        };
        if let Some(column) = column(" column does not exist") {
            return Self::ColumnMissing { column };
        }
        if let Some(column) = column(" column empty") {
            return Self::ColumnEmpty { column };
        }
        match message {
            "Ref_No too long (>12 chars)" => Self::ReferenceTooLong,
            "Order Total not a number" => Self::TotalNotANumber,
            "Unit Price not a number" => Self::UnitPriceNotANumber,
            "Postage Charge not a number" => Self::DeliveryChargeNotANumber,
            "Qty not a number or blank" => Self::QuantityNotANumber,
            other => Self::Other(Personal::new(other.to_owned())),
        }
    }

    /// Reads the cell of one row.
    fn from_cell(cell: &str) -> Vec<Self> {
        cell.split(SEPARATOR)
            .filter(|message| !message.trim().is_empty())
            .map(Self::from_message)
            .collect()
    }
}

/// The importer's own words; another message than the known ones is left out, since it may repeat personal data.
impl fmt::Display for ImportFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ColumnMissing { column } => return write!(f, "{column} column does not exist"),
            Self::ColumnEmpty { column } => return write!(f, "{column} column empty"),
            Self::ReferenceTooLong => "Ref_No too long (>12 chars)",
            Self::TotalNotANumber => "Order Total not a number",
            Self::UnitPriceNotANumber => "Unit Price not a number",
            Self::DeliveryChargeNotANumber => "Postage Charge not a number",
            Self::QuantityNotANumber => "Qty not a number or blank",
            Self::Other(_) => "another message of the importer",
        })
    }
}

/// Whether a file's name is that of an error file: `<name>error.csv` (seen in use).
pub(super) fn is_error_file(name: &str) -> bool {
    let stem = name.len().checked_sub(4).and_then(|end| name.get(..end));
    has_csv_ending(name) && stem.is_some_and(|stem| stem.ends_with("error"))
}

pub(super) fn parse(
    _layout: &FolderLayout,
    input: Box<dyn Read + Send>,
) -> Result<ParsedFile<RejectedRow>, NoTable> {
    let mut rows = Rows::begin(input)?;
    let errors = rows.required(ERROR)?;
    // The importer normalises headers; both spellings were seen.
    let reference = match rows.column("Ref_No")? {
        Some(column) => Some(column),
        None => rows.column("OrderNumber")?,
    };
    let mut parsed = ParsedFile::new();
    while let Some(row) = rows.next()? {
        parsed.push(row.map(|row| {
            FileRow {
                row: row.number,
                value: RejectedRow {
                    reference: row.optional(reference.as_ref()).map(str::to_owned),
                    faults: row
                        .optional(Some(&errors))
                        .map(ImportFault::from_cell)
                        .unwrap_or_default(),
                },
            }
        }));
    }
    Ok(parsed)
}

/// The messages of an error file, each once, joined as the importer joins them. `None` where there are none.
pub(super) fn reason(input: impl Read) -> Result<Option<String>, NoTable> {
    let mut rows = Rows::begin(input)?;
    let errors = rows.required(ERROR)?;
    let mut messages: Vec<String> = Vec::new();
    while let Some(row) = rows.next()? {
        let cell = row.ok().and_then(|row| row.optional(Some(&errors)));
        for message in cell.iter().flat_map(|cell| cell.split(SEPARATOR)) {
            let message = message.trim();
            if !message.is_empty() && !messages.iter().any(|known| known == message) {
                messages.push(message.to_owned());
            }
        }
    }
    let separator = SEPARATOR.to_string();
    Ok((!messages.is_empty()).then(|| messages.join(&separator)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_has_its_kind_and_comes_back_as_it_was() {
        for message in [
            "PART column does not exist",
            "QTY column empty",
            "Ref_No too long (>12 chars)",
            "Order Total not a number",
            "Unit Price not a number",
            "Postage Charge not a number",
            "Qty not a number or blank",
        ] {
            let fault = ImportFault::from_message(message);
            assert!(!matches!(fault, ImportFault::Other(_)), "{message}");
            assert_eq!(fault.to_string(), message);
        }
        let other = ImportFault::from_message(" Surname Example unknown ");
        assert_eq!(
            other,
            ImportFault::Other(Personal::from("Surname Example unknown"))
        );
        assert!(!format!("{other} {other:?}").contains("Example"));
        assert!(matches!(
            ImportFault::from_message("Ms Sample column empty"),
            ImportFault::Other(_)
        ));
    }

    #[test]
    fn an_error_file_is_known_by_its_name() {
        assert!(is_error_file("SO10001error.csv") && is_error_file("aerror.CSV"));
        assert!(!is_error_file("SO10001.csv") && !is_error_file("SO10001error.txt"));
        assert!(!is_error_file("\u{e9}\u{e9}") && !is_error_file("csv"));
    }
}
