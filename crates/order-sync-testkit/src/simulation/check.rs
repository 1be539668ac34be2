//! The independent checker: it sees the history and how everything ended, and nothing of the engine's own reasoning.
//!
//! One function for each invariant of the engine, each with a test that shows that it can fail. `I15` (the same seed gives the same
//! trace hash) is no property of one history; whoever runs seeds runs some of them twice.

mod calls;
mod goods;
mod records;
mod reports;
mod sends;
mod shop_side;
#[cfg(test)]
mod tests;

use super::history::History;
use super::log::Logged;
use super::run::Ending;
use super::scenario::Scenario;

/// An invariant that a history broke.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// Which, for example `I2`.
    pub invariant: &'static str,
    /// What was found, in one line.
    pub what: String,
}

impl Violation {
    pub(super) fn new(invariant: &'static str, what: impl Into<String>) -> Self {
        Self {
            invariant,
            what: what.into(),
        }
    }
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.invariant, self.what)
    }
}

/// What the checks of a history look at.
pub(super) struct Evidence<'a> {
    pub(super) scenario: &'a Scenario,
    pub(super) history: &'a History,
    pub(super) logged: &'a Logged,
    /// One for each merchant; none where the history did not come to its end.
    pub(super) endings: &'a [Ending],
}

type Check = fn(&Evidence<'_>) -> Vec<String>;

/// Every invariant of one history.
const CHECKS: [(&str, Check); 20] = [
    ("I1", records::no_order_is_lost),
    ("I2", sends::one_live_order_for_each_reference),
    ("I3", sends::no_send_without_an_intent),
    ("I4", sends::no_send_after_its_deadline),
    ("I5", records::a_fenced_writer_changes_nothing),
    ("I6", records::the_watermark_passes_nothing_unrecorded),
    ("I7", records::states_move_along_edges_and_chains_hold),
    ("I8", records::every_unit_is_accounted_for),
    ("I8", goods::the_shop_shows_what_left),
    ("I8", goods::each_return_is_recorded_once),
    (
        "I9",
        shop_side::parcels_show_once_and_foreign_members_survive,
    ),
    ("I9", goods::tracking_is_a_union_and_never_goes_back),
    ("I10", shop_side::no_more_is_offered_than_there_is),
    ("I11", reports::every_anomaly_is_told_once_and_closes),
    ("I11", goods::what_became_of_parcels_is_told),
    ("I12", sends::repeats_keep_to_the_budget),
    ("I12", calls::an_open_circuit_lets_one_trial_through),
    ("I12", calls::a_time_to_wait_is_kept),
    ("I13", reports::no_secret_and_no_personal_data),
    ("I14", reports::a_replay_writes_nothing),
];

pub(super) fn check(
    scenario: &Scenario,
    history: &History,
    logged: &Logged,
    endings: &[Ending],
) -> Vec<Violation> {
    let evidence = Evidence {
        scenario,
        history,
        logged,
        endings,
    };
    CHECKS
        .iter()
        .flat_map(|(invariant, check)| {
            let found = check(&evidence).into_iter();
            found.map(|what| Violation::new(invariant, what))
        })
        .collect()
}
