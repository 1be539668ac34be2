//! Shop and warehouse of a round, and what buyers, people and other systems do there.

mod earlier;

use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};
use connector_sim::{
    Fault, FaultKind, OrderStatus, SparkLayerOptions, SparkLayerSim, WhistlOptions, WhistlSim,
};
use end_to_end::PurchaseDraft;
use http::Method;
use order_sync::{Clock as _, SystemClock};
use tempfile::TempDir;

use crate::site::{self, UNKNOWN_ARTICLE};
use crate::task::{Canary, StoreAt, Task};
use earlier::Earlier;

/// What an order is meant to come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It goes to the warehouse and leaves.
    Sound,
    /// Its shipping option is not in the table: it waits on record.
    Held,
    /// The warehouse refuses it: it is parked.
    Refused,
    /// Its buyer wants more units after it was sent.
    Changed,
    /// It is cancelled in the shop after it was sent.
    Cancelled,
    /// An earlier deployment, whose store is gone, has sent it already.
    Known,
}

/// An order in the shop.
#[derive(Debug, Clone)]
pub(crate) struct Placed {
    pub(crate) draft: PurchaseDraft,
    pub(crate) number: u32,
    pub(crate) fate: Fate,
    placed_at: DateTime<Utc>,
}

impl Placed {
    /// The buyer's own number, which travels to the warehouse beside our reference: how an order is known there without us.
    pub(crate) fn purchase_order(&self) -> String {
        format!("PO-{}", self.number)
    }
}

/// A shop and a warehouse on loopback, with a folder for stores and logs.
pub(crate) struct World {
    pub(crate) shop: SparkLayerSim,
    pub(crate) warehouse: WhistlSim,
    pub(crate) placed: Vec<Placed>,
    /// Orders that only the warehouse knows so far.
    waiting: Vec<Placed>,
    earlier: Earlier,
    folder: TempDir,
    random: fastrand::Rng,
    days: u64,
    ahead: Duration,
}

impl World {
    /// An empty shop and a warehouse with full shelves.
    pub(crate) async fn start(seed: u64) -> Result<Self, String> {
        let failed = |error: std::io::Error| error.to_string();
        // The simulators' clocks show whole seconds. They begin after the store, so that an order that is placed later is one that
        // the store cannot have forgotten.
        let now = SystemClock::new().now();
        let start = now
            .duration_trunc(TimeDelta::seconds(1))
            .map_err(|error| error.to_string())?
            + TimeDelta::seconds(60);
        let options = SparkLayerOptions::default().with_clock_start(start);
        let shop = SparkLayerSim::start(options).await.map_err(failed)?;
        let options = WhistlOptions::default().with_clock_start(start);
        let warehouse = WhistlSim::start(options).await.map_err(failed)?;
        for (code, _) in &site::setup().shelf {
            warehouse.seed_stock(code, 100_000);
        }
        Ok(Self {
            earlier: Earlier::start(&warehouse, start).await?,
            shop,
            warehouse,
            placed: Vec::new(),
            waiting: Vec::new(),
            folder: TempDir::new().map_err(failed)?,
            random: fastrand::Rng::with_seed(seed),
            days: 0,
            ahead: Duration::ZERO,
        })
    }

    /// The folder of the round.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Numbers that follow from the seed.
    pub(crate) fn random(&mut self) -> &mut fastrand::Rng {
        &mut self.random
    }

    /// What a victim of this world is told.
    pub(crate) fn task(&self, store: StoreAt, canary: Option<Canary>) -> Task {
        Task {
            store,
            shop: self.shop.base_url(),
            warehouse: self.warehouse.base_url(),
            extra_articles: self.days,
            death: None,
            in_flight: 8,
            batch: 32,
            connections: 8,
            ahead: self.ahead,
            max_bytes: None,
            room: None,
            rest: self.rest_file(),
            canary,
        }
    }

    /// The store has gone back in time: victims that are started from now on have a time of day that is so far ahead.
    pub(crate) fn restored_after(&mut self, ahead: Duration) {
        self.ahead = ahead;
    }

    /// Whether the store has forgotten what it once knew.
    pub(crate) fn is_restored(&self) -> bool {
        !self.ahead.is_zero()
    }

    fn rest_file(&self) -> PathBuf {
        self.folder.path().join("rest")
    }

    /// What happens between two cycles: the warehouse sends what it has (`sends`) or leaves it for later, buyers change, cancel and
    /// place orders, somebody counts the shelf. So many sound orders are placed beside the others.
    pub(crate) async fn day(&mut self, sound: u32, sends: bool) -> Result<(), String> {
        self.days += 1;
        if self.waiting.is_empty() {
            self.send_earlier().await?;
        }
        if sends {
            self.tick();
        }
        for fate in [Fate::Changed, Fate::Cancelled] {
            self.change_one(fate)?;
        }
        for known in std::mem::take(&mut self.waiting) {
            self.put(known)?;
        }
        for _ in 0..sound {
            self.place(Fate::Sound)?;
        }
        if self.days == 1 || self.random.u32(0..4) == 0 {
            self.place(Fate::Held)?;
        }
        if self.random.u32(0..4) == 0 {
            self.place(Fate::Refused)?;
        }
        self.send_earlier().await?;
        let units = self.random.i64(1..9);
        self.warehouse
            .adjust_stock("MUG01", -units)
            .map_err(|error| error.to_string())
    }

