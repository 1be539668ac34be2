//! Two workers beside one, each a process, with a warehouse that answers at once.

use std::time::Duration;

use super::database::Database;
use super::worker::{self, Task};
use crate::engines::{self, IN_FLIGHT};
use crate::measured::{Measured, Rounds};

const MERCHANTS: u32 = 4;
/// Orders of each merchant.
const ORDERS: u32 = 1_500;
const ROUNDS: u32 = 3;

pub(crate) fn measure() -> Measured {
    let runtime = engines::runtime();
    let database = runtime.block_on(Database::create());
    let [mut one, mut two] = std::array::from_fn(|_| Rounds::default());
    for round in 0..ROUNDS {
        for workers in [1, 2] {
            let task = Task {
                url: database.worker_url(&[]),
                schema: database.schema.clone(),
                merchants: (0..MERCHANTS)
                    .map(|merchant| format!("merchant-{round}-{workers}-{merchant}"))
                    .collect(),
                orders: ORDERS,
                settings: engines::settings(IN_FLIGHT),
                latency: Duration::ZERO,
            };
            runtime.block_on(database.rest());
            let took = worker::together(&worker::deal(&task, workers));
            let rounds = if workers == 1 { &mut one } else { &mut two };
            rounds.add(took, MERCHANTS * ORDERS);
        }
    }
    let mut measured = Measured::default();
    measured.time("workers/one", one.median());
    // The time that a worker has for an order: both work at once.
    measured.time("workers/each_of_two", 2.0 * two.median());
    measured.fact(format!(
        "Workers in processes of their own, without HTTP: one moves {:.0} orders a second, two together {:.0}: {:.2} times as many.",
        1e9 / one.median(), 1e9 / two.median(), one.median() / two.median(),
    ));
    runtime.block_on(database.end());
    measured
}
