//! Faults on demand before the ports of [`order_sync::Ports`]: what goes wrong between an engine and its neighbours, call by call.
//!
//! A [`FaultPlan`] stands before the ports of an engine ([`FaultPlan::around`] and its neighbours) and does to each call what it was told: refuse it, lose
//! its answer, hold it, delay it, let it take effect late or twice. It writes down every call, so that a test can say what was asked.

mod around_facts;
mod around_shop;
mod around_warehouse;
mod call;
mod store_fault_plan;
mod watched_store;

use std::collections::{BTreeMap, VecDeque};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use order_sync::{
    Clock, FailureClass, PortError, Ports, ReleaseFactsSource, TrackingSource, Warehouse,
};
use tokio::sync::watch;

pub use self::call::Call;
pub use self::store_fault_plan::StoreFaultPlan;
pub use self::watched_store::{StoreCall, StoreEffect, StoreFault, StoreWatch, WatchedStore};

/// What happens to one call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Nothing: it goes through.
    #[default]
    None,
    /// It never reaches the port, and is answered with an error of this class.
    Reject(FailureClass),
    /// It takes effect, and is answered with an error of this class all the same: the answer was lost.
    FailAfterWrite(FailureClass),
    /// It waits before it reaches the port, until [`FaultPlan::release`].
    Hold,
    /// It takes effect, and its answer waits until [`FaultPlan::release`]: whoever drops it meanwhile has died between the call and its
    /// record.
    HoldAfterWrite,
    /// It reaches the port after so long, by the plan's clock.
    Slow(Duration),
    /// The caller is told that it failed ([`FailureClass::Unavailable`]); it takes effect at [`FaultPlan::apply_late`]. A call that only
    /// reads is answered so and forgotten.
    ApplyLate,
    /// It reaches the port twice, one after the other; the second answer counts.
    ApplyTwice,
}

/// One call that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Called {
    /// What was asked.
    pub call: Call,
    /// What was done to it.
    pub fault: Fault,
}

/// A call that is to take effect later.
type Late = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A call under way, as the ports return it.
type Asked<'a, T> = Pin<Box<dyn Future<Output = Result<T, PortError>> + Send + 'a>>;

/// What is to go wrong, and what went wrong.
///
/// Without instructions every call goes through.
///
/// ```
/// use std::sync::Arc;
/// use order_sync::{FailureClass, SystemClock};
/// use order_sync_testkit::faults::{Call, Fault, FaultPlan};
///
/// let plan = FaultPlan::new(Arc::new(SystemClock::new()));
/// // The next order reaches the warehouse, and its answer is lost.
/// plan.next(Call::Submit, Fault::FailAfterWrite(FailureClass::Unavailable));
/// assert!(plan.calls().is_empty());
/// ```
#[derive(Debug)]
pub struct FaultPlan {
    clock: Arc<dyn Clock>,
    orders: Mutex<Orders>,
    late: Mutex<LateCalls>,
    /// How many calls were held in all.
    held: watch::Sender<u64>,
    /// How often held calls were released.
    released: watch::Sender<u64>,
}

/// The instructions of a plan, and its record.
#[derive(Debug, Default)]
struct Orders {
    next: BTreeMap<Call, VecDeque<Fault>>,
    always: BTreeMap<Call, Fault>,
    calls: Vec<Called>,
}

#[derive(Default)]
struct LateCalls(Vec<Late>);

impl std::fmt::Debug for LateCalls {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} late calls", self.0.len())
    }
}

