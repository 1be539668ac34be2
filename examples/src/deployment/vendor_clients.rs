//! The vendors' clients behind the engine's ports.

use std::sync::Arc;

use order_sync::adapters::{FilesOptions, ShopOptions, SparkLayerShop, WhistlFiles, WhistlHttp};
use order_sync::{CatalogueSource, Ports, StockSource, SystemClock, Warehouse};
use sparklayer_client::SparkLayer;
use whistl_client::order_files::DropFolder;
use whistl_client::orders::WarehouseOrders;

/// The way orders go to the warehouse.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_enums,
    clippy::large_enum_variant,
    reason = "made by programs of this package, once each"
)]
pub enum WarehouseRoute {
    /// Over HTTP.
    Http(WarehouseOrders),
    /// As files in a folder that is shared with it.
    Files(Box<(DropFolder, FilesOptions)>),
}

/// Clients that are ready to be used.
#[derive(Debug)]
#[allow(
    clippy::exhaustive_structs,
    reason = "made by programs of this package"
)]
pub struct VendorClients {
    /// The shop's.
    pub shop: SparkLayer,
    /// How the shop uses what SparkLayer leaves open.
    pub options: ShopOptions,
    /// The warehouse's.
    pub warehouse: WarehouseRoute,
}

impl VendorClients {
    /// The ports of an engine.
    #[must_use]
    pub fn ports(self, catalogue: Arc<dyn CatalogueSource>) -> Ports {
        let shop = Arc::new(SparkLayerShop::new(self.shop, self.options));
        let (warehouse, stock_source): (Arc<dyn Warehouse>, Arc<dyn StockSource>) =
            match self.warehouse {
                WarehouseRoute::Http(client) => {
                    let http = Arc::new(WhistlHttp::new(client));
                    (Arc::<WhistlHttp>::clone(&http), http)
                }
                WarehouseRoute::Files(files) => {
                    let (folder, options) = *files;
                    let files = Arc::new(WhistlFiles::new(
                        folder,
                        options,
                        Arc::new(SystemClock::new()),
                    ));
                    (Arc::<WhistlFiles>::clone(&files), files)
                }
            };
        Ports {
            orders: Arc::<SparkLayerShop>::clone(&shop),
            catalogue,
            warehouse,
            despatch_sink: Arc::<SparkLayerShop>::clone(&shop),
            stock_source,
            stock_sink: shop,
        }
    }
}
