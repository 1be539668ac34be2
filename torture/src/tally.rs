//! What a kind of fault came to.

use std::fmt;

use serde::Serialize;

/// Counts of a run. Orders are counted in the shop and at the warehouse, never in our own rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    /// Name of the kind of fault.
    pub(crate) kind: String,
    /// Faults that were brought about.
    pub(crate) cycles: u64,
    /// Of those, how many orders were counted after; all, where it is zero.
    pub(crate) whole_way: u64,
    /// Orders that buyers placed in the shop.
    pub(crate) placed: u64,
    /// Live orders at the warehouse at the end.
    pub(crate) arrived: u64,
    /// Placed, and neither at the warehouse nor on record with a reason that a person can see.
    pub(crate) lost: u64,
    /// Live orders beyond the first of an order, and creates that the warehouse refused because it had the order.
    pub(crate) doubled: u64,
    /// Orders that were under way when their worker died or stood still.
    pub(crate) interrupted: u64,
    /// What else was wrong, one line each with the seed; any of them fails the run.
    pub(crate) reports: Vec<String>,
    /// What is worth knowing, one line each.
    pub(crate) notes: Vec<String>,
}

impl Tally {
    /// An empty one.
    pub(crate) fn of(kind: &str) -> Self {
        Self {
            kind: kind.to_owned(),
            ..Self::default()
        }
    }

    /// Nothing lost, nothing doubled, nothing wrong.
    pub(crate) fn is_sound(&self) -> bool {
        self.lost == 0 && self.doubled == 0 && self.reports.is_empty()
    }

    /// Adds what another part of the same run came to.
    pub(crate) fn add(&mut self, other: Self) {
        self.cycles += other.cycles;
        self.whole_way += other.whole_way;
        self.placed += other.placed;
        self.arrived += other.arrived;
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.interrupted += other.interrupted;
        self.reports.extend(other.reports);
        self.notes.extend(other.notes);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {} cycles, {} orders placed, {} at the warehouse, {} interrupted, {} lost, {} doubled, {} reports",
            self.kind,
            self.cycles,
            self.placed,
            self.arrived,
            self.interrupted,
            self.lost,
            self.doubled,
            self.reports.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_order_a_double_and_a_report_each_fail_the_run() {
        assert!(Tally::of("kill").is_sound());
        for change in [
            (|tally: &mut Tally| tally.lost = 1) as fn(&mut Tally),
            |tally| tally.doubled = 1,
            |tally| tally.reports.push("a chain is broken".to_owned()),
        ] {
            let mut part = Tally::of("kill");
            change(&mut part);
            let mut whole = Tally::of("kill");
            whole.add(part);
            assert!(!whole.is_sound(), "{whole}");
        }
    }
}
