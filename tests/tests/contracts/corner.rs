//! The example of a warehouse of one's own.

use std::collections::BTreeMap;

use async_trait::async_trait;
use connector_examples::corner_warehouse::CornerWarehouse;
use order_mapping::ClientOrderRef;
use order_sync::{StockSource, Warehouse};
use order_sync_testkit::stock_source_contract::StockSourceWorld;
use order_sync_testkit::warehouse_contract::{Leaving, Scene, WarehouseWorld};
use order_sync_testkit::{stock_source_contract, warehouse_contract};

const ARTICLES: [&str; 2] = ["71053", "84029G"];

struct Corner(CornerWarehouse);

#[async_trait]
impl WarehouseWorld for Corner {
    fn warehouse(&self) -> &dyn Warehouse {
        &self.0
    }

    fn services(&self) -> [String; 2] {
        ["van", "fast van"].map(str::to_owned)
    }

    fn articles(&self) -> [String; 2] {
        ARTICLES.map(str::to_owned)
    }

    /// Its people take every slip, load all of it into one van, and tell the rest by telephone.
    fn can(&self, scene: Scene) -> bool {
        scene == Scene::Differences
    }

    async fn taken(&self, reference: &ClientOrderRef) -> Vec<BTreeMap<String, u32>> {
        let slip = self.0.slip(reference);
        slip.into_iter()
            .map(|picks| {
                let mut units = BTreeMap::new();
                for (code, count) in picks {
                    *units.entry(code).or_default() += count;
                }
                units
            })
            .collect()
    }

    async fn send(&self, reference: &ClientOrderRef, _all_of_it: &Leaving) {
        assert!(self.0.load_van(reference), "there is no such slip");
    }
}

#[async_trait]
impl StockSourceWorld for Corner {
    fn source(&self) -> &dyn StockSource {
        &self.0
    }

    fn articles(&self) -> [String; 2] {
        ARTICLES.map(str::to_owned)
    }

    async fn count(&self, sku: &str, free: u32) {
        self.0.count(sku, i64::from(free));
    }
}

async fn corner() -> Corner {
    Corner(CornerWarehouse::new(ARTICLES.map(|code| (code, 1_000))))
}

warehouse_contract!(of_the_corner_warehouse, corner);
stock_source_contract!(of_the_corner_shelves, corner);
