//! The importer's rules and traps.

use std::collections::BTreeMap;

use super::csv_table::CsvTable;

/// An order of a file: the order-level cells of its first row, and its lines.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct FileOrder {
    pub(crate) reference: String,
    pub(crate) cells: BTreeMap<String, String>,
    pub(crate) lines: Vec<FileLine>,
    pub(crate) delivery_charge: f64,
    pub(crate) total: f64,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FileLine {
    pub(crate) part: String,
    pub(crate) quantity: f64,
    pub(crate) price: f64,
    pub(crate) personalisation: String,
    pub(crate) request: String,
}

impl FileOrder {
    pub(crate) fn cell(&self, name: &str) -> &str {
        self.cells.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The cell, or what stands for it where it is blank.
    pub(crate) fn or<'a>(&'a self, name: &str, otherwise: &'a str) -> &'a str {
        match self.cell(name) {
            "" => otherwise,
            text => text,
        }
    }
}

/// What came of a file.
#[derive(Debug)]
pub(crate) enum Outcome {
    Orders(Vec<FileOrder>),
    /// One bad row rejects the whole file: one text for each row, blank for the good ones.
    Rejected(CsvTable, Vec<String>),
    /// The run ends here; later files are not looked at.
    Aborted(&'static str),
}

const REQUIRED: [&str; 8] = [
    "REF_NO",
    "PART",
    "QTY",
    "FIRSTNAME",
    "SURNAME",
    "ADDRESS",
    "CITY",
    "POSTCODE",
];

pub(crate) fn import(bytes: &[u8], strict: bool, prefix: &str) -> Outcome {
    let Ok(mut table) = CsvTable::read(bytes) else {
        return Outcome::Aborted("the file could not be read");
    };
    if strict && let Err(reason) = fall_into_traps(&mut table) {
        return Outcome::Aborted(reason);
    }
    for row in &mut table.rows {
        if let Some(reference) = row.get_mut("REF_NO") {
            *reference = reference
                .trim_start_matches(|c: char| !c.is_ascii_alphanumeric())
                .to_owned();
        }
    }
    let errors = check(&table);
    if errors.iter().any(|error| !error.is_empty()) {
        return Outcome::Rejected(table, errors);
    }
    Outcome::Orders(orders(&table, prefix))
}

/// What the real importer does to cells without being asked (checked behaviour).
fn fall_into_traps(table: &mut CsvTable) -> Result<(), &'static str> {
    for row in &mut table.rows {
        let phone = row
            .get("PHONE")
            .map(|phone| phone.trim().to_owned())
            .unwrap_or_default();
        if !phone.is_empty() {
            let number: i128 = phone
                .parse()
                .map_err(|_| "integer conversion error in a phone")?;
            row.insert("PHONE".to_owned(), number.to_string());
        }
        let quantity = row
            .get("QTY")
            .map(|quantity| quantity.trim())
            .unwrap_or_default();
        if !quantity.is_empty() && quantity.parse::<f64>().is_err() {
            return Err("type error while rounding a quantity");
        }
    }
    for column in ["PART", "REF_NO"] {
        let cells: Vec<&str> = table
            .rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(String::as_str)
            .collect();
        let filled = cells.iter().filter(|cell| !cell.is_empty());
        let numbers = filled.clone().all(|cell| cell.parse::<i64>().is_ok()) && filled.count() > 0;
        let with_blanks = cells.iter().any(|cell| cell.is_empty());
        for cell in table.rows.iter_mut().filter_map(|row| row.get_mut(column)) {
            match cell.parse::<i64>() {
                Ok(number) if numbers && with_blanks => *cell = format!("{number}.0"),
                Ok(number) if numbers => *cell = number.to_string(),
                // A blank reference is an order called nan and never missing.
                _ if cell.is_empty() && column == "REF_NO" => "nan".clone_into(cell),
                _ => {}
            }
        }
    }
    Ok(())
}

/// After removing everything but digits and the point; `None` where that is no number.
fn number(text: &str) -> Option<f64> {
    let kept: String = text
        .chars()
        .filter(|c| c.is_ascii_digit() || *c == '.')
        .collect();
    kept.parse().ok()
}

fn check(table: &CsvTable) -> Vec<String> {
    let missing: Vec<String> = REQUIRED
        .iter()
        .filter(|column| !table.has(column))
        .map(|column| format!("{column} column does not exist"))
        .collect();
    if !missing.is_empty() || table.rows.is_empty() {
        return vec![missing.join("|"); table.rows.len().max(1)];
    }
    table.rows.iter().map(check_row).collect()
}

fn check_row(row: &BTreeMap<String, String>) -> String {
    let cell = |name: &str| row.get(name).map(|cell| cell.trim()).unwrap_or_default();
    let mut errors: Vec<String> = REQUIRED
        .iter()
        .filter(|column| cell(column).is_empty())
        .map(|column| format!("{column} column empty"))
        .collect();
    if cell("REF_NO").chars().count() > 12 {
        errors.push("Ref_No too long (>12 chars)".to_owned());
    }
    for (column, message) in [
        ("ORDTOTAL", "Order Total not a number"),
        ("UNITPRICE", "Unit Price not a number"),
        ("DELCHG", "Postage Charge not a number"),
    ] {
        if !cell(column).is_empty() && number(cell(column)).is_none() {
            errors.push(message.to_owned());
        }
    }
    if !cell("QTY").parse::<f64>().is_ok_and(f64::is_finite) {
        errors.push("Qty not a number or blank".to_owned());
    }
    errors.join("|")
}

/// In sorted order of their references.
fn orders(table: &CsvTable, prefix: &str) -> Vec<FileOrder> {
    let mut found: BTreeMap<String, FileOrder> = BTreeMap::new();
    for row in &table.rows {
        let cell = |name: &str| row.get(name).cloned().unwrap_or_default();
        let reference = cell("REF_NO");
        let order = found.entry(reference.clone()).or_insert_with(|| FileOrder {
            reference: format!("{prefix}{reference}"),
            cells: row.clone(),
            delivery_charge: number(&cell("DELCHG")).unwrap_or(0.0),
            ..FileOrder::default()
        });
        order.lines.push(FileLine {
            part: cell("PART"),
            quantity: cell("QTY")
                .trim()
                .parse::<f64>()
                .unwrap_or(0.0)
                .round_ties_even(),
            price: number(&cell("UNITPRICE")).unwrap_or(0.0),
            personalisation: cell("PERSONALISATION"),
            request: cell("ORDERREQUEST"),
        });
    }
    let mut orders: Vec<FileOrder> = found.into_values().collect();
    for order in &mut orders {
        let lines: f64 = order
            .lines
            .iter()
            .map(|line| line.price * line.quantity)
            .sum();
        order.total = number(order.cell("ORDTOTAL")).unwrap_or(lines + order.delivery_charge);
    }
    orders
}
