#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod claims;
mod cursors;
mod database;
mod driver;
mod epoch;
mod exceptions;
mod failure;
mod json_text;
mod lines;
mod listing;
mod micros;
mod migration;
mod opening;
mod order_row;
mod orders;
mod parcel_tracking;
mod parcels;
mod payloads;
mod profiles;
mod schema;
mod sealing;
mod sku_history;
mod soundness;
mod sqlite_store;
mod stock;
mod store_file;
mod tables;
mod timeline;
mod unmatched;
mod version_1;
mod version_2;

pub use opening::OpenOptions;
pub use sqlite_store::SqliteStore;
