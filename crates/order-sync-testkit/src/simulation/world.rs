//! The world of a history: shops and warehouses with a truth of their own, and the wires between them and the workers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Poll, Waker};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use order_sync::{Clock, FailureClass, PortError};

use super::carrier::Carrier;
use super::executor::{Verdict, VirtualTime, give_way};
use super::fault_class::FaultClass;
use super::history::{Actor, Entry, Fact, History};
use super::scenario::Scenario;
use super::shop::Shop;
use super::warehouse::Depot;

/// A claim holds so long.
pub(super) const LEASE: Duration = Duration::from_secs(20);
/// A create is given up after so long: within 0.4 of a lease.
pub(super) const CREATE_TIMEOUT: Duration = Duration::from_secs(6);
/// A read or a write of the shop is given up after so long.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an order with an unknown outcome rests.
pub(super) const SETTLE: Duration = Duration::from_secs(40);
/// How long a worker stands still at most while a create that it has begun has not left it: 1.6 leases.
const LONGEST_AT_A_CREATE: Duration = Duration::from_secs(32);
/// The latest moment after its call at which a create is applied.
pub(super) const LATEST: Duration = Duration::from_secs(25);
/// How long the warehouse's look-up may lag behind its intake.
pub(super) const LOOKUP_LAG: Duration = Duration::from_secs(5);

/// True time begins here.
pub(super) fn epoch() -> DateTime<Utc> {
    // 2 March 2026, a Monday, 09:00.
    DateTime::from_timestamp(1_772_442_000, 0).unwrap_or_default()
}

pub(super) fn true_time(now: Duration) -> DateTime<Utc> {
    epoch() + TimeDelta::from_std(now).unwrap_or_default()
}

/// One merchant's shop and warehouse, and the carrier behind it.
#[derive(Debug, Default)]
pub(super) struct Site {
    pub(super) shop: Shop,
    pub(super) depot: Depot,
    pub(super) carrier: Carrier,
}

/// The truth, and what is to go wrong.
#[derive(Debug)]
pub(super) struct State {
    pub(super) scenario: Scenario,
    pub(super) rng: fastrand::Rng,
    pub(super) calm: bool,
    pub(super) history: History,
    pub(super) sites: Vec<Site>,
    /// Calls of stores and ports so far; crashes and pauses happen at some of them.
    pub(super) operations: u64,
    /// Calls of ports so far.
    pub(super) calls: u64,
    pub(super) kills: Vec<u64>,
    pub(super) pauses: Vec<u64>,
    /// What happens to a worker once it has made its step.
    verdicts: BTreeMap<usize, Verdict>,
    /// Creates that a worker has begun and that have not left it.
    leaving: BTreeMap<usize, u32>,
    pub(super) stepped_back: Duration,
    outages: BTreeMap<(usize, &'static str), Duration>,
}

impl State {
    pub(super) fn new(scenario: Scenario) -> Self {
        let mut rng = fastrand::Rng::with_seed(scenario.seed ^ 0xfa17_0000);
        // Most histories make some thousand calls; a crash that comes later does not come.
        let calls = scenario.orders as u64 * 40 + 200;
        let mut moments = |class, count| {
            let count = if scenario.has(class) { count } else { 0 };
            let mut moments: Vec<u64> = (0..count).map(|_| rng.u64(20..calls)).collect();
            moments.sort_unstable_by(|one, other| other.cmp(one));
            moments
        };
        Self {
            kills: moments(FaultClass::ProcessKill, scenario.crashes),
            pauses: moments(FaultClass::ProcessPause, scenario.pauses),
            sites: (0..scenario.merchants).map(|_| Site::default()).collect(),
            scenario,
            rng,
            calm: false,
            history: History::default(),
            operations: 0,
            calls: 0,
            verdicts: BTreeMap::new(),
            leaving: BTreeMap::new(),
            stepped_back: Duration::ZERO,
            outages: BTreeMap::new(),
        }
    }

    /// Whether a fault of a class happens now, at `percent` of the rate of the history.
    pub(super) fn strikes(&mut self, class: FaultClass, percent: u32) -> bool {
        !self.calm
            && self.scenario.has(class)
            && self.rng.u32(0..10_000) < self.scenario.fault_percent * percent
    }

    pub(super) fn note(&mut self, at: Duration, merchant: usize, who: Actor, fact: Fact) {
        self.history.add(Entry {
            at,
            merchant,
            who,
            fact,
        });
    }

