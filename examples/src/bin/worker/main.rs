//! The long-running worker of a deployment: runs every flow of one or more merchants at its cadence until it is told to stop.
//!
//! Any number of workers share the work over one PostgreSQL database; over a file of SQLite there is one. `deploy/` beside this package's
//! README has a container image, a compose file and a systemd unit; `embed_in_service` shows the same inside a service of one's own.

mod arguments;
mod assembly;
mod counters;
mod health;
mod helping;
mod probe;
mod signals;

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Parser as _;
use connector_examples::deployment::Failure;
use order_sync::CancellationToken;
use tokio::task::JoinSet;

use crate::arguments::{Arguments, LogFormat};
use crate::assembly::{Configured, Merchant};
use crate::health::Desk;
use crate::signals::Signals;

/// Names this program in the `User-Agent` of both clients.
const USER_AGENT: &str = concat!("order-sync-worker/", env!("CARGO_PKG_VERSION"));
/// What the end may take beyond the grace of the runs: closing connections, writing the last lines.
const AFTER_THE_GRACE: Duration = Duration::from_secs(5);

/// How the work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Everything under way was finished and recorded.
    Graceful,
    /// Something was cut off: it is looked into at the next start.
    CutOff,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(address) = &arguments.ask_health {
        return probe::ask(address);
    }
    log_to_stderr(arguments.log_format);
    let result = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::broken)
        .and_then(|runtime| {
            let ended = runtime.block_on(Box::pin(run(&arguments)));
            // A task that still hangs in a call is not waited for: it was given its time.
            runtime.shutdown_background();
            ended
        });
    match result {
        Ok(Ending::Graceful) => ExitCode::SUCCESS,
        Ok(Ending::CutOff) => ExitCode::FAILURE,
        Err(failure) => {
            let _ = writeln!(std::io::stderr(), "{failure}");
            ExitCode::from(failure.exit_code())
        }
    }
}

/// What `RUST_LOG` asks for; without it, what an operator wants to see.
fn log_to_stderr(format: LogFormat) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false);
    match format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
}

/// Works until a signal asks it to stop.
async fn run(arguments: &Arguments) -> Result<Ending, Failure> {
    // Listened for from the first moment on: a signal during the start is not lost.
    let mut signals = Signals::listen().map_err(Failure::broken)?;
    let configured = Configured::read(arguments)?;
    if arguments.check_config {
        return say(&configured.explanation()).map(|()| Ending::Graceful);
    }
    if arguments.migrate_only {
        let place = configured.store.place();
        tokio::select! {
            opened = configured.open_store() => opened?,
            () = signals.next() => return Ok(Ending::CutOff),
        };
        return say(&format!("the tables are up to date: {place}")).map(|()| Ending::Graceful);
    }
    let grace = configured.longest_grace();
    // The port first: a worker whose health nobody can ask for begins no work.
    let desk = Desk::default();
    let stop = CancellationToken::new();
    let (address, served) = health::serve(arguments.health, desk.clone(), stop.clone()).await?;
    say(&format!("health: http://{address}/health"))?;

    let merchants = tokio::select! {
        opened = configured.open() => opened?,
        // Nothing was begun yet; tables that were being made are not there.
        () = signals.next() => return Ok(Ending::Graceful),
    };
    desk.open(merchants.clone());
    let mut work = JoinSet::new();
    for merchant in merchants {
        work.spawn(run_merchant(merchant, stop.clone()));
    }
    signals.next().await;
    tracing::info!(
        grace_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX),
        "asked to stop: runs under way are finished and recorded"
    );
    stop.cancel();
    let finish = async {
        let mut ending = Ending::Graceful;
        while let Some(ended) = work.join_next().await {
            // A task that panicked has recorded nothing of what it had in hand.
            if !matches!(ended, Ok(Ending::Graceful)) {
                ending = Ending::CutOff;
            }
        }
        let _ = served.await;
        ending
    };
    let ending = tokio::select! {
        ending = finish => ending,
        () = tokio::time::sleep(grace + AFTER_THE_GRACE) => Ending::CutOff,
        () = signals.next() => {
            tracing::warn!("asked a second time: ends at once");
            Ending::CutOff
        }
    };
    match ending {
        Ending::Graceful => tracing::info!("stopped gracefully"),
        Ending::CutOff => tracing::warn!(
            "stopped with work cut off: its leases run out by themselves, and orders whose call was under way are asked for at the \
             warehouse before anything is sent again"
        ),
    }
    Ok(ending)
}

/// The flows of one merchant at their cadence, and beside them help for whoever else runs one of them.
async fn run_merchant(merchant: Arc<Merchant>, stop: CancellationToken) -> Ending {
    let helping = tokio::spawn(helping::help(Arc::clone(&merchant), stop.clone()));
    let report = merchant.runner.run(stop.clone()).await;
    for (flow, runs) in &report.flows {
        tracing::info!(
            merchant = merchant.name(),
            flow = flow.as_str(),
            completed = runs.completed,
            failed = runs.failed,
            busy = runs.busy,
            stopped = runs.stopped,
            "runs until the end"
        );
    }
    // Its calls are of the same length as those of the runs, which were waited for.
    let helped = tokio::time::timeout(AFTER_THE_GRACE, helping).await;
    if report.graceful() && matches!(helped, Ok(Ok(()))) {
        Ending::Graceful
    } else {
        Ending::CutOff
    }
}

/// A line for the program that started this one; where nobody reads it, nobody is told.
fn say(line: &str) -> Result<(), Failure> {
    let mut out = std::io::stdout().lock();
    match writeln!(out, "{}", line.trim_end()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Failure::broken(error)),
        _ => Ok(()),
    }
}
