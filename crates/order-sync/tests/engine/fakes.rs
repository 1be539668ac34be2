//! A shop and a warehouse in memory, a clock that moves by hand, and an engine over them.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone as _, Utc};
use order_mapping::{
    Address, CatalogueItem, ClientOrderRef, Consignment, FulfilmentOrder, LineQuantity, OrderLine,
    Parcel, PaymentTerms, Personal, Profile, PurchaseOrderCandidate, SalesOrder, ServiceRule,
    ShippingMethodLabel, SourceOrderId, SourceSku, TrackingNumber, VisibleOrderNumber,
};
use order_sync::*;

pub(crate) fn start_of_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap()
}

#[derive(Debug)]
pub(crate) struct HandClock(Mutex<Duration>);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }
}

#[async_trait]
impl Clock for HandClock {
    fn now(&self) -> DateTime<Utc> {
        start_of_time() + *self.0.lock().unwrap()
    }

    fn monotonic(&self) -> Duration {
        *self.0.lock().unwrap()
    }

    async fn sleep(&self, duration: Duration) {
        self.advance(duration);
    }
}

/// What the warehouse does with the next create call.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Fails with that class, without having applied it.
    Fails(FailureClass),
    /// Applies it and loses the answer.
    AppliesAndLoses,
    /// Takes it as a file that lies there until it is picked up.
    Queues,
}

#[derive(Debug, Default)]
pub(crate) struct Shelves {
    /// Everything ever created, in order.
    pub(crate) orders: Vec<(ClientOrderRef, FulfilmentOrder)>,
    pub(crate) submits: usize,
    pub(crate) lookups: usize,
    pub(crate) answers: VecDeque<Answer>,
    /// Files that lie there.
    pub(crate) lying: Vec<ClientOrderRef>,
    /// Look-ups fail.
    pub(crate) silent: bool,
    /// Despatches that cannot be read, told once.
    pub(crate) garbled: Vec<String>,
    /// Stock rows that cannot be read, told once.
    pub(crate) garbled_stock: Vec<String>,
    /// A difference that look-ups report.
    pub(crate) difference: Option<String>,
    pub(crate) despatches: Vec<Consignment>,
    pub(crate) stock: Option<StockFeed>,
}

#[derive(Debug, Default)]
pub(crate) struct Warehouse0(pub(crate) Mutex<Shelves>);

#[async_trait]
impl Warehouse for Warehouse0 {
    fn capabilities(&self) -> Capabilities {
        Capabilities::new(true)
    }

    async fn submit(
        &self,
        reference: &ClientOrderRef,
        order: &FulfilmentOrder,
    ) -> Result<Submission, PortError> {
        let mut shelves = self.0.lock().unwrap();
        shelves.submits += 1;
        match shelves.answers.pop_front() {
            Some(Answer::Fails(class)) => return Err(PortError::new(class, "as told")),
            Some(Answer::AppliesAndLoses) => {
                shelves.orders.push((reference.clone(), order.clone()));
                return Err(PortError::new(
                    FailureClass::Ambiguous,
                    "the reply was lost",
                ));
            }
            Some(Answer::Queues) => {
                shelves.lying.push(reference.clone());
                return Ok(Submission::Queued);
            }
            None => {}
        }
        shelves.orders.push((reference.clone(), order.clone()));
        Ok(Submission::Accepted {
            warehouse_id: Some(format!("W{}", shelves.orders.len())),
            accepted_at: None,
        })
    }

    async fn lookup(
        &self,
        reference: &ClientOrderRef,
        _order: &FulfilmentOrder,
    ) -> Result<Lookup, PortError> {
        let mut shelves = self.0.lock().unwrap();
        shelves.lookups += 1;
        if shelves.silent {
            return Err(PortError::new(FailureClass::Unavailable, "no answer"));
        }
        if shelves.lying.contains(reference) {
            return Ok(Lookup::Waiting);
        }
        let found = shelves.orders.iter().any(|(known, _)| known == reference);
        let differences = shelves.difference.iter().cloned().collect();
        Ok(if found {
            Lookup::Found {
                warehouse_id: None,
                accepted_at: None,
                differences,
            }
        } else {
            Lookup::Absent
        })
    }

    async fn despatches(&self, cursor: Option<&str>) -> Result<DespatchPage, PortError> {
        let mut shelves = self.0.lock().unwrap();
        let from: usize = cursor.map_or(0, |text| text.parse().unwrap());
        let mut page = DespatchPage::default();
        page.consignments = shelves.despatches.iter().skip(from).cloned().collect();
        page.cursor = Some(shelves.despatches.len().to_string());
        page.unreadable = std::mem::take(&mut shelves.garbled);
        Ok(page)
    }

    async fn list(&self, _page: Option<&str>) -> Result<WarehouseListing, PortError> {
        let shelves = self.0.lock().unwrap();
        let mut listing = WarehouseListing::default();
        listing.rows = shelves
            .orders
            .iter()
            .map(|(reference, _)| WarehouseOrderRow::new(reference.clone(), None, true))
            .collect();
        Ok(listing)
    }
}

