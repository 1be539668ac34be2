//! The command line.

use std::path::PathBuf;

use clap::Parser;
use connector_examples::deployment::{InputFault, StoreChoice};
use order_sync::Flow;

/// Runs every flow between a SparkLayer shop and a Whistl warehouse once, and shows what became of every order.
///
/// Without --config the shop and the warehouse are simulators that this process starts and seeds: with the invoices of --orders,
/// or with a built-in set of the same kind. With --config they are the endpoints that the file names.
///
/// With the secret ORDER_SYNC_PERSONAL_DATA_KEYS (NAME:64 HEX DIGITS, older keys after a comma) personal data is encrypted in the database.
///
/// Progress goes to standard error, the report to standard output. Exit code 0: every flow ran and every order is accounted for
/// (waiting orders are business, not failure); 1: a flow failed, or something is lost, doubled or unaccounted for; 2: bad input.
#[derive(Debug, Parser)]
#[command(name = "full_sync", version, max_term_width = 110)]
pub(crate) struct Arguments {
    /// Invoices to load into the simulated shop, as CSV with the columns InvoiceNo, StockCode, Description, Quantity, InvoiceDate,
    /// UnitPrice, CustomerID, Country
    #[arg(long, value_name = "FILE.csv", conflicts_with = "config")]
    pub(crate) orders: Option<PathBuf>,

    /// Runs against the endpoints that this file names; examples/full_sync.example.toml explains every key
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,

    /// The engine's database: a file (SQLite), or postgres://USER:PASSWORD@HOST/DATABASE; without it a fresh file that is removed at the
    /// end. Others on this machine can read a command line: with --config the address may stand in the variable ORDER_SYNC_STORE, or
    /// in the file that ORDER_SYNC_STORE_FILE names, instead. Without --config each run over PostgreSQL is a merchant of its own
    /// (demo-wholesale-TIME-NUMBER), so a second one begins anew and the rows of the first stay
    // A text, and read later: clap quotes the values that it refuses, and this one may hold a password.
    #[arg(long, visible_alias = "db", value_name = "FILE or URL")]
    store: Option<String>,

    /// The schema of the engine's tables in PostgreSQL [default: order_sync_demo, with --config order_sync]
    #[arg(long, value_name = "NAME")]
    pub(crate) schema: Option<String>,

    /// Runs these flows only, for example orders,stock
    #[arg(long, value_name = "FLOWS", value_delimiter = ',', value_parser = flow)]
    pub(crate) flows: Vec<Flow>,

    /// Prints the report as JSON
    #[arg(long)]
    pub(crate) json: bool,

    /// Prints what would be sent and sends nothing; a file is copied, never changed, and a database in PostgreSQL is refused
    #[arg(long)]
    pub(crate) dry_run: bool,

    /// Checks the file of --config, prints what would be used and stops
    #[arg(long, requires = "config")]
    pub(crate) check_config: bool,

    /// Makes another built-in set of invoices
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 2010,
        conflicts_with = "orders"
    )]
    pub(crate) seed: u64,
}

impl Arguments {
    /// The database that the command line names.
    pub(crate) fn store(&self) -> Result<Option<StoreChoice>, InputFault> {
        self.store.as_deref().map(StoreChoice::read).transpose()
    }

    /// The flows to run, in the order of a single full run.
    pub(crate) fn chosen_flows(&self) -> Vec<Flow> {
        Flow::ALL
            .into_iter()
            .filter(|flow| self.flows.is_empty() || self.flows.contains(flow))
            .collect()
    }
}

fn flow(name: &str) -> Result<Flow, String> {
    let names = || Flow::ALL.into_iter().map(Flow::as_str);
    Flow::from_name(name.trim()).ok_or_else(|| {
        let all = names().collect::<Vec<_>>().join(", ");
        match order_mapping::nearest_word(name, names()) {
            Some(near) => {
                format!("there is no such flow; did you mean `{near}`? The flows are {all}")
            }
            None => format!("there is no such flow; the flows are {all}"),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn flows_run_in_their_own_order_whatever_the_order_on_the_command_line() {
        let arguments = Arguments::parse_from(["full_sync", "--flows", "stock,orders"]);
        assert_eq!(arguments.chosen_flows(), [Flow::Orders, Flow::Stock]);
        let all = Arguments::parse_from(["full_sync"]);
        assert_eq!(all.chosen_flows(), Flow::ALL);
    }

    #[test]
    fn an_unknown_flow_is_refused_with_a_hint() {
        let refused = Arguments::try_parse_from(["full_sync", "--flows", "order"]);
        assert!(refused.is_err_and(|error| error.to_string().contains("`orders`")));
    }
}
