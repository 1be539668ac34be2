//! Parcels on their way: the carrier is asked, its word is kept, and nothing of it moves an order.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{ShipmentStatus, SourceOrderId, StatusRule};
use order_sync::{
    CancellationToken, CarrierScan, Clock as _, DeskAction, DeskCommand, Engine, Exception,
    FailureClass, Flow, FlowOutcome, FlowReport, MerchantId, OrderEvent, OrderState,
    ParcelTracking, PortError, Store as _, Tally, TrackedNumber, TrackingAnswer, TrackingSource,
};

use crate::fakes::{World, despatch, order, start_of_time};

const HOUR: Duration = Duration::from_secs(3600);

/// A carrier that says what it is told.
#[derive(Debug, Default)]
struct Carrier(Mutex<Desk>);

#[derive(Debug, Default)]
struct Desk {
    scans: BTreeMap<String, Vec<CarrierScan>>,
    failing: BTreeMap<String, FailureClass>,
    asked: Vec<String>,
}

#[async_trait]
impl TrackingSource for Carrier {
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        let mut desk = self.0.lock().unwrap();
        desk.asked.push(parcel.number.clone());
        if let Some(class) = desk.failing.get(&parcel.number) {
            return Err(PortError::new(*class, "as told"));
        }
        Ok(match desk.scans.get(&parcel.number) {
            Some(scans) => TrackingAnswer::known(scans.iter().cloned()),
            None => TrackingAnswer::unknown(),
        })
    }
}

impl Carrier {
    /// A scan at that hour of the world.
    fn scan(&self, number: &str, hour: i64, status: &str) {
        let at = start_of_time() + chrono::Duration::hours(hour);
        let mut desk = self.0.lock().unwrap();
        let scans = desk.scans.entry(number.to_owned()).or_default();
        // Newest first, so that nobody relies on the order.
        scans.insert(0, CarrierScan::new(at, status));
    }

    fn fail(&self, number: &str, class: Option<FailureClass>) {
        let mut desk = self.0.lock().unwrap();
        match class {
            Some(class) => desk.failing.insert(number.to_owned(), class),
            None => desk.failing.remove(number),
        };
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut self.0.lock().unwrap().asked);
        asked.sort();
        asked
    }
}

struct Site {
    world: World,
    carrier: Arc<Carrier>,
}

impl Site {
    fn new() -> Self {
        let mut world = World::new();
        for (raw, status) in [
            ("attempted", ShipmentStatus::DeliveryAttempted),
            ("back", ShipmentStatus::Returned),
            ("lost", ShipmentStatus::Lost),
        ] {
            world.profile.shipment.statuses.push(StatusRule {
                raw: raw.to_owned(),
                status,
            });
        }
        Self {
            world,
            carrier: Arc::default(),
        }
    }

    /// An engine that asks the carrier.
    fn engine(&self) -> Engine {
        let builder = self.world.builder();
        builder.with_tracking(self.carrier.clone()).build().unwrap()
    }

    async fn despatches(&self) -> FlowReport {
        self.engine()
            .run_once(Flow::Despatches, &CancellationToken::new())
            .await
    }

    /// The flow after some hours, to its end.
    async fn later(&self, hours: u32) -> FlowReport {
        self.world.clock.advance(HOUR * hours);
        let report = self.despatches().await;
        assert!(report.completed(), "{report:?}");
        report
    }

    /// An order that has left in one parcel, `<id>-T`.
    async fn left(&self, id: &str) {
        self.world.shop.put(order(id));
        self.world.run(Flow::Orders).await;
        let reference = self.world.record(id).await.reference;
        let parcel = despatch(id, &reference, &[("1", 6), ("2", 4)]);
        self.world
            .shelves(|shelves| shelves.despatches.push(parcel));
        self.later(0).await;
    }

    async fn tracking(&self, id: &str) -> Vec<ParcelTracking> {
        let merchant = MerchantId::new("merchant");
        let id = SourceOrderId::new(id);
        self.world.store.tracking(&merchant, &id).await.unwrap()
    }

    async fn status(&self, id: &str) -> Option<ShipmentStatus> {
        self.tracking(id).await[0].progress.status().cloned()
    }

