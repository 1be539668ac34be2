//! The writer of order files.

use std::fmt;

use connector_http::Personal;
use rust_decimal::Decimal;

use super::order::{FileLine, FileOrder, FileParty};
use super::template::{
    DELIVERY_COLUMNS, INVOICE_COLUMNS, OrderFileLayout, TEMPLATE_HEADER, is_free_header,
};
use super::trap::{
    FileRefused, Trap, Trapped, is_null_exactly, is_null_like, is_number_like, is_rewritten,
};

/// What ends a row.
const END_OF_ROW: &[u8] = b"\r\n";
/// Longest reference the importer takes (seen in use), in characters.
pub(super) const REFERENCE_MAX: usize = 12;
/// Longest SKU the warehouse keeps (seen in use), in characters.
pub(super) const SKU_MAX: usize = 24;
/// Longest phone number the warehouse hands to a carrier (seen in use); the rest is cut off.
pub(super) const PHONE_MAX: usize = 12;

/// One order, written and checked: ready for [`DropFolder::drop_order`](super::DropFolder::drop_order).
///
/// UTF-8 without a byte order mark, comma separated, lines ended by CR LF, cells quoted only where needed. The same order
/// gives the same bytes.
///
/// ```
/// use whistl_client::order_files::{FileLine, FileOrder, FileParty, OrderFile, Trap};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let party = FileParty::new("Goods", "In", "ZZ9 9ZZ", ["8 Sample Street"], "Exampleton");
/// let order = FileOrder::new("SO10001", party, [FileLine::new("MUG01", 2)]);
/// let file = OrderFile::from_order(&order)?;
/// assert_eq!(file.name(), "SO10001.csv");
///
/// let mut spoilt = order.clone();
/// spoilt.reference = "00012".to_owned();
/// let refused = OrderFile::from_order(&spoilt).err().ok_or("not refused")?;
/// assert_eq!(refused.faults[0].trap, Trap::NumberLike);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct OrderFile {
    reference: String,
    name: String,
    bytes: Vec<u8>,
}

impl OrderFile {
    /// Writes an order with the default layout.
    ///
    /// # Errors
    ///
    /// [`FileRefused`] with every [`Trap`] of the order; nothing is written then.
    pub fn from_order(order: &FileOrder) -> Result<Self, FileRefused> {
        Self::from_order_with(order, &OrderFileLayout::default())
    }

    /// Writes an order with a site's layout.
    ///
    /// # Errors
    ///
    /// As [`from_order`](Self::from_order), and [`Trap::ColumnName`] for an unusable purchase order column.
    pub fn from_order_with(
        order: &FileOrder,
        layout: &OrderFileLayout,
    ) -> Result<Self, FileRefused> {
        let mut check = Check::default();
        let po_column = layout.purchase_order_column.as_str();
        check.column_name(po_column);
        let reference = check.identifier(2, "Ref_No", &order.reference, REFERENCE_MAX);
        check.file_name("Ref_No", &order.reference);
        let invoice = check.party(&order.invoice, &INVOICE_COLUMNS, true);
        let delivery = match &order.delivery {
            Some(party) => {
                check.no_fall_back("DelCompany", &order.invoice.company, &party.company);
                check.no_fall_back("DelCounty", &order.invoice.county, &party.county);
                check.party(party, &DELIVERY_COLUMNS, false)
            }
            None => DELIVERY_COLUMNS.map(|_| String::new()).to_vec(),
        };
        let head = [
            vec![
                reference,
                check.text(2, "Method", order.method.as_deref()),
                check.text(2, "Customer", order.customer.as_deref()),
            ],
            invoice,
            delivery,
            vec![
                check.amount(2, "DelChg", order.delivery_charge),
                check.text(2, "Carrier", order.carrier.as_deref()),
                check.text(2, "DelMethod", order.delivery_method.as_deref()),
            ],
        ]
        .concat();
        let tail = [
            check.amount(2, "OrdTotal", order.total),
            check.text(2, po_column, order.purchase_order.as_deref()),
        ];
        if order.lines.is_empty() {
            check.fault(2, "Part", Trap::NoLines);
        }
        let all_personalised = order
            .lines
            .iter()
            .all(|line| line.personalisation.is_some());
        let rows: Vec<Vec<String>> = order
            .lines
            .iter()
            .zip(2..)
            .map(|(line, row)| check.line(row, line, all_personalised))
            .collect();
        check.outcome()?;

        // Writing to memory with rows of one width cannot fail; were it to, the order is refused rather than half written.
        let bytes = written(po_column, &head, &rows, &tail).map_err(|_| FileRefused {
            faults: vec![Trapped {
                row: 1,
                column: po_column.to_owned(),
                trap: Trap::ColumnName,
            }],
        })?;
        Ok(Self {
            name: format!("{}.csv", order.reference),
            reference: order.reference.clone(),
            bytes,
        })
    }