    /// A worker dies before it makes another step.
    /// A create begins in a worker. What is to pause it for longer than a create may lie there pauses it for less: nothing but the settle
    /// window stands between such a create and the next worker's, and the settle window is set to outlast it.
    fn create_begins(&mut self, worker: usize, now: Duration) {
        *self.leaving.entry(worker).or_default() += 1;
        if let Some(Verdict::Paused(span)) = self.verdicts.get_mut(&worker)
            && *span > LONGEST_AT_A_CREATE
        {
            *span = LONGEST_AT_A_CREATE;
            self.note(
                now,
                0,
                Actor::Worker(worker),
                Fact::Paused(LONGEST_AT_A_CREATE),
            );
        }
    }

    /// A create has left its worker.
    fn create_leaves(&mut self, worker: usize) {
        if let Some(left) = self.leaving.get_mut(&worker) {
            *left = left.saturating_sub(1);
        }
    }

    pub(super) fn kill(&mut self, worker: usize, now: Duration) {
        self.leaving.remove(&worker);
        self.verdicts.insert(worker, Verdict::Killed);
        self.note(now, 0, Actor::Worker(worker), Fact::Killed);
    }

    pub(super) fn shop_time(&self, now: Duration) -> DateTime<Utc> {
        true_time(now) + TimeDelta::seconds(self.scenario.shop_skew)
    }

    pub(super) fn depot_time(&self, now: Duration) -> DateTime<Utc> {
        true_time(now) + TimeDelta::seconds(self.scenario.warehouse_skew)
    }
}

/// The world, as everybody in it shares it.
#[derive(Debug)]
pub(super) struct World {
    pub(super) time: Arc<VirtualTime>,
    state: Mutex<State>,
}

impl World {
    pub(super) fn new(scenario: Scenario) -> Arc<Self> {
        Arc::new(Self {
            time: Arc::default(),
            state: Mutex::new(State::new(scenario)),
        })
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets something happen to the world after a time.
    pub(super) fn after(
        self: &Arc<Self>,
        span: Duration,
        act: impl FnOnce(&Arc<World>, &mut State, Duration) + Send + 'static,
    ) {
        let world = Arc::clone(self);
        let at = self.time.now().saturating_add(span);
        self.time.at(at, move || {
            let mut state = world.state();
            act(&world, &mut state, at);
        });
    }

    pub(super) fn verdict_of(&self, worker: usize) -> Verdict {
        let verdict = self.state().verdicts.remove(&worker);
        verdict.unwrap_or(Verdict::GoesOn)
    }
}

/// Somebody who makes calls, for a merchant.
#[derive(Debug, Clone)]
pub(super) struct Caller {
    pub(super) world: Arc<World>,
    pub(super) merchant: usize,
    pub(super) worker: usize,
}

/// A call that has arrived at the other side.
pub(super) struct Arrival<'a> {
    pub(super) world: &'a Arc<World>,
    pub(super) state: &'a mut State,
    pub(super) now: Duration,
    /// The vendor applies it twice.
    pub(super) twice: bool,
}

/// What a call does at the other side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Read,
    Create,
    /// A write that may be repeated.
    Write,
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy)]
enum Fate {
    Fine,
    Slow(Duration),
    Fails(&'static str, FailureClass, Option<Duration>),
    /// Arrives or not; the caller does not learn what came of it.
    Lost {
        what: &'static str,
        arrives: bool,
        waits: bool,
    },
    Late(Duration),
    Twice,
    Garbled,
}

impl Caller {
    pub(super) fn note(&self, fact: Fact) {
        let now = self.world.time.now();
        let who = Actor::Worker(self.worker);
        self.world.state().note(now, self.merchant, who, fact);
    }

    /// A point at which the process may die or stand still, and others may go first.
    pub(super) async fn step(&self) {
        {
            let mut state = self.world.state();
            state.operations += 1;
            let operations = state.operations;
            let now = self.world.time.now();
            let who = Actor::Worker(self.worker);
            if !state.calm && state.kills.last().is_some_and(|at| *at <= operations) {
                state.kills.pop();
                state.kill(self.worker, now);
            } else if !state.calm && state.pauses.last().is_some_and(|at| *at <= operations) {
                state.pauses.pop();
                // In tenths. Elsewhere long enough for another worker to take the order over and to probe it.
                let span = LEASE.mul_f64(f64::from(state.rng.u32(8..=120)) / 10.0);
                let leaves = state
                    .leaving
                    .get(&self.worker)
                    .is_some_and(|left| *left > 0);
                let span = if leaves {
                    span.min(LONGEST_AT_A_CREATE)
                } else {
                    span
                };
                state.verdicts.insert(self.worker, Verdict::Paused(span));
                state.note(now, 0, who, Fact::Paused(span));
            }
        }
        give_way().await;
    }