    async fn found(&self) -> Vec<Exception> {
        let merchant = MerchantId::new("merchant");
        self.world.store.exceptions(&merchant, true).await.unwrap()
    }
}

#[tokio::test]
async fn a_parcel_is_followed_until_it_arrives_also_when_its_order_is_closed() {
    let site = Site::new();
    site.left("A").await;
    assert_eq!(site.carrier.asked(), ["A-T"]);
    site.carrier.scan("A-T", 0, "7");
    site.later(1).await;
    assert_eq!(site.world.state("A").await, OrderState::Closed);
    assert_eq!(site.status("A").await, Some(ShipmentStatus::Booked));

    // Nobody is asked before the time.
    site.carrier.asked();
    site.world.clock.advance(Duration::from_secs(60));
    site.later(0).await;
    assert_eq!(site.carrier.asked(), [""; 0]);

    site.carrier.scan("A-T", 2, "2");
    site.carrier.scan("A-T", 3, "1");
    let report = site.later(3).await;
    assert_eq!(report.count(Tally::MilestonesReached), 2);
    assert_eq!(report.count(Tally::ParcelsAsked), 1);
    assert_eq!(site.world.state("A").await, OrderState::Closed);
    let parcel = site.tracking("A").await.remove(0);
    assert!(!parcel.is_watched());
    let delivered = parcel.progress.milestone(&ShipmentStatus::Delivered);
    assert_eq!(
        delivered.unwrap().first_at,
        start_of_time() + chrono::Duration::hours(3)
    );
    let events = site.world.events("A").await;
    let scans = events.iter().filter(|event| **event == OrderEvent::Tracked);
    assert_eq!(scans.count(), 2, "one line for each answer with news");
    let explained = site.world.engine().explain(&SourceOrderId::new("A")).await;
    let explained = explained.unwrap().unwrap();
    assert_eq!(
        explained.answer,
        "it has left, and the buyer sees every parcel; the carrier says: 1 of 1 delivered"
    );
    let note = &explained.timeline.last().unwrap().note;
    assert_eq!(note, "parcel A-P: in transit, delivered");

    site.carrier.asked();
    assert_eq!(site.later(48).await.changes(), 0);
    assert_eq!(site.carrier.asked(), [""; 0]);
    assert!(site.found().await.is_empty());
}

#[tokio::test]
async fn without_a_source_no_parcel_is_watched() {
    let site = Site::new();
    site.world.shop.put(order("A"));
    site.world.run(Flow::Orders).await;
    let reference = site.world.record("A").await.reference;
    let parcel = despatch("A", &reference, &[("1", 6), ("2", 4)]);
    site.world
        .shelves(|shelves| shelves.despatches.push(parcel));
    site.world.run(Flow::Despatches).await;
    assert_eq!(site.world.state("A").await, OrderState::Relayed);
    assert!(site.tracking("A").await.is_empty());
}

#[tokio::test]
async fn what_a_carrier_forgets_or_tells_late_moves_nothing_back() {
    let site = Site::new();
    site.left("A").await;
    site.carrier.scan("A-T", 1, "attempted");
    site.later(1).await;
    site.carrier.0.lock().unwrap().scans.clear();
    site.later(1).await;
    assert!(!site.tracking("A").await[0].known);
    assert_eq!(
        site.status("A").await,
        Some(ShipmentStatus::DeliveryAttempted)
    );
    site.carrier.scan("A-T", 0, "2");
    let report = site.later(1).await;
    assert_eq!(report.count(Tally::MilestonesReached), 1);
    assert_eq!(
        site.status("A").await,
        Some(ShipmentStatus::DeliveryAttempted)
    );
}

