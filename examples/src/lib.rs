//! What the examples share and none of them is about: what programs against real endpoints need ([`deployment`]); a simulated shop and warehouse on loopback, filled with four sample
//! orders, behind the real clients; and rules that fit them.

pub mod corner_warehouse;
pub mod deployment;
pub mod json_store;

use std::error::Error;
use std::sync::Arc;

use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET, SparkLayerOptions, SparkLayerSim, WhistlOptions, WhistlSim,
    seed_samples,
};
use order_mapping::{CatalogueItem, Profile, SourceSku};
use order_sync::adapters::{ShopOptions, SparkLayerShop, WhistlHttp};
use order_sync::{Clock as _, FixedCatalogue, Ports, ReferenceKey, SystemClock};
use sparklayer_client::{Credentials, Environment, SparkLayer};
use url::Url;
use whistl_client::orders::{Auth, WarehouseOrders};

/// Names the examples in the `User-Agent` of both clients.
const USER_AGENT: &str = concat!("connector-examples/", env!("CARGO_PKG_VERSION"));

/// What goes wrong in an example, on its way to `main`.
pub type Trouble = Box<dyn Error + Send + Sync>;

/// Both simulators, with four sample orders: two that can go, one on account whose credit decision is open (1003), and one whose
/// shipping option nobody has mapped (1004).
#[derive(Debug)]
pub struct SampleWorld {
    /// The simulated SparkLayer shop.
    pub shop: SparkLayerSim,
    /// The simulated Whistl warehouse.
    pub warehouse: WhistlSim,
}

impl SampleWorld {
    /// Starts both on free ports and fills them.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn start() -> Result<Self, Trouble> {
        let now = SystemClock::new().now();
        let shop = SparkLayerSim::start(SparkLayerOptions::default().with_clock_start(now)).await?;
        let warehouse = WhistlSim::start(WhistlOptions::default().with_clock_start(now)).await?;
        seed_samples(&shop, &warehouse)?;
        Ok(Self { shop, warehouse })
    }

    /// The shop behind its four ports: orders, tracking and stock levels.
    ///
    /// # Errors
    /// When the client cannot be built.
    pub fn shop_port(&self) -> Result<Arc<SparkLayerShop>, Trouble> {
        let credentials = Credentials {
            site_id: DEMO_SITE_ID.to_owned(),
            client_id: DEMO_CLIENT_ID.to_owned(),
            client_secret: DEMO_CLIENT_SECRET.to_owned().into(),
        };
        let client = SparkLayer::builder(credentials, USER_AGENT)
            .with_environment(Environment::Custom(Url::parse(&self.shop.base_url())?))
            .build()?;
        Ok(Arc::new(SparkLayerShop::new(
            client,
            ShopOptions::default(),
        )))
    }

    /// Everything an engine needs beside a store: shop, warehouse and catalogue.
    ///
    /// # Errors
    /// When a client cannot be built.
    pub fn ports(&self) -> Result<Ports, Trouble> {
        let auth = Auth::oauth2(DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET);
        let client =
            WarehouseOrders::builder(self.warehouse.base_url(), auth, USER_AGENT).build()?;
        let warehouse = Arc::new(WhistlHttp::new(client));
        let shop = self.shop_port()?;
        Ok(Ports {
            orders: Arc::<SparkLayerShop>::clone(&shop),
            catalogue: catalogue(),
            warehouse: Arc::<WhistlHttp>::clone(&warehouse),
            despatch_sink: Arc::<SparkLayerShop>::clone(&shop),
            stock_source: warehouse,
            stock_sink: shop,
        })
    }

    /// Stops both.
    pub async fn shutdown(&self) {
        self.shop.shutdown().await;
        self.warehouse.shutdown().await;
    }
}

/// The articles of the sample orders.
#[must_use]
pub fn catalogue() -> Arc<FixedCatalogue> {
    let article = |sku| CatalogueItem::new(SourceSku::new(sku), None);
    Arc::new(FixedCatalogue::new(
        ["71053", "84029-G", "85123A"].map(article).to_vec(),
    ))
}

/// Rules that fit the sample orders, from `data/sample_profile.toml`.
///
/// # Errors
/// When that file is no profile.
pub fn profile() -> Result<Profile, Trouble> {
    Ok(toml::from_str(include_str!("../data/sample_profile.toml"))?)
}

/// The key that client references are derived with. A live one is random, secret, and the same for the life of the store.
#[must_use]
pub fn reference_key() -> ReferenceKey {
    ReferenceKey::new(*b"of the examples!")
}
