//! Leases on orders.

use order_sync::{Claim, ClaimKind, OrderEvent, OrderState, Refusal, Store, first_broken_link};

use super::fixtures::{
    at, captured, change, consignment, despatched, id, merchant, moved, payload, read, ready,
    seconds,
};

async fn claim(store: &dyn Store, kind: ClaimKind, limit: usize, moment: i64) -> Vec<Claim> {
    store
        .claim(&merchant(), kind, limit, seconds(60), at(moment))
        .await
        .unwrap()
}

fn ids(claims: &[Claim]) -> Vec<&str> {
    claims
        .iter()
        .map(|claim| claim.record.id.as_str())
        .collect()
}

pub async fn takes_due_orders_oldest_first_up_to_the_limit(store: &dyn Store) {
    for (text, due) in [("d", 3), ("c", 1), ("b", 2), ("a", 3)] {
        ready(store, text, due).await;
    }
    assert!(claim(store, ClaimKind::Send, 0, 10).await.is_empty());
    assert_eq!(
        ids(&claim(store, ClaimKind::Send, 3, 10).await),
        ["c", "b", "a"]
    );
    assert_eq!(ids(&claim(store, ClaimKind::Send, 3, 10).await), ["d"]);
}

pub async fn a_second_worker_gets_nothing(store: &dyn Store) {
    ready(store, "a", 0).await;
    assert_eq!(claim(store, ClaimKind::Send, 10, 1).await.len(), 1);
    assert!(claim(store, ClaimKind::Send, 10, 1).await.is_empty());
    assert!(
        claim(store, ClaimKind::Send, 10, 1_000).await.is_empty(),
        "not even after the lease: the outcome is unknown first"
    );
}

pub async fn a_claim_to_send_is_the_intent(store: &dyn Store) {
    let before = ready(store, "a", 0).await;
    let claims = claim(store, ClaimKind::Send, 10, 1).await;
    let record = read(store, "a").await;
    assert_eq!(claims[0].record, record);
    assert_eq!(record.state, OrderState::Sending);
    assert_eq!((record.token, record.attempt), (before.token + 1, 1));
    assert_eq!(record.lease_until, Some(at(61)));
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(
        timeline.last().map(|entry| entry.event),
        Some(OrderEvent::Claimed)
    );
    assert_eq!(first_broken_link(&timeline), None);

    let back = store
        .commit(change(&record, OrderEvent::NotSent, 2).due(at(5)))
        .await;
    assert_eq!(back.unwrap().unwrap().state, OrderState::Ready);
    let again = claim(store, ClaimKind::Send, 10, 5).await;
    assert_eq!(
        (again[0].record.token, again[0].record.attempt),
        (before.token + 2, 2)
    );
}

pub async fn leaves_orders_that_are_not_due(store: &dyn Store) {
    ready(store, "later", 100).await;
    let never = captured(store, "never").await;
    store
        .commit(change(&never, OrderEvent::Prepared, 0))
        .await
        .unwrap()
        .unwrap();
    captured(store, "not ready").await;
    assert!(claim(store, ClaimKind::Send, 10, 99).await.is_empty());
    assert_eq!(
        ids(&claim(store, ClaimKind::Send, 10, 100).await),
        ["later"],
        "due to the moment"
    );
}

pub async fn a_probe_respects_lease_and_due_time(store: &dyn Store) {
    captured(store, "unknown").await;
    let lost = [
        OrderEvent::Prepared,
        OrderEvent::Claimed,
        OrderEvent::OutcomeLost,
    ];
    moved(store, "unknown", &lost).await;
    captured(store, "queued").await;
    moved(
        store,
        "queued",
        &[
            OrderEvent::Prepared,
            OrderEvent::Claimed,
            OrderEvent::Queued,
        ],
    )
    .await;
    ready(store, "ready", 0).await;

    assert!(
        claim(store, ClaimKind::Probe, 10, -1).await.is_empty(),
        "not due yet"
    );
    let first = claim(store, ClaimKind::Probe, 10, 0).await;
    assert_eq!(ids(&first), ["queued", "unknown"]);
    assert_eq!(first[1].record.state, OrderState::OutcomeUnknown);
    assert_eq!(read(store, "unknown").await, first[1].record);
    let entries = store
        .timeline(&merchant(), &id("unknown"))
        .await
        .unwrap()
        .len();
    assert_eq!(entries, 4, "a probe is no event by itself");

    assert!(
        claim(store, ClaimKind::Probe, 10, 59).await.is_empty(),
        "leased"
    );
    let second = claim(store, ClaimKind::Probe, 1, 60).await;
    assert_eq!(
        ids(&second),
        ["queued"],
        "the lease ended, and one was asked for"
    );
    assert_eq!(second[0].record.token, first[0].record.token + 1);
}

pub async fn a_relay_takes_despatched_orders_and_changes_no_state(store: &dyn Store) {
    captured(store, "a").await;
    let gone = [
        OrderEvent::Prepared,
        OrderEvent::Claimed,
        OrderEvent::Confirmed,
        OrderEvent::FullyDespatched,
    ];
    let before = moved(store, "a", &gone).await;
    let claims = claim(store, ClaimKind::Relay, 10, 1).await;
    assert_eq!(ids(&claims), ["a"]);
    assert_eq!(claims[0].record.state, OrderState::Despatched);
    assert_eq!(claims[0].record.attempt, before.attempt);
    assert!(claim(store, ClaimKind::Relay, 10, 2).await.is_empty());
    assert!(claim(store, ClaimKind::Probe, 10, 2).await.is_empty());

    let relayed = change(&claims[0].record, OrderEvent::RelaySeen, 3).due(at(3));
    store.commit(relayed).await.unwrap().unwrap();
    assert_eq!(
        ids(&claim(store, ClaimKind::Relay, 10, 3).await),
        ["a"],
        "given back by the commit"
    );
}

