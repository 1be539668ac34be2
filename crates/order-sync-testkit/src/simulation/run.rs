//! A history from its beginning to its end.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use order_mapping::ReturnReceipt;
use order_sync::{
    CancellationToken, ChangeWindow, Clock as _, Engine, Exception, Flow, FlowOutcome,
    LineProgress, MerchantId, OrderQuery, OrderRecord, OrderState, ParcelTracking, Store,
    StoreError, TimelineEntry,
};

use super::carrier::Scanned;
use super::check::{self, Violation};
use super::executor::{Executor, Process, Verdict};
use super::history::{Actor, Fact, History};
use super::log;
use super::process::{self, engine};
use super::scenario::Scenario;
use super::shop::Kept;
use super::warehouse::{Batch, Held};
use super::watch::merchant_id;
use super::workload;
use super::world::{OurClock, Site, World, epoch};

/// How long everything may take to come to rest once faults are over.
const CALM: Duration = Duration::from_secs(2 * 3600);

/// Makes a store for a history: it knows nothing from before that moment, and nothing of this seed. Its merchants are named after the
/// seed, so histories of different seeds may share one store, one after the other.
pub type OpenStore<'a> = dyn Fn(DateTime<Utc>) -> Result<Arc<dyn Store>, StoreError> + 'a;

/// What a history came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Outcome {
    /// What it was made of.
    pub scenario: Scenario,
    /// What happened.
    pub history: History,
    /// What was broken; empty: nothing.
    pub violations: Vec<Violation>,
    /// Digest of the history: the same from the same scenario.
    pub trace_hash: String,
    /// Virtual time that it took.
    pub lasted: Duration,
    /// Lines that were logged in it, and looked at.
    pub log_lines: u64,
}

/// One order at the end.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) record: OrderRecord,
    pub(super) lines: Vec<LineProgress>,
    pub(super) timeline: Vec<TimelineEntry>,
}

/// One merchant at the end: the record, and the truth beside it.
#[derive(Debug, Default)]
pub(super) struct Ending {
    pub(super) orders: BTreeMap<String, Ended>,
    pub(super) shop: Vec<Kept>,
    pub(super) depot: Vec<Held>,
    pub(super) parcels: Vec<order_mapping::Consignment>,
    pub(super) batches: Vec<Batch>,
    /// Open exceptions before and after the vendor's people put their own doing right.
    pub(super) told: Vec<Exception>,
    pub(super) left_open: Vec<Exception>,
    /// Goods that came back, by the warehouse's feed, and what of them is on record with each order.
    pub(super) receipts: Vec<ReturnReceipt>,
    pub(super) returned: BTreeMap<String, Vec<ReturnReceipt>>,
    /// What happened to each parcel by the carrier's own word, and what is on record of the parcels of each order.
    pub(super) ways: BTreeMap<String, Vec<Scanned>>,
    pub(super) tracked: BTreeMap<String, Vec<ParcelTracking>>,
    /// What a replay of every flow from its beginning wrote, one line each.
    pub(super) replay_wrote: Vec<String>,
    /// Why the store could not be read at the end.
    pub(super) failure: Option<String>,
}

/// Runs a history and checks it.
///
/// Everything follows from the scenario: equal scenarios give equal histories, over equal stores.
#[must_use]
pub fn simulate(scenario: &Scenario, open: &OpenStore<'_>) -> Outcome {
    let world = World::new(scenario.clone());
    let (ran, logged) = log::listening(|| {
        // Older than every order, so that nothing has to be asked for before its first send.
        let store = open(epoch() - TimeDelta::days(30));
        let store = store.map_err(|error| format!("no store: {error}"))?;
        workload::prepare(&world);
        faults(&world, &store)?;
        calm(&world, &store)
    });
    let (endings, broken) = match ran {
        Ok(endings) => (endings, None),
        Err(why) => (Vec::new(), Some(why)),
    };
    let lasted = world.time.now();
    let history = std::mem::take(&mut world.state().history);
    let mut violations = check::check(scenario, &history, &logged, &endings);
    violations.extend(broken.map(|why| Violation::new("I1", why)));
    Outcome {
        trace_hash: history.trace_hash(),
        scenario: scenario.clone(),
        history,
        violations,
        lasted,
        log_lines: logged.lines,
    }
}

