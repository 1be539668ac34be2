//! What the engine itself costs: an order from the listing to the acceptance, with a store in memory and ports that do nothing.
//!
//! CPU time of the process, so that neighbours do not count. What remains beside the engine is the shop making its orders and the
//! store in memory keeping them; both count against the engine.

use order_sync::{Flow, Tally};

use crate::engines::{self, Assembled};
use crate::measured::{Measured, Rounds, cpu_time};
use crate::ports::{Intake, Shop};

const ORDERS: u32 = 5_000;
const ROUNDS: u32 = 7;

pub(crate) fn measure() -> Measured {
    let mut rounds = Rounds::default();
    for round in 0..=ROUNDS {
        let assembled = Assembled::new(engines::memory(), Shop::with(ORDERS), Intake::default());
        let begun = cpu_time();
        let report = engines::runtime().block_on(assembled.run(Flow::Orders));
        let took = cpu_time().saturating_sub(begun);
        assert_eq!(report.count(Tally::Accepted), u64::from(ORDERS));
        // The first one warms up.
        if round > 0 {
            rounds.add(took, ORDERS);
        }
    }
    let mut measured = Measured::default();
    measured.time("engine/cpu_per_order", rounds.best());
    measured
}
