//! One planted bug, and the first seed that catches it.

use std::process::ExitCode;

use order_sync_testkit::simulation::{Scenario, Size, simulate};

use crate::seeds::{Seeds, Shared};

/// Plants a bug and runs seeds until one breaks an invariant. Prints the name, how many seeds it took, which seed and invariant.
pub(crate) fn catch(name: &str, seeds: &Seeds, size: Size) -> ExitCode {
    if let Err(why) = order_sync::canary::plant(name) {
        eprintln!("{why}");
        return ExitCode::from(2);
    }
    let shared = Shared::default();
    for (count, seed) in (1_u64..).zip(seeds.0.clone()) {
        let scenario = Scenario::of(seed, size);
        let outcome = simulate(&scenario, &|at| shared.open(at));
        if let Some(violation) = outcome.violations.first() {
            println!("{name}\t{count}\t{seed}\t{}", violation.invariant);
            return ExitCode::SUCCESS;
        }
    }
    println!("{name}\tnever");
    ExitCode::FAILURE
}
