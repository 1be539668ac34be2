//! `DTD_ORDER` files: the XML that a strict Elucid-style CSV importer writes, and that others write and read too.

mod amount;
mod elements;
mod model;
mod raw;
mod read;
mod translate;
mod write;

pub use amount::{Amount, InvalidVatRate, VatRate};
pub use model::{DtdLine, DtdOptIn, DtdOrder, DtdParty, DtdPayment, DtdRecipient};
pub use raw::{NotAnElement, RawElement};
pub use read::{DtdDocument, DtdEntry, DtdFault, DtdFaultProblem, DtdProblem};
pub use write::{DtdFile, DtdRefused, DtdTrapped};
