//! Stock files: however a file arrives, it has the same rows.

use std::io::{self, Read};

use whistl_client::order_files::{FileCursor, FolderLayout, StockFileError, StockRows};

use crate::answer_files::only;
use crate::one_file::OneFile;
use crate::{Outcomes, Target};

pub(crate) const TARGET: Target = Target {
    name: "stock_file",
    run: stock_file,
    pieces: &[
        "Part",
        "Qty",
        "Counted",
        ",",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "\r",
        "-3",
        "12.0",
        "1e3",
        "9223372036854775807",
        "2026-01-31T12:30:05Z",
        "29/03/2026 01:30:00",
        "\u{FEFF}",
        " ",
        "\0",
    ],
    reached: &[
        "row",
        "with time",
        "Empty",
        "MissingColumn",
        "DuplicateColumn",
        "UnreadableHeader",
        "NotUtf8",
        "UnclosedQuote",
        "WrongWidth",
        "Blank",
        "NotAnInteger",
        "NotADate",
    ],
};

/// Gives one byte at a time.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

/// A file.
pub fn stock_file(data: &[u8]) -> Outcomes {
    let mut outcomes = Outcomes::new();
    let file = only(
        OneFile::folder(data).read_stock(&FileCursor::default()),
        data,
        &mut outcomes,
    );
    let layout = FolderLayout::default();
    match StockRows::begin(Slow(data), &layout) {
        Ok(rows) => {
            assert_eq!(file.problem, None);
            let (mut good, mut bad) = (Vec::new(), Vec::new());
            for row in rows {
                match row.expect("memory can be read") {
                    Ok(row) => good.push(row),
                    Err(fault) => bad.push(fault),
                }
            }
            assert_eq!((good, bad), (file.rows.clone(), file.row_faults.clone()));
        }
        Err(StockFileError::Problem(problem)) => assert_eq!(file.problem, Some(problem)),
        Err(error) => panic!("{error}"),
    }
    for row in &file.rows {
        outcomes.insert("row".into());
        assert!(!row.value.sku.is_empty() && row.value.sku.trim() == row.value.sku);
        assert_eq!(row.value.as_of, None, "the layout names no such column");
    }
    let mut layout = layout;
    layout.stock_columns.as_of = Some("Counted".to_owned());
    if let Ok(rows) = StockRows::begin(data, &layout) {
        for row in rows {
            match row.expect("memory can be read") {
                Ok(row) if row.value.as_of.is_some() => {
                    outcomes.insert("with time".into());
                }
                Ok(_) => {}
                Err(fault) => {
                    outcomes.insert(format!("{:?}", fault.problem).into());
                }
            }
        }
    }
    outcomes
}
