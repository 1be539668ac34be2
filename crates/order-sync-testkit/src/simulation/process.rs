//! A worker: engines over the shared store, one for each merchant, and flows in an order drawn from the seed.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::{Either, select};
use order_mapping::{Kit, KitComponent, PackRule, Profile, ServiceRule};
use order_sync::{
    CancellationToken, Clock, Engine, Flow, FlowOutcome, Ports, ReferenceKey, Settings, Store,
};

use super::calls::{NotedCarrier, NotedDepot, NotedShop};
use super::carrier::{CarrierPort, status_table};
use super::executor::Process;
use super::fault_class::FaultClass;
use super::history::Fact;
use super::pager::PagerPort;
use super::scenario::Scenario;
use super::shop::{KIT, KIT_PARTS, PACK, PACKED, ShopPort};
use super::warehouse_port::DepotPort;
use super::watch::{Watch, merchant_id};
use super::world::{Caller, LEASE, OurClock, SETTLE, World};
use crate::faults::WatchedStore;

/// The option that the service table knows.
pub(super) const SERVICE: &str = "Standard Delivery";

/// Units of every article that are kept back from sale.
pub(super) const BUFFER: u32 = 2;

/// The key of client references: a secret, which no report may show.
pub(super) const KEY: &str = "k3y-of-the-simulation";

pub(super) fn profile(world: &World) -> Profile {
    let mut profile = Profile::default();
    profile.services.rules = vec![ServiceRule::new(SERVICE, "WHI_STD")];
    profile.phone.allow_fictitious = true;
    profile.stock.buffer.fixed = BUFFER;
    let scenario = &world.state().scenario;
    if scenario.kits {
        let parts = KIT_PARTS.map(|(sku, units)| KitComponent::new(sku, units));
        profile.kits.kits = vec![Kit::new(KIT, parts)];
        profile.packs.rules = vec![PackRule::new(PACKED, PACK)];
    }
    profile.shipment = status_table();
    // The clocks may be as far apart as they are, and by a step of ours more.
    let step = if scenario.has(FaultClass::ClockStepsBack) {
        600
    } else {
        0
    };
    let apart = (scenario.warehouse_skew - scenario.our_skew).unsigned_abs() + step + 60;
    profile.stock.clock_skew_seconds = u32::try_from(apart).unwrap_or(u32::MAX);
    profile
}

pub(super) fn settings(scenario: &Scenario) -> Settings {
    let mut settings = Settings::default();
    settings.lease = LEASE;
    settings.settle = SETTLE;
    settings.acknowledge_poll = Duration::from_secs(15);
    settings.backoff_cap = Duration::from_secs(120);
    settings.proof_delay = Duration::from_secs(60);
    settings.rewrite_pause = Duration::from_secs(60);
    settings.sweep_every = Duration::from_secs(1800);
    settings.guard.retry_budget = if scenario.seed.is_multiple_of(2) {
        100
    } else {
        5
    };
    // A circuit opens after few failures in every third history, and after so many that it hardly ever does in the others.
    settings.guard.min_calls = if scenario.seed.is_multiple_of(3) {
        3
    } else {
        20
    };
    settings.tracking_every = Duration::from_secs(300);
    settings.tracking_per_run = 20;
    settings.in_flight = 4;
    settings.batch = 4;
    settings
}

