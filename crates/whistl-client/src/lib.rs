#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg_attr(
    not(test),
    allow(dead_code, reason = "the ground that the carrier's client is built on")
)]
mod carrier_refusal;
pub mod order_files;
pub mod orders;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "the ground that the XML wires are built on"
    )
)]
mod xml;

pub use connector_http::{BuildError, Error, ErrorKind, Personal, SecretString, VendorError};
