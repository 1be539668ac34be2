//! A SparkLayer shop behind the order, despatch and stock ports.

use std::collections::HashMap;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{Parcel, SourceOrderId, SourceSku};
use serde::{Deserialize, Serialize};
use sparklayer_client::{
    LocationRef, LookupBy, NewShipment, SparkLayer, StockFilter, StockLevelUpdate,
    same_tracking_number,
};

use super::{client_error, sparklayer_order};
use crate::{
    ChangeWindow, DespatchSink, FailureClass, OrderSource, PortError, PublishOutcome, RelayOutcome,
    ShopLevel, SourceCopy, SourcePage, SourceRow, StockSink,
};

/// How a shop uses the members that SparkLayer leaves open, as a section of a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct ShopOptions {
    /// External id of the stock location that the levels belong to. Default `default`, the one that the vendor reads without a
    /// filter (documented).
    pub stock_location: String,
    /// Name of the metadata entry with the order's tags, separated by commas. Default `tags` (assumed).
    pub tags_metadata: String,
    /// Name of the metadata entry with the customer's group. Default `customer_group` (assumed).
    pub customer_group_metadata: String,
    /// Names of the metadata entries that release rules look at. Others are not read: they may hold anything, personal data
    /// included. Default `credit_status`.
    pub release_metadata: Vec<String>,
    /// Member of a line's identifiers that holds the line's id (not public). Default `line_item_id`; a line without it is known by
    /// its position in the record.
    pub line_id_member: String,
    /// Member of a line that names the unit in which it is ordered, for pack sizes by unit (not public; prices name theirs
    /// `unit_of_measure`, seen in use). Not read by default.
    pub unit_member: Option<String>,
}

impl Default for ShopOptions {
    fn default() -> Self {
        Self {
            stock_location: "default".to_owned(),
            tags_metadata: "tags".to_owned(),
            customer_group_metadata: "customer_group".to_owned(),
            release_metadata: vec!["credit_status".to_owned()],
            line_id_member: "line_item_id".to_owned(),
            unit_member: None,
        }
    }
}

/// Orders, parcels and stock levels of a SparkLayer shop.
///
/// Parcels are written into SparkLayer's own record. On a native ecommerce platform that does not fulfil the platform's order, and
/// the platform's connector may overwrite it: then the engine finds its parcels gone and says so.
#[derive(Debug, Clone)]
pub struct SparkLayerShop {
    client: SparkLayer,
    options: ShopOptions,
}

/// Rows asked for at once: the vendor's limit (documented).
const PAGE: u32 = 500;

impl SparkLayerShop {
    /// Puts a client behind the ports.
    #[must_use]
    pub const fn new(client: SparkLayer, options: ShopOptions) -> Self {
        Self { client, options }
    }
}

/// Rows that a page repeats of the one before.
///
/// The vendor pages by offset. An order that changes meanwhile leaves the window, and everything behind it moves up: without a
/// repeat, as many rows as left would slip through between two pages.
const OVERLAP: usize = 50;

/// Where the next page begins, and the rows it has to repeat.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Place {
    offset: u64,
    repeats: Vec<String>,
}

impl Place {
    fn after(rows: &[SourceRow], next_offset: u64) -> Self {
        let overlap = OVERLAP.min(rows.len() / 2);
        Self {
            offset: next_offset.saturating_sub(overlap as u64),
            repeats: rows
                .iter()
                .skip(rows.len() - overlap)
                .map(|row| row.id.to_string())
                .collect(),
        }
    }

    /// A page that repeats nothing of the one before may have lost rows between the two; one that repeats all of it never ends.
    fn check(&self, rows: &[SourceRow]) -> Result<(), PortError> {
        let last = rows.last().map(|row| row.id.as_str());
        if rows.len() > self.repeats.len() && last == self.repeats.last().map(String::as_str) {
            return Err(PortError::new(
                FailureClass::Unavailable,
                "the shop's listing repeats a page; the window is read again in the next run",
            ));
        }
        let repeated = |row: &SourceRow| self.repeats.iter().any(|id| id == row.id.as_str());
        if self.repeats.is_empty() || rows.iter().any(repeated) {
            return Ok(());
        }
        Err(PortError::new(
            FailureClass::Unavailable,
            "many orders of the shop changed while they were listed; the window is read again in the next run",
        ))
    }
}

