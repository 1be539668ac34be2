//! Connections that end, are too few, or wait for somebody else.

use std::time::{Duration as Time, Instant};

use order_sync::{OrderEvent, OrderState, Store as _, StoreErrorKind};
use order_sync_postgres::PostgresStore;

use crate::fixtures::{captured, change, id, merchant, new_order};
use crate::server::Namespace;

/// The address with a name by which the server's list of connections tells them.
fn named(namespace: &Namespace) -> String {
    let separator = if namespace.url.contains('?') {
        '&'
    } else {
        '?'
    };
    format!(
        "{}{separator}application_name={}",
        namespace.url, namespace.schema
    )
}

async fn kill(namespace: &Namespace) -> i64 {
    let sql =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = $1";
    let admin = namespace.admin().await;
    admin
        .query_one(sql, &[&namespace.schema])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn a_connection_that_ends_in_the_middle_is_told_and_the_next_call_works() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let options = namespace.options().with_max_connections(1);
    let store = PostgresStore::connect(&named(&namespace), options)
        .await
        .unwrap();
    let record = captured(&store, &merchant(), "a").await;

    // While it waits for a lock.
    let mut admin = namespace.admin().await;
    let lock = admin.transaction().await.unwrap();
    lock.batch_execute("SELECT FROM order_records FOR UPDATE")
        .await
        .unwrap();
    let call = {
        let (store, commit) = (store.clone(), change(&record, OrderEvent::Held));
        tokio::spawn(async move { store.commit(commit).await })
    };
    // A new connection is tried; one after another ends as well.
    while !call.is_finished() {
        kill(&namespace).await;
        tokio::time::sleep(Time::from_millis(50)).await;
    }
    let error = call.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
    assert!(
        error
            .to_string()
            .contains("connection to the database was lost"),
        "{error}"
    );
    lock.rollback().await.unwrap();
    let found = store.order(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(found.state, OrderState::Captured, "nothing was written");
    store
        .commit(change(&record, OrderEvent::Held))
        .await
        .unwrap()
        .unwrap();

    // While it rests.
    assert_eq!(kill(&namespace).await, 1);
    tokio::time::sleep(Time::from_millis(100)).await;
    let found = store.order(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(found.state, OrderState::Held);
}

#[tokio::test]
async fn a_call_that_is_dropped_leaves_nothing_behind() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace
        .open(namespace.options().with_max_connections(1))
        .await;
    let record = captured(&store, &merchant(), "a").await;
    let mut admin = namespace.admin().await;
    let lock = admin.transaction().await.unwrap();
    lock.batch_execute("SELECT FROM order_records FOR UPDATE")
        .await
        .unwrap();
    let waiting = store.commit(change(&record, OrderEvent::Held));
    assert!(
        tokio::time::timeout(Time::from_millis(100), waiting)
            .await
            .is_err()
    );
    lock.rollback().await.unwrap();
    let found = store.order(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(found.state, OrderState::Captured);
    store
        .commit(change(&record, OrderEvent::Held))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test]
async fn a_lock_that_somebody_keeps_makes_it_busy_after_a_while() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let options = namespace
        .options()
        .with_lock_timeout(Time::from_millis(100));
    let store = namespace.open(options).await;
    let record = captured(&store, &merchant(), "a").await;
    let mut admin = namespace.admin().await;
    let lock = admin.transaction().await.unwrap();
    lock.batch_execute("SELECT FROM order_records FOR UPDATE")
        .await
        .unwrap();
    let begun = Instant::now();
    let error = store
        .commit(change(&record, OrderEvent::Held))
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
    assert!(error.to_string().contains("try again"), "{error}");
    assert!(begun.elapsed() < Time::from_secs(4));
    // A claim does not wait for anybody.
    let merchant = merchant();
    let claims = store.claim(
        &merchant,
        order_sync::ClaimKind::Send,
        9,
        chrono::Duration::seconds(9),
        record.captured_at,
    );
    assert!(claims.await.unwrap().is_empty());
    lock.rollback().await.unwrap();
    store
        .commit(change(&record, OrderEvent::Held))
        .await
        .unwrap()
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_connection_is_enough_for_many_callers() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace
        .open(namespace.options().with_max_connections(1))
        .await;
    let calls = (0..30).map(|number| {
        let store = store.clone();
        async move {
            let order = new_order(&merchant(), &format!("order-{number}"));
            store.capture(vec![order]).await.unwrap()
        }
    });
    futures_util::future::join_all(calls).await;
    let found = store
        .orders(&merchant(), &[OrderState::Captured], None, 99)
        .await
        .unwrap();
    assert_eq!(found.len(), 30);
}

#[tokio::test]
async fn a_commit_is_forced_to_the_disk_also_where_the_server_would_not() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    drop(namespace.open(namespace.options()).await);
    let worker = namespace.worker().await;
    let role = format!("worker_of_{}", namespace.schema);
    let admin = namespace.admin().await;
    // The timeline tells how each commit was made.
    let sql = format!(
        "ALTER ROLE {role} SET synchronous_commit = off; \
         CREATE FUNCTION {0}.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         NEW.event := current_setting('synchronous_commit'); RETURN NEW; END $$; \
         CREATE TRIGGER tell BEFORE INSERT ON {0}.timeline FOR EACH ROW EXECUTE FUNCTION {0}.tell()",
        namespace.schema
    );
    admin.batch_execute(&sql).await.unwrap();
    let options = namespace.options().without_migrations();
    let store = PostgresStore::connect(&worker, options.clone())
        .await
        .unwrap();
    captured(&store, &merchant(), "a").await;
    let told = async || {
        let sql = "SELECT event FROM timeline ORDER BY order_id DESC LIMIT 1";
        admin.query_one(sql, &[]).await.unwrap().get::<_, String>(0)
    };
    assert_eq!(told().await, "on");
    drop(store);
    // What is stronger stays.
    let sql = format!("ALTER ROLE {role} SET synchronous_commit = remote_write");
    admin.batch_execute(&sql).await.unwrap();
    let store = PostgresStore::connect(&worker, options).await.unwrap();
    captured(&store, &merchant(), "b").await;
    assert_eq!(told().await, "remote_write");
}

#[tokio::test]
async fn what_is_wrong_with_an_address_is_said_without_the_password() {
    for (url, kind, what) in [
        (
            "postgres://u:hunter2@db.example.com/shop?sslmode=disable",
            StoreErrorKind::Other,
            "without TLS",
        ),
        (
            "postgres://u:hunter2@127.0.0.1:1/shop",
            StoreErrorKind::Busy,
            "cannot be reached",
        ),
        (
            "mysql://u:hunter2@127.0.0.1/shop",
            StoreErrorKind::Other,
            "not understood",
        ),
    ] {
        let error = PostgresStore::connect(url, order_sync_postgres::PostgresOptions::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        let text = format!("{error} {error:?}");
        assert!(text.contains(what), "{text}");
        assert!(!text.contains("hunter2"), "{text}");
    }
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    drop(namespace.open(namespace.options()).await);
    let worker = namespace
        .worker()
        .await
        .replace("password=worker", "password=hunter2");
    match PostgresStore::connect(&worker, namespace.options().without_migrations()).await {
        Ok(store) => assert!(
            !format!("{store:?}").contains("hunter2"),
            "a server that asks for no password"
        ),
        Err(error) => {
            let text = format!("{error} {error:?}");
            assert!(text.contains("refused the connection"), "{text}");
            assert!(!text.contains("hunter2"), "{text}");
        }
    }
}
