//! What every sink of alerts keeps to, clause by clause; see [`crate::alert_sink_contract!`].

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a case fails by panicking, and is named after the clause it proves"
)]

pub mod cases;

use async_trait::async_trait;
use order_sync::AlertSink;

/// A place for alerts of its own for one case: the sink under test, and what arrives behind it.
#[async_trait]
pub trait AlertSinkWorld: Send + Sync {
    /// The sink under test.
    fn sink(&self) -> &dyn AlertSink;

    /// What has arrived, oldest first: each alert as one text with all that people or programs are shown of it.
    async fn arrived(&self) -> Vec<String>;

    /// From now on whoever takes the alerts refuses them. `false`: nothing can go wrong there.
    async fn fail(&self) -> bool;

    /// It works again.
    async fn recover(&self) {}
}

/// Proves a sink of alerts: one test for each clause of the contract of [`order_sync::AlertSink`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes an
/// [`AlertSinkWorld`](crate::alert_sink_contract::AlertSinkWorld). Every test has a world of its own and a runtime of one thread.
#[macro_export]
macro_rules! alert_sink_contract {
    ($name:ident, $open:path) => {
        $crate::contract_cases! { $name, $open, alert_sink_contract,
            cases::it_has_a_name_that_stays,
            cases::an_alert_arrives_with_its_merchant_and_its_code,
            cases::every_kind_arrives,
            cases::every_alert_arrives_by_itself,
            cases::the_same_alert_arrives_again_when_it_is_told_again,
            cases::many_exceptions_are_one_alert_with_a_count,
            cases::a_code_of_a_later_version_arrives,
            cases::long_and_odd_texts_arrive,
            cases::whoever_looks_after_it_is_not_named,
            cases::a_failure_is_an_error_and_comes_soon,
            cases::what_failed_arrives_once_it_works_again,
            cases::alerts_side_by_side_all_arrive,
            cases::a_call_that_was_never_polled_has_told_nothing,
        }
    };
}
