//! Orders: the narrow table that is searched, and the changes that touch several tables.

use std::collections::{BTreeMap, HashMap};

use order_mapping::{ClientOrderRef, SourceOrderId};
use order_sync::{
    CaptureOutcome, Commit, MerchantId, NewOrder, OrderRecord, Refusal, SourceCopy, apply,
};
use rusqlite::Connection;

use crate::failure::Failure;
use crate::{json_text, lines, micros, parcel_tracking, parcels, payloads, timeline};

pub(crate) const RECORD: &str = "the record of an order";

/// One record, by the id it was captured with.
pub(crate) fn load(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<OrderRecord>, Failure> {
    let sql = "SELECT record FROM orders WHERE merchant = ?1 AND id = ?2";
    json_text::read_one(connection, RECORD, sql, (merchant.as_str(), id.as_str()))
}

/// The record that owns a client reference, or owned it once.
pub(crate) fn by_reference(
    connection: &Connection,
    merchant: &MerchantId,
    reference: &ClientOrderRef,
) -> Result<Option<OrderRecord>, Failure> {
    let sql = "SELECT o.record FROM order_references r JOIN orders o ON o.merchant = r.merchant AND o.id = r.order_id \
               WHERE r.merchant = ?1 AND r.reference = ?2";
    let params = (merchant.as_str(), reference.as_str());
    json_text::read_one(connection, RECORD, sql, params)
}

/// The records that own these client references, or owned them once, by the reference asked for.
pub(crate) fn by_references(
    connection: &Connection,
    merchant: &MerchantId,
    references: &[ClientOrderRef],
) -> Result<BTreeMap<ClientOrderRef, OrderRecord>, Failure> {
    let asked: HashMap<&str, &ClientOrderRef> = references
        .iter()
        .map(|reference| (reference.as_str(), reference))
        .collect();
    let sql = "SELECT r.reference, o.record FROM order_references r \
               JOIN orders o ON o.merchant = r.merchant AND o.id = r.order_id \
               WHERE r.merchant = ?1 AND r.reference IN (SELECT value FROM json_each(?2))";
    let mut statement = connection.prepare_cached(sql)?;
    let list = json_text::list(asked.keys().copied());
    let mut rows = statement.query((merchant.as_str(), list))?;
    let mut owners = BTreeMap::new();
    while let Some(row) = rows.next()? {
        let reference: String = row.get(0)?;
        let record = json_text::read_column(RECORD, row, 1)?;
        if let Some(reference) = asked.get(reference.as_str()) {
            owners.insert((*reference).clone(), record);
        }
    }
    Ok(owners)
}

/// Those of these ids that are on record, also by a name that an order got later.
pub(crate) fn known(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &[SourceOrderId],
) -> Result<BTreeMap<SourceOrderId, OrderRecord>, Failure> {
    let mut known = of_ids(connection, merchant, &json_text::list_of(ids))?;
    let others: Vec<&SourceOrderId> = ids.iter().filter(|id| !known.contains_key(*id)).collect();
    if others.is_empty() {
        return Ok(known);
    }
    let sql = "SELECT n.name, o.record FROM order_names n JOIN orders o ON o.merchant = n.merchant AND o.id = n.order_id \
               WHERE n.merchant = ?1 AND n.name IN (SELECT value FROM json_each(?2))";
    let others = json_text::list_of(others);
    let named = json_text::read_by_order(connection, RECORD, sql, merchant, &others)?;
    known.extend(
        named
            .into_iter()
            .filter_map(|(id, mut found)| found.pop().map(|record| (id, record))),
    );
    Ok(known)
}

/// The records of several orders ([`json_text::list_of`]), by the ids they were captured with.
pub(crate) fn of_ids(
    connection: &Connection,
    merchant: &MerchantId,
    ids: &str,
) -> Result<BTreeMap<SourceOrderId, OrderRecord>, Failure> {
    let sql =
        "SELECT record FROM orders WHERE merchant = ?1 AND id IN (SELECT value FROM json_each(?2))";
    let params = (merchant.as_str(), ids);
    let records: Vec<OrderRecord> = json_text::read_all(connection, RECORD, sql, params)?;
    Ok(records
        .into_iter()
        .map(|record| (record.id.clone(), record))
        .collect())
}

/// A token as a column value. The column is for people; the record holds the exact figure.
fn column(figure: u64) -> i64 {
    i64::try_from(figure).unwrap_or(i64::MAX)
}

/// Keeps a record that is not there yet, with its reference.
pub(crate) fn insert(
    connection: &Connection,
    record: &OrderRecord,
    personal: bool,
) -> Result<(), Failure> {
    let sql = "INSERT INTO orders (merchant, id, reference, state, token, lease_until, due_at, request_state, request_due, \
               accepted_at, captured_at, changed_at, record, personal) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    write(connection, sql, record, Some(personal))?;
    save_reference(connection, record)
}

/// Replaces a record; its id and merchant stay.
pub(crate) fn update(connection: &Connection, record: &OrderRecord) -> Result<(), Failure> {
    let sql = "UPDATE orders SET reference = ?3, state = ?4, token = ?5, lease_until = ?6, due_at = ?7, request_state = ?8, \
               request_due = ?9, accepted_at = ?10, captured_at = ?11, changed_at = ?12, record = ?13 \
               WHERE merchant = ?1 AND id = ?2";
    write(connection, sql, record, None)
}

fn write(
    connection: &Connection,
    sql: &str,
    record: &OrderRecord,
    personal: Option<bool>,
) -> Result<(), Failure> {
    let mut statement = connection.prepare_cached(sql)?;
    statement.raw_bind_parameter(1, record.merchant.as_str())?;
    statement.raw_bind_parameter(2, record.id.as_str())?;
    statement.raw_bind_parameter(3, record.reference.as_str())?;
    statement.raw_bind_parameter(4, record.state.as_str())?;
    statement.raw_bind_parameter(5, column(record.token))?;
    statement.raw_bind_parameter(6, micros::of_optional(record.lease_until))?;
    statement.raw_bind_parameter(7, micros::of_optional(record.due_at))?;
    statement.raw_bind_parameter(8, record.request_state().map(|state| state.as_str()))?;
    statement.raw_bind_parameter(9, micros::of_optional(record.request_due_at()))?;
    statement.raw_bind_parameter(10, micros::of_optional(record.accepted_at))?;
    statement.raw_bind_parameter(11, micros::of(record.captured_at))?;
    statement.raw_bind_parameter(12, micros::of(record.changed_at))?;
    statement.raw_bind_parameter(13, json_text::write(RECORD, record)?)?;
    if let Some(personal) = personal {
        statement.raw_bind_parameter(14, personal)?;
    }
    statement.raw_execute()?;
    Ok(())
}

/// Keeps the reference that an order has now, for ever.
fn save_reference(connection: &Connection, record: &OrderRecord) -> Result<(), Failure> {
    let sql = "INSERT INTO order_references (merchant, reference, order_id) VALUES (?1, ?2, ?3)";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        record.reference.as_str(),
        record.id.as_str(),
    ))?;
    Ok(())
}

