//! Order files: the bytes, the traps, the folders.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rust_decimal::Decimal;
use tempfile::TempDir;
use whistl_client::Personal;
use whistl_client::order_files::{
    DropError, DropFolder, FileCursor, FileLine, FileOrder, FileParty, FileProbe, FileProblem,
    FolderLayout, OrderFile, OrderFileLayout, RowProblem, TEMPLATE_HEADER, Trap, Trapped,
};

fn party() -> FileParty {
    FileParty::new(
        "Ada",
        "Example",
        "ZZ9 9ZZ",
        ["Flat 2", "8 Sample Street"],
        "Exampleton",
    )
    .with_phone("447700900123")
    .with_email("ada@example.com")
}

fn order() -> FileOrder {
    let lines = [
        FileLine::new("MUG01", 2).with_unit_price(Decimal::new(1500, 2)),
        FileLine::new("TEA-7", Decimal::new(10, 1)).with_personalisation("To \"B\", with care"),
    ];
    FileOrder::new("SO10001", party(), lines)
        .with_purchase_order("PO-7781")
        .with_service("RMT", "RMTSTD")
        .with_delivery_charge(Decimal::new(200, 2))
}

fn traps(order: &FileOrder) -> Vec<(usize, String, Trap)> {
    match OrderFile::from_order(order) {
        Ok(_) => Vec::new(),
        Err(refused) => refused
            .faults
            .into_iter()
            .map(
                |Trapped {
                     row, column, trap, ..
                 }| (row, column, trap),
            )
            .collect(),
    }
}

fn changed(change: impl FnOnce(&mut FileOrder)) -> FileOrder {
    let mut order = order();
    change(&mut order);
    order
}

/// Asserts that the order with one change has this trap there, and no other.
#[track_caller]
fn trapped(row: usize, column: &str, trap: Trap, change: impl FnOnce(&mut FileOrder)) {
    assert_eq!(traps(&changed(change)), [(row, column.to_owned(), trap)]);
}

const HEADER: &str = "Ref_No,Method,Customer,Firstname,Surname,Company,Postcode,Address,City,County,Country,Phone,Email,\
DelFirstName,DelSurname,DelCompany,DelPostcode,DelAddress,DelCity,DelCounty,DelCountry,DelPhone,DelEmail,DelChg,Carrier,\
DelMethod,Part,Qty,UnitPrice,Personalisation,OrdTotal";

#[test]
fn the_header_is_the_template_and_the_purchase_order_column() {
    assert_eq!(TEMPLATE_HEADER.join(","), HEADER);
    let file = OrderFile::from_order(&order()).unwrap();
    let text = String::from_utf8(file.bytes().to_vec()).unwrap();
    assert_eq!(text.lines().next().unwrap(), format!("{HEADER},CUSTREF"));
    let layout = OrderFileLayout::default().with_purchase_order_column("CustomerRef");
    let file = OrderFile::from_order_with(&order(), &layout).unwrap();
    let text = String::from_utf8(file.bytes().to_vec()).unwrap();
    assert!(text.starts_with(&format!("{HEADER},CustomerRef\r\n")));
}

#[test]
fn a_file_is_written_byte_for_byte() {
    let file = OrderFile::from_order(&order()).unwrap();
    let expected = format!(
        "{HEADER},CUSTREF\r\n\
         SO10001,,,Ada,Example,,ZZ9 9ZZ,Flat 2~8 Sample Street,Exampleton,,,447700900123,ada@example.com,\
         ,,,,,,,,,,2.00,RMT,RMTSTD,MUG01,2,15.00,,,PO-7781\r\n\
         SO10001,,,Ada,Example,,ZZ9 9ZZ,Flat 2~8 Sample Street,Exampleton,,,447700900123,ada@example.com,\
         ,,,,,,,,,,2.00,RMT,RMTSTD,TEA-7,1,,\"To \"\"B\"\", with care\",,PO-7781\r\n"
    );
    assert_eq!(String::from_utf8(file.bytes().to_vec()).unwrap(), expected);
    assert_eq!((file.name(), file.reference()), ("SO10001.csv", "SO10001"));
    assert_eq!(file, OrderFile::try_from(&order()).unwrap());
}

