//! All purchases with their four indexes.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use http::StatusCode;

use super::purchase::{LookupBy, Purchase, Reading, is_uuid};
use super::purchase_trail::PurchaseTrail;
use crate::problem::Problem;

/// A purchase and what the platform's connector knows of it.
#[derive(Debug, Clone)]
pub(crate) struct PurchaseRecord {
    pub(crate) purchase: Purchase,
    /// `packages` as the platform has them; only of seeded purchases.
    pub(crate) platform_packages: Option<String>,
    /// The draft was completed on the platform and waits for the connector.
    pub(crate) draft_completed: bool,
    /// How many more runs of the connector overwrite the packages.
    pub(crate) overwrites_left: u32,
    /// Its history and payments.
    pub(crate) trail: PurchaseTrail,
}

/// A stored purchase, and whether it is new.
#[derive(Debug)]
pub(crate) struct Stored<'a> {
    pub(crate) purchase: &'a Purchase,
    pub(crate) is_new: bool,
}

/// The store behind `/api/v1/purchases`.
#[derive(Debug, Default)]
pub(crate) struct PurchaseBook {
    records: Vec<PurchaseRecord>,
    indexes: HashMap<(&'static str, String), usize>,
}

impl PurchaseBook {
    pub(crate) fn records(&self) -> &[PurchaseRecord] {
        &self.records
    }

    pub(crate) fn records_mut(&mut self) -> &mut [PurchaseRecord] {
        &mut self.records
    }

    pub(crate) fn find(&self, lookup: LookupBy, identifier: &str) -> Option<&PurchaseRecord> {
        self.records.get(self.place(lookup, identifier)?)
    }

    pub(crate) fn find_mut(
        &mut self,
        lookup: LookupBy,
        identifier: &str,
    ) -> Option<&mut PurchaseRecord> {
        let place = self.place(lookup, identifier)?;
        self.records.get_mut(place)
    }

    /// Seeds a purchase from the platform's side, replacing an older one of the same id and what was written to it.
    pub(crate) fn seed(&mut self, text: &str, now: DateTime<Utc>) -> Result<(), Problem> {
        let purchase = Purchase::from_text(
            text,
            now,
            Reading {
                keep_updated_at: true,
                ..Reading::default()
            },
        )?;
        let Some(id) = purchase.identifier(LookupBy::SparkLayer) else {
            return Err(Problem::bad_request(
                "purchase_identifiers.sparklayer is needed",
            ));
        };
        let place = self.place(LookupBy::SparkLayer, id);
        self.refuse_taken_identifiers(&purchase, place)?;
        let platform_packages = Some(purchase.packages_text().to_owned());
        self.store(place, purchase, |record| {
            record.platform_packages = platform_packages
        });
        Ok(())
    }

    /// `PUT`: creates or replaces.
    pub(crate) fn put(
        &mut self,
        lookup: LookupBy,
        identifier: &str,
        text: &str,
        reading: Reading,
        now: DateTime<Utc>,
    ) -> Result<Stored<'_>, Problem> {
        check_identifier(lookup, identifier)?;
        let purchase = Purchase::from_text(text, now, reading)?;
        let place = self.place(lookup, identifier);
        let stated = purchase.identifier(LookupBy::SparkLayer);
        match place.and_then(|place| self.records.get(place)) {
            Some(stored) => {
                // Assumed: purchase-id-left-out.
                let kept = stored.purchase.identifier(LookupBy::SparkLayer);
                if kept.is_some() && kept != stated {
                    return Err(Problem::new(
                        StatusCode::FORBIDDEN,
                        "the SparkLayer id of a purchase cannot be changed",
                    ));
                }
            }
            // Assumed: purchase-address-differs, purchase-without-id.
            None if purchase.identifier(lookup) != Some(identifier) => {
                return Err(Problem::bad_request(format!(
                    "purchase_identifiers.{} differs from the address",
                    lookup.member()
                )));
            }
            None => {}
        }
        self.refuse_taken_identifiers(&purchase, place)?;
        let is_new = place.is_none();
        let place = self.store(place, purchase, |_| {});
        self.records
            .get(place)
            .map(|record| Stored {
                purchase: &record.purchase,
                is_new,
            })
            .ok_or_else(|| {
                Problem::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "the purchase was not stored",
                )
            })
    }

    fn place(&self, lookup: LookupBy, identifier: &str) -> Option<usize> {
        self.indexes
            .get(&(lookup.member(), identifier.to_owned()))
            .copied()
    }

    fn refuse_taken_identifiers(
        &self,
        purchase: &Purchase,
        place: Option<usize>,
    ) -> Result<(), Problem> {
        // Assumed: purchase-conflict.
        for lookup in LookupBy::ALL {
            let holder = purchase
                .identifier(lookup)
                .and_then(|id| self.place(lookup, id));
            if holder.is_some() && holder != place {
                return Err(Problem::new(
                    StatusCode::CONFLICT,
                    format!(
                        "purchase_identifiers.{} belongs to another purchase",
                        lookup.member()
                    ),
                ));
            }
        }
        Ok(())
    }

    fn store(
        &mut self,
        place: Option<usize>,
        purchase: Purchase,
        adjust: impl FnOnce(&mut PurchaseRecord),
    ) -> usize {
        let place = place.unwrap_or(self.records.len());
        if let Some(old) = self.records.get(place) {
            for lookup in LookupBy::ALL {
                if let Some(id) = old.purchase.identifier(lookup) {
                    self.indexes.remove(&(lookup.member(), id.to_owned()));
                }
            }
        }
        for lookup in LookupBy::ALL {
            if let Some(id) = purchase.identifier(lookup) {
                self.indexes.insert((lookup.member(), id.to_owned()), place);
            }
        }
        match self.records.get_mut(place) {
            Some(record) => {
                record.purchase = purchase;
                adjust(record);
            }
            None => {
                let mut record = PurchaseRecord {
                    purchase,
                    platform_packages: None,
                    draft_completed: false,
                    overwrites_left: 0,
                    trail: PurchaseTrail::default(),
                };
                adjust(&mut record);
                self.records.push(record);
            }
        }
        place
    }
}

/// `sparklayer` wants a UUID (documented); the status of anything else is assumed.
pub(crate) fn check_identifier(lookup: LookupBy, identifier: &str) -> Result<(), Problem> {
    // Assumed: purchase-lookup-uuid.
    if lookup == LookupBy::SparkLayer && !is_uuid(identifier) {
        return Err(Problem::bad_request("a SparkLayer id is a UUID"));
    }
    Ok(())
}
