//! Leases on orders: claiming and expiry.

use chrono::{DateTime, Duration, Utc};
use order_mapping::SourceOrderId;
use order_sync::{Claim, ClaimKind, Commit, Dossier, MerchantId, OrderRecord, OrderState};
use tokio_postgres::Row;

use crate::changes::{Changes, Held};
use crate::dossiers::{self, With};
use crate::failure::Failure;
use crate::transaction::{Transaction, along_indexes};
use crate::{orders, shelf};

/// What a worker needs of the orders it takes.
fn with(kind: ClaimKind) -> With {
    With {
        intent: true,
        parcels: kind.wants_parcels(),
        ..With::default()
    }
}

/// The statement that finds due orders and takes their locks, the one that is due longest first.
///
/// Candidates come from an index in the order in which they are due, and are looked up one by one until there are enough: an order
/// that another worker has the lock of is passed over, and so is one whose record is not the one that the index speaks of any more
/// (`revision`). The lock stands in a subquery of its own, which the planner can neither flatten nor turn round; with
/// [`along_indexes`] before it, this walks along one index with any number of closed orders, with or without statistics, and with a
/// plan made for no particular values.
pub(crate) fn due(kind: ClaimKind, columns: &str) -> String {
    let (condition, due) = match kind {
        ClaimKind::Change => (
            "change_due_at IS NOT NULL AND $6::text IS NOT NULL",
            "change_due_at",
        ),
        _ => (
            "work = $6 AND work IS NOT NULL AND due_at IS NOT NULL",
            "due_at",
        ),
    };
    format!(
        "SELECT {columns}, r.shelf, r.revision \
         FROM (SELECT id, revision FROM orders_open \
               WHERE merchant = $1 AND {condition} AND {due} <= $7 \
               AND (lease_until IS NULL OR lease_until <= coalesce($8, clock_timestamp())) \
               ORDER BY {due}, id) o \
         CROSS JOIN LATERAL (SELECT id, shelf, revision, record FROM order_records \
               WHERE merchant = $1 AND id = o.id AND revision = o.revision FOR UPDATE SKIP LOCKED) r \
         LIMIT $9"
    )
}

