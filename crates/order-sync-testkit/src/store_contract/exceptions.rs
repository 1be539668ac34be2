//! Exceptions open, change and close with what a flow finds.

use order_sync::{ExceptionSubject, Finding, Store, codes};

use super::fixtures::{at, id, merchant};

pub(crate) fn finding(order: &str, count: u64) -> Finding {
    let mut finding = Finding::new(
        ExceptionSubject::order(&id(order)),
        &codes::ORPHAN,
        "waits too long",
    );
    finding.count = count;
    finding.examples = vec![order.to_owned()];
    finding.since = Some(at(-100));
    finding
}

async fn subjects(store: &dyn Store, found_only: bool) -> Vec<String> {
    let exceptions = store.exceptions(&merchant(), found_only).await.unwrap();
    exceptions
        .iter()
        .map(|one| one.finding.subject.as_str().to_owned())
        .collect()
}

pub async fn open_update_and_close(store: &dyn Store) {
    let merchant = merchant();
    let findings = vec![finding("b", 1), finding("a", 1)];
    let opened = store
        .settle_exceptions(&merchant, "orders", findings.clone(), at(1))
        .await
        .unwrap();
    assert_eq!(opened.opened.len(), 2);
    assert_eq!(
        store.exceptions(&merchant, true).await.unwrap(),
        opened.opened
    );

    let again = store
        .settle_exceptions(&merchant, "orders", findings, at(2))
        .await
        .unwrap();
    assert!(again.is_empty(), "the same findings are no change");
    assert_eq!(
        store.exceptions(&merchant, true).await.unwrap()[0].changed_at,
        at(1)
    );

    let findings = vec![finding("a", 7), finding("c", 1)];
    let changes = store
        .settle_exceptions(&merchant, "orders", findings, at(3))
        .await
        .unwrap();
    assert_eq!(
        (
            changes.opened.len(),
            changes.updated.len(),
            changes.closed.len()
        ),
        (1, 1, 1)
    );
    assert_eq!(subjects(store, true).await, ["order:a", "order:c"]);
    assert_eq!(
        subjects(store, false).await,
        ["order:a", "order:b", "order:c"]
    );
    let open = store.exceptions(&merchant, true).await.unwrap();
    assert_eq!(open[0], changes.updated[0]);
    assert_eq!(
        (open[0].finding.count, open[0].opened_at, open[0].changed_at),
        (7, at(1), at(3))
    );
    let all = store.exceptions(&merchant, false).await.unwrap();
    assert_eq!(all[1].closed_at, Some(at(3)));

    store
        .settle_exceptions(&merchant, "orders", Vec::new(), at(4))
        .await
        .unwrap();
    assert!(subjects(store, true).await.is_empty());
}

pub async fn scopes_are_apart(store: &dyn Store) {
    let merchant = merchant();
    store
        .settle_exceptions(&merchant, "orders", vec![finding("a", 1)], at(1))
        .await
        .unwrap();
    store
        .settle_exceptions(&merchant, "audit", vec![finding("a", 2)], at(2))
        .await
        .unwrap();
    assert_eq!(subjects(store, true).await, ["order:a", "order:a"]);
    let closed = store
        .settle_exceptions(&merchant, "orders", Vec::new(), at(3))
        .await
        .unwrap();
    assert_eq!(closed.closed.len(), 1);
    let open = store.exceptions(&merchant, true).await.unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!(
        (open[0].scope.as_str(), open[0].finding.count),
        ("audit", 2)
    );
}

pub async fn what_comes_back_is_a_new_exception(store: &dyn Store) {
    let merchant = merchant();
    for (moment, findings) in [
        (1, vec![finding("a", 1)]),
        (2, Vec::new()),
        (3, vec![finding("a", 1)]),
    ] {
        store
            .settle_exceptions(&merchant, "orders", findings, at(moment))
            .await
            .unwrap();
    }
    let all = store.exceptions(&merchant, false).await.unwrap();
    let times: Vec<_> = all
        .iter()
        .map(|one| (one.opened_at, one.closed_at))
        .collect();
    assert_eq!(times, [(at(1), Some(at(2))), (at(3), None)]);
    store
        .settle_exceptions(&merchant, "orders", Vec::new(), at(4))
        .await
        .unwrap();
    let all = store.exceptions(&merchant, false).await.unwrap();
    assert_eq!(
        all[0].closed_at,
        Some(at(2)),
        "the old one stays as it was closed"
    );
    assert_eq!(all[1].closed_at, Some(at(4)));
}

pub async fn findings_of_one_subject_add_up(store: &dyn Store) {
    let merchant = merchant();
    let findings = vec![finding("a", 2), finding("a", 3)];
    let opened = store
        .settle_exceptions(&merchant, "orders", findings, at(1))
        .await
        .unwrap();
    assert_eq!(opened.opened.len(), 1);
    assert_eq!(
        store.exceptions(&merchant, true).await.unwrap()[0]
            .finding
            .count,
        5
    );
}
