//! Shop, warehouse, store and engine, joined as in a live deployment.

mod findings;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use connector_http::{RetryPolicy, SecretString};
use connector_sim::{
    DEMO_CARRIER_ACCOUNT, DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, DEMO_TRACKING_CODE,
    DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET, SparkLayerOptions, SparkLayerSim,
    TRACKING_PATH, TickReport, WhistlOptions, WhistlSim,
};
use order_sync::adapters::{ShopOptions, SparkLayerShop, WhistlFiles, WhistlHttp, WhistlTracking};
use order_sync::{
    AlertSink, CancellationToken, Clock, Engine, FixedCatalogue, Flow, FlowReport, MerchantId,
    Ports, ReferenceKey, StockSource, Store, StoreError, Warehouse,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use order_sync_testkit::faults::{Call, Fault, FaultPlan};
use sparklayer_client::{Credentials, Environment, SparkLayer};
use tempfile::TempDir;
use whistl_client::orders::{Auth, WarehouseOrders};
use whistl_client::tracking::Tracking;

use crate::{AlertLog, DropShare, LOCATION, PurchaseDraft, Setup, ShiftedClock};

/// One of the two vendors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::exhaustive_enums, reason = "there are these two")]
pub enum Side {
    /// The shop.
    Shop,
    /// The warehouse.
    Warehouse,
}

/// The way to a vendor when it is not the straight one.
#[derive(Debug)]
struct Detour {
    side: Side,
    base: String,
    attempt: Duration,
}

/// A shop and a warehouse on loopback and an engine between them.
#[derive(Debug)]
pub struct World {
    /// The simulated shop.
    pub shop: SparkLayerSim,
    /// The simulated warehouse.
    pub warehouse: WhistlSim,
    /// Where the engine's alerts went.
    pub alerts: Arc<AlertLog>,
    /// The drop folders, used when the setup says so.
    pub share: DropShare,
    clock: ShiftedClock,
    setup: Setup,
    database: PathBuf,
    limit: Option<u64>,
    detour: Option<Detour>,
    folder: TempDir,
    placed: Mutex<BTreeMap<String, DateTime<Utc>>>,
    engine: Option<Engine>,
}

impl World {
    /// The merchant of every world.
    pub const MERCHANT: &str = "demo";
    /// The key of every world's client references.
    pub const REFERENCE_KEY: &str = "the reference key of the end-to-end tests";

    /// A world with the default setup.
    pub async fn start() -> Self {
        Self::of(Setup::default()).await
    }

    /// A world with a setup of its own.
    pub async fn of(setup: Setup) -> Self {
        Self::with_warehouse(setup, WhistlOptions::default()).await
    }

    /// A world whose warehouse has options of its own.
    pub async fn with_warehouse(setup: Setup, options: WhistlOptions) -> Self {
        let clock = ShiftedClock::default();
        // The simulators' clocks show whole seconds on the wire. They begin after the store, so that an order that is placed later
        // is one that the store cannot have forgotten.
        let second = clock.now().duration_trunc(TimeDelta::seconds(1)).unwrap();
        let start = second + TimeDelta::seconds(60);
        let shop = SparkLayerSim::start(SparkLayerOptions::default().with_clock_start(start))
            .await
            .unwrap();
        let mut options = options;
        options.clock_start = start;
        let warehouse = WhistlSim::start(options).await.unwrap();
        for (code, units) in &setup.shelf {
            warehouse.seed_stock(code, *units);
        }
        let folder = TempDir::new().unwrap();
        let mut world = Self {
            share: DropShare::create(folder.path().join("share")),
            database: folder.path().join("engine.db"),
            limit: None,
            detour: None,
            folder,
            shop,
            warehouse,
            alerts: Arc::default(),
            clock,
            setup,
            placed: Mutex::default(),
            engine: None,
        };
        world.open();
        world
    }

    /// Opens the store and builds the engine on it.
    pub fn open(&mut self) {
        let warehouse = self.warehouse_port();
        self.open_with(warehouse);
    }

    /// As [`World::open`], over [`World::holding_warehouse`].
    pub fn open_holding(&mut self, create: u32) -> Arc<FaultPlan> {
        let (plan, warehouse) = self.holding_warehouse(create);
        self.open_with(warehouse);
        plan
    }

    /// The warehouse behind a plan that holds the answer to the create of that number: whoever drops the run then
    /// ([`FaultPlan::until_held`]) is a process that has died before it could record it.
    pub fn holding_warehouse(&self, create: u32) -> (Arc<FaultPlan>, Arc<dyn Warehouse>) {
        let plan = FaultPlan::new(Arc::new(self.clock.clone()));
        for _ in 1..create {
            plan.next(Call::Submit, Fault::None);
        }
        plan.next(Call::Submit, Fault::HoldAfterWrite);
        let warehouse = plan.around_warehouse(self.warehouse_port());
        (plan, warehouse)
    }

    /// As [`World::open`], with a warehouse port of the test's own.
    pub fn open_with(&mut self, warehouse: Arc<dyn Warehouse>) {
        assert!(self.engine.is_none(), "the store is open already");
        let mut options = OpenOptions::new(self.clock.now());
        options.max_bytes = self.limit;
        let store = SqliteStore::open(&self.database, options).unwrap();
        self.open_over(Arc::new(store), warehouse);
    }

    /// As [`World::open_with`], over a store of the test's own, in place of the one that is open.
    pub fn open_over(&mut self, store: Arc<dyn Store>, warehouse: Arc<dyn Warehouse>) {
        let shop = Arc::new(self.shop_port());
        let ports = Ports {
            orders: Arc::<SparkLayerShop>::clone(&shop),
            catalogue: Arc::new(FixedCatalogue::new(self.setup.catalogue.clone())),
            warehouse,
            despatch_sink: Arc::<SparkLayerShop>::clone(&shop),
            stock_source: self.stock_port(),
            stock_sink: shop,
        };
        let merchant = MerchantId::new(Self::MERCHANT);
        let mut builder = Engine::builder(
            merchant,
            ReferenceKey::new(Self::REFERENCE_KEY),
            self.setup.profile.clone(),
            store,
            ports,
        )
        .with_settings(self.setup.settings.clone())
        .with_sku_overrides(self.setup.overrides.clone())
        .with_alert_sink(Arc::<AlertLog>::clone(&self.alerts) as Arc<dyn AlertSink>)
        .with_clock(Arc::new(self.clock.clone()));
        if self.setup.tracked {
            builder = builder.with_tracking(Arc::new(self.tracking_port(DEMO_TRACKING_CODE)));
        }
        self.engine = Some(builder.build().unwrap());
    }

    /// Tries to open the store a second time.
    ///
    /// # Errors
    /// What the store says.
    pub fn open_again(&self) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(&self.database, OpenOptions::new(self.clock.now()))
    }

    /// The folder that the world works in.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The engine's database.
    #[must_use]
    pub fn database(&self) -> &Path {
        &self.database
    }

    /// Ends the engine and closes the store.
    pub fn close(&mut self) {
        self.engine = None;
    }

    /// Ends the engine and builds another one on the same database.
    pub fn reopen(&mut self) {
        self.close();
        self.open();
    }

    /// As [`World::reopen`], with a setup that was changed in between.
    pub fn reopen_with(&mut self, change: impl FnOnce(&mut Setup)) {
        self.close();
        change(&mut self.setup);
        self.open();
    }

    /// Ends the engine and builds another one on an empty database.
    pub fn forget(&mut self) {
        self.close();
        self.database = self.folder.path().join("another.db");
        self.open();
    }

    /// From the next opening on the engine reaches that vendor by another address, and gives an attempt so long.
    pub fn reach_by(&mut self, side: Side, base: String, attempt: Duration) {
        self.detour = Some(Detour {
            side,
            base,
            attempt,
        });
    }

    /// From the next opening on an attempt on the detour has the clients' own time.
    pub fn be_patient(&mut self) {
        if let Some(detour) = &mut self.detour {
            detour.attempt = PATIENCE;
        }
    }

    /// The straight way or the detour, and how long an attempt may take.
    fn way_to(&self, side: Side) -> (String, Duration) {
        match &self.detour {
            Some(detour) if detour.side == side => (detour.base.clone(), detour.attempt),
            _ if side == Side::Shop => (self.shop.base_url(), PATIENCE),
            _ => (self.warehouse.base_url(), PATIENCE),
        }
    }

    /// From the next opening on the database may only grow to this size.
    pub fn limit_database(&mut self, max_bytes: Option<u64>) {
        self.limit = max_bytes;
    }

    /// Copies the closed database aside, as a backup does.
    pub fn back_up(&self) {
        assert!(self.engine.is_none(), "close the store first");
        std::fs::copy(&self.database, self.folder.path().join("backup.db")).unwrap();
    }

    /// Puts the copy back in place of the closed database.
    pub fn restore(&self) {
        assert!(self.engine.is_none(), "close the store first");
        std::fs::copy(self.folder.path().join("backup.db"), &self.database).unwrap();
    }

    fn shop_port(&self) -> SparkLayerShop {
        let credentials = Credentials {
            site_id: DEMO_SITE_ID.to_owned(),
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: SecretString::from(DEMO_CLIENT_SECRET),
        };
        let (base, attempt) = self.way_to(Side::Shop);
        let client = SparkLayer::builder(credentials, "end-to-end")
            .with_environment(Environment::Custom(base.parse().unwrap()))
            .with_timeouts(attempt, attempt * 4)
            .with_retry_policy(hurried())
            .build()
            .unwrap();
        let mut options = ShopOptions::default();
        options.stock_location = LOCATION.to_owned();
        SparkLayerShop::new(client, options)
    }

    fn warehouse_client(&self) -> WarehouseOrders {
        let auth = Auth::oauth2(DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET);
        let (base, attempt) = self.way_to(Side::Warehouse);
        WarehouseOrders::builder(base, auth, "end-to-end")
            .with_attempt_timeout(attempt)
            .with_total_timeout(attempt * 4)
            .with_retry_policy(hurried())
            .build()
            .unwrap()
    }

    fn files_port(&self) -> WhistlFiles {
        WhistlFiles::new(
            self.share.folder(),
            DropShare::options(),
            Arc::new(self.clock.clone()),
        )
    }

    /// The port that the engine gets, for a test that stands before it.
    #[must_use]
    pub fn warehouse_port(&self) -> Arc<dyn Warehouse> {
        if self.setup.by_files {
            Arc::new(self.files_port())
        } else {
            Arc::new(WhistlHttp::new(self.warehouse_client()))
        }
    }

    /// The carrier's tracking, asked with that access code.
    #[must_use]
    pub fn tracking_port(&self, access_code: &str) -> WhistlTracking {
        let base = format!("{}{TRACKING_PATH}/", self.warehouse.base_url());
        let client = Tracking::builder(base, DEMO_CARRIER_ACCOUNT, access_code, "end-to-end")
            .with_retry_policy(hurried())
            .build()
            .unwrap();
        WhistlTracking::new(client)
    }

    fn stock_port(&self) -> Arc<dyn StockSource> {
        if self.setup.by_files {
            Arc::new(self.files_port())
        } else {
            Arc::new(WhistlHttp::new(self.warehouse_client()))
        }
    }

    /// The engine.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        self.engine.as_ref().expect("the store is open")
    }

    // ---- time ----

    /// The time of the engine's clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Lets time pass, for engine, shop and warehouse alike; in whole seconds, rounded up.
    pub fn pass(&self, by: Duration) {
        let by = Duration::from_secs(by.as_secs() + u64::from(by.subsec_nanos() > 0));
        self.clock.advance(by);
        self.shop.advance_clock(by);
        self.warehouse.advance_clock(by);
    }

    // ---- what people and other systems do ----

    /// The buyer places an order, or the platform writes a changed one.
    pub fn put(&self, draft: &PurchaseDraft) {
        self.pass(Duration::from_secs(2));
        let placed = *self
            .placed
            .lock()
            .unwrap()
            .entry(draft.id())
            .or_insert_with(|| self.shop.now());
        self.shop
            .put_purchase_text(&draft.placed(placed).to_string())
            .unwrap();
    }

    /// The warehouse picks and sends everything it has, a minute later.
    pub fn tick(&self) -> TickReport {
        self.pass(Duration::from_secs(60));
        self.warehouse.tick()
    }

    // ---- runs ----

    /// Runs a flow once, whatever comes of it.
    pub async fn run(&self, flow: Flow) -> FlowReport {
        self.engine()
            .run_once(flow, &CancellationToken::new())
            .await
    }

    /// Runs a flow once, to its end.
    pub async fn complete(&self, flow: Flow) -> FlowReport {
        let report = self.run(flow).await;
        assert!(
            report.completed(),
            "the {flow} flow ended as {:?}",
            report.outcome
        );
        report
    }

    /// Runs the corrective stock flow, to its end.
    pub async fn correct_stock(&self) -> FlowReport {
        let report = self
            .engine()
            .run_stock_corrective(&CancellationToken::new())
            .await;
        assert!(
            report.completed(),
            "the corrective stock flow ended as {:?}",
            report.outcome
        );
        report
    }

    /// Runs the orders and the despatches flow until nothing is due any more, letting time pass in between.
    pub async fn settle(&self) -> Vec<FlowReport> {
        let mut reports = Vec::new();
        for _ in 0..100 {
            reports.push(self.complete(Flow::Orders).await);
            reports.push(self.complete(Flow::Despatches).await);
            let Some(due) = self
                .engine()
                .next_due(Duration::from_secs(24 * 3600))
                .await
                .unwrap()
            else {
                return reports;
            };
            self.pass((due - self.clock.now()).to_std().unwrap_or_default());
        }
        panic!("something stays due for ever: {:?}", self.counts().await);
    }
}

/// The clients' own default for an attempt.
const PATIENCE: Duration = Duration::from_secs(30);

/// Few retries at once, so that a fault that outlasts them shows quickly.
fn hurried() -> RetryPolicy {
    RetryPolicy::new()
        .with_tries(3)
        .with_backoff(Duration::from_millis(5), Duration::from_millis(20))
}