    /// The earlier deployment sends an order, of which the shop tells the later one only the next day.
    async fn send_earlier(&mut self) -> Result<(), String> {
        let known = self.new_order(Fate::Known);
        let document = known.draft.placed(known.placed_at);
        self.earlier.send(&document).await?;
        self.waiting.push(known);
        Ok(())
    }

    /// Faults that stretch a run and lose replies, so that what is done to the process meets every stage.
    pub(crate) fn disturb(&mut self, creates: u32) {
        let faults = self.warehouse.faults();
        for kind in [
            FaultKind::LoseReplyAfterApplying,
            FaultKind::LoseReplyBeforeApplying,
        ] {
            if self.random.u32(0..3) == 0 {
                let skip = self.random.u32(0..creates.max(1));
                faults.arm(Fault::on(Method::POST, "/v1/orders", kind).after(skip));
            }
        }
        for _ in 0..creates {
            let slow = FaultKind::Slow(self.random.u64(5..40));
            faults.arm(Fault::on(Method::POST, "/v1/orders", slow));
        }
    }

    /// Every create takes so long from now on.
    pub(crate) fn slow_creates(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let slow = Fault::on(Method::POST, "/v1/orders", FaultKind::Slow(millis));
        self.warehouse.faults().arm(slow.times(u32::MAX));
    }

    /// No fault is armed any more.
    pub(crate) fn calm(&self) {
        self.warehouse.faults().clear();
        self.shop.faults().clear();
    }

    /// The last day: what was kept back is placed, nothing goes wrong any more, and victims are told how many orders there are.
    pub(crate) fn last_day(&mut self) -> Result<(), String> {
        self.calm();
        for known in std::mem::take(&mut self.waiting) {
            self.put(known)?;
        }
        // Moved to its place: nobody reads half of it.
        let (draft, rest) = (self.folder.path().join("rest.new"), self.rest_file());
        std::fs::write(&draft, self.placed.len().to_string())
            .and_then(|()| std::fs::rename(&draft, &rest))
            .map_err(|error| format!("{}: {error}", rest.display()))
    }

    /// The warehouse sends everything it has.
    pub(crate) fn tick(&self) {
        self.pass(Duration::from_secs(1));
        self.warehouse.tick();
    }

    /// Creates that the warehouse has taken.
    pub(crate) fn accepted(&self) -> u64 {
        self.warehouse.writes().accepted
    }

    fn pass(&self, time: Duration) {
        self.shop.advance_clock(time);
        self.warehouse.advance_clock(time);
    }

    fn new_order(&mut self, fate: Fate) -> Placed {
        let number = 1000 + u32::try_from(self.placed.len() + self.waiting.len()).unwrap_or(0);
        let units = self.random.u32(1..5);
        let mut draft = PurchaseDraft::new(number);
        draft = match fate {
            Fate::Held => draft.option("Saturday Pallet"),
            Fate::Refused => draft.lines(&[(UNKNOWN_ARTICLE, units)]),
            _ => draft.lines(&[("MUG-01", units), ("CUP/RED", 1)]),
        };
        let now = self.shop.now();
        let placed_at = match fate {
            Fate::Known => now - TimeDelta::days(1),
            _ => now,
        };
        Placed {
            draft,
            number,
            fate,
            placed_at,
        }
    }

    fn place(&mut self, fate: Fate) -> Result<(), String> {
        let order = self.new_order(fate);
        self.put(order)
    }

    fn put(&mut self, order: Placed) -> Result<(), String> {
        self.write(&order)?;
        self.placed.push(order);
        Ok(())
    }

    fn write(&self, order: &Placed) -> Result<(), String> {
        self.pass(Duration::from_secs(2));
        let document = order.draft.placed(order.placed_at);
        self.shop
            .put_purchase_text(&document.to_string())
            .map_err(|error| error.to_string())
    }

    /// The buyer of an order that the warehouse has and has not sent changes or cancels it, if there is one.
    fn change_one(&mut self, fate: Fate) -> Result<(), String> {
        let there: Vec<String> = self
            .warehouse
            .orders()
            .iter()
            .filter(|order| order.status == OrderStatus::Accepted)
            .filter_map(|order| purchase_order_of(&order.document()))
            .collect();
        let found = self
            .placed
            .iter_mut()
            .find(|order| order.fate == Fate::Sound && there.contains(&order.purchase_order()));
        let Some(order) = found else { return Ok(()) };
        order.fate = fate;
        order.draft = match fate {
            Fate::Cancelled => order.draft.clone().set("/packages/0/type", "cancelled"),
            _ => order.draft.clone().lines(&[("MUG-01", 7), ("CUP/RED", 1)]),
        };
        let order = order.clone();
        self.write(&order)
    }
}

/// The buyer's number of an order at the warehouse.
pub(crate) fn purchase_order_of(document: &serde_json::Value) -> Option<String> {
    Some(document.get("otherrefnum")?.as_str()?.to_owned())
}
