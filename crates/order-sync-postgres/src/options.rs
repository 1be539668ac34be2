//! How a store is opened.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_sync::KeyRing;

/// How a store is opened.
///
/// ```
/// use order_sync_postgres::PostgresOptions;
///
/// let options = PostgresOptions::new()
///     .with_schema("order_sync")
///     .with_max_connections(16);
/// assert_eq!(options.schema, "order_sync");
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct PostgresOptions {
    /// The schema that holds the tables: a name of lower-case letters, digits and underscores.
    pub schema: String,
    /// Connections that a pool made from a URL opens at most. One merchant uses half of them at a time at most.
    pub max_connections: usize,
    /// Whether the tables are made and brought up to date when the store is opened. A role that owns nothing cannot do that: it opens
    /// the store without, after the owner opened it with.
    pub migrate: bool,
    /// Certificates of the authorities that a server's certificate is checked against, as PEM; none: those of the system.
    pub root_certificates: Option<Vec<u8>>,
    /// How long a statement waits for a lock before the operation fails as busy.
    pub lock_timeout: Duration,
    /// How long a statement may take, and how long a transaction may rest: a worker that was stopped in the middle of one keeps
    /// others waiting no longer.
    pub statement_timeout: Duration,
    /// Whose clock judges leases.
    pub lease_clock: LeaseClock,
    /// Keys with which personal data is kept sealed; none: in clear. A store that was ever opened with a key is not opened without.
    pub keys: Option<Arc<KeyRing>>,
}

/// Whose clock judges leases.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LeaseClock {
    /// The database's: machines whose clocks differ agree on who holds what.
    Database,
    /// The callers': the `now` of each call. For tests and simulations on a time of their own; a new store is made at this moment.
    Caller(DateTime<Utc>),
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl PostgresOptions {
    /// The schema `order_sync`, eight connections, the database's clock, migrations when it is opened.
    #[must_use]
    pub fn new() -> Self {
        Self {
            schema: "order_sync".to_owned(),
            max_connections: 8,
            migrate: true,
            root_certificates: None,
            lock_timeout: Duration::from_secs(5),
            statement_timeout: Duration::from_secs(60),
            lease_clock: LeaseClock::Database,
            keys: None,
        }
    }

    /// Keeps the tables in another schema.
    #[must_use]
    pub fn with_schema(mut self, schema: impl Into<String>) -> Self {
        self.schema = schema.into();
        self
    }

    /// Opens so many connections at most.
    #[must_use]
    pub const fn with_max_connections(mut self, max_connections: usize) -> Self {
        self.max_connections = max_connections;
        self
    }

    /// Leaves the tables as they are: a store that has not the version of this crate is refused.
    #[must_use]
    pub const fn without_migrations(mut self) -> Self {
        self.migrate = false;
        self
    }

    /// Checks the server's certificate against these authorities (PEM) instead of the system's.
    #[must_use]
    pub fn with_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.root_certificates = Some(pem.into());
        self
    }

    /// Judges leases by the callers' clock, and makes a new store at `now`.
    #[must_use]
    pub const fn with_callers_clock(mut self, now: DateTime<Utc>) -> Self {
        self.lease_clock = LeaseClock::Caller(now);
        self
    }

    /// Seals personal data with these keys. What is there in clear is sealed by the housekeeping flow. Every worker is to have the same
    /// ones: give a new key to all of them as an older one first, and then make it the current one.
    #[must_use]
    pub fn with_personal_data_keys(mut self, keys: KeyRing) -> Self {
        self.keys = Some(Arc::new(keys));
        self
    }

    /// Gives a statement so long to wait for a lock.
    #[must_use]
    pub const fn with_lock_timeout(mut self, lock_timeout: Duration) -> Self {
        self.lock_timeout = lock_timeout;
        self
    }
}
