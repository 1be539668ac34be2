use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use futures_util::FutureExt as _;
use order_mapping::{ReleaseFacts, SalesOrder, SourceSku};
use order_sync::{PublishOutcome, ShopLevel, StockSink, TrackedNumber, TrackingAnswer};

use super::*;

/// A clock whose sleeps are over at once, and counted.
#[derive(Debug, Default)]
struct CountingClock(AtomicU64);

#[async_trait]
impl Clock for CountingClock {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }

    async fn sleep(&self, duration: Duration) {
        self.0.fetch_add(duration.as_secs(), Ordering::Relaxed);
    }
}

/// A shop that takes every level, and says how often it was told.
#[derive(Debug, Default)]
struct Board(Mutex<Vec<i64>>);

impl Board {
    fn told(&self) -> Vec<i64> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

#[async_trait]
impl StockSink for Board {
    fn location(&self) -> &str {
        "default"
    }

    async fn publish(&self, levels: &[ShopLevel]) -> PublishOutcome {
        let mut outcome = PublishOutcome::default();
        for level in levels {
            self.0
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(level.level);
            outcome.taken.push(level.sku.clone());
        }
        outcome
    }

    async fn levels(&self, _skus: &[SourceSku]) -> Result<Vec<ShopLevel>, PortError> {
        Ok(Vec::new())
    }
}

struct Case {
    plan: Arc<FaultPlan>,
    clock: Arc<CountingClock>,
    board: Arc<Board>,
    sink: Arc<dyn StockSink>,
}

impl Case {
    fn new() -> Self {
        let clock = Arc::new(CountingClock::default());
        let plan = FaultPlan::new(Arc::<CountingClock>::clone(&clock));
        let board = Arc::new(Board::default());
        let sink = around_shop::stock_sink(&plan, Arc::<Board>::clone(&board));
        Self {
            plan,
            clock,
            board,
            sink,
        }
    }

