#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod alert_sink_contract;
mod broken_off;
pub mod despatch_sink_contract;
pub mod faults;
pub mod order_source_contract;
pub mod simulation;
pub mod stock_sink_contract;
pub mod stock_source_contract;
pub mod store_contract;
pub mod warehouse_contract;

/// Runs one case on a runtime of one thread, whose clock is the real one.
///
/// # Panics
/// Where the case does, or where the system has no runtime to give.
#[doc(hidden)]
#[allow(clippy::panic, reason = "a case fails by panicking")]
pub fn block_on(case: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    match runtime {
        Ok(runtime) => runtime.block_on(case),
        Err(error) => panic!("no runtime for the case: {error}"),
    }
}

/// The tests of a contract over a world, spelt out.
#[doc(hidden)]
#[macro_export]
macro_rules! contract_cases {
    ($name:ident, $open:path, $contract:ident, $($module:ident::$case:ident,)*) => {
        mod $name {
            // The way to the function is written as it is outside.
            use super::*;

            $(
                #[test]
                fn $case() {
                    $crate::block_on(async {
                        let world = $open().await;
                        $crate::$contract::$module::$case(&world).await;
                    });
                }
            )*
        }
    };
}
