//! The simulated shop and warehouse: started, seeded, harmed on purpose, and asked at the end what they have.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET, Fault, FaultKind, SparkLayerOptions, SparkLayerSim,
    WhistlOptions, WhistlSim,
};
use http::Method;
use order_mapping::{CatalogueItem, NonStockPolicy, SourceSku};
use order_sync::adapters::ShopOptions;
use order_sync::{Engine, OrderRecord, OrderState, PublishedLevel};
use sparklayer_client::{Credentials, Environment, SparkLayer};
use url::Url;
use whistl_client::orders::{Auth, WarehouseOrders};

use crate::USER_AGENT;
use crate::dataset::Dataset;
use crate::defects::{self, Defect};
use crate::demo_shop::{purchase, purchase_id};
use crate::stable_hash::stable_hash;
use connector_examples::deployment::Failure;
use connector_examples::deployment::{VendorClients, WarehouseRoute};

/// Orders whose parcels the platform's connector overwrites once.
const OVERWRITTEN_ONCE: usize = 3;
/// Levels that are changed in the shop behind the engine's back.
const DRIFTED_LEVELS: usize = 3;
/// How far the simulators' clocks move at each step of work.
const STEP: Duration = Duration::from_secs(300);

/// Both simulators and what was put into them.
#[derive(Debug)]
pub(crate) struct DemoWorld {
    shop: SparkLayerSim,
    warehouse: WhistlSim,
    /// What the demonstration runs on, for people.
    pub(crate) name: String,
    /// The articles of the shop.
    pub(crate) catalogue: Vec<CatalogueItem>,
    /// A draft that is completed while the demonstration runs.
    draft: Option<String>,
    location: String,
    overwritten: Mutex<u64>,
}

/// What the simulators have, against what is on record.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct WorldAccount {
    pub(crate) in_shop: u64,
    /// In the shop and not on record.
    pub(crate) unrecorded: BTreeSet<String>,
    /// On record as taken by the warehouse, and not there.
    pub(crate) lost: u64,
    /// More than once at the warehouse.
    pub(crate) doubled: u64,
    /// At the warehouse, and nobody's.
    pub(crate) ghosts: u64,
}

/// What was done to the run on purpose.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Rehearsed {
    /// Requests that a simulator throttled, failed or left without an answer.
    pub(crate) requests_harmed: u64,
    /// Orders whose parcels the platform's connector overwrote.
    pub(crate) orders_overwritten: u64,
}

/// What reached the vendors.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub(crate) struct Sent {
    /// Create calls at the warehouse.
    pub(crate) warehouse_orders: u64,
    /// Orders written in the shop.
    pub(crate) shop_orders: u64,
    /// Stock levels written in the shop.
    pub(crate) shop_levels: u64,
}

impl DemoWorld {
    /// Starts both simulators on loopback and fills them.
    pub(crate) async fn start(
        dataset: &Dataset,
        non_stock: &NonStockPolicy,
        options: &ShopOptions,
    ) -> Result<Self, Failure> {
        let mut shop_options = SparkLayerOptions::default();
        let mut warehouse_options = WhistlOptions::default();
        // After the last invoice, whatever the file: a shop has no orders from its future.
        if let Some(latest) = dataset.latest() {
            let evening = latest + chrono::Duration::minutes(30);
            shop_options.clock_start = evening.max(shop_options.clock_start);
            warehouse_options.clock_start = shop_options.clock_start;
        }
        let shop = SparkLayerSim::start(shop_options)
            .await
            .map_err(Failure::broken)?;
        let warehouse = WhistlSim::start(warehouse_options)
            .await
            .map_err(Failure::broken)?;
        let is_stock = |code: &str| !non_stock.covers(&SourceSku::new(code));
        let spellings = defects::spellings(dataset, is_stock);
        let plan = defects::plan(dataset);
        let sound = BTreeSet::new();
        for invoice in &dataset.invoices {
            let defects = plan.get(invoice.number.as_str()).unwrap_or(&sound);
            let purchase = purchase(invoice, defects, &spellings);
            shop.put_purchase_text(&purchase.to_string())
                .map_err(Failure::broken)?;
        }
        let only_draft = BTreeSet::from([Defect::DraftNotCompleted]);
        let draft = plan.iter().find(|(_, defects)| **defects == only_draft);
        let world = Self {
            shop,
            warehouse,
            name: dataset.name.clone(),
            catalogue: catalogue(dataset, &spellings, is_stock),
            draft: draft.map(|(number, _)| purchase_id(number)),
            location: options.stock_location.clone(),
            overwritten: Mutex::new(0),
        };
        world.seed_stock(dataset, is_stock)?;
        Ok(world)
    }

