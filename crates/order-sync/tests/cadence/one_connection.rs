//! A slow store with a single connection: what is under way side by side takes turns at it, and no run waits for itself.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use order_sync::{Flow, OrderState, Store};
use order_sync_testkit::faults::{StoreCall, StoreFault, StoreWatch, WatchedStore};
use tokio::sync::Semaphore;

use crate::shop::order;
use crate::site::{Site, only};

/// Lends the connection to one call at a time.
#[derive(Debug)]
struct OneConnection {
    connection: Semaphore,
    takes: Duration,
}

#[async_trait]
impl StoreWatch for OneConnection {
    async fn before(&self, _call: StoreCall) -> StoreFault {
        self.connection.acquire().await.unwrap().forget();
        StoreFault::Slow(self.takes)
    }

    async fn done(&self, _call: StoreCall) {
        self.connection.add_permits(1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_never_waits_for_what_stands_still_while_it_waits() {
    // Whenever in a call the flow is due to be held longer.
    for millis in (5..=60).step_by(5) {
        let mut site = Site::new();
        for number in 0..24 {
            site.shop.put(order(&format!("{number:02}")));
        }
        site.settings.lease = Duration::from_secs(1);
        site.settings.in_flight = 4;
        site.settings.batch = 4;
        let watch = Arc::new(OneConnection {
            connection: Semaphore::new(1),
            takes: Duration::from_millis(millis),
        });
        let behind: Arc<dyn Store> = Arc::clone(&site.store) as Arc<dyn Store>;
        let store = Arc::new(WatchedStore::new(behind, watch, site.clock()));
        let runner = site.runner_over(store, only(&[Flow::Orders, Flow::Despatches]));
        let report = tokio::time::timeout(
            Duration::from_secs(3600),
            site.run_for(&runner, Duration::from_secs(600)),
        )
        .await
        .unwrap_or_else(|_| panic!("a run never ends where a call takes {millis} ms"));
        assert!(report.graceful(), "{millis} ms: {report:?}");
        assert_eq!(site.count(OrderState::Accepted).await, 24, "{millis} ms");
        let sent = site.warehouse.orders();
        assert_eq!(sent.len(), 24, "{millis} ms: sent more than once");
    }
}
