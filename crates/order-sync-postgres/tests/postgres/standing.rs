//! A database that is not the one it was.

use order_sync::Store as _;

use crate::server::Namespace;

#[tokio::test]
async fn a_store_that_went_back_in_time_is_blind_from_then_on() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let made = store.blind_before().await.unwrap();
    let admin = namespace.admin().await;
    let lineage = "SELECT value FROM meta WHERE name = 'lineage'";
    let lineage: String = admin.query_one(lineage, &[]).await.unwrap().get(0);
    assert_eq!(lineage.split('/').count(), 3, "{lineage}");
    // A standby takes over while workers run: another timeline.
    let other = "UPDATE meta SET value = '1/00000009/1' WHERE name = 'lineage'";
    admin.batch_execute(other).await.unwrap();
    let blind_before = store.blind_before().await.unwrap();
    assert!(blind_before > made);
    assert_eq!(
        store.blind_before().await.unwrap(),
        blind_before,
        "noted once"
    );
    let again = namespace.open(namespace.options()).await;
    assert!(!again.went_back_in_time(), "it was noticed before");
    // A backup is restored while nobody runs.
    admin.batch_execute(other).await.unwrap();
    let restored = namespace.open(namespace.options()).await;
    assert!(restored.went_back_in_time());
    assert!(restored.blind_before().await.unwrap() > blind_before);
}

#[tokio::test]
async fn a_role_that_owns_nothing_notices_it_as_well() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    drop(namespace.open(namespace.options()).await);
    let other = "UPDATE meta SET value = '1/00000009/1' WHERE name = 'lineage'";
    namespace.admin().await.batch_execute(other).await.unwrap();
    let options = namespace.options().without_migrations();
    let worker = namespace.worker().await;
    let store = order_sync_postgres::PostgresStore::connect(&worker, options)
        .await
        .unwrap();
    assert!(store.went_back_in_time());
}
