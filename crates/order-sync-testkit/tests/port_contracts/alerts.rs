//! A place for alerts in memory, sound or with one defect.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard};

use async_trait::async_trait;
use order_sync::{Alert, AlertSink, FailureClass, PortError};
use order_sync_testkit::alert_sink_contract;
use order_sync_testkit::alert_sink_contract::AlertSinkWorld;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Defect {
    #[default]
    None,
    HasNoName,
    TellsOnceOnly,
    LeavesTheCountOut,
    KnowsItsOwnCodesOnly,
    NamesPeople,
    SwallowsFailures,
    IsBrokenForGood,
    LeavesClosedOnesOut,
    TakesShortTextsOnly,
}

#[derive(Debug, Default)]
struct ModelPlace {
    defect: Defect,
    arrived: Mutex<Vec<String>>,
    fails: AtomicBool,
}

impl ModelPlace {
    fn with(defect: Defect) -> Self {
        Self {
            defect,
            ..Self::default()
        }
    }

    fn texts(&self) -> MutexGuard<'_, Vec<String>> {
        self.arrived.lock().unwrap()
    }

    fn has(&self, defect: Defect) -> bool {
        self.defect == defect
    }
}

#[async_trait]
impl AlertSink for ModelPlace {
    fn name(&self) -> &str {
        if self.has(Defect::HasNoName) {
            ""
        } else {
            "model"
        }
    }

    async fn alert(&self, alert: &Alert) -> Result<(), PortError> {
        let refused = |why: &str| Err(PortError::new(FailureClass::Unavailable, why));
        if self.fails.load(Ordering::Relaxed) {
            return if self.has(Defect::SwallowsFailures) {
                Ok(())
            } else {
                refused("nobody listens")
            };
        }
        if self.has(Defect::KnowsItsOwnCodesOnly) && alert.owner.is_none() {
            return refused("an unknown code");
        }
        let mut text = alert.text();
        if self.has(Defect::LeavesTheCountOut) {
            text = text.replace(&format!(" ({})", alert.count), "");
            text = text.lines().take(1).collect();
        }
        if self.has(Defect::NamesPeople) {
            let people = alert
                .exceptions
                .iter()
                .filter_map(|one| one.assignee.as_deref());
            text.extend(people);
        }
        if self.has(Defect::TakesShortTextsOnly) && text.len() > 10_000 {
            return refused("too long");
        }
        let is_closed = alert.kind == order_sync::AlertKind::Closed;
        let mut texts = self.texts();
        let again = self.has(Defect::TellsOnceOnly) && texts.contains(&text);
        let left_out = self.has(Defect::LeavesClosedOnesOut) && is_closed;
        if !(again || left_out) {
            texts.push(text);
        }
        Ok(())
    }
}

#[async_trait]
impl AlertSinkWorld for ModelPlace {
    fn sink(&self) -> &dyn AlertSink {
        self
    }

    async fn arrived(&self) -> Vec<String> {
        self.texts().clone()
    }

    async fn fail(&self) -> bool {
        self.fails.store(true, Ordering::Relaxed);
        true
    }

    async fn recover(&self) {
        self.fails
            .store(self.has(Defect::IsBrokenForGood), Ordering::Relaxed);
    }
}

async fn sound() -> ModelPlace {
    ModelPlace::default()
}

alert_sink_contract!(of_the_model, sound);

caught! { alert_sink_contract, ModelPlace:
    HasNoName by it_has_a_name_that_stays,
    TellsOnceOnly by the_same_alert_arrives_again_when_it_is_told_again,
    LeavesTheCountOut by many_exceptions_are_one_alert_with_a_count,
    KnowsItsOwnCodesOnly by a_code_of_a_later_version_arrives,
    NamesPeople by whoever_looks_after_it_is_not_named,
    SwallowsFailures by a_failure_is_an_error_and_comes_soon,
    IsBrokenForGood by what_failed_arrives_once_it_works_again,
    LeavesClosedOnesOut by every_kind_arrives,
    TakesShortTextsOnly by long_and_odd_texts_arrive,
}
