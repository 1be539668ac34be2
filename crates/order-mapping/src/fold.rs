//! From the warehouse's lines back to the shop's: components to kits, warehouse units to ordered units.

use std::collections::BTreeMap;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::kits::complete_kits;
use crate::{FulfilmentOrder, LineId, LineQuantity, PackRatio, Parcel, SourceSku};

/// What of one line of the shop is there in whole units, and what is not.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[non_exhaustive]
pub struct FoldedLine {
    /// The line of the sales order.
    pub line_id: LineId,
    /// Its article in the shop.
    pub sku: SourceSku,
    /// Whole ordered units: complete kits, full packs.
    pub complete: u64,
    /// What makes up no whole unit, in units of the warehouse: a kit of which a component is missing, a pack that was broken.
    pub partial: Vec<LineQuantity>,
}

/// How the warehouse's lines of an order fold back into the lines that the shop knows.
///
/// Exact: nothing is rounded up, and complete units turned into the warehouse's plus what is partial is what was put in.
#[derive(Debug, Clone)]
pub struct Folding {
    lines: Vec<Line>,
    /// Position in `lines` and in its parts, by the warehouse's line id.
    of_part: HashMap<LineId, (usize, usize)>,
    plain: bool,
}

#[derive(Debug, Clone)]
struct Line {
    id: LineId,
    sku: SourceSku,
    pack: PackRatio,
    parts: Vec<Part>,
}

#[derive(Debug, Clone)]
struct Part {
    id: LineId,
    sku: String,
    per_kit: u32,
}

impl Line {
    /// Whole ordered units, and what is left of each part.
    fn fold(&self, units: &[u64]) -> (u64, Vec<u64>) {
        let parts: Vec<(u32, u64)> = self
            .parts
            .iter()
            .zip(units)
            .map(|(part, units)| (part.per_kit, *units))
            .collect();
        let (kits, _) = complete_kits(&parts);
        let (complete, loose) = self.pack.to_shop(kits);
        let used = kits.saturating_sub(loose);
        let left = parts
            .iter()
            .map(|(per_kit, units)| units.saturating_sub(used.saturating_mul(u64::from(*per_kit))))
            .collect();
        (complete, left)
    }

    fn partial(&self, left: &[u64]) -> Vec<LineQuantity> {
        self.parts
            .iter()
            .zip(left)
            .filter(|(_, left)| **left > 0)
            .map(|(part, left)| LineQuantity {
                line_id: Some(self.id.clone()),
                sku: Some(part.sku.clone()),
                quantity: u32::try_from(*left).unwrap_or(u32::MAX),
            })
            .collect()
    }
}

impl Folding {
    /// The way back of an order.
    #[must_use]
    pub fn of(order: &FulfilmentOrder) -> Self {
        let mut lines: Vec<Line> = Vec::new();
        let mut of_part = HashMap::new();
        for line in &order.lines {
            let (id, sku, per_kit) = match &line.part_of {
                Some(kit) => (&kit.line_id, &kit.sku, kit.per_kit.max(1)),
                None => (&line.line_id, &line.source_sku, 1),
            };
            let part = Part {
                id: line.line_id.clone(),
                sku: line.sku.as_str().to_owned(),
                per_kit,
            };
            // The parts of one kit follow each other.
            let same = lines
                .last_mut()
                .filter(|last| line.part_of.is_some() && last.id == *id);
            let within = match same {
                Some(last) => {
                    last.parts.push(part);
                    last.parts.len() - 1
                }
                None => {
                    lines.push(Line {
                        id: id.clone(),
                        sku: sku.clone(),
                        pack: line.pack.unwrap_or(PackRatio::ONE),
                        parts: vec![part],
                    });
                    0
                }
            };
            of_part.insert(line.line_id.clone(), (lines.len() - 1, within));
        }
        Self {
            lines,
            of_part,
            plain: order
                .lines
                .iter()
                .all(|line| line.part_of.is_none() && line.pack.is_none()),
        }
    }

    /// Whether every line is the same on both sides.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        self.plain
    }

    /// Folds units by the warehouse's line ids into the shop's lines. Lines that are not named have none; unknown ids are left
    /// out.
    #[must_use]
    pub fn lines(&self, units: &BTreeMap<LineId, u64>) -> Vec<FoldedLine> {
        self.lines
            .iter()
            .map(|line| {
                let of_parts: Vec<u64> = line
                    .parts
                    .iter()
                    .map(|part| units.get(&part.id).copied().unwrap_or(0))
                    .collect();
                let (complete, left) = line.fold(&of_parts);
                FoldedLine {
                    line_id: line.id.clone(),
                    sku: line.sku.clone(),
                    complete,
                    partial: line.partial(&left),
                }
            })
            .collect()
    }

    /// The parcels of an order, in the order in which they were received, with contents that the shop knows.
    ///
    /// Each parcel has the whole units that became complete with it, and under [`Parcel::partial`] what lies in it and belonged to
    /// no whole unit then. A later parcel never changes what an earlier one shows, and the units of all parcels together are those
    /// of [`Folding::lines`]. Contents without a line, or of a line that the order does not have, stay as they are.
    #[must_use]
    pub fn parcels(&self, parcels: &[Parcel]) -> Vec<Parcel> {
        if self.plain {
            return parcels.to_vec();
        }
        let mut units: Vec<Vec<u64>> = self
            .lines
            .iter()
            .map(|line| vec![0; line.parts.len()])
            .collect();
        let mut complete = vec![0_u64; self.lines.len()];
        parcels
            .iter()
            .map(|parcel| {
                let mut folded = parcel.clone();
                folded.contents.clear();
                // By line: what this parcel brings of each part.
                let mut brought: BTreeMap<usize, Vec<u64>> = BTreeMap::new();
                for content in &parcel.contents {
                    let place = content.line_id.as_ref().and_then(|id| self.of_part.get(id));
                    let Some((line, part)) = place else {
                        folded.contents.push(content.clone());
                        continue;
                    };
                    let parts = self.lines.get(*line).map_or(0, |line| line.parts.len());
                    let of_line = brought.entry(*line).or_insert_with(|| vec![0; parts]);
                    if let Some(sum) = of_line.get_mut(*part) {
                        *sum += u64::from(content.quantity);
                    }
                }
                for (index, brought) in brought {
                    let (Some(line), Some(units), Some(complete)) = (
                        self.lines.get(index),
                        units.get_mut(index),
                        complete.get_mut(index),
                    ) else {
                        continue;
                    };
                    #[cfg(canary)]
                    if crate::canary::planted("kits_counted_by_parcel") {
                        units.fill(0);
                        *complete = 0;
                    }
                    for (sum, more) in units.iter_mut().zip(&brought) {
                        *sum += more;
                    }
                    let (now, left) = line.fold(units);
                    let more = now.saturating_sub(*complete);
                    *complete = now;
                    if more > 0 {
                        let more = u32::try_from(more).unwrap_or(u32::MAX);
                        folded
                            .contents
                            .push(LineQuantity::of_line(line.id.clone(), more));
                    }
                    let loose: Vec<u64> = left
                        .iter()
                        .zip(&brought)
                        .map(|(left, brought)| *left.min(brought))
                        .collect();
                    folded.partial.extend(line.partial(&loose));
                }
                folded
            })
            .collect()
    }
}
