//! From opening the store to the first order that leaves, with 10,000 orders waiting to be sent.

use std::path::Path;
use std::time::Instant;

use order_sync::{CancellationToken, Flow, OrderState};
use tempfile::TempDir;

use crate::engines::{self, Assembled};
use crate::measured::{Measured, Rounds};
use crate::ports::{Intake, Shop};

const ORDERS: u32 = 10_000;
const ROUNDS: u32 = 3;

pub(crate) fn measure(folder: &Path) -> Measured {
    let runtime = engines::runtime();
    let folder = TempDir::new_in(folder).unwrap();
    runtime.block_on(async {
        // Everything is captured and prepared, and the run is stopped at the first order that would leave.
        let stop = CancellationToken::new();
        let store = engines::sqlite(folder.path());
        let assembled = Assembled::new(store, Shop::with(ORDERS), Intake::away(stop.clone()));
        assembled.engine.run_once(Flow::Orders, &stop).await;
        let counts = assembled
            .engine
            .store()
            .counts(assembled.engine.merchant())
            .await
            .unwrap();
        assert_eq!(
            counts.get(&OrderState::Ready),
            Some(&u64::from(ORDERS)),
            "{counts:?}"
        );
    });
    let mut rounds = Rounds::default();
    for _ in 0..ROUNDS {
        let stop = CancellationToken::new();
        let begun = Instant::now();
        let store = engines::sqlite(folder.path());
        let assembled = Assembled::new(store, Shop::with(0), Intake::away(stop.clone()));
        runtime.block_on(assembled.engine.run_once(Flow::Orders, &stop));
        let first = assembled.intake.first().expect("an order left");
        rounds.add(first - begun, 1);
    }
    let mut measured = Measured::default();
    measured.time("restart/first_transmission", rounds.median());
    measured
}
