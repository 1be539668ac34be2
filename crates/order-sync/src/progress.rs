//! How much of each line has left, and which parcels carried it.

use chrono::{DateTime, Utc};
use order_mapping::{
    Consignment, FulfilmentOrder, LineId, LineQuantity, LineRules, LineUnits, Parcel, SalesOrder,
    SourceSku, UnitsFault,
};
use serde::{Deserialize, Serialize};

/// What became of one line at the warehouse, in the warehouse's unit: an order line, or a component of a kit. `ordered = despatched + short + cancelled + open` at all times; `open` is derived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LineProgress {
    /// The line at the warehouse.
    pub line_id: LineId,
    /// Its article code in the shop, when it has one; for a component the component's.
    pub sku: Option<SourceSku>,
    /// Units ordered, in the warehouse's unit; 0 for lines that are not stock.
    pub ordered: u32,
    /// Units that left.
    pub despatched: u32,
    /// Units the warehouse will not send.
    pub short: u32,
    /// Units cancelled.
    pub cancelled: u32,
}

impl LineProgress {
    /// A line of which nothing has happened yet.
    #[must_use]
    pub const fn new(line_id: LineId, sku: Option<SourceSku>, ordered: u32) -> Self {
        Self {
            line_id,
            sku,
            ordered,
            despatched: 0,
            short: 0,
            cancelled: 0,
        }
    }

    /// Units that leave the shelf for the buyer, or have left: all that were ordered, less the short and the cancelled.
    #[must_use]
    pub const fn promised(&self) -> u32 {
        self.ordered
            .saturating_sub(self.short)
            .saturating_sub(self.cancelled)
    }

    /// The figures with their sum checked.
    ///
    /// # Errors
    /// [`UnitsFault`] when more is accounted for than was ordered: what the warehouse says it sent is kept on record even then.
    pub fn units(&self) -> Result<LineUnits, UnitsFault> {
        LineUnits::new(self.ordered)
            .despatch(self.despatched)?
            .mark_short(self.short)?
            .cancel(self.cancelled)
    }

    /// Units still owed to the buyer.
    #[must_use]
    pub const fn open(&self) -> u32 {
        self.ordered
            .saturating_sub(self.despatched)
            .saturating_sub(self.short)
            .saturating_sub(self.cancelled)
    }
}

/// The lines of an order as the warehouse will have them, whether or not it may go yet: kits by their components, ordered units
/// as the warehouse's.
pub(crate) fn lines_to_pick(order: &SalesOrder, rules: &LineRules) -> Vec<LineProgress> {
    rules
        .demand(order)
        .into_iter()
        .map(|line| LineProgress::new(line.line_id, line.sku, line.units))
        .collect()
}

/// How far a parcel's tracking has come on its way to the buyer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RelayState {
    /// Not written to the shop yet, or lost there again.
    Pending,
    /// A read right after the write showed it.
    Seen,
    /// A later fresh read showed it still.
    Proven,
}

/// A parcel on record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ParcelRecord {
    /// The parcel.
    pub parcel: Parcel,
    /// The despatch it belongs to.
    pub consignment_id: String,
    /// When it left, as the warehouse says.
    pub despatched_at: Option<DateTime<Utc>>,
    /// When the despatch was read.
    pub received_at: DateTime<Utc>,
    /// How far its tracking has come.
    pub relay: RelayState,
}

/// The result of applying a despatch to what is on record.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DespatchApplied {
    /// Parcels that were not on record yet.
    pub new_parcels: Vec<ParcelRecord>,
    /// Parcels on record that had no tracking number and have one now: to be relayed again.
    pub traced_parcels: Vec<ParcelRecord>,
    /// The lines afterwards.
    pub lines: Vec<LineProgress>,
    /// No unit is open any more.
    pub complete: bool,
    /// What does not add up: unknown lines, more units than ordered. For people; nothing is dropped.
    pub oddities: Vec<String>,
}

