//! The engine of a site: real clients against the simulators, short times, the rules of the end-to-end tests.

use std::sync::Arc;
use std::time::Duration;

use connector_http::{RetryPolicy, SecretString};
use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET,
};
use end_to_end::{LOCATION, Setup};
use order_mapping::CatalogueItem;
use order_sync::adapters::{ShopOptions, SparkLayerShop, WhistlHttp};
use order_sync::{
    Engine, EngineBuilder, FixedCatalogue, MerchantId, Ports, ReferenceKey, Settings, Store,
};
use sparklayer_client::{Credentials, Environment, SparkLayer};
use whistl_client::orders::{Auth, WarehouseOrders};

/// The merchant of every site.
pub(crate) const MERCHANT: &str = "demo";
const REFERENCE_KEY: &str = "the reference key of the torture";

/// How long a claim holds: the shortest that the engine takes. A flow is held ten times as long.
pub(crate) const LEASE: Duration = Duration::from_secs(1);
/// How long a flow is held by a worker that has died.
pub(crate) const FLOW_LEASE: Duration = Duration::from_secs(10);
/// Longer than a request lies unread at a simulator whose processor is busy elsewhere, and a create call may take.
pub(crate) const SETTLE: Duration = Duration::from_millis(800);

/// An article of the catalogue that the warehouse does not know: it refuses orders for it.
pub(crate) const UNKNOWN_ARTICLE: &str = "NOT STOCKED";

/// Where a site's neighbours are.
pub(crate) struct Site<'a> {
    pub(crate) shop: &'a str,
    pub(crate) warehouse: &'a str,
    pub(crate) extra_articles: u64,
}

/// The rules, articles and shelf of every site.
pub(crate) fn setup() -> Setup {
    Setup::default()
}

fn settings() -> Settings {
    let mut settings = setup().settings;
    settings.lease = LEASE;
    settings.settle = SETTLE;
    settings.backoff = Duration::from_millis(50);
    settings.backoff_cap = Duration::from_millis(200);
    settings.proof_delay = Duration::from_millis(50);
    settings.rewrite_pause = Duration::from_millis(100);
    settings.acknowledge_poll = Duration::from_millis(100);
    settings.personal_data_kept = Some(Duration::from_millis(200));
    // A call that a dying neighbour kept from the processor is nobody's fault.
    settings.park_after_failures = 30;
    settings.guard.pause = Duration::from_millis(200);
    settings.guard.pause_cap = Duration::from_secs(1);
    settings
}

/// The ports to shop and warehouse.
pub(crate) fn ports(site: &Site<'_>) -> Result<Ports, String> {
    let shop = Arc::new(shop(site.shop)?);
    let warehouse = Arc::new(WhistlHttp::new(warehouse(site.warehouse)?));
    let mut catalogue = setup().catalogue;
    catalogue.push(CatalogueItem::new(UNKNOWN_ARTICLE, None));
    for number in 0..site.extra_articles {
        catalogue.push(CatalogueItem::new(format!("EXTRA-{number}"), None));
    }
    Ok(Ports {
        orders: Arc::<SparkLayerShop>::clone(&shop),
        catalogue: Arc::new(FixedCatalogue::new(catalogue)),
        warehouse: Arc::<WhistlHttp>::clone(&warehouse),
        despatch_sink: Arc::<SparkLayerShop>::clone(&shop),
        stock_source: warehouse,
        stock_sink: shop,
    })
}

/// An engine over a store and these ports.
pub(crate) fn engine(
    store: Arc<dyn Store>,
    ports: Ports,
    adapt: impl FnOnce(&mut Settings),
) -> EngineBuilder {
    let mut settings = settings();
    adapt(&mut settings);
    let merchant = MerchantId::new(MERCHANT);
    let key = ReferenceKey::new(REFERENCE_KEY);
    Engine::builder(merchant, key, setup().profile, store, ports).with_settings(settings)
}

fn shop(url: &str) -> Result<SparkLayerShop, String> {
    let credentials = Credentials {
        site_id: DEMO_SITE_ID.to_owned(),
        client_id: DEMO_CLIENT_ID.to_owned(),
        client_secret: SecretString::from(DEMO_CLIENT_SECRET),
    };
    let url = url.parse().map_err(|error| format!("{url}: {error}"))?;
    let client = SparkLayer::builder(credentials, "torture")
        .with_environment(Environment::Custom(url))
        .with_retry_policy(hurried())
        .build()
        .map_err(|error| error.to_string())?;
    let mut options = ShopOptions::default();
    options.stock_location = LOCATION.to_owned();
    Ok(SparkLayerShop::new(client, options))
}

fn warehouse(url: &str) -> Result<WarehouseOrders, String> {
    let auth = Auth::oauth2(DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET);
    WarehouseOrders::builder(url, auth, "torture")
        .with_retry_policy(hurried())
        .with_create_timeout(settings().longest_create())
        .build()
        .map_err(|error| error.to_string())
}

/// Few retries at once, so that a fault that outlasts them shows quickly.
fn hurried() -> RetryPolicy {
    RetryPolicy::new()
        .with_tries(3)
        .with_backoff(Duration::from_millis(5), Duration::from_millis(20))
}
