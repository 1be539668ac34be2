//! Leases: whose clock judges them, and that nobody has what another one has.

use std::collections::BTreeMap;
use std::time::Duration as Time;

use chrono::Duration;
use futures_util::future::join_all;
use order_sync::{ClaimKind, OrderEvent, OrderState, Refusal, Store as _};

use crate::fixtures::{at, captured, change, id, merchant, moved, ready};
use crate::server::Namespace;

/// Two clocks, each wrong by years in its own direction.
const SLOW: i64 = -100_000_000;
const FAST: i64 = 100_000_000;

#[tokio::test]
async fn a_flow_is_held_by_the_databases_time_whatever_the_workers_clocks_say() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let merchant = merchant();
    let take = |clock: i64, lease: Duration| store.take_flow(&merchant, "orders", lease, at(clock));
    let minute = Duration::seconds(60);
    let held = take(SLOW, minute).await.unwrap().unwrap();
    assert_eq!(
        held.until,
        at(SLOW) + minute,
        "the holder counts by its own clock"
    );
    assert_eq!(take(FAST, minute).await.unwrap(), None);
    store.release_flow(held.clone()).await.unwrap();

    // One that ran out is free, and only then.
    let short = take(FAST, Duration::milliseconds(400))
        .await
        .unwrap()
        .unwrap();
    assert!(short.token > held.token);
    assert_eq!(take(SLOW, minute).await.unwrap(), None);
    // Held longer by the holder's own clock; asked for twice, it is no longer than asked for.
    let until = short.until + Duration::milliseconds(400);
    for _ in 0..5 {
        let renewed = store.renew_flow(&short, until).await.unwrap().unwrap();
        assert_eq!(renewed.until, until);
    }
    tokio::time::sleep(Time::from_millis(450)).await;
    assert_eq!(take(FAST, minute).await.unwrap(), None, "it was renewed");
    tokio::time::sleep(Time::from_millis(450)).await;
    let next = take(SLOW, minute).await.unwrap().unwrap();
    assert_eq!(store.renew_flow(&short, at(FAST * 2)).await.unwrap(), None);
    assert!(next.token > short.token);
}

#[tokio::test]
async fn an_order_is_held_by_the_databases_time() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let merchant = merchant();
    ready(&store, &merchant, "a").await;
    ready(&store, &merchant, "b").await;
    let claim = |kind, clock: i64, lease| {
        store.claim(&merchant, kind, 1, Duration::milliseconds(lease), at(clock))
    };
    let expire = |clock: i64| store.expire_leases(&merchant, Duration::seconds(600), at(clock));
    assert_eq!(claim(ClaimKind::Send, 2, 60_000).await.unwrap().len(), 1);
    assert_eq!(
        expire(FAST).await.unwrap(),
        0,
        "no clock makes it run out earlier"
    );
    assert_eq!(claim(ClaimKind::Send, FAST, 300).await.unwrap().len(), 1);
    assert_eq!(expire(FAST).await.unwrap(), 0);
    tokio::time::sleep(Time::from_millis(350)).await;
    assert_eq!(expire(2).await.unwrap(), 1, "and none later");
    let found = store
        .orders(&merchant, &[OrderState::OutcomeUnknown], None, 9)
        .await
        .unwrap();
    assert_eq!(found.len(), 1);
    let settled = found[0].due_at.unwrap();
    let now: chrono::DateTime<chrono::Utc> = namespace
        .admin()
        .await
        .query_one("SELECT clock_timestamp()", &[])
        .await
        .unwrap()
        .get(0);
    let wait = settled - now;
    assert!(
        wait > Duration::seconds(590) && wait < Duration::seconds(600),
        "{wait}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_workers_take_every_order_once() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let merchant = merchant();
    for number in 0..120 {
        ready(&store, &merchant, &format!("order-{number:03}")).await;
    }
    let workers =
        join_all((0..6).map(|_| namespace.open(namespace.options().with_max_connections(2)))).await;
    let minute = Duration::seconds(60);
    let work = workers.iter().map(|worker| {
        let merchant = merchant.clone();
        async move {
            let mut taken = Vec::new();
            loop {
                let claims = worker
                    .claim(&merchant, ClaimKind::Send, 7, minute, at(9))
                    .await
                    .unwrap();
                if claims.is_empty() {
                    break taken;
                }
                for claim in claims {
                    let done = change(&claim.record, OrderEvent::Confirmed);
                    let stored = worker.commit(done).await.unwrap().unwrap();
                    assert_eq!(stored.token, claim.record.token);
                    taken.push(claim.record.id.into_string());
                }
            }
        }
    });
    let taken = join_all(work).await;
    let mut times: BTreeMap<String, u32> = BTreeMap::new();
    for id in taken.iter().flatten() {
        *times.entry(id.clone()).or_default() += 1;
    }
    // A worker that finds the rest locked by others goes home; what is left over is taken by the next one.
    let rest = store
        .claim(&merchant, ClaimKind::Send, 1_000, minute, at(9))
        .await
        .unwrap();
    assert_eq!(times.len() + rest.len(), 120);
    assert!(times.values().all(|times| *times == 1), "{times:?}");
    assert!(
        taken.iter().filter(|taken| !taken.is_empty()).count() > 1,
        "several had work"
    );
}

