//! What left the warehouse.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::text_id::text_id;
use crate::{ClientOrderRef, LineId};

text_id! {
    /// A parcel's identity at its carrier.
    TrackingNumber
}

/// Units of one order line, in a parcel or short.
///
/// Warehouses name the line where their interface has room for it, and only the article where it has not (despatch files); then
/// the units are given to the order's lines of that article, in order.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineQuantity {
    /// The line of the sales order, where the warehouse names it.
    pub line_id: Option<LineId>,
    /// The article, by the warehouse's code, where the warehouse names it.
    pub sku: Option<String>,
    /// Units.
    pub quantity: u32,
}

impl LineQuantity {
    /// Units of a line.
    pub fn of_line(line_id: impl Into<LineId>, quantity: u32) -> Self {
        Self {
            line_id: Some(line_id.into()),
            sku: None,
            quantity,
        }
    }

    /// Units of an article, by the warehouse's code.
    pub fn of_sku(sku: impl Into<String>, quantity: u32) -> Self {
        Self {
            line_id: None,
            sku: Some(sku.into()),
            quantity,
        }
    }

    /// What it is, for people.
    #[must_use]
    pub fn label(&self) -> &str {
        self.line_id
            .as_ref()
            .map(LineId::as_str)
            .or(self.sku.as_deref())
            .unwrap_or("?")
    }
}

/// One box with its own barcode.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Parcel {
    /// Identity of the parcel at the warehouse; the key of its despatch.
    pub id: String,
    /// Carrier, as the warehouse names it.
    pub carrier: Option<String>,
    /// Carrier service, as the warehouse names it.
    pub service: Option<String>,
    /// Tracking number.
    pub tracking: Option<TrackingNumber>,
    /// Where the buyer can follow it.
    pub tracking_url: Option<String>,
    /// What is in it.
    pub contents: Vec<LineQuantity>,
    /// In a parcel for the shop: what lies in it and makes up no whole ordered unit yet, a kit of which a component is missing or
    /// a broken pack, in the warehouse's articles and units beside the shop's line. Empty in what the warehouse sends; see
    /// [`crate::Folding`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub partial: Vec<LineQuantity>,
}

impl Parcel {
    /// A parcel with nothing but its identity; every member is public and can be set.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            carrier: None,
            service: None,
            tracking: None,
            tracking_url: None,
            contents: Vec::new(),
            partial: Vec::new(),
        }
    }
}

/// Goods of one order that left together, perhaps in several parcels; and what was short.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Consignment {
    /// Identity of the despatch at the warehouse.
    pub id: String,
    /// The order's client reference.
    pub reference: ClientOrderRef,
    /// When it left.
    pub despatched_at: Option<DateTime<Utc>>,
    /// The parcels.
    pub parcels: Vec<Parcel>,
    /// Units the warehouse will not send (short pick).
    pub shorts: Vec<LineQuantity>,
}

impl Consignment {
    /// An empty consignment of an order.
    pub fn new(id: impl Into<String>, reference: ClientOrderRef) -> Self {
        Self {
            id: id.into(),
            reference,
            despatched_at: None,
            parcels: Vec::new(),
            shorts: Vec::new(),
        }
    }
}
