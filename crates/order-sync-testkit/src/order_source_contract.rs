//! What every source of orders keeps to, clause by clause; see [`crate::order_source_contract!`].

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

use std::time::Duration;

use async_trait::async_trait;
use order_mapping::SourceOrderId;
use order_sync::OrderSource;

/// A shop of its own for one case: the adapter under test, and what buyers and other people do in the shop.
///
/// The shop's time stands still but for [`OrderSourceWorld::pass`], so that a case knows when something changed.
#[async_trait]
pub trait OrderSourceWorld: Send + Sync {
    /// The adapter under test.
    fn source(&self) -> &dyn OrderSource;

    /// A buyer places an order of several units; the id under which the shop keeps it.
    async fn place(&self) -> SourceOrderId;

    /// Somebody changes the units of one of its lines.
    async fn change(&self, id: &SourceOrderId);

    /// Whole seconds pass in the shop.
    async fn pass(&self, time: Duration);

    /// How many orders it takes for the list to have a second page.
    fn orders_of_two_pages(&self) -> usize;

    /// An id that the shop could have given, and did not.
    fn unknown_id(&self) -> SourceOrderId {
        SourceOrderId::new("00000000-0000-4000-8000-999999999999")
    }
}

/// Proves a source of orders: one test for each clause of the contract of [`order_sync::OrderSource`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes an
/// [`OrderSourceWorld`](crate::order_source_contract::OrderSourceWorld). Every test has a world of its own and a runtime of one thread.
#[macro_export]
macro_rules! order_source_contract {
    ($name:ident, $open:path) => {
        $crate::contract_cases! { $name, $open, order_source_contract,
            cases::its_time_goes_on,
            cases::a_new_order_is_listed,
            cases::both_ends_of_a_window_count,
            cases::a_changed_order_is_listed_in_the_window_of_its_change,
            cases::a_window_without_orders_comes_to_an_end,
            cases::many_orders_are_listed_to_the_last_page,
            cases::a_page_may_be_asked_for_again,
            cases::an_order_that_changes_between_two_pages_hides_no_other,
            cases::a_foreign_page_is_not_taken_for_the_last,
            cases::a_fetched_order_is_the_one_that_was_asked_for,
            cases::what_is_fetched_is_as_it_is_now,
            cases::what_it_does_not_have_is_none,
            cases::a_change_brings_another_version,
            cases::row_and_order_have_the_same_version,
            cases::reading_changes_nothing_and_may_be_broken_off,
        }
    };
}
