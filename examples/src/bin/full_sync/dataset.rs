//! A wholesaler's invoices, as read from a file.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use chrono::{DateTime, Datelike as _, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use connector_examples::deployment::{BadInput, InputFault};

/// The columns, in the order of the UCI Online Retail data set; a file may have them in any order.
const COLUMNS: [&str; 8] = [
    "InvoiceNo",
    "StockCode",
    "Description",
    "Quantity",
    "InvoiceDate",
    "UnitPrice",
    "CustomerID",
    "Country",
];

/// Years an invoice may be of: clocks on the wire know no others.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2100;

/// One line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvoiceLine {
    pub(crate) code: String,
    pub(crate) description: Option<String>,
    pub(crate) quantity: i64,
    pub(crate) unit_price: Decimal,
}

/// One invoice: an order, a credit note or a stock adjustment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Invoice {
    pub(crate) number: String,
    pub(crate) placed_at: DateTime<Utc>,
    pub(crate) customer: Option<String>,
    pub(crate) country: String,
    pub(crate) lines: Vec<InvoiceLine>,
}

impl Invoice {
    /// Neither a credit note (a number with the prefix C) nor an adjustment (nothing but negative quantities).
    pub(crate) fn is_order(&self) -> bool {
        !self.number.starts_with('C') && self.lines.iter().any(|line| line.quantity > 0)
    }
}

/// Invoices in the order they first appear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Dataset {
    /// What they are, for people.
    pub(crate) name: String,
    pub(crate) invoices: Vec<Invoice>,
}

impl Dataset {
    /// Reads a CSV file; the first row that does not fit ends it.
    pub(crate) fn from_csv(path: &Path) -> Result<Self, BadInput> {
        let file = std::fs::File::open(path).map_err(|error| {
            let remedy = "give the path of a CSV file that can be read";
            InputFault::new(format!("cannot be opened: {error}"), remedy).in_file(path)
        })?;
        let name = path
            .file_name()
            .unwrap_or(path.as_os_str())
            .to_string_lossy()
            .into_owned();
        Self::read(file, path, name)
    }

    fn read(input: impl std::io::Read, path: &Path, name: String) -> Result<Self, BadInput> {
        // `flexible`, so that a row with too few or too many fields is reported in this program's words.
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(input);
        let places = columns(
            reader.headers().map_err(|error| unreadable(&error, path))?,
            path,
        )?;
        let width = reader
            .headers()
            .map_err(|error| unreadable(&error, path))?
            .len();
        let mut invoices: Vec<Invoice> = Vec::new();
        let mut by_number: HashMap<String, usize> = HashMap::new();
        for record in reader.records() {
            let record = record.map_err(|error| unreadable(&error, path))?;
            let line = record.position().map_or(0, csv::Position::line);
            let row = Row {
                record: &record,
                places: &places,
                path,
                line,
            };
            if record.len() != width {
                let what = format!("the row has {} fields, the header {width}", record.len());
                return Err(row
                    .fault(
                        what,
                        "put texts with commas into double quotes, one row per invoice line",
                    )
                    .into());
            }
            let (number, parsed) = row.parse()?;
            match by_number
                .get(&number)
                .and_then(|place| invoices.get_mut(*place))
            {
                Some(invoice)
                    if (&invoice.customer, &invoice.country)
                        != (&parsed.customer, &parsed.country) =>
                {
                    let what = format!(
                        "invoice {} has another customer or country than on an earlier row",
                        invoice.number
                    );
                    let remedy =
                        "give the rows one customer and one country, or one of them another number";
                    return Err(row.fault(what, remedy).into());
                }
                // Long invoices were typed over more than one minute: the first row says when they were placed.
                Some(invoice) => invoice.lines.extend(parsed.lines),
                None => {
                    by_number.insert(number, invoices.len());
                    invoices.push(parsed);
                }
            }
        }
        if invoices.is_empty() {
            let fault = InputFault::new(
                "the file has no invoice lines",
                "add at least one row below the header",
            );
            return Err(fault.in_file(path).into());
        }
        Ok(Self { name, invoices })
    }

