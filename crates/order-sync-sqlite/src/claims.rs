//! Leases on orders: claiming, expiry, and what a dead predecessor left behind.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use order_mapping::SourceOrderId;
use order_sync::{Claim, ClaimKind, Commit, MerchantId, OrderRecord, OrderState, Sealing};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::order_row::{self, OrderRow};
use crate::{json_text, micros, orders, parcels, payloads};

const DUE: &str = "merchant = ?1 AND state = ?2 AND due_at <= ?3 \
                   AND (lease_until IS NULL OR lease_until <= ?3) ORDER BY due_at, id LIMIT ?4";
const REQUEST_DUE: &str = "merchant = ?1 AND state = ?2 AND request_due <= ?3 \
                           AND (lease_until IS NULL OR lease_until <= ?3) ORDER BY request_due, id LIMIT ?4";

/// Takes due orders, oldest due first.
pub(crate) fn claim(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    kind: ClaimKind,
    limit: usize,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, Failure> {
    let condition = match kind {
        ClaimKind::Change => REQUEST_DUE,
        _ => DUE,
    };
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
        due.extend(order_row::all(connection, condition, params)?);
    }
    due.sort_by(|OrderRow { record: a, .. }, OrderRow { record: b, .. }| {
        (kind.due_at(a), &a.id).cmp(&(kind.due_at(b), &b.id))
    });
    due.truncate(limit);
    take(connection, sealing, merchant, kind, due, lease, now)
}

/// Takes one order, if it is due and nobody holds it.
pub(crate) fn claim_order(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    kind: ClaimKind,
    id: &SourceOrderId,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Option<Claim>, Failure> {
    let due = order_row::of(connection, merchant, id)?.filter(|OrderRow { record, .. }| {
        kind.states().contains(&record.state)
            && record.lease_until.is_none_or(|until| until <= now)
            && kind.due_at(record).is_some_and(|due| due <= now)
    });
    let due = due.into_iter().collect();
    Ok(take(connection, sealing, merchant, kind, due, lease, now)?.pop())
}

/// Leases due orders, with what a worker needs of them.
fn take(
    connection: &Connection,
    sealing: &Sealing,
    merchant: &MerchantId,
    kind: ClaimKind,
    due: Vec<OrderRow>,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, Failure> {
    if due.is_empty() {
        return Ok(Vec::new());
    }

    let ids = json_text::list_of(due.iter().map(|row| &row.record.id));
    let mut intents = payloads::intents_of(connection, sealing, merchant, &ids)?;
    let mut parcels = if kind.wants_parcels() {
        parcels::of_orders(connection, merchant, &ids)?
    } else {
        HashMap::new()
    };
    due.into_iter()
        .map(|row| {
            let mut record = row.record.clone();
            record.lease(now, lease);
            if kind == ClaimKind::Send {
                record = step(connection, &row, &record, &Commit::claimed(&record, now))?;
            } else {
                order_row::update(connection, &row, &record)?;
            }
            let mut claim = Claim::new(record);
            if let Some(kept) = intents.remove(&claim.record.id) {
                claim.intent = Some(kept.value);
                claim.unopened = kept.unopened;
            }
            claim.parcels = parcels.remove(&claim.record.id).unwrap_or_default();
            Ok(claim)
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
    let condition = "merchant = ?1 AND state = ?2 AND (lease_until IS NULL OR lease_until <= ?3)";
    let params = (
        merchant.as_str(),
        OrderState::Sending.as_str(),
        micros::of(now),
    );
    let expired = order_row::all(connection, condition, params)?;
    for row in &expired {
        let commit = Commit::lease_expired(&row.record, settle, now);
        step(connection, row, &row.record, &commit)?;
    }
    Ok(expired.len())
}

/// A step that the state on record allows by construction.
fn step(
    connection: &Connection,
    row: &OrderRow,
    record: &OrderRecord,
    commit: &Commit,
) -> Result<OrderRecord, Failure> {
    orders::step(connection, row, record, commit)?.map_err(Failure::Inconsistent)
}

/// Ends every lease that a dead predecessor left behind, on orders and on flows. Whoever calls this holds the file's lock, which
/// proves that nobody is at work any more. Returns how many orders it held.
pub(crate) fn end_all(connection: &Connection, now: DateTime<Utc>) -> Result<usize, Failure> {
    let held = order_row::all(connection, "lease_until > ?1", [micros::of(now)])?;
    for row in &held {
        let mut record = row.record.clone();
        record.lease_until = Some(now);
        order_row::update(connection, row, &record)?;
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
    fn claiming_reads_the_index_of_what_is_due_in_order() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::create(&mut connection, DateTime::UNIX_EPOCH).unwrap();
        for (condition, index) in [(DUE, "orders_due"), (REQUEST_DUE, "orders_request_due")] {
            let sql = order_row::select(condition);
            let mut statement = connection
                .prepare(&format!("EXPLAIN QUERY PLAN {sql}"))
                .unwrap();
            let plan: Vec<String> = statement
                .query_map(("m", "ready", 1, 1), |row| row.get(3))
                .unwrap()
                .map(Result::unwrap)
                .collect();
            let plan = plan.join("; ");
            assert!(plan.contains(index), "{plan}");
            assert!(!plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
