//! Order files: the CSV drop-folder route into a warehouse, and the stock and despatch files it writes back.
//!
//! For whoever hands orders to a site whose intake is a strict Elucid-style CSV importer. The module does three things:
//!
//! - [`OrderFile`] writes **one order per file** in the importer's template and refuses, before anything is written, every
//!   value that the importer is known to damage or to choke on ([`Trap`]). One bad row makes the importer reject a whole file,
//!   and some values stop it for every later file as well.
//! - [`DropFolder::drop_order`] puts a file into the importer's folder without ever overwriting a name, and
//!   [`DropFolder::probe`] says what became of it.
//! - [`DropFolder::read_despatches`] and [`DropFolder::read_stock`] read what the warehouse exported, good rows and faults apart.
//!
//! Everything here is blocking `std::fs`: call it from a blocking thread. Reading never deletes or moves a file.
//!
//! # Evidence
//!
//! *Seen in use*: the header row, the meaning of its columns, the importer's traps, the folder names for orders, archive and
//! errors, and the names of archived and error files. *Assumed*: the column layouts of stock and despatch files (no layout is
//! published), so they are data in [`FolderLayout`].
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

mod csv_table;
mod despatch_file;
mod drop_folder;
mod exports;
mod layout;
mod order;
mod order_file;
mod probe;
mod stock_file;
mod template;
mod trap;

pub use csv_table::{FileProblem, RowFault, RowProblem};
pub use despatch_file::DespatchRow;
pub use drop_folder::{DropError, DropFolder, DropStep, Dropped};
pub use exports::{ExportedFile, Exports, FileCursor, FileRow, ReadError, UnreadFile};
pub use layout::{DespatchColumns, FolderLayout, InvalidLayout, StockColumns};
pub use order::{FileLine, FileOrder, FileParty};
pub use order_file::OrderFile;
pub use probe::FileProbe;
pub use stock_file::StockRow;
pub use template::{OrderFileLayout, TEMPLATE_HEADER};
pub use trap::{FileRefused, Trap, Trapped};
