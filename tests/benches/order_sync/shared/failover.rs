//! A worker is killed with calls under way: how long after its lease another one has its orders.
//!
//! The dead one held the flow of its merchant and a batch of claimed orders. The other worker looks for work ten times a second, and has to
//! take over the flow, find that the leases of the orders have run out, and claim them; then it asks the warehouse after each of
//! them, and the first of these calls is what is timed.

use std::time::{Duration, Instant};

use order_sync::{CancellationToken, Flow, MerchantId, Settings};

use super::database::Database;
use super::worker::{self, Task, Worker};
use crate::engines::{self, Assembled};
use crate::measured::{Measured, Rounds};
use crate::ports::{Intake, Shop};

const LEASE: Duration = Duration::from_secs(2);
const LOOKS_EVERY: Duration = Duration::from_millis(100);
/// Longer than any lease.
const FOR_EVER: Duration = Duration::from_secs(3_600);
const ORDERS: u32 = 40;
const ROUNDS: u32 = 4;

/// The shortest lease that makes sense, and no time to let an unknown outcome settle: that is the vendor's, and comes on top.
fn settings() -> Settings {
    let mut settings = engines::settings(8);
    settings.batch = 64;
    settings.lease = LEASE;
    settings.settle = Duration::from_millis(1);
    settings
}

pub(crate) fn measure() -> Measured {
    let runtime = engines::runtime();
    let database = runtime.block_on(Database::create());
    let mut rounds = Rounds::default();
    for round in 0..ROUNDS {
        let merchant = format!("merchant-{round}");
        let task = Task {
            url: database.worker_url(&[]),
            schema: database.schema.clone(),
            merchants: vec![merchant.clone()],
            orders: ORDERS,
            settings: settings(),
            latency: FOR_EVER,
        };
        let store = runtime.block_on(database.open());
        let heir = Assembled::of(
            MerchantId::new(merchant),
            settings(),
            store,
            Shop::with(ORDERS),
            Intake::default(),
        );
        let mut worker = Worker::start(&task);
        worker.begin();
        worker.wait_for(worker::BUSY);
        // At another moment of the lease each time.
        std::thread::sleep(LEASE / ROUNDS * round / 2);
        worker.kill();
        let died = Instant::now();
        runtime.block_on(async {
            while heir.intake.asked().is_empty() {
                heir.engine
                    .run_once(Flow::Orders, &CancellationToken::new())
                    .await;
                assert!(died.elapsed() < 20 * LEASE, "nobody takes over");
                tokio::time::sleep(LOOKS_EVERY).await;
            }
        });
        let first = heir.intake.asked()[0];
        rounds.add((first - died).saturating_sub(LEASE), 1);
    }
    let mut measured = Measured::default();
    measured.time("failover/beyond_lease", rounds.worst());
    measured.fact(format!(
        "Of {ROUNDS} workers that were killed with a lease of {} s, at different moments of it, the orders were claimed by another one {:.0} ms after the lease at the latest (it looks every {} ms; a vendor's settle window comes on top before such an order is sent again).",
        LEASE.as_secs(), rounds.worst() / 1e6, LOOKS_EVERY.as_millis(),
    ));
    runtime.block_on(database.end());
    measured
}
