//! Circuits and times to wait.

use order_sync::{FailureClass, PortName};

use super::*;

/// The times of the guard in these histories: a circuit opens after three failures, and rests for ten seconds.
#[test]
fn the_settings_are_those_that_these_tests_reckon_with() {
    let guard = crate::simulation::process::settings(&scenario()).guard;
    assert_eq!((guard.min_calls, guard.pause.as_secs()), (3, 10));
}

fn began(number: u64, operation: &'static str) -> Fact {
    Fact::CallBegan {
        number,
        port: PortName::Warehouse,
        operation,
        about: Some("B7Q2".to_owned()),
    }
}

fn ended(number: u64, failure: Option<FailureClass>) -> Fact {
    Fact::CallEnded {
        number,
        failure,
        wait: None,
    }
}

/// A first call of the operation, whose credentials are refused at second 1; and what follows.
fn after_a_refusal(operation: &'static str, then: Vec<(u64, Fact)>) -> Vec<String> {
    let refused = ended(1, Some(FailureClass::Unauthorised));
    let mut facts = vec![(0, began(1, operation)), (1, refused)];
    facts.extend(then);
    broken(facts, Ending::default())
}

#[test]
fn i12_a_call_while_its_circuit_is_open() {
    assert_eq!(
        after_a_refusal("lookup", vec![(10, began(2, "lookup"))]),
        ["I12"]
    );
    assert_eq!(
        after_a_refusal("lookup", vec![(10, began(2, "list"))]),
        [""; 0]
    );
    assert_eq!(
        after_a_refusal("lookup", vec![(11, began(2, "lookup"))]),
        [""; 0]
    );
    // A process that was started anew knows nothing of it.
    let anew = vec![
        (2, Fact::Killed),
        (3, Fact::Started),
        (4, began(2, "lookup")),
    ];
    assert_eq!(after_a_refusal("lookup", anew), [""; 0]);
}

#[test]
fn i12_a_circuit_that_three_failures_opened_and_one_that_answers_kept_closed() {
    let down = Some(FailureClass::Unavailable);
    let calls = |of_second: Option<FailureClass>| {
        vec![
            (0, began(1, "lookup")),
            (0, ended(1, down)),
            (100, began(2, "lookup")),
            (100, ended(2, of_second)),
            (200, began(3, "lookup")),
            (200, ended(3, down)),
            (201, began(4, "lookup")),
        ]
    };
    assert_eq!(broken(calls(down), Ending::default()), ["I12"]);
    assert_eq!(broken(calls(None), Ending::default()), [""; 0]);
}

#[test]
fn i12_two_trials_at_once_and_one_after_a_dead_trial() {
    let trial = (11, began(2, "lookup"));
    let second = (12, began(3, "lookup"));
    assert_eq!(
        after_a_refusal("lookup", vec![trial.clone(), second.clone()]),
        ["I12"]
    );
    let answered = (12, ended(2, None));
    assert_eq!(
        after_a_refusal("lookup", vec![trial.clone(), answered, second]),
        [""; 0]
    );
    // It rests for twice as long after a trial that failed.
    let failed = (12, ended(2, Some(FailureClass::Unavailable)));
    let at = |second| vec![trial.clone(), failed.clone(), (second, began(3, "lookup"))];
    assert_eq!(after_a_refusal("lookup", at(31)), ["I12"]);
    assert_eq!(after_a_refusal("lookup", at(32)), [""; 0]);
    // One that was given up says nothing.
    let dropped = (12, Fact::CallDropped(2));
    let next = (12, began(3, "lookup"));
    assert_eq!(
        after_a_refusal("lookup", vec![trial, dropped, next]),
        [""; 0]
    );
}

#[test]
fn i12_a_create_that_finds_out_whether_the_warehouse_is_back() {
    let create = (12, began(3, "submit"));
    assert_eq!(after_a_refusal("submit", vec![create.clone()]), ["I12"]);
    let looked_up = vec![(11, began(2, "lookup")), (11, ended(2, None)), create];
    assert_eq!(after_a_refusal("submit", looked_up), [""; 0]);
    assert_eq!(
        after_a_refusal("cancel", vec![(12, began(3, "cancel"))]),
        [""; 0]
    );
}

#[test]
fn i12_an_order_that_is_sent_again_before_it_may() {
    let throttled = Fact::CallEnded {
        number: 1,
        failure: Some(FailureClass::Throttled),
        wait: Some(Duration::from_secs(20)),
    };
    let again = |second| {
        vec![
            (0, began(1, "submit")),
            (1, throttled.clone()),
            (second, began(2, "submit")),
        ]
    };
    assert_eq!(broken(again(20), Ending::default()), ["I12"]);
    assert_eq!(broken(again(21), Ending::default()), [""; 0]);
}
