//! What a run did, in numbers that add up.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::{AuditReport, PortUse};

/// A flow of the engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Flow {
    /// Articles in, their codes checked and kept.
    Catalogue,
    /// Capture, release, map, transmit.
    Orders,
    /// Despatches in, tracking to the shop, proof.
    Despatches,
    /// Stock in, available to promise, changed levels to the shop.
    Stock,
    /// Both sides and the store compared.
    Audit,
    /// What is due for its age: personal data that is not needed any more.
    Housekeeping,
}

impl Flow {
    /// Every flow, in the order a single full run takes.
    pub const ALL: [Self; 6] = [
        Self::Catalogue,
        Self::Orders,
        Self::Despatches,
        Self::Stock,
        Self::Audit,
        Self::Housekeeping,
    ];

    /// Its name in stores, reports and on command lines.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Catalogue => "catalogue",
            Self::Orders => "orders",
            Self::Despatches => "despatches",
            Self::Stock => "stock",
            Self::Audit => "audit",
            Self::Housekeeping => "housekeeping",
        }
    }

    /// The flow of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|flow| flow.as_str() == name)
    }
}

impl std::fmt::Display for Flow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

macro_rules! tallies {
    ($($(#[$meta:meta])* $name:ident = $text:literal, $change:literal;)*) => {
        /// What is counted in a run.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[non_exhaustive]
        pub enum Tally {
            $($(#[$meta])* $name,)*
        }

        impl Tally {
            /// Its name in reports.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// It counts something that changed: an order's state, the shop, the warehouse. A replay must leave all of these at 0.
            #[must_use]
            pub const fn is_change(self) -> bool {
                match self { $(Self::$name => $change,)* }
            }
        }
    };
}

tallies! {
    /// Articles of the catalogue.
    ArticlesRead = "articles_read", false;
    /// Articles that have a code at the warehouse.
    ArticlesMapped = "articles_mapped", false;
    /// Rows of the shop's listing.
    RowsListed = "rows_listed", false;
    /// Whole orders fetched.
    Fetched = "fetched", false;
    /// Orders captured for the first time.
    Captured = "captured", true;
    /// Orders on record whose content changed.
    SourceChanged = "source_changed", true;
    /// Orders whose record in the shop was touched, but not their content.
    Echoes = "echoes", false;
    /// Orders that could not be read.
    Unreadable = "unreadable", false;
    /// Orders left out by a named rule.
    Ignored = "ignored", true;
    /// Orders cancelled before they were sent.
    Cancelled = "cancelled", true;
    /// Orders that began to wait, or wait for another reason than before.
    Held = "held", true;
    /// Orders that wait for the same reason as before.
    StillHeld = "still_held", false;
    /// Orders released, mapped and checked.
    Prepared = "prepared", true;
    /// Create calls to the warehouse.
    Submitted = "submitted", true;
    /// Orders the warehouse has: by its answer, or found when asked.
    Accepted = "accepted", true;
    /// Orders handed over as files.
    Queued = "queued", true;
    /// Orders the warehouse refused.
    Rejected = "rejected", true;
    /// Calls whose fate is unknown.
    OutcomeUnknown = "outcome_unknown", true;
    /// Look-ups by reference.
    Probed = "probed", false;
    /// Calls that never left, to be tried again.
    Deferred = "deferred", false;
    /// Orders given up and parked.
    GivenUp = "given_up", true;
    /// Requests to the warehouse to change or cancel an order.
    ChangesAsked = "changes_asked", false;
    /// Changes and cancellations that the warehouse accepted.
    ChangesAccepted = "changes_accepted", true;
    /// Changes and cancellations that came too late, were refused or cannot be asked for.
    ChangesDenied = "changes_denied", true;
    /// Returns seen for the first time.
    ReturnsReceived = "returns_received", true;
    /// Orders whose record in the shop got another id.
    Renamed = "renamed", true;
    /// Orders whose personal data was erased for age.
    Erased = "erased", true;
    /// Rows of personal data that were sealed, or brought under another key.
    Resealed = "resealed", true;
    /// Despatches read.
    DespatchesRead = "despatches_read", false;
    /// Parcels seen for the first time.
    ParcelsReceived = "parcels_received", true;
    /// Despatches that no order on record claims.
    Unmatched = "unmatched", false;
    /// Writes of parcels to the shop.
    RelayWrites = "relay_writes", true;
    /// Parcels that a read after the write showed.
    ParcelsRelayed = "parcels_relayed", true;
    /// Orders closed: a later fresh read still showed all parcels.
    Closed = "closed", true;
    /// Orders whose parcels vanished from the shop after they were seen there.
    ProofsLost = "proofs_lost", true;
    /// Attempts to relay that did not make all parcels visible.
    RelayFailures = "relay_failures", false;
    /// Parcels after which the carrier was asked.
    ParcelsAsked = "parcels_asked", false;
    /// Milestones on the way of parcels, heard of for the first time.
    MilestonesReached = "milestones_reached", true;
    /// Stock rows read.
    StockRowsRead = "stock_rows_read", false;
    /// Stock rows that differ from what was on record.
    StockRowsChanged = "stock_rows_changed", true;
    /// Levels written to the shop.
    LevelsPublished = "levels_published", true;
    /// Levels that were right already.
    LevelsUnchanged = "levels_unchanged", false;
    /// Levels the shop refused or that could not be written.
    LevelsFailed = "levels_failed", false;
    /// Levels in the shop that a corrective run found wrong.
    LevelsCorrected = "levels_corrected", false;
    /// Exceptions opened.
    ExceptionsOpened = "exceptions_opened", true;
    /// Exceptions closed by themselves.
    ExceptionsClosed = "exceptions_closed", true;
}

/// How a run of a flow ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
#[non_exhaustive]
pub enum FlowOutcome {
    /// It ran to its end.
    Completed,
    /// Another worker holds the flow.
    Busy,
    /// It was asked to stop; what was done is recorded.
    Stopped,
    /// It could not go on; what was done is recorded.
    Failed {
        /// Why, in one line.
        reason: String,
    },
}

/// The report of one run of one flow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FlowReport {
    /// The flow.
    pub flow: Flow,
    /// How it ended.
    #[serde(flatten)]
    pub outcome: FlowOutcome,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// What was counted; what is not there is 0.
    pub tallies: BTreeMap<Tally, u64>,
    /// What the audit found, when this was the audit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub audit: Option<AuditReport>,
    /// What it cost the ports, and whether they were too busy or not called at all.
    #[serde(default)]
    pub port_use: PortUse,
}

impl FlowReport {
    /// A count.
    #[must_use]
    pub fn count(&self, tally: Tally) -> u64 {
        self.tallies.get(&tally).copied().unwrap_or(0)
    }

    /// How much the run changed anywhere: 0 for a replay of what is right already.
    #[must_use]
    pub fn changes(&self) -> u64 {
        self.tallies
            .iter()
            .filter(|(tally, _)| tally.is_change())
            .map(|(_, count)| count)
            .sum()
    }

    /// It ran to its end.
    #[must_use]
    pub fn completed(&self) -> bool {
        self.outcome == FlowOutcome::Completed
    }
}

/// The counters of a run while it runs; shared by the tasks of the run.
#[derive(Debug, Default)]
pub(crate) struct Counters(std::sync::Mutex<BTreeMap<Tally, u64>>);

impl Counters {
    pub(crate) fn add(&self, tally: Tally, count: u64) {
        if count == 0 {
            return;
        }
        let mut counts = match self.0.lock() {
            Ok(counts) => counts,
            // A panic elsewhere does not make a counter wrong.
            Err(poisoned) => poisoned.into_inner(),
        };
        let sum = counts.entry(tally).or_default();
        *sum = sum.saturating_add(count);
    }

    pub(crate) fn one(&self, tally: Tally) {
        self.add(tally, 1);
    }

    pub(crate) fn count(&self, tally: Tally) -> u64 {
        let counts = match self.0.lock() {
            Ok(counts) => counts,
            Err(poisoned) => poisoned.into_inner(),
        };
        counts.get(&tally).copied().unwrap_or(0)
    }

    pub(crate) fn take(&self) -> BTreeMap<Tally, u64> {
        match self.0.lock() {
            Ok(counts) => counts.clone(),
            Err(poisoned) => poisoned.into_inner().clone(),
        }
    }
}
