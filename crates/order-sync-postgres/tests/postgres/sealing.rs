//! Personal data sealed with a key: nothing of it in any table, and the same refusals as in every store.

use order_sync::{
    Dossier, Fence, KeyRing, MerchantId, OrderEvent, OrderQuery, OrderRecord, PersonalDataKey,
    Store as _, StoreErrorKind,
};
use order_sync_postgres::PostgresStore;
use order_sync_testkit::store_contract;

use crate::fixtures::{at, captured, id, merchant};
use crate::server::Namespace;

/// What every order of the fixtures has of a person.
const PLANTED: &str = "Goods In";

fn key(name: &str, byte: u8) -> PersonalDataKey {
    PersonalDataKey::new(name, [byte; 32]).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(key("2026", 1))
}

async fn sealed_postgres() -> Option<(PostgresStore, Namespace)> {
    let namespace = Namespace::new().await?;
    let options = namespace
        .options()
        .with_callers_clock(store_contract::start())
        .with_personal_data_keys(ring());
    let store = namespace.open(options).await;
    Some((store, namespace))
}

store_contract!(of_postgres_with_a_key, sealed_postgres);

async fn dossiers(store: &PostgresStore, merchant: &MerchantId) -> Vec<Dossier> {
    let mut query = OrderQuery::new(&[], 99);
    query.with_source = true;
    store.scan(merchant, &query).await.unwrap()
}

fn is_whole(dossier: &Dossier) -> bool {
    let people = &dossier.source.as_ref().unwrap().order.personal;
    dossier.unopened.is_none() && people.shipping.is_some()
}

async fn reseal(store: &PostgresStore) -> (u64, u64) {
    let (mut rows, mut unopened) = (0, 0);
    let mut after = None;
    for _ in 0..100 {
        let page = store.reseal_personal(&merchant(), after.as_ref(), 2).await;
        let page = page.unwrap();
        rows += page.rows;
        unopened += page.unopened;
        after = page.last;
        if after.is_none() {
            return (rows, unopened);
        }
    }
    panic!("the pages have no end");
}

/// Everything in every table, as text.
async fn dump(namespace: &Namespace) -> String {
    let admin = namespace.admin().await;
    let tables = "SELECT c.oid::regclass::text FROM pg_class c \
                  WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'";
    let mut all = String::new();
    for table in admin.query(tables, &[]).await.unwrap() {
        let table: &str = table.get(0);
        let rows = format!("SELECT t::text FROM {table} t");
        for row in admin.query(&rows, &[]).await.unwrap() {
            all.push_str(row.get(0));
            all.push('\n');
        }
    }
    all
}

#[tokio::test]
async fn nothing_planted_stands_in_any_table() {
    let Some((store, namespace)) = sealed_postgres().await else {
        return;
    };
    let other = MerchantId::new("southwind");
    captured(&store, &merchant(), "a").await;
    captured(&store, &other, "a").await;
    let all = dump(&namespace).await;
    assert!(all.contains("MUG-RED"), "the facts are found");
    assert!(!all.contains(PLANTED));
    assert!(is_whole(&dossiers(&store, &merchant()).await[0]));
    assert!(is_whole(&dossiers(&store, &other).await[0]));
}

#[tokio::test]
async fn a_sealed_store_is_not_opened_without_its_key() {
    let Some((store, namespace)) = sealed_postgres().await else {
        return;
    };
    captured(&store, &merchant(), "a").await;
    let options = namespace.options();
    for (options, words) in [
        (options.clone(), "no key was given"),
        (
            options
                .clone()
                .with_personal_data_keys(KeyRing::new(key("2026", 9))),
            "is not the one",
        ),
        (
            options
                .clone()
                .with_personal_data_keys(KeyRing::new(key("2027", 1))),
            "sealed with the key 2026",
        ),
    ] {
        let error = PostgresStore::connect(&namespace.url, options)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Other, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    let options = options.with_personal_data_keys(ring());
    let store = namespace.open(options).await;
    assert!(is_whole(&dossiers(&store, &merchant()).await[0]));
}

#[tokio::test]
async fn what_is_there_in_clear_is_sealed_and_another_key_takes_over() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    for text in ["a", "b", "c"] {
        captured(&store, &merchant(), text).await;
    }
    drop(store);
    assert!(dump(&namespace).await.contains(PLANTED));
    let options = namespace.options().with_personal_data_keys(ring());
    let store = namespace.open(options).await;
    assert_eq!(reseal(&store).await, (3, 0));
    assert_eq!(reseal(&store).await, (0, 0));
    assert!(!dump(&namespace).await.contains(PLANTED));
    drop(store);

    let both = KeyRing::new(key("2027", 2)).with_older(key("2026", 1));
    let options = namespace.options().with_personal_data_keys(both);
    let store = namespace.open(options).await;
    assert_eq!(reseal(&store).await, (3, 0));
    drop(store);
    let last = KeyRing::new(key("2027", 2));
    let options = namespace.options().with_personal_data_keys(last);
    let store = namespace.open(options).await;
    let all = dossiers(&store, &merchant()).await;
    assert_eq!(all.len(), 3);
    assert!(all.iter().all(is_whole));
}

