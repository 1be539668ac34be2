//! Order files: the CSV drop-folder route into a warehouse, and the stock and despatch files it writes back.
//!
//! For whoever hands orders to a site whose intake is a strict Elucid-style CSV importer. The module does four things:
//!
//! - [`OrderFile`] writes **one order per file** in the importer's template and refuses, before anything is written, every
//!   value that the importer is known to damage or to choke on ([`Trap`]). One bad row makes the importer reject a whole file,
//!   and some values stop it for every later file as well.
//! - [`DropFolder::drop_order`] puts a file into the importer's folder without ever overwriting a name, and
//!   [`DropFolder::probe`] says what became of it.
//! - Its other methods read what comes back, good rows and faults apart: rejections, the archive, acknowledgements, despatches,
//!   refunds, stock ([`StockRows`] reads stock files of any length in constant memory).
//! - [`DtdFile`] writes orders as `DTD_ORDER` XML, the form in which the importer hands them on, and [`DtdDocument`] reads it.
//!
//! Everything here blocks: call it from a blocking thread. Reading never deletes or moves a file.
//!
//! # Evidence
//!
//! *Seen in use*: the header row, the meaning of its columns, the importer's traps and messages, the folder names, the names of
//! archived and error files, and both dialects of `DTD_ORDER`. *Assumed*: the column layouts of stock, despatch, acknowledgement
//! and refund files (no layout is published), so they are data in [`FolderLayout`].
//!
//! # Example
//!
//! ```
//! use whistl_client::order_files::{DropFolder, FileLine, FileOrder, FileParty, FileProbe, FolderLayout, OrderFile};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let share = tempfile::tempdir()?;
//! # for folder in ["ORD/IN", "ORD/PROCESSED"] {
//! #     std::fs::create_dir_all(share.path().join(folder))?;
//! # }
//! let party = FileParty::new("Goods", "In", "ZZ9 9ZZ", ["Flat 2", "8 Sample Street"], "Exampleton")
//!     .with_phone("447700900123");
//! let order = FileOrder::new("SO10001", party, [FileLine::new("MUG01", 2)]).with_purchase_order("PO-7781");
//!
//! let folder = DropFolder::new(share.path(), FolderLayout::default())?;
//! folder.drop_order(&OrderFile::from_order(&order)?)?;
//! assert_eq!(folder.probe("SO10001")?, FileProbe::Waiting);
//! # Ok(())
//! # }
//! ```

mod acknowledgement_file;
mod archive;
mod columns;
mod csv_rows;
mod despatch_file;
mod drop_folder;
mod dtd_order;
mod error_file;
mod exports;
mod file_problem;
mod file_time;
mod layout;
mod local_share;
mod order;
mod order_file;
mod probe;
mod refund_file;
#[cfg(feature = "sftp")]
mod sftp_share;
mod share;
mod stock_file;
mod template;
mod trap;

pub use acknowledgement_file::AcknowledgementRow;
pub use archive::ArchivedFile;
pub use columns::{AcknowledgementColumns, DespatchColumns, RefundColumns, StockColumns};
pub use despatch_file::{DespatchRow, DespatchedParcel};
pub use drop_folder::{DropError, DropFolder, DropStep, Dropped};
pub use dtd_order::{
    Amount, DtdDocument, DtdEntry, DtdFault, DtdFaultProblem, DtdFile, DtdLine, DtdOptIn, DtdOrder,
    DtdParty, DtdPayment, DtdProblem, DtdRecipient, DtdRefused, DtdTrapped, InvalidVatRate,
    NotAnElement, RawElement, VatRate,
};
pub use error_file::{ImportFault, RejectedRow};
pub use exports::{ExportedFile, Exports, FileCursor, FileRow, ReadError, UnreadFile};
pub use file_problem::{FileProblem, RowFault, RowProblem};
pub use layout::{FolderLayout, InvalidLayout, StockMode};
pub use local_share::LocalShare;
pub use order::{FileLine, FileOrder, FileParty};
pub use order_file::OrderFile;
pub use probe::FileProbe;
pub use refund_file::RefundRow;
#[cfg(feature = "sftp")]
pub use sftp_share::{
    InvalidSftpKey, SftpHostKey, SftpLogin, SftpOptions, SftpPrivateKey, SftpShare,
};
pub use share::{FileFacts, FileShare, PlaceError, Placed, ShareEntry};
pub use stock_file::{StockFileError, StockRow, StockRows};
pub use template::{OrderFileLayout, TEMPLATE_HEADER};
pub use trap::{FileRefused, Trap, Trapped};