#[tokio::test]
async fn what_needs_a_person_opens_and_closes_by_itself() {
    let site = Site::new();
    site.left("A").await;
    site.later(71).await;
    assert!(site.found().await.is_empty());
    site.later(1).await;
    let found = site.found().await;
    assert_eq!(found[0].finding.code, "NO_CARRIER_MOVEMENT");
    assert_eq!(found[0].finding.subject.as_str(), "parcel:A/A-P");
    assert_eq!(found[0].finding.detail, "A-T is not known to the carrier");
    assert_eq!(found[0].finding.examples, ["#A"]);
    let engine = site.world.engine();
    let explained = engine.explain(&SourceOrderId::new("A")).await.unwrap();
    let explained = explained.unwrap();
    assert_eq!(explained.exceptions.len(), 1);
    assert_eq!(explained.todo.unwrap().owner, "warehouse operations");

    site.carrier.scan("A-T", 72, "2");
    site.later(1).await;
    assert!(site.found().await.is_empty());
    site.carrier.scan("A-T", 73, "attempted");
    site.carrier.scan("A-T", 74, "4");
    site.later(2).await;
    assert_eq!(
        site.world.open_codes().await,
        ["DELIVERY_ATTEMPTED", "PARCEL_HELD"]
    );
    site.carrier.scan("A-T", 75, "lost");
    site.later(1).await;
    assert_eq!(site.world.open_codes().await, ["PARCEL_LOST"]);
    site.carrier.scan("A-T", 77, "1");
    site.later(1).await;
    assert!(site.found().await.is_empty());
}

#[tokio::test]
async fn what_a_person_closed_stays_closed_while_the_parcel_is_asked_after() {
    let site = Site::new();
    site.left("A").await;
    site.carrier.scan("A-T", 0, "attempted");
    site.later(1).await;
    let number = site.found().await[0].number;
    let close = DeskCommand::new(number, DeskAction::Close, "Alex", "the buyer knows");
    let engine = site.world.engine();
    engine.act_on_exception(close).await.unwrap();
    // Runs that ask after it and runs that do not.
    for _ in 0..4 {
        site.world.clock.advance(Duration::from_secs(1_800));
        site.despatches().await;
    }
    let found = site.found().await;
    assert_eq!(found.len(), 1);
    assert!(!found[0].is_open());
    assert_eq!(found[0].number, number);
}

#[tokio::test]
async fn a_parcel_that_came_back_waits_for_a_person() {
    let site = Site::new();
    site.left("A").await;
    site.carrier.scan("A-T", 1, "back");
    site.later(1).await;
    assert!(!site.tracking("A").await[0].is_watched());
    for _ in 0..2 {
        assert_eq!(site.world.open_codes().await, ["PARCEL_RETURNED"]);
        // Others are asked after, and it stays.
        site.left("B").await;
    }
}

#[tokio::test]
async fn an_unknown_status_is_one_exception_for_all_and_goes_with_its_row() {
    let mut site = Site::new();
    for id in ["A", "B"] {
        site.left(id).await;
        site.carrier.scan(&format!("{id}-T"), 0, "2");
        site.carrier.scan(&format!("{id}-T"), 1, "6");
    }
    site.later(2).await;
    let found = site.found().await;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].finding.code, "STATUS_UNKNOWN");
    assert_eq!(found[0].finding.subject.as_str(), "tracking-status:6");
    assert_eq!(site.status("A").await, Some(ShipmentStatus::InTransit));

    site.world.profile.shipment.statuses.push(StatusRule {
        raw: "6".to_owned(),
        status: ShipmentStatus::OutForDelivery,
    });
    site.later(1).await;
    assert!(site.found().await.is_empty());
    assert_eq!(site.status("A").await, Some(ShipmentStatus::OutForDelivery));
}

#[tokio::test]
async fn a_run_asks_for_so_many_and_a_bad_parcel_keeps_none_back() {
    let mut site = Site::new();
    site.world.settings.tracking_per_run = 2;
    site.world.settings.batch = 1;
    for id in ["A", "B", "C"] {
        site.left(id).await;
    }
    site.carrier.asked();
    site.carrier.fail("A-T", Some(FailureClass::Unavailable));
    assert_eq!(site.later(1).await.count(Tally::ParcelsAsked), 2);
    assert_eq!(site.carrier.asked(), ["A-T", "B-T"]);
    site.later(0).await;
    assert_eq!(site.carrier.asked(), ["C-T"]);
    site.later(0).await;
    assert_eq!(site.carrier.asked(), [""; 0]);
    assert!(
        site.found().await.is_empty(),
        "it may be the carrier's fault"
    );

    site.carrier.fail("A-T", Some(FailureClass::Rejected));
    site.later(1).await;
    assert_eq!(site.world.open_codes().await, ["TRACKING_UNREADABLE"]);
    site.carrier.fail("A-T", None);
    site.later(1).await;
    site.later(0).await;
    assert!(site.found().await.is_empty());
}

