//! A Whistl warehouse by HTTP.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use connector_http::RetryPolicy;
use connector_sim::{
    DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET, Fault, FaultKind, ReturnCondition,
    ReturnedLine, WhistlOptions, WhistlSim,
};
use order_mapping::ClientOrderRef;
use order_sync::adapters::WhistlHttp;
use order_sync::{StockSource, Warehouse};
use order_sync_testkit::stock_source_contract::StockSourceWorld;
use order_sync_testkit::warehouse_contract::{Leaving, Trouble, WarehouseWorld};
use order_sync_testkit::{stock_source_contract, warehouse_contract};
use whistl_client::orders::{Auth, WarehouseOrders};

use crate::whistl_site::{self, ARTICLES, SERVICES};

struct Site {
    warehouse: WhistlSim,
    adapter: WhistlHttp,
}

impl Site {
    async fn with(options: WhistlOptions) -> Self {
        let warehouse = whistl_site::site(options).await;
        let auth = Auth::oauth2(DEMO_WAREHOUSE_CLIENT_ID, DEMO_WAREHOUSE_CLIENT_SECRET);
        let retry = RetryPolicy::new()
            .with_tries(2)
            .with_backoff(Duration::from_millis(5), Duration::from_millis(20));
        let client = WarehouseOrders::builder(warehouse.base_url(), auth, "end-to-end")
            .with_retry_policy(retry)
            .build()
            .unwrap();
        Self {
            warehouse,
            adapter: WhistlHttp::new(client),
        }
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

    async fn taken(&self, reference: &ClientOrderRef) -> Vec<BTreeMap<String, u32>> {
        whistl_site::taken(&self.warehouse, reference)
    }

    async fn send(&self, reference: &ClientOrderRef, leaving: &Leaving) {
        whistl_site::send(&self.warehouse, reference, leaving);
    }

    async fn pick(&self, _reference: &ClientOrderRef) {
        self.warehouse.tick();
    }

    async fn decide(&self) {
        self.warehouse.tick();
    }

    async fn trouble(&self, trouble: Trouble) -> bool {
        let kind = match trouble {
            Trouble::Down => FaultKind::LoseReplyBeforeApplying,
            Trouble::AnswersLost => FaultKind::LoseReplyAfterApplying,
            Trouble::Nonsense => FaultKind::Html,
            _ => return false,
        };
        let fault = Fault::on_any_method("/v1/", kind).times(1_000);
        self.warehouse.faults().arm(fault);
        true
    }

    async fn peace(&self) {
        self.warehouse.faults().clear();
    }

    async fn take_back(&self, reference: &ClientOrderRef, sku: &str, units: u32) {
        let line = ReturnedLine::new(sku, units, ReturnCondition::Damaged);
        self.warehouse.take_back(Some(reference.as_str()), &[line]);
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
    }
}

async fn deciding_at_once() -> Site {
    Site::with(WhistlOptions::default()).await
}

async fn deciding_later() -> Site {
    Site::with(WhistlOptions::default().with_cancels_decided_by_tick()).await
}

/// A feed that can tell the last change only, so that most cursors are too old.
async fn with_a_short_memory() -> Site {
    Site::with(WhistlOptions::default().with_inventory_history(1)).await
}

warehouse_contract!(of_the_http_route, deciding_at_once);
warehouse_contract!(of_the_http_route_with_late_decisions, deciding_later);
stock_source_contract!(of_the_http_feed, deciding_at_once);
stock_source_contract!(of_the_http_feed_with_a_short_memory, with_a_short_memory);