#[async_trait]
impl StockSource for Warehouse0 {
    async fn stock(&self, _cursor: Option<&str>) -> Result<StockBatch, PortError> {
        let mut shelves = self.0.lock().unwrap();
        let mut batch = StockBatch::default();
        batch.feed = shelves.stock.clone();
        batch.unreadable = std::mem::take(&mut shelves.garbled_stock);
        batch.cursor = batch.feed.as_ref().map(|feed| feed.sequence.to_string());
        Ok(batch)
    }
}

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
    pub(crate) same_page_for_ever: bool,
    /// The listing has one order to a page.
    pub(crate) page_by_page: bool,
    /// Orders that fail to be fetched.
    pub(crate) unfetchable: Vec<String>,
    /// Orders that changed at a moment; others are in every window.
    pub(crate) changed_at: BTreeMap<String, DateTime<Utc>>,
    pub(crate) shop_time: Duration,
    /// Fresh reads for the proof fail.
    pub(crate) unreachable: bool,
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
        let counter = self.0.lock().unwrap();
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
            let at: usize = page.map_or(0, |page| page.parse().unwrap());
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
        Ok(counter
            .orders
            .get(id.as_str())
            .map(|(order, version)| SourceCopy::new(order.clone(), Some(version.to_string()))))
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

#[derive(Debug, Default)]
pub(crate) struct Alerts(pub(crate) Mutex<Vec<AlertEvent>>);

#[async_trait]
impl AlertSink for Alerts {
    async fn alert(&self, event: &AlertEvent) -> Result<(), PortError> {
        self.0.lock().unwrap().push(event.clone());
        // A sink that always fails must not stop anything.
        Err(PortError::new(FailureClass::Unavailable, "nobody listens"))
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) shop: Arc<Shop>,
    pub(crate) warehouse: Arc<Warehouse0>,
    pub(crate) alerts: Arc<Alerts>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) profile: Profile,
}

pub(crate) fn profile() -> Profile {
    let mut profile = Profile::default();
    profile.services.rules = vec![ServiceRule::new("Express B2B Delivery", "WHI_EXP")];
    profile.phone.allow_fictitious = true;
    profile
}

impl World {
    pub(crate) fn new() -> Self {
        Self {
            clock: Arc::new(HandClock(Mutex::new(Duration::ZERO))),
            shop: Arc::default(),
            warehouse: Arc::default(),
            alerts: Arc::default(),
            // Older than every order, so that nothing has to be asked for before its first send.
            store: Arc::new(MemoryStore::new(
                start_of_time() - chrono::Duration::days(30),
            )),
            profile: profile(),
        }
    }

    pub(crate) fn engine(&self) -> Engine {
        let items = ["85123A", "71053", "84406-B"]
            .map(|sku| CatalogueItem::new(SourceSku::new(sku), None))
            .to_vec();
        Engine::builder(
            MerchantId::new("merchant"),
            ReferenceKey::new(*b"a key of the tests"),
            self.profile.clone(),
            self.store.clone(),
            Ports {
                orders: self.shop.clone(),
                catalogue: Arc::new(FixedCatalogue::new(items)),
                warehouse: self.warehouse.clone(),
                despatch_sink: self.shop.clone(),
                stock_source: self.warehouse.clone(),
                stock_sink: self.shop.clone(),
            },
        )
        .with_clock(self.clock.clone())
        .with_alert_sink(self.alerts.clone())
        .build()
        .unwrap()
    }

    pub(crate) async fn run(&self, flow: Flow) -> FlowReport {
        let report = self
            .engine()
            .run_once(flow, &CancellationToken::new())
            .await;
        assert!(report.completed(), "{report:?}");
        report
    }

    pub(crate) async fn record(&self, id: &str) -> OrderRecord {
        let merchant = MerchantId::new("merchant");
        self.store
            .order(&merchant, &SourceOrderId::new(id))
            .await
            .unwrap()
            .expect("on record")
    }

    pub(crate) async fn state(&self, id: &str) -> OrderState {
        self.record(id).await.state
    }

    pub(crate) async fn open_codes(&self) -> Vec<String> {
        let merchant = MerchantId::new("merchant");
        let open = self.store.exceptions(&merchant, true).await.unwrap();
        open.into_iter()
            .map(|exception| exception.finding.code)
            .collect()
    }

    /// The events of an order's timeline; the chain is checked on the way.
    pub(crate) async fn events(&self, id: &str) -> Vec<OrderEvent> {
        let merchant = MerchantId::new("merchant");
        let entries = self
            .store
            .timeline(&merchant, &SourceOrderId::new(id))
            .await
            .unwrap();
        assert_eq!(first_broken_link(&entries), None);
        entries.into_iter().map(|entry| entry.event).collect()
    }

    pub(crate) fn shelves<T>(&self, look: impl FnOnce(&mut Shelves) -> T) -> T {
        look(&mut self.warehouse.0.lock().unwrap())
    }

    pub(crate) fn counter<T>(&self, look: impl FnOnce(&mut Counter) -> T) -> T {
        look(&mut self.shop.0.lock().unwrap())
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
    order.lines = vec![
        OrderLine::new("1", "85123A", 6),
        OrderLine::new("2", "71053", 4),
    ];
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

/// A despatch of an order: one parcel of these lines.
pub(crate) fn despatch(id: &str, reference: &ClientOrderRef, lines: &[(&str, u32)]) -> Consignment {
    let mut parcel = Parcel::new(format!("{id}-P"));
    parcel.tracking = Some(TrackingNumber::new(format!("{id}-T")));
    parcel.contents = lines
        .iter()
        .map(|(line, units)| LineQuantity::of_line(*line, *units))
        .collect();
    let mut consignment = Consignment::new(id, reference.clone());
    consignment.parcels = vec![parcel];
    consignment
}
