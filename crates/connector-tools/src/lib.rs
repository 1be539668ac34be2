#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod bad_input;
mod catalogue_file;
mod catalogue_print;
mod catalogue_report;
mod config_print;
mod config_report;
mod finding;
mod history_file;
mod outcome;
mod printed;
mod profile_file;
mod proposals;
mod rules_in_effect;

// What is read.
pub use bad_input::{BadInput, InputFault};
pub use catalogue_file::{Article, CatalogueFile, Columns};
pub use history_file::{read_history, write_history};
pub use profile_file::ProfileFile;

// What is found.
pub use catalogue_report::{CatalogueReport, Change, Collision, Member, RowsWithoutCode};
pub use config_report::ConfigReport;
pub use finding::{Finding, Place};
pub use proposals::{AliasProposal, ManualProposal, Proposals};
pub use rules_in_effect::Rule;

// How it is told.
pub use outcome::{Report, finish};
