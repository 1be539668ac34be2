//! Rows of an acknowledgement file.

use std::io::Read;

use chrono::{DateTime, Utc};
use connector_http::Personal;

use super::csv_rows::{NoTable, Rows};
use super::exports::{FileRow, ParsedFile};
use super::file_time::{SiteTime, moment};
use super::layout::FolderLayout;

/// One row of an acknowledgement file: what the warehouse says of an order (layout assumed).
///
/// That such files exist was seen in use; what is in them, and when they are written, is not published. What a status means is
/// therefore left to the caller.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AcknowledgementRow {
    /// The client's order reference.
    pub reference: String,
    /// The warehouse's own number of the order.
    pub order_number: Option<String>,
    /// What became of the order, in the warehouse's words.
    pub status: Option<String>,
    /// Why, if it says. It may repeat personal data.
    pub message: Option<Personal<String>>,
    /// When.
    pub at: Option<DateTime<Utc>>,
}

pub(super) fn parse(
    layout: &FolderLayout,
    input: Box<dyn Read + Send>,
) -> Result<ParsedFile<AcknowledgementRow>, NoTable> {
    let names = &layout.acknowledgement_columns;
    let time = SiteTime::of(layout);
    let mut rows = Rows::begin(input)?;
    let reference = rows.required(&names.reference)?;
    let order_number = rows.column(&names.order_number)?;
    let status = rows.column(&names.status)?;
    let message = rows.column(&names.message)?;
    let date = rows.column(&names.date)?;
    let mut parsed = ParsedFile::new();
    while let Some(row) = rows.next()? {
        parsed.push(row.and_then(|row| {
            let owned = |column| row.optional(column).map(str::to_owned);
            let value = AcknowledgementRow {
                reference: row.text(&reference)?.to_owned(),
                order_number: owned(order_number.as_ref()),
                status: owned(status.as_ref()),
                message: owned(message.as_ref()).map(Personal::new),
                at: moment(&row, date.as_ref(), &time)?,
            };
            Ok(FileRow {
                row: row.number,
                value,
            })
        }));
    }
    Ok(parsed)
}
