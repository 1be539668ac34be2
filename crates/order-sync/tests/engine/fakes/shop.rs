//! A shop in memory that does as it is told.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{Parcel, SalesOrder, SourceOrderId, SourceSku};
use order_sync::*;

use super::start_of_time;

#[derive(Debug, Default)]
pub(crate) struct Counter {
    pub(crate) orders: BTreeMap<String, (SalesOrder, u32)>,
    pub(crate) unreadable: Vec<String>,
    /// Tracking numbers by order.
    pub(crate) shown: BTreeMap<String, Vec<String>>,
    /// The parcels of each order as the shop was told them last.
    pub(crate) told: BTreeMap<String, Vec<Parcel>>,
    /// Writes of parcels that do not stick.
    pub(crate) forgetful: bool,
    pub(crate) writes: usize,
    pub(crate) levels: BTreeMap<String, i64>,
    pub(crate) level_writes: usize,
    /// An article whose level the shop refuses.
    pub(crate) refuses: Option<String>,
    /// An article whose level others keep changing.
    pub(crate) contended: Option<String>,
    pub(crate) same_page_for_ever: bool,
    /// The listing has one order to a page.
    pub(crate) page_by_page: bool,
    /// The first order of the listing leaves it after the first page, once: the others move up by one.
    pub(crate) shifts: bool,
    /// Orders that fail to be fetched.
    pub(crate) unfetchable: Vec<String>,
    /// Orders that changed at a moment; others are in every window.
    pub(crate) changed_at: BTreeMap<String, DateTime<Utc>>,
    pub(crate) shop_time: Duration,
    /// Fresh reads for the proof fail.
    pub(crate) unreachable: bool,
    /// What an order was called before, by its id.
    pub(crate) continues: BTreeMap<String, String>,
    /// Listings so far.
    pub(crate) listings: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Shop(pub(crate) Mutex<Counter>);

impl Shop {
    pub(crate) fn put(&self, order: SalesOrder) {
        let mut counter = self.0.lock().unwrap();
        let version = counter
            .orders
            .get(order.id.as_str())
            .map_or(1, |(_, version)| version + 1);
        counter
            .orders
            .insert(order.id.to_string(), (order, version));
    }
}

#[async_trait]
impl OrderSource for Shop {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(start_of_time() + self.0.lock().unwrap().shop_time)
    }

    async fn changed(
        &self,
        window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let mut counter = self.0.lock().unwrap();
        counter.listings += 1;
        let inside = |id: &String| {
            counter
                .changed_at
                .get(id)
                .is_none_or(|at| window.from <= *at && *at <= window.until)
        };
        let rows: Vec<SourceRow> = counter
            .orders
            .iter()
            .filter(|(id, _)| inside(id))
            .map(|(id, (_, version))| {
                SourceRow::new(SourceOrderId::new(id), Some(version.to_string()))
            })
            .collect();
        if counter.page_by_page {
            let mut rows = rows;
            let at: usize = page.map_or(0, |page| page.parse().unwrap());
            if at > 0 && counter.shifts {
                rows.remove(0);
                counter.shifts = at + 1 < rows.len();
            }
            let next = (at + 1 < rows.len()).then(|| (at + 1).to_string());
            return Ok(SourcePage::new(
                rows.get(at..=at).unwrap_or(&[]).to_vec(),
                next,
            ));
        }
        Ok(SourcePage::new(
            rows,
            counter.same_page_for_ever.then(|| "again".to_owned()),
        ))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let counter = self.0.lock().unwrap();
        if counter.unfetchable.iter().any(|bad| bad == id.as_str()) {
            return Err(PortError::new(FailureClass::Unavailable, "status 500"));
        }
        if counter.unreadable.iter().any(|bad| bad == id.as_str()) {
            return Err(PortError::new(
                FailureClass::Unreadable,
                "/packages/0/line_items cannot be read",
            ));
        }
        let before = counter.continues.get(id.as_str());
        Ok(counter.orders.get(id.as_str()).map(|(order, version)| {
            let copy = SourceCopy::new(order.clone(), Some(version.to_string()));
            match before {
                Some(before) => copy.continuing(SourceOrderId::new(before)),
                None => copy,
            }
        }))
    }
}

#[async_trait]
impl DespatchSink for Shop {
    async fn relay(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        {
            let mut counter = self.0.lock().unwrap();
            counter.writes += 1;
            counter.told.insert(order.to_string(), parcels.to_vec());
            if !counter.forgetful {
                let shown = counter.shown.entry(order.to_string()).or_default();
                *shown = parcels
                    .iter()
                    .filter(|parcel| parcel.tracking.is_some())
                    .map(|parcel| parcel.id.clone())
                    .collect();
            }
        }
        let mut outcome = RelayOutcome::default();
        outcome.written = true;
        outcome.visible = self.visible(order, parcels).await?;
        Ok(outcome)
    }

    async fn visible(
        &self,
        order: &SourceOrderId,
        parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        let counter = self.0.lock().unwrap();
        if counter.unreachable {
            return Err(PortError::new(FailureClass::Unavailable, "no answer"));
        }
        let mut visible = counter
            .shown
            .get(order.as_str())
            .cloned()
            .unwrap_or_default();
        let untraced = parcels.iter().filter(|parcel| parcel.tracking.is_none());
        visible.extend(untraced.map(|parcel| parcel.id.clone()));
        Ok(visible)
    }
}

#[async_trait]
impl StockSink for Shop {
    fn location(&self) -> &str {
        "default"
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let mut counter = self.0.lock().unwrap();
        let mut outcome = PublishOutcome::default();
        for level in levels {
            if counter.refuses.as_deref() == Some(level.sku.as_str()) {
                outcome
                    .refused
                    .push((level.sku.clone(), "unknown article".to_owned()));
                continue;
            }
            if counter.contended.as_deref() == Some(level.sku.as_str()) {
                let error = PortError::new(FailureClass::Contended, "changed under our hands");
                outcome.failed.push((level.sku.clone(), error));
                continue;
            }
            counter.level_writes += 1;
            counter.levels.insert(level.sku.to_string(), level.level);
            outcome.taken.push(level.sku.clone());
        }
        outcome
    }

    async fn levels(&self, skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        let counter = self.0.lock().unwrap();
        Ok(skus
            .iter()
            .filter_map(|sku| {
                counter
                    .levels
                    .get(sku.as_str())
                    .map(|level| ShopLevel::new(sku.clone(), *level))
            })
            .collect())
    }
}
