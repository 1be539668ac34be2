//! What every warehouse keeps to, clause by clause.
//!
//! A case is given a [`WarehouseWorld`] of its own: the adapter, and the means to play the warehouse behind it. It panics where the
//! adapter breaks the clause that the case is named after. The cases are run by [`crate::warehouse_contract!`]; a harness of one's own
//! may call them one by one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a case fails by panicking, and is named after the clause it proves"
)]

pub mod capabilities;
pub mod changes;
pub mod despatches;
mod fixtures;
pub mod handing_over;
pub mod listing;
pub mod lookups;
pub mod returns;
pub mod troubles;
mod world;

pub use world::{Leaving, Scene, Trouble, WarehouseWorld};

/// Proves a warehouse adapter: one test for each clause of the contract of [`order_sync::Warehouse`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes a
/// [`WarehouseWorld`](crate::warehouse_contract::WarehouseWorld). Every test has a world of its own and a runtime of one thread. What a
/// warehouse's interface cannot do ([`order_sync::Capabilities`]) it has to refuse as such; what the warehouse behind it cannot be
/// made to do ([`Scene`](crate::warehouse_contract::Scene)) is left out.
#[macro_export]
macro_rules! warehouse_contract {
    ($name:ident, $open:path) => {
        $crate::contract_cases! { $name, $open, warehouse_contract,
            capabilities::they_stay_the_same,
            capabilities::a_list_is_there_or_unsupported,
            capabilities::a_cancellation_is_answered_or_unsupported,
            capabilities::an_amendment_is_answered_or_unsupported,
            capabilities::returns_are_told_or_unsupported,

            handing_over::an_order_is_at_the_warehouse_with_its_units,
            handing_over::lines_of_one_article_keep_their_units,
            handing_over::every_derived_reference_is_taken_whole,
            handing_over::orders_side_by_side_are_each_there_once,
            handing_over::a_repeat_does_not_make_a_second_order,
            handing_over::a_repeat_at_once_does_not_make_a_second_order,
            handing_over::a_repeat_is_not_said_to_be_a_new_order,
            handing_over::another_order_under_a_known_reference_changes_nothing,
            handing_over::a_call_that_was_never_polled_has_sent_nothing,
            handing_over::a_call_that_was_broken_off_is_found_out_by_asking,
            handing_over::what_the_warehouse_refuses_is_rejected_and_not_there,
            handing_over::a_refusal_does_not_keep_the_next_order_back,

            lookups::what_was_never_sent_is_absent,
            lookups::what_was_taken_is_found_and_is_the_same,
            lookups::what_waits_to_be_picked_up_is_waiting,
            lookups::ids_and_times_are_those_of_the_handing_over,
            lookups::what_left_is_still_found,
            lookups::other_units_are_a_difference,
            lookups::a_missing_line_is_a_difference,
            lookups::another_service_is_a_difference,
            lookups::another_receiver_is_told_without_naming_anybody,
            lookups::asking_changes_nothing_and_may_be_broken_off,

            despatches::nothing_has_left_at_first,
            despatches::what_left_is_told_with_its_reference_and_its_units,
            despatches::orders_are_told_apart,
            despatches::a_part_and_the_rest_are_two_despatches,
            despatches::every_parcel_of_a_despatch_is_told,
            despatches::units_that_never_leave_are_short_and_not_sent,
            despatches::an_order_of_which_nothing_leaves_is_short_without_a_parcel,
            despatches::a_cursor_goes_on_where_it_was,
            despatches::the_same_cursor_tells_the_same_again,
            despatches::without_a_cursor_everything_is_told_again,
            despatches::with_nothing_new_the_cursor_stays,
            despatches::many_are_told_to_the_last_page,
            despatches::reading_may_be_broken_off_and_loses_nothing,
            despatches::a_foreign_cursor_is_not_taken_for_the_end,

            listing::every_order_is_listed_and_live,
            listing::an_empty_warehouse_lists_nothing,
            listing::a_row_says_what_the_order_holds,
            listing::a_row_has_the_id_of_the_handing_over,
            listing::what_left_is_still_listed,
            listing::a_cancelled_order_is_not_live,
            listing::listing_changes_nothing_and_may_be_broken_off,

            changes::what_is_cancelled_does_not_leave,
            changes::a_cancellation_asked_again_has_the_same_answer,
            changes::a_cancellation_concerns_its_order_alone,
            changes::what_has_left_is_not_cancelled,
            changes::of_an_order_that_left_in_part_the_rest_is_cancelled_or_nothing,
            changes::what_is_being_picked_is_not_changed,
            changes::an_order_that_it_does_not_have_is_not_said_to_be_changed,
            changes::an_accepted_amendment_is_at_the_warehouse,
            changes::an_amendment_asked_again_has_the_same_answer_and_no_second_effect,
            changes::what_has_left_is_not_amended,
            changes::every_part_that_it_amends_can_be_asked_for,
            changes::a_request_that_was_broken_off_is_asked_again,

            returns::what_came_back_is_told_with_its_order_and_its_units,
            returns::a_cursor_goes_on_and_tells_the_same_again,

            troubles::what_cannot_be_asked_for_is_not_said_to_be_absent,
            troubles::what_was_not_refused_by_the_warehouse_is_not_called_rejected,
            troubles::what_may_have_been_applied_is_not_called_never_sent,
            troubles::after_any_trouble_an_order_is_there_once,
            troubles::despatches_that_cannot_be_read_are_an_error_and_not_lost,
            troubles::a_list_that_cannot_be_read_is_an_error,
            troubles::a_cancellation_after_any_trouble_has_one_answer,
        }
    };
}
