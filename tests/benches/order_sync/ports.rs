//! A shop and a warehouse in this process, without HTTP: what is left is the engine and its store.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use order_mapping::{
    Address, ClientOrderRef, FulfilmentOrder, OrderKind, OrderLine, Parcel, PaymentTerms,
    PurchaseOrderCandidate, SalesOrder, SourceOrderId, SourceSku,
};
use order_sync::{
    CancellationToken, Capabilities, ChangeWindow, Clock as _, DespatchPage, DespatchSink,
    FailureClass, Lookup, OrderSource, PortError, PublishOutcome, RelayOutcome, ShopLevel,
    SourceCopy, SourcePage, SourceRow, StockBatch, StockSink, StockSource, Submission, SystemClock,
    Warehouse, WarehouseListing,
};

/// Rows of a page, as the vendor's.
const PAGE: u32 = 500;

/// Lines of an order.
const LINES: [(&str, u32); 4] = [("MUG-01", 4), ("TEA POT", 2), ("CUP/RED", 12), ("PLATE", 6)];

/// The order of that number, as a shop of `end_to_end::Setup` has it.
pub(crate) fn order(number: u32, placed_at: DateTime<Utc>) -> SalesOrder {
    let mut order = SalesOrder::new(id(number).as_str());
    order.kind = OrderKind::Order;
    order.number = Some(format!("#{number}").as_str().into());
    order.payment = PaymentTerms::Upfront;
    order.placed_at = Some(placed_at);
    order.currency = Some("GBP".to_owned());
    order.shipping_method = Some("Standard Delivery".into());
    order.purchase_orders = vec![PurchaseOrderCandidate {
        place: "/customer_reference".to_owned(),
        text: format!("PO-{number}"),
    }];
    order.lines = (0..)
        .zip(LINES)
        .map(|(position, (sku, units))| OrderLine::new(format!("0-{position}"), sku, units))
        .collect();
    let mut address = Address::default();
    address.name = Some("Goods In".into());
    address.company = Some(format!("Customer {number}").into());
    address.line1 = Some("12 Example Street".into());
    address.city = Some("Reading".into());
    address.postcode = Some("RG1 1AA".into());
    address.country = Some("GB".to_owned());
    address.phone = Some(end_to_end::phone(number).into());
    order.personal.billing = Some(address.clone());
    order.personal.shipping = Some(address);
    order
}

/// The shop's id of the order of that number.
pub(crate) fn id(number: u32) -> SourceOrderId {
    SourceOrderId::new(format!("00000000-0000-4000-8000-{number:012}"))
}

/// A shop that makes its orders when they are asked for, so that it needs no memory. The first reading lists all of them; after that
/// nothing has changed.
#[derive(Debug)]
pub(crate) struct Shop {
    orders: u32,
    placed_at: DateTime<Utc>,
    listed: AtomicBool,
    clock: SystemClock,
}

impl Shop {
    pub(crate) fn with(orders: u32) -> Self {
        let clock = SystemClock::new();
        Self {
            orders,
            placed_at: clock.now(),
            listed: AtomicBool::new(orders == 0),
            clock,
        }
    }
}

#[async_trait]
impl OrderSource for Shop {
    async fn server_time(&self) -> Result<DateTime<Utc>, PortError> {
        Ok(self.clock.now())
    }

    async fn changed(
        &self,
        _window: ChangeWindow,
        page: Option<&str>,
    ) -> Result<SourcePage, PortError> {
        let from = match page {
            None if self.listed.load(Ordering::Relaxed) => self.orders,
            None => 0,
            Some(page) => page.parse().expect("a token of this shop"),
        };
        let until = self.orders.min(from + PAGE);
        let version = Some(self.placed_at.to_rfc3339());
        let rows = (from..until)
            .map(|number| SourceRow::new(id(number), version.clone()))
            .collect();
        let next = (until < self.orders).then(|| until.to_string());
        if next.is_none() {
            self.listed.store(true, Ordering::Relaxed);
        }
        Ok(SourcePage::new(rows, next))
    }

    async fn fetch(&self, id: &SourceOrderId) -> Result<Option<SourceCopy>, PortError> {
        let number = id
            .as_str()
            .rsplit('-')
            .next()
            .and_then(|tail| tail.parse().ok());
        let order = order(number.expect("an id of this shop"), self.placed_at);
        Ok(Some(SourceCopy::new(
            order,
            Some(self.placed_at.to_rfc3339()),
        )))
    }
}

/// A warehouse that takes every order, at once or after a while, or is away.
#[derive(Debug, Default)]
pub(crate) struct Intake {
    begun: AtomicU32,
    taken: AtomicU32,
    first: Mutex<Option<Instant>>,
    asked: Mutex<Vec<Instant>>,
    /// How long it takes to answer a create.
    latency: Duration,
    /// Set: it takes nothing, and the first order that is sent ends the run.
    pub(crate) away: Option<CancellationToken>,
}

impl Intake {
    pub(crate) fn away(stop: CancellationToken) -> Self {
        Self {
            away: Some(stop),
            ..Self::default()
        }
    }

    pub(crate) fn after(latency: Duration) -> Self {
        Self {
            latency,
            ..Self::default()
        }
    }

    /// Creates that have come, answered or not.
    pub(crate) fn begun(&self) -> u32 {
        self.begun.load(Ordering::Relaxed)
    }

    /// When it was asked after an order, each time.
    pub(crate) fn asked(&self) -> Vec<Instant> {
        self.asked.lock().unwrap().clone()
    }

    /// Orders taken.
    pub(crate) fn taken(&self) -> u32 {
        self.taken.load(Ordering::Relaxed)
    }

    /// When the first order came.
    pub(crate) fn first(&self) -> Option<Instant> {
        *self.first.lock().unwrap()
    }
}

#[async_trait]
impl Warehouse for Intake {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(false)
    }

    async fn submit(
        &self,
        _reference: &ClientOrderRef,
        _order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        self.begun.fetch_add(1, Ordering::Relaxed);
        self.first.lock().unwrap().get_or_insert_with(Instant::now);
        if let Some(stop) = &self.away {
            stop.cancel();
            return Err(PortError::new(FailureClass::NeverSent, "away"));
        }
        if !self.latency.is_zero() {
            tokio::time::sleep(self.latency).await;
        }
        let number = self.taken.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Submission::Accepted {
            warehouse_id: Some(format!("W{number}")),
            accepted_at: None,
        })
    }

    async fn lookup(
        &self,
        _reference: &ClientOrderRef,
        _order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        self.asked.lock().unwrap().push(Instant::now());
        Ok(Lookup::Absent)
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let mut page = DespatchPage::default();
        page.cursor = cursor.map(str::to_owned);
        Ok(page)
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        Err(PortError::new(FailureClass::Unsupported, "no list"))
    }
}

/// Everything that a benchmark has no use for: nothing to read, and whatever is written is taken.
#[derive(Debug)]
pub(crate) struct Quiet;

#[async_trait]
impl DespatchSink for Quiet {
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
impl StockSource for Quiet {
    async fn stock(&self, _cursor: Option<&str>) -> Result<StockBatch, PortError> {
        Ok(StockBatch::default())
    }
}

#[async_trait]
impl StockSink for Quiet {
    fn location(&self) -> &str {
        end_to_end::LOCATION
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let mut outcome = PublishOutcome::default();
        outcome.taken = levels.iter().map(|level| level.sku.clone()).collect();
        outcome
    }

    async fn levels(&self, _skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        Ok(Vec::new())
    }
}
