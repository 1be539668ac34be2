//! Stores with one defect: the case of the contract that is about it fails, and the model tells it from random sequences.

mod broken_store;

use broken_store::{BrokenStore, Defect};
use order_sync_testkit::store_contract::sequences::play_seeded;
use order_sync_testkit::{block_on, store_contract};

/// Enough for every defect, and always the same.
const COUNT: u32 = 1_000;
const SEED: u64 = 7;

fn play(defect: Defect) {
    play_seeded(async || (BrokenStore::with(defect), ()), COUNT, SEED);
}

#[test]
fn a_sound_store_plays_to_the_end() {
    play(Defect::None);
}

macro_rules! told {
    ($($defect:ident at $what:literal,)*) => {
        $(
            #[test]
            #[should_panic(expected = $what)]
            #[allow(non_snake_case, reason = "named as the defect is")]
            fn $defect() {
                play(Defect::$defect);
            }
        )*
    };
}

told! {
    IgnoresFences at "commit:",
    CutsTimelines at "a timeline:",
    ClaimsOneTooMany at "claim:",
    MovesCursorsFromAnywhere at "move_cursor:",
    RenewsLostLeases at "renew_flow:",
    ErasesTooEarly at "erase_personal:",
    MixesMerchants at "a cursor:",
    TakesOvertakenStock at "stock",
    ExpiresTooEarly at "expire_leases:",
    DropsFindings at "opened, changed and closed:",
    KeepsTheCustomer at "the shop's copy:",
}

/// One test for each defect: the case named after it has to fail.
mod cases {
    use super::*;

    macro_rules! caught {
        ($($defect:ident by $module:ident::$case:ident,)*) => {
            $(
                #[test]
                #[should_panic]
                #[allow(non_snake_case, reason = "named as the defect is")]
                fn $defect() {
                    let store = BrokenStore::with(Defect::$defect);
                    block_on(store_contract::$module::$case(&store));
                }
            )*
        };
    }

    caught! {
        IgnoresFences by commits::a_stale_token_is_fenced_and_writes_nothing,
        CutsTimelines by claims::an_expired_lease_makes_the_outcome_unknown,
        ClaimsOneTooMany by claims::takes_due_orders_oldest_first_up_to_the_limit,
        MovesCursorsFromAnywhere by flows::a_cursor_moves_only_from_where_it_is,
        RenewsLostLeases by flows::a_lost_lease_is_not_renewed,
        ErasesTooEarly by erasure::only_what_settled_long_enough_ago_is_erased,
        MixesMerchants by merchants::no_merchant_sees_another,
        ExpiresTooEarly by claims::an_expired_lease_makes_the_outcome_unknown,
        DropsFindings by exceptions::findings_of_one_subject_add_up,
        KeepsTheCustomer by persons::an_order_at_its_end_is_erased_at_once,
        KeepsRemarks by persons::what_people_wrote_about_it_is_blanked_and_nothing_else,
    }
}
