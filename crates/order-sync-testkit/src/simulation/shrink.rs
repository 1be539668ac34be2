//! A failing scenario made as small as it can be while it still fails.

use super::fault_class::FaultClass;
use super::run::{OpenStore, simulate};
use super::scenario::Scenario;

/// Switches off fault classes and lowers the numbers of a failing scenario, one at a time, as long as the same invariant still breaks;
/// what is left is what the failure needs. Simulates a few dozen histories.
///
/// A scenario that does not fail is returned as it is.
#[must_use]
pub fn shrink(scenario: &Scenario, open: &OpenStore<'_>) -> Scenario {
    let outcome = simulate(scenario, open);
    let Some(first) = outcome.violations.first() else {
        return scenario.clone();
    };
    let invariant = first.invariant;
    let fails = |scenario: &Scenario| {
        let outcome = simulate(scenario, open);
        outcome
            .violations
            .iter()
            .any(|violation| violation.invariant == invariant)
    };
    let mut smallest = scenario.clone();
    loop {
        let before = smallest.clone();
        for smaller in smaller(&smallest) {
            if smaller != smallest && fails(&smaller) {
                smallest = smaller;
                break;
            }
        }
        if smallest == before {
            return smallest;
        }
    }
}

/// Scenarios that are smaller in one respect, the boldest first.
fn smaller(scenario: &Scenario) -> Vec<Scenario> {
    let mut all = Vec::new();
    let mut try_with = |change: &dyn Fn(&mut Scenario)| {
        let mut one = scenario.clone();
        change(&mut one);
        all.push(one);
    };
    for orders in [
        1,
        scenario.orders / 4,
        scenario.orders / 2,
        scenario.orders.saturating_sub(1),
    ] {
        if orders > 0 {
            try_with(&|one| one.orders = orders);
        }
    }
    try_with(&|one| one.merchants = 1);
    try_with(&|one| one.workers = 1);
    try_with(&|one| one.workers = (one.workers - 1).max(1));
    try_with(&|one| one.crashes = 0);
    try_with(&|one| one.crashes = one.crashes.saturating_sub(1));
    try_with(&|one| one.pauses = 0);
    try_with(&|one| one.pauses = one.pauses.saturating_sub(1));
    try_with(&|one| {
        (one.shop_skew, one.warehouse_skew, one.our_skew) = (0, 0, 0);
    });
    try_with(&|one| one.edits = false);
    try_with(&|one| one.files = false);
    try_with(&|one| one.tracking = false);
    try_with(&|one| one.returns = false);
    try_with(&|one| one.kits = false);
    try_with(&|one| one.store_takes = std::time::Duration::ZERO);
    for class in FaultClass::ALL {
        if scenario.has(class) {
            try_with(&|one| {
                one.faults.remove(&class);
            });
        }
    }
    all
}
