//! Rows of a stock file.

use super::csv_table::{FileProblem, Table};
use super::exports::{FileRow, ParsedFile};
use super::layout::FolderLayout;

/// One row of a stock file: a SKU and a quantity (layout assumed).
///
/// Whether a file is a full count or holds changed rows only is not published; treat a SKU that is missing as unknown, not as
/// zero, until the site confirms.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StockRow {
    /// The warehouse's SKU.
    pub sku: String,
    /// The quantity. It may be below zero: warehouses report overdrawn stock so.
    pub quantity: i64,
}

pub(super) fn parse(
    layout: &FolderLayout,
    bytes: &[u8],
) -> Result<ParsedFile<StockRow>, FileProblem> {
    let table = Table::parse(bytes)?;
    let sku = table.required(&layout.stock_columns.sku)?;
    let quantity = table.required(&layout.stock_columns.quantity)?;
    let mut parsed = ParsedFile::new(table.faults);
    for row in &table.rows {
        let value = row.text(&sku).and_then(|sku| {
            let quantity = row.integer(&quantity)?;
            Ok(StockRow { sku, quantity })
        });
        parsed.push(value.map(|value| FileRow {
            row: row.number,
            value,
        }));
    }
    Ok(parsed)
}