    /// Every article code on any line.
    pub(crate) fn codes(&self) -> BTreeSet<&str> {
        self.lines().map(|line| line.code.as_str()).collect()
    }

    /// Codes that differ only by the case of their letters, by the upper-case form.
    pub(crate) fn case_pairs(&self) -> BTreeMap<String, Vec<&str>> {
        let mut spellings: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for code in self.codes() {
            spellings
                .entry(code.to_ascii_uppercase())
                .or_default()
                .push(code);
        }
        spellings.retain(|_, spellings| spellings.len() > 1);
        spellings
    }

    /// Every line of every invoice.
    pub(crate) fn lines(&self) -> impl Iterator<Item = &InvoiceLine> {
        self.invoices.iter().flat_map(|invoice| &invoice.lines)
    }

    /// When the last invoice was placed.
    pub(crate) fn latest(&self) -> Option<DateTime<Utc>> {
        self.invoices.iter().map(|invoice| invoice.placed_at).max()
    }
}

/// Where each of [`COLUMNS`] stands.
fn columns(header: &csv::StringRecord, path: &Path) -> Result<[usize; 8], BadInput> {
    let mut places = [0; 8];
    let mut missing = Vec::new();
    for (place, column) in places.iter_mut().zip(COLUMNS) {
        // Spreadsheets put a byte order mark in front of the first name.
        let found = header
            .iter()
            .position(|name| name.trim_start_matches('\u{feff}').trim() == column);
        match found {
            Some(index) => *place = index,
            None => missing.push(column),
        }
    }
    if missing.is_empty() {
        return Ok(places);
    }
    let what = format!("the header has no column {}", missing.join(", "));
    let remedy = format!("name the columns {}", COLUMNS.join(","));
    Err(InputFault::new(what, remedy).at_line(path, 1).into())
}

fn unreadable(error: &csv::Error, path: &Path) -> BadInput {
    let what = match error.kind() {
        csv::ErrorKind::Utf8 { .. } => "the row is not UTF-8 text".to_owned(),
        csv::ErrorKind::Io(error) => format!("reading failed: {error}"),
        _ => "the row is no CSV".to_owned(),
    };
    let fault = InputFault::new(what, "save the file as CSV in UTF-8");
    match error.position() {
        Some(position) => fault.at_line(path, position.line()).into(),
        None => fault.in_file(path).into(),
    }
}

struct Row<'a> {
    record: &'a csv::StringRecord,
    places: &'a [usize; 8],
    path: &'a Path,
    line: u64,
}

impl Row<'_> {
    fn fault(&self, what: impl Into<String>, remedy: &str) -> InputFault {
        InputFault::new(what, remedy).at_line(self.path, self.line)
    }

    fn text(&self, column: &str) -> &str {
        COLUMNS
            .iter()
            .position(|name| *name == column)
            .and_then(|index| self.places.get(index))
            .and_then(|place| self.record.get(*place))
            .map_or("", str::trim)
    }

    fn required(&self, column: &str) -> Result<&str, InputFault> {
        match self.text(column) {
            "" => Err(self.fault(
                format!("`{column}` is empty"),
                "fill it in, or remove the row",
            )),
            text => Ok(text),
        }
    }

    fn parse(&self) -> Result<(String, Invoice), InputFault> {
        let number = self.required("InvoiceNo")?.to_owned();
        let code = self.required("StockCode")?.to_owned();
        let quantity = self.required("Quantity")?.parse::<i64>().map_err(|_| {
            self.fault(
                "`Quantity` is no whole number",
                "write digits only, with a minus for returns",
            )
        })?;
        let placed_at = date(self.required("InvoiceDate")?).ok_or_else(|| {
            self.fault(
                "`InvoiceDate` is no date from 1970 to 2100",
                "write it as 2010-12-01 08:26:00",
            )
        })?;
        let unit_price = self
            .required("UnitPrice")?
            .parse::<Decimal>()
            .map_err(|_| {
                self.fault(
                    "`UnitPrice` is no amount",
                    "write it with a point, for example 2.55",
                )
            })?;
        let country = self.required("Country")?.to_owned();
        // Spreadsheets made a decimal number of the customer's number.
        let customer = self.text("CustomerID").trim_end_matches(".0");
        let description = self.text("Description");
        let line = InvoiceLine {
            code,
            description: (!description.is_empty()).then(|| description.to_owned()),
            quantity,
            unit_price,
        };
        let invoice = Invoice {
            number: number.clone(),
            placed_at,
            customer: (!customer.is_empty()).then(|| customer.to_owned()),
            country,
            lines: vec![line],
        };
        Ok((number, invoice))
    }
}

