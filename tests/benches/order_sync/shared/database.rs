//! A schema of its own on the server in `DATABASE_URL`, and a role that owns nothing.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use order_sync::Store;
use order_sync_postgres::{PostgresOptions, PostgresStore};
use tokio_postgres::{Client, NoTls};

const ROLE: &str = "order_sync_bench_worker";

/// Where the server is.
#[allow(
    clippy::disallowed_methods,
    reason = "a benchmark is told by its environment where the server is"
)]
pub(crate) fn url() -> String {
    std::env::var("DATABASE_URL")
        .expect("DATABASE_URL names no server; `cargo xtask bench order-sync-postgres` starts one")
}

/// A bare connection.
pub(crate) async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// Tables of the store in a schema that nothing else uses.
#[derive(Debug)]
pub(crate) struct Database {
    url: String,
    pub(crate) schema: String,
}

impl Database {
    /// Makes the tables as their owner, and lets the worker's role read and write rows.
    pub(crate) async fn create() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let schema = format!("bench_{}_{number}", std::process::id());
        let database = Self { url: url(), schema };
        let admin = connect(&database.url).await;
        let schema = &database.schema;
        let sql = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD 'worker'; \
             EXCEPTION WHEN duplicate_object THEN NULL; END $$"
        );
        admin.batch_execute(&sql).await.unwrap();
        let options = PostgresOptions::new().with_schema(schema);
        drop(
            PostgresStore::connect(&database.url, options)
                .await
                .unwrap(),
        );
        let sql = format!(
            "GRANT USAGE ON SCHEMA {schema} TO {ROLE}; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {ROLE}"
        );
        admin.batch_execute(&sql).await.unwrap();
        database
    }

    /// The address for a worker; `settings` are of the server, for its connections.
    pub(crate) fn worker_url(&self, settings: &[(&str, &str)]) -> String {
        let config: tokio_postgres::Config = self.url.parse().unwrap();
        let host = match &config.get_hosts()[0] {
            tokio_postgres::config::Host::Tcp(name) => name.clone(),
            #[cfg(unix)]
            tokio_postgres::config::Host::Unix(folder) => folder.display().to_string(),
        };
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let database = config.get_dbname().unwrap_or("postgres");
        let mut url =
            format!("host={host} port={port} user={ROLE} password=worker dbname={database}");
        if !settings.is_empty() {
            let options: Vec<String> = settings
                .iter()
                .map(|(name, value)| format!("-c {name}={value}"))
                .collect();
            url.push_str(&format!(" options='{}'", options.join(" ")));
        }
        url
    }

    /// The store of a worker, with a pool of its own.
    pub(crate) async fn open(&self) -> Arc<dyn Store> {
        self.open_with(&[], PostgresOptions::new().max_connections)
            .await
    }

    pub(crate) async fn open_with(
        &self,
        settings: &[(&str, &str)],
        connections: usize,
    ) -> Arc<dyn Store> {
        open(&self.worker_url(settings), &self.schema, connections).await
    }

    /// A connection beside the store, in the schema, that sees every merchant's rows.
    pub(crate) async fn admin(&self) -> Client {
        let admin = connect(&self.url).await;
        let sql = format!("SET search_path = {}", self.schema);
        admin.batch_execute(&sql).await.unwrap();
        admin
    }

    /// The server's next writes do not wait for what was written so far.
    pub(crate) async fn rest(&self) {
        let sql = "CHECKPOINT";
        self.admin().await.batch_execute(sql).await.unwrap();
    }

    pub(crate) async fn end(self) {
        let sql = format!("DROP SCHEMA {} CASCADE", self.schema);
        connect(&self.url).await.batch_execute(&sql).await.unwrap();
    }
}

/// The store of a worker at an address.
pub(crate) async fn open(url: &str, schema: &str, connections: usize) -> Arc<dyn Store> {
    let options = PostgresOptions::new()
        .with_schema(schema)
        .with_max_connections(connections)
        .without_migrations();
    Arc::new(PostgresStore::connect(url, options).await.unwrap())
}
