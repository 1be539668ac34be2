//! What the platform, its fulfilment service and their adapters keep to: the suites of `order-sync-testkit`.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{ClientOrderRef, LineId, SourceOrderId, SourceSku};
use order_sync::{DespatchSink, OrderSource, StockSink, StockSource, Warehouse};
use order_sync_testkit::despatch_sink_contract::{DespatchSinkWorld, PlacedOrder};
use order_sync_testkit::order_source_contract::OrderSourceWorld;
use order_sync_testkit::stock_sink_contract::StockSinkWorld;
use order_sync_testkit::stock_source_contract::StockSourceWorld;
use order_sync_testkit::warehouse_contract::{Leaving, Scene, Trouble, WarehouseWorld};
use order_sync_testkit::{
    despatch_sink_contract, order_source_contract, stock_sink_contract, stock_source_contract,
    warehouse_contract,
};

use crate::clock::HandClock;
use crate::fulfilment_service::{FulfilmentService, Stage};
use crate::shop::Shop;

const ARTICLES: [&str; 3] = ["85123A", "71053", "84406B"];

struct Service(FulfilmentService);

async fn service() -> Service {
    let service = FulfilmentService::new(Arc::default());
    service.floor(|floor| {
        for sku in &ARTICLES[..2] {
            floor.count(sku, 1_000);
        }
    });
    Service(service)
}

/// A service whose people think about every request first.
async fn thoughtful_service() -> Service {
    let service = service().await;
    service.0.floor(|floor| floor.undecided = true);
    service
}

#[async_trait]
impl WarehouseWorld for Service {
    fn warehouse(&self) -> &dyn Warehouse {
        &self.0
    }

    fn services(&self) -> [String; 2] {
        ["ND", "STD"].map(str::to_owned)
    }

    fn articles(&self) -> [String; 2] {
        [ARTICLES[0], ARTICLES[1]].map(str::to_owned)
    }

    /// It takes whatever the platform asks for, and what it cannot send stays open.
    fn can(&self, scene: Scene) -> bool {
        !matches!(scene, Scene::Refusals | Scene::Shorts)
    }

    async fn taken(&self, reference: &ClientOrderRef) -> Vec<BTreeMap<String, u32>> {
        self.0.floor(|floor| {
            let of_it = floor
                .requests
                .iter()
                .filter(|(known, request)| known == reference && request.stage != Stage::Cancelled);
            of_it
                .map(|(_, request)| {
                    let mut units = BTreeMap::new();
                    for line in &request.order.lines {
                        *units.entry(line.sku.to_string()).or_default() += line.quantity.get();
                    }
                    units
                })
                .collect()
        })
    }

    async fn send(&self, reference: &ClientOrderRef, leaving: &Leaving) {
        for (number, parcel) in leaving.parcels.iter().enumerate() {
            let contents: Vec<(&str, u32)> = parcel
                .iter()
                .map(|(sku, units)| (sku.as_str(), *units))
                .collect();
            self.0.floor(|floor| {
                let id = format!("parcel-{}-{number}", floor.shipments.len());
                floor.ship(reference, &id, &contents);
            });
        }
    }

    async fn pick(&self, reference: &ClientOrderRef) {
        self.0.floor(|floor| floor.pack(reference));
    }

    async fn decide(&self) {
        self.0.floor(|floor| floor.undecided = false);
    }

    /// The fake loses the answer to one request of an order, and that is all.
    async fn trouble(&self, trouble: Trouble) -> bool {
        let loses = trouble == Trouble::AnswersLost;
        self.0.floor(|floor| floor.loses_next_answer = loses);
        loses
    }

    async fn peace(&self) {
        self.0.floor(|floor| floor.loses_next_answer = false);
    }

    async fn take_back(&self, reference: &ClientOrderRef, sku: &str, units: u32) {
        self.0.floor(|floor| {
            let id = format!("return-{}", floor.returned.len() + 1);
            floor.take_back(&id, reference, sku, units, crate::clock::start_of_time());
        });
    }
}

