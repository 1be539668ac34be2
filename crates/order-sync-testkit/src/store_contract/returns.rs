//! What came back.

use order_mapping::{ReturnReceipt, ReturnedLine};
use order_sync::{Fence, OrderEvent, Refusal, Store};

use super::fixtures::{ACCEPTED, at, captured, change, id, merchant, moved, read};

fn receipt(return_id: &str, units: u32) -> ReturnReceipt {
    let mut receipt = ReturnReceipt::new(return_id, None);
    receipt.received_at = Some(at(50));
    let mut line = ReturnedLine::new(Some("line-1".into()), Some("MUGRED".to_owned()), units);
    line.condition = Some("damaged".to_owned());
    receipt.lines = vec![line];
    receipt
}

pub async fn a_return_is_kept_once_by_its_id(store: &dyn Store) {
    for text in ["a", "b"] {
        captured(store, text).await;
        moved(store, text, &ACCEPTED).await;
    }
    let returns = |text| async move { store.returns(&merchant(), &id(text)).await.unwrap() };
    assert!(returns("a").await.is_empty());
    for (return_id, units) in [("R-2", 1), ("R-1", 2), ("R-2", 9)] {
        let record = read(store, "a").await;
        let mut commit = change(&record, OrderEvent::Returned, 60);
        commit.returned = Some(Box::new(receipt(return_id, units)));
        store.commit(commit).await.unwrap().unwrap();
    }
    assert_eq!(returns("a").await, [receipt("R-2", 1), receipt("R-1", 2)]);

    // The same id at another order is another return.
    let record = read(store, "b").await;
    let mut commit = change(&record, OrderEvent::Returned, 60);
    commit.returned = Some(Box::new(receipt("R-2", 3)));
    store.commit(commit).await.unwrap().unwrap();
    assert_eq!(returns("b").await, [receipt("R-2", 3)]);
    assert_eq!(returns("a").await.len(), 2);
}

pub async fn a_refused_return_is_not_kept(store: &dyn Store) {
    captured(store, "a").await;
    let record = moved(store, "a", &ACCEPTED).await;
    let mut commit = change(&record, OrderEvent::Returned, 60);
    commit.fence = Fence::Token(record.token + 1);
    commit.returned = Some(Box::new(receipt("R-1", 1)));
    let refused = store.commit(commit).await.unwrap();
    assert_eq!(refused.unwrap_err(), Refusal::Fenced);
    let returns = store.returns(&merchant(), &id("a")).await.unwrap();
    assert!(returns.is_empty());
}
