//! Opening the store, which may be away when a victim starts.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use order_sync::{Store, StoreError};
use order_sync_postgres::{PostgresOptions, PostgresStore};
use order_sync_sqlite::{OpenOptions, SqliteStore};

use crate::task::{StoreAt, Task};

const TRIES: u32 = 100;
const PAUSE: Duration = Duration::from_millis(100);

/// Opens the store of a task; tries again for ten seconds where it cannot be reached.
pub(super) async fn store(task: &Task, now: DateTime<Utc>) -> Result<Arc<dyn Store>, String> {
    let mut last = String::new();
    for _ in 0..TRIES {
        match opened(&task.store, task.connections, task.max_bytes, now).await {
            Ok(store) => return Ok(store),
            Err(error) => last = error.to_string(),
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(last)
}

/// Opens a store once.
pub(crate) async fn at(
    place: &StoreAt,
    connections: usize,
    now: DateTime<Utc>,
) -> Result<Arc<dyn Store>, StoreError> {
    opened(place, connections, None, now).await
}

async fn opened(
    place: &StoreAt,
    connections: usize,
    max_bytes: Option<u64>,
    now: DateTime<Utc>,
) -> Result<Arc<dyn Store>, StoreError> {
    Ok(match place {
        StoreAt::Sqlite(path) => {
            let mut options = OpenOptions::new(now);
            options.max_bytes = max_bytes;
            Arc::new(SqliteStore::open(path, options)?)
        }
        StoreAt::Postgres { url, schema } => {
            let options = PostgresOptions::new()
                .with_schema(schema)
                .with_max_connections(connections);
            Arc::new(PostgresStore::connect(url, options).await?)
        }
    })
}
