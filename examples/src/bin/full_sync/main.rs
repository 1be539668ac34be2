//! Runs every flow between a SparkLayer shop and a Whistl warehouse once, and shows what became of every order.
//!
//! `cargo run --release --bin full_sync` needs nothing but Rust and a C compiler: it starts both vendors as simulators on loopback,
//! fills the shop with a wholesaler's invoices, and synchronises them through the real clients over HTTP. See the package's README.

mod alert_count;
mod arguments;
mod built_in_orders;
mod database;
mod dataset;
mod defects;
mod demo_clock;
mod demo_config;
mod demo_shop;
mod demo_world;
mod open_exceptions;
mod passes;
mod plan;
mod print;
mod progress;
mod stable_hash;
mod summary;
mod waiting;
mod went;

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use connector_examples::deployment::{
    BadInput, Failure, InputFault, Loaded, Route, Secret, StoreChoice, connect,
};
use order_mapping::{CatalogueItem, Diagnostic, Profile, SkuHistory, SkuOverrides, Subject};
use order_sync::dry_run::Plan;
use order_sync::{
    CancellationToken, Clock, Engine, FixedCatalogue, Flow, MerchantId, Ports, ReferenceKey,
    Settings, SystemClock,
};
use serde::Serialize;

use crate::alert_count::AlertCount;
use crate::arguments::Arguments;
use crate::built_in_orders::built_in_orders;
use crate::database::{Database, demonstration, with_schema};
use crate::dataset::Dataset;
use crate::demo_clock::DemoClock;
use crate::demo_config::DemoConfig;
use crate::demo_world::DemoWorld;
use crate::passes::Passes;
use crate::plan::PlanReport;
use crate::progress::ProgressView;
use crate::summary::{Sources, summarise};

/// Names this program in the `User-Agent` of both clients.
const USER_AGENT: &str = concat!("full-sync/", env!("CARGO_PKG_VERSION"));
/// The merchant of the demonstration.
const DEMO_MERCHANT: &str = "demo-wholesale";
/// The key of the demonstration's client references. A deployment has its own and keeps it secret.
const DEMO_REFERENCE_KEY: &str = "full-sync-demonstration-key";
/// Where the address of the store may stand instead of the command line.
const STORE_VARIABLE: &str = "ORDER_SYNC_STORE";
/// How long a run against simulators "waits": past the proof of a relay, and not up to the pause after a second loss.
const DEMO_HORIZON: Duration = Duration::from_secs(120);
/// Relays that were a minute apart are proven in one round: nobody waits for it.
const DEMO_SLACK: Duration = Duration::from_secs(60);
/// How long a run against real endpoints waits for what is due soon; the rest is the next run's.
const LIVE_HORIZON: Duration = Duration::from_secs(4);

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .init();
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::broken)
        .and_then(|runtime| runtime.block_on(run(&arguments)));
    let code = match result {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure}");
            failure.exit_code()
        }
    };
    ExitCode::from(code)
}

/// Does what the command line asks for; whether the result is sound.
async fn run(arguments: &Arguments) -> Result<bool, Failure> {
    match &arguments.config {
        Some(path) => Box::pin(run_live(arguments, path)).await,
        None => Box::pin(run_demo(arguments)).await,
    }
}

/// Against simulators that this process starts.
async fn run_demo(arguments: &Arguments) -> Result<bool, Failure> {
    // All input is read and checked before anything is started or written.
    let dataset = match &arguments.orders {
        Some(path) => Dataset::from_csv(path)?,
        None => built_in_orders(arguments.seed),
    };
    let config = DemoConfig::load(&dataset.codes())?;
    let (mut store, merchant) = demonstration(
        arguments.store()?,
        arguments.schema.as_deref(),
        DEMO_MERCHANT,
        SystemClock::new().now(),
    );
    if arguments.dry_run && matches!(store, Some(StoreChoice::Postgres(_))) {
        // A new merchant has nothing on record that a copy would be needed for.
        store = None;
    }
    let database = Database::open(store.as_ref(), arguments.dry_run).await?;
    database.expect_no_orders(&merchant).await?;
    let world = DemoWorld::start(&dataset, &config.mapping.non_stock, &config.shop).await?;
    let assembly = Assembly {
        merchant,
        reference_key: ReferenceKey::new(DEMO_REFERENCE_KEY),
        settings: config.engine,
        profile: config.mapping,
        overrides: config.sku,
        ports: world
            .clients(config.shop)?
            .ports(catalogue(world.catalogue.clone())),
        source: world.name.clone(),
    };
    let sound = assembly.run(arguments, database, Some(&world)).await;
    world.shutdown().await;
    sound
}