fn date(text: &str) -> Option<DateTime<Utc>> {
    ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
        .filter(|time| YEARS.contains(&time.year()))
        .map(|time| time.and_utc())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";

    fn read(rows: &str) -> Result<Dataset, BadInput> {
        let text = format!("{HEADER}{rows}");
        Dataset::read(
            text.as_bytes(),
            Path::new("orders.csv"),
            "orders.csv".to_owned(),
        )
    }

    #[test]
    fn lines_of_one_invoice_come_together() {
        let dataset = read(
            "1,A,Mug,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n\
             C2,A,Mug,-1,2010-12-01 08:30:00,2.55,17850.0,United Kingdom\n\
             1,a,,2,2010-12-01 08:26:00,0.0,17850.0,United Kingdom\n",
        )
        .unwrap();
        assert_eq!(dataset.invoices.len(), 2);
        assert_eq!(dataset.invoices[0].lines.len(), 2);
        assert_eq!(dataset.invoices[0].customer.as_deref(), Some("17850"));
        assert_eq!(dataset.invoices[0].lines[1].description, None);
        assert!(dataset.invoices[0].is_order() && !dataset.invoices[1].is_order());
        assert_eq!(dataset.case_pairs().get("A").map(Vec::len), Some(2));
    }

    #[test]
    fn a_malformed_row_is_named_with_line_column_and_remedy() {
        let good = "1,A,Mug,6,2010-12-01 08:26:00,2.55,17850.0,United Kingdom\n";
        for (row, expected) in [
            (
                "1,A,Mug,six,2010-12-01 08:26:00,2.55,,United Kingdom",
                "`Quantity` is no whole number",
            ),
            (
                "1,A,Mug,6,yesterday,2.55,,United Kingdom",
                "`InvoiceDate` is no date",
            ),
            (
                "1,A,Mug,6,9999-12-31 23:59:59,2.55,,United Kingdom",
                "`InvoiceDate` is no date from 1970 to 2100",
            ),
            (
                "1,A,Mug,6,2010-12-01 08:27:00,2.55,17850.0,France",
                "invoice 1 has another customer or country",
            ),
            (
                "1,A,Mug,6,2010-12-01 08:26:00,two,,United Kingdom",
                "`UnitPrice` is no amount",
            ),
            (
                ",A,Mug,6,2010-12-01 08:26:00,2.55,,United Kingdom",
                "`InvoiceNo` is empty",
            ),
            (
                "1,A,Mug,6,2010-12-01 08:26:00,2.55,",
                "the row has 7 fields, the header 8",
            ),
        ] {
            let bad = read(&format!("{good}{row}\n")).unwrap_err().to_string();
            assert!(
                bad.contains("orders.csv:3: ") && bad.contains(expected),
                "{bad}"
            );
            assert!(bad.contains("remedy: "), "{bad}");
        }
    }

    #[test]
    fn a_wrong_header_and_an_empty_file_are_refused() {
        let path = Path::new("orders.csv");
        let bad = Dataset::read("Invoice,StockCode\n".as_bytes(), path, String::new()).unwrap_err();
        assert!(
            bad.to_string()
                .contains("orders.csv:1: the header has no column InvoiceNo, Description")
        );
        assert!(
            read("")
                .unwrap_err()
                .to_string()
                .contains("no invoice lines")
        );
        let latin1 = [
            HEADER.as_bytes(),
            b"1,A,Caf\xe9,6,2010-12-01 08:26:00,1,,UK\n",
        ]
        .concat();
        let bad = Dataset::read(latin1.as_slice(), path, String::new()).unwrap_err();
        assert!(
            bad.to_string()
                .contains("orders.csv:2: the row is not UTF-8"),
            "{bad}"
        );
    }
}
