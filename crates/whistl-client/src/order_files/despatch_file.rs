//! Rows of a despatch file.

use chrono::{Datelike as _, NaiveDate};

use super::csv_table::{FileProblem, RowProblem, Table};
use super::exports::{FileRow, ParsedFile};
use super::layout::FolderLayout;

/// One row of a despatch file: a quantity of a SKU that left for an order (layout assumed).
///
/// Whether a site writes a row for each parcel or for each order line is not published: rows with the same reference and SKU
/// and different tracking numbers are both meant to be added up.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DespatchRow {
    /// The client's order reference.
    pub reference: String,
    /// The warehouse's SKU.
    pub sku: String,
    /// The despatched quantity, at least one.
    pub quantity: u32,
    /// The carrier code.
    pub carrier: Option<String>,
    /// The delivery-method code.
    pub delivery_method: Option<String>,
    /// The tracking number.
    pub tracking: Option<String>,
    /// The date of despatch, as the warehouse's calendar has it.
    pub despatched_on: Option<NaiveDate>,
}

pub(super) fn parse(
    layout: &FolderLayout,
    bytes: &[u8],
) -> Result<ParsedFile<DespatchRow>, FileProblem> {
    let names = &layout.despatch_columns;
    let table = Table::parse(bytes)?;
    let reference = table.required(&names.reference)?;
    let sku = table.required(&names.sku)?;
    let quantity = table.required(&names.quantity)?;
    let carrier = table.column(&names.carrier)?;
    let delivery_method = table.column(&names.delivery_method)?;
    let tracking = table.column(&names.tracking)?;
    let date = table.column(&names.despatch_date)?;
    let mut parsed = ParsedFile::new(table.faults);
    for row in &table.rows {
        let value = row.text(&reference).and_then(|reference| {
            let units = row.integer(&quantity)?;
            if units < 1 {
                return Err(row.fault(&quantity, RowProblem::NotPositive));
            }
            let units =
                u32::try_from(units).map_err(|_| row.fault(&quantity, RowProblem::NotAnInteger))?;
            let despatched_on = match (&date, row.optional(date.as_ref())) {
                (Some(column), Some(text)) => Some(
                    date_of(&text, &layout.date_formats)
                        .ok_or_else(|| row.fault(column, RowProblem::NotADate))?,
                ),
                _ => None,
            };
            Ok(DespatchRow {
                reference,
                sku: row.text(&sku)?,
                quantity: units,
                carrier: row.optional(carrier.as_ref()),
                delivery_method: row.optional(delivery_method.as_ref()),
                tracking: row.optional(tracking.as_ref()),
                despatched_on,
            })
        });
        parsed.push(value.map(|value| FileRow {
            row: row.number,
            value,
        }));
    }
    Ok(parsed)
}

fn date_of(text: &str, formats: &[String]) -> Option<NaiveDate> {
    // `%Y` takes `25` for the year 25; no despatch is that old.
    formats
        .iter()
        .filter_map(|format| NaiveDate::parse_from_str(text, format).ok())
        .find(|date| date.year() >= 2000)
}
