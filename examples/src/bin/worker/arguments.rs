//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Runs every flow between SparkLayer shops and a Whistl warehouse at its cadence until SIGTERM or SIGINT.
///
/// Each --config is one merchant; examples/full_sync.example.toml explains every key. Any number of workers with the same files share
/// the work over one PostgreSQL database; a file of SQLite has one worker.
///
/// Secrets never need to stand on the command line. Each name that a configuration gives for a secret, and the address of the store
/// (ORDER_SYNC_STORE, else DATABASE_URL), is looked for in the environment (NAME), then in the file that the variable NAME_FILE
/// names, then as the file NAME in the folder CREDENTIALS_DIRECTORY. With the secret ORDER_SYNC_PERSONAL_DATA_KEYS (NAME:64 HEX DIGITS,
/// older keys after a comma) personal data is encrypted in the database; without it, it is kept in clear.
///
/// Logs go to standard error (RUST_LOG filters them), the address of the health endpoint to standard output:
/// GET /health/live (the process answers), /health/ready (its store answers and it is not stopping), /health (the light of every merchant
/// with reasons; 503 when red), /metrics (counters, for Prometheus).
///
/// The first signal lets runs under way finish and record their calls, for as long as shutdown_grace of the runner says (25 s); a
/// second one ends at once. Exit code 0: stopped, nothing cut off; 1: cut off, or something broke that another start may not meet
/// again; 2: bad input.
#[derive(Debug, Parser)]
#[command(name = "worker", version, max_term_width = 110)]
pub(crate) struct Arguments {
    /// The configuration of a merchant; may be given several times
    #[arg(
        long,
        value_name = "FILE.toml",
        required_unless_present_any = ["ask_health", "migrate_only"]
    )]
    pub(crate) config: Vec<PathBuf>,

    /// The database: a file (SQLite), or postgres://USER:PASSWORD@HOST/DATABASE [default: the variable ORDER_SYNC_STORE, else DATABASE_URL]
    // A text, and read later: clap quotes the values that it refuses, and this one may hold a password.
    #[arg(long, value_name = "FILE or URL")]
    pub(crate) store: Option<String>,

    /// The schema of the tables in PostgreSQL
    #[arg(long, value_name = "NAME", default_value = "order_sync")]
    pub(crate) schema: String,

    /// Connections to PostgreSQL at most
    #[arg(long, value_name = "NUMBER", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) connections: u16,

    /// Certificates (PEM) of the authorities that the server's certificate is checked against, instead of the system's
    #[arg(long, value_name = "FILE.pem")]
    pub(crate) root_certificates: Option<PathBuf>,

    /// Leaves the tables as they are, for a role that owns nothing: tables that are not of this version are refused
    #[arg(long, conflicts_with = "migrate_only")]
    pub(crate) without_migrations: bool,

    /// Makes the tables or brings them up to date, and ends
    #[arg(long)]
    pub(crate) migrate_only: bool,

    /// Checks every configuration, prints what would be used, and ends; nothing is sent and no database opened
    #[arg(long, requires = "config")]
    pub(crate) check_config: bool,

    /// Where health and counters are asked for; port 0 takes a free one. There is no authentication: keep it on this machine or in a
    /// network of its own
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8090")]
    pub(crate) health: SocketAddr,

    /// Asks a worker that runs at this address whether it is ready, and ends with 0 when it is; for health checks of containers
    #[arg(long, value_name = "ADDRESS", exclusive = true)]
    pub(crate) ask_health: Option<SocketAddr>,

    /// How log lines look
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(crate) log_format: LogFormat,
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object on each line
    Json,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }
}
