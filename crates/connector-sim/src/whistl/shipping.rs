//! The carrier's shipping interface: XML over HTTP under `/1.0/`.

mod book;
mod label;
mod routes;
mod rules;
mod services;

pub(crate) use book::{Consignment, ShippingBook};
pub(crate) use routes::{Refusal, error, router};

/// Where the shipping interface is below the warehouse's address.
pub const SHIPPING_PATH: &str = "/1.0";
/// User of the demo account of the shipping interface.
pub const DEMO_CARRIER_USER: &str = "demo-carrier";
/// Password of the demo account. It opens nothing but a simulator.
pub const DEMO_CARRIER_PASSWORD: &str = "demo-carrier-password";
/// Account number of the demo account.
pub const DEMO_CARRIER_ACCOUNT: &str = "L000001";
/// The one service preference list of the demo account.
pub const DEMO_PREFERENCE_LIST: u32 = 501;