#[test]
fn a_delivery_party_has_its_own_columns() {
    let delivery =
        FileParty::new("Bo", "Sample", "ZZ1 1ZZ", ["Dock 4"], "Portville").with_country("GB");
    let order = order()
        .with_delivery(delivery)
        .with_method("WEB")
        .with_customer("C100")
        .with_total(Decimal::from(32));
    let file = OrderFile::from_order(&order).unwrap();
    let mut reader = csv::Reader::from_reader(file.bytes());
    let headers = reader.headers().unwrap().clone();
    let row = reader.records().next().unwrap().unwrap();
    let cell = |name: &str| {
        row.get(headers.iter().position(|header| header == name).unwrap())
            .unwrap()
            .to_owned()
    };
    assert_eq!(
        cell("DelFirstName") + " " + &cell("DelSurname"),
        "Bo Sample"
    );
    assert_eq!(
        (cell("DelPostcode"), cell("DelAddress"), cell("DelCity")),
        ("ZZ1 1ZZ".into(), "Dock 4".into(), "Portville".into())
    );
    assert_eq!(
        (cell("DelCountry"), cell("Method"), cell("Customer")),
        ("GB".into(), "WEB".into(), "C100".into())
    );
    assert_eq!(
        (cell("OrdTotal"), cell("DelPhone")),
        ("32".into(), String::new())
    );
}

#[test]
fn references_that_the_importer_spoils_are_refused() {
    for (reference, traps_wanted) in [
        ("ABCDEFGHIJKLM", vec![Trap::TooLong]),
        ("00012", vec![Trap::NumberLike]),
        ("1E5", vec![Trap::NumberLike]),
        ("infinity", vec![Trap::NumberLike]),
        ("Null", vec![Trap::NullLike]),
        ("nan", vec![Trap::NullLike]),
        ("TRUE", vec![Trap::Rewritten]),
        ("", vec![Trap::Blank]),
        ("  ", vec![Trap::Blank]),
        (" A1", vec![Trap::OuterSpace, Trap::UnsafeFileName]),
        ("#A1", vec![Trap::UnsafeFileName]),
        ("A/../1", vec![Trap::UnsafeFileName]),
        ("con", vec![Trap::UnsafeFileName]),
        ("LPT1", vec![Trap::UnsafeFileName]),
        ("A~1", vec![Trap::LineSeparator, Trap::UnsafeFileName]),
        ("A\n1", vec![Trap::ControlCharacter, Trap::UnsafeFileName]),
    ] {
        let wanted: Vec<_> = traps_wanted
            .into_iter()
            .map(|trap| (2, "Ref_No".to_owned(), trap))
            .collect();
        assert_eq!(
            traps(&changed(|order| order.reference = reference.to_owned())),
            wanted,
            "{reference:?}"
        );
    }
    for reference in ["SO10001", "B7Q2M4XK3P5A", "A-1_2", "1E5X", "COMMA"] {
        assert_eq!(
            traps(&changed(|order| order.reference = reference.to_owned())),
            [],
            "{reference}"
        );
    }
}

#[test]
fn lines_that_the_importer_spoils_are_refused() {
    trapped(3, "Part", Trap::NumberLike, |order| {
        order.lines[1].sku = "00123".to_owned()
    });
    trapped(3, "Part", Trap::NullLike, |order| {
        order.lines[1].sku = "N/A".to_owned()
    });
    trapped(3, "Part", Trap::Blank, |order| {
        order.lines[1].sku = String::new()
    });
    trapped(3, "Part", Trap::TooLong, |order| {
        order.lines[1].sku = "A".repeat(25)
    });
    trapped(2, "Qty", Trap::NotAnInteger, |order| {
        order.lines[0].quantity = Decimal::new(25, 1)
    });
    for quantity in [0, -1, 100_000] {
        trapped(2, "Qty", Trap::QuantityOutOfRange, |order| {
            order.lines[0].quantity = Decimal::from(quantity)
        });
    }
    trapped(2, "UnitPrice", Trap::NegativeAmount, |order| {
        order.lines[0].unit_price = Some(Decimal::NEGATIVE_ONE)
    });
    trapped(2, "Personalisation", Trap::Rewritten, |order| {
        order.lines[0].personalisation = Some(Personal::new("30".to_owned()));
        order.lines[1].personalisation = None;
    });
    trapped(2, "Part", Trap::NoLines, |order| order.lines.clear());
}