pub async fn a_claim_comes_with_its_payload_and_its_parcels(store: &dyn Store) {
    for text in ["a", "b"] {
        let record = captured(store, text).await;
        let mut prepared = change(&record, OrderEvent::Prepared, 0).due(at(0));
        prepared.intent = Some(Box::new(payload(text)));
        store.commit(prepared).await.unwrap().unwrap();
    }
    ready(store, "c", 0).await;
    let sent = claim(store, ClaimKind::Send, 10, 0).await;
    let intents: Vec<_> = sent.iter().map(|claim| claim.intent.clone()).collect();
    assert_eq!(intents, [Some(payload("a")), Some(payload("b")), None]);
    assert!(sent.iter().all(|claim| claim.parcels.is_empty()));

    moved(store, "a", &[OrderEvent::OutcomeLost]).await;
    let asked = claim(store, ClaimKind::Probe, 10, 1).await;
    assert_eq!(asked[0].intent, Some(payload("a")));
    for text in ["a", "b"] {
        let record = moved(store, text, &[OrderEvent::Confirmed]).await;
        let parcels = [(format!("{text}-2"), 1), (format!("{text}-1"), 1)];
        let parcels = parcels.each_ref().map(|(id, units)| (id.as_str(), *units));
        let commit = despatched(&record, consignment("1", &record, &parcels), 2);
        store.commit(commit).await.unwrap().unwrap();
    }
    let relayed = claim(store, ClaimKind::Relay, 10, 2).await;
    assert_eq!(ids(&relayed), ["a", "b"]);
    for claim in relayed {
        let parcels = store.parcels(&merchant(), &claim.record.id).await.unwrap();
        assert_eq!(parcels.len(), 2);
        assert_eq!(claim.parcels, parcels, "in the order they were received");
        assert_eq!(claim.intent, Some(payload(claim.record.id.as_str())));
    }
}

pub async fn one_order_is_taken_when_it_is_due_and_free(store: &dyn Store) {
    let one = |text: &'static str, kind, moment| async move {
        store
            .claim_order(&merchant(), kind, &id(text), seconds(60), at(moment))
            .await
            .unwrap()
    };
    let before = ready(store, "a", 10).await;
    ready(store, "b", 0).await;
    assert!(one("a", ClaimKind::Send, 9).await.is_none(), "not due yet");
    assert!(
        one("a", ClaimKind::Probe, 10).await.is_none(),
        "not sent yet"
    );
    assert!(one("unheard of", ClaimKind::Send, 10).await.is_none());
    let claim = one("a", ClaimKind::Send, 10).await.unwrap();
    assert_eq!(claim.record, read(store, "a").await);
    assert_eq!(claim.record.state, OrderState::Sending);
    assert_eq!(claim.record.token, before.token + 1);
    assert!(one("a", ClaimKind::Send, 10).await.is_none());
    assert_eq!(read(store, "b").await.state, OrderState::Ready);

    moved(store, "a", &[OrderEvent::OutcomeLost]).await;
    let asked = one("a", ClaimKind::Probe, 11).await.unwrap();
    assert_eq!(asked.record.lease_until, Some(at(71)));
    assert!(one("a", ClaimKind::Probe, 70).await.is_none(), "leased");
    assert!(one("a", ClaimKind::Probe, 71).await.is_some());
}

pub async fn an_expired_lease_makes_the_outcome_unknown(store: &dyn Store) {
    ready(store, "a", 0).await;
    ready(store, "b", 0).await;
    claim(store, ClaimKind::Send, 1, 0).await;
    claim(store, ClaimKind::Send, 1, 30).await;
    let expire = |moment| {
        let merchant = merchant();
        async move {
            store
                .expire_leases(&merchant, seconds(600), at(moment))
                .await
                .unwrap()
        }
    };
    assert_eq!(expire(59).await, 0);
    assert_eq!(expire(60).await, 1);
    assert_eq!(expire(60).await, 0, "again is no change");
    let record = read(store, "a").await;
    assert_eq!(record.state, OrderState::OutcomeUnknown);
    assert_eq!(
        record.due_at,
        Some(at(660)),
        "end of the lease and the settle time"
    );
    assert_eq!(
        (record.unknown_since, record.lease_until),
        (Some(at(60)), None)
    );
    assert_eq!(read(store, "b").await.state, OrderState::Sending);
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(
        timeline.last().map(|entry| entry.event),
        Some(OrderEvent::LeaseExpired)
    );
    assert_eq!(first_broken_link(&timeline), None);
    assert_eq!(expire(1_000).await, 1);
}

pub async fn a_token_from_before_is_worth_nothing_after_another_claim(store: &dyn Store) {
    ready(store, "a", 0).await;
    let sender = claim(store, ClaimKind::Send, 1, 0).await;
    store
        .expire_leases(&merchant(), seconds(10), at(60))
        .await
        .unwrap();
    let prober = claim(store, ClaimKind::Probe, 1, 70).await;
    let late = store
        .commit(change(&sender[0].record, OrderEvent::Confirmed, 71))
        .await
        .unwrap();
    assert_eq!(late.unwrap_err(), Refusal::Fenced);
    let answer = store
        .commit(change(&prober[0].record, OrderEvent::AbsentOnce, 72))
        .await
        .unwrap();
    assert_eq!(answer.unwrap().absences, 1);
}
