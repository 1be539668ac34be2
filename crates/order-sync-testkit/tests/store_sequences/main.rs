//! Random sequences over a store with one defect: the model tells.

mod broken_store;

use broken_store::{BrokenStore, Defect};
use order_sync_testkit::store_contract::sequences::play_seeded;

/// Enough for every defect, and always the same.
const COUNT: u32 = 300;
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
}
