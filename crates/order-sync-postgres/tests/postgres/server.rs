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
        let schema = &self.schema;
        let sql = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; DROP ROLE IF EXISTS worker_of_{schema}"
        );
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

    /// The address of a role that owns nothing, and may read and write rows where there are tables already.
    pub(crate) async fn worker(&self) -> String {
        let role = format!("worker_of_{}", self.schema);
        let admin = self.admin().await;
        let sql = format!("DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD 'worker'");
        admin.batch_execute(&sql).await.unwrap();
        let schema = &self.schema;
        let sql = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
        let there: i64 = admin.query_one(sql, &[schema]).await.unwrap().get(0);
        if there == 1 {
            let sql = format!(
                "GRANT USAGE ON SCHEMA {schema} TO {role}; \
                 GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}"
            );
            admin.batch_execute(&sql).await.unwrap();
        }
        self.as_role(&role)
    }

    /// The address of the same database for another role.
    fn as_role(&self, role: &str) -> String {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        let host = match &config.get_hosts()[0] {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            tokio_postgres::config::Host::Unix(folder) => folder.display().to_string(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let database = config.get_dbname().unwrap_or("postgres");
        format!("host={host} port={port} user={role} password=worker dbname={database}")
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
