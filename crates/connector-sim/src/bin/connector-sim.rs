//! Serves both simulators until Ctrl-C.

use std::io::{self, Write};
use std::net::SocketAddr;

use clap::Parser;
use connector_sim::{
    DEMO_CLIENT_ID, DEMO_CLIENT_SECRET, DEMO_SERVICE_CODES, DEMO_SITE_ID, DEMO_WAREHOUSE_CLIENT_ID,
    DEMO_WAREHOUSE_CLIENT_SECRET, SparkLayerOptions, SparkLayerSim, WhistlOptions, WhistlSim,
    seed_samples,
};

/// A SparkLayer shop and a Whistl warehouse on this machine, for trying things out.
///
/// GET /__sim/assumptions and /__sim/state on either; POST /__sim/tick makes the warehouse send what it has.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Loopback address of the shop; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8081")]
    sparklayer: SocketAddr,
    /// Loopback address of the warehouse; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:8082")]
    whistl: SocketAddr,
    /// Lines in a thousand that are picked one unit short.
    #[arg(long, default_value_t = 0)]
    short_pick_per_mille: u16,
    /// Orders in a thousand that leave in two despatches.
    #[arg(long, default_value_t = 0)]
    part_despatch_per_mille: u16,
    /// Chooses which lines and orders those are.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Starts with an empty shop and an empty warehouse instead of four sample orders and their articles.
    #[arg(long)]
    empty: bool,
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments = Arguments::parse();
    let shop =
        SparkLayerSim::start(SparkLayerOptions::default().with_addr(arguments.sparklayer)).await?;
    let warehouse = WhistlSim::start(
        WhistlOptions::default()
            .with_addr(arguments.whistl)
            .with_short_picks_per_mille(arguments.short_pick_per_mille)
            .with_part_despatches_per_mille(arguments.part_despatch_per_mille)
            .with_seed(arguments.seed),
    )
    .await?;
    if !arguments.empty {
        seed_samples(&shop, &warehouse).map_err(io::Error::other)?;
    }
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
    writeln!(out, "Ctrl-C ends both.")?;
    out.flush()?;
    drop(out);
    tokio::signal::ctrl_c().await?;
    shop.shutdown().await;
    warehouse.shutdown().await;
    Ok(())
}
