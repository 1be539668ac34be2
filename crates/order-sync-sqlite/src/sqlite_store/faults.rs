//! Faults of the disk and of other programs: a clear error, and nothing half written. With the thread and without.

use chrono::DateTime;
use order_mapping::{ClientOrderRef, OrderLine, SalesOrder};
use order_sync::{
    CaptureOutcome, MerchantId, NewOrder, OrderRecord, OrderState, SourceCopy, Store as _,
    StoreErrorKind,
};
use rusqlite::Connection;

use super::*;
use crate::failure::Failure;

const NOW: DateTime<Utc> = DateTime::UNIX_EPOCH;

struct Place {
    folder: tempfile::TempDir,
    store: SqliteStore,
}

impl Place {
    fn both() -> [Self; 2] {
        [false, true].map(|inline| {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("orders.db");
            let options = OpenOptions::new(NOW);
            let store = if inline {
                SqliteStore::open_inline(path, options)
            } else {
                SqliteStore::open(path, options)
            };
            let store = store.unwrap();
            Self { folder, store }
        })
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("orders.db")
    }

    /// Changes a setting of the store's own connection.
    async fn set(&self, sql: &'static str) {
        let set = move |connection: &Connection| Ok(connection.execute_batch(sql)?);
        self.store.driver.call(set).await.unwrap();
    }

    async fn capture(&self, names: &[&str]) -> Result<Vec<CaptureOutcome>, StoreError> {
        let batch = names.iter().map(|name| order(name)).collect();
        self.store.capture(batch).await
    }

    /// Orders on record, and rows of what belongs to them.
    async fn rows(&self) -> (i64, i64) {
        let count = |connection: &Connection| {
            let sql = "SELECT (SELECT count(*) FROM orders), (SELECT count(*) FROM order_lines) \
                       + (SELECT count(*) FROM timeline) + (SELECT count(*) FROM order_references) \
                       + (SELECT count(*) FROM order_sources)";
            Ok(connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))?)
        };
        self.store.driver.call(count).await.unwrap()
    }
}

fn merchant() -> MerchantId {
    MerchantId::new("northwind")
}

fn order(name: &str) -> NewOrder {
    let mut order = SalesOrder::new(name);
    order.lines = vec![OrderLine::new("line-1", "MUG-RED", 4)];
    order.metadata = vec![("bulk".to_owned(), "x".repeat(2_000))];
    let reference = ClientOrderRef::derive(b"key", "northwind", &order.id, 0, 0);
    let record = OrderRecord::captured(merchant(), reference, &order, None, NOW);
    NewOrder::new(record, SourceCopy::new(order, None))
}

fn many() -> Vec<String> {
    (0..100).map(|number| format!("order-{number}")).collect()
}

#[tokio::test]
async fn a_full_disk_loses_one_batch_whole_and_the_next_one_fits_again() {
    for place in Place::both() {
        place.capture(&["before"]).await.unwrap();
        let pages: i64 = place
            .store
            .driver
            .call(|connection| Ok(connection.query_row("PRAGMA page_count", [], |row| row.get(0))?))
            .await
            .unwrap();
        let full = move |connection: &Connection| -> Result<(), Failure> {
            Ok(connection.pragma_update(None, "max_page_count", pages + 2)?)
        };
        place.store.driver.call(full).await.unwrap();

        let names = many();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let error = place.capture(&names).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NoSpace, "{error}");
        assert!(error.to_string().contains("make room"), "{error}");
        assert_eq!(place.rows().await, (1, 4), "nothing of the batch");

        place.set("PRAGMA max_page_count = 1000000").await;
        let outcomes = place.capture(&names).await.unwrap();
        assert_eq!(outcomes, vec![CaptureOutcome::Recorded; 100]);
    }
}