#[test]
fn parties_that_the_importer_spoils_are_refused() {
    for phone in ["07700 900123", "+447700900123", "447700900123x", "4477٠"] {
        let order = changed(|order| order.invoice.phone = Some(phone.into()));
        assert!(
            traps(&order)
                .iter()
                .any(|trap| trap.2 == Trap::PhoneNotDigits),
            "{phone}"
        );
    }
    trapped(2, "Phone", Trap::PhoneLeadingZero, |order| {
        order.invoice.phone = Some("07700900123".into())
    });
    trapped(2, "Phone", Trap::TooLong, |order| {
        order.invoice.phone = Some("4477009001234".into())
    });
    trapped(2, "Surname", Trap::LineSeparator, |order| {
        order.invoice.surname = "Ex~ample".into()
    });
    trapped(2, "Address", Trap::LineSeparator, |order| {
        order.invoice.address[1] = "8~9 Street".into()
    });
    trapped(2, "Address", Trap::Blank, |order| {
        order.invoice.address = vec![" ".into()]
    });
    trapped(2, "City", Trap::ControlCharacter, |order| {
        order.invoice.city = "Example\nton".into()
    });
    trapped(2, "Firstname", Trap::Blank, |order| {
        order.invoice.first_name = " ".into()
    });
    trapped(2, "Postcode", Trap::Rewritten, |order| {
        order.invoice.postcode = "01067".into()
    });
    trapped(2, "Country", Trap::NullLike, |order| {
        order.invoice.country = Some("NA".to_owned())
    });
    trapped(2, "CUSTREF", Trap::Rewritten, |order| {
        order.purchase_order = Some("00045123".to_owned())
    });
    trapped(2, "DelChg", Trap::NegativeAmount, |order| {
        order.delivery_charge = Some(Decimal::NEGATIVE_ONE)
    });
    let delivery =
        || FileParty::new("Bo", "Sample", "ZZ1 1ZZ", ["Dock 4"], "Portville").with_country("GB");
    trapped(2, "DelCompany", Trap::FallsBack, |order| {
        order.invoice.company = Some("Example Ltd".into());
        order.delivery = Some(delivery());
    });
    trapped(2, "DelCountry", Trap::Blank, |order| {
        let mut party = delivery();
        party.country = None;
        order.delivery = Some(party);
    });
    assert_eq!(
        traps(&changed(|order| order.invoice.surname = "Null".into())),
        [],
        "a surname may be Null"
    );
}

#[test]
fn every_fault_is_reported_at_once_with_a_remedy_and_without_values() {
    let order = changed(|order| {
        order.reference = "123".to_owned();
        order.invoice.phone = Some("07700 900123".into());
        order.lines[1].quantity = Decimal::new(15, 1);
    });
    let refused = OrderFile::from_order(&order).unwrap_err();
    let seen: Vec<_> = refused
        .faults
        .iter()
        .map(|fault| (fault.row, fault.column.as_str(), fault.trap))
        .collect();
    assert_eq!(
        seen,
        [
            (2, "Phone", Trap::PhoneNotDigits),
            (2, "Ref_No", Trap::NumberLike),
            (3, "Qty", Trap::NotAnInteger)
        ]
    );
    assert!(
        refused
            .faults
            .iter()
            .all(|fault| !fault.remedy().is_empty())
    );
    assert!(!format!("{refused} {refused:?}").contains("900123"));
}

