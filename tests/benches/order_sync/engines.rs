//! An engine on a store and the ports of this process.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use end_to_end::{Setup, World};
use order_sync::{
    CancellationToken, Clock as _, Engine, FixedCatalogue, Flow, FlowReport, MemoryStore,
    MerchantId, Ports, ReferenceKey, Settings, Store, SystemClock,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};

use crate::ports::{Intake, Quiet, Shop};

/// Orders, look-ups and writes under way at once.
pub(crate) const IN_FLIGHT: usize = 32;
/// Orders claimed at once: enough that the end of a batch, when fewer and fewer are under way, hardly counts.
const BATCH: usize = 256;

/// The settings of a live deployment that has to catch up.
pub(crate) fn settings(in_flight: usize) -> Settings {
    let mut settings = Settings::default();
    settings.in_flight = in_flight;
    settings.batch = BATCH;
    settings.source_lag = Duration::ZERO;
    settings
}

/// Opens or makes the store in a folder.
pub(crate) fn sqlite(folder: &Path) -> Arc<dyn Store> {
    let options = OpenOptions::new(SystemClock::new().now());
    Arc::new(SqliteStore::open(folder.join("engine.db"), options).unwrap())
}

/// A store in memory.
pub(crate) fn memory() -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(SystemClock::new().now()))
}

/// An engine with its shop and warehouse.
#[derive(Debug)]
pub(crate) struct Assembled {
    pub(crate) engine: Engine,
    pub(crate) intake: Arc<Intake>,
}

impl Assembled {
    pub(crate) fn new(store: Arc<dyn Store>, shop: Shop, intake: Intake) -> Self {
        let merchant = MerchantId::new(World::MERCHANT);
        Self::of(merchant, settings(IN_FLIGHT), store, shop, intake)
    }

    /// The engine of one of several merchants.
    pub(crate) fn of(
        merchant: MerchantId,
        settings: Settings,
        store: Arc<dyn Store>,
        shop: Shop,
        intake: Intake,
    ) -> Self {
        let setup = Setup::default();
        let intake = Arc::new(intake);
        let quiet = Arc::new(Quiet);
        let ports = Ports {
            orders: Arc::new(shop),
            catalogue: Arc::new(FixedCatalogue::new(setup.catalogue)),
            warehouse: Arc::<Intake>::clone(&intake),
            despatch_sink: Arc::<Quiet>::clone(&quiet),
            stock_source: Arc::<Quiet>::clone(&quiet),
            stock_sink: quiet,
        };
        let key = ReferenceKey::new(World::REFERENCE_KEY);
        let engine = Engine::builder(merchant, key, setup.profile, store, ports)
            .with_settings(settings)
            .build()
            .unwrap();
        Self { engine, intake }
    }

    /// Runs a flow once, to its end.
    pub(crate) async fn run(&self, flow: Flow) -> FlowReport {
        let report = self.engine.run_once(flow, &CancellationToken::new()).await;
        assert!(report.completed(), "{:?}", report.outcome);
        report
    }
}

/// A runtime of one thread: the engine spawns nothing.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}
