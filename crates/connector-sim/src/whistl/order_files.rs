//! The warehouse's folders: order files in, stock, despatch, acknowledgement and refund files out. Everything moves by ticks.

mod csv_table;
mod dtd_order;
mod exports;
mod folder;
mod importer;
mod options;
mod routes;

pub use exports::Export;
pub use folder::{FileReport, OrderFiles};
pub use options::{FileFault, OrderFilesOptions};
pub(crate) use routes::router;
