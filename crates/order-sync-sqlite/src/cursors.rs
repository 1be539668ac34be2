//! How far flows have read, and who may run them.

use chrono::{DateTime, Duration, Utc};
use order_sync::{FlowLease, MerchantId};
use rusqlite::{Connection, OptionalExtension as _};

use crate::failure::Failure;
use crate::micros;

/// How far a flow has surely read.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    name: &str,
) -> Result<Option<String>, Failure> {
    let sql = "SELECT value FROM cursors WHERE merchant = ?1 AND name = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    Ok(statement
        .query_row((merchant.as_str(), name), |row| row.get(0))
        .optional()?)
}

/// Moves a cursor that still is where the caller believes it to be.
pub(crate) fn advance(
    connection: &Connection,
    merchant: &MerchantId,
    name: &str,
    from: Option<&str>,
    to: &str,
) -> Result<bool, Failure> {
    let moved = match from {
        Some(from) => connection
            .prepare_cached("UPDATE cursors SET value = ?4 WHERE merchant = ?1 AND name = ?2 AND value = ?3")?
            .execute((merchant.as_str(), name, from, to))?,
        None => connection
            .prepare_cached("INSERT INTO cursors (merchant, name, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING")?
            .execute((merchant.as_str(), name, to))?,
    };
    Ok(moved == 1)
}

/// Takes the right to run a flow, unless another holder has it.
pub(crate) fn take_flow(
    connection: &Connection,
    merchant: &MerchantId,
    flow: &str,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Option<FlowLease>, Failure> {
    let until = now + lease;
    let sql = "INSERT INTO flow_leases (merchant, flow, token, until) VALUES (?1, ?2, 1, ?3) \
               ON CONFLICT (merchant, flow) DO UPDATE SET token = token + 1, until = excluded.until \
               WHERE until IS NULL OR until <= ?4 RETURNING token";
    let mut statement = connection.prepare_cached(sql)?;
    let token: Option<i64> = statement
        .query_row(
            (merchant.as_str(), flow, micros::of(until), micros::of(now)),
            |row| row.get(0),
        )
        .optional()?;
    Ok(token.map(|token| FlowLease::new(merchant.clone(), flow, token.unsigned_abs(), until)))
}

/// Holds the right longer; `None` where it is somebody else's by now, or nobody's.
pub(crate) fn renew_flow(
    connection: &Connection,
    lease: &FlowLease,
    until: DateTime<Utc>,
) -> Result<Option<FlowLease>, Failure> {
    let sql = "UPDATE flow_leases SET until = ?4 WHERE merchant = ?1 AND flow = ?2 AND token = ?3 AND until IS NOT NULL";
    let held = connection.prepare_cached(sql)?.execute((
        lease.merchant.as_str(),
        &lease.flow,
        i64::try_from(lease.token).unwrap_or(i64::MAX),
        micros::of(until),
    ))?;
    let renewed = || FlowLease::new(lease.merchant.clone(), &lease.flow, lease.token, until);
    Ok((held == 1).then(renewed))
}

/// Gives the right back; a lease that is not the current one is ignored.
pub(crate) fn release_flow(connection: &Connection, lease: &FlowLease) -> Result<(), Failure> {
    let token = i64::try_from(lease.token).unwrap_or(i64::MAX);
    connection
        .prepare_cached(
            "UPDATE flow_leases SET until = NULL WHERE merchant = ?1 AND flow = ?2 AND token = ?3",
        )?
        .execute((lease.merchant.as_str(), &lease.flow, token))?;
    Ok(())
}