/// The time of faults.
fn faults(world: &Arc<World>, store: &Arc<dyn Store>) -> Result<(), String> {
    let (workers, length, seed) = {
        let state = world.state();
        (
            state.scenario.workers,
            state.scenario.length,
            state.scenario.seed,
        )
    };
    let mut executor = Executor::new(Arc::clone(&world.time), seed ^ 0x0a11_0ca7);
    for worker in 0..workers {
        executor.start(process::worker(world, store, worker));
    }
    let reborn: Arc<Mutex<Vec<usize>>> = Arc::default();
    let due = || std::mem::take(&mut *reborn.lock().unwrap_or_else(PoisonError::into_inner));
    executor.run(
        length,
        false,
        |worker| {
            let verdict = world.verdict_of(worker);
            if verdict == Verdict::Killed {
                let wait = Duration::from_secs(world.state().rng.u64(1..60));
                let reborn = Arc::clone(&reborn);
                world.after(wait, move |_, state, now| {
                    state.note(now, 0, Actor::Worker(worker), Fact::Started);
                    reborn
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(worker);
                });
            }
            verdict
        },
        || {
            let processes = due().into_iter();
            processes
                .map(|worker| (worker, process::worker(world, store, worker)))
                .collect::<Vec<(usize, Process)>>()
        },
    )?;
    // Whatever was under way is cut off here, as by one more crash.
    executor.stop_all();
    Ok(())
}

/// The time after the faults: everything comes to rest, and is looked at.
fn calm(world: &Arc<World>, store: &Arc<dyn Store>) -> Result<Vec<Ending>, String> {
    let seed = {
        let now = world.time.now();
        let mut state = world.state();
        state.calm = true;
        state.note(now, 0, Actor::World, Fact::Calm);
        state.scenario.seed
    };
    let (merchants, worker) = {
        let state = world.state();
        (state.scenario.merchants, state.scenario.workers)
    };
    let engines: Vec<Engine> = (0..merchants)
        .map(|merchant| engine(world, store, merchant, worker))
        .collect::<Result<_, _>>()?;
    let found: Arc<Mutex<Vec<Ending>>> = Arc::default();
    let process: Process = {
        let (world, store, found) = (Arc::clone(world), Arc::clone(store), Arc::clone(&found));
        Box::pin(async move {
            let last = Last {
                world,
                store,
                engines,
                worker,
            };
            let endings = last.look().await;
            *found.lock().unwrap_or_else(PoisonError::into_inner) = endings;
        })
    };
    let mut executor = Executor::new(Arc::clone(&world.time), seed ^ 0xca1);
    executor.start(process);
    let until = world.time.now() + CALM * 4;
    executor.run(until, true, |_| Verdict::GoesOn, Vec::new)?;
    let endings = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
    if endings.len() == merchants {
        Ok(endings)
    } else {
        Err(format!(
            "not at rest by {:?}: a flow never ends",
            world.time.now()
        ))
    }
}

/// The last process of a history.
struct Last {
    world: Arc<World>,
    store: Arc<dyn Store>,
    engines: Vec<Engine>,
    worker: usize,
}

impl Last {
    fn id(&self, merchant: usize) -> MerchantId {
        merchant_id(self.world.state().scenario.seed, merchant)
    }

    /// Runs a flow; whether it came to its end.
    async fn run(&self, merchant: usize, flow: Flow) -> bool {
        let Some(engine) = self.engines.get(merchant) else {
            return false;
        };
        let outcome = process::run(&self.world, engine, (merchant, self.worker), flow).await;
        outcome == FlowOutcome::Completed
    }

    /// Runs a flow of every merchant to its end; a dead worker may still have it for a time.
    async fn all(&self, flow: Flow) {
        for merchant in 0..self.engines.len() {
            for _ in 0..60 {
                if self.run(merchant, flow).await {
                    break;
                }
                self.world.time.sleep(Duration::from_secs(30)).await;
            }
        }
    }

