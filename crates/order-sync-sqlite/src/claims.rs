//! Leases on orders: claiming, expiry, and what a dead predecessor left behind.

use chrono::{DateTime, Duration, Utc};
use order_sync::{Claim, ClaimKind, Commit, MerchantId, OrderRecord, OrderState};
use rusqlite::{Connection, Params};

use crate::failure::Failure;
use crate::{json_text, micros, orders};

fn records(
    connection: &Connection,
    sql: &str,
    params: impl Params,
) -> Result<Vec<OrderRecord>, Failure> {
    json_text::read_all(connection, "the record of an order", sql, params)
}

/// Takes due orders, oldest due first.
pub(crate) fn claim(
    connection: &Connection,
    merchant: &MerchantId,
    kind: ClaimKind,
    limit: usize,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, Failure> {
    let sql = "SELECT record FROM orders WHERE merchant = ?1 AND state = ?2 AND due_at <= ?3 \
               AND (lease_until IS NULL OR lease_until <= ?3) ORDER BY due_at, id LIMIT ?4";
    let rows_wanted = i64::try_from(limit).unwrap_or(i64::MAX);
    // One ordered index range per state, merged.
    let mut due = Vec::new();
    for state in kind.states() {
        let params = (
            merchant.as_str(),
            state.as_str(),
            micros::of(now),
            rows_wanted,
        );
        due.extend(records(connection, sql, params)?);
    }
    due.sort_by(|a, b| (a.due_at, &a.id).cmp(&(b.due_at, &b.id)));
    due.truncate(limit);
    due.into_iter()
        .map(|mut record| {
            record.lease(now, lease);
            if kind == ClaimKind::Send {
                step(connection, &record, &Commit::claimed(&record, now)).map(Claim::new)
            } else {
                orders::update(connection, &record)?;
                Ok(Claim::new(record))
            }
        })
        .collect()
}

/// Turns `sending` orders whose lease has run out into `outcome_unknown`.
pub(crate) fn expire(
    connection: &Connection,
    merchant: &MerchantId,
    settle: Duration,
    now: DateTime<Utc>,
) -> Result<usize, Failure> {
    let sql = "SELECT record FROM orders WHERE merchant = ?1 AND state = ?2 AND (lease_until IS NULL OR lease_until <= ?3)";
    let params = (
        merchant.as_str(),
        OrderState::Sending.as_str(),
        micros::of(now),
    );
    let expired = records(connection, sql, params)?;
    for record in &expired {
        step(
            connection,
            record,
            &Commit::lease_expired(record, settle, now),
        )?;
    }
    Ok(expired.len())
}

/// A step that the state on record allows by construction.
fn step(
    connection: &Connection,
    record: &OrderRecord,
    commit: &Commit,
) -> Result<OrderRecord, Failure> {
    orders::step(connection, record, commit)?.map_err(Failure::Inconsistent)
}

/// Ends every lease that a dead predecessor left behind, on orders and on flows. Whoever calls this holds the file's lock, which
/// proves that nobody is at work any more. Returns how many orders it held.
pub(crate) fn end_all(connection: &Connection, now: DateTime<Utc>) -> Result<usize, Failure> {
    let sql = "SELECT record FROM orders WHERE lease_until > ?1";
    let held = records(connection, sql, [micros::of(now)])?;
    for record in &held {
        let mut record = record.clone();
        record.lease_until = Some(now);
        orders::update(connection, &record)?;
    }
    let sql = "UPDATE flow_leases SET until = ?1 WHERE until > ?1";
    connection.execute(sql, [micros::of(now)])?;
    Ok(held.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema;

    #[test]
    fn claiming_reads_the_index_of_due_orders_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::create(&mut connection, DateTime::UNIX_EPOCH).unwrap();
        let sql = "EXPLAIN QUERY PLAN SELECT record FROM orders WHERE merchant = ?1 AND state = ?2 AND due_at <= ?3 \
                   AND (lease_until IS NULL OR lease_until <= ?3) ORDER BY due_at, id LIMIT ?4";
        let mut statement = connection.prepare(sql).unwrap();
        let plan: Vec<String> = statement
            .query_map(("m", "ready", 1, 1), |row| row.get(3))
            .unwrap()
            .map(Result::unwrap)
            .collect();
        let plan = plan.join("; ");
        assert!(plan.contains("orders_due"), "{plan}");
        assert!(!plan.contains("TEMP B-TREE"), "{plan}");
    }
}
