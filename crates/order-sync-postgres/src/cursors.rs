//! How far flows have read, and who may run them.

use chrono::{DateTime, Duration, Utc};
use order_sync::{FlowLease, MerchantId};

use crate::failure::Failure;
use crate::query::Query;
use crate::transaction::Transaction;
use crate::{json_text, key_text, orders};

/// How far a flow has surely read.
pub(crate) async fn load(
    transaction: Transaction,
    merchant: &MerchantId,
    name: &str,
) -> Result<Option<String>, Failure> {
    let sql = "SELECT value FROM cursors WHERE merchant = $1 AND name = $2";
    let rows = orders::rows(transaction, Query::of(merchant, sql).key(name)).await?;
    let value = |row| Ok(key_text::read(json_text::plain("a cursor", row, 0)?).into_owned());
    rows.first().map(value).transpose()
}

/// Moves a cursor that still is where the caller believes it to be.
pub(crate) async fn advance(
    transaction: Transaction,
    merchant: &MerchantId,
    name: &str,
    from: Option<&str>,
    to: &str,
) -> Result<bool, Failure> {
    let query = match from {
        Some(from) => {
            let sql = "UPDATE cursors SET value = $4 WHERE merchant = $1 AND name = $2 AND value = $3 RETURNING name";
            Query::of(merchant, sql).key(name).key(from).key(to)
        }
        None => {
            let sql = "INSERT INTO cursors (merchant, name, value) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING name";
            Query::of(merchant, sql).key(name).key(to)
        }
    };
    Ok(!orders::write(transaction, query).await?.is_empty())
}

/// Takes the right to run a flow, unless another holder has it.
///
/// The lease is kept by the clock that judges it, and beside it the same moment by the holder's own clock: the holder renews by its
/// own, and however that is set, it holds the right for as long as it believes to, and not longer than it asked for.
pub(crate) async fn take_flow(
    transaction: Transaction,
    merchant: &MerchantId,
    flow: &str,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Option<FlowLease>, Failure> {
    let promised = now + lease;
    let micros = lease.num_microseconds().unwrap_or(i64::MAX);
    let sql = "INSERT INTO flow_leases (merchant, flow, token, until, promised) \
               VALUES ($1, $2, 1, coalesce($3, clock_timestamp()) + $4 * interval '1 microsecond', $5) \
               ON CONFLICT (merchant, flow) DO UPDATE \
               SET token = flow_leases.token + 1, until = excluded.until, promised = excluded.promised \
               WHERE flow_leases.until IS NULL OR flow_leases.until <= coalesce($3, clock_timestamp()) RETURNING token";
    let query = Query::of(merchant, sql)
        .key(flow)
        .optional_moment(transaction.context().callers(now))
        .number(micros)
        .moment(promised);
    let rows = orders::write(transaction, query).await?;
    let token = |row| json_text::plain::<i64>("a lease", row, 0);
    let token = rows.first().map(token).transpose()?;
    Ok(token.map(|token| FlowLease::new(merchant.clone(), flow, token.unsigned_abs(), promised)))
}

/// Holds the right longer; `None` where it is somebody else's by now, or nobody's.
pub(crate) async fn renew_flow(
    transaction: Transaction,
    lease: &FlowLease,
    until: DateTime<Utc>,
) -> Result<Option<FlowLease>, Failure> {
    // By as much as the holder's own moment moves: asked for twice, it moves once.
    let sql = "UPDATE flow_leases SET until = until + ($4 - promised), promised = $4 \
               WHERE merchant = $1 AND flow = $2 AND token = $3 AND until IS NOT NULL RETURNING token";
    let query = Query::of(&lease.merchant, sql)
        .key(&lease.flow)
        .number(i64::try_from(lease.token).unwrap_or(i64::MAX))
        .moment(until);
    let held = !orders::write(transaction, query).await?.is_empty();
    let renewed = || FlowLease::new(lease.merchant.clone(), &lease.flow, lease.token, until);
    Ok(held.then(renewed))
}

/// Gives the right back; a lease that is not the current one is ignored.
pub(crate) async fn release_flow(
    transaction: Transaction,
    lease: &FlowLease,
) -> Result<(), Failure> {
    let sql =
        "UPDATE flow_leases SET until = NULL WHERE merchant = $1 AND flow = $2 AND token = $3";
    let query = Query::of(&lease.merchant, sql)
        .key(&lease.flow)
        .number(i64::try_from(lease.token).unwrap_or(i64::MAX));
    orders::write(transaction, query).await.map(|_| ())
}
