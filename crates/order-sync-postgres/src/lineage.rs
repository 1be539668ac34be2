//! How a store notices that it went back in time.
//!
//! A database that is restored from a backup, or taken over by a standby that had not everything, has forgotten what was committed
//! last, and does not know it. But it is not the same one any more: a recovery begins a new timeline, another cluster has another
//! identifier, and tables that were loaded from a dump have other numbers. These three are kept in `meta` and compared.

use std::sync::Arc;

use chrono::{DateTime, SecondsFormat, Utc};
use deadpool_postgres::Object;
use order_sync::{MerchantId, StoreError};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::failure::Failure;
use crate::options::LeaseClock;
use crate::query::Query;
use crate::transaction::Context;
use crate::{json_text, orders};

const META: &str = "what a store says of itself";

/// Cluster, timeline and table, in that order. The functions may be closed to a role, and some services do not have them.
const CURRENT: &str = "(SELECT system_identifier FROM pg_control_system()) || '/' || \
    substr(pg_walfile_name(pg_current_wal_insert_lsn()), 1, 8) || '/' || 'meta'::regclass::oid";

/// Whether this server tells these things to this role.
pub(crate) async fn can_be_told(client: &Object) -> bool {
    let sql = "SELECT (SELECT system_identifier FROM pg_control_system()), pg_walfile_name(pg_current_wal_insert_lsn())";
    let told = client.query_typed(sql, &[]).await;
    if told.is_err() {
        tracing::warn!(
            "the server does not say where it stands in its own history: a restored backup goes unnoticed"
        );
    }
    told.is_ok()
}

/// Puts on record what a new store says of itself; one that is there already stays.
pub(crate) async fn begin(
    client: &Object,
    schema: &str,
    clock: LeaseClock,
) -> Result<(), StoreError> {
    let sql = format!(
        "INSERT INTO {schema}.meta (name, value) \
         SELECT name, coalesce($1, to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"')) \
         FROM unnest(ARRAY['created_at', 'blind_before']) names(name) \
         WHERE NOT EXISTS (SELECT FROM {schema}.meta WHERE name = 'blind_before') ON CONFLICT DO NOTHING"
    );
    let now = match clock {
        LeaseClock::Database => None,
        LeaseClock::Caller(now) => Some(now.to_rfc3339_opts(SecondsFormat::Micros, true)),
    };
    client
        .execute_typed(&sql, &[(&now, Type::TEXT)])
        .await
        .map(|_| ())
        .map_err(|error| Failure::of_statement(error, false).into())
}

/// What the store knows of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub(crate) blind_before: DateTime<Utc>,
    pub(crate) went_back: bool,
}

/// Compares what is on record with what the server says now (where it says it). The first one that finds a difference notes it, and
/// that the store is blind before this moment.
pub(crate) async fn check(context: &Arc<Context>, can_be_told: bool) -> Result<Standing, Failure> {
    let current = if can_be_told { CURRENT } else { "NULL::text" };
    let sql = format!(
        "SELECT name, value, {current} FROM meta WHERE name IN ('blind_before', 'lineage')"
    );
    let rows = orders::rows(context.begin(&nobody()).await?, Query::new(sql)).await?;
    let value = |name: &str| -> Result<Option<String>, Failure> {
        for row in &rows {
            if json_text::plain::<&str>(META, row, 0)? == name {
                return json_text::plain(META, row, 1).map(Some);
            }
        }
        Ok(None)
    };
    let blind_before = value("blind_before")?;
    let known = value("lineage")?;
    let current: Option<String> = match rows.first() {
        Some(row) => json_text::plain(META, row, 2)?,
        None => None,
    };
    let Some(current) = current.filter(|current| known.as_ref() != Some(current)) else {
        return standing(blind_before.as_deref(), false);
    };
    let transaction = context.begin(&nobody()).await?;
    let Some(known) = known else {
        let sql = "INSERT INTO meta (name, value) VALUES ('lineage', $1) ON CONFLICT DO NOTHING";
        transaction
            .finish(vec![Query::new(sql).text(current)])
            .await?;
        return standing(blind_before.as_deref(), false);
    };
    let sql = "WITH found AS (UPDATE meta SET value = $1 WHERE name = 'lineage' AND value = $2 RETURNING name) \
               UPDATE meta SET value = to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') \
               WHERE name = 'blind_before' AND EXISTS (SELECT FROM found)";
    let note = Query::new(sql).text(current).text(known);
    let again = Query::new("SELECT value FROM meta WHERE name = 'blind_before'");
    let mut answers = transaction.finish(vec![note, again]).await?;
    let row = answers
        .pop()
        .and_then(|rows: Vec<Row>| rows.into_iter().next());
    let text: Option<String> = row.map(|row| json_text::plain(META, &row, 0)).transpose()?;
    tracing::warn!(
        "the database is not the one it was: a backup was restored or a standby took over; orders placed before now are asked for \
         before their first send"
    );
    standing(text.as_deref(), true)
}

fn standing(blind_before: Option<&str>, went_back: bool) -> Result<Standing, Failure> {
    let moment = blind_before.and_then(|text| DateTime::parse_from_rfc3339(text).ok());
    let blind_before = moment.ok_or_else(|| {
        Failure::Unreadable("the store does not say when it was made; the table `meta` was changed by a foreign hand".to_owned())
    })?;
    Ok(Standing {
        blind_before: blind_before.to_utc(),
        went_back,
    })
}

/// The name under which a transaction runs that is about no merchant: it sees the rows of none, and in `meta` there are none.
fn nobody() -> MerchantId {
    MerchantId::new("")
}
