//! A folder with a store in it, and orders to put there.

use std::path::PathBuf;

use chrono::{DateTime, Duration, Utc};
use order_mapping::{Address, ClientOrderRef, OrderLine, SalesOrder, SourceOrderId};
use order_sync::{
    CaptureOutcome, Commit, Fence, MerchantId, NewOrder, OrderEvent, OrderRecord, SourceCopy,
    Store as _, StoreError,
};
use order_sync_sqlite::{OpenOptions, SqliteStore};

pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_323_200, 0).unwrap() + Duration::seconds(seconds)
}

pub(crate) fn merchant() -> MerchantId {
    MerchantId::new("northwind")
}

pub(crate) fn id(text: &str) -> SourceOrderId {
    SourceOrderId::new(text)
}

/// A folder that goes with the test.
pub(crate) struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.path("orders.db")
    }

    pub(crate) fn try_open(&self, now: i64) -> Result<SqliteStore, StoreError> {
        SqliteStore::open(self.store(), OpenOptions::new(at(now)))
    }

    pub(crate) fn open(&self, now: i64) -> SqliteStore {
        self.try_open(now).unwrap()
    }

    /// Names of the files in the folder.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

pub(crate) fn new_order(text: &str) -> NewOrder {
    let mut order = SalesOrder::new(text);
    order.lines = vec![OrderLine::new("line-1", "MUG-RED", 4)];
    let mut shipping = Address::default();
    shipping.name = Some("Planted Name".into());
    shipping.phone = Some("07700 900555".into());
    order.personal.shipping = Some(shipping);
    order.personal.instructions = Some("planted note".into());
    let reference = ClientOrderRef::derive(b"key", "northwind", &order.id, 0, 0);
    let record = OrderRecord::captured(merchant(), reference, &order, None, at(0));
    NewOrder::new(record, SourceCopy::new(order, None))
}

pub(crate) async fn capture(store: &SqliteStore, text: &str) -> OrderRecord {
    let outcomes = store.capture(vec![new_order(text)]).await.unwrap();
    assert_eq!(outcomes, [CaptureOutcome::Recorded]);
    store.order(&merchant(), &id(text)).await.unwrap().unwrap()
}

pub(crate) fn prepared(record: &OrderRecord) -> Commit {
    let fence = Fence::Token(record.token);
    Commit::new(record, fence, OrderEvent::Prepared, at(0), "").due(at(0))
}