    fn fate(&self, call: &'static str, kind: Kind) -> Fate {
        let mut state = self.world.state();
        let now = self.world.time.now();
        if state.calm {
            return Fate::Fine;
        }
        let port = whose(call);
        let lost = |what, arrives, waits| Fate::Lost {
            what,
            arrives,
            waits,
        };
        let unavailable = |what| {
            let class = match kind {
                Kind::Create => FailureClass::NeverSent,
                Kind::Read | Kind::Write => FailureClass::Unavailable,
            };
            Fate::Fails(what, class, None)
        };
        if state
            .outages
            .get(&(self.merchant, port))
            .is_some_and(|until| *until > now)
        {
            let arrives = kind == Kind::Create && state.rng.bool();
            return lost("status 503", arrives, false);
        }
        if state.rng.u32(0..100) >= state.scenario.fault_percent {
            return Fate::Fine;
        }
        let classes: Vec<FaultClass> = WIRE_FAULTS
            .into_iter()
            .filter(|class| state.scenario.has(*class))
            .filter(|class| kind == Kind::Create || !CREATE_FAULTS.contains(class))
            .collect();
        if classes.is_empty() {
            return Fate::Fine;
        }
        let class = classes[state.rng.usize(0..classes.len())];
        match class {
            FaultClass::Refused => unavailable(class.as_str()),
            FaultClass::ResetBeforeBody => lost(class.as_str(), false, false),
            FaultClass::ResetAfterBody => lost(class.as_str(), state.rng.bool(), false),
            FaultClass::ReplyLost => lost(class.as_str(), true, true),
            FaultClass::ReplyLostAppliedLate => {
                let late = state.rng.u64(1..=LATEST.as_secs());
                Fate::Late(Duration::from_secs(late))
            }
            FaultClass::AppliedTwice => Fate::Twice,
            FaultClass::TooManyRequests => {
                let wait = state.rng.bool().then(|| state.rng.u64(1..30));
                let wait = wait.map(Duration::from_secs);
                Fate::Fails(class.as_str(), FailureClass::Throttled, wait)
            }
            FaultClass::ServerErrors => {
                let until = now + Duration::from_secs(state.rng.u64(5..=90));
                state.outages.insert((self.merchant, port), until);
                let arrives = kind == Kind::Create && state.rng.bool();
                lost("status 503", arrives, false)
            }
            FaultClass::Unauthorised => {
                Fate::Fails(class.as_str(), FailureClass::Unauthorised, None)
            }
            FaultClass::Html | FaultClass::TruncatedJson => Fate::Garbled,
            _ => Fate::Slow(CALL_TIMEOUT.mul_f64(f64::from(state.rng.u32(1..=20)) / 10.0)),
        }
    }

