//! Calls that nobody waits for any more.

use std::pin::Pin;
use std::task::{Context, Waker};

/// Polls a call once and breaks it off.
pub(crate) fn broken_off<T>(mut call: Pin<Box<dyn Future<Output = T> + Send + '_>>) {
    let mut context = Context::from_waker(Waker::noop());
    let _ = call.as_mut().poll(&mut context);
}
