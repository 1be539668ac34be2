//! A store of one's own behind [`order_sync::Store`]: everything in one JSON file.
//!
//! Read it in this order: `state.rs` is what is remembered, `state_file.rs` how a transaction becomes durable, `books.rs` what the
//! methods that do more than look up do, and `port.rs` is the port itself.
//!
//! What keeps the contract is small. Every writing method works on a copy of the state; the copy replaces the file, and only then the
//! state, and only then the method returns `Ok`. What becomes of an order, an exception or a stock figure is never decided here:
//! [`order_sync::apply`], [`order_sync::act`], [`order_sync::compare`] and [`order_sync::compare_stock`] say it, and what they return
//! is written as it is.
//!
//! What it costs: each transaction writes the whole file, and blocks its caller until the disk has it. That suits some thousand
//! orders; a database suits more, with the same four functions and a transaction of its own.

mod books;
mod port;
mod state;
mod state_file;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use order_sync::{MerchantId, StoreError};

use self::state::{Books, State};
use self::state_file::StateFile;

/// Everything the engine remembers, in one JSON file of one process.
pub struct JsonStore {
    file: StateFile,
    state: Mutex<State>,
}

impl std::fmt::Debug for JsonStore {
    /// The file alone: the state has personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("JsonStore")
            .field("file", &self.file)
            .finish_non_exhaustive()
    }
}

impl JsonStore {
    /// Opens a store, or begins one that knows nothing of what was before `now`.
    ///
    /// It cannot tell that its file is an older copy of itself. Whoever brings one back calls [`JsonStore::was_restored`].
    ///
    /// # Errors
    /// * [`Busy`](order_sync::StoreErrorKind::Busy): it is open already.
    /// * [`Damaged`](order_sync::StoreErrorKind::Damaged): the file is no state of this store.
    /// * [`NoSpace`](order_sync::StoreErrorKind::NoSpace) and [`Other`](order_sync::StoreErrorKind::Other): the disk says no.
    pub fn open(path: &Path, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let (file, state) = StateFile::open(path, now)?;
        Ok(Self {
            file,
            state: Mutex::new(state),
        })
    }

    /// Says that the file is a copy from before: what was placed until `now` is asked for at the warehouse before it is sent.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn was_restored(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.transact(|state| {
            state.blind_before = now;
            Ok(())
        })
    }

    /// A transaction replaces the state as a whole, so a lock poisoned by a panic elsewhere is still good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads the books of a merchant.
    fn read<T>(&self, merchant: &MerchantId, read: impl FnOnce(&Books) -> T) -> T {
        match self.lock().merchants.get(merchant) {
            Some(books) => read(books),
            None => read(&Books::default()),
        }
    }

    /// One transaction: a change of everything, or of nothing.
    fn transact<T>(
        &self,
        change: impl FnOnce(&mut State) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let mut state = self.lock();
        let mut next = state.clone();
        let answer = change(&mut next)?;
        self.file.replace(&next)?;
        *state = next;
        Ok(answer)
    }

    /// A transaction on the books of a merchant.
    fn write<T>(
        &self,
        merchant: &MerchantId,
        change: impl FnOnce(&mut Books) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.transact(|state| change(state.books(merchant)))
    }
}
