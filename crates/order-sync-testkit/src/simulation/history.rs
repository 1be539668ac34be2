//! What happened, in order, and its digest.

use std::time::Duration;

use chrono::{DateTime, Utc};
use order_mapping::{ClientOrderRef, ShipmentStatus, SourceOrderId};
use order_sync::{ClaimKind, FailureClass, OrderEvent, OrderState, PortName};
use sha2::{Digest as _, Sha256};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Actor {
    /// The world: shops, warehouses, people.
    World,
    /// A worker, by its number.
    Worker(usize),
}

impl std::fmt::Display for Actor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::World => f.write_str("the world"),
            Self::Worker(number) => write!(f, "worker {number}"),
        }
    }
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// An order was placed or changed in the shop; its version there.
    Placed(SourceOrderId, u64),
    /// A page of a listing was read, of a window that ends at this moment of the shop's time.
    Listed(DateTime<Utc>, Vec<(SourceOrderId, Option<String>)>),
    /// A call was made that went wrong.
    Fault {
        /// The port's method.
        call: &'static str,
        /// What happened to it.
        what: &'static str,
    },
    /// The engine's guard let a call of a port through, and it began.
    CallBegan {
        /// Which call.
        number: u64,
        /// The port.
        port: PortName,
        /// The port's method.
        operation: &'static str,
        /// The record that it is about, where it is about one.
        about: Option<String>,
    },
    /// It ended.
    CallEnded {
        /// Which call.
        number: u64,
        /// What it failed with.
        failure: Option<FailureClass>,
        /// For how long the other side asked to be left alone.
        wait: Option<Duration>,
    },
    /// Whoever had made it gave it up, or died.
    CallDropped(u64),
    /// Orders were put on record, with the versions of the shop.
    Captured(Vec<(SourceOrderId, Option<String>)>),
    /// An order was taken by a worker: its token then. For [`ClaimKind::Send`] this is the durable intent.
    Claimed {
        /// What for.
        kind: ClaimKind,
        /// Which order.
        id: SourceOrderId,
        /// Its reference.
        reference: ClientOrderRef,
        /// The new token.
        token: u64,
        /// Digest of the payload that may be sent.
        payload: Option<String>,
        /// When the claim was asked for, by the time that never jumps.
        asked: Duration,
    },
    /// A change of an order was asked of the store.
    Committed {
        /// Which order.
        id: SourceOrderId,
        /// What happened to it.
        event: OrderEvent,
        /// The token under which it was written.
        token: u64,
        /// The state and token afterwards; `None`: refused.
        after: Option<(OrderState, u64)>,
        /// The version of the shop that came with it.
        version: Option<String>,
    },
    /// A cursor moved.
    CursorMoved(String, String),
    /// A create began: from now on the order may arrive.
    PostBegan(ClientOrderRef, String),
    /// A create arrived and was applied; how many live orders there are under the reference, and whether the vendor made it by itself.
    PostApplied {
        /// The reference.
        reference: ClientOrderRef,
        /// Creates of ours that arrived under it so far.
        by_us: u32,
        /// The vendor's own doing.
        by_vendor: bool,
    },
    /// The warehouse has put a despatch into its feed.
    Despatched(ClientOrderRef, String),
    /// The shop's record of an order was written by us; the parcels that it shows.
    RecordPut(SourceOrderId, usize),
    /// A foreign hand wrote the shop's record of an order.
    ForeignPut(SourceOrderId),
    /// The stock feed was read: its sequence and the moment it is true for, in virtual time.
    StockRead {
        /// Sequence.
        sequence: u64,
        /// True for this moment.
        as_of: Duration,
    },
    /// A stock batch went on record: its sequence, and how many rows it changed.
    StockSaved(u64, usize),
    /// A level was written to the shop.
    Published(String, i64),
    /// Goods came back to the warehouse: its receipt.
    CameBack(String),
    /// A receipt of goods that came back went on record with an order.
    ReturnRecorded(SourceOrderId, String),
    /// What the carrier says of a parcel went on record: the milestones of its way that it was seen at.
    TrackingRecorded {
        /// Whose.
        order: SourceOrderId,
        /// The parcel.
        parcel: String,
        /// Its milestones, the furthest last.
        milestones: Vec<ShipmentStatus>,
    },
    /// An alert reached the pager.
    Alerted {
        /// Its first line.
        headline: String,
        /// All of it.
        whole: String,
    },
    /// A run of a flow ended.
    Ran(&'static str, String),
    /// A run of a flow was given up: it had not ended after all that time.
    Endless(&'static str, Duration),
    /// A process died.
    Killed,
    /// A process began anew.
    Started,
    /// A process stands still for so long.
    Paused(Duration),
    /// The time of day of our machine stepped back.
    ClockStepped(Duration),
    /// Faults are over.
    Calm,
    /// Everything was looked at: the record as it is judged.
    LookedAt,
    /// A vendor's own anomaly: what is to be told of it.
    Anomaly(&'static str, String),
}

impl Fact {
    /// Worth a line in a story: it changed something.
    pub(super) fn is_eventful(&self) -> bool {
        match self {
            Self::Listed(..) | Self::StockRead { .. } | Self::StockSaved(..) => false,
            Self::CallBegan { .. } | Self::CallEnded { .. } | Self::CallDropped(_) => false,
            Self::Captured(rows) => !rows.is_empty(),
            Self::CursorMoved(name, _) => name == "orders",
            Self::Ran(_, outcome) => outcome.starts_with("failed"),
            _ => true,
        }
    }
}

impl std::fmt::Display for Fact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Placed(id, 1) => write!(f, "order {id} is placed in the shop"),
            Self::Placed(id, version) => {
                write!(f, "order {id} changes in the shop (version {version})")
            }
            Self::Listed(_, rows) => {
                write!(f, "reads a page of {} orders from the shop", rows.len())
            }
            Self::Fault { call, what } => write!(f, "{call} goes wrong: {what}"),
            Self::CallBegan {
                number,
                port,
                operation,
                ..
            } => write!(f, "call {number} begins: {operation} of {port}"),
            Self::CallEnded {
                number, failure, ..
            } => match failure {
                Some(class) => write!(f, "call {number} ends: {class:?}"),
                None => write!(f, "call {number} is answered"),
            },
            Self::CallDropped(number) => write!(f, "call {number} is given up"),
            Self::Captured(rows) => {
                let ids: Vec<&str> = rows.iter().map(|(id, _)| id.as_str()).collect();
                write!(f, "puts on record: {}", ids.join(", "))
            }
            Self::Claimed {
                kind, id, token, ..
            } => {
                let what = match kind {
                    ClaimKind::Send => "send it: the intent is on record",
                    ClaimKind::Probe => "ask the warehouse after it",
                    ClaimKind::Relay => "write its parcels",
                    _ => "ask for a change",
                };
                write!(f, "takes order {id} to {what} (token {token})")
            }
            Self::Committed {
                id,
                event,
                token,
                after,
                ..
            } => match after {
                Some((state, _)) => write!(f, "order {id}: {event}, now {state} (token {token})"),
                None => write!(f, "order {id}: {event} is fenced off (token {token})"),
            },
            Self::CursorMoved(name, to) => write!(f, "moves the cursor {name} to {to}"),
            Self::PostBegan(reference, _) => write!(f, "sends {reference} to the warehouse"),
            Self::PostApplied {
                reference,
                by_us,
                by_vendor,
            } => {
                if *by_vendor {
                    write!(
                        f,
                        "the warehouse makes a second order of {reference} by itself"
                    )
                } else {
                    write!(
                        f,
                        "{reference} arrives at the warehouse (create {by_us} of ours)"
                    )
                }
            }
            Self::Despatched(reference, id) => {
                write!(f, "the warehouse despatches {id} of {reference}")
            }
            Self::RecordPut(id, parcels) => {
                write!(f, "writes the shop's record of {id}: {parcels} parcels")
            }
            Self::ForeignPut(id) => write!(f, "somebody else writes the shop's record of {id}"),
            Self::StockRead { sequence, as_of } => {
                write!(
                    f,
                    "reads stock, sequence {sequence}, true for {:.0?}",
                    as_of
                )
            }
            Self::StockSaved(sequence, rows) => {
                write!(
                    f,
                    "stock sequence {sequence} on record: {rows} rows changed"
                )
            }
            Self::Published(sku, level) => write!(f, "offers {level} of {sku} in the shop"),
            Self::CameBack(receipt) => write!(f, "goods come back to the warehouse: {receipt}"),
            Self::ReturnRecorded(id, receipt) => {
                write!(f, "return {receipt} of order {id} on record")
            }
            Self::TrackingRecorded {
                order,
                parcel,
                milestones,
            } => match milestones.last() {
                Some(status) => write!(f, "parcel {parcel} of order {order} is {status}"),
                None => write!(f, "parcel {parcel} of order {order} is watched"),
            },
            Self::Alerted { headline, .. } => write!(f, "alerts: {headline}"),
            Self::Ran(flow, outcome) => write!(f, "{flow}: {outcome}"),
            Self::Endless(flow, span) => write!(f, "{flow}: not at its end after {span:.0?}"),
            Self::Killed => f.write_str("is killed"),
            Self::Started => f.write_str("starts"),
            Self::Paused(span) => write!(f, "stands still for {span:.0?}"),
            Self::ClockStepped(span) => write!(f, "our clock steps back by {span:.0?}"),
            Self::Calm => f.write_str("all faults are over"),
            Self::LookedAt => f.write_str("the record is looked at"),
            Self::Anomaly(code, about) => write!(f, "{about}: to be told as {code}"),
        }
    }
}