    /// The corrective of every merchant: a level that was written while its worker died is on no record, and only a comparison with
    /// what the shop really shows finds it. A stock run after it, since a corrective that finds the shop right leaves what it was told
    /// as it is on record, and the next run writes that level once more.
    async fn correct_stock(&self) {
        let never = CancellationToken::new();
        for engine in &self.engines {
            for _ in 0..60 {
                if engine.run_stock_corrective(&never).await.completed() {
                    break;
                }
                self.world.time.sleep(Duration::from_secs(30)).await;
            }
        }
        self.all(Flow::Stock).await;
    }

    async fn look(&self) -> Vec<Ending> {
        let end = self.world.time.now() + CALM;
        loop {
            let mut rests = true;
            for merchant in 0..self.engines.len() {
                for flow in [Flow::Orders, Flow::Despatches] {
                    rests &= self.run(merchant, flow).await;
                }
                rests &= self.rests(merchant).await;
            }
            if rests || self.world.time.now() >= end {
                break;
            }
            self.world.time.sleep(self.pause().await).await;
        }
        self.correct_stock().await;
        self.all(Flow::Audit).await;
        let now = self.world.time.now();
        self.world
            .state()
            .note(now, 0, Actor::World, Fact::LookedAt);
        let mut endings = Vec::new();
        for merchant in 0..self.engines.len() {
            let mut ending = Ending::default();
            if let Err(error) = self.snapshot(merchant, &mut ending).await {
                ending.failure = Some(error.to_string());
            }
            endings.push(ending);
        }
        for site in &mut self.world.state().sites {
            site.depot.clear_own_doing();
        }
        // What the vendor put right changes the units it has allocated. And every order is provably inside a stock batch that is
        // younger by more than clocks can be apart: before that, levels still rise by themselves as time goes on.
        self.world.time.sleep(CALM).await;
        self.correct_stock().await;
        self.follow_parcels().await;
        self.all(Flow::Audit).await;
        for (merchant, ending) in endings.iter_mut().enumerate() {
            if let Err(error) = self.afterwards(merchant, ending).await {
                ending.failure = Some(error.to_string());
            }
            ending.replay_wrote = self.replay(merchant).await;
        }
        endings
    }

    /// Lets the carrier be asked after every parcel that is due, however many a run may ask after; returns are read with it.
    async fn follow_parcels(&self) {
        let now = OurClock(Arc::clone(&self.world)).now();
        for merchant in 0..self.engines.len() {
            let id = self.id(merchant);
            for _ in 0..100 {
                let done = self.run(merchant, Flow::Despatches).await;
                let due = self.store.parcels_to_track(&id, now, 1).await;
                if done && due.is_ok_and(|due| due.is_empty()) {
                    break;
                }
            }
        }
    }

    /// What follows after the orders have come to rest.
    async fn afterwards(&self, merchant: usize, ending: &mut Ending) -> Result<(), StoreError> {
        let id = self.id(merchant);
        ending.left_open = self.store.exceptions(&id, true).await?;
        for (order, ended) in &ending.orders {
            let source = &ended.record.id;
            let returned = self.store.returns(&id, source).await?;
            ending.returned.insert(order.clone(), returned);
            let tracked = self.store.tracking(&id, source).await?;
            ending.tracked.insert(order.clone(), tracked);
        }
        let state = self.world.state();
        let Site { depot, carrier, .. } = &state.sites[merchant];
        ending.receipts = depot.receipts.clone();
        ending.ways = carrier.ways.clone();
        Ok(())
    }

    /// Until something is due, within reason.
    async fn pause(&self) -> Duration {
        let now = OurClock(Arc::clone(&self.world)).now();
        let mut soonest = Duration::from_secs(240);
        for engine in &self.engines {
            if let Ok(Some(due)) = engine.next_due(soonest).await {
                soonest = soonest.min((due - now).to_std().unwrap_or_default());
            }
        }
        soonest.max(Duration::from_secs(5))
    }

