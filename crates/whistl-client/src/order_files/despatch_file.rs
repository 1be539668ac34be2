//! Rows of a despatch file, and the parcels that they make up.

use std::collections::BTreeMap;
use std::io::Read;

use chrono::NaiveDate;

use super::csv_rows::{NoTable, Rows};
use super::exports::{FileRow, ParsedFile};
use super::file_problem::RowProblem;
use super::file_time::{SiteTime, date};
use super::layout::FolderLayout;

/// One row of a despatch file: a quantity of a SKU that left for an order (layout assumed).
///
/// Whether a site writes a row for each parcel or for each order line is not published: rows with the same reference and SKU
/// and different tracking numbers are both meant to be added up. [`DespatchedParcel::from_rows`] does.
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

impl DespatchRow {
    /// A row without carrier, tracking and date.
    pub fn new(reference: impl Into<String>, sku: impl Into<String>, quantity: u32) -> Self {
        Self {
            reference: reference.into(),
            sku: sku.into(),
            quantity,
            ..Self::default()
        }
    }

    /// Sets the tracking number.
    #[must_use]
    pub fn with_tracking(mut self, number: impl Into<String>) -> Self {
        self.tracking = Some(number.into());
        self
    }
}

/// What left for an order in one parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DespatchedParcel {
    /// The client's order reference.
    pub reference: String,
    /// The tracking number. `None` for what was despatched without one, all of an order together.
    pub tracking: Option<String>,
    /// The carrier code, of the first row that has one.
    pub carrier: Option<String>,
    /// The delivery-method code, of the first row that has one.
    pub delivery_method: Option<String>,
    /// The date of despatch, of the first row that has one.
    pub despatched_on: Option<NaiveDate>,
    /// Quantities by SKU.
    pub contents: BTreeMap<String, u64>,
}

impl DespatchedParcel {
    /// Puts the rows of one file together by order and tracking number, in the order of their first rows. Give it the rows of
    /// one file: a parcel that another file names again is the same parcel, and must not be added up.
    ///
    /// ```
    /// use whistl_client::order_files::{DespatchRow, DespatchedParcel};
    ///
    /// let rows = [
    ///     DespatchRow::new("SO10001", "MUG01", 2).with_tracking("WHL1"),
    ///     DespatchRow::new("SO10001", "MUG01", 1).with_tracking("WHL2"),
    ///     DespatchRow::new("SO10001", "MUG01", 3).with_tracking("WHL1"),
    /// ];
    /// let parcels = DespatchedParcel::from_rows(&rows);
    /// assert_eq!(parcels.len(), 2);
    /// assert_eq!(parcels[0].contents["MUG01"], 5);
    /// ```
    pub fn from_rows<'a>(rows: impl IntoIterator<Item = &'a DespatchRow>) -> Vec<Self> {
        let mut parcels: Vec<Self> = Vec::new();
        let mut places: BTreeMap<(&str, Option<&str>), usize> = BTreeMap::new();
        for row in rows {
            let place = *places
                .entry((&row.reference, row.tracking.as_deref()))
                .or_insert_with(|| {
                    parcels.push(Self {
                        reference: row.reference.clone(),
                        tracking: row.tracking.clone(),
                        carrier: None,
                        delivery_method: None,
                        despatched_on: None,
                        contents: BTreeMap::new(),
                    });
                    parcels.len() - 1
                });
            if let Some(parcel) = parcels.get_mut(place) {
                parcel.add(row);
            }
        }
        parcels
    }

    fn add(&mut self, row: &DespatchRow) {
        if self.carrier.is_none() {
            self.carrier.clone_from(&row.carrier);
        }
        if self.delivery_method.is_none() {
            self.delivery_method.clone_from(&row.delivery_method);
        }
        self.despatched_on = self.despatched_on.or(row.despatched_on);
        let units = self.contents.entry(row.sku.clone()).or_default();
        *units = units.saturating_add(row.quantity.into());
    }
}

pub(super) fn parse(
    layout: &FolderLayout,
    input: Box<dyn Read + Send>,
) -> Result<ParsedFile<DespatchRow>, NoTable> {
    let names = &layout.despatch_columns;
    let time = SiteTime::of(layout);
    let mut rows = Rows::begin(input)?;
    let reference = rows.required(&names.reference)?;
    let sku = rows.required(&names.sku)?;
    let quantity = rows.required(&names.quantity)?;
    let carrier = rows.column(&names.carrier)?;
    let delivery_method = rows.column(&names.delivery_method)?;
    let tracking = rows.column(&names.tracking)?;
    let despatched = rows.column(&names.despatch_date)?;
    let mut parsed = ParsedFile::new();
    while let Some(row) = rows.next()? {
        parsed.push(row.and_then(|row| {
            let owned = |column| row.optional(column).map(str::to_owned);
            let reference = row.text(&reference)?.to_owned();
            let units = row.integer(&quantity)?;
            if units < 1 {
                return Err(row.fault(&quantity, RowProblem::NotPositive));
            }
            let units =
                u32::try_from(units).map_err(|_| row.fault(&quantity, RowProblem::NotAnInteger))?;
            let despatched_on = date(&row, despatched.as_ref(), &time)?;
            let value = DespatchRow {
                reference,
                sku: row.text(&sku)?.to_owned(),
                quantity: units,
                carrier: owned(carrier.as_ref()),
                delivery_method: owned(delivery_method.as_ref()),
                tracking: owned(tracking.as_ref()),
                despatched_on,
            };
            Ok(FileRow {
                row: row.number,
                value,
            })
        }));
    }
    Ok(parsed)
}
