#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod auth;
mod classifier;
mod client;
mod editor;
mod error_code;
mod members;
mod money;
mod package;
mod purchase;
mod purchases;
mod raw_json;
mod raw_request;
mod stock;
mod value;
mod wire_names;

pub use address::Address;
pub use client::{Credentials, Environment, SparkLayer, SparkLayerBuilder};
pub use editor::{EditOutcome, Edited, PurchaseEditor, same_tracking_number};
pub use error_code::SparkLayerErrorCode;
pub use money::Money;
pub use package::{
    CustomAttribute, LineIdentifiers, LineItem, LineTotal, NewShipment, Package,
    PackageIdentifiers, PackageType, Shipment, ShippingMethod,
};
pub use purchase::{
    CustomerIdentifiers, NamedValue, PaymentMethod, Purchase, PurchaseDates, PurchaseIdentifiers,
    PurchaseType,
};
pub use purchases::{
    HistoryEntry, HistoryEventType, ListPurchases, LookupBy, NewHistoryEntry, PageToken,
    PurchasePage, Purchases, Transaction, TransactionTotal,
};
pub use raw_json::RawJson;
pub use raw_request::RawRequest;
pub use stock::{
    BatchResult, LocationRef, SkuStock, Stock, StockFilter, StockLevel, StockLevelUpdate,
    StockLocation, StockReport,
};
pub use wire_names::{AmountShape, WireNames};

/// What calls take and return: errors, options, and the means to inject transport and time.
pub use connector_http::{
    BuildError, CallOptions, Clock, Error, ErrorKind, HttpTransport, Idempotency, Jitter,
    Operation, Personal, Reply, RetryPolicy, SecretString, VendorError,
};
