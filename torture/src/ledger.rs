//! Which fail point is next, and which were met.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use order_sync_testkit::faults::{Call, StoreCall};

use crate::fail_point::{FailPoint, Operation};
use crate::task::Death;

/// The fail points of a run over one store, shared by the rounds that run side by side.
pub(crate) struct Ledger(Mutex<Pages>);

struct Pages {
    /// Still to be met in this turn.
    queue: VecDeque<FailPoint>,
    met: BTreeMap<FailPoint, u64>,
    random: fastrand::Rng,
}

/// A process may come to a point more than once: it dies at the first of so many times, or at a later one.
const fn calls_max(point: FailPoint) -> u32 {
    match point.operation {
        Operation::Store(
            StoreCall::SaveSkuHistory | StoreCall::RecordProfile | StoreCall::RenewFlow,
        )
        | Operation::Port(Call::Cancel | Call::Amend) => 1,
        _ => 3,
    }
}

impl Ledger {
    /// All points, in an order that follows from the seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(Mutex::new(Pages {
            queue: VecDeque::new(),
            met: BTreeMap::new(),
            random: fastrand::Rng::with_seed(seed),
        }))
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next point, and the death of the victim that is to meet it. Once all have had their turn, those that were not met come
    /// first.
    pub(crate) fn next(&self) -> (FailPoint, Death) {
        let pages = &mut *self.pages();
        if pages.queue.is_empty() {
            let mut points = FailPoint::all();
            pages.random.shuffle(&mut points);
            points.sort_by_key(|point| pages.met.contains_key(point));
            pages.queue.extend(points);
        }
        // The list of points is not empty, so the queue is not either.
        let point = pages.queue.pop_front().unwrap_or(FailPoint::FIRST);
        let known = pages.met.contains_key(&point);
        let call = if known {
            pages.random.u32(1..=calls_max(point))
        } else {
            1
        };
        let death = Death {
            point: point.to_string(),
            call,
        };
        (point, death)
    }

    /// A process has died there.
    pub(crate) fn met(&self, point: FailPoint) {
        *self.pages().met.entry(point).or_default() += 1;
    }

    /// How many points were met, how many processes died at them, and the points that were not.
    pub(crate) fn sum(&self) -> (usize, u64, Vec<FailPoint>) {
        let pages = self.pages();
        let missing = FailPoint::all()
            .into_iter()
            .filter(|point| !pages.met.contains_key(point))
            .collect();
        (pages.met.len(), pages.met.values().sum(), missing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_point_has_its_turn_and_those_not_met_come_first_again() {
        let ledger = Ledger::new(7);
        let all = FailPoint::all();
        let (first, _) = ledger.next();
        for _ in 1..all.len() {
            let (point, death) = ledger.next();
            assert_eq!((point.to_string(), 1), (death.point, death.call));
            ledger.met(point);
        }
        assert_eq!(ledger.sum().2, [first], "the others have all had a turn");
        assert_eq!(ledger.next().0, first);
        ledger.met(first);
        assert_eq!(ledger.sum(), (all.len(), all.len() as u64, Vec::new()));
    }
}
