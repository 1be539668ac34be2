//! What every store keeps to: one list of cases, run over the store in memory and the one in SQLite.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod claims;
mod commits;
mod contents;
mod exceptions;
mod fixtures;
mod flows;
mod merchants;
mod orders;
mod stock;

macro_rules! contract {
    ($($module:ident::$case:ident,)*) => {
        mod memory {
            $(
                #[tokio::test]
                async fn $case() {
                    let store = order_sync::MemoryStore::new(crate::fixtures::at(0));
                    crate::$module::$case(&store).await;
                }
            )*
        }

        mod sqlite {
            use order_sync_sqlite::{OpenOptions, SqliteStore};

            $(
                #[tokio::test]
                async fn $case() {
                    let folder = tempfile::tempdir().unwrap();
                    let path = folder.path().join("orders.db");
                    let options = OpenOptions::new(crate::fixtures::at(0));
                    let store = SqliteStore::open(path, options).unwrap();
                    crate::$module::$case(&store).await;
                }
            )*
        }
    };
}

contract! {
    orders::a_new_store_is_blind_before_its_creation,
    orders::captures_a_new_order_with_its_first_timeline_entry,
    orders::leaves_a_known_order_alone,
    orders::refuses_a_reference_that_another_order_has,
    orders::judges_a_batch_order_by_order,
    orders::notes_versions_without_an_event,
    orders::lists_orders_by_state_and_id_in_pages,
    orders::counts_orders_per_state,

    commits::a_change_moves_the_state_and_is_chained,
    commits::a_stale_token_is_fenced_and_writes_nothing,
    commits::an_unclaimed_fence_wants_state_and_token,
    commits::an_impossible_event_writes_nothing,
    commits::an_order_that_is_not_on_record_is_fenced,
    commits::a_new_copy_from_the_shop_replaces_the_old_one,
    commits::an_amendment_after_hand_over_keeps_the_lines,

    claims::takes_due_orders_oldest_first_up_to_the_limit,
    claims::a_second_worker_gets_nothing,
    claims::a_claim_to_send_is_the_intent,
    claims::leaves_orders_that_are_not_due,
    claims::a_probe_respects_lease_and_due_time,
    claims::a_relay_takes_despatched_orders_and_changes_no_state,
    claims::an_expired_lease_makes_the_outcome_unknown,
    claims::a_token_from_before_is_worth_nothing_after_another_claim,

    contents::a_source_copy_comes_back_with_its_personal_data,
    contents::an_intent_comes_back_with_its_recipient,
    contents::lines_and_parcels_follow_a_despatch,
    contents::a_parcel_is_replaced_in_its_place,
    contents::lines_of_one_id_are_kept_apart,
    contents::promised_units_count_until_a_stock_figure_knows_of_them,
    contents::unmatched_despatches_are_kept_once_and_forgotten,

    exceptions::open_update_and_close,
    exceptions::scopes_are_apart,
    exceptions::what_comes_back_is_a_new_exception,
    exceptions::findings_of_one_subject_add_up,

    flows::a_cursor_moves_only_from_where_it_is,
    flows::one_holder_runs_a_flow,
    flows::an_expired_lease_is_taken_over_with_a_higher_token,
    flows::a_stale_release_is_ignored,

    stock::a_delta_adds_and_an_overtaken_one_is_dropped,
    stock::a_snapshot_sets_missing_codes_to_nothing,
    stock::published_levels_are_replaced_per_location,

    merchants::no_merchant_sees_another,
}
