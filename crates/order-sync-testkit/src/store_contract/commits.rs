//! Changes of one order: fences, the state machine, the timeline.

use order_sync::{
    Commit, Fence, LineProgress, OrderEvent, OrderState, Reason, Refusal, RequestKind,
    RequestState, SourceCopy, Store, codes, first_broken_link,
};

use super::fixtures::{
    ACCEPTED, at, captured, change, id, merchant, moved, payload, read, ready, sales_order, wish,
};

pub async fn a_change_moves_the_state_and_is_chained(store: &dyn Store) {
    let record = captured(store, "a").await;
    let reasons = vec![Reason::of(&codes::WAREHOUSE_REJECTED, "for a test")];
    let mut commit = change(&record, OrderEvent::Held, 5)
        .due(at(65))
        .because(reasons.clone());
    commit.rule = Some("hold-all".to_owned());
    commit.probe_first = Some(true);
    commit.warehouse_id = Some("W-1".to_owned());
    let answered = store.commit(commit).await.unwrap().unwrap();

    let held = read(store, "a").await;
    assert_eq!(held, answered, "what is answered is what is on record");
    assert_eq!(held.state, OrderState::Held);
    assert_eq!((held.changed_at, held.due_at), (at(5), Some(at(65))));
    assert_eq!(held.reasons, reasons);
    assert_eq!(held.rule.as_deref(), Some("hold-all"));
    assert!(held.probe_first);
    assert_eq!(held.warehouse_id.as_deref(), Some("W-1"));

    moved(store, "a", &[OrderEvent::Held, OrderEvent::Prepared]).await;
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    let events: Vec<OrderEvent> = timeline.iter().map(|entry| entry.event).collect();
    let expected = [
        OrderEvent::SourceChanged,
        OrderEvent::Held,
        OrderEvent::Held,
        OrderEvent::Prepared,
    ];
    assert_eq!(events, expected);
    assert_eq!(timeline[1].note, "a note");
    assert_eq!(
        (timeline[1].from, timeline[1].to),
        (OrderState::Captured, OrderState::Held)
    );
    assert_eq!(first_broken_link(&timeline), None);
    assert_eq!(read(store, "a").await.timeline_digest, timeline[3].digest);
}

/// Everything that a refused change must leave as it was.
async fn untouched(store: &dyn Store, commit: Commit) -> Refusal {
    let before = read(store, "a").await;
    let refusal = store
        .commit(with_everything(commit))
        .await
        .unwrap()
        .unwrap_err();
    assert_eq!(read(store, "a").await, before);
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len() as u64, before.timeline_length);
    let copy = store
        .source_copy(&merchant(), &id("a"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(copy.order, sales_order("a"));
    assert_eq!(store.intent(&merchant(), &id("a")).await.unwrap(), None);
    assert_eq!(store.lines(&merchant(), &id("a")).await.unwrap().len(), 3);
    refusal
}

fn with_everything(mut commit: Commit) -> Commit {
    commit.intent = Some(Box::new(payload("a")));
    commit.source = Some(Box::new(SourceCopy::new(sales_order("other"), None)));
    commit.lines = Some(Vec::new());
    commit
}

pub async fn a_stale_token_is_fenced_and_writes_nothing(store: &dyn Store) {
    let record = captured(store, "a").await;
    let fence = Fence::Token(record.token + 1);
    let commit = Commit::new(&record, fence, OrderEvent::Held, at(1), "");
    assert_eq!(untouched(store, commit).await, Refusal::Fenced);
}

pub async fn an_unclaimed_fence_wants_state_and_token(store: &dyn Store) {
    let record = captured(store, "a").await;
    for fence in [
        Fence::Unclaimed(OrderState::Held, record.token),
        Fence::Unclaimed(OrderState::Captured, record.token + 1),
    ] {
        let commit = Commit::new(&record, fence, OrderEvent::Held, at(1), "");
        assert_eq!(untouched(store, commit).await, Refusal::Fenced);
    }
    let fence = Fence::Unclaimed(OrderState::Captured, record.token);
    let commit = Commit::new(&record, fence, OrderEvent::Held, at(1), "");
    assert_eq!(
        store.commit(commit).await.unwrap().unwrap().state,
        OrderState::Held
    );
}

pub async fn an_impossible_event_writes_nothing(store: &dyn Store) {
    let record = captured(store, "a").await;
    let refusal = untouched(store, change(&record, OrderEvent::Claimed, 1)).await;
    let expected = Refusal::Impossible {
        state: OrderState::Captured,
        event: OrderEvent::Claimed,
    };
    assert_eq!(refusal, expected);
}

pub async fn an_order_that_is_not_on_record_is_fenced(store: &dyn Store) {
    let mut record = captured(store, "a").await;
    record.id = id("unheard of");
    let refused = store
        .commit(change(&record, OrderEvent::Held, 1))
        .await
        .unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::Fenced);
    assert_eq!(store.order(&merchant(), &record.id).await.unwrap(), None);
}