#[test]
fn a_purchase_order_column_that_hides_another_is_refused() {
    for name in ["", "Part", "sku", "REF NO", "InvPhone", "Cust\nRef"] {
        let layout = OrderFileLayout::default().with_purchase_order_column(name);
        let refused = OrderFile::from_order_with(&order(), &layout).unwrap_err();
        assert_eq!(
            (refused.faults[0].row, refused.faults[0].trap),
            (1, Trap::ColumnName),
            "{name:?}"
        );
    }
    assert!(serde_json::from_str::<OrderFileLayout>(r#"{"column":"x"}"#).is_err());
}

#[test]
fn nothing_personal_shows_in_debug() {
    let file = OrderFile::from_order(&order()).unwrap();
    let shown = format!("{:?} {file:?}", order());
    for secret in [
        "Ada",
        "Example",
        "ZZ9",
        "447700900123",
        "ada@example.com",
        "Flat 2",
        "with care",
    ] {
        assert!(!shown.contains(secret), "{secret}: {shown}");
    }
}

proptest! {
    #[test]
    fn what_is_accepted_is_read_back_identical(
        surname in "\\PC{0,20}", line in any::<String>(), company in any::<String>(), po in "[ -~]{0,20}", note in "[\",;a-z0-9é\r\n ]{0,30}",
    ) {
        let order = changed(|order| {
            order.invoice.surname = surname.as_str().into();
            order.invoice.address = vec![line.as_str().into()];
            order.invoice.company = Some(company.as_str().into());
            order.purchase_order = Some(po.clone());
            order.lines[0].personalisation = Some(note.as_str().into());
        });
        let Ok(file) = OrderFile::from_order(&order) else { return Ok(()) };
        let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(file.bytes()).records().map(Result::unwrap).collect();
        prop_assert_eq!(rows.len(), 2);
        prop_assert_eq!((&rows[0][4], &rows[0][5], &rows[0][7]), (surname.as_str(), company.as_str(), line.as_str()));
        prop_assert_eq!((&rows[0][29], &rows[0][31]), (note.as_str(), po.as_str()));
    }

    #[test]
    fn no_text_makes_the_writer_or_a_reader_panic(text in any::<String>(), bytes in any::<Vec<u8>>()) {
        let _ = traps(&changed(|order| {
            order.reference = text.clone();
            order.invoice.phone = Some(text.as_str().into());
            order.lines[0].sku = text.clone();
        }));
        let share = Share::new();
        prop_assert!(share.folder.probe(&text).is_err() || !text.contains('/'));
        share.put("stock_file/any.csv", &bytes);
        share.put("FTP_DESP/any.csv", &bytes);
        let cursor = FileCursor::default();
        prop_assert_eq!(share.folder.read_stock(&cursor).unwrap().files.len(), 1);
        prop_assert_eq!(share.folder.read_despatches(&cursor).unwrap().files.len(), 1);
    }
}

/// A share with every folder of the default layout.
struct Share {
    directory: TempDir,
    folder: DropFolder,
}

impl Share {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        for folder in [
            "ORD/IN",
            "ORD/PROCESSED",
            "errors",
            "stock_file/Done",
            "FTP_DESP",
        ] {
            fs::create_dir_all(directory.path().join(folder)).unwrap();
        }
        let folder = DropFolder::new(directory.path(), FolderLayout::default()).unwrap();
        Self { directory, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn waiting(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("ORD/IN")).unwrap();
        entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }
}

fn set_time(path: &Path, seconds: u64) {
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
    fs::File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

#[test]
fn an_order_is_dropped_whole_and_never_over_another() {
    let share = Share::new();
    let file = OrderFile::from_order(&order()).unwrap();
    let dropped = share.folder.drop_order(&file).unwrap();
    assert_eq!(dropped.path, share.path("ORD/IN/SO10001.csv"));
    assert_eq!(dropped.left_over, None);
    assert_eq!(fs::read(&dropped.path).unwrap(), file.bytes());
    assert_eq!(share.waiting(), ["SO10001.csv"]);

    let again = share.folder.drop_order(&file).unwrap_err();
    assert!(
        matches!(
            again,
            DropError::AlreadyExists {
                identical: true,
                ..
            }
        ),
        "{again:?}"
    );
    let other = OrderFile::from_order(&changed(|order| order.lines[0].quantity = Decimal::from(3)))
        .unwrap();
    let refused = share.folder.drop_order(&other).unwrap_err();
    assert!(
        matches!(
            refused,
            DropError::AlreadyExists {
                identical: false,
                ..
            }
        ),
        "{refused:?}"
    );
    assert!(!refused.is_ambiguous());
    assert_eq!(fs::read(&dropped.path).unwrap(), file.bytes());
    assert_eq!(share.waiting(), ["SO10001.csv"], "no temporary file stays");
}

#[test]
fn many_droppers_of_one_name_leave_one_file() {
    let share = Share::new();
    let file = OrderFile::from_order(&order()).unwrap();
    let dropped = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| share.folder.drop_order(&file).is_ok()))
            .collect();
        workers
            .into_iter()
            .map(|worker| worker.join().unwrap())
            .filter(|done| *done)
            .count()
    });
    assert_eq!(dropped, 1);
    assert_eq!(share.waiting(), ["SO10001.csv"]);
}

#[test]
fn a_missing_folder_is_an_error_and_not_an_absent_order() {
    let directory = tempfile::tempdir().unwrap();
    let folder = DropFolder::new(directory.path(), FolderLayout::default()).unwrap();
    let error = folder
        .drop_order(&OrderFile::from_order(&order()).unwrap())
        .unwrap_err();
    assert!(
        matches!(error, DropError::Io { .. }) && !error.is_ambiguous(),
        "{error:?}"
    );
    assert!(folder.probe("SO10001").is_err());
    assert!(folder.read_stock(&FileCursor::default()).is_err());
}

