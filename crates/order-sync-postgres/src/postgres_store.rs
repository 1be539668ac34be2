//! The store: how it is opened, and what it says about itself. Its operations are in `port`.

mod port;

use std::sync::Arc;

use deadpool_postgres::Pool;
use order_sync::{Sealing, StoreError};

use crate::failure::Failure;
use crate::groups::Groups;
use crate::lanes::Lanes;
use crate::options::PostgresOptions;
use crate::transaction::Context;
use crate::{address, lineage, migration, personal};

/// A durable store in a PostgreSQL database, for any number of workers on any number of machines, and of merchants.
///
/// A clone is another handle on the same pool. Connections are closed when the last handle is dropped.
#[derive(Clone)]
pub struct PostgresStore {
    context: Arc<Context>,
    knows_its_history: bool,
    went_back_in_time: bool,
}

impl std::fmt::Debug for PostgresStore {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The pool's configuration holds the password.
        f.debug_struct("PostgresStore")
            .field("schema", &self.context.schema)
            .field("lease_clock", &self.context.lease_clock)
            .field("connections", &self.context.pool.status().max_size)
            .finish_non_exhaustive()
    }
}

impl PostgresStore {
    /// Connects to the database of a URL (`postgres://USER:PASSWORD@HOST/DATABASE`, or `key=value` pairs), makes the tables where there
    /// are none, and brings older ones up to date; see [`PostgresOptions::migrate`].
    ///
    /// A host that is not this machine is spoken to by TLS only, and its certificate is checked; an address that forbids TLS is
    /// refused.
    ///
    /// # Errors
    /// * [`Busy`](order_sync::StoreErrorKind::Busy): the server cannot be reached, or has no connection to give.
    /// * [`Damaged`](order_sync::StoreErrorKind::Damaged): the schema belongs to another program, or its tables are of a later
    ///   version, or are not there and may not be made. It is left as it is.
    /// * [`Other`](order_sync::StoreErrorKind::Other): the address or a name is not understood or not allowed, the server refused the
    ///   user or is too old, or the keys of personal data are not those of the store ([`PostgresOptions::keys`]).
    ///
    /// # Cancel safety
    /// Dropping the future leaves the tables made or not; calling it again is harmless.
    pub async fn connect(url: &str, options: PostgresOptions) -> Result<Self, StoreError> {
        let pool = address::pool(address::read(url)?, &options)?;
        Self::over(pool, options).await
    }

    /// Opens the store over a pool of the embedder's own, which also decides on TLS; otherwise as [`PostgresStore::connect`].
    ///
    /// This is the one place where a type of a dependency shows: take it from [`crate::deadpool_postgres`], so that the versions agree.
    ///
    /// # Errors
    /// As [`PostgresStore::connect`].
    ///
    /// # Cancel safety
    /// As [`PostgresStore::connect`].
    pub async fn over(pool: Pool, options: PostgresOptions) -> Result<Self, StoreError> {
        migration::check_name(&options.schema)?;
        let client = pool.get().await.map_err(Failure::NoConnection)?;
        migration::run(&client, &options).await?;
        lineage::begin(&client, &options.schema, options.lease_clock).await?;
        let knows_its_history = lineage::can_be_told(&client).await;
        let sealing = Sealing::of(options.keys);
        personal::admit(&client, &options.schema, &sealing).await?;
        drop(client);
        let connections = pool.status().max_size;
        let context = Arc::new(Context {
            pool,
            schema: options.schema,
            lease_clock: options.lease_clock,
            lock_timeout: options.lock_timeout,
            statement_timeout: options.statement_timeout,
            lanes: Lanes::new(connections / 2),
            sealing,
            groups: Groups::default(),
        });
        let standing = lineage::check(&context, knows_its_history).await?;
        let store = Self {
            context,
            knows_its_history,
            went_back_in_time: standing.went_back,
        };
        store.prepare_months().await;
        Ok(store)
    }

    /// Whether this opening found that the database is not the one it was: a backup was restored, a standby took over, or the tables were
    /// loaded from a dump. [`Store::blind_before`](order_sync::Store::blind_before) is then the moment at which it was found.
    ///
    /// The same is looked for whenever the engine asks how far back the store remembers, so a takeover while workers run is found too.
    #[must_use]
    pub const fn went_back_in_time(&self) -> bool {
        self.went_back_in_time
    }

    /// Makes partitions for closed orders of this month and the next two. Where that is not possible right now, they lie together in
    /// one partition, and nothing is lost but tidiness.
    async fn prepare_months(&self) {
        if let Err(failure) = crate::months::prepare(&self.context).await {
            tracing::warn!(
                reason = failure.line(),
                "no partitions were made for the next months"
            );
        }
    }
}
