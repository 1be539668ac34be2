//! Making the tables, once, whoever starts first.

use futures_util::future::join_all;
use order_sync::{Store as _, StoreErrorKind};
use order_sync_postgres::PostgresStore;

use crate::fixtures::{captured, id, merchant};
use crate::server::Namespace;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_workers_that_start_at_once_make_one_store() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let workers = (0..8).map(|_| {
        let options = namespace.options().with_max_connections(1);
        PostgresStore::connect(&namespace.url, options)
    });
    let stores: Vec<PostgresStore> = join_all(workers)
        .await
        .into_iter()
        .map(Result::unwrap)
        .collect();
    captured(&stores[0], &merchant(), "a").await;
    let blind_before = stores[0].blind_before().await.unwrap();
    for store in &stores {
        assert!(store.order(&merchant(), &id("a")).await.unwrap().is_some());
        assert_eq!(store.blind_before().await.unwrap(), blind_before);
        assert!(!store.went_back_in_time());
    }
    // Opened again, it is the same store.
    let again = namespace.open(namespace.options()).await;
    assert_eq!(again.blind_before().await.unwrap(), blind_before);
    assert!(again.order(&merchant(), &id("a")).await.unwrap().is_some());
}

#[tokio::test]
async fn tables_of_a_later_version_are_left_alone() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    drop(namespace.open(namespace.options()).await);
    let later = "UPDATE meta SET value = '3' WHERE name = 'version'";
    namespace.admin().await.batch_execute(later).await.unwrap();
    let error = PostgresStore::connect(&namespace.url, namespace.options())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
    assert!(error.to_string().contains("version 3"), "{error}");
}

#[tokio::test]
async fn tables_of_another_program_are_left_alone() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let foreign = format!(
        "CREATE SCHEMA {0}; CREATE TABLE {0}.orders (id int)",
        namespace.schema
    );
    namespace
        .admin()
        .await
        .batch_execute(&foreign)
        .await
        .unwrap();
    for table in ["orders", "meta (name text, value text)"] {
        if table != "orders" {
            let sql = format!("CREATE TABLE {table}");
            namespace.admin().await.batch_execute(&sql).await.unwrap();
        }
        let error = PostgresStore::connect(&namespace.url, namespace.options())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
        assert!(error.to_string().contains("another program"), "{error}");
    }
    let tables =
        "SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace";
    let tables: i64 = namespace
        .admin()
        .await
        .query_one(tables, &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(tables, 2);
}

#[tokio::test]
async fn without_migrations_tables_are_not_made() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let options = namespace.options().without_migrations();
    let error = PostgresStore::connect(&namespace.url, options.clone())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
    assert!(error.to_string().contains("as their owner"), "{error}");
    drop(namespace.open(namespace.options()).await);
    namespace.open(options).await;
}

#[tokio::test]
async fn a_migration_that_fails_leaves_nothing() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let sql = "SELECT set_config('search_path', 'pg_catalog', false)";
    let admin = namespace.admin().await;
    admin.batch_execute(sql).await.unwrap();
    // A role that may not make a schema.
    let worker = namespace.worker().await;
    let error = PostgresStore::connect(&worker, namespace.options())
        .await
        .unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Other, "{error}");
    assert!(error.to_string().contains("42501"), "{error}");
    let sql = format!(
        "SELECT count(*) FROM pg_namespace WHERE nspname = '{}'",
        namespace.schema
    );
    let schemas: i64 = admin.query_one(&sql, &[]).await.unwrap().get(0);
    assert_eq!(schemas, 0);
}
