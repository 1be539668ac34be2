//! A shop in memory that can take its time, be too busy, or be down.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone as _, Utc};
use order_mapping::{
    Address, CatalogueItem, OrderLine, Parcel, PaymentTerms, Personal, PurchaseOrderCandidate,
    SalesOrder, ShippingMethodLabel, SourceOrderId, SourceSku, VisibleOrderNumber,
};
use order_sync::*;

pub(crate) fn start_of_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap()
}

#[derive(Debug, Default)]
struct Counter {
    orders: BTreeMap<String, SalesOrder>,
    listing_takes: Duration,
    fails: Option<FailureClass>,
    catalogue_reads: usize,
    asked: usize,
}

#[derive(Debug, Default)]
pub(crate) struct Shop(Mutex<Counter>);

impl Shop {
    pub(crate) fn put(&self, order: SalesOrder) {
        let mut counter = self.0.lock().unwrap();
        counter.orders.insert(order.id.to_string(), order);
    }

    /// How long it takes to list what changed.
    pub(crate) fn take(&self, duration: Duration) {
        self.0.lock().unwrap().listing_takes = duration;
    }

    /// Every question about orders fails like that from now on; `None`: it works.
    pub(crate) fn fail(&self, class: Option<FailureClass>) {
        self.0.lock().unwrap().fails = class;
    }

    pub(crate) fn catalogue_reads(&self) -> usize {
        self.0.lock().unwrap().catalogue_reads
    }

    /// How often it was asked for its time of day: once in each run of the orders flow.
    pub(crate) fn asked(&self) -> usize {
        self.0.lock().unwrap().asked
    }
}

#[async_trait]
impl OrderSource for Shop {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        let mut counter = self.0.lock().unwrap();
        counter.asked += 1;
        match counter.fails {
            Some(class) => Err(PortError::new(class, "as told")),
            None => Ok(start_of_time()),
        }
    }

    async fn changed(
        &self,
        _window: ChangeWindow,
        _page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let takes = self.0.lock().unwrap().listing_takes;
        tokio::time::sleep(takes).await;
        let counter = self.0.lock().unwrap();
        let ids = counter.orders.keys();
        let rows = ids.map(|id| SourceRow::new(SourceOrderId::new(id), Some("1".to_owned())));
        Ok(SourcePage::new(rows.collect(), None))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let counter = self.0.lock().unwrap();
        let order = counter.orders.get(id.as_str()).cloned();
        Ok(order.map(|order| SourceCopy::new(order, Some("1".to_owned()))))
    }
}

#[async_trait]
impl CatalogueSource for Shop {
    async fn catalogue(&self) -> Result<Vec<CatalogueItem>, PortError> {
        self.0.lock().unwrap().catalogue_reads += 1;
        // Long enough for others to come in between.
        tokio::time::sleep(Duration::from_millis(10)).await;
        Ok(vec![CatalogueItem::new(SourceSku::new("85123A"), None)])
    }
}

#[async_trait]
impl DespatchSink for Shop {
    async fn relay(
        &self,
        _order: &SourceOrderId,
        _parcels: &[Parcel],
    ) -> Result<RelayOutcome, PortError> {
        Ok(RelayOutcome::default())
    }

    async fn visible(
        &self,
        _order: &SourceOrderId,
        _parcels: &[Parcel],
    ) -> Result<Vec<String>, PortError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl StockSink for Shop {
    fn location(&self) -> &str {
        "default"
    }

    async fn publish(&self, _levels: &[ShopLevel]) -> PublishOutcome {
        PublishOutcome::default()
    }

    async fn levels(&self, _skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        Ok(Vec::new())
    }
}

/// An order that has nothing wrong with it.
pub(crate) fn order(id: &str) -> SalesOrder {
    let mut order = SalesOrder::new(id);
    order.number = Some(VisibleOrderNumber::new(format!("#{id}")));
    order.payment = PaymentTerms::Upfront;
    order.placed_at = Some(start_of_time() - chrono::Duration::hours(1));
    order.currency = Some("GBP".to_owned());
    order.shipping_method = Some(ShippingMethodLabel::new("Express B2B Delivery"));
    order.purchase_orders = vec![PurchaseOrderCandidate {
        place: "/customer_reference".to_owned(),
        text: format!("PO-{id}"),
    }];
    order.lines = vec![OrderLine::new("1", "85123A", 6)];
    let mut address = Address::default();
    address.name = Some(Personal::from("Goods In"));
    address.line1 = Some(Personal::from("1 Example Street"));
    address.city = Some(Personal::from("Leeds"));
    address.postcode = Some(Personal::from("LS1 4AP"));
    address.country = Some("GB".to_owned());
    address.phone = Some(Personal::from("020 7946 0123"));
    order.personal.shipping = Some(address);
    order
}