pub async fn a_new_copy_from_the_shop_replaces_the_old_one(store: &dyn Store) {
    let record = ready(store, "a", 0).await;
    let mut order = sales_order("a");
    order.lines.truncate(1);
    order.personal.instructions = None;
    let mut commit = change(&record, OrderEvent::SourceChanged, 1);
    commit.source = Some(Box::new(SourceCopy::new(
        order.clone(),
        Some("v2".to_owned()),
    )));
    let after = store.commit(commit).await.unwrap().unwrap();

    assert_eq!(after.state, OrderState::Captured);
    assert_eq!(after.source_digest, order.content_digest());
    let copy = store
        .source_copy(&merchant(), &id("a"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(copy, SourceCopy::new(order, Some("v2".to_owned())));
    let lines = store.lines(&merchant(), &id("a")).await.unwrap();
    assert_eq!(
        lines,
        [LineProgress::new(
            "line-1".into(),
            Some("MUG-RED".into()),
            4
        )]
    );
}

pub async fn a_wish_after_hand_over_keeps_the_lines(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let before = store.lines(&merchant(), &id("a")).await.unwrap();
    let mut order = sales_order("a");
    order.lines.clear();
    let mut commit = wish(&record, RequestKind::Amend, 1);
    commit.source = Some(Box::new(SourceCopy::new(order.clone(), None)));
    let after = store.commit(commit).await.unwrap().unwrap();
    assert_eq!(after.state, OrderState::Accepted);
    assert_eq!(after.request_state(), Some(RequestState::Wanted));
    assert_eq!(read(store, "a").await, after);
    assert_eq!(store.lines(&merchant(), &id("a")).await.unwrap(), before);
    let copy = store.source_copy(&merchant(), &id("a")).await.unwrap();
    assert_eq!(copy.unwrap().order, order);
}

pub async fn a_quiet_change_adds_no_entry(store: &dyn Store) {
    captured(store, "a").await;
    let queued = [
        OrderEvent::Prepared,
        OrderEvent::Claimed,
        OrderEvent::Queued,
    ];
    let before = moved(store, "a", &queued).await;
    let mut poll = change(&before, OrderEvent::ProbeFailed, 5).due(at(90));
    poll.quiet = true;
    let after = store.commit(poll).await.unwrap().unwrap();
    assert_eq!(read(store, "a").await, after);
    assert_eq!(after.due_at, Some(at(90)));
    assert_eq!(after.timeline_digest, before.timeline_digest);

    // A quiet change that moves the state is told all the same.
    let mut found = change(&after, OrderEvent::Confirmed, 6);
    found.quiet = true;
    let after = store.commit(found).await.unwrap().unwrap();
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len() as u64, before.timeline_length + 1);
    assert_eq!(after.timeline_length, before.timeline_length + 1);
    assert_eq!(first_broken_link(&timeline), None);
}