#[tokio::test]
async fn another_program_with_the_files_lock_makes_it_busy_until_it_is_gone() {
    for place in Place::both() {
        place.set("PRAGMA busy_timeout = 20").await;
        let other = Connection::open(place.path()).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        let error = place.capture(&["a"]).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Busy, "{error}");
        assert!(error.to_string().contains("another program"), "{error}");
        other.execute_batch("ROLLBACK").unwrap();
        assert_eq!(place.rows().await, (0, 0));
        let outcomes = place.capture(&["a"]).await.unwrap();
        assert_eq!(outcomes, [CaptureOutcome::Recorded]);
    }
}

#[tokio::test]
async fn a_database_that_cannot_be_written_says_so() {
    for place in Place::both() {
        place.capture(&["before"]).await.unwrap();
        let batch = vec![order("a")];
        let read_only = move |connection: &Connection| {
            connection.execute_batch("PRAGMA query_only = ON")?;
            let outcome = crate::orders::capture(connection, &Sealing::clear(), &batch);
            connection.execute_batch("PRAGMA query_only = OFF")?;
            outcome
        };
        let error = place.store.driver.call(read_only).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::NoSpace, "{error}");
        assert!(error.to_string().contains("read-only"), "{error}");
        assert_eq!(place.rows().await, (1, 4));
        place.capture(&["a"]).await.unwrap();
    }
}

#[tokio::test]
async fn pages_that_break_under_an_open_store_are_noticed_and_not_written_on() {
    for inline in [false, true] {
        let [threaded, other] = Place::both();
        let place = if inline { other } else { threaded };
        let names = many();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        place.capture(&names).await.unwrap();
        let Place { folder, store } = place;
        drop(store);
        let path = folder.path().join("orders.db");
        let whole = std::fs::read(&path).unwrap();
        let options = OpenOptions::new(NOW);
        let open = |path: &Path| {
            if inline {
                SqliteStore::open_inline(path, options.clone())
            } else {
                SqliteStore::open(path, options.clone())
            }
        };
        let place = Place {
            store: open(&path).unwrap(),
            folder,
        };
        let mut broken = whole.clone();
        for byte in broken.iter_mut().skip(3 * 4096).step_by(3) {
            *byte = 0xAA;
        }
        // Into the same file, without cutting it: that is what a failing disk does.
        use std::io::Write as _;
        let mut file = std::fs::File::options().write(true).open(&path).unwrap();
        file.write_all(&broken).unwrap();
        place.set("PRAGMA shrink_memory").await;

        let states = [OrderState::Captured];
        let read = place.store.orders(&merchant(), &states, None, 1_000).await;
        let error = read.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");
        assert!(error.to_string().contains("restore a backup"), "{error}");
        let error = place.capture(&["late"]).await.unwrap_err();
        assert_eq!(error.kind(), StoreErrorKind::Damaged, "{error}");

        // With the pages as they were, there is nothing of the order that failed.
        drop(place.store);
        std::fs::write(&path, &whole).unwrap();
        let store = open(&path).unwrap();
        let found = store.orders(&merchant(), &states, None, 1_000).await;
        assert_eq!(found.unwrap().len(), 100);
    }
}

#[tokio::test]
async fn a_panic_in_an_operation_without_thread_leaves_nothing_behind() {
    let store = SqliteStore::in_memory(OpenOptions::new(NOW)).unwrap();
    let caller = {
        let store = store.clone();
        tokio::spawn(async move {
            let panics = |connection: &Connection| -> Result<(), Failure> {
                let sql = "INSERT INTO cursors (merchant, name, value) VALUES ('m', 'n', '1')";
                connection.execute(sql, [])?;
                panic!("a bug")
            };
            store.driver.call(panics).await
        })
    };
    assert!(caller.await.unwrap_err().is_panic());
    // The transaction that was left open is found and taken back.
    assert!(store.cursor(&MerchantId::new("m"), "n").await.is_err());
    let cursor = store.cursor(&MerchantId::new("m"), "n").await;
    assert_eq!(cursor.unwrap(), None);
}
