#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod order_files;
pub mod orders;

pub use connector_http::{BuildError, Error, ErrorKind, Personal, SecretString, VendorError};
