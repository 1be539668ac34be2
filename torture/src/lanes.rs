//! Rounds side by side: most of a round is waiting for leases of those who died.

use std::future::Future;
use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join_all;

use crate::budget::Budget;
use crate::tally::Tally;

/// What is left of a budget, shared by the lanes.
pub(crate) struct Purse {
    budget: Budget,
    left: AtomicU64,
    rounds: AtomicU64,
}

impl Purse {
    /// The whole budget.
    pub(crate) fn new(budget: &Budget) -> Self {
        Self {
            left: AtomicU64::new(budget.cycles),
            budget: budget.clone(),
            rounds: AtomicU64::new(0),
        }
    }

    /// Takes one cycle; `false`: there is none any more, or the time is up.
    pub(crate) fn take(&self) -> bool {
        !self.budget.is_over()
            && self
                .left
                .fetch_update(Ordering::AcqRel, Ordering::Acquire, |left| {
                    left.checked_sub(1)
                })
                .is_ok()
    }

    /// No round may begin any more.
    pub(crate) fn is_empty(&self) -> bool {
        self.budget.is_over() || self.left() == 0
    }

    fn left(&self) -> u64 {
        self.left.load(Ordering::Acquire)
    }

    /// The seed of the next round.
    pub(crate) fn next_seed(&self) -> u64 {
        let round = self.rounds.fetch_add(1, Ordering::AcqRel);
        // Apart from each other, and the same for the same seed and round.
        self.budget
            .seed
            .wrapping_add(round.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

/// Runs rounds in so many lanes until the budget is spent, and adds up what they came to. A round gets its lane and its seed.
///
/// # Errors
/// The first failure of a round that could not be run at all; the lanes beside it finish theirs.
pub(crate) fn run<F, R>(kind: &str, lanes: usize, purse: &Purse, round: F) -> Result<Tally, String>
where
    F: Fn(usize, u64) -> R,
    R: Future<Output = Result<Tally, String>>,
{
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let round = &round;
    // No more lanes than there are cycles.
    let lanes = usize::try_from(purse.left()).map_or(lanes, |left| left.min(lanes));
    let lane = |number: usize| async move {
        let mut sum = Tally::default();
        while !purse.is_empty() {
            sum.add(round(number, purse.next_seed()).await?);
        }
        Ok::<Tally, String>(sum)
    };
    let ended = runtime.block_on(join_all((0..lanes).map(lane)));
    let mut tally = Tally::of(kind);
    for lane in ended {
        tally.add(lane?);
    }
    Ok(tally)
}
