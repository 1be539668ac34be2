#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod address;
mod auth;
mod carts;
mod classifier;
mod client;
mod customers;
mod editor;
mod error_code;
mod json;
mod members;
mod money;
mod package;
mod path_template;
mod price_lists;
mod prices;
mod purchase;
mod purchases;
mod raw_json;
mod raw_request;
mod stock;
pub mod undocumented;
mod value;
mod wire_names;

pub use address::Address;
pub use carts::{
    Cart, CartCalculation, CartCompletion, CartCustomer, CartFinding, CartItem, CartLine,
    CartMoney, CartShippingMethod, CartTotals, CartUpdate, CartUpdated, Carts, CompleteCart,
    CompletionReport, DiscountedTotal, IgnoredValidation, MOST_CART_LINES, MoneyGroup,
};
pub use client::{Credentials, Environment, SparkLayer, SparkLayerBuilder};
pub use customers::{Customer, CustomerAddress, CustomerRole, Customers};
pub use editor::{EditOutcome, Edited, PurchaseEditor, same_tracking_number};
pub use error_code::SparkLayerErrorCode;
pub use money::Money;
pub use package::{
    CustomAttribute, LineIdentifiers, LineItem, LineTotal, NewShipment, Package,
    PackageIdentifiers, PackageType, Shipment, ShippingMethod,
};
pub use price_lists::{
    AdjustmentDirection, ListPriceLists, PriceList, PriceListPage, PriceListRule, PriceLists,
};
pub use prices::{ListPrice, PriceTier, PriceUpdate, Prices, SkuPrices, UploadFault};
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
pub use wire_names::{AmountShape, CartNames, CustomerNames, PriceNames, StockNames, WireNames};

/// What calls take and return: errors, options, and the means to inject transport and time.
pub use connector_http::{
    BuildError, CallOptions, Clock, Error, ErrorKind, HttpTransport, Idempotency, Jitter,
    Operation, Personal, Reply, RetryPolicy, SecretString, VendorError,
};
