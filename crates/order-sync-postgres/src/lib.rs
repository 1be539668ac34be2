#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod changes;
mod claims;
mod cursors;
mod demand;
mod dossiers;
mod erasure;
mod exceptions;
mod failure;
mod groups;
mod json_text;
mod key_text;
mod keyed;
mod lanes;
mod lineage;
mod listing;
mod migration;
mod months;
mod options;
mod orders;
mod parcel_tracking;
mod parts;
mod personal;
mod postgres_store;
mod profiles;
mod query;
mod shelf;
mod sku_history;
mod stock;
mod transaction;
mod unmatched;

pub use deadpool_postgres;
pub use options::{LeaseClock, PostgresOptions};
pub use postgres_store::PostgresStore;
