//! Connections that break in every way between the engine and one vendor: nothing is lost, nothing is doubled.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use connector_sim::{FaultProxy, Toxic};
use end_to_end::{PurchaseDraft, Side, World};
use futures_util::{FutureExt as _, StreamExt as _, stream};
use order_sync::{Flow, OrderState};

/// How long an attempt may take: far longer than an answer on loopback takes, and the cases wait for it.
const ATTEMPT: Duration = Duration::from_millis(500);

/// Longer than an attempt, so that the client has given up when the request arrives.
const LATE: Duration = Duration::from_millis(800);

const TOXICS: [Toxic; 18] = [
    Toxic::ResetAtOnce,
    Toxic::ResetRequestAfter(1),
    Toxic::ResetRequestAfter(150),
    Toxic::ResetAfterRequest,
    Toxic::ResetReplyAfter(1),
    Toxic::ResetReplyAfter(120),
    Toxic::DropReply,
    Toxic::TruncateReply(20),
    Toxic::TruncateReply(120),
    Toxic::HalfOpen,
    Toxic::BlackHoleRequest,
    Toxic::BlackHoleReply,
    Toxic::Latency {
        delay: Duration::from_millis(30),
        jitter: Duration::from_millis(30),
    },
    Toxic::Bandwidth(4000),
    Toxic::SlowClose(Duration::from_millis(100)),
    Toxic::LateRequest(LATE),
    Toxic::GarbleReply,
    Toxic::DuplicateReply,
];

/// Waits, in real time, for what the proxy still has to do.
async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("after ten seconds: {what}");
}

/// The flows run under the toxic and the engine ends; then the toxic is gone and another engine takes over.
async fn run_under(
    world: &mut World,
    proxy: &FaultProxy,
    (side, toxic): (Side, Toxic),
    flows: &[Flow],
) {
    world.reach_by(side, format!("http://{}", proxy.address()), ATTEMPT);
    world.reopen();
    proxy.set(toxic);
    let before = proxy.met();
    for flow in flows {
        world.run(*flow).await;
    }
    world.close();
    until("the toxic met no connection", || proxy.met() > before).await;
    proxy.clear();
    // Nothing of the time of the toxic may arrive later than the engine's settle window says, which passes at once here.
    until("a connection stays open", || proxy.open() == 0).await;
    // Without a toxic no answer may count as lost only because the machine is busy.
    world.be_patient();
    world.open();
    world.pass(Duration::from_secs(3600));
    world.settle().await;
}

async fn loses_and_doubles_nothing(side: Side, toxic: Toxic) {
    let mut world = World::start().await;
    let base = match side {
        Side::Shop => world.shop.base_url(),
        Side::Warehouse => world.warehouse.base_url(),
    };
    let upstream: SocketAddr = base
        .trim_start_matches("http://")
        .trim_end_matches('/')
        .parse()
        .unwrap();
    let proxy = FaultProxy::start(upstream, 7).await.unwrap();
    let orders = [1001, 1002, 1003].map(PurchaseDraft::new);
    for order in &orders {
        world.put(order);
    }
    run_under(
        &mut world,
        &proxy,
        (side, toxic),
        &[Flow::Orders, Flow::Stock],
    )
    .await;

    let mut arrived: BTreeMap<String, u32> = BTreeMap::new();
    for order in world.warehouse.orders() {
        *arrived.entry(order.reference).or_default() += 1;
    }
    let wanted: BTreeMap<String, u32> = orders
        .iter()
        .map(|order| (world.reference(order).as_str().to_owned(), 1))
        .collect();
    assert_eq!(arrived, wanted, "orders at the warehouse");
    // The warehouse would have caught it, and another one might not.
    let refused = world.warehouse.writes().duplicates_refused;
    assert_eq!(refused, 0, "sent again although the warehouse had it");
    for order in &orders {
        world.assert_accepted(order).await;
    }

    world.tick();
    run_under(&mut world, &proxy, (side, toxic), &[Flow::Despatches]).await;
    for order in &orders {
        assert_eq!(world.state(order).await, OrderState::Closed);
        let parcels = world.tracking_in_shop(order);
        assert_eq!(parcels.len(), 1, "{} in the shop", order.number());
    }
    assert_eq!(world.warehouse.orders().len(), orders.len());
    let audit = world.complete(Flow::Audit).await.audit.expect("an audit");
    assert!(audit.accounts(), "{audit:?}");
}

/// Every toxic before that vendor, a few worlds at a time; the cases that failed by name.
async fn failures(side: Side) -> Vec<String> {
    let cases = TOXICS.into_iter().map(|toxic| async move {
        let case = Box::pin(loses_and_doubles_nothing(side, toxic));
        let panic = AssertUnwindSafe(case).catch_unwind().await.err()?;
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied());
        Some(format!(
            "{toxic:?} before the {side:?}: {}",
            text.unwrap_or("a panic")
        ))
    });
    stream::iter(cases)
        .buffer_unordered(6)
        .filter_map(|failure| async move { failure })
        .collect()
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_toxic_before_the_shop_loses_or_doubles_anything() {
    let failed = failures(Side::Shop).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_toxic_before_the_warehouse_loses_or_doubles_anything() {
    let failed = failures(Side::Warehouse).await;
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
