//! What the shop wants of an order that the warehouse has.

use order_sync::{Claim, ClaimKind, OrderEvent, OrderState, RequestKind, RequestState, Store};

use super::fixtures::{
    ACCEPTED, at, captured, change, consignment, despatched, id, merchant, moved, payload, read,
    seconds, wish,
};

async fn claim(store: &dyn Store, moment: i64) -> Vec<Claim> {
    store
        .claim(&merchant(), ClaimKind::Change, 10, seconds(60), at(moment))
        .await
        .unwrap()
}

fn ids(claims: &[Claim]) -> Vec<&str> {
    claims
        .iter()
        .map(|claim| claim.record.id.as_str())
        .collect()
}

/// An order at the warehouse, of which the shop wants something at a moment.
async fn wanted(store: &dyn Store, text: &str, moment: i64) {
    captured(store, text).await;
    let record = moved(store, text, &ACCEPTED).await;
    let commit = wish(&record, RequestKind::Cancel, moment);
    store.commit(commit).await.unwrap().unwrap();
}

pub async fn a_wish_is_claimed_when_the_request_is_due(store: &dyn Store) {
    let record = captured(store, "a").await;
    let mut prepared = change(&record, OrderEvent::Prepared, 0).due(at(0));
    prepared.intent = Some(Box::new(payload("a")));
    store.commit(prepared).await.unwrap().unwrap();
    let record = moved(store, "a", &[OrderEvent::Claimed, OrderEvent::Confirmed]).await;
    let despatch = consignment("D-1", &record, &[("P-1", 1)]);
    let record = store.commit(despatched(&record, despatch, 500)).await;
    let wish = wish(&record.unwrap().unwrap(), RequestKind::Amend, 20);
    let before = store.commit(wish).await.unwrap().unwrap();
    assert_eq!(
        before.due_at,
        Some(at(500)),
        "the goods have their own time"
    );

    assert!(claim(store, 19).await.is_empty());
    let claims = claim(store, 20).await;
    assert_eq!(ids(&claims), ["a"]);
    let record = read(store, "a").await;
    assert_eq!(claims[0].record, record);
    assert_eq!(claims[0].intent, Some(payload("a")));
    assert_eq!(claims[0].parcels[0].parcel.id, "P-1");
    assert_eq!(record.state, OrderState::PartDespatched);
    assert_eq!(record.request_state(), Some(RequestState::Wanted));
    assert_eq!(
        (record.token, record.due_at),
        (before.token + 1, before.due_at)
    );
    assert_eq!(record.timeline_length, before.timeline_length);

    assert!(claim(store, 79).await.is_empty(), "leased");
    let relay = store
        .claim(&merchant(), ClaimKind::Relay, 10, seconds(60), at(79))
        .await;
    assert!(relay.unwrap().is_empty());
    assert_eq!(ids(&claim(store, 80).await), ["a"]);
}

pub async fn requests_go_by_their_own_time_oldest_first(store: &dyn Store) {
    for (text, moment) in [("d", 3), ("c", 1), ("b", 2), ("a", 3)] {
        wanted(store, text, moment).await;
    }
    let first = store
        .claim(&merchant(), ClaimKind::Change, 3, seconds(60), at(9))
        .await
        .unwrap();
    assert_eq!(ids(&first), ["c", "b", "a"]);
    // Asked, and to be asked again later.
    let record = &first[0].record;
    let mut request = record.request.clone().unwrap();
    request.due_at = Some(at(30));
    let asked = change(record, OrderEvent::ChangeAsked, 10).requesting(request);
    store.commit(asked).await.unwrap().unwrap();
    assert_eq!(ids(&claim(store, 29).await), ["d"]);
    assert_eq!(ids(&claim(store, 30).await), ["c"]);
}

pub async fn a_wish_waits_for_the_outcome_of_the_order(store: &dyn Store) {
    captured(store, "a").await;
    let sending = moved(store, "a", &[OrderEvent::Prepared, OrderEvent::Claimed]).await;
    let commit = wish(&sending, RequestKind::Cancel, 1);
    store.commit(commit).await.unwrap().unwrap();
    assert!(
        claim(store, 10).await.is_empty(),
        "nobody knows yet who has it"
    );
    moved(store, "a", &[OrderEvent::OutcomeLost]).await;
    assert!(claim(store, 10).await.is_empty());
    moved(store, "a", &[OrderEvent::Confirmed]).await;
    assert_eq!(ids(&claim(store, 10).await), ["a"]);
}

pub async fn an_answered_wish_is_not_claimed_any_more(store: &dyn Store) {
    use OrderEvent as E;
    let answers = [
        ("withdrawn", E::Withdrawn, RequestState::Accepted),
        ("refused", E::ChangeRefused, RequestState::Refused),
        ("late", E::ChangeTooLate, RequestState::TooLate),
    ];
    for (text, event, state) in answers {
        wanted(store, text, 1).await;
        let record = read(store, text).await;
        let mut request = record.request.clone().unwrap();
        request.answer = "the warehouse says so".to_owned();
        let answer = change(&record, event, 2).requesting(request);
        let record = store.commit(answer).await.unwrap().unwrap();
        assert_eq!(record.request_state(), Some(state));
        assert_eq!(record.request_due_at(), None);
        assert_eq!(read(store, text).await, record);
    }
    assert!(claim(store, 1_000).await.is_empty());

    wanted(store, "dropped", 1).await;
    let record = moved(store, "dropped", &[E::ChangeDropped]).await;
    assert_eq!(record.request, None);
    assert!(claim(store, 1_000).await.is_empty());
}

pub async fn pending_and_denied_requests_are_listed_in_pages(store: &dyn Store) {
    for text in ["asked", "done", "gone", "refused", "wanted"] {
        wanted(store, text, 1).await;
    }
    captured(store, "none").await;
    moved(store, "asked", &[OrderEvent::ChangeAsked]).await;
    moved(store, "done", &[OrderEvent::Withdrawn]).await;
    moved(store, "gone", &[OrderEvent::ChangeDropped]).await;
    moved(store, "refused", &[OrderEvent::ChangeRefused]).await;
    let list = |after: Option<&'static str>, limit| async move {
        let after = after.map(id);
        let page = store
            .orders_with_requests(&merchant(), after.as_ref(), limit)
            .await
            .unwrap();
        page.into_iter()
            .map(|record| record.id.into_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(list(None, 10).await, ["asked", "refused", "wanted"]);
    assert_eq!(list(None, 2).await, ["asked", "refused"]);
    assert_eq!(list(Some("asked"), 1).await, ["refused"]);
    assert_eq!(list(Some("wanted"), 10).await, [""; 0]);
    assert_eq!(list(None, 0).await, [""; 0]);
}

pub async fn one_order_is_taken_for_its_request(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let despatch = consignment("D-1", &record, &[("P-1", 1)]);
    let record = store.commit(despatched(&record, despatch, 5)).await;
    let one = |moment| async move {
        store
            .claim_order(
                &merchant(),
                ClaimKind::Change,
                &id("a"),
                seconds(60),
                at(moment),
            )
            .await
            .unwrap()
    };
    assert!(one(100).await.is_none(), "nothing is wanted");
    let wish = wish(&record.unwrap().unwrap(), RequestKind::Cancel, 20);
    store.commit(wish).await.unwrap().unwrap();
    assert!(one(19).await.is_none());
    let claim = one(20).await.unwrap();
    assert_eq!(claim.record, read(store, "a").await);
    assert_eq!(claim.parcels[0].parcel.id, "P-1");
    assert!(one(79).await.is_none());
}