#[test]
fn a_probe_follows_an_order_through_its_life() {
    let share = Share::new();
    let probe = || share.folder.probe("SO10001").unwrap();
    assert_eq!(probe(), FileProbe::Absent);
    let dropped = share
        .folder
        .drop_order(&OrderFile::from_order(&order()).unwrap())
        .unwrap();
    assert_eq!(probe(), FileProbe::Waiting);
    let archived = share.path("ORD/PROCESSED/SO1000120260131123005.csv");
    fs::rename(&dropped.path, &archived).unwrap();
    assert_eq!(probe(), FileProbe::PickedUp);
    fs::rename(&archived, share.path("ORD/PROCESSED/SO10001.csv")).unwrap();
    assert_eq!(probe(), FileProbe::PickedUp);
    assert_eq!(
        share.folder.probe("SO1000").unwrap(),
        FileProbe::Absent,
        "a prefix is another order"
    );
    assert!(share.folder.probe("../SO10001").is_err());
}

#[test]
fn a_rejected_order_is_told_with_the_importers_words() {
    let share = Share::new();
    let dropped = share
        .folder
        .drop_order(&OrderFile::from_order(&order()).unwrap())
        .unwrap();
    let table = "Ref_No,Surname,ERROR\r\nSO10001,Example,PART column empty|Qty not a number or blank\r\nSO10001,Example,PART column empty\r\n";
    let error_file = share.put("errors/SO10001error.csv", table);
    let reason = "PART column empty|Qty not a number or blank".to_owned();
    // The importer leaves the rejected file where it is.
    assert_eq!(
        share.folder.probe("SO10001").unwrap(),
        FileProbe::Rejected {
            reason: reason.clone()
        }
    );
    // An error file from before the file that waits now belongs to a former attempt.
    set_time(&dropped.path, 2_000_000_000);
    set_time(&error_file, 1_900_000_000);
    assert_eq!(share.folder.probe("SO10001").unwrap(), FileProbe::Waiting);
    fs::remove_file(&dropped.path).unwrap();
    assert_eq!(
        share.folder.probe("SO10001").unwrap(),
        FileProbe::Rejected { reason }
    );
    fs::write(&error_file, b"\xff").unwrap();
    let FileProbe::Rejected { reason } = share.folder.probe("SO10001").unwrap() else {
        panic!("not rejected")
    };
    assert_eq!(reason, "the error file names no reason");
    share.put("ORD/PROCESSED/SO1000120260131123005.csv", "");
    assert_eq!(share.folder.probe("SO10001").unwrap(), FileProbe::PickedUp);
}

#[test]
fn stock_is_read_once_good_rows_and_faults_apart() {
    let share = Share::new();
    let text = b"\xef\xbb\xbfpart, QTY ,Bin\r\nMUG01,12,A1\r\nTEA-7,-3,\r\n\r\nBAD\r\nX1,two,\r\n,5,\r\n\"X2,7,\r\n\xff,1,\r\nX3,4.0,Z\n";
    let path = share.put("stock_file/stock1.csv", text);
    share.put("stock_file/notes.txt", "Part,Qty\nNO,1\n");
    share.put("stock_file/Done/old.csv", "Part,Qty\nNO,1\n");
    set_time(&path, 1_800_000_000);

    let read = share.folder.read_stock(&FileCursor::default()).unwrap();
    assert_eq!(read.files.len(), 1);
    let file = &read.files[0];
    assert_eq!((file.name.as_str(), &file.problem), ("stock1.csv", &None));
    let rows: Vec<_> = file
        .rows
        .iter()
        .map(|row| (row.row, row.value.sku.as_str(), row.value.quantity))
        .collect();
    assert_eq!(rows, [(2, "MUG01", 12), (3, "TEA-7", -3), (10, "X3", 4)]);
    let faults: Vec<_> = file
        .row_faults
        .iter()
        .map(|fault| (fault.row, fault.column.as_deref(), fault.problem))
        .collect();
    assert_eq!(
        faults,
        [
            (5, None, RowProblem::WrongWidth),
            (6, Some("Qty"), RowProblem::NotAnInteger),
            (7, Some("Part"), RowProblem::Blank),
            (8, None, RowProblem::UnclosedQuote),
            (9, None, RowProblem::NotUtf8),
        ]
    );

    let cursor: FileCursor =
        serde_json::from_str(&serde_json::to_string(&read.cursor).unwrap()).unwrap();
    assert_eq!(cursor.names().collect::<Vec<_>>(), ["stock1.csv"]);
    let again = share.folder.read_stock(&cursor).unwrap();
    assert_eq!((again.files.len(), &again.cursor), (0, &cursor));

    // A file that the warehouse writes anew under the same name is a new one; older ones come first.
    fs::write(&path, "Part,Qty\nMUG01,11\n").unwrap();
    set_time(&path, 1_800_000_100);
    set_time(
        &share.put("stock_file/late.CSV", "Part,Qty\nMUG01,10\n"),
        1_800_000_050,
    );
    let next = share.folder.read_stock(&cursor).unwrap();
    let names: Vec<_> = next.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["late.CSV", "stock1.csv"]);
    assert!(path.exists(), "reading leaves files alone");

    fs::remove_file(&path).unwrap();
    let gone = share.folder.read_stock(&next.cursor).unwrap();
    assert_eq!(gone.cursor.names().collect::<Vec<_>>(), ["late.CSV"]);
}

