#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod faults;
mod problem;
mod raw_object;
mod samples;
mod server;
mod sim_error;
mod sparklayer;
mod token_desk;
mod virtual_clock;
mod whistl;

pub use faults::{Fault, FaultKind, FaultSwitches};
pub use samples::seed_samples;
pub use sim_error::SimError;
pub use sparklayer::connector::ConnectorReport;
pub use sparklayer::options::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, SparkLayerOptions, StockLocation,
};
pub use sparklayer::stock::StockLevel;
pub use sparklayer::{SPARKLAYER_ASSUMPTIONS, SparkLayerSim, WriteCounts};
pub use whistl::despatch::TickReport;
pub use whistl::options::{
    DEMO_SERVICE_CODES, DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET, WhistlOptions,
};
pub use whistl::order::{AcceptedLine, AcceptedOrder, OrderStatus};
pub use whistl::stock::WarehouseStock;
pub use whistl::{WHISTL_ASSUMPTIONS, WarehouseCounts, WhistlSim};