    /// The file's final name: the reference and `.csv`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The order's reference.
    #[must_use]
    pub fn reference(&self) -> &str {
        &self.reference
    }

    /// The file's content, personal data included.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for OrderFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OrderFile")
            .field("name", &self.name)
            .field("bytes", &self.bytes.len())
            .finish_non_exhaustive()
    }
}

impl TryFrom<&FileOrder> for OrderFile {
    type Error = FileRefused;

    fn try_from(order: &FileOrder) -> Result<Self, FileRefused> {
        Self::from_order(order)
    }
}

/// The header and a row for each line. What all rows share is spelt once.
fn written(
    po_column: &str,
    head: &[String],
    rows: &[Vec<String>],
    tail: &[String],
) -> csv::Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::with_capacity(1024));
    writer.write_record(TEMPLATE_HEADER.into_iter().chain([po_column]))?;
    writer.write_record(head)?;
    writer.write_record(tail)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let spelt = writer
        .into_inner()
        .map_err(|error| csv::Error::from(error.into_error()))?;
    // No cell has a line break: that is a trap. So every record is one line.
    let mut records = spelt.split_inclusive(|byte| *byte == b'\n');
    let mut next = || records.next().unwrap_or_default();
    let (header, head, tail) = (next(), next(), next());
    let cells = |record: &'_ [u8]| record.len().saturating_sub(END_OF_ROW.len());
    let head = head.get(..cells(head)).unwrap_or_default();
    let shared = head.len() + tail.len() + 2;
    let mut bytes = Vec::with_capacity(spelt.len() + rows.len() * shared);
    bytes.extend_from_slice(header);
    for row in records {
        let row = row.get(..cells(row)).unwrap_or_default();
        for part in [head, b",", row, b",", tail] {
            bytes.extend_from_slice(part);
        }
    }
    Ok(bytes)
}

