//! The carrier behind the warehouse: what its shipping and its tracking interface share.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::shipping::{Consignment, DEMO_CARRIER_ACCOUNT, ShippingBook};
use super::tracking::TrackingDesk;
use super::{Warehouse, tracking};

/// A consignment the carrier has, as checkers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct CarrierShipment {
    /// `ParcelhubShipmentId`, seventeen digits.
    pub id: u64,
    /// `Reference1`: the order reference.
    pub reference: String,
    /// The carrier's tracking number of its first package.
    pub tracking: String,
    /// Created as a draft.
    pub draft: bool,
    /// Deleted since.
    pub deleted: bool,
    /// On a manifest, and so not to be deleted any more.
    pub manifested: bool,
    /// When it was created, on the virtual clock, as RFC 3339.
    pub created: String,
}

pub(crate) struct Carrier {
    warehouse: Arc<Warehouse>,
    book: Mutex<ShippingBook>,
    desk: Mutex<TrackingDesk>,
    /// How many despatch records of the warehouse are taken over.
    adopted: Mutex<usize>,
}

impl fmt::Debug for Carrier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Carrier").finish_non_exhaustive()
    }
}

impl Carrier {
    pub(crate) fn new(warehouse: Arc<Warehouse>) -> Self {
        Self {
            warehouse,
            book: Mutex::default(),
            desk: Mutex::default(),
            adopted: Mutex::default(),
        }
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.warehouse.clock.now()
    }

    pub(crate) fn book<T>(&self, act: impl FnOnce(&mut ShippingBook) -> T) -> T {
        act(&mut self.book.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn desk<T>(&self, act: impl FnOnce(&mut TrackingDesk) -> T) -> T {
        act(&mut self.desk.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes over the parcels the warehouse has sent since the last look.
    pub(crate) fn adopt_despatches(&self) {
        let mut adopted = self.adopted.lock().unwrap_or_else(PoisonError::into_inner);
        let new = self.warehouse.with(|state| {
            state
                .despatches
                .get(*adopted..)
                .unwrap_or_default()
                .to_vec()
        });
        *adopted += new.len();
        let now = self.now();
        for despatch in &new {
            let text = |value: &Value, member: &str| {
                value
                    .get(member)
                    .and_then(Value::as_str)
                    .unwrap_or_default()
                    .to_owned()
            };
            let reference = text(despatch, "reference");
            let parcels = despatch.get("parcels").and_then(Value::as_array);
            for parcel in parcels.into_iter().flatten() {
                let number = text(parcel, "trackingNumber");
                self.book(|book| book.adopt(&reference, &number, DEMO_CARRIER_ACCOUNT, now));
            }
        }
    }

    pub(crate) fn shipments(&self) -> Vec<CarrierShipment> {
        self.adopt_despatches();
        let view = |one: &Consignment| CarrierShipment {
            id: one.id,
            reference: one.reference.clone(),
            tracking: one.tracking.clone(),
            draft: one.draft,
            deleted: one.deleted,
            manifested: one.manifested,
            created: crate::virtual_clock::wire_time(one.created),
        };
        self.book(|book| book.consignments.iter().map(view).collect())
    }

    /// One step of every parcel's event script.
    pub(crate) fn move_parcels(&self) -> usize {
        self.adopt_despatches();
        let now = self.now();
        let parcels = self.book(|book| tracking::trackable(book));
        self.desk(|desk| desk.advance(&parcels, now))
    }
}
