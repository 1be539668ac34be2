//! The vendor clients behind the ports. Vendor's wire types end here.

#[cfg(any(feature = "sparklayer", feature = "whistl"))]
mod client_error;
#[cfg(feature = "sparklayer")]
mod sparklayer_order;
#[cfg(feature = "sparklayer")]
mod sparklayer_shop;
#[cfg(feature = "whistl")]
mod whistl_files;
#[cfg(feature = "whistl")]
mod whistl_http;
#[cfg(feature = "whistl")]
mod whistl_tracking;

#[cfg(feature = "sparklayer")]
pub use sparklayer_shop::{ShopOptions, SparkLayerShop};
#[cfg(feature = "whistl")]
pub use whistl_files::{CarrierService, FilesOptions, WhistlFiles};
#[cfg(feature = "whistl")]
pub use whistl_http::WhistlHttp;
#[cfg(feature = "whistl")]
pub use whistl_tracking::WhistlTracking;
