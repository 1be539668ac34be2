//! Where orders lie: the open ones together, the others by month.

use order_sync::{Commit, Fence, OrderEvent, OrderState, Store as _};

use crate::fixtures::{CLOSED, at, captured, id, merchant, moved};
use crate::server::Namespace;

async fn shelf(namespace: &Namespace, text: &str) -> String {
    let sql = "SELECT tableoid::regclass::text FROM orders WHERE id = $1";
    namespace
        .admin()
        .await
        .query_one(sql, &[&text])
        .await
        .unwrap()
        .get(0)
}

#[tokio::test]
async fn an_order_lies_with_the_open_ones_until_nobody_has_to_do_with_it() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let now: chrono::DateTime<chrono::Utc> = namespace
        .admin()
        .await
        .query_one("SELECT now()", &[])
        .await
        .unwrap()
        .get(0);
    let month = now.format("orders_closed_%Y_%m").to_string();
    let record = captured(&store, &merchant(), "a").await;
    let record = moved(&store, record, &CLOSED[..5]).await;
    assert_eq!(shelf(&namespace, "a").await, "orders_open");
    let proof = |at| {
        Commit::new(
            &record,
            Fence::Token(record.token),
            OrderEvent::ProofHeld,
            at,
            "closed",
        )
    };
    let record = store.commit(proof(now)).await.unwrap().unwrap();
    assert_eq!(record.state, OrderState::Closed);
    assert_eq!(shelf(&namespace, "a").await, month);

    // It is found as before, and can come back.
    assert_eq!(
        store.order(&merchant(), &id("a")).await.unwrap().unwrap(),
        record
    );
    let counts = store
        .counts(&merchant(), &[OrderState::Closed])
        .await
        .unwrap();
    assert_eq!(counts[&OrderState::Closed].orders, 1);
    let request = order_sync::ChangeRequest::wanted("w", order_sync::RequestKind::Cancel, at(2));
    let wish = Commit::new(
        &record,
        Fence::Token(record.token),
        OrderEvent::ChangeWanted,
        at(2),
        "a wish",
    )
    .requesting(request);
    let record = store.commit(wish).await.unwrap().unwrap();
    assert_eq!(shelf(&namespace, "a").await, "orders_open");
    let dropped = Commit::new(
        &record,
        Fence::Token(record.token),
        OrderEvent::ChangeDropped,
        at(3),
        "no wish",
    );
    let record = store.commit(dropped).await.unwrap().unwrap();
    assert_eq!(shelf(&namespace, "a").await, month);
    // What happens to it there changes its row there.
    let note = Commit::new(
        &record,
        Fence::Token(record.token),
        OrderEvent::Returned,
        at(4),
        "came back",
    );
    store.commit(note).await.unwrap().unwrap();
    assert_eq!(shelf(&namespace, "a").await, month);
    assert_eq!(
        store
            .erase_personal(&merchant(), now + chrono::Duration::days(1), 9)
            .await
            .unwrap(),
        1
    );
    assert_eq!(
        store
            .erase_personal(&merchant(), now + chrono::Duration::days(1), 9)
            .await
            .unwrap(),
        0
    );
}

#[tokio::test]
async fn a_month_without_a_partition_refuses_no_order() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    let record = captured(&store, &merchant(), "a").await;
    // Long ago: nobody made a partition for that month.
    moved(&store, record, &CLOSED).await;
    assert_eq!(shelf(&namespace, "a").await, "orders_closed_other");
    // One that is missing although it is due stays missing while its orders lie elsewhere, and stops nothing.
    let sql = "DO $$ DECLARE month text := to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM'); BEGIN \
               EXECUTE 'DROP TABLE orders_closed_' || month; \
               UPDATE orders SET shelf = to_date(month || '_01', 'YYYY_MM_DD'); END $$";
    namespace.admin().await.batch_execute(sql).await.unwrap();
    let again = namespace.open(namespace.options()).await;
    captured(&again, &merchant(), "b").await;
    assert_eq!(shelf(&namespace, "a").await, "orders_closed_other");
}