    /// Whether nothing more is to come of a merchant's orders.
    async fn rests(&self, merchant: usize) -> bool {
        let (placed, waiting) = {
            let state = self.world.state();
            let Site { shop, depot, .. } = &state.sites[merchant];
            let placed: Vec<(order_mapping::SourceOrderId, String)> = shop
                .orders
                .values()
                .map(|kept| (kept.order.id.clone(), kept.version.to_string()))
                .collect();
            (placed, depot.is_busy())
        };
        if waiting {
            return false;
        }
        let ids: Vec<_> = placed.iter().map(|(id, _)| id.clone()).collect();
        let id = self.id(merchant);
        let Ok(known) = self.store.known(&id, &ids).await else {
            return false;
        };
        placed.iter().all(|(id, version)| {
            known.get(id).is_some_and(|record| {
                let ended = record.state.is_settled()
                    || matches!(record.state, OrderState::Parked | OrderState::Held);
                let pending = record
                    .request_state()
                    .is_some_and(|state| state.is_pending());
                ended && !pending && record.source_version.as_ref() == Some(version)
            })
        })
    }

    async fn snapshot(&self, merchant: usize, ending: &mut Ending) -> Result<(), StoreError> {
        let id = self.id(merchant);
        ending.orders = self.read_all(&id).await?;
        ending.told = self.store.exceptions(&id, true).await?;
        let state = self.world.state();
        let Site { shop, depot, .. } = &state.sites[merchant];
        ending.shop = shop.orders.values().cloned().collect();
        ending.depot = depot.orders.clone();
        ending.parcels = depot.feed.clone();
        ending.batches = depot.batches.clone();
        Ok(())
    }

    async fn read_all(&self, merchant: &MerchantId) -> Result<BTreeMap<String, Ended>, StoreError> {
        let mut orders = BTreeMap::new();
        let mut query = OrderQuery::new(&OrderState::ALL, 500);
        loop {
            let page = self.store.scan(merchant, &query).await?;
            let Some(last) = page.last() else { break };
            query.after = Some(last.record.id.clone());
            for dossier in page {
                let order = &dossier.record.id;
                let ended = Ended {
                    lines: self.store.lines(merchant, order).await?,
                    timeline: self.store.timeline(merchant, order).await?,
                    record: dossier.record.clone(),
                };
                orders.insert(order.to_string(), ended);
            }
        }
        Ok(orders)
    }

    /// Reads everything again from the beginning; what that changed, one line each.
    async fn replay(&self, merchant: usize) -> Vec<String> {
        let id = self.id(merchant);
        let writes = || {
            let state = self.world.state();
            let Site { shop, depot, .. } = &state.sites[merchant];
            (shop.writes, depot.writes)
        };
        let digest = |orders: &BTreeMap<String, Ended>| -> Vec<(String, String)> {
            let digest =
                |(id, ended): (&String, &Ended)| (id.clone(), ended.record.timeline_digest.clone());
            orders.iter().map(digest).collect()
        };
        let before = (writes(), self.read_all(&id).await);
        let Some(engine) = self.engines.get(merchant) else {
            return Vec::new();
        };
        let never = CancellationToken::new();
        let window = ChangeWindow::new(DateTime::UNIX_EPOCH, epoch() + TimeDelta::days(3650));
        engine.backfill_orders(window, &never).await;
        engine.backfill_despatches(None, &never).await;
        engine.run_once(Flow::Stock, &never).await;
        // Returns have no backfill: their cursor is put back.
        if let Ok(Some(at)) = self.store.cursor(&id, "returns").await {
            let back = self.store.move_cursor(&id, "returns", Some(&at), "0").await;
            if back.is_err() {
                return vec!["the cursor of returns cannot be put back".to_owned()];
            }
            engine.run_once(Flow::Despatches, &never).await;
        }
        let after = (writes(), self.read_all(&id).await);
        let mut wrote = Vec::new();
        if before.0 != after.0 {
            wrote.push(format!(
                "writes to shop and warehouse {:?}, {:?} before",
                after.0, before.0
            ));
        }
        if let (Ok(before), Ok(after)) = (&before.1, &after.1) {
            for (one, other) in digest(before).iter().zip(digest(after)) {
                if *one != other {
                    wrote.push(format!("the timeline of {} grew", one.0));
                }
            }
        }
        wrote
    }
}
