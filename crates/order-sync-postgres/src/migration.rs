//! The tables, their version, and how they come to be, also where several workers start at once.

use deadpool_postgres::Object;
use order_sync::{StoreError, StoreErrorKind};
use tokio_postgres::types::Type;

use crate::failure::Failure;
use crate::options::PostgresOptions;

/// Version of the tables.
const VERSION: usize = STEPS.len();

/// What makes version n of version n - 1, beginning with the first.
const STEPS: [&str; 2] = [include_str!("tables_v1.sql"), include_str!("tables_v2.sql")];

/// Says in `meta` that the tables are ours.
const APPLICATION: &str = "order-sync";

/// PostgreSQL 15: older ones lack what the tables use.
const OLDEST_SERVER: i32 = 150_000;

fn database(error: tokio_postgres::Error) -> StoreError {
    Failure::of_statement(error, false).into()
}

fn refused(message: String) -> StoreError {
    StoreError::new(StoreErrorKind::Damaged, message)
}

/// A schema's name goes into statements as it is, so it is of letters that mean nothing there.
pub(crate) fn check_name(schema: &str) -> Result<(), StoreError> {
    let letters =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    let begins = schema.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    if begins && schema.len() <= 63 && schema.chars().all(letters) && !schema.starts_with("pg_") {
        return Ok(());
    }
    Err(StoreError::new(
        StoreErrorKind::Other,
        "the name of the schema is to be of lower-case letters, digits and underscores, at most 63, and not to begin with a digit or pg_",
    ))
}

/// What is there.
#[derive(Debug, PartialEq, Eq)]
enum Found {
    /// No such schema, or an empty one.
    Nothing { schema: bool },
    /// Tables of this version.
    Tables(usize),
}

/// Makes the tables where there are none, and brings older ones up to date; or only looks whether they are what they are to be.
pub(crate) async fn run(client: &Object, options: &PostgresOptions) -> Result<(), StoreError> {
    let version = client
        .query_typed("SELECT current_setting('server_version_num')::int", &[])
        .await
        .map_err(database)?;
    let version: i32 = version.first().map_or(0, |row| row.get(0));
    if version < OLDEST_SERVER {
        return Err(StoreError::new(
            StoreErrorKind::Other,
            format!(
                "the server is PostgreSQL {}; 15 or later is needed",
                version / 10_000
            ),
        ));
    }
    match look(client, &options.schema).await? {
        Found::Tables(VERSION) => return Ok(()),
        Found::Tables(later) if later > VERSION => return Err(too_new(&options.schema, later)),
        _ if !options.migrate => {
            return Err(refused(format!(
                "the schema {} has not the tables of this version; open the store with migrations as their owner first",
                options.schema
            )));
        }
        _ => {}
    }
    client.batch_execute("BEGIN").await.map_err(database)?;
    match migrate(client, &options.schema).await {
        Ok(()) => client.batch_execute("COMMIT").await.map_err(database),
        Err(error) => {
            // What went wrong is the error before; a connection that is gone has rolled back by itself.
            let _rolled_back = client.batch_execute("ROLLBACK").await;
            Err(error)
        }
    }
}

fn too_new(schema: &str, version: usize) -> StoreError {
    refused(format!(
        "the schema {schema} has tables of version {version}, and this program knows up to {VERSION}; use a later one"
    ))
}

async fn migrate(client: &Object, schema: &str) -> Result<(), StoreError> {
    // One at a time, until the end of the transaction; whoever waited here finds the work done.
    let lock = "SELECT pg_advisory_xact_lock(hashtextextended('order_sync.migration/' || $1, 0)), \
                set_config('search_path', $1 || ', pg_temp', true), set_config('statement_timeout', '0', true)";
    client
        .query_typed(lock, &[(&schema, Type::TEXT)])
        .await
        .map_err(database)?;
    let done = match look(client, schema).await? {
        Found::Tables(version) if version > VERSION => return Err(too_new(schema, version)),
        Found::Tables(version) => version,
        Found::Nothing { schema: exists } => {
            if !exists {
                let create = format!("CREATE SCHEMA {schema}");
                client.batch_execute(&create).await.map_err(database)?;
            }
            0
        }
    };
    for step in STEPS.iter().skip(done) {
        client.batch_execute(step).await.map_err(database)?;
    }
    if done < VERSION {
        let note = "INSERT INTO meta (name, value) VALUES ('application', $1), ('version', $2) \
                    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
        let version = VERSION.to_string();
        client
            .execute_typed(note, &[(&APPLICATION, Type::TEXT), (&version, Type::TEXT)])
            .await
            .map_err(database)?;
        tracing::info!(
            schema,
            version = VERSION,
            "the tables of the store were brought up to date"
        );
    }
    Ok(())
}

async fn look(client: &Object, schema: &str) -> Result<Found, StoreError> {
    let sql = "SELECT n.oid IS NOT NULL, to_regclass($1 || '.meta') IS NOT NULL, \
               EXISTS (SELECT FROM pg_class c WHERE c.relnamespace = n.oid) \
               FROM (SELECT 1) one LEFT JOIN pg_namespace n ON n.nspname = $1";
    let rows = client
        .query_typed(sql, &[(&schema, Type::TEXT)])
        .await
        .map_err(database)?;
    let (exists, has_meta, has_tables) = rows.first().map_or((false, false, false), |row| {
        (row.get(0), row.get(1), row.get(2))
    });
    if !has_meta {
        if has_tables {
            return Err(refused(format!(
                "the schema {schema} holds tables of another program; name another schema"
            )));
        }
        return Ok(Found::Nothing { schema: exists });
    }
    let sql = format!(
        "SELECT name, value FROM {schema}.meta WHERE name IN ('application', 'version') ORDER BY name"
    );
    let rows = client.query_typed(&sql, &[]).await.map_err(database)?;
    let texts: Vec<String> = rows
        .iter()
        .filter_map(|row| row.try_get::<_, String>(1).ok())
        .collect();
    match texts.as_slice() {
        [application, version] if application == APPLICATION => {
            version.parse().map(Found::Tables).map_err(|_| {
                refused(format!(
                    "the schema {schema} does not say which version its tables have"
                ))
            })
        }
        _ => Err(refused(format!(
            "the schema {schema} holds tables of another program; name another schema"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_has_a_plain_name() {
        for good in ["order_sync", "_x", "a1", "merchant_7_live"] {
            assert!(check_name(good).is_ok(), "{good}");
        }
        let long = "a".repeat(64);
        for bad in [
            "",
            "1a",
            "Order",
            "a-b",
            "a b",
            "a\"; drop",
            "pg_temp",
            "ä",
            long.as_str(),
        ] {
            assert!(check_name(bad).is_err(), "{bad}");
        }
    }
}
