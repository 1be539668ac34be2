//! What comes back: rejections, the archive, acknowledgements, refunds, parcels, times of stock.

use whistl_client::order_files::{
    DespatchedParcel, ImportFault, StockFileError, StockMode, StockRows,
};

use super::*;

#[test]
fn a_rejected_file_is_told_row_by_row() {
    let share = Share::new();
    share.put(
        "errors/SO10001error.csv",
        "Ref_No,Surname,Part,Qty,ERROR\n\
         SO10001,Example,,x,PART column empty|Qty not a number or blank\n\
         SO10001,Example,MUG01,1,\n\
         ,Example,MUG01,1,Ref_No too long (>12 chars)| Example is not known \n",
    );
    share.put("errors/readme.csv", "ERROR\nno error file\n");
    share.put("errors/oddserror.csv", "Ref_No,Surname\nSO1,Example\n");
    let read = share
        .folder
        .read_rejections(&FileCursor::default())
        .unwrap();
    let names: Vec<_> = read.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let file = read
        .files
        .iter()
        .find(|file| file.name == "SO10001error.csv")
        .unwrap();
    let rows: Vec<_> = file
        .rows
        .iter()
        .map(|row| {
            (
                row.row,
                row.value.reference.as_deref(),
                &row.value.faults[..],
            )
        })
        .collect();
    let empty = ImportFault::from_message("PART column empty");
    assert!(matches!(&empty, ImportFault::ColumnEmpty { column, .. } if column == "PART"));
    assert_eq!(
        rows,
        [
            (
                2,
                Some("SO10001"),
                &[empty, ImportFault::QuantityNotANumber][..]
            ),
            (3, Some("SO10001"), &[]),
            (
                4,
                None,
                &[
                    ImportFault::ReferenceTooLong,
                    ImportFault::Other("Example is not known".into())
                ]
            ),
        ]
    );
    assert!(!format!("{file:?}").contains("Example"));
    let odd = read
        .files
        .iter()
        .find(|file| file.name == "oddserror.csv")
        .unwrap();
    assert_eq!(
        odd.problem,
        Some(FileProblem::MissingColumn {
            column: "ERROR".to_owned()
        })
    );
    let again = share.folder.read_rejections(&read.cursor).unwrap();
    assert_eq!(again.files.len(), 0);
}

#[test]
fn the_archive_lists_what_was_taken() {
    let share = Share::new();
    share.put("ORD/PROCESSED/SO1000120260131T123005.csv", "");
    share.put("ORD/PROCESSED/SO10002.csv", "");
    share.put("ORD/PROCESSED/notes.txt", "");
    let files = share.folder.archived().unwrap();
    let seen: Vec<_> = files
        .iter()
        .map(|file| (file.stem.as_str(), file.taken_at.map(|at| at.to_string())))
        .collect();
    assert_eq!(
        seen,
        [
            ("SO10001", Some("2026-01-31 12:30:05".to_owned())),
            ("SO10002", None)
        ]
    );
    let nowhere = DropFolder::new(share.path("nowhere"), FolderLayout::default()).unwrap();
    assert_eq!(nowhere.archived().unwrap_err().folder, "ORD/PROCESSED");
}

#[test]
fn acknowledgements_and_refunds_are_read_by_their_columns() {
    let share = Share::new();
    for folder in ["Acknowledgement", "Refunds"] {
        fs::create_dir_all(share.path(folder)).unwrap();
    }
    share.put(
        "Acknowledgement/a1.csv",
        "Ref_No,OrderNumber,Status,Message,Date\n\
         SO10001,900017,Accepted,,31/07/2026 12:30:05\n\
         SO10002,,Refused,Ada Example unknown,\n\
         ,900018,Accepted,,\n\
         SO10003,,Accepted,,soon\n",
    );
    let read = share
        .folder
        .read_acknowledgements(&FileCursor::default())
        .unwrap();
    let file = &read.files[0];
    let (first, second) = (&file.rows[0].value, &file.rows[1].value);
    assert_eq!(
        (
            &*first.reference,
            first.order_number.as_deref(),
            first.status.as_deref()
        ),
        ("SO10001", Some("900017"), Some("Accepted"))
    );
    assert_eq!(first.at.unwrap().to_rfc3339(), "2026-07-31T11:30:05+00:00");
    assert_eq!(
        second.message.as_ref().unwrap().expose(),
        "Ada Example unknown"
    );
    assert!(!format!("{file:?}").contains("Ada"));
    let faults: Vec<_> = file
        .row_faults
        .iter()
        .map(|fault| (fault.row, fault.problem))
        .collect();
    assert_eq!(faults, [(4, RowProblem::Blank), (5, RowProblem::NotADate)]);

    share.put(
        "Refunds/r1.csv",
        "Order,Part,Qty,Amount,Reason,Date\n\
         SO10001,MUG01,1,15.00,Chipped,2026-02-01\n\
         SO10001,MUG01,0,,,\n\
         SO10001,MUG01,1,lots,,\n\
         SO10001,TEA-7,2,,,\n",
    );
    let mut layout = FolderLayout::default();
    layout.refund_columns.reference = "Order".to_owned();
    let folder = DropFolder::new(share.directory.path(), layout).unwrap();
    let read = folder.read_refunds(&FileCursor::default()).unwrap();
    let file = &read.files[0];
    let first = &file.rows[0].value;
    assert_eq!((first.quantity, first.amount), (1, Some(Decimal::from(15))));
    assert_eq!(first.reason.as_ref().unwrap().expose(), "Chipped");
    assert_eq!(first.refunded_on, "2026-02-01".parse().ok());
    assert_eq!((file.rows[1].row, file.rows[1].value.amount), (5, None));
    let faults: Vec<_> = file
        .row_faults
        .iter()
        .map(|fault| (fault.row, fault.problem))
        .collect();
    assert_eq!(
        faults,
        [(3, RowProblem::NotPositive), (4, RowProblem::NotAnAmount)]
    );
}

