//! A history, told to people.

use std::fmt::Write as _;

use super::run::Outcome;

/// What happened in a history in plain sentences, and what it broke; at most so many of its last lines.
///
/// Reads and uneventful runs are left out.
#[must_use]
pub fn story(outcome: &Outcome, lines_max: usize) -> String {
    let scenario = &outcome.scenario;
    let mut text = String::new();
    let faults: Vec<&str> = scenario.faults.iter().map(|class| class.as_str()).collect();
    let _ = writeln!(
        text,
        "seed {}: {} orders, {} merchants, {} workers, faults in {} % of calls ({}), {} crashes, {} pauses",
        scenario.seed,
        scenario.orders,
        scenario.merchants,
        scenario.workers,
        scenario.fault_percent,
        if faults.is_empty() {
            "none".to_owned()
        } else {
            faults.join(", ")
        },
        scenario.crashes,
        scenario.pauses,
    );
    let _ = writeln!(
        text,
        "clocks ahead by: shop {} s, warehouse {} s, ours {} s; {} the warehouse {} a reference it knows",
        scenario.shop_skew,
        scenario.warehouse_skew,
        scenario.our_skew,
        if scenario.files {
            "orders go as files;"
        } else {
            "orders go as calls;"
        },
        if scenario.recognises {
            "refuses"
        } else {
            "does not notice"
        },
    );
    if !scenario.store_takes.is_zero() {
        let _ = writeln!(
            text,
            "each call of the store takes {:?}",
            scenario.store_takes
        );
    }
    let also = [
        (scenario.tracking, "carriers tell where parcels are"),
        (scenario.returns, "goods come back"),
        (scenario.kits, "the shop sells a kit and packs"),
    ];
    let also: Vec<&str> = also
        .iter()
        .filter_map(|(so, what)| so.then_some(*what))
        .collect();
    if !also.is_empty() {
        let _ = writeln!(text, "{}", also.join("; "));
    }
    let lines: Vec<String> = outcome
        .history
        .entries()
        .iter()
        .filter(|entry| entry.fact.is_eventful())
        .map(ToString::to_string)
        .collect();
    let left_out = lines.len().saturating_sub(lines_max);
    if left_out > 0 {
        let _ = writeln!(text, "({left_out} lines before this are left out)");
    }
    for line in lines.iter().skip(left_out) {
        let _ = writeln!(text, "{line}");
    }
    for violation in &outcome.violations {
        let _ = writeln!(text, "BROKEN {violation}");
    }
    text
}
