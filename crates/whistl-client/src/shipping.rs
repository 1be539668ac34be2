//! Consignments and labels over the carrier's shipping interface (WCMS / Parcelhub, XML over HTTP).
//!
//! **Seen in use** throughout, in several clients of the interface and in a recorded reply; what is assumed beyond that says so. Hosts and
//! the use of HTTP/1.1 are *documented*: over HTTP/2 the carrier answers 505, so this client speaks HTTP/1.1 only.
//!
//! Answers are read tolerantly: either namespace, any order of elements, `xsi:nil`, empty elements and CDATA; elements without a name here
//! are kept. Requests have one order of elements, that of the recorded reply.
//!
//! # No second label
//!
//! The carrier knows no idempotency key: a repeated create makes a second shipment (assumed). [`Shipping::create`] is therefore never
//! repeated unless it provably never left, and [`Shipping::create_unless_there`] looks for the reference before it creates and after an
//! answer was lost.
//!
//! # Nothing is cut
//!
//! The warehouse and the carrier cut what is too long. [`NewShipment::check`] says what would be cut, and a create refuses it before
//! anything is sent.
//!
//! # Example
//!
//! ```no_run
//! // no_run: it would need a carrier to talk to.
//! use whistl_client::shipping::{LabelRequest, NewPackage, NewShipment, ServiceIds, Shipping, ShippingAddress};
//!
//! # async fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let carrier = Shipping::builder("http://127.0.0.1:8082/1.0/", "L000001", "user", "password", "example-shop/1.0").build()?;
//! let to = ShippingAddress::new("Goods In", "8 Sample Street", "Exampleton", "ZZ9 9ZZ", "GB").with_phone("447700900123");
//! let package = NewPackage::new([10, 20, 10], "0.9".parse()?);
//! let mut shipment = NewShipment::new("SO10001", "Goods", to, [package]);
//! if let Some(service) = carrier.services_for(&shipment).await?.suitable.first() {
//!     shipment = shipment.with_service(service.ids);
//! }
//! let made = carrier.create_unless_there(&shipment, LabelRequest::default()).await?;
//! for label in made.shipment().labels() {
//!     std::fs::write(format!("label.{}", label.format.extension()), label.bytes())?;
//! }
//! # Ok(())
//! # }
//! ```

mod address;
mod client;
mod create;
mod customs;
mod delete;
mod label;
mod limits;
mod list;
mod new_shipment;
mod package;
mod service;
mod shipment;
mod token;

pub use address::{AddressType, ShippingAddress};
pub use client::{LIVE_URL, Shipping, ShippingBuilder, TEST_URL};
pub use create::Made;
pub use customs::{NewCustomsDeclaration, TermsOfTrade};
pub use label::{Label, LabelFormat, LabelRequest, LabelSize};
pub use limits::ShipmentFault;
pub use new_shipment::{Collection, NewShipment};
pub use package::{ItemDeclaration, NewPackage, PackageType};
pub use service::{Service, ServiceIds, ServiceOffer, UnsuitableProvider};
pub use shipment::{Shipment, ShipmentId, ShippedPackage, UnknownElements};
