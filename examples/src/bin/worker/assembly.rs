//! From the command line and the configuration files to engines: everything that can be checked is checked before anything is opened.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use connector_examples::deployment::{
    BadInput, Failure, InputFault, LiveParts, Loaded, OpenStore, PersonalDataKeys, Secret,
    StoreChoice, connect,
};
use order_sync::alert_sinks::LogSink;
use order_sync::{Engine, FixedCatalogue, HealthLimits, MerchantId, Runner, Store};

use crate::USER_AGENT;
use crate::arguments::Arguments;
use crate::counters::Counters;

/// Where the address of the store may stand instead of the command line; the first that is set counts.
const STORE_VARIABLES: [&str; 2] = ["ORDER_SYNC_STORE", "DATABASE_URL"];

/// A merchant at work.
#[derive(Debug)]
pub(crate) struct Merchant {
    pub(crate) engine: Engine,
    pub(crate) runner: Runner,
    pub(crate) limits: HealthLimits,
    pub(crate) counters: Arc<Counters>,
    /// Calls to the vendors at once.
    pub(crate) in_flight: usize,
}

impl Merchant {
    /// Whose orders they are.
    pub(crate) fn name(&self) -> &str {
        self.engine.merchant().as_str()
    }
}

/// Everything that is to be worked with, checked; nothing is open yet.
pub(crate) struct Configured {
    pub(crate) store: StoreChoice,
    keys: PersonalDataKeys,
    merchants: Vec<(Loaded, LiveParts)>,
}

impl Configured {
    /// Reads and checks everything; all faults of all files at once.
    pub(crate) fn read(arguments: &Arguments) -> Result<Self, BadInput> {
        let mut faults = Vec::new();
        let mut merchants: Vec<(Loaded, LiveParts)> = Vec::new();
        for path in &arguments.config {
            let read = Loaded::read(path).and_then(|loaded| {
                let parts = connect(&loaded, USER_AGENT)?;
                Ok((loaded, parts))
            });
            match read {
                Ok((loaded, parts)) => {
                    let name = loaded.config.merchant.get_ref();
                    let twice = merchants
                        .iter()
                        .find(|(other, _)| other.config.merchant.get_ref() == name);
                    if let Some((other, _)) = twice {
                        let what = format!(
                            "merchant `{name}` stands in {} already",
                            other.path.display()
                        );
                        faults.push(loaded.fault_at(
                            &loaded.config.merchant,
                            what,
                            "give each merchant one file",
                        ));
                    }
                    merchants.push((loaded, parts));
                }
                Err(bad) => faults.extend(bad.faults().iter().cloned()),
            }
        }
        // A check of the configuration needs no store, and checks one that is named.
        let store = match store(arguments) {
            Ok(Some(store)) => Some(store),
            Ok(None) if arguments.check_config => Some(StoreChoice::File("not named".into())),
            Ok(None) => {
                let remedy = "name a file or postgres://USER:PASSWORD@HOST/DATABASE with --store, or in the variable ORDER_SYNC_STORE";
                faults.push(InputFault::new("no store is named", remedy));
                None
            }
            Err(fault) => {
                faults.push(fault);
                None
            }
        };
        let keys = PersonalDataKeys::read().unwrap_or_else(|fault| {
            faults.push(fault);
            PersonalDataKeys::default()
        });
        match store {
            Some(store) if faults.is_empty() => Ok(Self {
                store,
                keys,
                merchants,
            }),
            _ => Err(BadInput::of(faults)),
        }
    }

    /// What would be used, for people. Names secrets, never their values.
    pub(crate) fn explanation(&self) -> String {
        let (place, keys) = (self.store.place(), self.keys.explanation());
        let mut text = format!("store: {place}\n{keys}\n");
        for (loaded, parts) in &self.merchants {
            let config = &loaded.config;
            text.push_str(&format!(
                "{}: sound; merchant {}, {} articles, shop {}, shutdown grace {} s\n",
                loaded.path.display(),
                config.merchant.get_ref(),
                parts.catalogue.len(),
                config.sparklayer.environment.get_ref(),
                config.runner.shutdown_grace.as_secs(),
            ));
        }
        text
    }

