//! Serves both simulators until Ctrl-C.

use std::io::{self, Write};
use std::net::SocketAddr;

use chrono::{DateTime, Utc};
use clap::Parser;
use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SERVICE_CODES, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET, OrderFilesOptions, Reach, SparkLayerOptions, SparkLayerSim,
    WhistlOptions, WhistlSim, seed_samples,
};
use serde_json::json;

/// A SparkLayer shop and a Whistl warehouse on this machine, for trying things out.
///
/// Both begin with sample data and forget everything at the end. Under /__sim/ they can be watched and steered without credentials:
/// assumptions, state, faults, clock; the shop also operations and switches; the warehouse also tick.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "EXAMPLES:\n  \
    connector-sim\n  \
    connector-sim --json --sparklayer 127.0.0.1:0 --whistl 127.0.0.1:0\n  \
    curl -X POST http://127.0.0.1:8081/__sim/faults -d '{\"kind\":\"status\",\"status\":503,\"operation\":\"getPurchase\",\"times\":3}'"
)]
struct Arguments {
    /// Address of the shop; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8081", value_name = "ADDRESS")]
    sparklayer: SocketAddr,
    /// Address of the warehouse; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8082", value_name = "ADDRESS")]
    whistl: SocketAddr,
    /// Offers the warehouse's file interface in this folder.
    #[arg(long, value_name = "FOLDER")]
    folder: Option<std::path::PathBuf>,
    /// Reads order files kindly instead of falling into the importer's traps.
    #[arg(long, requires = "folder")]
    lenient_files: bool,
    /// Also listens on addresses that are not loopback. There is no encryption, and the secrets are public.
    #[arg(long)]
    allow_remote: bool,
    /// Prints one JSON line when both are ready instead of text.
    #[arg(long)]
    json: bool,
    /// First instant of both virtual clocks, which move only when told to.
    #[arg(long, default_value = "2010-12-03T18:00:00Z", value_name = "TIME")]
    clock_start: DateTime<Utc>,
    /// Lines in a thousand that are picked one unit short.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    short_pick_per_mille: u16,
    /// Orders in a thousand that leave in two despatches.
    #[arg(long, default_value_t = 0, value_name = "NUMBER")]
    part_despatch_per_mille: u16,
    /// Chooses which lines and orders those are.
    #[arg(long, default_value_t = 1, value_name = "NUMBER")]
    seed: u64,
    /// Starts with an empty shop and an empty warehouse instead of the sample data.
    #[arg(long)]
    empty: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let reach = if arguments.allow_remote {
        Reach::Network
    } else {
        Reach::Loopback
    };
    let shop = SparkLayerSim::start(
        SparkLayerOptions::default()
            .with_addr(arguments.sparklayer)
            .with_reach(reach)
            .with_clock_start(arguments.clock_start),
    )
    .await
    .map_err(|error| at("the shop", arguments.sparklayer, &error))?;
    let warehouse = WhistlSim::start(
        WhistlOptions::default()
            .with_addr(arguments.whistl)
            .with_reach(reach)
            .with_clock_start(arguments.clock_start)
            .with_short_picks_per_mille(arguments.short_pick_per_mille)
            .with_part_despatches_per_mille(arguments.part_despatch_per_mille)
            .with_seed(arguments.seed),
    )
    .await
    .map_err(|error| at("the warehouse", arguments.whistl, &error))?;
    if let Some(folder) = &arguments.folder {
        let options = OrderFilesOptions::new(folder);
        let options = if arguments.lenient_files {
            options.lenient()
        } else {
            options
        };
        warehouse.serve_folder(options)?;
    }
    if !arguments.empty {
        seed_samples(&shop, &warehouse).map_err(io::Error::other)?;
    }
    let stop = stop_signal()?;
    if arguments.json {
        say_ready_in_json(&shop, &warehouse)?;
    } else {
        say_ready(&shop, &warehouse)?;
    }
    stop.await?;
    shop.shutdown().await;
    warehouse.shutdown().await;
    Ok(())
}

fn at(what: &str, address: SocketAddr, error: &io::Error) -> io::Error {
    io::Error::new(
        error.kind(),
        format!("{what} cannot listen on {address}: {error}"),
    )
}

/// Listens for the signals from now on; ends with the first of them.
fn stop_signal() -> io::Result<impl Future<Output = io::Result<()>>> {
    #[cfg(unix)]
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let mut interrupt = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    Ok(async move {
        #[cfg(unix)]
        tokio::select! {
            _ = interrupt.recv() => Ok(()),
            _ = terminate.recv() => Ok(()),
        }
        #[cfg(not(unix))]
        tokio::signal::ctrl_c().await
    })
}

fn say_ready(shop: &SparkLayerSim, warehouse: &WhistlSim) -> io::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "SparkLayer shop   {}", shop.base_url())?;
    writeln!(out, "  site id         {DEMO_SITE_ID}")?;
    writeln!(out, "  client id       {DEMO_CLIENT_ID}")?;
    writeln!(out, "  client secret   {DEMO_CLIENT_SECRET}")?;
    writeln!(out, "  orders          {}", shop.purchases().len())?;
    writeln!(out, "Whistl warehouse  {}", warehouse.base_url())?;
    writeln!(out, "  client id       {DEMO_WAREHOUSE_CLIENT_ID}")?;
    writeln!(out, "  client secret   {DEMO_WAREHOUSE_CLIENT_SECRET}")?;
    writeln!(out, "  service codes   {}", DEMO_SERVICE_CODES.join(", "))?;
    writeln!(out, "Ready. Ctrl-C ends both.")?;
    out.flush()
}

fn say_ready_in_json(shop: &SparkLayerSim, warehouse: &WhistlSim) -> io::Result<()> {
    let line = json!({
        "ready": true,
        "sparklayer": {
            "url": shop.base_url(),
            "site_id": DEMO_SITE_ID,
            "client_id": DEMO_CLIENT_ID,
            "client_secret": DEMO_CLIENT_SECRET,
            "orders": shop.purchases().len(),
        },
        "whistl": {
            "url": warehouse.base_url(),
            "client_id": DEMO_WAREHOUSE_CLIENT_ID,
            "client_secret": DEMO_WAREHOUSE_CLIENT_SECRET,
            "service_codes": DEMO_SERVICE_CODES,
        },
    });
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    out.flush()
}
