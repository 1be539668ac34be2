//! A poll that finds nothing new, over a store with a million closed orders.

use std::path::Path;
use std::time::Instant;

use order_sync::Flow;
use tempfile::TempDir;

use crate::engines::{self, Assembled};
use crate::many_closed;
use crate::measured::{Measured, Rounds};
use crate::ports::{Intake, Shop};

const ROUNDS: u32 = 21;

pub(crate) fn measure(folder: &Path, orders: u32) -> Measured {
    let folder = TempDir::new_in(folder).unwrap();
    let begun = Instant::now();
    many_closed::make(folder.path(), orders);
    let made = begun.elapsed();
    let size = std::fs::metadata(folder.path().join("engine.db"))
        .unwrap()
        .len();
    let begun = Instant::now();
    let store = engines::sqlite(folder.path());
    let opened = begun.elapsed();
    let assembled = Assembled::new(store, Shop::with(0), Intake::default());
    let runtime = engines::runtime();
    let mut measured = Measured::default();
    for (flow, id) in [
        (Flow::Orders, "idle/orders"),
        (Flow::Despatches, "idle/despatches"),
    ] {
        let mut rounds = Rounds::default();
        for round in 0..=ROUNDS {
            let begun = Instant::now();
            let report = runtime.block_on(assembled.run(flow));
            let took = begun.elapsed();
            assert_eq!(report.changes(), 0, "{:?}", report.tallies);
            if round > 0 {
                rounds.add(took, 1);
            }
        }
        measured.time(id, rounds.best());
    }
    measured.fact(format!(
        "The idle polls run over a store of {orders} closed orders ({:.1} GB: one order made through the store port, its rows copied by SQL in {:.0} s); opening it reads the whole file once, {:.1} s.",
        size as f64 / 1e9, made.as_secs_f64(), opened.as_secs_f64(),
    ));
    measured
}
