#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

pub mod faults;
pub mod simulation;
pub mod store_contract;

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
