//! How the folders are set up, and what can go wrong with files.

use std::path::PathBuf;

use serde::Deserialize;

/// Folders, columns and manners of the simulated file importer. Folder names are seen in use, export columns are assumed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OrderFilesOptions {
    /// The share's root.
    pub root: PathBuf,
    /// Reproduces the importer's traps instead of reading kindly. Default yes.
    pub strict: bool,
    /// Put before each order number, after the length check. Default nothing.
    pub prefix: String,
    /// Where orders are dropped. Default `ORD/IN`.
    pub orders: PathBuf,
    /// Where taken files go. Default `ORD/PROCESSED`.
    pub archive: PathBuf,
    /// Where error files go. Default `errors`.
    pub errors: PathBuf,
    /// Where run logs go. Default `logs`.
    pub logs: PathBuf,
    /// Where `DTD_ORDER` files are written. Default `web_import`.
    pub web_import: PathBuf,
    /// Service code by carrier and delivery method. Delivery methods that are service codes need no entry. Default `RECALC` both: `WHI_STD`.
    pub services: Vec<(String, String, String)>,
    /// Folder and header of the stock file: SKU, quantity.
    pub stock: (PathBuf, [String; 2]),
    /// Folder and header of the despatch file: reference, SKU, quantity, carrier, delivery method, tracking, date.
    pub despatches: (PathBuf, [String; 7]),
    /// Folder and header of the acknowledgement file: reference, status.
    pub acknowledgements: (PathBuf, [String; 2]),
    /// Folder and header of the refund file: reference, SKU, quantity.
    pub refunds: (PathBuf, [String; 3]),
}

impl OrderFilesOptions {
    /// The defaults below that root.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let service = |text: &str| text.to_owned();
        Self {
            root: root.into(),
            strict: true,
            prefix: String::new(),
            orders: "ORD/IN".into(),
            archive: "ORD/PROCESSED".into(),
            errors: "errors".into(),
            logs: "logs".into(),
            web_import: "web_import".into(),
            services: vec![(service("RECALC"), service("RECALC"), service("WHI_STD"))],
            stock: ("stock_file".into(), ["Part", "Qty"].map(str::to_owned)),
            despatches: (
                "FTP_DESP".into(),
                [
                    "Ref_No",
                    "Part",
                    "Qty",
                    "Carrier",
                    "DelMethod",
                    "Tracking",
                    "DespatchDate",
                ]
                .map(str::to_owned),
            ),
            acknowledgements: (
                "Acknowledgement".into(),
                ["Ref_No", "Status"].map(str::to_owned),
            ),
            refunds: (
                "Refunds".into(),
                ["Ref_No", "Part", "Qty"].map(str::to_owned),
            ),
        }
    }

    /// Reads kindly: phones keep their zeros, blank references and bad quantities are rejected with the file.
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.strict = false;
        self
    }
}

/// What goes wrong with the next file, once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FileFault {
    /// The next order file is picked up before its writer has finished: only its first half is read.
    HalfRead,
    /// The next export is written in two parts; the second comes with the next tick.
    SlowExport,
    /// The next despatch file is written twice, under two names.
    DuplicateDespatch,
    /// The next stock file has the content of the one before it.
    StaleStock,
    /// The next tick leaves the order files where they are.
    Stuck,
}
