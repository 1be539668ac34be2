//! A store of one's own: the engine remembers everything in one JSON file, and a restart finds everything.
//!
//! The store is in `examples/src/json_store/`; this program runs an engine on it twice, with nothing in between but the file.
//!
//! ```text
//! cargo run --bin custom_store
//! cargo run --bin custom_store -- --file orders.json    # a new file, which stays there to be looked at
//! ```

#![allow(
    clippy::print_stdout,
    reason = "a program that tells on standard output what it did"
)]

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Parser;
use connector_examples::json_store::JsonStore;
use connector_examples::{SampleWorld, Trouble, profile, reference_key};
use order_sync::{
    CancellationToken, Clock as _, Engine, Flow, MerchantId, OrderQuery, Store as _, SystemClock,
    first_broken_link,
};

/// Runs an engine on a store in one JSON file, and once more after a restart.
#[derive(Debug, Parser)]
struct Arguments {
    /// The file; by default one that is removed at the end. The simulators begin anew, so begin with a new file too.
    #[arg(long)]
    file: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    let arguments = Arguments::parse();
    let own = tempfile::tempdir()?;
    let path = arguments
        .file
        .unwrap_or_else(|| own.path().join("orders.json"));
    let world = SampleWorld::start().await?;
    println!("first process");
    run(&world, &path).await?;
    println!("second process, with nothing but the file of the first");
    let changes = run(&world, &path).await?;
    println!(
        "the warehouse was asked to create {} orders in all",
        world.warehouse.writes().order_posts
    );
    world.shutdown().await;
    if changes == 0 {
        Ok(())
    } else {
        Err(format!("the restart changed {changes} things").into())
    }
}

/// What a process does between its start and its end; returns how much it changed.
async fn run(world: &SampleWorld, path: &Path) -> Result<u64, Trouble> {
    let store = Arc::new(JsonStore::open(path, SystemClock::new().now())?);
    let merchant = MerchantId::new("sample-shop");
    let known = store.scan(&merchant, &OrderQuery::new(&[], 100)).await?;
    println!("  {} orders are on record at the start", known.len());
    let second = JsonStore::open(path, SystemClock::new().now());
    if let Err(error) = second {
        println!("  a second store on the file is refused: {error}");
    }
    let engine = Engine::builder(
        merchant.clone(),
        reference_key(),
        profile()?,
        Arc::<JsonStore>::clone(&store),
        world.ports()?,
    )
    .build()?;
    let report = engine
        .run_once(Flow::Orders, &CancellationToken::new())
        .await;
    println!(
        "  the orders flow {}, {} changes",
        if report.completed() {
            "ran to its end"
        } else {
            "could not go on"
        },
        report.changes()
    );
    for dossier in store.scan(&merchant, &OrderQuery::new(&[], 100)).await? {
        let record = &dossier.record;
        let timeline = store.timeline(&merchant, &record.id).await?;
        let chain = match first_broken_link(&timeline) {
            None => "whole".to_owned(),
            Some(entry) => format!("broken at {entry}"),
        };
        println!(
            "  {} is {}, {} steps on record, chain {chain}",
            record.label(),
            record.state,
            timeline.len()
        );
    }
    Ok(report.changes())
}
