//! A Whistl warehouse by drop folder.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use connector_sim::{Export, OrderFiles, OrderFilesOptions, WhistlOptions, WhistlSim};
use order_mapping::ClientOrderRef;
use order_sync::adapters::{CarrierService, FilesOptions, WhistlFiles};
use order_sync::{StockSource, SystemClock, Warehouse};
use order_sync_testkit::stock_source_contract::StockSourceWorld;
use order_sync_testkit::warehouse_contract::{Leaving, Scene, Trouble, WarehouseWorld};
use order_sync_testkit::{stock_source_contract, warehouse_contract};
use tempfile::TempDir;
use whistl_client::order_files::{DropFolder, FolderLayout, StockMode};

use crate::whistl_site::{self, ARTICLES, SERVICES};

/// Shares tell the time of a file in steps; two exports are never so close together in live use.
const STEP: Duration = Duration::from_millis(20);

struct Site {
    warehouse: WhistlSim,
    adapter: WhistlFiles,
    stock: Export,
    share: TempDir,
}

impl Site {
    async fn with(stock_mode: StockMode) -> Self {
        let warehouse = whistl_site::site(WhistlOptions::default()).await;
        let share = tempfile::tempdir().unwrap();
        let mut site = OrderFilesOptions::new(share.path());
        let mut options = FilesOptions::default();
        for (service, method) in SERVICES.into_iter().zip(["STD", "EXP"]) {
            let codes = CarrierService {
                carrier: "WHI".to_owned(),
                delivery_method: method.to_owned(),
            };
            options.services.insert(service.to_owned(), codes);
            site.services
                .push(("WHI".to_owned(), method.to_owned(), service.to_owned()));
        }
        warehouse.serve_folder(site).unwrap();
        let mut layout = FolderLayout::default();
        layout.stock_mode = stock_mode;
        let folder = DropFolder::new(share.path(), layout).unwrap();
        let adapter = WhistlFiles::new(folder, options, Arc::new(SystemClock::new()));
        Self {
            warehouse,
            adapter,
            stock: match stock_mode {
                StockMode::Full => Export::StockFull,
                _ => Export::StockDelta,
            },
            share,
        }
    }

    fn elsewhere(&self) -> PathBuf {
        self.share.path().with_extension("gone")
    }

    fn files(&self) -> &OrderFiles {
        self.warehouse.order_files().unwrap()
    }
}

#[async_trait]
impl WarehouseWorld for Site {
    fn warehouse(&self) -> &dyn Warehouse {
        &self.adapter
    }

    fn services(&self) -> [String; 2] {
        SERVICES.map(str::to_owned)
    }

    fn articles(&self) -> [String; 2] {
        ARTICLES.map(str::to_owned)
    }

    /// An archived file says that it was taken and nothing of what became of it, and despatch files have no shorts.
    fn can(&self, scene: Scene) -> bool {
        !matches!(scene, Scene::Differences | Scene::Shorts)
    }

    async fn taken(&self, reference: &ClientOrderRef) -> Vec<BTreeMap<String, u32>> {
        whistl_site::taken(&self.warehouse, reference)
    }

    async fn take_in(&self) {
        self.files().tick().unwrap();
    }

    async fn send(&self, reference: &ClientOrderRef, leaving: &Leaving) {
        whistl_site::send(&self.warehouse, reference, leaving);
        self.files().export(Export::Despatches).unwrap();
    }

    /// The share is gone, as when a network drive is. A share gives no answers that could be lost.
    async fn trouble(&self, trouble: Trouble) -> bool {
        let is_down = trouble == Trouble::Down;
        if is_down {
            std::fs::rename(self.share.path(), self.elsewhere()).unwrap();
        }
        is_down
    }

    async fn peace(&self) {
        std::fs::rename(self.elsewhere(), self.share.path()).unwrap();
    }

    async fn pick(&self, _reference: &ClientOrderRef) {
        self.warehouse.tick();
    }
}

#[async_trait]
impl StockSourceWorld for Site {
    fn source(&self) -> &dyn StockSource {
        &self.adapter
    }

    fn articles(&self) -> [String; 2] {
        ARTICLES.map(str::to_owned)
    }

    async fn count(&self, sku: &str, free: u32) {
        self.warehouse.seed_stock(sku, i64::from(free));
        tokio::time::sleep(STEP).await;
        self.files().export(self.stock).unwrap();
    }

    fn tells_everything(&self) -> bool {
        self.stock == Export::StockFull
    }
}

async fn with_whole_stock_files() -> Site {
    Site::with(StockMode::Full).await
}

async fn with_delta_stock_files() -> Site {
    Site::with(StockMode::Delta).await
}

warehouse_contract!(of_the_file_route, with_whole_stock_files);
stock_source_contract!(of_whole_stock_files, with_whole_stock_files);
stock_source_contract!(of_delta_stock_files, with_delta_stock_files);