#[test]
fn rows_of_a_despatch_file_make_up_parcels() {
    let share = Share::new();
    share.put(
        "FTP_DESP/d1.csv",
        "Ref_No,Part,Qty,Carrier,DelMethod,Tracking,DespatchDate\n\
         SO10001,MUG01,2,,,WHL1,\n\
         SO10001,MUG01,1,RMT,RMTSTD,WHL2,2026-01-31\n\
         SO10001,TEA-7,1,RMT,RMTSTD,WHL1,2026-01-30\n\
         SO10002,MUG01,4,,,,\n\
         SO10001,MUG01,3,,,WHL1,\n",
    );
    let read = share
        .folder
        .read_despatches(&FileCursor::default())
        .unwrap();
    let parcels = DespatchedParcel::from_rows(read.files[0].rows.iter().map(|row| &row.value));
    let seen: Vec<_> = parcels
        .iter()
        .map(|parcel| {
            let contents: Vec<_> = parcel
                .contents
                .iter()
                .map(|(sku, units)| (sku.as_str(), *units))
                .collect();
            (&*parcel.reference, parcel.tracking.as_deref(), contents)
        })
        .collect();
    assert_eq!(
        seen,
        [
            ("SO10001", Some("WHL1"), vec![("MUG01", 5), ("TEA-7", 1)]),
            ("SO10001", Some("WHL2"), vec![("MUG01", 1)]),
            ("SO10002", None, vec![("MUG01", 4)]),
        ]
    );
    assert_eq!(parcels[0].carrier.as_deref(), Some("RMT"));
    assert_eq!(parcels[0].despatched_on, "2026-01-30".parse().ok());
}

#[test]
fn stock_has_the_time_of_its_column_where_the_layout_names_one() {
    let mut layout = FolderLayout::default();
    layout.stock_columns.as_of = Some("Counted".to_owned());
    layout.stock_mode = StockMode::Full;
    assert_eq!(layout.check(), Ok(()));
    let file = "Part,Qty,Counted\nMUG01,12,31/07/2026 12:30:05\nTEA-7,1,\nX1,1,x\n";
    let rows: Vec<_> = StockRows::begin(file.as_bytes(), &layout)
        .unwrap()
        .map(|row| {
            row.unwrap()
                .map(|row| (row.value.sku, row.value.as_of.map(|at| at.to_rfc3339())))
        })
        .collect();
    assert_eq!(
        rows[0],
        Ok((
            "MUG01".to_owned(),
            Some("2026-07-31T11:30:05+00:00".to_owned())
        ))
    );
    assert_eq!(rows[1], Ok(("TEA-7".to_owned(), None)));
    assert_eq!(rows[2].as_ref().unwrap_err().problem, RowProblem::NotADate);
    let without = StockRows::begin("Part,Qty\nMUG01,1\n".as_bytes(), &layout).unwrap_err();
    assert!(
        matches!(
            without,
            StockFileError::Problem(FileProblem::MissingColumn { .. })
        ),
        "{without:?}"
    );
    let text = serde_json::to_string(&layout).unwrap();
    assert!(text.contains("\"stock_mode\":\"full\""), "{text}");
}

#[test]
fn a_quote_that_stays_open_costs_its_own_row_only() {
    let file = "Part,Qty\nA\",\",7\n\"B,1\nC,2\n";
    let rows: Vec<_> = StockRows::begin(file.as_bytes(), &FolderLayout::default())
        .unwrap()
        .map(|row| {
            row.unwrap()
                .map(|row| row.value.sku)
                .map_err(|fault| (fault.row, fault.problem))
        })
        .collect();
    assert_eq!(
        rows,
        [
            Err((2, RowProblem::UnclosedQuote)),
            Err((3, RowProblem::UnclosedQuote)),
            Ok("C".to_owned())
        ]
    );
}

/// A place that breaks off after some bytes.
struct Breaks(&'static [u8]);

impl std::io::Read for Breaks {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.0.is_empty() {
            return Err(std::io::ErrorKind::ConnectionReset.into());
        }
        self.0.read(buffer)
    }
}

#[test]
fn a_place_that_breaks_off_is_told_once() {
    let layout = FolderLayout::default();
    let mut rows = StockRows::begin(Breaks(b"Part,Qty\nMUG01,1\nTEA"), &layout).unwrap();
    assert!(rows.next().unwrap().unwrap().is_ok());
    assert!(rows.next().unwrap().is_err());
    assert!(rows.next().is_none());
    let never = StockRows::begin(Breaks(b""), &layout).unwrap_err();
    assert!(matches!(never, StockFileError::Io(_)));
}

proptest! {
    /// Any text that a cell of one line can hold comes back from a file that a plain CSV writer wrote.
    #[test]
    fn any_text_comes_back_through_csv(cells in proptest::collection::vec("[^\r\n]{0,20}", 1..20)) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["Part", "Qty", "Note"]).unwrap();
        for cell in &cells {
            writer.write_record([cell.as_str(), "7", "x,\"y\""]).unwrap();
        }
        let bytes = writer.into_inner().unwrap();
        let rows: Vec<_> = StockRows::begin(&bytes[..], &FolderLayout::default()).unwrap().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), cells.len());
        for (row, cell) in rows.iter().zip(&cells) {
            match row {
                Ok(row) => prop_assert_eq!((row.value.sku.as_str(), row.value.quantity), (cell.trim(), 7)),
                Err(fault) => prop_assert!(cell.trim().is_empty(), "{:?} {}", cell, fault),
            }
        }
    }
}
