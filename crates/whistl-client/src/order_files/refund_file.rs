//! Rows of a refund file.

use std::io::Read;

use chrono::NaiveDate;
use connector_http::Personal;
use rust_decimal::Decimal;

use super::csv_rows::{NoTable, Rows};
use super::exports::{FileRow, ParsedFile};
use super::file_problem::RowProblem;
use super::file_time::{SiteTime, date};
use super::layout::FolderLayout;

/// One row of a refund file: a quantity of a SKU that came back (layout assumed).
///
/// That such files exist was seen in use; what is in them is not published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RefundRow {
    /// The client's order reference.
    pub reference: String,
    /// The warehouse's SKU.
    pub sku: String,
    /// The quantity that came back, at least one.
    pub quantity: u32,
    /// What is to be paid back, gross.
    pub amount: Option<Decimal>,
    /// Why, in the warehouse's words. It may repeat what the buyer wrote.
    pub reason: Option<Personal<String>>,
    /// When, as the warehouse's calendar has it.
    pub refunded_on: Option<NaiveDate>,
}

pub(super) fn parse(
    layout: &FolderLayout,
    input: Box<dyn Read + Send>,
) -> Result<ParsedFile<RefundRow>, NoTable> {
    let names = &layout.refund_columns;
    let time = SiteTime::of(layout);
    let mut rows = Rows::begin(input)?;
    let reference = rows.required(&names.reference)?;
    let sku = rows.required(&names.sku)?;
    let quantity = rows.required(&names.quantity)?;
    let amount = rows.column(&names.amount)?;
    let reason = rows.column(&names.reason)?;
    let refunded = rows.column(&names.date)?;
    let mut parsed = ParsedFile::new();
    while let Some(row) = rows.next()? {
        parsed.push(row.and_then(|row| {
            let units = row.integer(&quantity)?;
            if units < 1 {
                return Err(row.fault(&quantity, RowProblem::NotPositive));
            }
            let quantity =
                u32::try_from(units).map_err(|_| row.fault(&quantity, RowProblem::NotAnInteger))?;
            let amount = match (amount.as_ref(), row.optional(amount.as_ref())) {
                (Some(column), Some(text)) => {
                    let amount = text.parse::<Decimal>();
                    Some(amount.map_err(|_| row.fault(column, RowProblem::NotAnAmount))?)
                }
                _ => None,
            };
            let value = RefundRow {
                reference: row.text(&reference)?.to_owned(),
                sku: row.text(&sku)?.to_owned(),
                quantity,
                amount,
                reason: row
                    .optional(reason.as_ref())
                    .map(|reason| Personal::new(reason.to_owned())),
                refunded_on: date(&row, refunded.as_ref(), &time)?,
            };
            Ok(FileRow {
                row: row.number,
                value,
            })
        }));
    }
    Ok(parsed)
}
