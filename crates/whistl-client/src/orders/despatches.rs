//! Despatches: what has left the warehouse, and what will not.

use chrono::{DateTime, Utc};
use connector_http::{Error, Idempotency, Operation};

use super::client::{WarehouseOrders, check_limit};
use super::contract::Contract;
use super::lookup::add_place;
use super::members::{Members, UnknownMembers, Unreadable};
use super::page::{Cursor, Page, read_page};

const DESPATCHES: Operation =
    Operation::new("orders.despatches", Idempotency::ReadOnly, "/v1/despatches");

/// Parcels of one order that left together (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Despatch {
    /// The despatch's id.
    pub despatch_id: Option<String>,
    /// The client reference.
    pub reference: Option<String>,
    /// The warehouse's id of the order.
    pub order_id: Option<String>,
    /// When it left, by the warehouse's clock.
    pub despatched_at: Option<DateTime<Utc>>,
    /// The parcels.
    pub parcels: Vec<Parcel>,
    /// Quantities that are not in the parcels: given up, or to follow.
    pub shorts: Vec<ShortLine>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

/// One parcel (shape assumed).
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Parcel {
    /// The parcel's id.
    pub parcel_id: Option<String>,
    /// The carrier.
    pub carrier: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The tracking number.
    pub tracking_number: Option<String>,
    /// The tracking page.
    pub tracking_url: Option<String>,
    /// The contents.
    pub lines: Vec<ParcelLine>,
    /// The weight with packaging, in grams.
    pub weight_grams: Option<u64>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

/// A quantity in a parcel.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ParcelLine {
    /// The client's line id.
    pub line_id: Option<String>,
    /// The warehouse's SKU.
    pub sku: Option<String>,
    /// The quantity.
    pub quantity: Option<i64>,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

/// A quantity that is not in the parcels: given up, or to follow.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct ShortLine {
    /// The client's line id.
    pub line_id: Option<String>,
    /// The warehouse's SKU.
    pub sku: Option<String>,
    /// The quantity.
    pub quantity: Option<i64>,
    /// Why, in the warehouse's words.
    pub reason: Option<String>,
    /// Whether the units follow later. `false` where the warehouse says nothing: they are given up.
    pub back_ordered: bool,
    /// Members without a name in the contract.
    pub unknown: UnknownMembers,
}

impl Despatch {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.despatch;
        let line = &contract.parcel_line;
        Ok(Self {
            despatch_id: members.text(&names.despatch_id)?,
            reference: members.text(&names.reference)?,
            order_id: members.text(&names.order_id)?,
            despatched_at: members.instant(&names.despatched_at)?,
            parcels: members.each(&names.parcels, |members| Parcel::read(members, contract))?,
            shorts: members.each(&names.shorts, |mut members| {
                Ok(ShortLine {
                    line_id: members.text(&line.line_id)?,
                    sku: members.text(&line.sku)?,
                    quantity: members.integer(&line.quantity)?,
                    reason: members.text(&line.reason)?,
                    back_ordered: members.flag(&line.back_ordered)?.unwrap_or(false),
                    unknown: members.rest(),
                })
            })?,
            unknown: members.rest(),
        })
    }
}

impl Parcel {
    fn read(mut members: Members, contract: &Contract) -> Result<Self, Unreadable> {
        let names = &contract.parcel;
        let line = &contract.parcel_line;
        Ok(Self {
            parcel_id: members.text(&names.parcel_id)?,
            carrier: members.text(&names.carrier)?,
            service: members.text(&names.service)?,
            tracking_number: members.text(&names.tracking_number)?,
            tracking_url: members.text(&names.tracking_url)?,
            lines: members.each(&names.lines, |mut members| {
                Ok(ParcelLine {
                    line_id: members.text(&line.line_id)?,
                    sku: members.text(&line.sku)?,
                    quantity: members.integer(&line.quantity)?,
                    unknown: members.rest(),
                })
            })?,
            weight_grams: members.sequence(&names.weight)?,
            unknown: members.rest(),
        })
    }
}

impl WarehouseOrders {
    /// Reads despatches after a cursor, oldest first. Without a cursor from the beginning.
    ///
    /// A despatch that cannot be read does not hide its neighbours: it stands in [`Page::malformed`]. The same despatch may
    /// come more than once.
    ///
    /// # Errors
    ///
    /// - `Build`: the page size is not 1 to 500.
    /// - `Decode`: the answer is not what the contract says, or promises more without moving the cursor.
    /// - Otherwise as any read: `Auth`, `PermissionDenied`, `RateLimited`, `Server`, `Connect`, `Timeout`, `Interrupted`.
    ///
    /// # Cancel safety
    ///
    /// Safe: it changes nothing.
    pub async fn despatches(
        &self,
        since: Option<&Cursor>,
        limit: u16,
    ) -> Result<Page<Despatch>, Error> {
        let contract = &self.inner.contract;
        let operation = DESPATCHES.with_template(contract.paths.despatches.as_str());
        check_limit(&operation, limit)?;
        let mut url = self.url(&operation, &contract.paths.despatches)?;
        add_place(&mut url, contract, since, limit);
        let reply = self.read(&operation, &url).await?;
        let names = (
            contract.page.despatches.as_str(),
            contract.despatch.reference.as_str(),
        );
        read_page(&reply, contract, names, (since, limit), |members| {
            Despatch::read(members, contract)
        })
    }
}
