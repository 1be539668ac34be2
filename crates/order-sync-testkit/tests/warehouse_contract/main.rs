//! The suite for warehouses over a model in memory: sound, it passes; with a defect, the case about it fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod model;

use model::{Defect, ModelWarehouse};
use order_sync_testkit::{block_on, warehouse_contract};

async fn sound() -> ModelWarehouse {
    ModelWarehouse::default()
}

async fn with_a_slow_floor() -> ModelWarehouse {
    ModelWarehouse::with(Defect::NoneButSlow)
}

warehouse_contract!(of_the_model, sound);
warehouse_contract!(of_a_model_that_decides_later, with_a_slow_floor);

/// One test for each defect: the case named after it has to fail.
macro_rules! caught {
    ($($defect:ident by $module:ident::$case:ident,)*) => {
        $(
            #[test]
            #[should_panic]
            #[allow(non_snake_case, reason = "named as the defect is")]
            fn $defect() {
                let world = ModelWarehouse::with(Defect::$defect);
                block_on(warehouse_contract::$module::$case(&world));
            }
        )*
    };
}

caught! {
    KeepsNothing by handing_over::an_order_is_at_the_warehouse_with_its_units,
    DoublesRepeats by handing_over::a_repeat_does_not_make_a_second_order,
    AcceptsRepeats by handing_over::a_repeat_is_not_said_to_be_a_new_order,
    OverwritesContents by handing_over::another_order_under_a_known_reference_changes_nothing,
    CutsReferences by handing_over::every_derived_reference_is_taken_whole,
    CallsARefusalADisturbance by handing_over::what_the_warehouse_refuses_is_rejected_and_not_there,
    QuotesTheReceiver by handing_over::what_the_warehouse_refuses_is_rejected_and_not_there,
    FindsEverything by lookups::what_was_never_sent_is_absent,
    ComparesNothing by lookups::other_units_are_a_difference,
    CannotListWhatItSays by capabilities::a_list_is_there_or_unsupported,
    CancelsUnannounced by capabilities::a_cancellation_is_answered_or_unsupported,
    ForgetsWhatItTold by despatches::the_same_cursor_tells_the_same_again,
    SkipsARowAtPageEnds by despatches::many_are_told_to_the_last_page,
    HasNewIdsEveryTime by despatches::without_a_cursor_everything_is_told_again,
    TakesAForeignCursorForTheEnd by despatches::a_foreign_cursor_is_not_taken_for_the_end,
    CountsShortsAsSent by despatches::units_that_never_leave_are_short_and_not_sent,
    PutsAllInOneParcel by despatches::every_parcel_of_a_despatch_is_told,
    ListsCancelledAsLive by listing::a_cancelled_order_is_not_live,
    CancelsInWordsOnly by changes::what_is_cancelled_does_not_leave,
    CancelsWhatHasLeft by changes::what_has_left_is_not_cancelled,
    CancelsTheUnknown by changes::an_order_that_it_does_not_have_is_not_said_to_be_changed,
    AmendsInWordsOnly by changes::an_accepted_amendment_is_at_the_warehouse,
    ForgetsItsAnswers by changes::a_cancellation_asked_again_has_the_same_answer,
    ForgetsReturns by returns::a_cursor_goes_on_and_tells_the_same_again,
    SaysAbsentWhenDown by troubles::what_cannot_be_asked_for_is_not_said_to_be_absent,
    CallsDownARefusal by troubles::what_was_not_refused_by_the_warehouse_is_not_called_rejected,
    CallsALostAnswerNeverSent by troubles::what_may_have_been_applied_is_not_called_never_sent,
    SendsAgainByItself by troubles::after_any_trouble_an_order_is_there_once,
    SaysNothingNewWhenDown by troubles::despatches_that_cannot_be_read_are_an_error_and_not_lost,
    ListsNothingWhenDown by troubles::a_list_that_cannot_be_read_is_an_error,
    CallsALostCancellationRefused by troubles::a_cancellation_after_any_trouble_has_one_answer,
}