/// Applies a despatch: the union of parcels by id, quantities counted once per parcel.
///
/// A repeated despatch gives no new parcels and the same lines. Shorts belong to the despatch as a whole and have no identity of
/// their own, so they count once: when the despatch is read for the first time (`first_seen`).
#[must_use]
pub fn apply_despatch(
    lines: &[LineProgress],
    parcels: &[ParcelRecord],
    consignment: &Consignment,
    first_seen: bool,
    received_at: DateTime<Utc>,
) -> DespatchApplied {
    let mut lines = lines.to_vec();
    let mut new_parcels: Vec<ParcelRecord> = Vec::new();
    let mut traced_parcels: Vec<ParcelRecord> = Vec::new();
    let mut oddities = Vec::new();
    for parcel in &consignment.parcels {
        if let Some(known) = parcels.iter().find(|known| known.parcel.id == parcel.id) {
            if known.parcel.tracking.is_none() && parcel.tracking.is_some() {
                let mut traced = known.clone();
                traced.relay = RelayState::Pending;
                traced.parcel.tracking.clone_from(&parcel.tracking);
                traced.parcel.tracking_url.clone_from(&parcel.tracking_url);
                if parcel.carrier.is_some() {
                    traced.parcel.carrier.clone_from(&parcel.carrier);
                }
                traced_parcels.push(traced);
            }
            #[cfg(canary)]
            if crate::canary::planted("parcels_counted_twice") {
                for content in &parcel.contents {
                    if let Some(line) = line_of(&mut lines, content) {
                        line.despatched = line.despatched.saturating_add(content.quantity);
                    }
                }
            }
            continue;
        }
        if new_parcels.iter().any(|known| known.parcel.id == parcel.id) {
            continue;
        }
        for content in &parcel.contents {
            match line_of(&mut lines, content) {
                Some(line) => {
                    if content.quantity > line.open() {
                        oddities.push(format!(
                            "parcel {} holds {} units of line {}, of which {} were open",
                            parcel.id,
                            content.quantity,
                            content.label(),
                            line.open()
                        ));
                    }
                    // What was cancelled and left all the same has left: no unit is counted twice.
                    let beyond = content.quantity.saturating_sub(line.open());
                    line.cancelled = line.cancelled.saturating_sub(beyond);
                    line.despatched = line.despatched.saturating_add(content.quantity);
                }
                None => oddities.push(format!(
                    "parcel {} holds {} units of line {}, which the order does not have",
                    parcel.id,
                    content.quantity,
                    content.label()
                )),
            }
        }
        new_parcels.push(ParcelRecord {
            parcel: parcel.clone(),
            consignment_id: consignment.id.clone(),
            despatched_at: consignment.despatched_at,
            received_at,
            relay: RelayState::Pending,
        });
    }
    if first_seen {
        for short in &consignment.shorts {
            match line_of(&mut lines, short) {
                Some(line) => line.short = line.short.saturating_add(short.quantity),
                None => oddities.push(format!(
                    "{} units of line {} are reported short, which the order does not have",
                    short.quantity,
                    short.label()
                )),
            }
        }
    }
    let complete = lines.iter().all(|line| line.open() == 0);
    DespatchApplied {
        new_parcels,
        traced_parcels,
        lines,
        complete,
        oddities,
    }
}

fn line_of<'a>(
    lines: &'a mut [LineProgress],
    content: &LineQuantity,
) -> Option<&'a mut LineProgress> {
    let id = content.line_id.as_ref()?;
    lines.iter_mut().find(|line| line.line_id == *id)
}

/// Gives units that the warehouse names by article only to the order's lines of that article: each line gets what it still
/// owes, in the order's sequence; what is left over stays with the article and shows as an oddity.
#[must_use]
pub fn by_line(
    consignment: &Consignment,
    order: &FulfilmentOrder,
    lines: &[LineProgress],
) -> Consignment {
    let mut owed: Vec<(&LineId, &str, u32)> = order
        .lines
        .iter()
        .map(|line| {
            let open = lines
                .iter()
                .find(|progress| progress.line_id == line.line_id)
                .map_or(0, LineProgress::open);
            (&line.line_id, line.sku.as_str(), open)
        })
        .collect();
    let mut give = |content: &LineQuantity| -> Vec<LineQuantity> {
        let (None, Some(sku)) = (&content.line_id, &content.sku) else {
            return vec![content.clone()];
        };
        let mut left = content.quantity;
        let mut given = Vec::new();
        for (line_id, _, open) in owed
            .iter_mut()
            .filter(|(_, code, _)| code.eq_ignore_ascii_case(sku))
        {
            let units = left.min(*open);
            if units > 0 {
                *open -= units;
                left -= units;
                given.push(LineQuantity::of_line((*line_id).clone(), units));
            }
        }
        if left > 0 {
            given.push(LineQuantity::of_sku(sku.as_str(), left));
        }
        given
    };
    let mut resolved = consignment.clone();
    for parcel in &mut resolved.parcels {
        parcel.contents = parcel.contents.iter().flat_map(&mut give).collect();
    }
    resolved.shorts = resolved.shorts.iter().flat_map(&mut give).collect();
    resolved
}
