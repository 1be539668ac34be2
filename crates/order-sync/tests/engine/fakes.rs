//! A shop and a warehouse in memory, a clock that moves by hand, and an engine over them.

mod shop;
mod warehouse;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeZone as _, Utc};
use order_mapping::{
    Address, CatalogueItem, ClientOrderRef, Consignment, LineQuantity, OrderLine, Parcel,
    PaymentTerms, Personal, Profile, PurchaseOrderCandidate, SalesOrder, ServiceRule,
    ShippingMethodLabel, SourceOrderId, SourceSku, TrackingNumber, VisibleOrderNumber,
};
use order_sync::*;

pub(crate) use self::shop::{Counter, Shop};
pub(crate) use self::warehouse::{Answer, Shelves, Warehouse0};

pub(crate) fn start_of_time() -> DateTime<Utc> {
    Utc.with_ymd_and_hms(2026, 3, 2, 9, 0, 0).unwrap()
}

#[derive(Debug)]
pub(crate) struct HandClock(Mutex<Duration>);

impl HandClock {
    pub(crate) fn advance(&self, by: Duration) {
        *self.0.lock().unwrap() += by;
    }

    /// The time of day steps back; the time that never jumps is not this fake's business here.
    pub(crate) fn step_back(&self, by: Duration) {
        *self.0.lock().unwrap() -= by;
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

/// A sink that remembers what it was told; it may be told to fail.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    pub(crate) told: Mutex<Vec<Alert>>,
    pub(crate) failing: AtomicBool,
}

impl Alerts {
    /// Kind, code and count of each alert so far.
    pub(crate) fn seen(&self) -> Vec<(AlertKind, String, u64)> {
        let told = self.told.lock().unwrap();
        told.iter()
            .map(|alert| (alert.kind, alert.code.clone(), alert.count))
            .collect()
    }
}

#[async_trait]
impl AlertSink for Alerts {
    fn name(&self) -> &str {
        "tests"
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        if self.failing.load(Ordering::Relaxed) {
            return Err(PortError::new(FailureClass::Unavailable, "nobody listens"));
        }
        self.told.lock().unwrap().push(alert.clone());
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<HandClock>,
    pub(crate) shop: Arc<Shop>,
    pub(crate) warehouse: Arc<Warehouse0>,
    pub(crate) alerts: Arc<Alerts>,
    pub(crate) store: Arc<MemoryStore>,
    pub(crate) profile: Profile,
    pub(crate) settings: Settings,
    pub(crate) articles: Vec<&'static str>,
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
            settings: Settings::default(),
            articles: vec!["85123A", "71053", "84406-B"],
        }
    }

    /// An engine of its own, as after a restart.
    pub(crate) fn engine(&self) -> Engine {
        self.builder().build().unwrap()
    }

    pub(crate) fn builder(&self) -> EngineBuilder {
        self.builder_over(self.ports())
    }

    pub(crate) fn ports(&self) -> Ports {
        let items = self
            .articles
            .iter()
            .map(|sku| CatalogueItem::new(SourceSku::new(*sku), None))
            .collect();
        Ports {
            orders: self.shop.clone(),
            catalogue: Arc::new(FixedCatalogue::new(items)),
            warehouse: self.warehouse.clone(),
            despatch_sink: self.shop.clone(),
            stock_source: self.warehouse.clone(),
            stock_sink: self.shop.clone(),
        }
    }

    /// An engine over ports of the test's own, such as these with a plan of faults before them.
    pub(crate) fn builder_over(&self, ports: Ports) -> EngineBuilder {
        Engine::builder(
            MerchantId::new("merchant"),
            ReferenceKey::new(*b"a key of the tests"),
            self.profile.clone(),
            self.store.clone(),
            ports,
        )
        .with_settings(self.settings.clone())
        .with_clock(self.clock.clone())
        .with_alert_sink(self.alerts.clone())
    }

    pub(crate) async fn run(&self, flow: Flow) -> FlowReport {
        let report = self
            .engine()
            .run_once(flow, &CancellationToken::new())
            .await;
        assert!(report.completed(), "{report:?}");
        report
    }

    /// Brings the shop's orders on record and sends none of them: the facts about their release cannot be read.
    pub(crate) async fn capture_only(&self) {
        #[derive(Debug)]
        struct NoFacts;
        #[async_trait]
        impl ReleaseFactsSource for NoFacts {
            async fn facts(
                &self,
                _order: &SalesOrder,
            ) -> Result<order_mapping::ReleaseFacts, PortError> {
                Err(PortError::new(FailureClass::Unavailable, "no facts"))
            }
        }
        let engine = self
            .builder()
            .with_release_facts(Arc::new(NoFacts))
            .build()
            .unwrap();
        engine
            .run_once(Flow::Orders, &CancellationToken::new())
            .await;
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
