//! Parcels on their way.

use chrono::{DateTime, Utc};
use order_mapping::{ShipmentStatus, StatusTable};
use order_sync::{
    ClaimKind, Commit, Fence, MerchantId, OrderEvent, OrderRecord, ParcelTracking, Refusal, Store,
};

use super::fixtures::{
    ACCEPTED, at, captured, change, consignment, despatched, id, merchant, moved, read, seconds,
};

/// An order of which parcels have left, each watched from the moment beside it.
async fn watched(store: &dyn Store, text: &str, parcels: &[(&str, i64)]) -> OrderRecord {
    captured(store, text).await;
    let record = moved(store, text, &ACCEPTED).await;
    let contents: Vec<(&str, u32)> = parcels.iter().map(|(parcel, _)| (*parcel, 1)).collect();
    let mut commit = despatched(&record, consignment("D-1", &record, &contents), 20);
    commit.tracking = commit
        .parcels
        .iter()
        .zip(parcels)
        .map(|(parcel, (_, due))| {
            let mut tracking = ParcelTracking::begin(&record.id, parcel).unwrap();
            tracking.due_at = Some(at(*due));
            tracking
        })
        .collect();
    store.commit(commit).await.unwrap().unwrap()
}

async fn of_order(store: &dyn Store, text: &str) -> Vec<ParcelTracking> {
    store.tracking(&merchant(), &id(text)).await.unwrap()
}

fn tracked(record: &OrderRecord, tracking: ParcelTracking) -> Commit {
    let fence = Fence::Unclaimed(record.state, record.token);
    let mut commit = Commit::new(record, fence, OrderEvent::Tracked, at(60), "a scan");
    commit.tracking = vec![tracking];
    commit
}

async fn due(store: &dyn Store, by: i64, limit: usize) -> Vec<String> {
    store
        .parcels_to_track(&merchant(), at(by), limit)
        .await
        .unwrap()
        .into_iter()
        .map(|tracking| format!("{}/{}", tracking.order, tracking.parcel_id))
        .collect()
}

fn scanned(mut tracking: ParcelTracking, at: DateTime<Utc>, status: &str) -> ParcelTracking {
    tracking
        .progress
        .apply(&StatusTable::default().event(at, status));
    tracking
}

pub async fn parcels_are_due_in_their_order_up_to_the_limit(store: &dyn Store) {
    watched(store, "b", &[("P-2", 30), ("P-1", 30)]).await;
    watched(store, "a", &[("P-1", 40), ("P-2", 25), ("P-3", 30)]).await;
    assert_eq!(due(store, 24, 10).await, [""; 0]);
    let all = ["a/P-2", "a/P-3", "b/P-1", "b/P-2", "a/P-1"];
    assert_eq!(due(store, 40, 10).await, all);
    assert_eq!(due(store, 39, 10).await, all[..4]);
    assert_eq!(due(store, 40, 2).await, all[..2]);
    let kept = of_order(store, "a").await;
    assert_eq!(kept.len(), 3);
    assert_eq!((kept[0].parcel_id.as_str(), kept[0].since), ("P-1", at(10)));
    assert_eq!(kept[0].due_at, Some(at(40)));
    assert!(of_order(store, "unheard of").await.is_empty());
    let other = MerchantId::new("southwind");
    let foreign = store.parcels_to_track(&other, at(99), 10).await.unwrap();
    assert!(foreign.is_empty());
    assert!(store.tracking(&other, &id("a")).await.unwrap().is_empty());
}

pub async fn what_is_known_of_a_parcel_only_grows(store: &dyn Store) {
    let record = watched(store, "a", &[("P-1", 30)]).await;
    let begun = of_order(store, "a").await.remove(0);
    // Two that were made side by side from the same copy.
    let mut early = scanned(begun.clone(), at(31), "2");
    early.due_at = Some(at(50));
    let mut late = scanned(begun, at(32), "1");
    late.due_at = Some(at(51));
    for tracking in [late.clone(), early.clone(), early] {
        store
            .commit(tracked(&record, tracking))
            .await
            .unwrap()
            .unwrap();
    }
    let kept = of_order(store, "a").await.remove(0);
    assert_eq!(kept.progress.status(), Some(&ShipmentStatus::Delivered));
    assert_eq!(kept.progress.milestones().len(), 2);
    assert_eq!(kept.progress.latest(), late.progress.latest());
    assert_eq!(kept.due_at, Some(at(50)), "the rest is the last one's");
}

pub async fn a_parcel_that_is_watched_no_more_is_not_due(store: &dyn Store) {
    let record = watched(store, "a", &[("P-1", 30), ("P-2", 30)]).await;
    let mut arrived = scanned(of_order(store, "a").await.remove(0), at(31), "1");
    arrived.due_at = None;
    store
        .commit(tracked(&record, arrived.clone()))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(due(store, 99, 10).await, ["a/P-2"]);
    assert_eq!(of_order(store, "a").await[0], arrived);
}

pub async fn a_scan_leaves_the_claim_and_the_due_time_alone(store: &dyn Store) {
    watched(store, "a", &[("P-1", 30)]).await;
    let claims = store
        .claim(&merchant(), ClaimKind::Relay, 10, seconds(60), at(40))
        .await
        .unwrap();
    let claimed = claims[0].record.clone();
    let before = store.timeline(&merchant(), &id("a")).await.unwrap().len();
    let tracking = scanned(of_order(store, "a").await.remove(0), at(31), "2");
    store
        .commit(tracked(&claimed, tracking.clone()))
        .await
        .unwrap()
        .unwrap();
    let after = read(store, "a").await;
    assert_eq!(
        (after.state, after.token, after.lease_until, after.due_at),
        (
            claimed.state,
            claimed.token,
            claimed.lease_until,
            claimed.due_at
        )
    );
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len(), before + 1);
    assert_eq!(timeline[before].event, OrderEvent::Tracked);
    // An answer without news writes no line.
    let mut quiet = tracked(&after, tracking);
    quiet.quiet = true;
    store.commit(quiet).await.unwrap().unwrap();
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len(), before + 1);
    // Whoever holds the order can still finish.
    let commit = change(&claimed, OrderEvent::RelaySeen, 61);
    store.commit(commit).await.unwrap().unwrap();
}

pub async fn a_refused_scan_is_not_kept(store: &dyn Store) {
    let record = watched(store, "a", &[("P-1", 30)]).await;
    let mut commit = tracked(
        &record,
        scanned(of_order(store, "a").await.remove(0), at(31), "1"),
    );
    commit.fence = Fence::Token(record.token + 1);
    let refused = store.commit(commit).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::Fenced);
    assert_eq!(of_order(store, "a").await[0].progress.status(), None);
    assert_eq!(due(store, 99, 10).await, ["a/P-1"]);
}