fn is_taken(
    connection: &Connection,
    merchant: &MerchantId,
    reference: &ClientOrderRef,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM order_references WHERE merchant = ?1 AND reference = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), reference.as_str()))?)
}

/// Whether an order is on record under this id or name.
fn is_known(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<bool, Failure> {
    let sql = "SELECT 1 FROM orders WHERE merchant = ?1 AND id = ?2 \
               UNION ALL SELECT 1 FROM order_names WHERE merchant = ?1 AND name = ?2";
    Ok(connection
        .prepare_cached(sql)?
        .exists((merchant.as_str(), id.as_str()))?)
}

/// Gives an order another id by which it is found from now on.
fn save_name(
    connection: &Connection,
    record: &OrderRecord,
    name: &SourceOrderId,
) -> Result<(), Failure> {
    let sql = "INSERT INTO order_names (merchant, name, order_id) VALUES (?1, ?2, ?3) \
               ON CONFLICT (merchant, name) DO UPDATE SET order_id = excluded.order_id";
    connection.prepare_cached(sql)?.execute((
        record.merchant.as_str(),
        name.as_str(),
        record.id.as_str(),
    ))?;
    Ok(())
}

/// Records orders seen for the first time.
pub(crate) fn capture(
    connection: &Connection,
    batch: &[NewOrder],
) -> Result<Vec<CaptureOutcome>, Failure> {
    batch
        .iter()
        .map(|new| capture_one(connection, new))
        .collect()
}

fn capture_one(connection: &Connection, new: &NewOrder) -> Result<CaptureOutcome, Failure> {
    let NewOrder {
        record,
        source,
        lines,
        ..
    } = new;
    if is_known(connection, &record.merchant, &record.id)? {
        return Ok(CaptureOutcome::AlreadyKnown);
    }
    if is_taken(connection, &record.merchant, &record.reference)? {
        return Ok(CaptureOutcome::ReferenceTaken);
    }
    let (next, entry) = apply(record, &Commit::captured(record)).map_err(Failure::Inconsistent)?;
    insert(connection, &next, payloads::is_personal(&source.order))?;
    if let Some(entry) = entry {
        timeline::append(connection, &next, &entry)?;
    }
    payloads::insert_source(connection, &next, &source.order)?;
    lines::insert(connection, &next, lines)?;
    Ok(CaptureOutcome::Recorded)
}

/// Notes the shop's versions of orders on record.
pub(crate) fn note_versions(
    connection: &Connection,
    merchant: &MerchantId,
    versions: Vec<(SourceOrderId, Option<String>)>,
) -> Result<(), Failure> {
    let ids = json_text::list_of(versions.iter().map(|(id, _)| id));
    let mut known = of_ids(connection, merchant, &ids)?;
    for (id, version) in versions {
        if let Some(record) = known.get_mut(&id)
            && record.source_version != version
        {
            record.source_version = version;
            update(connection, record)?;
        }
    }
    Ok(())
}

/// The shop's copy, in the version that is on record; without personal data where that was erased.
pub(crate) fn source_copy(
    connection: &Connection,
    merchant: &MerchantId,
    id: &SourceOrderId,
) -> Result<Option<SourceCopy>, Failure> {
    let Some(record) = load(connection, merchant, id)? else {
        return Ok(None);
    };
    let mut orders = payloads::sources_of(connection, merchant, &json_text::list_of([id]))?;
    Ok(orders
        .remove(id)
        .map(|order| SourceCopy::new(order, record.source_version)))
}

/// Applies a change to a record that is at hand, with its timeline entry where it has one.
pub(crate) fn step(
    connection: &Connection,
    record: &OrderRecord,
    commit: &Commit,
) -> Result<Result<OrderRecord, Refusal>, Failure> {
    let (next, entry) = match apply(record, commit) {
        Ok(applied) => applied,
        Err(refusal) => return Ok(Err(refusal)),
    };
    update(connection, &next)?;
    if let Some(entry) = entry {
        timeline::append(connection, &next, &entry)?;
    }
    Ok(Ok(next))
}

/// Applies one change with everything that is stored with it. An order that is not on record is nobody's: fenced. A refused change
/// has written nothing, so that others can be applied in the same transaction.
pub(crate) fn commit(
    connection: &Connection,
    commit: &Commit,
) -> Result<Result<OrderRecord, Refusal>, Failure> {
    if let Some(reference) = &commit.new_reference
        && is_taken(connection, &commit.merchant, reference)?
    {
        return Ok(Err(Refusal::ReferenceTaken));
    }
    let Some(record) = load(connection, &commit.merchant, &commit.id)? else {
        return Ok(Err(Refusal::Fenced));
    };
    let next = match step(connection, &record, commit)? {
        Ok(next) => next,
        Err(refusal) => return Ok(Err(refusal)),
    };
    if commit.new_reference.is_some() {
        save_reference(connection, &next)?;
    }
    if let Some(name) = &commit.renamed {
        save_name(connection, &next, name)?;
    }
    if let Some(lines) = commit.lines_afterwards(&next) {
        lines::replace(connection, &next, &lines)?;
    }
    if let Some(copy) = &commit.source {
        payloads::save_source(connection, &next, &copy.order)?;
    }
    if let Some(intent) = &commit.intent {
        payloads::save_intent(connection, &next, intent)?;
    }
    for parcel in &commit.parcels {
        parcels::save(connection, &next, parcel)?;
    }
    if let Some(consignment) = &commit.consignment {
        parcels::save_consignment(connection, &next, consignment)?;
    }
    for tracking in &commit.tracking {
        parcel_tracking::save(connection, &next, tracking)?;
    }
    if let Some(receipt) = &commit.returned {
        parcels::save_return(connection, &next, receipt)?;
    }
    Ok(Ok(next))
}

/// Applies several changes, each as [`commit`] would.
pub(crate) fn commit_all(
    connection: &Connection,
    commits: &[Commit],
) -> Result<Vec<Result<OrderRecord, Refusal>>, Failure> {
    commits.iter().map(|one| commit(connection, one)).collect()
}
