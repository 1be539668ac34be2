//! Faults on demand before a store, call by call.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use order_sync::{Clock, Store};

use super::watched_store::{StoreCall, StoreFault, StoreWatch, WatchedStore};

/// What is to go wrong at a store, and every call that was made.
///
/// Without instructions every call goes through.
///
/// ```
/// use std::sync::Arc;
/// use order_sync::{MemoryStore, Store, StoreErrorKind, SystemClock};
/// use order_sync_testkit::faults::{StoreCall, StoreFault, StoreFaultPlan};
/// use order_sync_testkit::store_contract::start;
///
/// let plan = StoreFaultPlan::new();
/// let store: Arc<dyn Store> = Arc::new(MemoryStore::new(start()));
/// let store = plan.around(store, Arc::new(SystemClock::new()));
/// // The next claim is on record, and the worker never hears of it.
/// plan.next(StoreCall::Claim, StoreFault::FailAfterWrite(StoreErrorKind::Other));
/// assert!(plan.calls().is_empty());
/// # drop(store);
/// ```
#[derive(Debug, Default)]
pub struct StoreFaultPlan(Mutex<Orders>);

#[derive(Debug, Default)]
struct Orders {
    next: BTreeMap<StoreCall, VecDeque<StoreFault>>,
    always: BTreeMap<StoreCall, StoreFault>,
    calls: Vec<StoreCall>,
}

impl StoreFaultPlan {
    /// A plan in which nothing goes wrong yet.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::default()
    }

    /// The store with this plan before it; slow calls wait by this clock.
    #[must_use]
    pub fn around(
        self: &Arc<Self>,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Arc<dyn Store> {
        let watch = Arc::clone(self) as Arc<dyn StoreWatch>;
        Arc::new(WatchedStore::new(store, watch, clock))
    }

    /// Does this to the next call of a kind, after what it was told to do to the calls before.
    pub fn next(&self, call: StoreCall, fault: StoreFault) {
        self.orders().next.entry(call).or_default().push_back(fault);
    }

    /// Does this to every call of a kind for which there is no [`StoreFaultPlan::next`].
    pub fn always(&self, call: StoreCall, fault: StoreFault) {
        self.orders().always.insert(call, fault);
    }

    /// Forgets all instructions.
    pub fn clear(&self) {
        let mut orders = self.orders();
        orders.next.clear();
        orders.always.clear();
    }

    /// Every call so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<StoreCall> {
        self.orders().calls.clone()
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl StoreWatch for StoreFaultPlan {
    async fn before(&self, call: StoreCall) -> StoreFault {
        let mut orders = self.orders();
        orders.calls.push(call);
        let told = orders.next.get_mut(&call).and_then(VecDeque::pop_front);
        told.or_else(|| orders.always.get(&call).copied())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use chrono::{DateTime, Utc};
    use order_sync::{MemoryStore, MerchantId, StoreErrorKind};

    use super::*;
    use crate::store_contract::start;

    /// A clock whose sleeps are over at once, and counted.
    #[derive(Debug, Default)]
    struct CountingClock(Mutex<Duration>);

    #[async_trait]
    impl Clock for CountingClock {
        fn now(&self) -> DateTime<Utc> {
            start()
        }

        fn monotonic(&self) -> Duration {
            Duration::ZERO
        }

        async fn sleep(&self, duration: Duration) {
            *self.0.lock().unwrap() += duration;
        }
    }

    fn planned() -> (Arc<StoreFaultPlan>, Arc<dyn Store>, Arc<CountingClock>) {
        let plan = StoreFaultPlan::new();
        let clock = Arc::new(CountingClock::default());
        let inner = Arc::new(MemoryStore::new(start()));
        let store = plan.around(inner, Arc::clone(&clock) as Arc<dyn Clock>);
        (plan, store, clock)
    }

    #[test]
    fn a_refused_call_writes_nothing_and_a_lost_answer_hides_a_write() {
        crate::block_on(async {
            let (plan, store, _) = planned();
            let merchant = MerchantId::new("m");
            let moved = |to: &'static str| store.move_cursor(&merchant, "orders", None, to);
            plan.next(
                StoreCall::MoveCursor,
                StoreFault::Refuse(StoreErrorKind::NoSpace),
            );
            plan.next(
                StoreCall::MoveCursor,
                StoreFault::FailAfterWrite(StoreErrorKind::Other),
            );
            assert_eq!(
                moved("a").await.unwrap_err().kind(),
                StoreErrorKind::NoSpace
            );
            assert_eq!(store.cursor(&merchant, "orders").await.unwrap(), None);
            assert_eq!(moved("b").await.unwrap_err().kind(), StoreErrorKind::Other);
            let there = store.cursor(&merchant, "orders").await.unwrap();
            assert_eq!(there.as_deref(), Some("b"));
            assert!(
                !moved("c").await.unwrap(),
                "the third goes through and finds it moved"
            );
        });
    }

    #[test]
    fn a_slow_call_waits_by_the_clock_and_is_written_down() {
        crate::block_on(async {
            let (plan, store, clock) = planned();
            let merchant = MerchantId::new("m");
            plan.always(StoreCall::Cursor, StoreFault::Slow(Duration::from_secs(3)));
            store.cursor(&merchant, "orders").await.unwrap();
            store.cursor(&merchant, "orders").await.unwrap();
            assert_eq!(*clock.0.lock().unwrap(), Duration::from_secs(6));
            plan.clear();
            store.cursor(&merchant, "orders").await.unwrap();
            assert_eq!(*clock.0.lock().unwrap(), Duration::from_secs(6));
            assert_eq!(plan.calls(), [StoreCall::Cursor; 3]);
        });
    }
}
