//! The suites for the ports beside the warehouse over models in memory: sound, they pass; with a defect, the case about it fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

/// One test for each defect: the case named after it has to fail.
macro_rules! caught {
    ($contract:ident, $model:ident: $($defect:ident by $case:ident,)*) => {
        $(
            #[test]
            #[should_panic]
            #[allow(non_snake_case, reason = "named as the defect is")]
            fn $defect() {
                let world = $model::with(Defect::$defect);
                order_sync_testkit::block_on($contract::cases::$case(&world));
            }
        )*
    };
}

mod alerts;
mod levels;
mod orders;
mod parcels;
mod stock_feed;
