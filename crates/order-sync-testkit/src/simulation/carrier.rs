//! A simulated carrier: what happens to every parcel on its way, and the port before it.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use order_mapping::{ShipmentStatus, StatusRule, StatusTable};
use order_sync::{CarrierScan, PortError, TrackedNumber, TrackingAnswer, TrackingSource};

use super::world::{Arrival, Caller, Kind, State};

/// A scan of a parcel, and from when on the carrier tells it: some come late.
#[derive(Debug, Clone)]
pub(super) struct Scanned {
    pub(super) at: Duration,
    pub(super) told_from: Duration,
    pub(super) text: &'static str,
}

/// The truth of a carrier: every scan of every parcel, by tracking number.
#[derive(Debug, Default)]
pub(super) struct Carrier {
    pub(super) ways: BTreeMap<String, Vec<Scanned>>,
}

/// Texts that the carrier has beside those of the usual table.
const TEXTS: [(&str, ShipmentStatus); 6] = [
    ("at depot", ShipmentStatus::AtDepot),
    ("on van", ShipmentStatus::OutForDelivery),
    ("attempted", ShipmentStatus::DeliveryAttempted),
    ("lost", ShipmentStatus::Lost),
    ("returning", ShipmentStatus::ReturningToSender),
    ("returned", ShipmentStatus::Returned),
];

/// What the carrier's texts mean. `drone` has no row: people have to be told of it.
pub(super) fn status_table() -> StatusTable {
    let mut table = StatusTable::default();
    let rows = TEXTS.into_iter().map(|(raw, status)| StatusRule {
        raw: raw.to_owned(),
        status,
    });
    table.statuses.extend(rows);
    table
}

/// How far a parcel may get, each way in the order of its scans.
const WAYS: [&[&str]; 7] = [
    &["7", "2", "at depot", "on van", "1"],
    &["7", "2", "5", "at depot", "on van", "1"],
    &["7", "2", "on van", "attempted", "on van", "1"],
    &["7", "2", "at depot", "drone", "1"],
    &["7", "2", "lost"],
    &["7", "2", "on van", "attempted", "returning", "returned"],
    &["7", "2", "at depot", "5"],
];

impl State {
    /// A parcel is handed to the carrier: everything that is going to happen to it is drawn now, within half an hour, and told by the
    /// carrier within an hour.
    pub(super) fn hand_to_carrier(&mut self, merchant: usize, now: Duration, number: &str) {
        // Half of the parcels go the plain way.
        let way = WAYS.get(self.rng.usize(0..WAYS.len() * 2));
        let way = way.unwrap_or(&WAYS[0]);
        let mut at = now;
        let mut scans = Vec::new();
        for text in *way {
            at += Duration::from_secs(self.rng.u64(1..=300));
            let late = if self.rng.u32(0..4) == 0 { 1800 } else { 20 };
            let told_from = at + Duration::from_secs(self.rng.u64(0..late));
            scans.push(Scanned {
                at,
                told_from,
                text,
            });
        }
        let carrier = &mut self.sites[merchant].carrier;
        carrier.ways.insert(number.to_owned(), scans);
    }
}

/// What it says of a parcel now: the scans that it tells by now, in any order, some twice; while faults last some are missing from one
/// answer and not from the next.
fn answer(arrival: &mut Arrival<'_>, merchant: usize, number: &str) -> TrackingAnswer {
    let now = arrival.now;
    let state = &mut *arrival.state;
    let (rng, calm) = (&mut state.rng, state.calm);
    let Some(way) = state.sites[merchant].carrier.ways.get(number) else {
        return TrackingAnswer::unknown();
    };
    let mut scans: Vec<CarrierScan> = way
        .iter()
        .filter(|scan| scan.told_from <= now)
        .filter(|_| calm || rng.u32(0..5) > 0)
        .map(|scan| CarrierScan::new(super::world::true_time(scan.at), scan.text))
        .collect();
    if let Some(first) = scans.first().filter(|_| rng.bool()).cloned() {
        scans.push(first);
    }
    rng.shuffle(&mut scans);
    if scans.is_empty() {
        return TrackingAnswer::unknown();
    }
    TrackingAnswer::known(scans)
}

/// The carrier's port, as a worker's adapter stands before it.
#[derive(Debug)]
pub(super) struct CarrierPort(pub(super) Caller);

#[async_trait]
impl TrackingSource for CarrierPort {
    async fn scans(&self, parcel: &TrackedNumber) -> Result<TrackingAnswer, PortError> {
        let (merchant, number) = (self.0.merchant, parcel.number.clone());
        self.0
            .call("scans", Kind::Read, move |arrival| {
                answer(arrival, merchant, &number)
            })
            .await
    }
}