#[tokio::test]
async fn a_row_of_another_order_or_merchant_does_not_open_and_blocks_nobody() {
    let Some((store, namespace)) = sealed_postgres().await else {
        return;
    };
    let other = MerchantId::new("southwind");
    for text in ["a", "b", "c"] {
        captured(&store, &merchant(), text).await;
    }
    captured(&store, &other, "c").await;
    let admin = namespace.admin().await;
    for (table, column) in [("order_personal", "details"), ("personal_keys", "wrapped")] {
        for (to, merchant, from) in [("a", "northwind", "b"), ("c", "southwind", "c")] {
            let sql = format!(
                "UPDATE {table} SET {column} = (SELECT x.{column} FROM {table} x \
                 WHERE x.merchant = '{merchant}' AND x.order_id = '{from}') \
                 WHERE merchant = 'northwind' AND order_id = '{to}'"
            );
            assert_eq!(admin.execute(&sql, &[]).await.unwrap(), 1);
        }
    }
    let all = dossiers(&store, &merchant()).await;
    for swapped in [0, 2] {
        let why = all[swapped].unopened.as_deref().unwrap();
        assert!(
            why.contains("does not open") && !why.contains(PLANTED),
            "{why}"
        );
    }
    assert!(is_whole(&all[1]));
    assert!(is_whole(&dossiers(&store, &other).await[0]));
}

#[tokio::test]
async fn the_key_of_an_erased_order_is_destroyed() {
    let Some((store, namespace)) = sealed_postgres().await else {
        return;
    };
    let record = captured(&store, &merchant(), "a").await;
    captured(&store, &merchant(), "b").await;
    let admin = namespace.admin().await;
    let details = "SELECT details FROM order_personal WHERE order_id = 'a'";
    let sealed: String = admin.query_one(details, &[]).await.unwrap().get(0);
    let step = |record: &OrderRecord, event| {
        order_sync::Commit::new(
            record,
            Fence::Token(record.token),
            event,
            at(1),
            "asked for",
        )
    };
    let ignored = step(&record, OrderEvent::Ignored);
    let record = store.commit(ignored).await.unwrap().unwrap();
    let wish = step(&record, OrderEvent::ErasureWanted);
    let record = store.commit(wish).await.unwrap().unwrap();
    assert_eq!(record.erased_at, Some(at(1)));
    let left = "SELECT string_agg(order_id, ' ') FROM personal_keys";
    let left: String = admin.query_one(left, &[]).await.unwrap().get(0);
    assert_eq!(left, "b");

    // The row comes back from a backup; the key was not in it.
    let back =
        "INSERT INTO order_personal (merchant, order_id, details) VALUES ('northwind', 'a', $1)";
    admin.execute(back, &[&sealed]).await.unwrap();
    let all = dossiers(&store, &merchant()).await;
    let why = all[0].unopened.as_deref().unwrap();
    assert!(why.contains("its key is not in the store"), "{why}");
    assert!(
        store
            .source_copy(&merchant(), &id("a"))
            .await
            .unwrap()
            .is_some()
    );
    assert!(is_whole(&all[1]));
}

#[tokio::test]
async fn tables_of_version_1_get_their_keys() {
    let Some(namespace) = Namespace::new().await else {
        return;
    };
    let store = namespace.open(namespace.options()).await;
    captured(&store, &merchant(), "a").await;
    drop(store);
    let admin = namespace.admin().await;
    let back = "DROP TABLE personal_keys; UPDATE meta SET value = '1' WHERE name = 'version'";
    admin.batch_execute(back).await.unwrap();
    let store = namespace
        .open(namespace.options().with_personal_data_keys(ring()))
        .await;
    assert!(is_whole(&dossiers(&store, &merchant()).await[0]));
    assert_eq!(reseal(&store).await, (1, 0));
    let walled = "SELECT relrowsecurity AND relforcerowsecurity FROM pg_class WHERE oid = 'personal_keys'::regclass";
    let walled: bool = admin.query_one(walled, &[]).await.unwrap().get(0);
    assert!(walled);
}
