//! Customers and their addresses.

mod address;

pub use address::CustomerAddress;