#[tokio::test]
async fn a_busy_carrier_is_left_alone_and_keeps_no_order_back() {
    let site = Site::new();
    site.carrier.fail("A-T", Some(FailureClass::Throttled));
    site.world.shop.put(order("A"));
    site.world.run(Flow::Orders).await;
    let reference = site.world.record("A").await.reference;
    let parcel = despatch("A", &reference, &[("1", 6), ("2", 4)]);
    site.world
        .shelves(|shelves| shelves.despatches.push(parcel));
    let report = site.despatches().await;
    assert!(matches!(report.outcome, FlowOutcome::Failed { .. }));
    assert_eq!(site.world.state("A").await, OrderState::Relayed);
    assert_eq!(site.carrier.asked(), ["A-T"]);
    let parcel = site.tracking("A").await.remove(0);
    assert_eq!(parcel.due_at, Some(site.world.clock.now()), "still due");
    assert_eq!(parcel.failures, 0);
    site.carrier.fail("A-T", None);
    site.later(1).await;
    assert_eq!(site.carrier.asked(), ["A-T"]);
    assert_eq!(site.world.state("A").await, OrderState::Closed);
}

#[tokio::test]
async fn an_old_parcel_is_let_go_and_people_are_told() {
    let site = Site::new();
    site.left("A").await;
    site.carrier.scan("A-T", 1, "2");
    site.later(2).await;
    site.later(30 * 24).await;
    site.carrier.asked();
    assert_eq!(site.world.open_codes().await, ["PARCEL_NOT_FOLLOWED"]);
    assert_eq!(site.found().await[0].finding.detail, "A-T is in transit");
    let engine = site.world.engine();
    let explained = engine.explain(&SourceOrderId::new("A")).await.unwrap();
    let note = explained.unwrap().timeline.last().unwrap().note.clone();
    assert_eq!(
        note,
        "parcel A-P is watched no more after 30 days; it is in transit"
    );
    site.later(24).await;
    assert_eq!(site.carrier.asked(), [""; 0]);
    assert_eq!(site.world.open_codes().await, ["PARCEL_NOT_FOLLOWED"]);
}

#[tokio::test]
async fn a_carrier_that_is_down_is_one_exception_and_every_parcel_is_asked_after_later() {
    let site = Site::new();
    let ids: Vec<String> = (10..40).map(|number| format!("A{number}")).collect();
    for id in &ids {
        site.world.shop.put(order(id));
        let number = format!("{id}-T");
        site.carrier.fail(&number, Some(FailureClass::Unavailable));
    }
    site.world.run(Flow::Orders).await;
    for id in &ids {
        let reference = site.world.record(id).await.reference;
        let parcel = despatch(id, &reference, &[("1", 6), ("2", 4)]);
        site.world
            .shelves(|shelves| shelves.despatches.push(parcel));
    }
    // One engine throughout: circuits live as long as it does.
    let engine = site.engine();
    let stop = CancellationToken::new();
    for _ in 0..4 {
        assert!(engine.run_once(Flow::Despatches, &stop).await.completed());
        site.world.clock.advance(Duration::from_secs(120));
    }
    assert!(site.carrier.asked().len() < ids.len(), "it is left alone");
    assert_eq!(site.world.open_codes().await, ["CIRCUIT_OPEN"]);
    for id in &ids {
        site.carrier.fail(&format!("{id}-T"), None);
    }
    for _ in 0..4 {
        site.world.clock.advance(Duration::from_secs(1_200));
        engine.run_once(Flow::Despatches, &stop).await;
    }
    let mut asked = site.carrier.asked();
    asked.dedup();
    assert_eq!(asked.len(), ids.len());
    assert_eq!(site.world.open_codes().await, Vec::<String>::new());
}