/// Against the endpoints of a configuration file.
async fn run_live(arguments: &Arguments, path: &Path) -> Result<bool, Failure> {
    let loaded = Loaded::read(path)?;
    let parts = connect(&loaded, USER_AGENT)?;
    if arguments.check_config {
        return print(&explanation(&loaded, &parts.catalogue));
    }
    let store = match arguments.store()? {
        Some(store) => Some(store),
        None => Secret::find(STORE_VARIABLE)
            .map_err(|fault| InputFault::new(fault.what, fault.remedy))?
            .map(|text| StoreChoice::read(&text))
            .transpose()?,
    };
    let store = with_schema(store, arguments.schema.as_deref());
    let database = Database::open(store.as_ref(), arguments.dry_run).await?;
    let config = loaded.config;
    let assembly = Assembly {
        merchant: MerchantId::new(config.merchant.get_ref().as_str()),
        reference_key: parts.reference_key,
        settings: config.engine,
        profile: config.mapping,
        overrides: config.sku,
        ports: parts.clients.ports(catalogue(parts.catalogue)),
        source: format!(
            "{} in the shop of {}",
            config.merchant.get_ref(),
            config.sparklayer.site_id
        ),
    };
    assembly.run(arguments, database, None).await
}

/// What would be used, for `--check-config`. Names variables, never their values.
fn explanation(loaded: &Loaded, items: &[CatalogueItem]) -> String {
    let config = &loaded.config;
    let route = match (
        &config.warehouse.route,
        &config.warehouse.http,
        &config.warehouse.files,
    ) {
        (Route::Http, Some(http), _) => format!("over HTTP at {}", http.base_url.get_ref()),
        (_, _, Some(files)) => format!("by files in {}", files.root.get_ref().display()),
        _ => String::new(),
    };
    let (_, findings) = (config.mapping).registry(&SkuHistory::default(), items, &config.sku);
    let faulty: Vec<&Diagnostic> = findings.iter().filter(|one| one.severity.holds()).collect();
    let mut text = format!(
        "{}: sound\n\
         merchant: {}\n\
         shop: site {}, environment {}, stock location {}\n\
         warehouse: {route}\n\
         mapping: {} service rules, {} declared aliases\n\
         catalogue: {} articles; faults that keep articles from being sent: {}\n\
         engine: reads {} s back, {} calls at once, settles for {} s, proves after {} s\n",
        loaded.path.display(),
        config.merchant.get_ref(),
        config.sparklayer.site_id,
        config.sparklayer.environment.get_ref(),
        config.sparklayer.shop.stock_location,
        config.mapping.services.rules.len(),
        config.sku.aliases.len(),
        items.len(),
        faulty.len(),
        config.engine.overlap.as_secs(),
        config.engine.in_flight,
        config.engine.settle.as_secs(),
        config.engine.proof_delay.as_secs(),
    );
    for fault in faulty {
        let code = fault.code.info();
        let about = match &fault.subject {
            Subject::Sku(sku) => format!(" {sku}"),
            _ => String::new(),
        };
        let _ = write!(
            text,
            "catalogue:{about}: {}: {}\n  owner: {}; remedy: {}\n",
            code.id, fault.message, code.owner, code.remedy
        );
    }
    text
}

fn catalogue(items: Vec<CatalogueItem>) -> Arc<FixedCatalogue> {
    Arc::new(FixedCatalogue::new(items))
}

/// An engine's parts, whatever it is joined to.
struct Assembly {
    merchant: MerchantId,
    reference_key: ReferenceKey,
    settings: Settings,
    profile: Profile,
    overrides: SkuOverrides,
    ports: Ports,
    source: String,
}

