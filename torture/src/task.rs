//! What a victim is told: a file that it reads when it starts.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where the store is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoreAt {
    /// An SQLite file.
    Sqlite(PathBuf),
    /// A schema of a PostgreSQL database.
    Postgres {
        /// How the server is reached.
        url: String,
        /// The schema.
        schema: String,
    },
}

/// A victim that does wrong on purpose, to show that it is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Canary {
    /// Every order is handed over twice, under the same reference.
    SendTwice,
    /// Every other order is handed over once more under a reference of its own.
    SendUnderAnotherReference,
    /// Some orders of the shop are never shown to the engine.
    DropOrders,
    /// A damaged store does not know that it went back in time.
    ForgetTheMark,
}

/// A place to die, and at which call of the operation, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Death {
    /// Name of the fail point.
    pub(crate) point: String,
    /// The call.
    pub(crate) call: u32,
}

/// What a victim has to know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// Where its store is.
    pub(crate) store: StoreAt,
    /// Address of the shop.
    pub(crate) shop: String,
    /// Address of the warehouse.
    pub(crate) warehouse: String,
    /// Articles of the catalogue beyond the usual ones: the catalogue grows from process to process.
    pub(crate) extra_articles: u64,
    /// Where it kills itself.
    pub(crate) death: Option<Death>,
    /// Calls under way at once.
    pub(crate) in_flight: usize,
    /// Orders claimed at once.
    pub(crate) batch: usize,
    /// Connections to PostgreSQL at most.
    pub(crate) connections: usize,
    /// How far its time of day is ahead of the machine's: it starts that much later.
    pub(crate) ahead: Duration,
    /// What an SQLite store may grow to, in bytes.
    pub(crate) max_bytes: Option<u64>,
    /// Once this file exists it holds how long a file of the victim may be, in bytes; nothing in it: as long as it likes.
    pub(crate) room: Option<PathBuf>,
    /// Once this file exists it holds a number of orders: when so many are on record and at rest, the victim ends.
    pub(crate) rest: PathBuf,
    /// What it does wrong.
    pub(crate) canary: Option<Canary>,
}

impl Task {
    /// Reads a task.
    pub(crate) fn read(path: &Path) -> Result<Self, String> {
        let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", path.display());
        let text = std::fs::read_to_string(path).map_err(|error| failed(&error))?;
        serde_json::from_str(&text).map_err(|error| failed(&error))
    }

    /// Writes it for a victim.
    pub(crate) fn write(&self, path: &Path) -> Result<(), String> {
        std::fs::write(path, serde_json::json!(self).to_string())
            .map_err(|error| format!("{}: {error}", path.display()))
    }
}