#[async_trait]
impl OrderSource for SparkLayerShop {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        let page = self
            .client
            .purchases()
            .list()
            .with_limit(1)
            .send()
            .await
            .map_err(client_error::of_read)?;
        page.server_time.ok_or_else(|| {
            PortError::new(
                FailureClass::Unavailable,
                "the shop's answer has no readable Date header",
            )
        })
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let place: Place = page
            .map_or_else(|| Ok(Place::default()), serde_json::from_str)
            .map_err(|_| {
                PortError::new(
                    FailureClass::Unavailable,
                    "a page token of the shop's listing cannot be read",
                )
            })?;
        let listing = self
            .client
            .purchases()
            .list()
            .with_updated_window(window.from, window.until)
            .with_limit(PAGE)
            .with_offset(place.offset)
            .send()
            .await
            .map_err(client_error::of_read)?;
        let rows = listing
            .purchases
            .into_iter()
            .map(|purchase| {
                let id = purchase.identifiers.sparklayer.ok_or_else(|| {
                    PortError::new(
                        FailureClass::Unavailable,
                        "a row of the shop's listing has no SparkLayer id, so it cannot be fetched",
                    )
                })?;
                let version = purchase
                    .dates
                    .updated_at
                    .map(|updated| updated.to_rfc3339());
                Ok(SourceRow::new(SourceOrderId::new(id), version))
            })
            .collect::<Result<Vec<_>, PortError>>()?;
        place.check(&rows)?;
        let next = listing
            .next_offset
            .map(|next| serde_json::to_string(&Place::after(&rows, next)))
            .transpose()
            .map_err(|error| {
                PortError::new(FailureClass::Unavailable, "a page token cannot be written")
                    .with_source(error)
            })?;
        Ok(SourcePage::new(rows, next))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        match self
            .client
            .purchases()
            .get(LookupBy::Sparklayer, id.as_str())
            .await
        {
            Ok(purchase) => sparklayer_order::source_copy(&purchase, &self.options).map(Some),
            Err(error) if error.is_not_found() => Ok(None),
            Err(error) => Err(client_error::of_read(error)),
        }
    }
}

/// The parcels that have something to show, by tracking number.
fn shipments(parcels: &[Parcel]) -> Vec<NewShipment> {
    parcels
        .iter()
        .filter_map(|parcel| {
            let tracking = parcel.tracking.as_ref()?;
            let carrier = parcel.carrier.as_deref().unwrap_or("carrier not named");
            let mut shipment = NewShipment::new(carrier, tracking.as_str());
            if let Some(url) = &parcel.tracking_url {
                shipment = shipment.with_tracking_url(url);
            }
            Some(shipment)
        })
        .collect()
}

/// Ids of the parcels whose tracking number is among those seen; a parcel without one has nothing to show.
fn visible(parcels: &[Parcel], shown: impl Fn(&str) -> bool) -> Vec<String> {
    parcels
        .iter()
        .filter(|parcel| {
            parcel
                .tracking
                .as_ref()
                .is_none_or(|tracking| shown(tracking.as_str()))
        })
        .map(|parcel| parcel.id.clone())
        .collect()
}

#[async_trait]
impl DespatchSink for SparkLayerShop {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        let shipments = shipments(parcels);
        if shipments.is_empty() {
            return Ok(RelayOutcome {
                visible: visible(parcels, |_| true),
                ..RelayOutcome::default()
            });
        }
        let outcome = self
            .client
            .purchase_editor()
            .add_shipments(LookupBy::Sparklayer, order.as_str(), &shipments)
            .await
            .map_err(client_error::of_idempotent_write)?;
        Ok(RelayOutcome {
            written: outcome.written,
            visible: visible(parcels, |tracking| outcome.shows(tracking)),
            lost: outcome.lost,
            ..RelayOutcome::default()
        })
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        let shown = self
            .client
            .purchase_editor()
            .visible_tracking_numbers(LookupBy::Sparklayer, order.as_str())
            .await
            .map_err(client_error::of_read)?;
        Ok(visible(parcels, |tracking| {
            shown
                .iter()
                .any(|seen| same_tracking_number(seen, tracking))
        }))
    }
}