    /// Publishes two levels; how many were taken and how many failed.
    async fn publish(&self) -> (usize, usize) {
        let level = |sku: &str, level| ShopLevel::new(SourceSku::new(sku), level);
        let outcome = self.sink.publish(&[level("MUG", 1), level("CUP", 2)]).await;
        (outcome.taken.len(), outcome.failed.len())
    }
}

#[tokio::test]
async fn without_instructions_everything_goes_through_and_is_written_down() {
    let case = Case::new();
    assert_eq!(case.publish().await, (2, 0));
    assert_eq!(
        case.sink.levels(&[]).await.map(|levels| levels.len()).ok(),
        Some(0)
    );
    let calls: Vec<Call> = case.plan.calls().iter().map(|one| one.call).collect();
    assert_eq!(calls, [Call::Publish, Call::Levels]);
}

#[tokio::test]
async fn a_rejected_call_changes_nothing_and_a_lost_answer_does() {
    let case = Case::new();
    let class = FailureClass::Unavailable;
    case.plan.next(Call::Publish, Fault::Reject(class));
    assert_eq!(case.publish().await, (0, 2));
    assert!(case.board.told().is_empty());

    case.plan.next(Call::Publish, Fault::FailAfterWrite(class));
    assert_eq!(case.publish().await, (0, 2));
    assert_eq!(case.board.told(), [1, 2]);
    assert_eq!(case.publish().await, (2, 0), "the next one goes through");
}

#[tokio::test]
async fn what_is_for_the_next_call_comes_before_what_is_for_all() {
    let case = Case::new();
    let class = FailureClass::Throttled;
    case.plan.always(Call::Levels, Fault::Reject(class));
    case.plan.next(Call::Levels, Fault::None);
    assert!(case.sink.levels(&[]).await.is_ok());
    for _ in 0..2 {
        let refused = case.sink.levels(&[]).await.map_err(|error| error.class());
        assert_eq!(refused.err(), Some(class));
    }
    case.plan.clear();
    assert!(case.sink.levels(&[]).await.is_ok());
    assert_eq!(case.plan.count(Call::Levels), 4);
}

#[tokio::test]
async fn a_held_call_waits_until_it_is_released_and_a_slow_one_takes_the_clocks_time() {
    let case = Case::new();
    case.plan.next(Call::Publish, Fault::Hold);
    let mut held = Box::pin(case.publish());
    assert_eq!((&mut held).now_or_never(), None);
    assert!(case.board.told().is_empty());
    case.plan.release();
    assert_eq!(held.await, (2, 0));

    case.plan
        .next(Call::Publish, Fault::Slow(Duration::from_secs(40)));
    assert_eq!(case.publish().await, (2, 0));
    assert_eq!(case.clock.0.load(Ordering::Relaxed), 40);
}

#[tokio::test]
async fn a_call_takes_effect_late_or_twice() {
    let case = Case::new();
    case.plan.next(Call::Publish, Fault::ApplyLate);
    assert_eq!(case.publish().await, (0, 2));
    assert!(case.board.told().is_empty());
    assert_eq!(case.plan.apply_late().await, 1);
    assert_eq!(case.board.told(), [1, 2]);
    assert_eq!(case.plan.apply_late().await, 0, "once");

    case.plan.next(Call::Publish, Fault::ApplyTwice);
    assert_eq!(case.publish().await, (2, 0));
    assert_eq!(case.board.told(), [1, 2, 1, 2, 1, 2]);

    // What only reads has no effect that could come late.
    case.plan.next(Call::Levels, Fault::ApplyLate);
    assert!(case.sink.levels(&[]).await.is_err());
    assert_eq!(case.plan.apply_late().await, 0);
}

#[tokio::test]
async fn an_answer_that_is_held_comes_after_the_effect() {
    let case = Case::new();
    case.plan.next(Call::Publish, Fault::HoldAfterWrite);
    assert_eq!(case.plan.until_held(1).now_or_never(), None);
    let mut held = Box::pin(case.publish());
    assert_eq!((&mut held).now_or_never(), None);
    assert_eq!(case.plan.until_held(1).now_or_never(), Some(()));
    assert_eq!(case.board.told(), [1, 2]);
    case.plan.release();
    assert_eq!(held.await, (2, 0));

    // Whoever dies meanwhile has written, and never hears of it.
    case.plan.next(Call::Publish, Fault::HoldAfterWrite);
    assert_eq!(case.publish().now_or_never(), None);
    assert_eq!(case.board.told(), [1, 2, 1, 2]);
    assert_eq!(case.plan.until_held(2).now_or_never(), Some(()));
}

/// A carrier and a credit desk that know nothing, and say how often they were asked.
#[derive(Debug, Default)]
struct Desk(AtomicU64);

#[async_trait]
impl TrackingSource for Desk {
    async fn scans(&self, _parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(TrackingAnswer::unknown())
    }
}

#[async_trait]
impl ReleaseFactsSource for Desk {
    async fn facts(&self, _order: &SalesOrder) -> Result<ReleaseFacts, PortError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(ReleaseFacts::default())
    }
}

#[tokio::test]
async fn a_plan_stands_before_tracking_and_further_facts_too() {
    let plan = FaultPlan::new(Arc::new(CountingClock::default()));
    let desk = Arc::new(Desk::default());
    let tracking = plan.around_tracking(Arc::<Desk>::clone(&desk));
    let facts = plan.around_release_facts(Arc::<Desk>::clone(&desk));
    let (parcel, order) = (TrackedNumber::new("T1"), SalesOrder::new("1"));
    let asked = || desk.0.load(Ordering::Relaxed);

    plan.next(Call::Scans, Fault::Reject(FailureClass::Throttled));
    let refused = tracking.scans(&parcel).await.map_err(|error| error.class());
    assert_eq!((refused.err(), asked()), (Some(FailureClass::Throttled), 0));
    plan.next(Call::Scans, Fault::ApplyTwice);
    assert!(tracking.scans(&parcel).await.is_ok());
    assert_eq!(asked(), 2);

    plan.next(
        Call::Facts,
        Fault::FailAfterWrite(FailureClass::Unavailable),
    );
    let lost = facts.facts(&order).await.map_err(|error| error.class());
    assert_eq!((lost.err(), asked()), (Some(FailureClass::Unavailable), 3));
    plan.next(Call::Facts, Fault::ApplyLate);
    assert!(facts.facts(&order).await.is_err());
    assert_eq!((plan.apply_late().await, asked()), (0, 3), "it only reads");
    assert!(facts.facts(&order).await.is_ok());
    assert_eq!((plan.count(Call::Scans), plan.count(Call::Facts)), (2, 3));
}
