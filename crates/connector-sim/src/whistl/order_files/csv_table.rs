//! The importer's table: header normalisation and what happens to cells before the rules look at them.

use std::collections::BTreeMap;

/// A read file: its header as written, and each row both as written and by normalised column.
#[derive(Debug)]
pub(crate) struct CsvTable {
    pub(crate) header: Vec<String>,
    pub(crate) raw: Vec<Vec<String>>,
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<BTreeMap<String, String>>,
}

/// The column a header means.
pub(crate) fn normalise(header: &str) -> String {
    let mut name = header.to_uppercase().replace(' ', "_");
    if name != "REF_NO" {
        name = name.replace('_', "");
    }
    let name = name.strip_prefix("INV").unwrap_or(&name);
    let renamed = match name {
        "ORDERNUMBER" => "REF_NO",
        "SKU" => "PART",
        "POSTAGE" => "DELCHG",
        "PAYMETH" => "PAYMETHOD",
        "PAYAMOUNT" => "ORDTOTAL",
        "CUSTOMERNUMBER" => "CUSTOMER",
        "EMAILADDRESS" => "EMAIL",
        "PHONENUMBER" => "PHONE",
        "FORWARDER" => "CARRIER",
        "SERVICETYPE" => "DELMETHOD",
        "POSTALCODE" => "POSTCODE",
        "QUANTITY" => "QTY",
        "SPECIALINSTRUCTIONS" => "DELMESS",
        "LINEITEMID" => "ORDERREQUEST",
        other => other,
    };
    renamed.trim().to_owned()
}

impl CsvTable {
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            // Any other encoding is taken for Latin-1.
            Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        };
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new()
            .flexible(true)
            .from_reader(text.as_bytes());
        let fault = |error: csv::Error| error.to_string();
        let header: Vec<String> = reader
            .headers()
            .map_err(fault)?
            .iter()
            .map(str::to_owned)
            .collect();
        let mut raw = Vec::new();
        for record in reader.records() {
            let record = record.map_err(fault)?;
            let cell = |place: usize| {
                record
                    .get(place)
                    .filter(|cell| *cell != " ")
                    .unwrap_or_default()
                    .to_owned()
            };
            let row: Vec<String> = (0..header.len()).map(cell).collect();
            if row.iter().any(|cell| !cell.is_empty()) {
                raw.push(row);
            }
        }
        let mut columns: Vec<String> = Vec::new();
        let mut rows = vec![BTreeMap::new(); raw.len()];
        for (place, name) in header.iter().enumerate() {
            let cells = raw
                .iter()
                .map(|row| row.get(place).cloned().unwrap_or_default());
            // Wholly empty columns are dropped.
            if cells.clone().all(|cell| cell.is_empty()) {
                continue;
            }
            let name = normalise(name);
            for (row, cell) in rows.iter_mut().zip(cells) {
                row.insert(name.clone(), cell);
            }
            columns.push(name);
        }
        let mut table = Self {
            header,
            raw,
            columns,
            rows,
        };
        table.join_addresses();
        table.split_names();
        Ok(table)
    }

    pub(crate) fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|name| name == column)
    }

    fn add(&mut self, column: &str) {
        if !self.has(column) {
            self.columns.push(column.to_owned());
        }
    }

    fn join_addresses(&mut self) {
        for prefix in ["", "DEL"] {
            let parts: Vec<String> = (1..=4)
                .map(|line| format!("{prefix}ADDRESS{line}"))
                .collect();
            if !parts.iter().any(|part| self.has(part)) {
                continue;
            }
            let whole = format!("{prefix}ADDRESS");
            self.add(&whole);
            for row in &mut self.rows {
                let lines = parts.iter().filter_map(|part| row.get(part));
                let lines: Vec<&str> = lines
                    .map(|line| line.trim_matches('~'))
                    .filter(|line| !line.is_empty())
                    .collect();
                let joined = lines.join("~");
                row.insert(whole.clone(), joined);
            }
        }
    }

    fn split_names(&mut self) {
        const TITLES: [&str; 8] = ["Mr", "Mrs", "Ms", "Dr", "Prof", "Sir", "Madam", "Mx"];
        for (name, first, last) in [
            ("NAME", "FIRSTNAME", "SURNAME"),
            ("DELNAME", "DELFIRSTNAME", "DELSURNAME"),
        ] {
            if !self.has(name) {
                continue;
            }
            self.add(first);
            self.add(last);
            for row in &mut self.rows {
                let whole = row.get(name).cloned().unwrap_or_default();
                let whole = whole.trim();
                let rest = match whole.split_once(' ') {
                    Some((title, rest)) if TITLES.contains(&title.trim_end_matches('.')) => rest,
                    _ => whole,
                };
                let (given, family) = rest.split_once(' ').unwrap_or(("", rest));
                row.insert(first.to_owned(), given.to_owned());
                row.insert(last.to_owned(), family.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_mean_what_the_importer_takes_them_for() {
        for (header, column) in [
            ("Ref_No", "REF_NO"),
            ("ref no", "REF_NO"),
            ("RefNo", "REFNO"),
            ("Order Number", "REF_NO"),
            ("SKU", "PART"),
            ("Postage", "DELCHG"),
            ("Inv Postal Code", "POSTCODE"),
            ("Phone_Number", "PHONE"),
            ("Telephone", "TELEPHONE"),
            ("Service Type", "DELMETHOD"),
            ("Line Item ID", "ORDERREQUEST"),
            ("Quantity", "QTY"),
        ] {
            assert_eq!(normalise(header), column, "{header}");
        }
    }

    #[test]
    fn addresses_are_joined_and_names_are_split() {
        let table = CsvTable::read(
            b"Name,Address1,Address2,Empty\nMrs Ada Example,Flat 2, ,\n,,,\nBob,~A~,B,\n",
        )
        .unwrap();
        let cell = |row: usize, name: &str| table.rows[row][name].clone();
        assert_eq!(table.rows.len(), 2);
        assert_eq!(
            (cell(0, "FIRSTNAME"), cell(0, "SURNAME")),
            ("Ada".to_owned(), "Example".to_owned())
        );
        assert_eq!(
            (cell(0, "ADDRESS"), cell(1, "ADDRESS")),
            ("Flat 2".to_owned(), "A~B".to_owned())
        );
        assert!(!table.has("EMPTY"));
    }
}
