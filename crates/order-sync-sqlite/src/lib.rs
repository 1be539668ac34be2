#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod claims;
mod cursors;
mod epoch;
mod exceptions;
mod failure;
mod json_text;
mod lines;
mod micros;
mod opening;
mod orders;
mod parcels;
mod payloads;
mod schema;
mod sqlite_store;
mod stock;
mod store_file;
mod timeline;
mod unmatched;
mod writer;

pub use opening::OpenOptions;
pub use sqlite_store::SqliteStore;
