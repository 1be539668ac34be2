//! The engine inside a service of the embedder's own: routes of his, a task of his, and one way to stop both.
//!
//! ```text
//! cargo run --bin embed_in_service
//! curl http://127.0.0.1:8090/health
//! curl http://127.0.0.1:8090/orders/63428136-658f-48a6-beb7-7f333dfd1001
//! curl -X POST http://127.0.0.1:8090/hooks/shop
//! curl http://127.0.0.1:8090/exceptions
//! curl http://127.0.0.1:8090/exceptions/1/close -H 'content-type: application/json' -d '{"by":"Desk","reason":"called the buyer"}'
//! ```
//!
//! Shop and warehouse are simulators inside this process, with four sample orders. They forget everything at the end, so give every
//! start a new `--database`, or none.

#![allow(
    clippy::print_stdout,
    reason = "a program that tells on standard output what it did"
)]

mod routes;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser;
use connector_examples::{SampleWorld, Trouble, profile, reference_key};
use order_sync::{
    Cadence, CancellationToken, Clock as _, Engine, Flow, MerchantId, Runner, SystemClock,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};
use routes::{Desk, routes};

/// Runs the engine inside an HTTP service until Ctrl-C.
#[derive(Debug, Parser)]
struct Arguments {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8090")]
    listen: SocketAddr,
    /// Database of the engine; by default one that is removed at the end.
    #[arg(long)]
    database: Option<PathBuf>,
    /// Stops by itself after so many seconds.
    #[arg(long)]
    for_seconds: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Trouble> {
    let arguments = Arguments::parse();
    let own = tempfile::tempdir()?;
    let database = arguments
        .database
        .unwrap_or_else(|| own.path().join("orders.db"));
    let world = SampleWorld::start().await?;
    let store = SqliteStore::open(&database, OpenOptions::new(SystemClock::new().now()))?;
    let engine = Engine::builder(
        MerchantId::new("sample-shop"),
        reference_key(),
        profile()?,
        Arc::new(store),
        world.ports()?,
    )
    .build()?;
    let runner = Runner::new(engine.clone(), Cadence::default())?;
    let news = runner.hint(Flow::Orders);

    // Port and routes first: a service that cannot listen begins no work.
    let listener = tokio::net::TcpListener::bind(arguments.listen).await?;
    println!("listening on http://{}", listener.local_addr()?);
    let stop = CancellationToken::new();
    // The runner spawns nothing; this task is the embedder's.
    let work = tokio::spawn({
        let stop = stop.clone();
        async move { runner.run(stop).await }
    });
    let ask_to_stop = {
        let stop = stop.clone();
        async move {
            stop_asked(arguments.for_seconds).await;
            stop.cancel();
        }
    };
    // Requests under way are answered, runs under way finish and are recorded.
    let served = axum::serve(listener, routes(Desk { engine, news }))
        .with_graceful_shutdown(ask_to_stop)
        .await;
    // However the serving ended, the work is to end too.
    stop.cancel();
    let report = work.await?;
    for (flow, runs) in &report.flows {
        println!("{flow}: {} runs, {} failed", runs.completed, runs.failed);
    }
    println!(
        "stopped {}",
        if report.graceful() {
            "gracefully"
        } else {
            "with runs cut off: they are looked into at the next start"
        }
    );
    world.shutdown().await;
    Ok(served?)
}

/// Ends with Ctrl-C, or when the time is over.
async fn stop_asked(for_seconds: Option<u64>) {
    let time_over = async {
        match for_seconds {
            Some(seconds) => tokio::time::sleep(Duration::from_secs(seconds)).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        // Where no signal can be listened for, only the time counts.
        Ok(()) = tokio::signal::ctrl_c() => {}
        () = time_over => {}
    }
}