    /// Stock at the warehouse for what was ordered, with some articles short; and yesterday's levels in the shop.
    fn seed_stock(
        &self,
        dataset: &Dataset,
        is_stock: impl Fn(&str) -> bool,
    ) -> Result<(), Failure> {
        let mut ordered: BTreeMap<String, i64> = BTreeMap::new();
        for line in dataset.lines().filter(|line| is_stock(&line.code)) {
            let units = ordered.entry(line.code.to_ascii_uppercase()).or_default();
            *units = units.saturating_add(line.quantity.max(0));
        }
        for (code, units) in &ordered {
            let draw = stable_hash(&["stock", code]);
            let spare = i64::try_from(draw % 200).unwrap_or_default();
            let on_hand = if draw.is_multiple_of(100) {
                units / 2
            } else {
                units + 20 + spare
            };
            self.warehouse.seed_stock(code, on_hand);
        }
        for item in &self.catalogue {
            let level = i64::try_from(stable_hash(&["yesterday", item.sku.as_str()]) % 100)
                .unwrap_or_default();
            self.shop
                .set_stock(&self.location, item.sku.as_str(), level)
                .map_err(Failure::broken)?;
        }
        Ok(())
    }

    /// The real clients, over HTTP, with the simulators' demo accounts.
    pub(crate) fn clients(&self, options: ShopOptions) -> Result<VendorClients, Failure> {
        let credentials = Credentials {
            site_id: DEMO_SITE_ID.to_owned(),
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.to_owned().into(),
        };
        let url = Url::parse(&self.shop.base_url()).map_err(Failure::broken)?;
        let shop = SparkLayer::builder(credentials, USER_AGENT)
            .with_environment(Environment::Custom(url))
            .build()
            .map_err(Failure::broken)?;
        let auth = Auth::oauth2(DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET);
        let warehouse = WarehouseOrders::builder(self.warehouse.base_url(), auth, USER_AGENT)
            .build()
            .map_err(Failure::broken)?;
        Ok(VendorClients {
            shop,
            options,
            warehouse: WarehouseRoute::Http(warehouse),
        })
    }

    /// A lost reply, a throttled and a failed request, each somewhere in the middle of the orders.
    pub(crate) fn arm_faults(&self) {
        let faults = self.warehouse.faults();
        let create = || (Method::POST, "/v1/orders");
        let (method, path) = create();
        faults.arm(Fault::on(method, path, FaultKind::LoseReplyAfterApplying).after(5));
        let (method, path) = create();
        faults.arm(
            Fault::on(
                method,
                path,
                FaultKind::Throttle {
                    retry_after: Some(1),
                },
            )
            .after(11),
        );
        let (method, path) = create();
        faults.arm(Fault::on(method, path, FaultKind::Status(503)).after(17));
    }

    /// One step of work: the warehouse picks and sends, the platform's connector runs, time goes on.
    pub(crate) fn work(&self) {
        self.warehouse.advance_clock(STEP);
        self.warehouse.tick();
        self.warehouse.advance_clock(STEP);
        self.shop.advance_clock(STEP);
        self.run_connector();
    }

    /// Lets the platform's connector overwrite orders whose tracking was just relayed: three of them once, one every time; and
    /// completes one draft.
    pub(crate) async fn overwrite_relayed(&self, engine: &Engine) -> Result<(), Failure> {
        let relayed = engine
            .store()
            .orders(
                engine.merchant(),
                &[OrderState::Relayed],
                None,
                OVERWRITTEN_ONCE + 1,
            )
            .await?;
        for (index, record) in relayed.iter().enumerate() {
            let times = if index < OVERWRITTEN_ONCE {
                1
            } else {
                u32::MAX
            };
            self.shop
                .overwrite_packages(record.id.as_str(), times)
                .map_err(Failure::broken)?;
        }
        if let Some(draft) = &self.draft {
            self.shop.complete_draft(draft).map_err(Failure::broken)?;
        }
        self.shop.advance_clock(STEP);
        self.run_connector();
        Ok(())
    }

