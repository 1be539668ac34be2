//! What a history is made of, drawn from its seed.

use std::collections::BTreeSet;
use std::time::Duration;

use super::fault_class::FaultClass;

/// How large the histories of a run are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Size {
    /// One or two workers, one merchant, up to 20 orders, up to an hour.
    Small,
    /// Up to four workers and five merchants, 40 to 200 orders, up to 72 hours.
    Large,
}

/// The settings of one history. Drawn from a seed ([`Scenario::of`]), and lowered one by one when a failure is shrunk.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scenario {
    /// Everything that is random in the history follows from this.
    pub seed: u64,
    /// Processes over one store.
    pub workers: usize,
    /// Merchants, each with a shop and a warehouse of its own.
    pub merchants: usize,
    /// Orders placed, over all merchants.
    pub orders: usize,
    /// Calls of which a fault is made, in per cent.
    pub fault_percent: u32,
    /// The classes of faults that may happen.
    pub faults: BTreeSet<FaultClass>,
    /// How often a process is killed.
    pub crashes: usize,
    /// How often a process is paused.
    pub pauses: usize,
    /// How far the shop's clock is ahead of true time, in seconds; below zero: behind.
    pub shop_skew: i64,
    /// How far the warehouse's clock is ahead.
    pub warehouse_skew: i64,
    /// How far ours is ahead.
    pub our_skew: i64,
    /// How long faults last. Afterwards everything has two hours to come to rest.
    pub length: Duration,
    /// The warehouse takes files, not calls.
    pub files: bool,
    /// The warehouse refuses a reference that it knows; else it makes a second order of it.
    pub recognises: bool,
    /// People in the shop change and cancel orders, and others write to its records.
    pub edits: bool,
    /// How long a call of the store takes, faults or not: long enough in some histories for a flow to be due to be held longer in the
    /// middle of a run.
    pub store_takes: Duration,
    /// Carriers tell where parcels are.
    pub tracking: bool,
    /// Goods come back to the warehouse, and it tells of them.
    pub returns: bool,
    /// The shop sells a kit, and one of its articles by the pack.
    pub kits: bool,
}

impl Scenario {
    /// The settings of a seed.
    #[must_use]
    pub fn of(seed: u64, size: Size) -> Self {
        let mut rng = fastrand::Rng::with_seed(seed ^ 0x5ce0_a110);
        let large = size == Size::Large;
        let skew = |rng: &mut fastrand::Rng| rng.i64(-600..=600);
        Self {
            seed,
            workers: if large {
                rng.usize(1..=4)
            } else {
                rng.usize(1..=2)
            },
            merchants: if large { rng.usize(1..=5) } else { 1 },
            orders: if large {
                rng.usize(40..=200)
            } else {
                rng.usize(3..=20)
            },
            fault_percent: [0, 1, 5, 20, 50][rng.usize(0..5)],
            faults: FaultClass::ALL.into_iter().filter(|_| rng.bool()).collect(),
            crashes: rng.usize(0..=if large { 10 } else { 3 }),
            pauses: rng.usize(0..=if large { 3 } else { 1 }),
            shop_skew: skew(&mut rng),
            warehouse_skew: skew(&mut rng),
            our_skew: skew(&mut rng),
            length: Duration::from_secs(if large {
                rng.u64(3600..=72 * 3600)
            } else {
                rng.u64(300..=3600)
            }),
            files: rng.u32(0..4) == 0,
            recognises: rng.bool(),
            edits: rng.bool(),
            store_takes: {
                // Two calm hours have to be enough for what is left, at some dozens of calls for each order.
                let slow = if large {
                    [20, 100, 300]
                } else {
                    [200, 1000, 3000]
                };
                let millis = [0, 0, 0].into_iter().chain(slow).nth(rng.usize(0..6));
                Duration::from_millis(millis.unwrap_or_default())
            },
            // Whatever is new comes last, so that all that a seed has been made of before stays as it is.
            tracking: rng.bool(),
            returns: rng.bool(),
            kits: rng.u32(0..3) == 0,
        }
    }

    /// Whether faults of a class may happen.
    #[must_use]
    pub fn has(&self, class: FaultClass) -> bool {
        self.faults.contains(&class)
    }
}