#[async_trait]
impl StockSink for SparkLayerShop {
    fn location(&self) -> &str {
        &self.options.stock_location
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let mut outcome = PublishOutcome::default();
        let mut updates = Vec::with_capacity(levels.len());
        for level in levels {
            // The vendor takes 32 bits (older documentation); a larger figure is refused here rather than cut.
            match i32::try_from(level.level) {
                Ok(number) => {
                    let location = LocationRef::ExternalId(self.options.stock_location.clone());
                    updates.push(StockLevelUpdate::new(level.sku.as_str(), location, number));
                }
                Err(_) => outcome.refused.push((
                    level.sku.clone(),
                    format!("a level of {} does not fit the shop's 32 bits", level.level),
                )),
            }
        }
        // A batch that is refused for one of its rows is halved until that row stands alone: its neighbours are written.
        let mut open = vec![updates];
        while let Some(updates) = open.pop() {
            let skus: Vec<SourceSku> = updates
                .iter()
                .map(|update| SourceSku::new(update.sku()))
                .collect();
            let report = match self.client.stock().batch_update(updates.clone()).await {
                Ok(report) => report,
                Err(error) => {
                    // Not sent at all.
                    let message = error.to_string();
                    outcome.failed.extend(skus.into_iter().map(|sku| {
                        (
                            sku,
                            PortError::new(FailureClass::Unavailable, message.as_str()),
                        )
                    }));
                    continue;
                }
            };
            for batch in report.batches {
                let rows = updates.get(batch.range.clone()).unwrap_or_default();
                let skus = skus.get(batch.range).unwrap_or_default().iter().cloned();
                let Err(error) = batch.result else {
                    outcome.taken.extend(skus);
                    continue;
                };
                let failure = client_error::of_idempotent_write(error);
                let (class, message) = (failure.class(), failure.to_string());
                if class != FailureClass::Rejected {
                    outcome
                        .failed
                        .extend(skus.map(|sku| (sku, PortError::new(class, message.as_str()))));
                } else if rows.len() > 1 {
                    let (left, right) = rows.split_at(rows.len() / 2);
                    open.extend([left.to_vec(), right.to_vec()]);
                } else {
                    outcome
                        .refused
                        .extend(skus.map(|sku| (sku, message.clone())));
                }
            }
        }
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        const AT_ONCE: usize = 500;
        let location = &self.options.stock_location;
        let stock = self.client.stock();
        let (filter, id) = if location == "default" {
            (StockFilter::DefaultLocation, None)
        } else {
            let locations = stock.locations().await.map_err(client_error::of_read)?;
            let id = locations
                .into_iter()
                .find(|known| known.external_id.as_deref() == Some(location))
                .and_then(|known| known.id)
                .ok_or_else(|| {
                    PortError::new(
                        FailureClass::Rejected,
                        format!("the shop has no stock location with the external id {location}"),
                    )
                })?;
            (StockFilter::Locations(vec![id.clone()]), Some(id))
        };
        let mut levels = Vec::with_capacity(skus.len());
        for chunk in skus.chunks(AT_ONCE) {
            let names: Vec<String> = chunk.iter().map(|sku| sku.as_str().to_owned()).collect();
            let found = stock
                .batch_fetch(&names, &filter)
                .await
                .map_err(client_error::of_read)?;
            let mut by_sku: HashMap<String, i64> = HashMap::new();
            for one in found {
                let Some(sku) = one.sku else { continue };
                let level = one
                    .stock_levels
                    .iter()
                    .find(|level| id.is_none() || level.stock_location_id == id)
                    .and_then(|level| level.stock_level);
                if let Some(level) = level {
                    by_sku.insert(sku, level);
                }
            }
            levels.extend(chunk.iter().filter_map(|sku| {
                by_sku
                    .get(sku.as_str())
                    .map(|level| ShopLevel::new(sku.clone(), *level))
            }));
        }
        Ok(levels)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

    use super::*;

    fn rows(ids: std::ops::Range<u32>) -> Vec<SourceRow> {
        ids.map(|id| SourceRow::new(SourceOrderId::new(id.to_string()), None))
            .collect()
    }

    #[test]
    fn orders_that_leave_the_window_between_two_pages_take_none_with_them() {
        let place = Place::after(&rows(0..500), 500);
        assert_eq!(place.offset, 450);
        // Ten of the first page left: the row at offset 450 is the old 460th, and none is missing.
        place.check(&rows(460..960)).unwrap();
        // Sixty left: rows 500 to 509 would have slipped through.
        assert!(place.check(&rows(510..1010)).is_err());
        Place::default().check(&[]).unwrap();
        // Nothing but the repeats is the end; the same page again is a listing without one.
        place.check(&rows(450..500)).unwrap();
        assert!(place.check(&rows(0..500)).is_err());
    }
}
