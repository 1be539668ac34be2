//! Many callers at once.

use order_sync::{ClaimKind, Commit, Fence, OrderEvent, Store as _, first_broken_link};
use tokio::task::JoinSet;

use crate::fixtures::{Place, at, capture, id, merchant, prepared};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_commits_of_sixteen_tasks_are_all_durable() {
    const TASKS: usize = 16;
    const COMMITS: usize = 200;
    let place = Place::new();
    let store = place.open(0);
    for task in 0..TASKS {
        capture(&store, &format!("order-{task}")).await;
    }
    let mut tasks = JoinSet::new();
    for task in 0..TASKS {
        let store = store.clone();
        tasks.spawn(async move {
            let order = id(&format!("order-{task}"));
            let mine = (0..COMMITS).filter(|number| number % TASKS == task).count();
            for number in 0..mine {
                let record = store.order(&merchant(), &order).await.unwrap().unwrap();
                let fence = Fence::Token(record.token);
                let note = format!("commit {number}");
                let held = Commit::new(&record, fence, OrderEvent::Held, at(1), note);
                store.commit(held).await.unwrap().unwrap();
            }
            mine
        });
    }
    let done: usize = tasks.join_all().await.into_iter().sum();
    assert_eq!(done, COMMITS);
    drop(store);

    let store = place.open(10);
    let mut entries = 0;
    for task in 0..TASKS {
        let timeline = store
            .timeline(&merchant(), &id(&format!("order-{task}")))
            .await
            .unwrap();
        assert_eq!(first_broken_link(&timeline), None);
        entries += timeline.len() - 1;
    }
    assert_eq!(entries, COMMITS);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_order_is_claimed_twice() {
    let place = Place::new();
    let store = place.open(0);
    for number in 0..60 {
        let record = capture(&store, &format!("order-{number:02}")).await;
        store.commit(prepared(&record)).await.unwrap().unwrap();
    }
    let mut workers = JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        workers.spawn(async move {
            let lease = chrono::Duration::seconds(60);
            let mut mine = Vec::new();
            loop {
                let claims = store
                    .claim(&merchant(), ClaimKind::Send, 3, lease, at(1))
                    .await
                    .unwrap();
                if claims.is_empty() {
                    return mine;
                }
                mine.extend(claims.into_iter().map(|claim| claim.record.id));
            }
        });
    }
    let mut claimed: Vec<_> = workers.join_all().await.into_iter().flatten().collect();
    assert_eq!(claimed.len(), 60);
    claimed.sort();
    claimed.dedup();
    assert_eq!(claimed.len(), 60);
}
