//! What every store keeps to, clause by clause.
//!
//! A case is given a store that was made at [`start`] and holds nothing, and panics where the store breaks the clause that the case is
//! named after. They are run by [`crate::store_contract!`]; a harness of one's own may call them one by one.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    missing_docs,
    reason = "a case fails by panicking, and is named after the clause it proves"
)]

pub mod batches;
pub mod claims;
pub mod commits;
pub mod contents;
pub mod counts;
pub mod demand;
pub mod desk;
pub mod despatches;
pub mod erasure;
pub mod exceptions;
pub(crate) mod fixtures;
pub mod flows;
pub mod journal;
pub mod merchants;
pub mod names;
pub mod orders;
pub mod persons;
pub mod profiles;
pub mod references;
pub mod requests;
pub mod returns;
pub mod scans;
pub mod sequences;
pub mod skus;
pub mod stock;
pub mod tracking;

pub use fixtures::start;

/// What a function that makes a store for a case returns.
#[doc(hidden)]
pub trait Opened {
    type Store;
    type Outlives;

    fn opened(self) -> Option<(Self::Store, Self::Outlives)>;
}

impl<S: order_sync::Store, O> Opened for (S, O) {
    type Store = S;
    type Outlives = O;

    fn opened(self) -> Option<(S, O)> {
        Some(self)
    }
}

impl<S: order_sync::Store, O> Opened for Option<(S, O)> {
    type Store = S;
    type Outlives = O;

    fn opened(self) -> Self {
        self
    }
}

