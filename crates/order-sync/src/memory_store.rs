//! The store that forgets: plain maps in memory. Its operations are in `port`.

mod port;
mod shelf;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use order_mapping::SourceOrderId;

use self::shelf::{Entry, Shelf};
use crate::{MerchantId, TimelineEntry};

/// A store in memory, for tests, demonstrations and dry runs: everything is gone when the last handle is dropped.
///
/// It keeps the contract of [`Store`](crate::Store) in all but durability. A clone is another handle on the same memory.
///
/// ```
/// use chrono::DateTime;
/// use order_sync::{MemoryStore, Store as _};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), order_sync::StoreError> {
/// let created_at = DateTime::UNIX_EPOCH;
/// let store = MemoryStore::new(created_at);
/// assert_eq!(store.blind_before().await?, created_at);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct MemoryStore {
    created_at: DateTime<Utc>,
    merchants: Arc<Mutex<BTreeMap<MerchantId, Shelf>>>,
}

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MemoryStore")
            .field("created_at", &self.created_at)
            .finish_non_exhaustive()
    }
}

impl MemoryStore {
    /// An empty store that knows nothing of what happened before `created_at`.
    #[must_use]
    pub fn new(created_at: DateTime<Utc>) -> Self {
        Self {
            created_at,
            merchants: Arc::default(),
        }
    }

    /// Every change of every order of a merchant, in the order in which they were committed: for checkers that do not trust the
    /// records.
    #[must_use]
    pub fn history(&self, merchant: &MerchantId) -> Vec<(SourceOrderId, TimelineEntry)> {
        self.read(merchant, |shelf| shelf.history.clone())
    }

    /// No operation leaves the maps half changed, so a lock poisoned by a panic elsewhere is still good.
    fn lock(&self) -> MutexGuard<'_, BTreeMap<MerchantId, Shelf>> {
        self.merchants
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn read<T>(&self, merchant: &MerchantId, read: impl FnOnce(&Shelf) -> T) -> T {
        let merchants = self.lock();
        match merchants.get(merchant) {
            Some(shelf) => read(shelf),
            None => read(&Shelf::default()),
        }
    }

    /// Something of one order; nothing of one that is not on record.
    fn of_order<T: Default>(
        &self,
        merchant: &MerchantId,
        id: &SourceOrderId,
        read: impl FnOnce(&Entry) -> T,
    ) -> T {
        self.read(merchant, |shelf| {
            shelf.orders.get(id).map(read).unwrap_or_default()
        })
    }

    fn write<T>(&self, merchant: &MerchantId, write: impl FnOnce(&mut Shelf) -> T) -> T {
        write(self.lock().entry(merchant.clone()).or_default())
    }
}