/// The engine of a worker for a merchant.
pub(super) fn engine(
    world: &Arc<World>,
    store: &Arc<dyn Store>,
    merchant: usize,
    worker: usize,
) -> Result<Engine, String> {
    let caller = Caller {
        world: Arc::clone(world),
        merchant,
        worker,
    };
    let clock: Arc<dyn Clock> = Arc::new(OurClock(Arc::clone(world)));
    let watch = Arc::new(Watch::new(caller.clone()));
    let store = Arc::new(WatchedStore::new(
        Arc::clone(store),
        watch,
        Arc::clone(&clock),
    ));
    let shop = Arc::new(NotedShop(ShopPort(caller.clone())));
    let pager = Arc::new(PagerPort(caller.clone()));
    let carrier = Arc::new(NotedCarrier(CarrierPort(caller.clone())));
    let depot = Arc::new(NotedDepot(DepotPort(caller)));
    let ports = Ports {
        orders: Arc::<NotedShop>::clone(&shop),
        catalogue: Arc::<NotedShop>::clone(&shop),
        warehouse: Arc::<NotedDepot>::clone(&depot),
        despatch_sink: Arc::<NotedShop>::clone(&shop),
        stock_source: depot,
        stock_sink: shop,
    };
    let (settings, seed, tracked) = {
        let scenario = &world.state().scenario;
        (settings(scenario), scenario.seed, scenario.tracking)
    };
    let builder = Engine::builder(
        merchant_id(seed, merchant),
        ReferenceKey::new(KEY),
        profile(world),
        store,
        ports,
    )
    .with_settings(settings)
    .with_clock(clock)
    .with_alert_sink(pager);
    let builder = if tracked {
        builder.with_tracking(carrier)
    } else {
        builder
    };
    builder.build().map_err(|error| error.to_string())
}

/// Longer than any run takes that comes to its end, with every pause and every slow answer in it.
fn longest_run(scenario: &Scenario) -> Duration {
    Duration::from_secs(20 * 60 + 30 * scenario.orders as u64)
}

/// Runs one flow, and writes down how it ended.
pub(super) async fn run(
    world: &Arc<World>,
    engine: &Engine,
    place: (usize, usize),
    flow: Flow,
) -> FlowOutcome {
    let never = CancellationToken::new();
    let (merchant, worker) = place;
    let caller = Caller {
        world: Arc::clone(world),
        merchant,
        worker,
    };
    let longest = longest_run(&world.state().scenario);
    let ran = pin!(engine.run_once(flow, &never));
    let report = match select(ran, pin!(world.time.sleep(longest))).await {
        Either::Left((report, _)) => report,
        Either::Right(_) => {
            caller.note(Fact::Endless(flow.as_str(), longest));
            return FlowOutcome::Stopped;
        }
    };
    let outcome = match &report.outcome {
        FlowOutcome::Failed { reason } => format!("failed: {reason}"),
        other => format!("{other:?}").to_lowercase(),
    };
    caller.note(Fact::Ran(flow.as_str(), outcome));
    report.outcome
}

/// A worker in the time of faults: flows in random order with random pauses, for ever.
pub(super) fn worker(world: &Arc<World>, store: &Arc<dyn Store>, worker: usize) -> Process {
    let (world, store) = (Arc::clone(world), Arc::clone(store));
    Box::pin(async move {
        let (merchants, mean) = {
            let state = world.state();
            // Some dozens of runs a history, however long it is.
            let runs = state.scenario.orders as u64 / 2 + 12;
            (
                state.scenario.merchants,
                state.scenario.length.as_secs() / runs.max(1),
            )
        };
        let engines: Result<Vec<Engine>, String> = (0..merchants)
            .map(|merchant| engine(&world, &store, merchant, worker))
            .collect();
        let Ok(engines) = engines else { return };
        let mut orders = Box::pin(lane(&world, &engines, worker, mean, true));
        let mut others = Box::pin(lane(&world, &engines, worker, mean, false));
        // Side by side, as the built-in runner has them.
        std::future::poll_fn(move |context| {
            let _ = orders.as_mut().poll(context);
            others.as_mut().poll(context)
        })
        .await;
    })
}

/// One flow after another, for ever.
async fn lane(world: &Arc<World>, engines: &[Engine], worker: usize, mean: u64, orders: bool) {
    loop {
        let (merchant, flow, pause) = {
            let mut state = world.state();
            let flow = match state.rng.u32(0..20) {
                _ if orders => Flow::Orders,
                0..=12 => Flow::Despatches,
                13..=18 => Flow::Stock,
                _ => Flow::Audit,
            };
            let pause = state.rng.u64(1..=mean.max(1) * 2);
            (state.rng.usize(0..engines.len()), flow, pause)
        };
        if let Some(engine) = engines.get(merchant) {
            run(world, engine, (merchant, worker), flow).await;
        }
        world.time.sleep(Duration::from_secs(pause)).await;
    }
}
