//! The server that the tests run on, and a schema of its own for each of them.

use std::sync::atomic::{AtomicU64, Ordering};

use order_sync_postgres::{PostgresOptions, PostgresStore};
use tokio_postgres::{Client, NoTls};

/// Where the server is; none where there is none. Says so, since a test that did not run looks like one that passed.
#[allow(
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test reads its environment and tells what it did not do"
)]
pub(crate) fn url() -> Option<String> {
    let url = std::env::var("DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty());
    if url.is_none() {
        let ci = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(
            !ci,
            "DATABASE_URL names no server, and under CI=true that is a failure"
        );
        eprintln!(
            "NOT RUN: this test needs a PostgreSQL server in DATABASE_URL (cargo xtask test starts one)"
        );
    }
    url
}

/// A schema that is gone when the test is over.
#[derive(Debug)]
pub(crate) struct Namespace {
    pub(crate) url: String,
    pub(crate) schema: String,
}

impl Namespace {
    pub(crate) async fn new() -> Option<Self> {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let url = url()?;
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("test_{}_{number}", std::process::id());
        let namespace = Self { url, schema };
        namespace.drop_schema().await;
        Some(namespace)
    }

    async fn drop_schema(&self) {
        let sql = format!("DROP SCHEMA IF EXISTS {} CASCADE", self.schema);
        self.admin().await.batch_execute(&sql).await.unwrap();
    }

    pub(crate) fn options(&self) -> PostgresOptions {
        PostgresOptions::new()
            .with_schema(&self.schema)
            .with_max_connections(4)
    }

    pub(crate) async fn open(&self, options: PostgresOptions) -> PostgresStore {
        PostgresStore::connect(&self.url, options).await.unwrap()
    }

    /// A connection beside the store, in the schema, that sees everything.
    pub(crate) async fn admin(&self) -> Client {
        let (client, connection) = tokio_postgres::connect(&self.url, NoTls).await.unwrap();
        tokio::spawn(connection);
        let sql = format!("SET search_path = {}", self.schema);
        client.batch_execute(&sql).await.unwrap();
        client
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        let (url, schema) = (self.url.clone(), self.schema.clone());
        // A test drops it outside of what its own runtime can wait for.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            runtime.unwrap().block_on(async {
                Self { url, schema }.forget_schema().await;
            });
        });
        let _ended = gone.join();
    }
}

impl Namespace {
    async fn forget_schema(self) {
        self.drop_schema().await;
        std::mem::forget(self);
    }
}
