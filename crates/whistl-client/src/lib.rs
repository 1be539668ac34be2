#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod carrier_refusal;
mod http_settings;
pub mod order_files;
pub mod orders;
pub mod shipping;
pub mod tracking;
mod unreadable_reply;
mod xml;

pub use connector_http::{BuildError, Error, ErrorKind, Personal, SecretString, VendorError};
pub use unreadable_reply::UnreadableReply;
