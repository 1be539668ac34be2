//! Changes that arrive together share a transaction, and nothing else: no failure and no waiting.

use std::time::Duration as Time;

use futures_util::future::join_all;
use order_sync::{OrderEvent, OrderRecord, OrderState, Refusal, Store as _, StoreErrorKind};
use order_sync_postgres::PostgresStore;

use crate::fixtures::{captured, change, id, merchant};
use crate::server::Namespace;

async fn orders(store: &PostgresStore, count: usize) -> Vec<OrderRecord> {
    let mut records = Vec::new();
    for number in 0..count {
        records.push(captured(store, &merchant(), &format!("order-{number:02}")).await);
    }
    records
}

/// In how many transactions the second entries of the timelines were written.
async fn transactions(namespace: &Namespace) -> i64 {
    let sql = "SELECT count(DISTINCT xmin::text) FROM timeline WHERE sequence = 2";
    let admin = namespace.admin().await;
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn changes_that_come_together_share_a_transaction() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let records = orders(&store, 40).await;
    let changes = records
        .iter()
        .map(|record| store.commit(change(record, OrderEvent::Held)));
    for written in join_all(changes).await {
        assert_eq!(written.unwrap().unwrap().state, OrderState::Held);
    }
    assert_eq!(transactions(&namespace).await, 1);
    for record in &records {
        let timeline = store.timeline(&merchant(), &record.id).await.unwrap();
        assert_eq!(timeline.len(), 2);
    }
}

#[tokio::test]
async fn those_that_come_meanwhile_are_the_next_group() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let records = orders(&store, 40).await;
    let changes = records.iter().enumerate().map(|(number, record)| {
        let store = &store;
        async move {
            // Half of them come while the first is on its way.
            for _ in 0..number % 2 * 3 {
                tokio::task::yield_now().await;
            }
            store.commit(change(record, OrderEvent::Held)).await
        }
    });
    for written in join_all(changes).await {
        written.unwrap().unwrap();
    }
    assert_eq!(transactions(&namespace).await, 2);
}

#[tokio::test]
async fn a_change_that_fails_takes_no_other_with_it() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let records = orders(&store, 12).await;
    let admin = namespace.admin().await;
    let broken = "UPDATE order_records SET record = '{}' WHERE id = 'order-03'";
    assert_eq!(admin.execute(broken, &[]).await.unwrap(), 1);
    let mut changes: Vec<_> = records
        .iter()
        .map(|record| change(record, OrderEvent::Held))
        .collect();
    // One that was overtaken, one that cannot happen, and one of an order that is nowhere.
    changes[5].fence = order_sync::Fence::Token(records[5].token + 1);
    changes[7].event = OrderEvent::ProofHeld;
    changes[9].id = id("nowhere");
    let mut written = Vec::new();
    for answer in join_all(changes.into_iter().map(|one| store.commit(one))).await {
        written.push(answer);
    }
    for (number, answer) in written.into_iter().enumerate() {
        match number {
            3 => assert_eq!(answer.unwrap_err().kind(), StoreErrorKind::Unreadable),
            5 | 9 => assert_eq!(answer.unwrap().unwrap_err(), Refusal::Fenced),
            7 => assert!(matches!(
                answer.unwrap().unwrap_err(),
                Refusal::Impossible { .. }
            )),
            _ => assert_eq!(answer.unwrap().unwrap().state, OrderState::Held, "{number}"),
        }
    }
}

#[tokio::test]
async fn two_changes_of_an_order_in_one_group_are_two_steps() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let record = captured(&store, &merchant(), "a").await;
    let (first, second, third) = tokio::join!(
        biased;
        store.commit(change(&record, OrderEvent::Prepared)),
        store.commit(change(&record, OrderEvent::Claimed)),
        store.commit(change(&record, OrderEvent::Claimed)),
    );
    assert_eq!(first.unwrap().unwrap().state, OrderState::Ready);
    assert_eq!(second.unwrap().unwrap().state, OrderState::Sending);
    assert!(third.unwrap().is_err(), "it is being sent already");
    let timeline = store.timeline(&merchant(), &id("a")).await.unwrap();
    assert_eq!(timeline.len(), 3);
    assert_eq!(transactions(&namespace).await, 1);
}

#[tokio::test]
async fn an_order_that_somebody_has_locked_keeps_no_other_waiting() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let records = orders(&store, 8).await;
    let mut admin = namespace.admin().await;
    let lock = admin.transaction().await.unwrap();
    lock.batch_execute("SELECT FROM order_records WHERE id = 'order-00' FOR UPDATE")
        .await
        .unwrap();
    let waiting = {
        let (store, commit) = (store.clone(), change(&records[0], OrderEvent::Held));
        tokio::spawn(async move { store.commit(commit).await })
    };
    for record in &records[1..] {
        let written = store.commit(change(record, OrderEvent::Held)).await;
        assert_eq!(written.unwrap().unwrap().state, OrderState::Held);
    }
    tokio::time::sleep(Time::from_millis(50)).await;
    assert!(!waiting.is_finished(), "it waits for the lock");
    lock.rollback().await.unwrap();
    let written = waiting.await.unwrap().unwrap().unwrap();
    assert_eq!(written.state, OrderState::Held);
}

#[test]
fn a_runtime_that_ends_leaves_no_line_behind() {
    let runtime = || {
        tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap()
    };
    let first = runtime();
    let Some(namespace) = first.block_on(Namespace::new()) else {
        return;
    };
    let (store, records) = first.block_on(async {
        let store = namespace.open(namespace.options()).await;
        let records = orders(&store, 2).await;
        // Polled once, so it is in the line and its group is about to begin.
        tokio::select! {
            biased;
            _ = store.commit(change(&records[0], OrderEvent::Held)) => {}
            () = std::future::ready(()) => {}
        }
        (store, records)
    });
    drop(first);
    let second = runtime();
    second.block_on(async {
        let written = store.commit(change(&records[1], OrderEvent::Held)).await;
        assert_eq!(written.unwrap().unwrap().state, OrderState::Held);
    });
}
