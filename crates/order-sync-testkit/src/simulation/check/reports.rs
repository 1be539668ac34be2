//! What people are told.

use order_sync::{Exception, OrderState};

use super::Evidence;
use super::goods::stands_for_goods;
use crate::simulation::history::Fact;
use crate::simulation::secrets::secrets_in;
use crate::simulation::warehouse::is_refused;

/// Exceptions that say what is so: an order that is held or parked, or a circuit that nothing has tried since.
fn stands_for_a_state(exception: &Exception) -> bool {
    let code = exception.finding.code.as_str();
    matches!(code, "CIRCUIT_OPEN" | "ORPHAN" | "GAVE_UP" | "WAREHOUSE_REJECTED" | "SHIP_UNMAPPED")
        // A change that the warehouse denied stays until a person has dealt with it.
        || matches!(code, "AMENDMENT_TOO_LATE" | "CANCEL_TOO_LATE" | "AMENDED_AFTER_SEND")
}

/// I11: every anomaly of the vendor is one open exception, and closes when it is put right; nothing else is left open but what is so.
pub(super) fn every_anomaly_is_told_once_and_closes(evidence: &Evidence<'_>) -> Vec<String> {
    let mut found = Vec::new();
    for entry in evidence.history.entries() {
        let Fact::Anomaly(code, about) = &entry.fact else {
            continue;
        };
        let Some(ending) = evidence.endings.get(entry.merchant) else {
            continue;
        };
        let told = |exceptions: &[Exception]| {
            let told = exceptions.iter().filter(|exception| {
                exception.finding.code == *code
                    && exception.finding.subject.as_str().ends_with(about.as_str())
            });
            told.count()
        };
        // An order that was cancelled has no live double besides.
        let live = ending
            .depot
            .iter()
            .any(|held| held.by_vendor && held.live && is_about(held, about));
        let pair = *code != "DOUBLED"
            || ending
                .depot
                .iter()
                .any(|held| !held.by_vendor && held.live && is_about(held, about));
        let times = told(&ending.told);
        if live && pair && times != 1 {
            found.push(format!("{code} of {about} is told {times} times"));
        }
        if told(&ending.left_open) > 0 {
            found.push(format!("{code} of {about} was put right and is still told"));
        }
    }
    for ending in evidence.endings {
        for ended in ending.orders.values() {
            let record = &ended.record;
            let refused = ended.lines.iter().any(|line| is_refused(line.ordered));
            if record.state == OrderState::Parked && refused {
                let subject = format!("order:{}", record.id);
                let told = ending.told.iter().filter(|exception| {
                    exception.finding.subject.as_str() == subject
                        && matches!(
                            exception.finding.code.as_str(),
                            "WAREHOUSE_REJECTED" | "GAVE_UP"
                        )
                });
                let times = told.count();
                if times != 1 {
                    found.push(format!(
                        "{} was refused, and that is told {times} times",
                        record.id
                    ));
                }
            }
        }
        for exception in ending
            .left_open
            .iter()
            .filter(|exception| !stands_for_a_state(exception))
            .filter(|exception| !stands_for_goods(ending, exception))
        {
            let finding = &exception.finding;
            found.push(format!(
                "{} of {} is open and nothing is wrong: {}",
                finding.code, finding.subject, finding.detail
            ));
        }
    }
    found
}

fn is_about(held: &crate::simulation::warehouse::Held, about: &str) -> bool {
    held.reference.as_str() == about || held.order.source_id.as_str() == about
}

/// I13: no secret and no personal datum stands in an exception, a timeline, an alert, the outcome of a run or a line of the log.
pub(super) fn no_secret_and_no_personal_data(evidence: &Evidence<'_>) -> Vec<String> {
    let leaks = evidence.logged.leaks.iter();
    let mut found: Vec<String> = leaks
        .map(|(secret, line)| format!("{secret:?} stands in the log: {line}"))
        .collect();
    let mut look = |place: &str, text: &str| {
        let told = secrets_in(text).map(|secret| format!("{secret:?} stands in {place}"));
        found.extend(told);
    };
    for entry in evidence.history.entries() {
        match &entry.fact {
            Fact::Ran(flow, outcome) => look(&format!("the outcome of {flow}"), outcome),
            Fact::Alerted { headline, whole } => look(&format!("the alert {headline}"), whole),
            _ => {}
        }
    }
    for ending in evidence.endings {
        for exception in ending.told.iter().chain(&ending.left_open) {
            look("an exception", &format!("{:?}", exception.finding));
        }
        for (id, ended) in &ending.orders {
            look(
                &format!("the record of {id}"),
                &format!("{:?}", ended.record),
            );
            for entry in &ended.timeline {
                look(&format!("the timeline of {id}"), &entry.note);
            }
        }
    }
    found
}

/// I14: reading everything again from its beginning writes nothing.
pub(super) fn a_replay_writes_nothing(evidence: &Evidence<'_>) -> Vec<String> {
    let endings = evidence.endings.iter();
    endings
        .flat_map(|ending| ending.replay_wrote.clone())
        .collect()
}