    fn run_connector(&self) {
        let overwritten = self.shop.run_platform_connector().overwritten.len();
        let mut sum = self
            .overwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *sum = sum.saturating_add(overwritten as u64);
    }

    /// Changes some published levels in the shop behind the engine's back.
    pub(crate) async fn inject_drift(&self, engine: &Engine) -> Result<(), Failure> {
        let published: Vec<PublishedLevel> = engine
            .store()
            .published(engine.merchant(), &self.location)
            .await?;
        let apart = (published.len() / DRIFTED_LEVELS).max(1);
        for level in published.iter().step_by(apart).take(DRIFTED_LEVELS) {
            self.shop
                .set_stock(&self.location, level.sku.as_str(), level.level + 7)
                .map_err(Failure::broken)?;
        }
        Ok(())
    }

    /// Counts at the simulators, not in the engine's own books.
    pub(crate) fn account(&self, records: &[OrderRecord]) -> WorldAccount {
        let recorded: BTreeSet<&str> = records.iter().map(|record| record.id.as_str()).collect();
        let mut account = WorldAccount::default();
        for purchase in self.shop.purchases() {
            account.in_shop += 1;
            let id = purchase
                .pointer("/purchase_identifiers/sparklayer")
                .and_then(|id| id.as_str());
            if let Some(id) = id.filter(|id| !recorded.contains(id)) {
                account.unrecorded.insert(id.to_owned());
            }
        }
        let mut taken: BTreeMap<String, u64> = BTreeMap::new();
        for order in self.warehouse.orders() {
            *taken.entry(order.reference).or_default() += 1;
        }
        let ours: BTreeSet<&str> = records
            .iter()
            .map(|record| record.reference.as_str())
            .collect();
        let count = |found: usize| found as u64;
        account.doubled = count(taken.values().filter(|times| **times > 1).count());
        account.ghosts = count(
            taken
                .keys()
                .filter(|reference| !ours.contains(reference.as_str()))
                .count(),
        );
        let missing = records
            .iter()
            .filter(|record| record.state.is_at_warehouse())
            .filter(|record| !taken.contains_key(record.reference.as_str()));
        account.lost = count(missing.count());
        account
    }

    /// What was done to the run on purpose.
    pub(crate) fn rehearsed(&self) -> Rehearsed {
        Rehearsed {
            requests_harmed: self.warehouse.faults().fired() + self.shop.faults().fired(),
            orders_overwritten: *self
                .overwritten
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        }
    }

    /// What reached the simulators through their interfaces.
    pub(crate) fn sent(&self) -> Sent {
        let shop = self.shop.writes();
        Sent {
            warehouse_orders: self.warehouse.writes().order_posts,
            shop_orders: shop.purchase_puts,
            shop_levels: shop.stock_rows,
        }
    }

    /// Stops both.
    pub(crate) async fn shutdown(&self) {
        self.shop.shutdown().await;
        self.warehouse.shutdown().await;
    }
}

/// The shop's articles: every code that stands for stock, in the shop's spelling.
fn catalogue(
    dataset: &Dataset,
    spellings: &BTreeMap<&str, String>,
    is_stock: impl Fn(&str) -> bool,
) -> Vec<CatalogueItem> {
    let mut descriptions: BTreeMap<&str, &str> = BTreeMap::new();
    for line in dataset.lines() {
        if let Some(text) = &line.description {
            descriptions.entry(&line.code).or_insert(text);
        }
    }
    spellings
        .iter()
        .filter(|(code, _)| is_stock(code))
        .map(|(code, spelled)| {
            let description = descriptions.get(code).map(|text| (*text).to_owned());
            CatalogueItem::new(SourceSku::new(spelled.as_str()), description)
        })
        .collect()
}