/// Takes due orders, oldest due first.
pub(crate) async fn claim(
    mut transaction: Transaction,
    merchant: &MerchantId,
    kind: ClaimKind,
    limit: usize,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, Failure> {
    let columns = dossiers::columns(transaction.sealing());
    let query = dossiers::query(merchant, with(kind), due(kind, &columns))
        .text(shelf::work(kind))
        .moment(now)
        .optional_moment(transaction.context().callers(now))
        .limit(limit);
    let rows = transaction
        .read(vec![along_indexes(), query])
        .await?
        .pop()
        .unwrap_or_default();
    take(transaction, merchant, kind, &rows, lease, now).await
}

/// Takes one order, if it is due and nobody holds it.
pub(crate) async fn claim_order(
    mut transaction: Transaction,
    merchant: &MerchantId,
    kind: ClaimKind,
    id: &SourceOrderId,
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Option<Claim>, Failure> {
    let columns = dossiers::columns(transaction.sealing());
    // Two statements: what is read together with waiting for a lock is older than what the lock protects.
    let sql = format!(
        "SELECT {columns}, r.shelf, r.revision FROM order_records r WHERE r.merchant = $1 AND r.id = $6"
    );
    let reads = vec![
        orders::hold(merchant, [id]),
        dossiers::query(merchant, with(kind), sql).key(id.as_str()),
    ];
    let rows = transaction.read(reads).await?.pop().unwrap_or_default();
    let claims = take(transaction, merchant, kind, &rows, lease, now).await?;
    Ok(claims.into_iter().next())
}

/// Whether the record itself says that it may be taken: it was read under its lock, and the index only led to it.
fn is_free(
    record: &OrderRecord,
    kind: ClaimKind,
    now: DateTime<Utc>,
    judged: DateTime<Utc>,
) -> bool {
    kind.states().contains(&record.state)
        && record.lease_until.is_none_or(|until| until <= judged)
        && kind.due_at(record).is_some_and(|due| due <= now)
}

/// Leases orders that the transaction holds the locks of. Everything is read back before anything is written: an order that cannot
/// be read is not taken.
async fn take(
    transaction: Transaction,
    merchant: &MerchantId,
    kind: ClaimKind,
    rows: &[Row],
    lease: Duration,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, Failure> {
    let judged = transaction.lease_moment(now);
    let (mut dossiers, mut held) = (Vec::new(), Vec::new());
    for row in rows {
        let dossier = dossiers::read(transaction.sealing(), row)?;
        if is_free(&dossier.record, kind, now, judged) {
            held.push(Held::of_row(dossier.record.clone(), row)?);
            dossiers.push(dossier);
        }
    }
    if dossiers.is_empty() {
        transaction.end().await?;
        return Ok(Vec::new());
    }
    dossiers.sort_by(|one, other| {
        let key = |dossier: &Dossier| (kind.due_at(&dossier.record), dossier.record.id.clone());
        key(one).cmp(&key(other))
    });
    let mut changes = Changes::new(merchant.clone(), held);
    let mut claims = Vec::with_capacity(dossiers.len());
    for Dossier {
        mut record,
        intent,
        parcels,
        unopened,
        ..
    } in dossiers
    {
        record.lease(judged, lease);
        if kind == ClaimKind::Send {
            let intent = Commit::claimed(&record, now);
            record = changes
                .step(&record, &intent)
                .map_err(Failure::Inconsistent)?;
        } else {
            changes.replace(record.clone());
        }
        let mut claim = Claim::new(record);
        claim.intent = intent;
        claim.parcels = parcels;
        claim.unopened = unopened;
        claims.push(claim);
    }
    let writes = changes.into_queries(transaction.sealing())?;
    transaction.finish(writes).await?;
    Ok(claims)
}

/// Turns `sending` orders whose lease has run out into `outcome_unknown`.
pub(crate) async fn expire(
    mut transaction: Transaction,
    merchant: &MerchantId,
    settle: Duration,
    now: DateTime<Utc>,
) -> Result<usize, Failure> {
    let columns = dossiers::columns(transaction.sealing());
    // An order whose lock somebody has is being written right now; the next call finds what became of it.
    let sql = format!(
        "SELECT {columns}, r.shelf, r.revision \
         FROM (SELECT id, revision FROM orders_open WHERE merchant = $1 AND state = $6 \
               AND (lease_until IS NULL OR lease_until <= coalesce($7, clock_timestamp())) ORDER BY id) o \
         CROSS JOIN LATERAL (SELECT id, shelf, revision, record FROM order_records \
               WHERE merchant = $1 AND id = o.id AND revision = o.revision FOR UPDATE SKIP LOCKED) r"
    );
    let query = dossiers::query(merchant, With::default(), sql)
        .text(OrderState::Sending.as_str())
        .optional_moment(transaction.context().callers(now));
    let rows = transaction
        .read(vec![along_indexes(), query])
        .await?
        .pop()
        .unwrap_or_default();
    let judged = transaction.lease_moment(now);
    let mut expired = Vec::new();
    let mut held = Vec::new();
    for row in &rows {
        let record = dossiers::read(transaction.sealing(), row)?.record;
        let over = record.lease_until.is_none_or(|until| until <= judged);
        if record.state == OrderState::Sending && over {
            held.push(Held::of_row(record.clone(), row)?);
            expired.push(record);
        }
    }
    if expired.is_empty() {
        transaction.end().await?;
        return Ok(0);
    }
    let mut changes = Changes::new(merchant.clone(), held);
    for record in &expired {
        let expiry = Commit::lease_expired(record, settle, now);
        changes
            .step(record, &expiry)
            .map_err(Failure::Inconsistent)?;
    }
    let writes = changes.into_queries(transaction.sealing())?;
    transaction.finish(writes).await?;
    Ok(expired.len())
}
