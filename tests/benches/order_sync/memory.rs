//! Whether the engine needs more memory the more orders there are: one run over 10,000 and one over 1,000,000, each in a process of
//! its own, from a shop that makes its orders when they are asked for, with the store on the disk.

use std::path::Path;
use std::time::Instant;

use order_sync::{Flow, Tally};
use tempfile::TempDir;

use crate::child;
use crate::engines::{self, Assembled};
use crate::measured::{Measured, peak_memory};
use crate::ports::{Intake, Shop};

const FEW: u32 = 10_000;

pub(crate) fn measure(folder: &Path, many: u32) -> Measured {
    let mut measured = Measured::default();
    let mut peak = |orders: u32| {
        let folder = TempDir::new_in(folder).unwrap();
        let told = child::ask("orders", orders, folder.path());
        measured.facts.extend(told.facts);
        told.bytes["peak"]
    };
    let (few, many) = (peak(FEW), peak(many));
    measured.ratio("memory/growth", many / few);
    measured
}

/// In the process of its own.
pub(crate) fn child(orders: u32, folder: &Path) -> Measured {
    let assembled = Assembled::new(
        engines::sqlite(folder),
        Shop::with(orders),
        Intake::default(),
    );
    let begun = Instant::now();
    let report = engines::runtime().block_on(assembled.run(Flow::Orders));
    let took = begun.elapsed();
    assert_eq!(report.count(Tally::Accepted), u64::from(orders));
    assert_eq!(assembled.intake.taken(), orders);
    let mut measured = Measured::default();
    let peak = peak_memory();
    measured.memory("peak", peak);
    measured.fact(format!(
        "One run over {orders} new orders without HTTP: {:.0} MB at most, {:.0} orders a second.",
        peak / 1e6,
        f64::from(orders) / took.as_secs_f64(),
    ));
    measured
}