#[tokio::test]
async fn a_worker_that_was_overtaken_writes_nothing() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let slow = namespace.open(namespace.options()).await;
    let quick = namespace.open(namespace.options()).await;
    let merchant = merchant();
    ready(&slow, &merchant, "a").await;
    let lease = Duration::milliseconds(100);
    let claims = slow
        .claim(&merchant, ClaimKind::Send, 1, lease, at(2))
        .await
        .unwrap();
    let sending = claims[0].record.clone();
    tokio::time::sleep(Time::from_millis(150)).await;
    assert_eq!(
        quick
            .expire_leases(&merchant, Duration::zero(), at(3))
            .await
            .unwrap(),
        1
    );
    let far = chrono::DateTime::from_timestamp(4_000_000_000, 0).unwrap();
    let probed = quick
        .claim_order(&merchant, ClaimKind::Probe, &id("a"), lease, far)
        .await
        .unwrap();
    let probed = probed.unwrap().record;
    let late = slow
        .commit(change(&sending, OrderEvent::Confirmed))
        .await
        .unwrap();
    assert_eq!(late.unwrap_err(), Refusal::Fenced);
    let before = quick.timeline(&merchant, &id("a")).await.unwrap().len();
    let found = quick
        .commit(change(&probed, OrderEvent::Confirmed))
        .await
        .unwrap();
    assert_eq!(found.unwrap().state, OrderState::Accepted);
    assert_eq!(
        quick.timeline(&merchant, &id("a")).await.unwrap().len(),
        before + 1
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_order_captured_by_many_at_once_is_recorded_once() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let merchant = merchant();
    let batch = || {
        (0..5)
            .map(|n| crate::fixtures::new_order(&merchant, &format!("o-{n}")))
            .collect()
    };
    let outcomes = join_all((0..8).map(|_| store.capture(batch()))).await;
    let recorded = outcomes
        .into_iter()
        .flat_map(Result::unwrap)
        .filter(|outcome| *outcome == order_sync::CaptureOutcome::Recorded);
    assert_eq!(recorded.count(), 5);
    // Exceptions get their numbers without gaps, whoever finds them.
    let settle = |scope: usize| {
        let subject = order_sync::ExceptionSubject::new("order", &scope.to_string());
        let finding = order_sync::Finding::new(subject, &order_sync::codes::ORPHAN, "lost");
        let (store, merchant) = (store.clone(), merchant.clone());
        async move {
            store
                .settle_exceptions(&merchant, &scope.to_string(), vec![finding], at(0))
                .await
        }
    };
    for settled in join_all((0..12).map(settle)).await {
        settled.unwrap();
    }
    let mut numbers: Vec<u64> = store
        .exceptions(&merchant, true)
        .await
        .unwrap()
        .iter()
        .map(|one| one.number)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=12).collect::<Vec<u64>>());
    let record = captured(&store, &merchant, "last").await;
    moved(&store, record, &[OrderEvent::Held]).await;
}