#[test]
fn files_that_are_no_tables_are_told() {
    let share = Share::new();
    for (name, text) in [
        ("a.csv", ""),
        ("b.csv", "Sku,Qty\nX,1\n"),
        ("c.csv", "Part,Qty,PART\nX,1,Y\n"),
        ("d.csv", "\"Part,Qty\n"),
    ] {
        set_time(
            &share.put(&format!("stock_file/{name}"), text),
            1_800_000_000,
        );
    }
    let read = share.folder.read_stock(&FileCursor::default()).unwrap();
    let problems: Vec<_> = read
        .files
        .into_iter()
        .map(|file| file.problem.unwrap())
        .collect();
    assert_eq!(
        problems,
        [
            FileProblem::Empty,
            FileProblem::MissingColumn {
                column: "Part".to_owned()
            },
            FileProblem::DuplicateColumn {
                column: "Part".to_owned()
            },
            FileProblem::UnreadableHeader,
        ]
    );
    let mut layout = FolderLayout::default();
    layout.max_file_bytes = 3;
    let folder = DropFolder::new(share.directory.path(), layout).unwrap();
    let read = folder.read_stock(&FileCursor::default()).unwrap();
    assert_eq!(
        read.files[1].problem,
        Some(FileProblem::TooLarge { limit: 3 })
    );
}

#[test]
fn despatches_are_read_with_their_dates() {
    let share = Share::new();
    let text = "Ref_No,Part,Qty,Carrier,DelMethod,Tracking,DespatchDate\n\
                SO10001,MUG01,2,RMT,RMTSTD,WHL0P000000000001,2026-01-31\n\
                SO10001,TEA-7,1,,,,31/01/2026 17:05:00\n\
                SO10002,MUG01,0,,,,\n\
                SO10003,MUG01,1,,,,31/01/26\n\
                SO10004,MUG01,99999999999,,,,\n";
    share.put("FTP_DESP/d1.csv", text);
    let read = share
        .folder
        .read_despatches(&FileCursor::default())
        .unwrap();
    let file = &read.files[0];
    assert_eq!(file.rows.len(), 2);
    let (first, second) = (&file.rows[0].value, &file.rows[1].value);
    assert_eq!(
        (first.reference.as_str(), first.sku.as_str(), first.quantity),
        ("SO10001", "MUG01", 2)
    );
    assert_eq!(
        (first.carrier.as_deref(), first.delivery_method.as_deref()),
        (Some("RMT"), Some("RMTSTD"))
    );
    assert_eq!(first.tracking.as_deref(), Some("WHL0P000000000001"));
    assert_eq!(
        (first.despatched_on, second.despatched_on, &second.tracking),
        (second.despatched_on, "2026-01-31".parse().ok(), &None)
    );
    let faults: Vec<_> = file
        .row_faults
        .iter()
        .map(|fault| (fault.row, fault.problem))
        .collect();
    assert_eq!(
        faults,
        [
            (4, RowProblem::NotPositive),
            (5, RowProblem::NotADate),
            (6, RowProblem::NotAnInteger)
        ]
    );

    share.put("FTP_DESP/d2.csv", "ref_no;part;qty\n");
    share.put("FTP_DESP/d3.csv", "Ref_No,Part,Qty\nSO10009,MUG01,1\n");
    let more = share.folder.read_despatches(&read.cursor).unwrap();
    let by_name = |name: &str| more.files.iter().find(|file| file.name == name).unwrap();
    assert!(matches!(
        by_name("d2.csv").problem,
        Some(FileProblem::MissingColumn { .. })
    ));
    assert_eq!(by_name("d3.csv").rows[0].value.despatched_on, None);
}
