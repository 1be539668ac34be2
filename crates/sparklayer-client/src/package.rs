//! Packages of a purchase: lines, shipping method, shipments.

use chrono::{DateTime, Utc};
use connector_http::Personal;
use rust_decimal::Decimal;
use serde_json::value::to_raw_value;

use crate::address::Address;
use crate::members::{Member, wire_object};
use crate::money::Money;
use crate::value::vocabulary;
use crate::wire_names::WireNames;

vocabulary! {
    /// The state of a package. Only `incoming` is documented (its spelling restored); the others are assumed from the
    /// legacy list of order states.
    pub enum PackageType {
        /// Expected.
        Incoming = "incoming",
        /// Being worked on.
        Processing = "processing",
        /// Shipped.
        Shipped = "shipped",
        /// Came back.
        Returned = "returned",
        /// Will not come.
        Cancelled = "cancelled",
        /// Waits.
        OnHold = "on_hold",
    }
}

wire_object! {
    /// The names under which a package is known. Documented.
    pub struct PackageIdentifiers {
        /// SparkLayer's id of the package.
        sparklayer_package_id: Option<String> = "sparklayer_package_id",
    }
}

wire_object! {
    /// How a package travels. There is no service code: the name is free text.
    pub struct ShippingMethod {
        /// The name that the buyer saw.
        name: Option<String> = "name",
        /// The price.
        line_total: Option<LineTotal> = "line_total",
    }
}

wire_object! {
    /// What a line or a shipping method costs. Documented: the two net amounts; the tax rate is seen in use.
    pub struct LineTotal {
        /// Net after discount (assumed).
        total_net: Option<Money> = "total_net",
        /// The discount.
        discount_net: Option<Money> = "discount_net",
        /// The tax rate.
        tax_rate: Option<Decimal> = "tax_rate",
    }
}

wire_object! {
    /// The names under which a line is known. The SKU is seen in use in the vendor's templates.
    pub struct LineIdentifiers {
        /// The SKU.
        sku: Option<String> = "sku",
    }
}

wire_object! {
    /// A note on a line, such as an engraving.
    pub struct CustomAttribute {
        /// The name.
        key: Option<String> = "key",
        /// The value; free text of a buyer.
        value: Option<Personal<String>> = "value",
    }
}

wire_object! {
    /// A line of a package.
    pub struct LineItem {
        /// The names under which it is known.
        identifiers: LineIdentifiers = "identifiers",
        /// The product.
        name_parent: Option<String> = "name_parent",
        /// The variant.
        name_child: Option<String> = "name_child",
        /// How many units. An integer by the documentation, read as a decimal so that nothing is rounded in silence.
        quantity: Option<Decimal> = "quantity",
        /// The barcode, seen in use.
        barcode: Option<String> = "barcode",
        /// Notes on the line.
        custom_attributes: Vec<CustomAttribute> = "custom_attributes",
        /// The price of the line.
        line_total: Option<LineTotal> = "line_total",
    }
}

wire_object! {
    /// A parcel that was sent. Documented: the two carrier members. The names of all others are assumed and come from
    /// [`WireNames`].
    pub struct Shipment {
        /// The carrier's name.
        carrier: Option<String> = "carrier",
        /// The carrier's code.
        carrier_id: Option<String> = "carrier_id",
    }
}

wire_object! {
    /// A package of a purchase.
    pub struct Package {
        /// The names under which it is known.
        identifiers: PackageIdentifiers = "identifiers",
        /// Its state.
        package_type: Option<PackageType> = "type",
        /// How it travels.
        shipping_method: Option<ShippingMethod> = "shipping_method",
        /// Where it goes.
        shipping_address: Option<Address> = "shipping_address",
        /// What is in it.
        line_items: Vec<LineItem> = "line_items",
        /// The parcels that were sent.
        shipments: Vec<Shipment> = "shipments",
    }
}

impl Shipment {
    fn read<T: Member>(&self, name: &str) -> T {
        self.members.get(name).and_then(T::read).unwrap_or_default()
    }

    /// The tracking number.
    #[must_use]
    pub fn tracking_number(&self, names: &WireNames) -> Option<String> {
        self.read(&names.tracking_number)
    }

    /// The address of the tracking page. Some carriers put a postcode into it.
    #[must_use]
    pub fn tracking_url(&self, names: &WireNames) -> Option<Personal<String>> {
        self.read(&names.tracking_url)
    }

    /// When it left.
    #[must_use]
    pub fn shipped_at(&self, names: &WireNames) -> Option<DateTime<Utc>> {
        self.read(&names.shipped_at)
    }
}

/// A parcel to be added to a purchase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewShipment {
    carrier: String,
    carrier_id: Option<String>,
    tracking_number: String,
    tracking_url: Option<Personal<String>>,
    shipped_at: Option<DateTime<Utc>>,
    package_id: Option<String>,
}

impl NewShipment {
    /// A parcel with its carrier and tracking number.
    #[must_use]
    pub fn new(carrier: impl Into<String>, tracking_number: impl Into<String>) -> Self {
        Self {
            carrier: carrier.into(),
            carrier_id: None,
            tracking_number: tracking_number.into(),
            tracking_url: None,
            shipped_at: None,
            package_id: None,
        }
    }

    /// The carrier's code.
    #[must_use]
    pub fn with_carrier_id(mut self, id: impl Into<String>) -> Self {
        self.carrier_id = Some(id.into());
        self
    }

    /// The tracking page.
    #[must_use]
    pub fn with_tracking_url(mut self, url: impl Into<String>) -> Self {
        self.tracking_url = Some(Personal::new(url.into()));
        self
    }

    /// When it left.
    #[must_use]
    pub const fn with_shipped_at(mut self, moment: DateTime<Utc>) -> Self {
        self.shipped_at = Some(moment);
        self
    }

    /// The package it belongs to, by SparkLayer's id. Without it, the first package that is neither cancelled nor
    /// returned is taken.
    #[must_use]
    pub fn with_package_id(mut self, id: impl Into<String>) -> Self {
        self.package_id = Some(id.into());
        self
    }

    /// The tracking number.
    #[must_use]
    pub fn tracking_number(&self) -> &str {
        &self.tracking_number
    }

    pub(crate) fn package_id(&self) -> Option<&str> {
        self.package_id.as_deref()
    }

    pub(crate) fn to_shipment(&self, names: &WireNames) -> Result<Shipment, serde_json::Error> {
        let mut shipment = Shipment {
            carrier: Some(self.carrier.clone()),
            carrier_id: self.carrier_id.clone(),
            ..Shipment::default()
        };
        shipment
            .members
            .set(&names.tracking_number, to_raw_value(&self.tracking_number)?);
        if let Some(url) = &self.tracking_url {
            shipment
                .members
                .set(&names.tracking_url, to_raw_value(url)?);
        }
        if let Some(raw) = self.shipped_at.write()? {
            shipment.members.set(&names.shipped_at, raw);
        }
        Ok(shipment)
    }
}
