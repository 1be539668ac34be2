//! An earlier deployment of the same site, whose store is gone: it sent orders that only the warehouse knows of.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use connector_sim::{SparkLayerOptions, SparkLayerSim, WhistlSim};
use order_sync::{CancellationToken, Engine, Flow, MemoryStore};
use serde_json::Value;

use crate::site::{self, Site};

/// A processor that is busy elsewhere may let a run time out; what was sent is on record, and what was not is sent by the next.
const TRIES: u32 = 5;

/// The engine of that deployment, in this process, and the shop as it saw it.
pub(super) struct Earlier {
    shop: SparkLayerSim,
    engine: Engine,
}

impl Earlier {
    pub(super) async fn start(warehouse: &WhistlSim, now: DateTime<Utc>) -> Result<Self, String> {
        let options = SparkLayerOptions::default().with_clock_start(now);
        let shop = SparkLayerSim::start(options)
            .await
            .map_err(|error| error.to_string())?;
        let ports = site::ports(&Site {
            shop: &shop.base_url(),
            warehouse: &warehouse.base_url(),
            extra_articles: 0,
        })?;
        // Older than all orders that it sends.
        let store = Arc::new(MemoryStore::new(now - TimeDelta::days(30)));
        let engine = site::engine(store, ports, |_| {})
            .build()
            .map_err(|error| error.to_string())?;
        Ok(Self { shop, engine })
    }

    /// Sends an order, and forgets nothing yet.
    pub(super) async fn send(&self, purchase: &Value) -> Result<(), String> {
        self.shop.advance_clock(std::time::Duration::from_secs(2));
        self.shop
            .put_purchase(purchase.clone())
            .map_err(|error| error.to_string())?;
        let mut last = String::new();
        for _ in 0..TRIES {
            let report = self
                .engine
                .run_once(Flow::Orders, &CancellationToken::new())
                .await;
            if report.completed() {
                return Ok(());
            }
            last = format!("the earlier deployment: {:?}", report.outcome);
        }
        Err(last)
    }
}