/// Whether a reference can name a file on every system, and cannot leave its folder.
pub(super) fn is_file_name(reference: &str) -> bool {
    const DEVICES: [&str; 4] = ["CON", "PRN", "AUX", "NUL"];
    let device = DEVICES
        .iter()
        .any(|name| reference.eq_ignore_ascii_case(name))
        || (reference.len() == 4
            && reference.ends_with(|last: char| last.is_ascii_digit())
            && ["COM", "LPT"].iter().any(|port| {
                reference
                    .get(..3)
                    .is_some_and(|start| start.eq_ignore_ascii_case(port))
            }));
    !device
        && reference.starts_with(|first: char| first.is_ascii_alphanumeric())
        && reference
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// Turns values into cells and gathers every fault on the way.
#[derive(Default)]
struct Check {
    faults: Vec<Trapped>,
}

impl Check {
    fn fault(&mut self, row: usize, column: &str, trap: Trap) {
        self.faults.push(Trapped {
            row,
            column: column.to_owned(),
            trap,
        });
    }

    fn outcome(mut self) -> Result<(), FileRefused> {
        if self.faults.is_empty() {
            return Ok(());
        }
        self.faults.sort();
        Err(FileRefused {
            faults: self.faults,
        })
    }

    fn column_name(&mut self, name: &str) {
        if !is_free_header(name) {
            self.fault(1, name, Trap::ColumnName);
        }
    }

    fn file_name(&mut self, column: &str, reference: &str) {
        if !reference.trim().is_empty() && !is_file_name(reference) {
            self.fault(2, column, Trap::UnsafeFileName);
        }
    }

    /// What holds for every text: no control characters, no line separator.
    fn characters(&mut self, row: usize, column: &str, text: &str) {
        let control = if text.is_ascii() {
            text.bytes().any(|byte| byte.is_ascii_control())
        } else {
            text.chars().any(char::is_control)
        };
        if control {
            self.fault(row, column, Trap::ControlCharacter);
        }
        if text.contains('~') {
            self.fault(row, column, Trap::LineSeparator);
        }
    }

    /// A reference or a SKU.
    fn identifier(&mut self, row: usize, column: &str, text: &str, max: usize) -> String {
        self.characters(row, column, text);
        if text.trim().is_empty() {
            self.fault(row, column, Trap::Blank);
        } else if text.trim().len() != text.len() {
            self.fault(row, column, Trap::OuterSpace);
        }
        if text.chars().count() > max {
            self.fault(row, column, Trap::TooLong);
        }
        if is_number_like(text) {
            self.fault(row, column, Trap::NumberLike);
        } else if is_null_like(text) {
            self.fault(row, column, Trap::NullLike);
        } else if is_rewritten(text) {
            self.fault(row, column, Trap::Rewritten);
        }
        text.to_owned()
    }

    /// A text that may be blank.
    fn text(&mut self, row: usize, column: &str, text: Option<&str>) -> String {
        let text = text.unwrap_or_default();
        self.characters(row, column, text);
        if is_null_exactly(text) {
            self.fault(row, column, Trap::NullLike);
        } else if is_rewritten(text) {
            self.fault(row, column, Trap::Rewritten);
        }
        text.to_owned()
    }

    fn required(&mut self, row: usize, column: &str, text: &str) -> String {
        if text.trim().is_empty() {
            self.fault(row, column, Trap::Blank);
        }
        self.text(row, column, Some(text))
    }

    fn phone(&mut self, column: &str, phone: Option<&str>) -> String {
        let phone = phone.unwrap_or_default();
        if !phone.bytes().all(|byte| byte.is_ascii_digit()) {
            self.fault(2, column, Trap::PhoneNotDigits);
        } else if phone.starts_with('0') {
            self.fault(2, column, Trap::PhoneLeadingZero);
        }
        if phone.chars().count() > PHONE_MAX {
            self.fault(2, column, Trap::TooLong);
        }
        phone.to_owned()
    }

    /// A blank part of a delivery address that the importer would fill from the invoice address.
    fn no_fall_back(
        &mut self,
        column: &str,
        invoice: &Option<Personal<String>>,
        delivery: &Option<Personal<String>>,
    ) {
        let filled = |text: &Option<Personal<String>>| {
            text.as_ref()
                .is_some_and(|text| !text.expose().trim().is_empty())
        };
        if filled(invoice) && !filled(delivery) {
            self.fault(2, column, Trap::FallsBack);
        }
    }

    fn amount(&mut self, row: usize, column: &str, amount: Option<Decimal>) -> String {
        let Some(amount) = amount else {
            return String::new();
        };
        if amount < Decimal::ZERO {
            self.fault(row, column, Trap::NegativeAmount);
        }
        // A decimal prints without an exponent, so nothing is rounded here.
        amount.abs().to_string()
    }

    fn party(&mut self, party: &FileParty, columns: &[&str; 10], invoice: bool) -> Vec<String> {
        let [
            first,
            surname,
            company,
            postcode,
            address,
            city,
            county,
            country,
            phone,
            email,
        ] = *columns;
        let plain =
            |text: &Option<Personal<String>>| text.as_ref().map(|text| text.expose().clone());
        let lines: Vec<&str> = party
            .address
            .iter()
            .map(|line| line.expose().as_str())
            .filter(|line| !line.trim().is_empty())
            .collect();
        for line in &lines {
            self.characters(2, address, line);
        }
        let joined = lines.join("~");
        if joined.is_empty() {
            self.fault(2, address, Trap::Blank);
        } else if is_null_exactly(&joined) {
            self.fault(2, address, Trap::NullLike);
        } else if is_rewritten(&joined) {
            self.fault(2, address, Trap::Rewritten);
        }
        // A delivery party without a name or city would silently take the invoice party's, so the same members are required.
        let country_text = self.text(2, country, party.country.as_deref());
        if !invoice && country_text.trim().is_empty() {
            self.fault(2, country, Trap::Blank);
        }
        vec![
            self.required(2, first, party.first_name.expose()),
            self.required(2, surname, party.surname.expose()),
            self.text(2, company, plain(&party.company).as_deref()),
            self.required(2, postcode, party.postcode.expose()),
            joined,
            self.required(2, city, party.city.expose()),
            self.text(2, county, plain(&party.county).as_deref()),
            country_text,
            self.phone(phone, plain(&party.phone).as_deref()),
            self.text(2, email, plain(&party.email).as_deref()),
        ]
    }

    /// The cells from `Part` to `Personalisation`.
    fn line(&mut self, row: usize, line: &FileLine, all_personalised: bool) -> Vec<String> {
        let sku = self.identifier(row, "Part", &line.sku, SKU_MAX);
        if line.quantity.is_integer() {
            if line.quantity < Decimal::ONE || line.quantity > Decimal::from(99_999) {
                self.fault(row, "Qty", Trap::QuantityOutOfRange);
            }
        } else {
            self.fault(row, "Qty", Trap::NotAnInteger);
        }
        let quantity = line.quantity.trunc().normalize().to_string();
        let price = self.amount(row, "UnitPrice", line.unit_price);
        let text = line
            .personalisation
            .as_ref()
            .map(|text| text.expose().as_str());
        let personalisation = self.text(row, "Personalisation", text);
        // In a column with blanks the importer reads whole numbers as fractions: 5 would become 5.0.
        if !all_personalised && is_number_like(&personalisation) && !is_rewritten(&personalisation)
        {
            self.fault(row, "Personalisation", Trap::Rewritten);
        }
        vec![sku, quantity, price, personalisation]
    }
}
