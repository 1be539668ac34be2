//! How many connections one merchant may use at a time.
//!
//! The pool is served in the order of asking. A merchant that asks for a hundred connections at once would keep every other one waiting
//! behind its own queue; so each merchant queues for itself, and only as many of its transactions as it has lanes ask the pool.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use order_sync::MerchantId;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The lanes of all merchants of a process.
#[derive(Debug)]
pub(crate) struct Lanes {
    each: usize,
    merchants: Mutex<HashMap<MerchantId, Weak<Semaphore>>>,
}

/// A lane in use, until it is dropped.
#[derive(Debug)]
pub(crate) struct Pass {
    _permit: Option<OwnedSemaphorePermit>,
    _lane: Arc<Semaphore>,
}

impl Lanes {
    /// So many lanes for each merchant.
    pub(crate) fn new(each: usize) -> Self {
        Self {
            each: each.max(1),
            merchants: Mutex::default(),
        }
    }

    /// Waits for a lane of a merchant, in the order of asking.
    pub(crate) async fn enter(&self, merchant: &MerchantId) -> Pass {
        let lane = self.of(merchant);
        // The lane is never closed; if it were, the pool still bounds everything.
        let permit = Arc::clone(&lane).acquire_owned().await.ok();
        Pass {
            _permit: permit,
            _lane: lane,
        }
    }

    fn of(&self, merchant: &MerchantId) -> Arc<Semaphore> {
        let mut merchants = self
            .merchants
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(lane) = merchants.get(merchant).and_then(Weak::upgrade) {
            return lane;
        }
        // Merchants that nobody waits for are forgotten, so that thousands of them take no room.
        if merchants.len() == merchants.capacity() {
            merchants.retain(|_, lane| lane.strong_count() > 0);
        }
        let lane = Arc::new(Semaphore::new(self.each));
        merchants.insert(merchant.clone(), Arc::downgrade(&lane));
        lane
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    #[test]
    fn a_merchant_waits_for_itself_only() {
        let lanes = Lanes::new(2);
        let (loud, quiet) = (MerchantId::new("loud"), MerchantId::new("quiet"));
        let first = lanes.enter(&loud).now_or_never().unwrap();
        let second = lanes.enter(&loud).now_or_never().unwrap();
        assert!(lanes.enter(&loud).now_or_never().is_none());
        assert!(lanes.enter(&quiet).now_or_never().is_some());
        drop(first);
        assert!(lanes.enter(&loud).now_or_never().is_some());
        drop(second);
    }

    #[test]
    fn merchants_that_are_gone_take_no_room() {
        let lanes = Lanes::new(1);
        for number in 0..10_000 {
            let merchant = MerchantId::new(number.to_string());
            drop(lanes.enter(&merchant).now_or_never().unwrap());
        }
        assert!(lanes.merchants.lock().unwrap().len() < 100);
    }
}
