//! Which versions of the profile were in use.

use order_sync::{Approval, ProfileVersion, Store};

use super::fixtures::{at, merchant};

async fn record(store: &dyn Store, version: &ProfileVersion) {
    store
        .record_profile(&merchant(), version.clone())
        .await
        .unwrap();
}

pub async fn versions_are_kept_in_the_order_they_came(store: &dyn Store) {
    assert!(store.profiles(&merchant()).await.unwrap().is_empty());
    let approval = Approval::new("Alex", at(-5));
    let versions = [
        ProfileVersion::new("cc", at(1), Some(approval)),
        ProfileVersion::new("aa", at(2), None),
        ProfileVersion::new("bb", at(2), None),
    ];
    for version in &versions {
        record(store, version).await;
    }
    // In use again is not new.
    record(store, &ProfileVersion::new("cc", at(9), None)).await;
    assert_eq!(store.profiles(&merchant()).await.unwrap(), versions);
}

pub async fn an_approval_is_added_where_there_was_none(store: &dyn Store) {
    let approval = |by: &str, moment| Some(Approval::new(by, at(moment)));
    record(store, &ProfileVersion::new("aa", at(1), None)).await;
    record(store, &ProfileVersion::new("bb", at(2), None)).await;
    record(
        store,
        &ProfileVersion::new("aa", at(5), approval("Alex", 4)),
    )
    .await;
    record(store, &ProfileVersion::new("aa", at(7), approval("Kim", 6))).await;
    let expected = [
        ProfileVersion::new("aa", at(1), approval("Alex", 4)),
        ProfileVersion::new("bb", at(2), None),
    ];
    assert_eq!(store.profiles(&merchant()).await.unwrap(), expected);
}
