//! One database, many merchants: two walls between them.

use order_sync::{MerchantId, OrderState, Store as _};
use order_sync_testkit::store_contract;
use tokio_postgres::NoTls;

use crate::fixtures::{captured, id, merchant};
use crate::server::Namespace;

/// The store as a role that owns nothing and bypasses nothing: the second wall stands before every statement of the contract. (The
/// contract over the server's superuser, to whom the second wall does not exist, proves the first.)
async fn worker() -> Option<(order_sync_postgres::PostgresStore, Namespace)> {
    let namespace = Namespace::new().await?;
    let options = namespace
        .options()
        .with_callers_clock(store_contract::start());
    drop(namespace.open(options.clone()).await);
    let url = namespace.worker().await;
    let store =
        order_sync_postgres::PostgresStore::connect(&url, options.without_migrations()).await;
    Some((store.unwrap(), namespace))
}

order_sync_testkit::store_contract!(of_a_role_that_owns_nothing, worker);

#[tokio::test]
async fn row_level_security_is_forced_on_every_table_with_a_merchant() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let _store = namespace.open(namespace.options()).await;
    let sql = "SELECT c.relname::text, c.relrowsecurity AND c.relforcerowsecurity \
               AND EXISTS (SELECT FROM pg_policy p WHERE p.polrelid = c.oid AND p.polcmd = '*'), \
               EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'merchant') \
               FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')";
    let rows = namespace.admin().await.query(sql, &[]).await.unwrap();
    assert!(rows.len() > 25, "{}", rows.len());
    let mut months = 0;
    for row in rows {
        let table: &str = row.get(0);
        assert_eq!(
            row.get::<_, bool>(2),
            table != "meta",
            "{table} has no merchant"
        );
        assert_eq!(
            row.get::<_, bool>(1),
            table != "meta",
            "{table} has no wall"
        );
        months += usize::from(table.starts_with("orders_closed_2"));
    }
    assert_eq!(months, 3, "partitions for the next months");
}

#[tokio::test]
async fn a_role_that_owns_nothing_sees_one_merchant_and_no_more() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let other = MerchantId::new("southwind");
    captured(&store, &merchant(), "a").await;
    captured(&store, &other, "b").await;
    let (client, connection) = tokio_postgres::connect(&namespace.worker().await, NoTls)
        .await
        .unwrap();
    tokio::spawn(connection);
    let sql = format!("SET search_path = {}", namespace.schema);
    client.batch_execute(&sql).await.unwrap();
    let tables = [
        "orders",
        "orders_open",
        "order_records",
        "order_personal",
        "timeline",
        "order_references",
    ];
    for (who, expected) in [
        (None, 0),
        (Some(""), 0),
        (Some("southwind"), 1),
        (Some("eastwind"), 0),
    ] {
        if let Some(who) = who {
            let sql = format!("SET order_sync.merchant = '{who}'");
            client.batch_execute(&sql).await.unwrap();
        }
        for table in tables {
            let sql = format!("SELECT merchant FROM {table}");
            let rows = client.query(&sql, &[]).await.unwrap();
            assert_eq!(rows.len(), expected, "{table} as {who:?}");
            assert!(rows.iter().all(|row| row.get::<_, &str>(0) == "southwind"));
        }
    }
    client
        .batch_execute("SET order_sync.merchant = 'southwind'")
        .await
        .unwrap();
    let touched = client.execute(
        "UPDATE orders SET state = 'closed' WHERE merchant = 'northwind'",
        &[],
    );
    assert_eq!(touched.await.unwrap(), 0);
    for sql in [
        "INSERT INTO cursors (merchant, name, value) VALUES ('northwind', 'orders', '9')",
        "UPDATE orders SET merchant = 'northwind'",
        "ALTER TABLE orders NO FORCE ROW LEVEL SECURITY",
        "SET row_security = off; SELECT count(*) FROM orders",
    ] {
        assert!(client.batch_execute(sql).await.is_err(), "{sql}");
    }
    let ours = store.order(&merchant(), &id("a")).await.unwrap().unwrap();
    assert_eq!(ours.state, OrderState::Captured);
}

#[tokio::test]
async fn a_loud_merchant_leaves_connections_for_the_others() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace
        .open(namespace.options().with_max_connections(4))
        .await;
    let (loud, quiet) = (MerchantId::new("loud"), MerchantId::new("quiet"));
    let record = captured(&store, &loud, "a").await;
    captured(&store, &quiet, "b").await;
    // Everything that the loud one wants takes long.
    let mut admin = namespace.admin().await;
    let lock = admin.transaction().await.unwrap();
    lock.batch_execute("SELECT FROM order_records WHERE merchant = 'loud' FOR UPDATE")
        .await
        .unwrap();
    let calls: Vec<_> = (0..20)
        .map(|_| {
            let (store, commit) = (
                store.clone(),
                crate::fixtures::change(&record, order_sync::OrderEvent::Held),
            );
            tokio::spawn(async move { store.commit(commit).await })
        })
        .collect();
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
    let patience = std::time::Duration::from_secs(3);
    for _ in 0..10 {
        let answer = tokio::time::timeout(patience, store.order(&quiet, &id("b"))).await;
        assert!(answer.expect("the quiet merchant waits").unwrap().is_some());
    }
    lock.rollback().await.unwrap();
    for call in calls {
        let _applied_or_impossible = call.await.unwrap().unwrap();
    }
}