impl Assembly {
    /// Builds the engine and runs it, for real or dry; prints the report.
    async fn run(
        mut self,
        arguments: &Arguments,
        database: Database,
        world: Option<&DemoWorld>,
    ) -> Result<bool, Failure> {
        let buffer = self.profile.stock.buffer;
        let plan = arguments.dry_run.then(Plan::new);
        if let Some(plan) = &plan {
            self.ports.warehouse = plan.warehouse(self.ports.warehouse);
            self.ports.despatch_sink = plan.despatch_sink(self.ports.despatch_sink);
            self.ports.stock_sink = plan.stock_sink(self.ports.stock_sink);
        }
        let view = Arc::new(ProgressView::new());
        if let Some(place) = &database.kept {
            view.say(&format!(
                "on record in {place}, as merchant {}",
                self.merchant
            ));
        }
        let alerts = Arc::new(AlertCount::default());
        let clock: Arc<dyn Clock> = match world {
            Some(_) => Arc::new(DemoClock::default()),
            None => Arc::new(SystemClock::new()),
        };
        let engine = Engine::builder(
            self.merchant,
            self.reference_key,
            self.profile,
            Arc::clone(&database.store),
            self.ports,
        )
        .with_settings(self.settings)
        .with_sku_overrides(self.overrides)
        .with_clock(Arc::clone(&clock))
        .with_observer(Arc::<ProgressView>::clone(&view))
        .with_alert_sink(Arc::<AlertCount>::clone(&alerts))
        .build()
        .map_err(|error| {
            let fault = |text: &String| InputFault::new(text.as_str(), "correct the configuration");
            BadInput::of(error.faults().iter().map(fault).collect())
        })?;
        let stop = stop_on_interrupt();
        let flows = arguments.chosen_flows();
        view.say(&format!("orders of {}", self.source));
        let sound = if let Some(plan) = plan {
            let reports = dry_run(&engine, &flows, &stop).await;
            view.finish();
            let sent = world.map(DemoWorld::sent);
            let report =
                PlanReport::new(self.source, &engine, plan.writes(), reports, sent).await?;
            show(arguments, &report, print::plan)?;
            report.faults.is_empty()
        } else {
            let (horizon, slack) = match world {
                Some(_) => (DEMO_HORIZON, DEMO_SLACK),
                None => (LIVE_HORIZON, Duration::ZERO),
            };
            let passes = Passes {
                engine: &engine,
                flows: &flows,
                stop: &stop,
                view: &view,
                clock: &*clock,
                horizon,
                slack,
                world,
            };
            let results = passes.run().await?;
            view.finish();
            let elapsed_ms = u64::try_from(clock.monotonic().as_millis()).unwrap_or(u64::MAX);
            let sources = Sources {
                engine: &engine,
                alerts: &alerts,
                world,
                source: self.source,
                now: clock.now(),
                buffer,
                elapsed_ms,
            };
            let summary = summarise(sources, results).await?;
            show(arguments, &summary, print::summary)?;
            summary.verdict.sound
        };
        Ok(sound)
    }
}

/// Orders, despatches and stock; an audit of a plan would miss at the warehouse what was only planned.
async fn dry_run(
    engine: &Engine,
    flows: &[Flow],
    stop: &CancellationToken,
) -> Vec<order_sync::FlowReport> {
    let mut reports = Vec::new();
    for flow in flows.iter().filter(|flow| **flow != Flow::Audit) {
        reports.push(engine.run_once(*flow, stop).await);
    }
    reports
}

/// Ctrl-C ends a run in good order: calls under way are finished and recorded.
fn stop_on_interrupt() -> CancellationToken {
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            asked.cancel();
        }
    });
    stop
}

fn show<T: Serialize>(
    arguments: &Arguments,
    report: &T,
    text: fn(&T) -> String,
) -> Result<(), Failure> {
    let text = if arguments.json {
        serde_json::to_string_pretty(report).map_err(Failure::broken)?
    } else {
        text(report)
    };
    print(&text).map(|_| ())
}

/// The report goes to standard output, which may be closed early by whoever reads it.
fn print(text: &str) -> Result<bool, Failure> {
    match writeln!(std::io::stdout().lock(), "{}", text.trim_end()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
        _ => Ok(true),
    }
}
