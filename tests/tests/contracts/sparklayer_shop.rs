//! A SparkLayer shop: its orders, the parcels on them, and its stock levels.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use connector_http::{RetryPolicy, SecretString};
use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, SparkLayerOptions, SparkLayerSim,
};
use end_to_end::{LOCATION, PurchaseDraft};
use order_mapping::{LineId, SourceOrderId, SourceSku};
use order_sync::adapters::{ShopOptions, SparkLayerShop};
use order_sync::{DespatchSink, OrderSource, StockSink};
use order_sync_testkit::despatch_sink_contract::{DespatchSinkWorld, PlacedOrder};
use order_sync_testkit::order_source_contract::OrderSourceWorld;
use order_sync_testkit::stock_sink_contract::StockSinkWorld;
use order_sync_testkit::{despatch_sink_contract, order_source_contract, stock_sink_contract};
use serde_json::{Value, json};
use sparklayer_client::{Credentials, Environment, SparkLayer};

struct Shop {
    shop: SparkLayerSim,
    adapter: SparkLayerShop,
    placed: AtomicU32,
}

async fn shop() -> Shop {
    let shop = SparkLayerSim::start(SparkLayerOptions::default())
        .await
        .unwrap();
    let credentials = Credentials {
        site_id: DEMO_SITE_ID.to_owned(),
        client_id: DEMO_CLIENT_ID.to_owned(),
        client_secret: SecretString::from(DEMO_CLIENT_SECRET),
    };
    let retry = RetryPolicy::new()
        .with_tries(2)
        .with_backoff(Duration::from_millis(5), Duration::from_millis(20));
    let client = SparkLayer::builder(credentials, "end-to-end")
        .with_environment(Environment::Custom(shop.base_url().parse().unwrap()))
        .with_retry_policy(retry)
        .build()
        .unwrap();
    let mut options = ShopOptions::default();
    options.stock_location = LOCATION.to_owned();
    Shop {
        shop,
        adapter: SparkLayerShop::new(client, options),
        placed: AtomicU32::new(0),
    }
}

impl Shop {
    /// Places an order, or writes it with these units.
    fn put(&self, number: u32, units: u32) -> String {
        let draft = PurchaseDraft::new(number).lines(&[("MUG-01", units), ("CUP/RED", 6)]);
        let record = draft.placed(self.shop.now()).to_string();
        self.shop.put_purchase_text(&record).unwrap();
        draft.id()
    }

    fn put_next(&self) -> SourceOrderId {
        let number = 1001 + self.placed.fetch_add(1, Ordering::Relaxed);
        SourceOrderId::new(self.put(number, 6))
    }

    fn record(&self, id: &SourceOrderId) -> Value {
        self.shop.purchase(id.as_str()).expect("it was placed")
    }
}

#[async_trait]
impl OrderSourceWorld for Shop {
    fn source(&self) -> &dyn OrderSource {
        &self.adapter
    }

    async fn place(&self) -> SourceOrderId {
        self.put_next()
    }

    async fn change(&self, id: &SourceOrderId) {
        let mut record = self.record(id);
        let units = &mut record["packages"][0]["line_items"][0]["quantity"];
        *units = json!(units.as_u64().unwrap_or(6) + 1);
        // The shop says itself when a record changed, unless the writer does.
        record["dates"]
            .as_object_mut()
            .unwrap()
            .remove("updated_at");
        self.shop.put_purchase(record).unwrap();
    }

    async fn pass(&self, time: Duration) {
        self.shop.advance_clock(time);
    }

    /// The adapter asks for 500 rows, the vendor's limit.
    fn orders_of_two_pages(&self) -> usize {
        501
    }
}

#[async_trait]
impl DespatchSinkWorld for Shop {
    fn sink(&self) -> &dyn DespatchSink {
        &self.adapter
    }

    async fn place(&self) -> PlacedOrder {
        // Nobody documents line ids, so the position counts.
        PlacedOrder::new(self.put_next(), ["0-0", "0-1"].map(LineId::new))
    }

    async fn seen(&self, order: &SourceOrderId) -> Vec<String> {
        let record = self.record(order);
        let packages = record["packages"].as_array().cloned().unwrap_or_default();
        packages
            .iter()
            .filter_map(|package| package["shipments"].as_array())
            .flatten()
            .filter_map(|shipment| shipment["tracking_number"].as_str())
            .map(str::to_owned)
            .collect()
    }

    async fn add_by_hand(&self, order: &SourceOrderId, number: &str) {
        let mut record = self.record(order);
        record["packages"][0]["shipments"] =
            json!([{ "carrier": "Van", "tracking_number": number }]);
        self.shop.put_purchase(record).unwrap();
    }

    async fn overwrite(&self, order: &SourceOrderId) -> bool {
        self.shop.overwrite_packages(order.as_str(), 1).unwrap();
        self.shop.run_platform_connector();
        true
    }

    async fn writes(&self) -> u64 {
        self.shop.writes().purchase_puts
    }
}

#[async_trait]
impl StockSinkWorld for Shop {
    fn sink(&self) -> &dyn StockSink {
        &self.adapter
    }

    /// More than go into one call of the vendor's.
    fn articles(&self) -> Vec<SourceSku> {
        (0..1_200)
            .map(|number| SourceSku::new(format!("ARTICLE-{number:04}")))
            .collect()
    }

    async fn level(&self, sku: &SourceSku) -> Option<i64> {
        self.shop.stock_level(LOCATION, sku.as_str())
    }

    async fn set_level(&self, sku: &SourceSku, level: i64) {
        self.shop.set_stock(LOCATION, sku.as_str(), level).unwrap();
    }
}

order_source_contract!(of_the_shops_orders, shop);
despatch_sink_contract!(of_the_shops_parcels, shop);
stock_sink_contract!(of_the_shops_levels, shop);