    /// Makes a call: `effect` happens to the truth when it arrives, whatever has become of the caller by then.
    pub(super) async fn call<T: Send + 'static>(
        &self,
        call: &'static str,
        kind: Kind,
        effect: impl Fn(&mut Arrival<'_>) -> T + Send + Sync + 'static,
    ) -> Result<T, PortError> {
        if kind == Kind::Create {
            let now = self.world.time.now();
            self.world.state().create_begins(self.worker, now);
        }
        self.step().await;
        if kind == Kind::Create {
            self.world.state().create_leaves(self.worker);
        }
        let fate = self.fate(call, kind);
        let began = self.world.time.now();
        let timeout = match kind {
            Kind::Create => CREATE_TIMEOUT,
            Kind::Read | Kind::Write => CALL_TIMEOUT,
        };
        let lost_class = match kind {
            Kind::Create => FailureClass::Ambiguous,
            Kind::Read | Kind::Write => FailureClass::Unavailable,
        };
        let (out, back) = {
            let mut state = self.world.state();
            let mut way = || Duration::from_millis(state.rng.u64(5..200));
            (way(), way())
        };
        let told = |what: &'static str| self.note(Fact::Fault { call, what });
        match fate {
            Fate::Fine | Fate::Slow(_) | Fate::Twice | Fate::Garbled => {
                let slow = match fate {
                    Fate::Slow(time) => {
                        told(FaultClass::SlowBody.as_str());
                        time
                    }
                    _ => Duration::ZERO,
                };
                let reply = Slot::new();
                let slot = Arc::clone(&reply);
                let twice = matches!(fate, Fate::Twice);
                if twice {
                    told(FaultClass::AppliedTwice.as_str());
                }
                self.world.after(out, move |world, state, now| {
                    let value = effect(&mut Arrival {
                        world,
                        state,
                        now,
                        twice,
                    });
                    world.after(back + slow, move |_, _, _| slot.fill(value));
                });
                let value = reply.wait(&self.world.time, began + timeout).await;
                match (value, fate) {
                    (Some(_), Fate::Garbled) => {
                        told(FaultClass::Html.as_str());
                        let class = match kind {
                            Kind::Read => FailureClass::Unreadable,
                            Kind::Create => FailureClass::Ambiguous,
                            Kind::Write => FailureClass::Unavailable,
                        };
                        Err(PortError::new(
                            class,
                            format!("{call}: the answer cannot be read"),
                        ))
                    }
                    (Some(value), _) => Ok(value),
                    (None, _) => Err(PortError::new(lost_class, format!("{call}: timed out"))),
                }
            }
            Fate::Fails(what, class, wait) => {
                told(what);
                self.world.time.sleep(out + back).await;
                Err(PortError::new(class, format!("{call}: {what}")).with_retry_after(wait))
            }
            Fate::Lost {
                what,
                arrives,
                waits,
            } => {
                told(what);
                if arrives {
                    self.world.after(out, move |world, state, now| {
                        effect(&mut Arrival {
                            world,
                            state,
                            now,
                            twice: false,
                        });
                    });
                }
                let wait = if waits { timeout } else { out + back };
                self.world.time.sleep(wait).await;
                Err(PortError::new(lost_class, format!("{call}: {what}")))
            }
            Fate::Late(late) => {
                told(FaultClass::ReplyLostAppliedLate.as_str());
                self.world.after(late, move |world, state, now| {
                    effect(&mut Arrival {
                        world,
                        state,
                        now,
                        twice: false,
                    });
                });
                self.world.time.sleep(timeout).await;
                Err(PortError::new(lost_class, format!("{call}: timed out")))
            }
        }
    }
}

/// Who is called: an outage is of one of them.
fn whose(call: &str) -> &'static str {
    match call {
        "submit" | "lookup" | "despatches" | "list" | "cancel" | "amend" | "stock" | "returns" => {
            "warehouse"
        }
        "scans" => "carrier",
        "alert" => "pager",
        _ => "shop",
    }
}

/// Faults of the wire; the others happen at places of their own.
const WIRE_FAULTS: [FaultClass; 12] = [
    FaultClass::Refused,
    FaultClass::ResetBeforeBody,
    FaultClass::ResetAfterBody,
    FaultClass::ReplyLost,
    FaultClass::ReplyLostAppliedLate,
    FaultClass::AppliedTwice,
    FaultClass::TooManyRequests,
    FaultClass::ServerErrors,
    FaultClass::Unauthorised,
    FaultClass::Html,
    FaultClass::TruncatedJson,
    FaultClass::SlowBody,
];

/// Those of them that only creates have.
const CREATE_FAULTS: [FaultClass; 2] = [FaultClass::ReplyLostAppliedLate, FaultClass::AppliedTwice];

/// A reply on its way.
struct Slot<T>(Mutex<(Option<T>, Option<Waker>)>);

impl<T: Send + 'static> Slot<T> {
    fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new((None, None))))
    }

    fn fill(&self, value: T) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.0 = Some(value);
        if let Some(waker) = slot.1.take() {
            waker.wake();
        }
    }

    /// The reply, or `None` when it does not come in time.
    async fn wait(self: Arc<Self>, time: &Arc<VirtualTime>, until: Duration) -> Option<T> {
        let mut deadline = Box::pin(time.until(until));
        std::future::poll_fn(move |context| {
            let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = slot.0.take() {
                return Poll::Ready(Some(value));
            }
            slot.1 = Some(context.waker().clone());
            drop(slot);
            deadline.as_mut().poll(context).map(|()| None)
        })
        .await
    }
}

/// The clock of our machine: true time plus skew, and back by a step now and then. Monotonic time is true.
#[derive(Debug)]
pub(super) struct OurClock(pub(super) Arc<World>);

#[async_trait]
impl Clock for OurClock {
    fn now(&self) -> DateTime<Utc> {
        let state = self.0.state();
        let skewed = TimeDelta::seconds(state.scenario.our_skew);
        let back = TimeDelta::from_std(state.stepped_back).unwrap_or_default();
        true_time(self.0.time.now()) + skewed - back
    }

    fn monotonic(&self) -> Duration {
        self.0.time.now()
    }

    async fn sleep(&self, duration: Duration) {
        self.0.time.sleep(duration).await;
    }
}
