#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod control;
pub mod fault_proxy;
mod fault_wire;
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
mod xml_tree;

pub use fault_proxy::{FaultProxy, Toxic};
pub use fault_wire::{FAULT_NAMES, FaultName};
pub use faults::{Fault, FaultKind, FaultSwitches};
pub use samples::seed_samples;
pub use server::Reach;
pub use sim_error::SimError;
pub use sparklayer::article::{ShippingRate, ShopArticle};
pub use sparklayer::assumptions::{Assumption, SPARKLAYER_ASSUMPTIONS, Support};
pub use sparklayer::connector::ConnectorReport;
pub use sparklayer::operations::{PathEvidence, SparkLayerOperation};
pub use sparklayer::options::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, SparkLayerOptions, StockLocation,
};
pub use sparklayer::stock::StockLevel;
pub use sparklayer::switches::{
    AboveMaxLimit, CompletedType, ConnectorReach, CustomerIds, ErrorBody, ListOrder,
    OmittedMembers, SparkLayerSwitches,
};
pub use sparklayer::{SparkLayerSim, WriteCounts};
pub use whistl::carrier::CarrierShipment;
pub use whistl::charges::ChargeRates;
pub use whistl::despatch::TickReport;
pub use whistl::feed_faults::FeedFault;
pub use whistl::options::{
    DEMO_SERVICE_CODES, DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET, WhistlOptions,
};
pub use whistl::order::{AcceptedLine, AcceptedOrder, FieldCut, OrderStatus};
pub use whistl::order_files::{Export, FileFault, FileReport, OrderFiles, OrderFilesOptions};
pub use whistl::returns::{ReturnCondition, ReturnedLine};
pub use whistl::shipping::{
    DEMO_CARRIER_ACCOUNT, DEMO_CARRIER_PASSWORD, DEMO_CARRIER_USER, DEMO_PREFERENCE_LIST,
    SHIPPING_PATH,
};
pub use whistl::stock::WarehouseStock;
pub use whistl::tracking::{DEMO_TRACKING_CODE, TRACKING_PATH, TrackingSwitches};
pub use whistl::{WHISTL_ASSUMPTIONS, WarehouseCounts, WhistlSim};
