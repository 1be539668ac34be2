//! The vendors' clients behind the engine's ports.

use std::sync::Arc;

use order_sync::adapters::{FilesOptions, ShopOptions, SparkLayerShop, WhistlFiles, WhistlHttp};
use order_sync::{CatalogueSource, Ports, StockSource, SystemClock, Warehouse};
use sparklayer_client::SparkLayer;
use whistl_client::order_files::DropFolder;
use whistl_client::orders::WarehouseOrders;

/// Names this program in the `User-Agent` of both clients.
pub(crate) const USER_AGENT: &str = concat!("full-sync/", env!("CARGO_PKG_VERSION"));

/// The way orders go to the warehouse.
pub(crate) enum WarehouseRoute {
    Http(WarehouseOrders),
    Files(Box<(DropFolder, FilesOptions)>),
}

/// Clients that are ready to be used.
pub(crate) struct VendorClients {
    pub(crate) shop: SparkLayer,
    pub(crate) options: ShopOptions,
    pub(crate) warehouse: WarehouseRoute,
}

impl VendorClients {
    /// The ports of an engine.
    pub(crate) fn ports(self, catalogue: Arc<dyn CatalogueSource>) -> Ports {
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
