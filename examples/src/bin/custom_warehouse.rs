//! Another warehouse behind the ports: a small one with words of its own, and without much that it can do.
//!
//! `src/corner_warehouse.rs` has the whole adapter, and `order-sync-testkit` proves it (`tests/tests/contracts/corner.rs` in the
//! repository). This program runs it against a simulated SparkLayer shop: orders go out, vans leave,
//! tracking and stock come back, and one order tells its story.
//!
//! ```text
//! cargo run --bin custom_warehouse
//! ```

#![allow(
    clippy::print_stdout,
    reason = "a program that tells on standard output what it did"
)]

use std::sync::Arc;
use std::time::Duration;

use connector_examples::corner_warehouse::CornerWarehouse;
use connector_examples::{SampleWorld, Trouble, catalogue, profile, reference_key};
use order_mapping::{ClientOrderRef, SourceOrderId};
use order_sync::adapters::SparkLayerShop;
use order_sync::{
    CancellationToken, Clock as _, Engine, Flow, MemoryStore, MerchantId, Ports, Settings,
    SystemClock, Warehouse as _,
};

/// The first of the sample orders.
const FIRST: &str = "63428136-658f-48a6-beb7-7f333dfd1001";

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    let world = SampleWorld::start().await?;
    let warehouse = Arc::new(CornerWarehouse::new([
        ("71053", 60),
        ("84029G", 40),
        ("85123A", 120),
    ]));
    let shop = world.shop_port()?;
    let ports = Ports {
        orders: Arc::<SparkLayerShop>::clone(&shop),
        catalogue: catalogue(),
        warehouse: Arc::<CornerWarehouse>::clone(&warehouse),
        despatch_sink: Arc::<SparkLayerShop>::clone(&shop),
        stock_source: Arc::<CornerWarehouse>::clone(&warehouse),
        stock_sink: shop,
    };
    let mut settings = Settings::default();
    // Minutes in live use: whatever overwrites the shop's record has to have had its chance.
    settings.proof_delay = Duration::from_millis(100);
    let engine = Engine::builder(
        MerchantId::new("sample-shop"),
        reference_key(),
        profile()?,
        Arc::new(MemoryStore::new(SystemClock::new().now())),
        ports,
    )
    .with_settings(settings)
    .build()?;

    run(&engine, Flow::Orders).await?;
    println!("{} vans left", warehouse.work());
    run(&engine, Flow::Despatches).await?;
    tokio::time::sleep(Duration::from_millis(300)).await;
    // A later look proves that the buyer still sees the tracking.
    run(&engine, Flow::Despatches).await?;
    run(&engine, Flow::Stock).await?;

    let id = SourceOrderId::new(FIRST);
    let story = engine.explain(&id).await?.ok_or("the order is lost")?;
    println!("order {}: {}", story.record.label(), story.answer);
    for entry in &story.timeline {
        println!(
            "  {}  {:<16} {:<16} {}",
            entry.at.format("%H:%M:%S"),
            entry.event.as_str(),
            entry.to.as_str(),
            entry.note
        );
    }
    let shown = world.shop.purchase_text(FIRST).unwrap_or_default();
    println!(
        "the shop {} its tracking number",
        if shown.contains("CORNER00000") {
            "shows"
        } else {
            "does not show"
        }
    );
    let level = world.shop.stock_level("default", "85123A");
    println!("the shop offers {} of 85123A", level.unwrap_or_default());
    let reference: &ClientOrderRef = &story.record.reference;
    if let Err(refused) = warehouse.cancel(reference, "1", "a try").await {
        println!("a cancellation: {:?}, {refused}", refused.class());
    }
    world.shutdown().await;
    Ok(())
}

async fn run(engine: &Engine, flow: Flow) -> Result<(), Trouble> {
    let report = engine.run_once(flow, &CancellationToken::new()).await;
    if !report.completed() {
        return Err(format!("the {flow} flow: {:?}", report.outcome).into());
    }
    println!("the {flow} flow changed {} things", report.changes());
    Ok(())
}
