//! Dropping, probing, reading.

use super::*;

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