/// Proves a store: one test for each clause of the contract of [`order_sync::Store`], in a module of its own.
///
/// Takes a name for the module and an `async` function that makes a new and empty store, made at
/// [`store_contract::start`](crate::store_contract::start). It returns the store and whatever has to outlive it, such as the folder it
/// lies in; `()` where there is nothing. Every test has a store of its own and a runtime of one thread. A function that returns an
/// `Option` returns none where the store needs something that is not there, such as a database server: the case is then not run, and
/// it is for the function to say so, and to fail where that may not be.
///
/// ```
/// use order_sync::MemoryStore;
/// use order_sync_testkit::store_contract;
///
/// async fn in_memory() -> (MemoryStore, ()) {
///     (MemoryStore::new(order_sync_testkit::store_contract::start()), ())
/// }
///
/// store_contract!(memory, in_memory);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! store_contract {
    ($name:ident, $open:path) => {
        $crate::store_cases! { $name, $open,
            orders::a_new_store_is_blind_before_its_creation,
            orders::captures_a_new_order_with_its_first_timeline_entry,
            orders::leaves_a_known_order_alone,
            orders::refuses_a_reference_that_another_order_has,
            orders::judges_a_batch_order_by_order,
            orders::notes_versions_without_an_event,
            orders::lists_orders_by_state_and_id_in_pages,

            counts::counts_orders_of_the_states_asked_for,
            counts::the_oldest_is_the_one_that_changed_longest_ago,

            references::a_reference_once_given_is_kept_for_ever,
            references::many_are_found_at_once,
            references::a_new_reference_that_was_ever_used_is_refused,

            names::an_order_is_known_by_every_id_it_ever_had,
            names::an_order_under_a_later_name_is_not_captured_again,

            commits::a_change_moves_the_state_and_is_chained,
            commits::a_stale_token_is_fenced_and_writes_nothing,
            commits::an_unclaimed_fence_wants_state_and_token,
            commits::an_impossible_event_writes_nothing,
            commits::an_order_that_is_not_on_record_is_fenced,
            commits::a_new_copy_from_the_shop_replaces_the_old_one,
            commits::a_wish_after_hand_over_keeps_the_lines,
            commits::a_quiet_change_adds_no_entry,

            batches::a_refused_change_does_not_keep_the_others_back,
            batches::a_change_sees_the_ones_before_it,
            batches::a_batch_goes_over_merchants,

            claims::takes_due_orders_oldest_first_up_to_the_limit,
            claims::a_second_worker_gets_nothing,
            claims::a_claim_to_send_is_the_intent,
            claims::leaves_orders_that_are_not_due,
            claims::a_probe_respects_lease_and_due_time,
            claims::a_relay_takes_despatched_orders_and_changes_no_state,
            claims::a_claim_comes_with_its_payload_and_its_parcels,
            claims::one_order_is_taken_when_it_is_due_and_free,
            claims::an_expired_lease_makes_the_outcome_unknown,
            claims::a_token_from_before_is_worth_nothing_after_another_claim,

            requests::a_wish_is_claimed_when_the_request_is_due,
            requests::requests_go_by_their_own_time_oldest_first,
            requests::a_wish_waits_for_the_outcome_of_the_order,
            requests::an_answered_wish_is_not_claimed_any_more,
            requests::pending_and_denied_requests_are_listed_in_pages,
            requests::one_order_is_taken_for_its_request,

            scans::a_scan_brings_what_it_is_asked_for,
            scans::a_scan_goes_by_state_in_pages,
            scans::a_scan_goes_by_the_time_of_capture,

            contents::a_source_copy_comes_back_with_its_personal_data,
            contents::an_intent_comes_back_with_its_recipient,
            contents::lines_and_parcels_follow_a_despatch,
            contents::a_parcel_is_replaced_in_its_place,
            contents::lines_of_one_id_are_kept_apart,

            demand::promised_units_count_until_a_stock_figure_knows_of_them,

            despatches::ids_are_unique_within_an_order_only,
            despatches::what_no_order_claims_is_kept_once_and_forgotten,
            despatches::one_id_of_two_references_is_two_despatches,

            tracking::parcels_are_due_in_their_order_up_to_the_limit,
            tracking::what_is_known_of_a_parcel_only_grows,
            tracking::a_parcel_that_is_watched_no_more_is_not_due,
            tracking::a_scan_leaves_the_claim_and_the_due_time_alone,
            tracking::a_refused_scan_is_not_kept,

            returns::a_return_is_kept_once_by_its_id,
            returns::a_refused_return_is_not_kept,

            exceptions::open_update_and_close,
            exceptions::scopes_are_apart,
            exceptions::what_comes_back_is_a_new_exception,
            exceptions::findings_of_one_subject_add_up,

            desk::an_exception_is_found_by_its_number,
            desk::what_a_person_does_is_on_record,
            desk::a_refused_action_writes_nothing,
            desk::what_a_person_closed_stays_closed_until_it_changes,
            desk::what_went_away_after_it_was_closed_is_over,

            journal::it_tells_what_happened_in_order,
            journal::it_is_read_on_from_a_position,
            journal::one_exception_has_its_own_history,

            flows::a_cursor_moves_only_from_where_it_is,
            flows::one_holder_runs_a_flow,
            flows::an_expired_lease_is_taken_over_with_a_higher_token,
            flows::a_stale_release_is_ignored,
            flows::a_lease_is_held_longer,
            flows::a_lost_lease_is_not_renewed,

            stock::a_delta_adds_and_an_overtaken_one_is_dropped,
            stock::a_snapshot_sets_missing_codes_to_nothing,
            stock::what_a_snapshot_repeats_is_as_new_as_the_snapshot,
            stock::published_levels_are_replaced_per_location,
            stock::published_levels_are_forgotten_by_article,

            skus::a_history_comes_back_whole,
            skus::a_later_history_takes_the_place_of_an_earlier_one,
            skus::a_lower_version_is_not_written,
            skus::a_code_that_was_taken_up_again_is_there_twice,

            profiles::versions_are_kept_in_the_order_they_came,
            profiles::an_approval_is_added_where_there_was_none,

            erasure::settled_orders_lose_their_personal_data_and_nothing_else,
            erasure::only_what_settled_long_enough_ago_is_erased,
            erasure::a_limit_is_kept_and_the_rest_follows,
            erasure::what_comes_anew_is_erased_anew,

            persons::an_order_at_its_end_is_erased_at_once,
            persons::an_order_under_way_is_erased_when_it_comes_to_its_end,
            persons::what_comes_of_an_erased_order_is_kept_without_people,
            persons::an_erased_order_is_never_prepared_again,
            persons::what_people_wrote_about_it_is_blanked_and_nothing_else,
            persons::other_orders_and_merchants_keep_theirs,
            persons::resealing_leaves_what_can_be_read,

            merchants::no_merchant_sees_another,
            merchants::exceptions_are_numbered_for_each_merchant,
            merchants::rules_and_articles_are_apart,
        }
    };
}

/// The tests of [`store_contract!`], spelt out.
#[doc(hidden)]
#[macro_export]
macro_rules! store_cases {
    ($name:ident, $open:path, $($module:ident::$case:ident,)*) => {
        mod $name {
            // The way to the function is written as it is outside.
            use super::*;

            $(
                #[test]
                fn $case() {
                    $crate::block_on(async {
                        let opened = $crate::store_contract::Opened::opened($open().await);
                        let Some((store, _outlives)) = opened else { return };
                        $crate::store_contract::$module::$case(&store).await;
                    });
                }
            )*
        }
    };
}