/// One entry of a history.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// When, in virtual time.
    pub at: Duration,
    /// Whose merchant it is about, by its number.
    pub merchant: usize,
    /// Who.
    pub who: Actor,
    /// What.
    pub fact: Fact,
}

impl std::fmt::Display for Entry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let millis = self.at.as_millis();
        let (hours, minutes) = (millis / 3_600_000, millis / 60_000 % 60);
        let seconds = (millis % 60_000) / 1000;
        write!(
            f,
            "{hours:02}:{minutes:02}:{seconds:02}.{:03} ",
            millis % 1000
        )?;
        if self.merchant > 0 {
            write!(f, "merchant {} ", self.merchant)?;
        }
        write!(f, "{}: {}", self.who, self.fact)
    }
}

/// Everything that happened, in order; append only.
#[derive(Debug, Default)]
pub struct History {
    entries: Vec<Entry>,
}

impl History {
    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// What happened, in order.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The digest of everything that happened: equal for equal histories, in every process.
    #[must_use]
    pub fn trace_hash(&self) -> String {
        use std::fmt::Write as _;
        let mut sha = Sha256::new();
        let mut line = String::new();
        for entry in &self.entries {
            line.clear();
            // Everything, not only what a story tells of it.
            let _ = writeln!(line, "{entry:?}");
            sha.update(line.as_bytes());
        }
        sha.finalize()
            .iter()
            .take(16)
            .fold(String::new(), |mut hex, byte| {
                let _ = write!(hex, "{byte:02x}");
                hex
            })
    }
}
