//! Order files: the bytes, the traps, the folders.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod answers;
mod dtd;
mod file;
mod folder;

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
        "Goods",
        "In",
        "ZZ9 9ZZ",
        ["Flat 2", "8 Sample Street"],
        "Exampleton",
    )
    .with_phone("447700900123")
    .with_email("goods-in@example.com")
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