impl FaultPlan {
    /// A plan in which nothing goes wrong yet.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            clock,
            orders: Mutex::default(),
            late: Mutex::default(),
            held: watch::Sender::new(0),
            released: watch::Sender::new(0),
        })
    }

    /// The ports with this plan before each of them.
    #[must_use]
    pub fn around(self: &Arc<Self>, ports: Ports) -> Ports {
        Ports {
            orders: around_shop::orders(self, ports.orders),
            catalogue: around_shop::catalogue(self, ports.catalogue),
            warehouse: around_warehouse::warehouse(self, ports.warehouse),
            despatch_sink: around_shop::despatch_sink(self, ports.despatch_sink),
            stock_source: around_warehouse::stock_source(self, ports.stock_source),
            stock_sink: around_shop::stock_sink(self, ports.stock_sink),
        }
    }

    /// A warehouse with this plan before it, where the other ports are to be as they are.
    pub fn around_warehouse(self: &Arc<Self>, warehouse: Arc<dyn Warehouse>) -> Arc<dyn Warehouse> {
        around_warehouse::warehouse(self, warehouse)
    }

    /// A source of tracking ([`order_sync::EngineBuilder::with_tracking`]) with this plan before it.
    pub fn around_tracking(
        self: &Arc<Self>,
        tracking: Arc<dyn TrackingSource>,
    ) -> Arc<dyn TrackingSource> {
        around_facts::tracking(self, tracking)
    }

    /// A source of further facts ([`order_sync::EngineBuilder::with_release_facts`]) with this plan before it.
    pub fn around_release_facts(
        self: &Arc<Self>,
        facts: Arc<dyn ReleaseFactsSource>,
    ) -> Arc<dyn ReleaseFactsSource> {
        around_facts::release_facts(self, facts)
    }

    /// Does this to the next call of a kind, after what it was told to do to the calls before.
    pub fn next(&self, call: Call, fault: Fault) {
        self.orders().next.entry(call).or_default().push_back(fault);
    }

    /// Does this to every call of a kind for which there is no [`FaultPlan::next`].
    pub fn always(&self, call: Call, fault: Fault) {
        self.orders().always.insert(call, fault);
    }

    /// Forgets all instructions. What is held stays held, and what is late stays late.
    pub fn clear(&self) {
        let mut orders = self.orders();
        orders.next.clear();
        orders.always.clear();
    }

    /// Every call so far, in order.
    #[must_use]
    pub fn calls(&self) -> Vec<Called> {
        self.orders().calls.clone()
    }

    /// How many calls of a kind there were.
    #[must_use]
    pub fn count(&self, call: Call) -> usize {
        let orders = self.orders();
        orders.calls.iter().filter(|one| one.call == call).count()
    }

    /// Waits until so many calls have been held in all, released ones included. Of a call that is held after its write the write is
    /// done by then.
    ///
    /// # Cancel safety
    /// Safe: it changes nothing.
    pub async fn until_held(&self, calls: u64) {
        let mut held = self.held.subscribe();
        // The sender lives as long as the plan.
        let _ = held.wait_for(|held| *held >= calls).await;
    }

    /// Lets every call go on that is held now.
    pub fn release(&self) {
        self.released.send_modify(|times| *times += 1);
    }

    /// Lets the calls take effect that were told to be late, in their order. Returns how many.
    ///
    /// # Cancel safety
    /// Dropping the future leaves the rest out for good.
    pub async fn apply_late(&self) -> usize {
        let late = std::mem::take(&mut self.late.lock().unwrap_or_else(PoisonError::into_inner).0);
        let count = late.len();
        for call in late {
            call.await;
        }
        count
    }

    fn orders(&self) -> MutexGuard<'_, Orders> {
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is to be done to a call; written down.
    fn fault_of(&self, call: Call) -> Fault {
        let mut orders = self.orders();
        let told = orders.next.get_mut(&call).and_then(VecDeque::pop_front);
        let always = orders.always.get(&call).copied();
        let fault = told.or(always).unwrap_or_default();
        orders.calls.push(Called { call, fault });
        fault
    }

    async fn hold(&self) {
        let mut released = self.released.subscribe();
        self.held.send_modify(|calls| *calls += 1);
        // The sender lives as long as the plan.
        let _ = released.changed().await;
    }

    fn keep_late(&self, late: Late) {
        let mut kept = self.late.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.push(late);
    }

    /// A call that only reads.
    async fn read<'a, T>(
        &self,
        call: Call,
        ask: impl Fn() -> Asked<'a, T>,
    ) -> Result<T, PortError> {
        self.through(call, ask, || None).await
    }

    /// A call that changes something; `late` does the same later.
    async fn write<'a, T>(
        &self,
        call: Call,
        ask: impl Fn() -> Asked<'a, T>,
        late: impl FnOnce() -> Late,
    ) -> Result<T, PortError> {
        self.through(call, ask, || Some(late())).await
    }

    async fn through<'a, T>(
        &self,
        call: Call,
        ask: impl Fn() -> Asked<'a, T>,
        late: impl FnOnce() -> Option<Late>,
    ) -> Result<T, PortError> {
        match self.fault_of(call) {
            Fault::None => ask().await,
            Fault::Reject(class) => Err(failure(call, class)),
            Fault::FailAfterWrite(class) => {
                ask().await?;
                Err(failure(call, class))
            }
            Fault::Hold => {
                self.hold().await;
                ask().await
            }
            Fault::HoldAfterWrite => {
                let answer = ask().await;
                self.hold().await;
                answer
            }
            Fault::Slow(time) => {
                self.clock.sleep(time).await;
                ask().await
            }
            Fault::ApplyLate => {
                if let Some(late) = late() {
                    self.keep_late(late);
                }
                Err(failure(call, FailureClass::Unavailable))
            }
            Fault::ApplyTwice => {
                let first = ask().await;
                ask().await.or(first)
            }
        }
    }
}

/// The failure that a caller is told of.
fn failure(call: Call, class: FailureClass) -> PortError {
    PortError::new(class, format!("{call:?} failed as planned"))
}

#[cfg(test)]
mod tests;