    /// The longest time that a merchant's runs may take to finish.
    pub(crate) fn longest_grace(&self) -> Duration {
        let graces = self.merchants.iter();
        let graces = graces.map(|(loaded, _)| loaded.config.runner.shutdown_grace);
        graces.max().unwrap_or_default()
    }

    /// Opens the store.
    pub(crate) async fn open_store(&self) -> Result<OpenStore, Failure> {
        self.store.open(&self.keys).await
    }

    /// Opens the store and builds the engines.
    pub(crate) async fn open(self) -> Result<Vec<Arc<Merchant>>, Failure> {
        let place = self.store.place();
        let open = self.open_store().await?;
        tracing::info!(store = place, "the store is open");
        if open.went_back_in_time {
            tracing::warn!(
                "the database is not the one it was (a backup was restored, or a standby took over): orders are asked for at the \
                 warehouse before their first send"
            );
        }
        let merchants = self.merchants.into_iter();
        merchants
            .map(|(loaded, parts)| merchant(loaded, parts, &open.store))
            .collect()
    }
}

fn merchant(
    loaded: Loaded,
    parts: LiveParts,
    store: &Arc<dyn Store>,
) -> Result<Arc<Merchant>, Failure> {
    let path = loaded.path;
    let config = loaded.config;
    let in_flight = config.engine.in_flight;
    let counters = Arc::new(Counters::new(config.merchant.get_ref()));
    let engine = Engine::builder(
        MerchantId::new(config.merchant.get_ref().as_str()),
        parts.reference_key,
        config.mapping,
        Arc::clone(store),
        parts
            .clients
            .ports(Arc::new(FixedCatalogue::new(parts.catalogue))),
    )
    .with_settings(config.engine)
    .with_sku_overrides(config.sku)
    .with_observer(Arc::<Counters>::clone(&counters))
    .with_alert_sink(Arc::new(LogSink::new()))
    .build()
    .map_err(|error| faults_in(&path, error.faults()))?;
    // Workers of one merchant must not call on the same second.
    let runner = Runner::new(engine.clone(), config.runner)
        .map_err(|error| faults_in(&path, error.faults()))?
        .with_seed(fastrand::u64(..));
    Ok(Arc::new(Merchant {
        engine,
        runner,
        limits: config.health,
        counters,
        in_flight,
    }))
}

fn faults_in(path: &Path, faults: &[String]) -> BadInput {
    let fault =
        |text: &String| InputFault::new(text.as_str(), "correct the configuration").in_file(path);
    BadInput::of(faults.iter().map(fault).collect())
}

/// The store that is named, and how it is opened.
fn store(arguments: &Arguments) -> Result<Option<StoreChoice>, InputFault> {
    let mut named = arguments.store.clone();
    for variable in STORE_VARIABLES {
        if named.is_none() {
            named = Secret::find(variable)
                .map_err(|fault| InputFault::new(fault.what, fault.remedy))?;
        }
    }
    let Some(text) = named else { return Ok(None) };
    let mut choice = StoreChoice::read(&text)?;
    if let StoreChoice::Postgres(postgres) = &mut choice {
        let options = &mut postgres.options;
        options.schema.clone_from(&arguments.schema);
        options.max_connections = usize::from(arguments.connections);
        options.migrate = !arguments.without_migrations;
        if let Some(path) = &arguments.root_certificates {
            let pem = std::fs::read(path).map_err(|error| {
                InputFault::new(
                    format!("cannot be read: {error}"),
                    "name a file of certificates in PEM",
                )
                .in_file(path)
            })?;
            options.root_certificates = Some(pem);
        }
    }
    Ok(Some(choice))
}
