//! Files that come back from a warehouse: every row is a good one or a fault, in the file's order.

use whistl_client::order_files::{
    DespatchedParcel, ExportedFile, Exports, FileCursor, FileProbe, ImportFault, ReadError,
};

use crate::one_file::OneFile;
use crate::{Outcomes, Target};

pub(crate) const TARGET: Target = Target {
    name: "answer_files",
    run: answer_files,
    pieces: &[
        "Ref_No",
        "Part",
        "Qty",
        "ERROR",
        "Tracking",
        "DespatchDate",
        "Status",
        "Message",
        "Date",
        "Amount",
        "Reason",
        ",",
        "\"",
        "\"\"",
        "\n",
        "\r\n",
        "\r",
        "|",
        "PART column empty",
        "Qty not a number or blank",
        "31/01/2026",
        "12.0",
        "-1",
        "\u{FEFF}",
        ";",
    ],
    reached: &[
        "rejected",
        "acknowledged",
        "despatched",
        "refunded",
        "other message",
        "known message",
        "Empty",
        "MissingColumn",
        "DuplicateColumn",
        "UnreadableHeader",
        "NotUtf8",
        "UnclosedQuote",
        "WrongWidth",
        "Blank",
        "NotAnInteger",
        "NotPositive",
        "NotADate",
        "NotAnAmount",
    ],
};

/// A file, read as each kind in turn.
pub fn answer_files(data: &[u8]) -> Outcomes {
    let folder = OneFile::folder(data);
    let cursor = FileCursor::default();
    let mut outcomes = Outcomes::new();

    let file = only(folder.read_rejections(&cursor), data, &mut outcomes);
    for row in &file.rows {
        outcomes.insert("rejected".into());
        for fault in &row.value.faults {
            if matches!(fault, ImportFault::Other(_)) {
                outcomes.insert("other message".into());
            } else {
                outcomes.insert("known message".into());
                assert_eq!(&ImportFault::from_message(&fault.to_string()), fault);
            }
        }
    }
    let FileProbe::Rejected { reason } = folder.probe("A1").expect("the folder can be read") else {
        panic!("an error file of the same age outweighs the file");
    };
    assert!(!reason.is_empty() || !file.rows.is_empty());
    assert!(reason.chars().count() <= 500 && !reason.chars().any(char::is_control));

    let file = only(folder.read_acknowledgements(&cursor), data, &mut outcomes);
    for row in &file.rows {
        outcomes.insert("acknowledged".into());
        sound(&row.value.reference);
    }
    let file = only(folder.read_despatches(&cursor), data, &mut outcomes);
    let mut units = 0;
    for row in &file.rows {
        outcomes.insert("despatched".into());
        sound(&row.value.reference);
        sound(&row.value.sku);
        assert!(row.value.quantity > 0);
        units += u64::from(row.value.quantity);
    }
    let parcels = DespatchedParcel::from_rows(file.rows.iter().map(|row| &row.value));
    let packed: u64 = parcels
        .iter()
        .flat_map(|parcel| parcel.contents.values())
        .sum();
    assert_eq!(packed, units);
    let file = only(folder.read_refunds(&cursor), data, &mut outcomes);
    for row in &file.rows {
        outcomes.insert("refunded".into());
        sound(&row.value.reference);
        assert!(row.value.quantity > 0);
    }
    outcomes
}

fn sound(text: &str) {
    assert!(!text.is_empty() && text.trim() == text, "{text:?}");
}

/// The one file, with what holds for each kind.
pub(crate) fn only<T: std::fmt::Debug>(
    read: Result<Exports<T>, ReadError>,
    data: &[u8],
    outcomes: &mut Outcomes,
) -> ExportedFile<T> {
    let mut read = read.expect("the folder can be listed");
    assert!(read.files.len() == 1 && read.unread.is_empty());
    let file = read.files.remove(0);
    let lines = data.split(|byte| *byte == b'\n').count();
    let good = file.rows.iter().map(|row| row.row);
    let bad = file.row_faults.iter().map(|fault| fault.row);
    let mut numbers: Vec<usize> = good.chain(bad).collect();
    assert!(file.rows.is_sorted_by(|a, b| a.row < b.row));
    assert!(file.row_faults.is_sorted_by(|a, b| a.row < b.row));
    numbers.sort_unstable();
    assert!(
        numbers.is_sorted_by(|a, b| a < b),
        "a row counts once: {numbers:?}"
    );
    assert!(
        numbers.iter().all(|number| (2..=lines).contains(number)),
        "{numbers:?} of {lines}"
    );
    if let Some(problem) = &file.problem {
        assert!(numbers.is_empty());
        let shown = format!("{problem:?}");
        outcomes.insert(
            shown
                .split(' ')
                .next()
                .unwrap_or_default()
                .to_owned()
                .into(),
        );
    }
    for fault in &file.row_faults {
        outcomes.insert(format!("{:?}", fault.problem).into());
    }
    file
}