#[async_trait]
impl StockSourceWorld for Service {
    fn source(&self) -> &dyn StockSource {
        &self.0
    }

    fn articles(&self) -> [String; 2] {
        [ARTICLES[0], ARTICLES[1]].map(str::to_owned)
    }

    async fn count(&self, sku: &str, free: u32) {
        self.0.floor(|floor| floor.count(sku, i64::from(free)));
    }
}

struct Platform {
    clock: Arc<HandClock>,
    shop: Shop,
}

async fn platform() -> Platform {
    let clock = Arc::<HandClock>::default();
    let shop = Shop::new(Arc::clone(&clock));
    Platform { clock, shop }
}

#[async_trait]
impl OrderSourceWorld for Platform {
    fn source(&self) -> &dyn OrderSource {
        &self.shop
    }

    async fn place(&self) -> SourceOrderId {
        SourceOrderId::new(self.shop.paid_order(&[(ARTICLES[0], 6), (ARTICLES[1], 6)]))
    }

    async fn change(&self, id: &SourceOrderId) {
        let units = self.shop.sale(id.as_str()).lines[0].current_quantity;
        self.shop.edit(id.as_str(), 0, units - 1);
    }

    async fn pass(&self, time: Duration) {
        self.clock.advance(time.as_secs());
    }

    /// Two rows are a page.
    fn orders_of_two_pages(&self) -> usize {
        3
    }

    fn unknown_id(&self) -> SourceOrderId {
        SourceOrderId::new("order-99")
    }
}

#[async_trait]
impl DespatchSinkWorld for Platform {
    fn sink(&self) -> &dyn DespatchSink {
        &self.shop
    }

    async fn place(&self) -> PlacedOrder {
        let id = self.shop.paid_order(&[(ARTICLES[0], 6), (ARTICLES[1], 6)]);
        let sale = self.shop.sale(&id);
        let line = |place: usize| LineId::new(sale.lines[place].first_id());
        PlacedOrder::new(SourceOrderId::new(id), [line(0), line(1)])
    }

    async fn seen(&self, order: &SourceOrderId) -> Vec<String> {
        let sale = self.shop.sale(order.as_str());
        sale.tracking().into_iter().map(str::to_owned).collect()
    }

    async fn add_by_hand(&self, order: &SourceOrderId, number: &str) {
        self.shop.fulfil_by_hand(order.as_str(), 0, 1, number);
    }

    /// Fulfilments are added and never replaced.
    async fn overwrite(&self, _order: &SourceOrderId) -> bool {
        false
    }

    async fn refuse_parcels(&self, order: &SourceOrderId) -> bool {
        self.shop.cancel(order.as_str());
        true
    }

    async fn writes(&self) -> u64 {
        u64::try_from(self.shop.writes()).unwrap()
    }
}

#[async_trait]
impl StockSinkWorld for Platform {
    fn sink(&self) -> &dyn StockSink {
        &self.shop
    }

    /// Two rows are a batch.
    fn articles(&self) -> Vec<SourceSku> {
        ARTICLES.map(SourceSku::new).to_vec()
    }

    async fn level(&self, sku: &SourceSku) -> Option<i64> {
        self.shop.books(|books| books.level(sku.as_str()))
    }

    async fn set_level(&self, sku: &SourceSku, level: i64) {
        self.shop
            .books(|books| books.adjust("person", sku.as_str(), level));
    }
}

warehouse_contract!(of_the_service, service);
warehouse_contract!(of_a_service_that_thinks_first, thoughtful_service);
stock_source_contract!(of_the_services_feed, service);
order_source_contract!(of_the_platforms_orders, platform);
despatch_sink_contract!(of_the_platforms_fulfilments, platform);
stock_sink_contract!(of_the_platforms_inventory, platform);
